"""Chance among assignments of the dates to the units."""

from __future__ import annotations

import math

import numpy as np
import pytest

from brightline.watch.assignments import over_dates_of_units, times_over_dates_of_units
from brightline.watch.panel import NEVER, Panel
from brightline.watch.problems import WatchError
from brightline.watch.staggered import callaway_santanna
from tests.watch.panels import mpdta

RATIO = 1.25


def made(
    dates: list[float], *, units: int = 30, periods: int = 36, effect: float = 0.0, noise: float = 0.1, seed: int = 0
) -> Panel:
    """Units of different size around which AR(1) noise goes; the first have the dates, and an effect from then on."""
    rng = np.random.default_rng(seed)
    first = np.array([*dates, *[NEVER] * (units - len(dates))])
    steps = rng.normal(0, noise, (units, periods))
    steps[:, 0] /= math.sqrt(1 - 0.5**2)
    for t in range(1, periods):
        steps[:, t] += 0.5 * steps[:, t - 1]
    t = np.arange(float(periods))
    return panel(rng.normal(5, 1, (units, 1)) + steps + effect * (t >= first[:, None]), first)


def counted(mean: np.ndarray, dates: list[float], *, effect: float = 0.0, seed: int = 0) -> Panel:
    """log(count + 1/2) of Poisson counts around these means."""
    t, first = np.arange(36.0), np.array([*dates, *[NEVER] * (len(mean) - len(dates))])
    told = np.random.default_rng(seed).poisson(mean[:, None] * np.exp(effect * (t >= first[:, None])))
    return panel(np.log(told + 0.5), first)


def panel(outcome: np.ndarray, first: np.ndarray) -> Panel:
    return Panel(tuple(f"unit {i}" for i in range(len(first))), np.arange(float(outcome.shape[1])), outcome, first)


def dates_of(treated: int) -> list[float]:
    return [18.0 + 2 * (i % 6) for i in range(treated)]


def without(one: Panel, effect: float) -> Panel:
    """The panel with a constant effect taken out of its treated cells."""
    return panel(one.outcome - effect * (one.periods >= one.first[:, None]), one.first)


@pytest.mark.parametrize("controls", ["never", "not yet"])
@pytest.mark.parametrize(
    "one",
    [
        mpdta(),
        made([0, 3, 3, 9, 40]),
        made([4.5, 4.7, 20]),
        made([float(2 + i % 5) for i in range(29)]),
    ],
    ids=["mpdta", "always and after the end", "between two periods", "nearly all"],
)
def test_the_effect_is_the_overall_effect_of_callaway_and_santanna(one, controls):
    found = over_dates_of_units(one, controls=controls, draws=20)
    assert found.effect == pytest.approx(callaway_santanna(one, controls=controls, draws=1).overall.estimate[0])


def test_units_of_equal_noise_are_ranked_by_the_effects_of_the_assignments_themselves():
    rng = np.random.default_rng(3)
    one = panel(rng.normal(size=(6, 3)), np.array([2.0, 2.0, *[NEVER] * 4]))
    equal = panel(np.hstack([one.outcome[:, :1]] * 2 + [one.outcome[:, 2:]]), one.first)
    found = over_dates_of_units(equal)
    change = equal.outcome[:, 2] - equal.outcome[:, 1]
    told = [
        change[[i, j]].mean() - np.delete(change, [i, j]).mean() for i in range(6) for j in range(i + 1, 6) if j > 1
    ]
    assert found.every
    np.testing.assert_allclose(np.sort(found.null), np.sort(told), atol=1e-12)


@pytest.mark.parametrize("treated", [1, 2, 3, 4, 6])
def test_chance_is_not_taken_for_an_effect_however_few_are_treated(treated):
    runs = [made(dates_of(treated), seed=s) for s in range(200)]
    share = np.mean([over_dates_of_units(one, draws=300).p < 0.05 for one in runs])
    cluster = [callaway_santanna(one, draws=1).overall for one in runs[:60]]
    assert share <= 0.085, "5 % and what 200 runs may be off"
    assert np.mean([abs(o.estimate[0]) > 1.96 * o.error[0] for o in cluster]) > 0.13


@pytest.mark.parametrize("treated", [1, 2, 3, 10])
def test_the_interval_holds_the_true_ratio(treated):
    runs = [made(dates_of(treated), effect=math.log(RATIO), seed=s) for s in range(200)]
    found = [over_dates_of_units(one, draws=300) for one in runs]
    assert np.mean([a.low <= math.log(RATIO) <= a.high for a in found]) >= 0.915


def test_small_treated_units_among_large_ones_do_not_make_chance_a_finding():
    mean = np.geomspace(15, 1500, 30)
    share = np.mean([over_dates_of_units(counted(mean, dates_of(3), seed=s), draws=300).p < 0.05 for s in range(200)])
    assert share <= 0.085, "ranked without their noise, 29 % of such are below 0.05"


def test_an_effect_in_a_large_unit_is_seen_among_small_noisy_ones():
    mean = np.geomspace(1500, 15, 30)
    runs = [counted(mean, [20.0], effect=math.log(RATIO), seed=s) for s in range(60)]
    assert np.mean([over_dates_of_units(one).p < 0.05 for one in runs]) > 0.7


def test_small_units_are_told_by_their_changes_where_the_first_date_leaves_no_periods_before():
    mean = np.geomspace(15, 1500, 30)
    runs = [counted(mean, [2.0, *dates_of(2)], seed=s) for s in range(200)]
    assert np.mean([over_dates_of_units(one, draws=300).p < 0.05 for one in runs]) <= 0.085


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
def test_the_interval_holds_no_effect_unless_p_is_below_alpha(alpha):
    told = set()
    for seed in range(60):
        one = made(dates_of(1 + seed % 7), units=12 + seed % 20, effect=0.15, seed=seed)
        found = over_dates_of_units(one, alpha=alpha, draws=300)
        assert (found.low <= 0 <= found.high) == (not found.p < alpha)
        assert found.low <= found.effect <= found.high
        told.add(found.p < alpha)
    assert told == {True, False}


@pytest.mark.parametrize("treated", [1, 2, 5])
def test_the_ends_are_the_effects_that_taken_out_are_just_rejected(treated):
    one = made(dates_of(treated), effect=0.2, seed=treated)
    found = over_dates_of_units(one)
    for end, outwards in ((found.low, -1), (found.high, 1)):
        assert over_dates_of_units(without(one, end - outwards * 1e-6)).p >= 0.05
        assert over_dates_of_units(without(one, end + outwards * 1e-6)).p < 0.05


def test_too_few_assignments_say_so_by_themselves():
    found = over_dates_of_units(made([20.0], units=15, effect=5.0))
    assert (found.draws, found.every) == (14, True)
    assert found.p == pytest.approx(1 / 15)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_a_p_of_exactly_alpha_is_not_below_it():
    found = over_dates_of_units(made([20.0], units=20, effect=5.0))
    assert found.p == 0.05
    assert found.low <= 0 <= found.high


def test_all_assignments_where_they_are_few_else_as_many_as_asked():
    pair = over_dates_of_units(made([18, 20]))
    assert (pair.draws, pair.every) == (30 * 29 - 1, True)
    many = over_dates_of_units(made([18, 20, 22]), draws=500)
    assert (many.draws, many.every, len(many.null)) == (500, False, 500)


@pytest.mark.parametrize("treated", [2, 4])
def test_the_band_of_all_times_holds_no_effect_where_there_is_none(treated):
    missed, cluster = [], []
    for seed in range(60):
        one = made(dates_of(treated), seed=seed)
        told = callaway_santanna(one, draws=100).dynamic
        found = times_over_dates_of_units(one, told, draws=300)
        missed.append(((found.band_low > 0) | (found.band_high < 0)).any())
        cluster.append(((told.band_low > 0) | (told.band_high < 0)).any())
        np.testing.assert_array_equal(found.estimate, told.estimate)
    assert np.mean(missed) < 0.2
    assert np.mean(cluster) > 0.8


def test_steps_before_the_date_are_no_trend_where_there_is_none():
    """Their mean is what a plan is refused for, so that chance must not often make it one."""
    seen = []
    for seed in range(100):
        one = made(dates_of(3), seed=seed)
        told = times_over_dates_of_units(one, callaway_santanna(one, draws=1).dynamic, draws=300)
        pre = np.flatnonzero(told.at < 0)[-9:]
        error = math.sqrt(told.covariance[np.ix_(pre, pre)].sum()) / len(pre)
        seen.append(abs(told.estimate[pre].mean()) > 1.96 * error)
    assert np.mean(seen) < 0.13, "26 % by the cluster error"


def test_draws_repeat_with_their_seed():
    one = made(dates_of(5))
    first, second, other = (over_dates_of_units(one, seed=s).null for s in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()


def test_units_treated_from_the_first_period_on_get_no_other_date():
    found = over_dates_of_units(made([0, 20, 20], units=12))
    assert found.draws == math.comb(11, 2) - 1


def test_counts_that_never_change_are_no_effect():
    found = over_dates_of_units(panel(np.full((20, 8), 3.0), np.array([4.0, *[NEVER] * 19])))
    assert (found.effect, found.p) == (0, 1)


@pytest.mark.parametrize("dates", [[], [0.0] * 5, [9.0] * 30])
def test_where_there_is_nothing_to_compare_there_is_no_effect(dates):
    with pytest.raises(WatchError, match="no overall effect"):
        over_dates_of_units(made(dates))


def test_a_large_panel_has_all_its_draws():
    one = made([float(20 + i % 12) for i in range(40)], units=200, periods=60)
    assert over_dates_of_units(one).draws == 1000
