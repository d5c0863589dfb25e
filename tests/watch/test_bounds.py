"""Departures from parallel trends, and what is left of an effect."""

from __future__ import annotations

import math

import numpy as np
import pytest

from brightline.watch.bounds import of_study, relative_magnitudes
from brightline.watch.event import event_study
from brightline.watch.problems import WatchError
from tests.watch.panels import oracle
from tests.watch.precincts import BEFORE, city, exposure

TREND = math.log(0.97)  # -3 % a year
HALF_YEAR = 6


def medicaid() -> tuple[np.ndarray, np.ndarray]:
    told = oracle("linear")
    return np.array(told["estimate"]), np.array(told["covariance"])


def test_bounds_are_as_wide_as_the_authors_and_not_as_narrow_as_diff_diff():
    found = relative_magnitudes(*medicaid(), 5, mbars=(2,)).at(2)
    assert found.low == pytest.approx(-0.001, abs=0.0005)
    assert not found.tells


def test_bounds_equal_the_slow_ones_of_another_library():
    told = oracle("bounds")["rows"]
    found = relative_magnitudes(*medicaid(), 5, mbars=[row["Mbar"] for row in told])
    for row, bound in zip(told, found.bounds, strict=True):
        assert (bound.low, bound.high) == pytest.approx((row["lb"], row["ub"]), abs=0.0005)


def test_a_larger_mbar_never_narrows_the_interval():
    found = relative_magnitudes(*medicaid(), 5, mbars=(0, 0.25, 0.5, 1, 2, 4)).bounds
    lows, highs = [b.low for b in found], [b.high for b in found]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)


def test_mbar_zero_is_about_the_ordinary_interval():
    found = relative_magnitudes(*medicaid(), 5, mbars=(0,))
    assert found.at(0).low == pytest.approx(found.original.low, abs=0.15 * found.error)
    assert found.at(0).high == pytest.approx(found.original.high, abs=0.15 * found.error)


def test_zero_enters_at_the_breakdown_and_not_before():
    first = relative_magnitudes(*medicaid(), 5).breakdown
    assert first is not None
    found = relative_magnitudes(*medicaid(), 5, mbars=(first - 0.01, first + 0.01))
    assert [b.tells for b in found.bounds] == [True, False]


def test_without_noise_the_bounds_are_the_identified_set():
    # Steps before: 0.1 and -0.3 (to the reference); so the first period may move 0.3 Mbar, the mean of two 0.45 Mbar
    beta, sigma = np.array([0.2, 0.3, 1.0, 1.4]), np.eye(4) * 1e-10
    one = relative_magnitudes(beta, sigma, 2, mbars=(1, 2))
    assert (one.at(1).low, one.at(1).high) == pytest.approx((0.7, 1.3), abs=1e-3)
    assert (one.at(2).low, one.at(2).high) == pytest.approx((0.4, 1.6), abs=1e-3)
    assert one.breakdown == pytest.approx(1 / 0.3, abs=0.01)
    mean = relative_magnitudes(beta, sigma, 2, weights=(0.5, 0.5), mbars=(1,)).at(1)
    assert (mean.low, mean.high) == pytest.approx((1.2 - 0.45, 1.2 + 0.45), abs=1e-3)


@pytest.mark.parametrize("direction", [1, -1])
def test_the_interval_holds_the_effect_even_when_the_departure_is_as_large_as_allowed(direction):
    rng = np.random.default_rng(1)
    # A trend that goes on as before: the last step is just as large as Mbar 1 allows
    drift = 0.1 * direction * np.array([-2, -1, 1])
    sigma = 0.03**2 * (np.eye(3) + 1)
    held = []
    for beta in rng.multivariate_normal(drift + np.array([0, 0, 0.5]), sigma, 200):
        bound = relative_magnitudes(beta, sigma, 2, mbars=(1,)).at(1)
        held.append(bound.low <= 0.5 <= bound.high)
    assert np.mean(held) >= 0.93


def test_the_trap_a_trend_of_three_percent_a_year_is_never_told_as_an_effect():
    studies = [event_study(y, exposure(), BEFORE, width=HALF_YEAR, draws=20) for y in city(300, 21, trend_a_year=TREND)]
    rejected = [s.difference.p < 0.05 for s in studies]
    warned = [s.pretest.p < 0.05 for s in studies]
    assert 0.3 < np.mean(rejected) < 0.45, "the plain difference calls it an effect in more than a third of runs"
    assert np.mean(warned) < 0.2, "and the pre-test hardly ever warns"
    told = [of_study(s).at(1.0).tells for s in studies if s.difference.p < 0.05]
    assert told
    assert not any(told)


def test_a_fall_of_thirty_percent_is_told():
    for y in city(5, 11, effect=math.log(0.7)):
        study = event_study(y, exposure(), BEFORE, width=HALF_YEAR)
        found = of_study(study)
        assert study.difference.p < 0.05 and found.at(1.0).high < 0
        assert found.breakdown is not None
        assert found.breakdown > 1


def test_no_breakdown_where_there_was_nothing_to_break():
    beta, sigma = medicaid()
    assert relative_magnitudes(beta * 0.01, sigma, 5).breakdown is None


@pytest.mark.parametrize(
    ("before", "extra", "said"),
    [
        (0, {}, "estimates before the reference period"),
        (7, {}, "and after it"),
        (5, {"weights": (1,)}, "each needs a weight"),
        (5, {"mbars": (-1,)}, "a number from 0 on"),
    ],
)
def test_bounds_that_cannot_be_computed_are_refused(before, extra, said):
    with pytest.raises(WatchError, match=said):
        relative_magnitudes(*medicaid(), before, **extra)


def test_a_covariance_that_does_not_fit_is_refused():
    beta, sigma = medicaid()
    with pytest.raises(WatchError, match="covariance of 7 by 7"):
        relative_magnitudes(beta, sigma[:3, :3], 5)
    with pytest.raises(WatchError, match="standard error of zero"):
        relative_magnitudes(beta, sigma * 0, 5)


def test_the_bounds_of_a_study_are_for_the_mean_of_all_periods_after():
    study = event_study(city(1, 5)[0], exposure(), BEFORE, width=8)
    after = study.estimates.estimate[study.estimates.at >= 0]
    assert study.blocks == (8, 8, 8, 12)
    assert of_study(study).estimate == pytest.approx(float(after[0]))
    two = event_study(city(1, 5)[0], exposure(), BEFORE, width=HALF_YEAR)
    assert of_study(two).estimate == pytest.approx(float(two.estimates.estimate[-2:].mean()))
