"""The partition finds what is there, not what is not, says how sure a date is, and refuses what it cannot read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.measures import divide_measure
from brightline.watch.partition import Partition, divide, partition, posteriors
from brightline.watch.worlds import AT, world


def found(name: str, ratio: float = 1.0, series: int = 150, seed: int = 5) -> list[Partition]:
    return partition(world(name, series, np.random.default_rng(seed), ratio=ratio))


@pytest.mark.parametrize("name", ["nb", "nb+ar", "nb+dip"])
def test_a_jump_of_ten_is_dated_to_the_month(name: str) -> None:
    parts = found(name, 10.7)
    assert np.mean([AT in p.changes for p in parts]) >= 0.95
    assert np.mean([len(p.changes) > 1 for p in parts]) <= 0.08


@pytest.mark.parametrize("name", ["nb", "nb+ar", "nb+dip"])
def test_no_change_is_found_where_there_is_none(name: str) -> None:
    assert np.mean([len(p.changes) > 0 for p in found(name)]) <= 0.09


def test_a_steady_trend_is_no_staircase() -> None:
    parts = found("nb+ar+trend")
    assert np.mean([len(p.changes) > 0 for p in parts]) <= 0.4  # 0.95 by steps alone
    slopes = np.array([p.slope for p in parts if p.slope])
    assert len(slopes) >= 0.55 * len(parts)
    assert np.median(np.abs(slopes)) * 12 == pytest.approx(0.03, abs=0.01)  # a year
    assert np.mean([p.slope != 0 for p in found("nb")]) <= 0.03


def test_a_jump_beside_a_trend_keeps_its_date() -> None:
    rng = np.random.default_rng(12)
    rate = 30 * np.exp(0.004 * np.arange(240)) * np.where(np.arange(240) >= 120, 3.0, 1.0)
    parts = partition(rng.poisson(rate * rng.gamma(10, 0.1, (40, 240))).astype(float))
    assert np.mean([p.changes == (120,) for p in parts]) >= 0.7
    told = [posteriors(y, p)[0] for y, p in zip(rng.poisson(rate, (1, 240)).astype(float), parts[:1], strict=True)]
    assert told[0].low <= 121 and told[0].high >= 119


def test_a_wandering_level_is_flagged_and_a_jump_is_not() -> None:
    rng = np.random.default_rng(13)
    walk = 40 * np.exp(np.cumsum(rng.normal(0, 0.12, (40, 240)), axis=1).clip(-3, 3))
    assert np.mean([bool(p.drift) for p in partition(rng.poisson(walk).astype(float))]) >= 0.9
    assert np.mean([bool(p.drift) for p in found("nb", 10.7)]) <= 0.02


def test_the_posterior_covers_the_date_of_a_doubling() -> None:
    counts = world("nb", 200, np.random.default_rng(9), ratio=2.0, at=150)
    inside, width = [], []
    for y, p in zip(counts, partition(counts), strict=True):
        for change, told in zip(p.changes, posteriors(y, p), strict=True):
            if abs(change - 150) <= 12:
                inside.append(told.low <= 150 <= told.high)
                width.append(told.high - told.low)
                assert told.probability.sum() == pytest.approx(1)
    assert len(inside) > 150
    assert np.mean(inside) >= 0.9
    assert 1 <= np.median(width) <= 15


def test_one_month_far_above_stands_apart() -> None:
    counts = world("nb", 1, np.random.default_rng(3))
    counts[0, 100] = 400
    spiked = partition(counts)[0]
    assert spiked.spikes == (100,)
    assert spiked.changes == ()


def test_the_programme_finds_the_cheapest_of_all_divisions() -> None:
    rng = np.random.default_rng(8)
    y = np.concatenate([rng.poisson(6, 8), rng.poisson(30, 7), rng.poisson(12, 7)]).astype(float)
    size, price, shortest = 9.0, 6.0, 3

    def cost(part: np.ndarray) -> float:
        m = part.mean()
        return float(-2 * (part.sum() * np.log(m / (m + size)) - len(part) * size * np.log((m + size) / size)))

    best = min(
        (sum(cost(part) for part in np.split(y, cuts)) + price * k, cuts)
        for k in range(4)
        for cuts in combinations(range(1, len(y)), k)
        if all(len(part) >= shortest for part in np.split(y, cuts))
    )
    assert divide(y[None], np.array([size]), np.array([price]), shortest) == [best[1]]


def test_many_series_at_once_are_the_same_as_one_by_one() -> None:
    counts = world("nb+ar", 140, np.random.default_rng(1), ratio=2.0)
    together = partition(counts)
    for i in (0, 77, 139):
        alone = partition(counts[i])[0]
        assert (alone.changes, alone.spikes) == (together[i].changes, together[i].spikes)
        assert alone.rho == pytest.approx(together[i].rho, abs=1e-9)


def test_a_season_is_not_a_change() -> None:
    t = np.arange(240)
    rate = 40 * np.exp(0.8 * np.cos(2 * np.pi * t / 12))
    counts = np.random.default_rng(2).poisson(rate, (40, 240)).astype(float)
    assert np.mean([len(p.changes) > 0 for p in partition(counts)]) <= 0.1
    assert np.mean([len(p.changes) > 0 for p in partition(counts, cycle=None, spikes=False)]) < 1.1
    assert np.corrcoef(partition(counts[0])[0].season, rate)[0, 1] > 0.99


def test_a_series_of_zeros_has_no_change() -> None:
    assert partition(np.zeros(60))[0].changes == ()


@pytest.mark.parametrize(
    "counts, says",
    [
        (np.r_[np.nan, np.ones(40)], "missing is not zero"),
        (np.r_[-1.0, np.ones(40)], "cannot be negative"),
        (np.ones(11), "too few to look"),
        (np.r_[np.inf, np.ones(40)], "cannot be infinite"),
    ],
)
def test_what_cannot_be_divided_is_a_sentence(counts: np.ndarray, says: str) -> None:
    with pytest.raises(WatchError, match=says):
        partition(counts)


def test_a_measure_with_a_steady_trend_is_no_staircase() -> None:
    rng = np.random.default_rng(6)
    line = 0.05 * np.arange(200) + rng.normal(0, 1, 200)
    assert divide_measure(line).changes == ()
    line[120:] += 6
    stepped = divide_measure(line)
    assert len(stepped.changes) == 1 and abs(stepped.changes[0] - 120) <= 2
    assert stepped.slope == pytest.approx(0.05, abs=0.02)
    with pytest.raises(WatchError, match="gap"):
        divide_measure(np.r_[np.nan, line])
