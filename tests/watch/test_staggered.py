"""Policies that begin at different dates."""

from __future__ import annotations

import numpy as np
import pytest

from brightline.watch.joint import chi_square_tail, wald
from brightline.watch.panel import NEVER, Panel, from_columns
from brightline.watch.problems import WatchError
from brightline.watch.staggered import bacon, callaway_santanna
from tests.watch.panels import math_reform, mpdta, oracle


def made(groups: dict[float, int], effect: float = 1.0, periods: int = 8, seed: int = 4, grows: float = 0.0) -> Panel:
    """Units by first period; the effect starts at `effect` and grows each period."""
    rng = np.random.default_rng(seed)
    first = np.repeat(list(groups), list(groups.values())).astype(float)
    t = np.arange(periods, dtype=float)
    since = np.maximum(t - first[:, None], -1)
    outcome = rng.normal(0, 3, (len(first), 1)) + 0.2 * t + rng.normal(0, 0.1, (len(first), periods))
    outcome = outcome + np.where(since >= 0, effect + grows * since, 0)
    return Panel(tuple(f"unit {i}" for i in range(len(first))), t, outcome, first)


@pytest.mark.parametrize("controls", ["never", "not yet"])
def test_group_time_effects_equal_csdid(controls):
    told = oracle("staggered")["mpdta"][controls]
    found = callaway_santanna(mpdta(), controls=controls, draws=50)
    for g, t, effect, error in zip(told["group"], told["year"], told["att"], told["se"], strict=True):
        cell = found.cell(g, t)
        assert cell.estimate == pytest.approx(effect, abs=1e-10)
        assert cell.error == pytest.approx(error, rel=1e-6)
    np.testing.assert_allclose(found.dynamic.estimate, told["dynamic"], atol=1e-10)
    np.testing.assert_allclose(found.dynamic.error, told["dynamic_se"], rtol=1e-6)
    assert found.overall.estimate[0] == pytest.approx(told["overall"], abs=1e-10)
    assert found.overall.error[0] == pytest.approx(told["overall_se"], rel=1e-6)


def test_the_band_for_all_is_wider_than_the_intervals_and_repeats_with_its_seed():
    one, two = (callaway_santanna(mpdta(), draws=400, seed=3).dynamic for _ in range(2))
    assert 2.3 < one.critical < 2.9
    assert (one.band_high > one.high).all()
    assert one.critical == two.critical
    assert one.critical != callaway_santanna(mpdta(), draws=400, seed=4).dynamic.critical


def test_a_growing_effect_is_found_where_a_two_way_regression_is_misled():
    panel = made({2: 20, 5: 20}, effect=1.0, grows=1.0)
    found = callaway_santanna(panel)
    assert found.dynamic.of(2)[0] == pytest.approx(3, abs=0.15)
    # All are treated in the end: the regression compares late units with early ones whose effect still grows
    assert bacon(panel).twoway < 1
    assert bacon(panel).forbidden > 0.3


def test_units_treated_from_the_first_period_are_left_out_and_named():
    panel = made({0: 2, 4: 10, NEVER: 10})
    found = callaway_santanna(panel)
    assert found.left_out == ("unit 0", "unit 1")
    assert found.overall.estimate[0] == pytest.approx(1, abs=0.2)
    assert "later v always" in bacon(panel).kinds()


@pytest.mark.parametrize("groups", [{3: 5, 5: 6, NEVER: 7}, {0: 3, 3: 5, 5: 6}, {2: 3, 4: 5, 6: 6}])
def test_the_comparisons_add_up_to_the_two_way_estimate(groups):
    panel = made(groups, grows=0.3)
    found = bacon(panel)
    d = (panel.periods >= panel.first[:, None]).astype(float)
    d = d - d.mean(axis=0) - d.mean(axis=1, keepdims=True) + d.mean()
    assert found.twoway == pytest.approx(float((d * panel.outcome).sum() / (d * d).sum()), abs=1e-12)
    assert sum(c.weight for c in found.comparisons) == pytest.approx(1)


def test_each_comparison_equals_diff_diff():
    told = oracle("bacon")
    ours = {(c.treated, c.control): c for c in bacon(math_reform()).comparisons}
    assert len(ours) == len(told["comparisons"])
    for c in told["comparisons"]:
        control = NEVER if c["control"] == "never_treated" else float(c["control"])
        mine = ours[c["treated"], control]
        assert (mine.weight, mine.estimate) == pytest.approx((c["weight"], c["estimate"]), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "df", "p"),
    [(3.841458820694124, 1, 0.05), (11.070497693516351, 5, 0.05), (18.307038053275146, 10, 0.05), (0, 3, 1)],
)
def test_chi_square_tail(x, df, p):
    assert chi_square_tail(x, df) == pytest.approx(p, abs=1e-12)


def test_few_clusters_make_the_joint_test_more_careful():
    value, covariance = np.full(5, 0.9), np.eye(5) * 0.3
    many, few = wald(value, covariance), wald(value, covariance, clusters=20)
    assert many.p < few.p
    assert np.isnan(wald(value, covariance, clusters=5).p), "five estimates from five clusters say nothing"


def test_groups_of_few_units_are_named_because_their_errors_are_too_small():
    assert callaway_santanna(made({3: 2, 5: 10, NEVER: 10})).small_groups == (3.0,)


def test_a_date_between_two_periods_counts_from_the_next_one():
    found = callaway_santanna(made({3.5: 10, NEVER: 10}))
    assert found.dynamic.at.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert found.overall.estimate[0] == pytest.approx(1, abs=0.2)


def test_all_treated_at_once_leaves_no_control():
    with pytest.raises(WatchError, match="none is left as a control"):
        callaway_santanna(made({4: 10}))
    with pytest.raises(WatchError, match="no comparison"):
        bacon(made({4: 10}))


def test_nobody_treated():
    with pytest.raises(WatchError, match="No unit is treated"):
        callaway_santanna(made({NEVER: 10}))


def test_never_treated_controls_must_exist():
    with pytest.raises(WatchError, match="no never-treated control"):
        callaway_santanna(made({2: 10, 5: 10}), controls="never")


ROWS = [("a", 2001, 1.0, 2002), ("a", 2002, 2.0, 2002), ("b", 2001, 1.0, 0), ("b", 2002, 1.5, 0)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*ROWS, ROWS[0]], r"a in 2001 is told 2 times"),
        (ROWS[:3], r"1 of 4 cells are missing \(first: b in 2002\)"),
        ([*ROWS[:3], ("b", 2002, 1.5, 2002)], "b has more than one date"),
        ([*ROWS[:3], ("b", 2002, float("nan"), 0)], "Missing is not zero"),
        (ROWS[:2], "one unit only"),
        ([r for r in ROWS if r[1] == 2001], "too few periods"),
        ([(*r[:3], float("nan")) if r[0] == "b" else r for r in ROWS], "Unknown is not never"),
        ([], "no rows"),
    ],
)
def test_rows_that_are_no_panel_are_refused(rows, said):
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    with pytest.raises(WatchError, match=said):
        from_columns(*columns, never=0)


def test_a_period_missing_for_all_is_noticed():
    rows = [(u, t, 1.0, 0) for u in "ab" for t in (2001, 2002, 2004)]
    with pytest.raises(WatchError, match="not evenly spaced"):
        from_columns(*zip(*rows, strict=True), never=0)
