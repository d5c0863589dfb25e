"""The share of a part in the whole: equal to statsmodels, right about a conversion, and blind to what moves both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.its import design
from brightline.watch.ratio import pair, quasi_binomial, share
from tests.watch.oracle.make_inputs import counts

FIGURES = json.loads((Path(__file__).parent / "oracle" / "figures.json").read_text())


def shares(rng: np.random.Generator, chance: float, after: float, periods: int = 160, at: int = 145) -> tuple:
    whole = rng.poisson(200 * np.where(np.arange(periods) >= at, 0.5, 1.0)).astype(float)
    p = np.where(np.arange(periods) >= at, after, chance)
    return rng.binomial(whole.astype(int), rng.beta(40 * p, 40 * (1 - p))).astype(float), whole


def test_equal_to_statsmodels() -> None:
    fit = quasi_binomial(counts(), counts() + 30, design(75, 60, harmonics=2))
    np.testing.assert_allclose(np.stack(fit.of("step"), axis=1), FIGURES["quasi_binomial"], rtol=0, atol=1e-6)


def test_a_conversion_is_seen_and_a_fall_of_both_is_not() -> None:
    rng = np.random.default_rng(3)
    told = share(*shares(rng, 0.1, 0.5), 145)
    assert (told.before, told.after) == pytest.approx((0.1, 0.5), abs=0.08)
    assert told.odds.effect().low < 9.0 < told.odds.effect().high  # odds 1/9 -> 1
    assert told.odds.effect().low > 2
    called = [share(*shares(rng, 0.3, 0.3), 145).odds.p[0] < 0.05 for _ in range(60)]
    assert np.mean(called) <= 0.15  # the whole fell by half each time


@pytest.mark.parametrize(
    "part, whole, says",
    [
        (np.full(160, 5.0), np.full(160, 4.0), "more than the whole"),
        (np.full(160, 5.0), np.full(150, 9.0), "same ones"),
        (np.full(160, 5.0), np.full(160, 5.0), "no finite odds ratio"),
        (np.r_[np.full(145, 5.0), np.zeros(15)], np.full(160, 9.0), "every count after the date is zero"),
    ],
)
def test_a_share_without_an_answer_is_a_sentence(part: np.ndarray, whole: np.ndarray, says: str) -> None:
    with pytest.raises(WatchError, match=says):
        share(part, whole, 145)


def test_rates_of_two_places_with_other_numbers_of_people() -> None:
    told = pair(50, 100, before_exposure=1.0, after_exposure=2.0)
    assert told.ratio == 1 and told.low < 1 < told.high and told.p == pytest.approx(1)
    assert pair(50, 100).p < 0.001
