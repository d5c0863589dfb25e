"""An event that touches some units more than others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from brightline.watch.distributions import t_two_sided
from brightline.watch.event import (
    Randomised,
    _degrees,
    difference,
    event_study,
    leave_out,
    over_dates,
    over_units,
    smallest_detectable,
    smallest_fall,
)
from brightline.watch.placebo import degrees
from brightline.watch.problems import WatchError
from tests.watch.panels import LAPD_AFTER, LAPD_BEFORE, lapd, medicaid, oracle
from tests.watch.precincts import AFTER, BEFORE, EXPOSED, PRECINCTS, city, dose, exposure


@pytest.fixture(scope="module")
def calls() -> np.ndarray:
    return city(1, 5)[0]


@pytest.mark.parametrize(("name", "d"), [("groups", exposure()), ("dose", dose())])
def test_the_poisson_event_study_equals_pyfixest(calls, name, d):
    told = oracle("poisson")[name]
    one = difference(calls, d, BEFORE)
    assert one.estimate == pytest.approx(told["estimate"], abs=1e-9)
    assert one.error == pytest.approx(told["se"], rel=1e-8)
    study = event_study(calls, d, BEFORE, width=6).estimates
    np.testing.assert_allclose(study.estimate, told["blocks"], atol=1e-9)
    np.testing.assert_allclose(study.error, told["blocks_se"], rtol=1e-8)


def test_the_linear_event_study_equals_pyfixest_with_its_covariance():
    told = oracle("linear")
    y, expanded, at = medicaid()
    study = event_study(y, expanded, at, link="identity").estimates
    np.testing.assert_allclose(study.estimate, told["estimate"], atol=1e-12)
    np.testing.assert_allclose(study.covariance, told["covariance"], rtol=1e-9)


def test_two_groups_are_compared_by_the_ratio_of_their_totals(calls):
    d = exposure() == 1
    before, after = calls[:, :BEFORE].sum(axis=1), calls[:, BEFORE:].sum(axis=1)
    ratio = (after[d].sum() / before[d].sum()) / (after[~d].sum() / before[~d].sum())
    assert difference(calls, exposure(), BEFORE).ratio == pytest.approx(ratio, rel=1e-12)


def test_the_band_for_all_blocks_is_wider_than_each_interval(calls):
    study = event_study(calls, exposure(), BEFORE, width=3).estimates
    assert (study.band_high > study.high).all()
    assert (study.band_low < study.low).all()


def test_periods_that_fill_no_block_join_the_ends(calls):
    assert event_study(calls, exposure(), BEFORE, width=7).blocks == (10, 7, 7, 12)


def test_a_city_like_new_york_finds_a_fall_of_seven_percent_and_not_of_four():
    d = exposure()
    errors = [difference(y, d, BEFORE).error for y in city(60, 1)]
    assert np.mean([smallest_fall(e, PRECINCTS - 1) for e in errors]) == pytest.approx(7.4, abs=0.4)

    def found(fall: float) -> float:
        return float(np.mean([difference(y, d, BEFORE).p < 0.05 for y in city(200, 2, effect=math.log(1 - fall))]))

    assert found(0.04) == pytest.approx(0.32, abs=0.1)
    assert found(0.08) == pytest.approx(0.82, abs=0.1)
    assert found(0.3) == 1


def test_without_an_effect_the_difference_and_the_pretest_keep_their_size_and_poisson_does_not():
    d = exposure()
    runs = [event_study(y, d, BEFORE, width=3, draws=20) for y in city(200, 6)]
    assert 0.02 <= np.mean([r.difference.p < 0.05 for r in runs]) <= 0.09
    assert np.mean([r.pretest.p < 0.05 for r in runs]) <= 0.09
    naive = [abs(r.difference.estimate / r.difference.naive_error) > 1.96 for r in runs]
    assert np.mean(naive) > 0.25


def test_the_smallest_detectable_effect_is_found_four_times_in_five():
    error, df = 0.1, 30
    effect = smallest_detectable(error, df)
    z = effect / error + np.random.default_rng(1).standard_t(df, 20_000)
    assert np.mean(t_two_sided(z, df) < 0.05) == pytest.approx(0.8, abs=0.02)


def test_chance_over_units_keeps_its_size():
    d = exposure()
    p = [over_units(y, d, BEFORE, draws=99, seed=i).p for i, y in enumerate(city(150, 7))]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def chance(means: np.ndarray, d: np.ndarray, runs: int, seed: int) -> list[Randomised]:
    """Without an effect: 36 overdispersed months, the event at 24."""
    rng = np.random.default_rng(seed)
    months = np.broadcast_to(means[:, None], (len(means), 36))
    tables = rng.negative_binomial(8, 8 / (8 + months), (runs, *months.shape)).astype(float)
    return [over_units(y, d, 24, draws=199, seed=i) for i, y in enumerate(tables)]


def rejects(found: list[Randomised]) -> float:
    return float(np.mean([f.p <= 0.05 for f in found]))


FIVE = np.r_[np.ones(5), np.zeros(35)]


@pytest.mark.parametrize("small", [8.0, 20.0])
def test_a_few_small_exposed_units_among_large_ones_are_not_called_changed_without_cause(small):
    found = chance(np.where(FIVE > 0, small, 300.0), FIVE, 600, 11)
    assert 0.02 <= rejects(found) <= 0.07
    assert all(f.ranked == "studentised" for f in found)


def test_a_share_that_is_high_in_small_units_is_not_called_changed_without_cause():
    share = np.sort(np.random.default_rng(6).uniform(0.05, 0.8, 40))[::-1]
    assert rejects(chance(np.r_[np.full(10, 8.0), np.full(30, 300.0)], share, 600, 12)) <= 0.07


@pytest.mark.parametrize("others", [np.full(35, 15.0), np.tile([300.0, 15, 15, 15, 15], 7)])
def test_one_large_unit_among_the_exposed_must_stand_out_both_ways(others):
    found = chance(np.r_[300.0, 15, 15, 15, 15, others], FIVE, 400, 13)
    assert rejects(found) <= 0.06
    assert all(f.ranked == "both" for f in found)


def test_small_exposed_units_that_did_fall_are_found():
    rng = np.random.default_rng(14)
    mean = np.where(FIVE > 0, 20.0, 300.0)[:, None] * np.where(np.arange(36) >= 24, np.exp(-0.4 * FIVE)[:, None], 1)
    tables = rng.negative_binomial(8, 8 / (8 + mean), (100, 40, 36)).astype(float)
    assert rejects([over_units(y, FIVE, 24, draws=199, seed=i) for i, y in enumerate(tables)]) > 0.9


def test_the_error_of_a_ranking_is_what_leaving_each_unit_out_gives(calls):
    left = leave_out(calls, exposure(), BEFORE).units
    jackknife = math.sqrt((PRECINCTS - 1) / PRECINCTS * ((left - left.mean()) ** 2).sum())
    assert over_units(calls, exposure(), BEFORE, draws=50).error == pytest.approx(jackknife, rel=0.02)


def test_one_exposed_unit_says_that_it_is_alone_and_keeps_its_size():
    d = np.r_[1.0, np.zeros(39)]
    for means in (np.r_[8.0, np.full(39, 300.0)], np.r_[300.0, np.full(39, 8.0)], np.full(40, 100.0)):
        found = chance(means, d, 400, 20)
        assert rejects(found) <= 0.07
        assert all(f.ranked == "alone" for f in found)
        assert all(f.p >= (1 + (np.abs(f.draws) >= abs(f.estimate)).sum()) / (1 + len(f.draws)) for f in found)


def test_an_interval_holds_one_exactly_where_p_finds_nothing():
    two, skewed = np.r_[np.ones(2), np.zeros(38)], np.r_[300.0, np.full(39, 15.0)]
    found = [
        *chance(np.where(FIVE > 0, 8.0, 300.0), FIVE, 60, 15),
        *chance(skewed, FIVE, 60, 16),
        *chance(np.full(40, 50.0), two, 60, 17),
        *chance(np.full(30, 50.0), np.r_[1.0, np.zeros(29)], 60, 18),
        *(over_dates(y, GROUPS, at, before=28, after=14) for y, at in days(60, 300, 28, 14, 0.3, 19, effect=0.06)),
    ]
    assert {f.ranked for f in found} == {"studentised", "both", "alone", "calibrated"}
    for f in found:
        for alpha in (0.02, 0.05, 0.1, 0.3, 0.999 * f.p, min(1.001 * f.p, 0.9999)):
            low, high = f.interval(alpha)
            assert (f.p < alpha) == (not low <= 0 <= high), (f.ranked, alpha)
    assert sum(f.p < 0.05 for f in found) > 20


def test_too_few_assignments_leave_an_interval_without_ends():
    y = np.random.default_rng(3).poisson(40, (10, 20)).astype(float)
    found = over_units(y, np.r_[1.0, np.zeros(9)], 12)
    assert found.p >= 0.1
    assert found.interval(0.05) == (-math.inf, math.inf)


def test_the_smallest_change_over_units_is_found_four_times_in_five():
    d = exposure()
    smallest = np.mean([over_units(y, d, BEFORE, draws=199, seed=1).smallest(0.05) for y in city(60, 1)])
    fallen = [over_units(y, d, BEFORE, draws=199, seed=1).p < 0.05 for y in city(200, 2, effect=-float(smallest))]
    assert np.mean(fallen) == pytest.approx(0.8, abs=0.1)


def test_all_assignments_of_a_small_city_are_tried():
    rng = np.random.default_rng(3)
    y = rng.poisson(40, (8, 20)).astype(float)
    d = np.r_[np.ones(3), np.zeros(5)]
    y[:3, 12:] *= 3
    found = over_units(y, d, 12, draws=100)
    assert found.exact
    assert len(found.draws) == math.comb(8, 3) - 1
    assert found.p == pytest.approx(1 / 56), "no other assignment is as far from zero"
    assert found.p_rise == pytest.approx(1 / 56)
    assert found.p_fall == 1
    assert len(found.statistics) == len(found.draws)


def test_the_same_seed_gives_the_same_assignments(calls):
    one, two, other = (over_units(calls, exposure(), BEFORE, draws=50, seed=s) for s in (1, 1, 2))
    assert one.draws.tolist() == two.draws.tolist()
    assert one.draws.tolist() != other.draws.tolist()


def test_placebo_dates_leave_out_the_event_and_others():
    y = np.random.default_rng(1).poisson(50, (2, 60)).astype(float)
    one = over_dates(y, np.array([1.0, 0]), 30, before=5, after=3)
    # A window may end just before the event (dates 5 to 27) or begin when it is over (38 to 57)
    assert len(one.draws) == 23 + 20
    assert len(over_dates(y, np.array([1.0, 0]), 30, before=5, after=3, events=[50]).draws) == 23 + 10


GROUPS = np.array([1.0, 0.0])


def days(
    runs: int, n: int, before: int, after: int, rho: float, seed: int, *, effect: float = 0.0
) -> list[tuple[np.ndarray, int]]:
    """Daily calls of two groups whose log ratio wanders with lag-1 correlation rho, each with a date drawn by chance."""
    rng = np.random.default_rng(seed)
    found = []
    for at in rng.integers(before, n - after + 1, runs):
        shock = rng.normal(0, 0.03, n)
        for t in range(1, n):
            shock[t] = rho * shock[t - 1] + math.sqrt(1 - rho**2) * shock[t]
        shock[at : at + after] += effect
        found.append((np.stack([rng.poisson(700 * np.exp(shock)), rng.poisson(700, n)]).astype(float), int(at)))
    return found


@pytest.mark.parametrize("rho", [0.0, 0.6])
@pytest.mark.parametrize(("n", "before", "after"), [(250, 28, 56), (730, 28, 14), (1460, 28, 14)])
def test_dates_whose_windows_overlap_are_not_taken_for_many(n, before, after, rho):
    told = [over_dates(y, GROUPS, at, before=before, after=after) for y, at in days(500, n, before, after, rho, 21)]
    assert rejects(told) <= 0.06
    assert np.mean([f.p_fall <= 0.05 for f in told]) <= 0.075
    assert np.mean([f.p_rise <= 0.05 for f in told]) <= 0.075


def test_a_long_series_of_dates_finds_what_a_short_one_finds_only_when_it_is_larger():
    def found(n: int, before: int, after: int, effect: float) -> float:
        return rejects(
            [
                over_dates(y, GROUPS, at, before=before, after=after)
                for y, at in days(200, n, before, after, 0.3, 22, effect=effect)
            ]
        )

    assert found(1460, 28, 14, 0.06) > 0.7
    assert found(730, 28, 14, 0.06) > 0.7
    assert found(250, 28, 56, 0.1) > 0.7


def test_dates_are_worth_the_windows_that_their_stretch_would_hold():
    y = np.random.default_rng(1).poisson(50, (2, 60)).astype(float)
    # Windows cover periods 0 to 29, and 33 to 59
    assert over_dates(y, GROUPS, 30, before=5, after=3).worth == pytest.approx((30 + 27) / 8)
    y = np.random.default_rng(1).poisson(50, (2, 250)).astype(float)
    short = over_dates(y, GROUPS, 125, before=28, after=56)
    assert len(short.draws) == 42
    assert short.worth == pytest.approx(125 / 84)
    assert short.df < 4


def test_the_degrees_of_freedom_of_dates_are_those_of_the_placebo_in_time():
    free = np.ones(120, dtype=bool)
    free[40:70] = False
    contrast = (*[-1 / 12] * 12, *[1 / 6] * 6)
    told = degrees(contrast, tuple(np.flatnonzero(free).tolist()), 0.4)
    assert _degrees(free, 12, 6, 0.4) == pytest.approx(told, rel=1e-9)


def test_the_smallest_change_over_dates_is_found_four_times_in_five():
    runs = days(100, 730, 28, 14, 0.3, 23)
    smallest = float(np.mean([over_dates(y, GROUPS, at, before=28, after=14).smallest(0.05) for y, at in runs]))
    fallen = days(200, 730, 28, 14, 0.3, 24, effect=-smallest)
    assert rejects([over_dates(y, GROUPS, at, before=28, after=14) for y, at in fallen]) == pytest.approx(0.8, abs=0.1)


def test_a_real_fall_is_seen_among_placebo_dates():
    calls, high, starts = lapd()
    fallen = calls.copy()
    fallen[0, starts[3] : starts[3] + LAPD_AFTER] *= 0.7
    found = over_dates(fallen, high, starts[3], before=LAPD_BEFORE, after=LAPD_AFTER)
    assert found.p < 0.05
    assert found.percent == pytest.approx(100 * (0.7 * 0.97 - 1), abs=1)


def test_one_loud_precinct_moves_the_result(calls):
    loud = np.random.default_rng(1).poisson(60, (12, 36)).astype(float)
    loud[0, BEFORE:] *= 4
    found = leave_out(loud, np.r_[np.ones(6), np.zeros(6)], BEFORE)
    assert found.units[0] == found.units[:6].min()
    assert np.ptp(found.units) > 0.3
    steady = leave_out(city(1, 9, effect=math.log(0.7))[0], exposure(), BEFORE)
    assert steady.units.max() < math.log(0.8) and steady.unit_p.max() < 0.05


def test_an_outlier_in_the_last_period_flips():
    y = np.random.default_rng(2).poisson(100, (30, 30)).astype(float)
    d = np.r_[np.ones(15), np.zeros(15)]
    y[:15, -1] *= 0.3
    found = leave_out(y, d, 26)
    assert difference(y, d, 26).p < 0.05
    assert found.without_last is not None
    assert found.without_last.p > 0.05


def test_leaving_a_unit_out_is_the_same_as_not_having_it(calls):
    found = leave_out(calls, exposure(), BEFORE)
    rest = difference(np.delete(calls, 3, axis=0), np.delete(exposure(), 3), BEFORE)
    assert (found.units[3], found.unit_p[3]) == pytest.approx((rest.estimate, rest.p), rel=1e-9)


def test_one_exposed_unit_has_an_estimate_and_no_standard_error(calls):
    d = np.r_[1.0, np.zeros(PRECINCTS - 1)]
    found = difference(calls, d, BEFORE)
    assert math.isfinite(found.estimate)
    assert math.isnan(found.error)
    assert math.isnan(found.p)
    with pytest.raises(WatchError, match="placebo dates"):
        event_study(calls, d, BEFORE)


GOOD = np.full((4, 10), 5.0)
HALF = np.array([1.0, 1, 0, 0])


def changed(where: tuple[object, ...], value: float) -> np.ndarray:
    table = GOOD.copy()
    table[where] = value
    return table


@pytest.mark.parametrize(
    ("counts", "d", "at", "said"),
    [
        (GOOD[:1], HALF[:1], 5, "one unit only"),
        (GOOD, np.ones(4), 5, "none can serve as a control"),
        (GOOD, np.zeros(4), 5, "No unit is exposed"),
        (GOOD, np.array([1.0, 0, 0, np.nan]), 5, "Unknown is not unexposed"),
        (GOOD, HALF[:3], 5, "each unit needs one"),
        (changed((1, 2), np.nan), HALF, 5, r"1 of 40 cells are missing \(first: unit 2 in period 3\)"),
        (changed((1, 2), -1), HALF, 5, "cannot be negative"),
        (changed((slice(None), slice(5, None)), 0), HALF, 5, "Nothing was counted in the exposed units after"),
        (changed((slice(2, None), slice(0, 5)), 0), HALF, 5, "other units before"),
        (GOOD, HALF, 10, "outside the data"),
        (GOOD, HALF, 0, "outside the data"),
        (GOOD[:, :1], HALF, 1, "too few periods"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(counts, d, at, said):
    for ask in (difference, event_study, over_units, leave_out):
        with pytest.raises(WatchError, match=said):
            ask(counts, d, at)


def test_blocks_longer_than_the_data_are_refused():
    with pytest.raises(WatchError, match="do not fit"):
        event_study(GOOD, HALF, 5, width=6)


def test_a_short_series_has_too_few_placebo_dates():
    with pytest.raises(WatchError, match="other dates are free of events"):
        over_dates(GOOD, HALF, 5, before=3, after=2)
    with pytest.raises(WatchError, match="3 periods before it and 2 from it on are needed"):
        over_dates(GOOD, HALF, 9, before=3, after=2)


def test_a_first_day_without_events_is_no_obstacle_to_placebo_dates():
    y = np.random.default_rng(1).poisson(50, (2, 60)).astype(float)
    y[:, 0] = 0
    assert over_dates(y, np.array([1.0, 0]), 30, before=5, after=3).p > 0


def test_missing_days_around_the_event_are_refused():
    calls, high, starts = lapd()
    calls[1, starts[0] - 10 : starts[0]] = np.nan
    with pytest.raises(WatchError, match="must have been counted"):
        over_dates(calls, high, starts[0], before=LAPD_BEFORE, after=LAPD_AFTER)


def test_the_invented_city_is_what_the_simulations_say(calls):
    assert calls.shape == (PRECINCTS, BEFORE + AFTER)
    assert exposure().sum() == EXPOSED
    assert calls.mean() == pytest.approx(60, rel=0.1)
