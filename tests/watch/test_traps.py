"""The traps that others fell into, each sprung on purpose: what the watch must say, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from brightline.watch.plan_file import plan_of
from brightline.watch.refuse import by_plan
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from brightline.watch.series import Series
from tests.watch.invented import counts, loaded, plan, series, told
from tests.watch.precincts import BEFORE, EXPOSED, city

PLANNED = Standing(True, "", 1)


def weekly(values: np.ndarray, **changes: Any) -> Result:
    """160 weeks before 5 February 2018 and 20 from it on."""
    days = {"data__period": "week", "data__from": "2015-01-12", "data__pre_until": "2018-01-29",
            "data__post": ["2018-02-05", "2018-06-18"], "policy__date": date(2018, 2, 5), "primary__harmonics": 0,
            "primary__placebo": {"window": 52, "step": 4}}  # fmt: skip
    made = series(values, "calls", period="week", start=date(2015, 1, 12))
    return run(plan({**days, "data__series": "calls", **changes}), loaded(made), standing=PLANNED)


def calm(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).poisson(100, 180).astype(float)


@pytest.mark.parametrize("outlier", [400.0, 700.0, 5000.0])
def test_one_outlier_in_the_final_week_is_fragile(outlier: float) -> None:
    values = calm()
    values[-1] = outlier  # a riot, a storm, an error of typing
    result = weekly(values)
    assert result.label == "FRAGILE" and result.exit_code == 17
    assert result.headline.startswith("FRAGILE: the result rests on one week alone (18 June 2018)")
    assert result.answer == "could not be told"
    assert result.diagnostics.drop_last == pytest.approx(1.0, abs=0.05)
    assert any("Without it, it is 1 times" in s for s in result.sentences)


def test_an_outlier_before_the_date_is_fragile_too() -> None:
    values = calm()
    values[159] = 1200.0
    assert weekly(values).label == "FRAGILE"


def test_a_small_outlier_within_the_limit_leaves_the_claim_of_no_larger_change() -> None:
    values = calm()
    values[-1] = 250.0
    result = weekly(values)
    assert result.answer == "no change larger than" and result.label == "PLANNED"


@pytest.mark.parametrize("seed", range(4))
def test_calm_weeks_are_not_fragile(seed: int) -> None:
    assert weekly(calm(seed)).label == "PLANNED"


def test_the_same_change_in_every_week_is_not_fragile() -> None:
    values = calm()
    values[160:] = np.round(values[160:] * 1.5)
    result = weekly(values)
    assert result.label == "PLANNED" and result.answer == "rose"


def test_a_result_of_one_period_after_is_fragile() -> None:
    result = run(
        plan(data__post=["2025-05", "2025-05"]), loaded(series(counts(10.7))), standing=PLANNED
    )  # fmt: skip
    assert result.label == "FRAGILE" and "only one month" in result.headline


def precinct_plan(**changes: Any) -> Any:
    names = [f"P{i}" for i in range(EXPOSED)]
    whole = {
        "data": {"series": "calls", "counted": "calls", "period": "month", "from": "2023-01", "pre_until": "2024-12",
                 "post": ["2025-01", "2025-12"], "outcome_seen": False, "measures": "citizen_calls", "unit": "precinct"},
        "policy.date": date(2025, 1, 1),
        "hypothesis": {"direction": "down", "smallest_effect_of_interest": 0.8, "claim": "causal"},
        "primary": {"estimator": "ppml_event_study", "exposed": names, "block": 3, "inference": "randomisation"},
        "claims": {"if_significant": "The order lowered calls."},
        "question": "Did calls fall in the exposed precincts?",
        **changes,
    }  # fmt: skip
    return plan_of(told(**whole))


def precincts(table: np.ndarray) -> list[Series]:
    return [series(row, "calls", f"P{i}", start=date(2023, 1, 1)) for i, row in enumerate(table)]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_trend_of_three_percent_a_year_is_not_called_causal(seed: int) -> None:
    """A difference-in-differences rejects in more than a third of such cities, and its pre-test seldom sees why."""
    table = city(1, seed, trend_a_year=-0.03)[0]
    result = run(precinct_plan(), loaded(*precincts(table)), standing=PLANNED)
    assert result.words == "coincides"
    assert 1 in [r.rule for r in result.refusals] and result.exit_code == 10
    assert not any("lowered" in s for s in result.sentences)


def test_a_strong_trend_is_seen_as_moving_apart_before() -> None:
    table = city(1, 7, trend_a_year=-0.25)[0]
    result = run(
        precinct_plan(hypothesis={"direction": "down"}, claims={}), loaded(*precincts(table)), standing=PLANNED
    )
    assert result.answer == "could not be told" and result.primary is not None and result.primary.p is not None
    assert result.primary.p < 0.05 and "moved apart before" in result.headline


def test_a_large_fall_without_a_trend_is_told() -> None:
    table = city(1, 3)[0]
    table[:EXPOSED, BEFORE:] = np.round(table[:EXPOSED, BEFORE:] * 0.5)
    result = run(
        precinct_plan(hypothesis={"direction": "down"}, claims={}), loaded(*precincts(table)), standing=PLANNED
    )
    assert result.answer == "fell" and result.label == "PLANNED"
    assert result.primary is not None and result.primary.ratio == pytest.approx(0.5, abs=0.05)


def test_reporting_fell_is_refused_from_reported_crime() -> None:
    found = by_plan(
        plan(question="Did people stop reporting crimes after the raids?", data__measures="reported_crime")
    )  # fmt: skip
    assert [r.code for r in found] == [13] and "victims" in found[0].needed


def test_a_date_picked_from_the_data_is_not_tested_on_them() -> None:
    result = run(
        plan(policy__date_chosen_from="data"), loaded(series(counts(10.7))), standing=PLANNED
    )  # fmt: skip
    assert result.exit_code == 19 and result.primary is None and not result.forest
    assert result.changes and result.changes[0].low <= date(2025, 5, 1) <= result.changes[0].high


def test_e_bikes_are_not_joined_with_all_cyclists() -> None:
    before, after = series(counts(), group="e-bikes"), series(counts(10.7), group="all cyclists")
    result = run(plan(), loaded(before, after), standing=PLANNED)
    assert result.exit_code == 16 and result.primary is None


def test_two_quarters_alone_are_refused() -> None:
    pair = {"estimator": "two_counts", "before": {"count": 561, "population": "all cyclists"},
            "after": {"count": 6000, "population": "all cyclists"}}  # fmt: skip
    result = run(plan(primary=pair), loaded(series(counts())), standing=PLANNED)
    assert result.exit_code == 11 and result.primary is None


def test_two_quarters_beside_a_whole_series_have_the_interval_of_a_like_series() -> None:
    pair = {"estimator": "two_counts", "before": {"count": 561}, "after": {"count": 6000}, "dispersion": 90}
    result = run(plan(secondary=[pair]), loaded(series(counts())), standing=PLANNED)
    two = next(e for e in result.forest if e.name == "two_counts")
    assert (two.low, two.high) == pytest.approx((4.7, 24.3), abs=0.05)


def test_without_a_plan_every_result_is_exploratory() -> None:
    result = run(plan(), loaded(series(counts(10.7))))
    assert result.label == "EXPLORATORY" and any("EXPLORATORY" in s for s in result.sentences)


def test_a_change_of_form_is_not_a_break() -> None:
    from brightline.watch.series import DefinitionChange

    moved = DefinitionChange(date(2025, 5, 1), "bicycles move to another form")
    result = run(plan(), loaded(replace(series(counts(0.2)), definition_changes=(moved,))), standing=PLANNED)
    assert result.exit_code == 16 and result.primary is None
