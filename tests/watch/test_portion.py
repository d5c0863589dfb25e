"""A share as the planned analysis: its own trends and left-out periods, its own words, and what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from brightline.watch.plan_file import PlanError, plan_of
from brightline.watch.problems import WatchError
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from brightline.watch.series import DefinitionChange, Series
from tests.watch.invented import AT, PERIODS, counts, loaded, plan, series, told

PLANNED = Standing(True, "", 1)
SHARE = {"estimator": "binomial_ratio", "denominator": "all", "harmonics": 1}


def halves(odds: float, seed: int = 1, size: float = 80.0) -> tuple[np.ndarray, np.ndarray]:
    """Part and whole of about 400 a month; from AT on the odds of the part (1 before) are multiplied."""
    rng = np.random.default_rng(seed)
    chance = np.where(np.arange(PERIODS) >= AT, odds / (1 + odds), 0.5)
    whole = rng.poisson(400, PERIODS)
    return rng.binomial(whole, rng.beta(size * chance, size * (1 - chance))).astype(float), whole.astype(float)


def ran(part: np.ndarray, whole: np.ndarray, *others: Series, **changes: Any) -> Result:
    changes = {"primary": SHARE, "hypothesis__direction": "either", **changes}
    return run(
        plan_of(told(**changes)), loaded(series(part), series(whole, name="all"), *others), standing=PLANNED
    )  # fmt: skip


def test_a_share_that_rose_is_told_against_its_whole() -> None:
    result = ran(*halves(3.0))
    assert result.answer == "rose" and result.against == "all"
    assert "rose against all after" in result.headline and "times the earlier ratio" in result.headline
    assert not any("earlier level" in s for s in result.sentences)


def test_every_other_form_is_of_the_share_too() -> None:
    """Part and whole fell to a tenth alike: the counts move, the share does not, and no line may mix the two."""
    part, whole = halves(1.0)
    part[AT:], whole[AT:] = np.round(part[AT:] / 10), np.round(whole[AT:] / 10)
    result = ran(part, whole)
    span, forms = result.diagnostics.leave_one_out, result.diagnostics.trend_forms
    assert span is not None and forms is not None and result.diagnostics.drop_last is not None
    assert min(*span, *forms, result.diagnostics.drop_last) > 0.5 and max(*span, *forms) < 2
    told_ = {e.name for e in result.forest}
    assert {"trend_spline", "no_trend", "leave_one_out", "drop_last"} <= told_
    assert not {"ar1", "local_level"} & told_  # models of counts


@pytest.mark.parametrize("at", [AT + 7, AT + 2])
def test_a_share_that_rests_on_one_month_is_fragile(at: int) -> None:
    part, whole = halves(1.0)
    part[at] = np.round(0.995 * whole[at])
    result = ran(part, whole)
    assert result.label == "FRAGILE" and result.exit_code == 17
    assert result.points[at].day.strftime("%B %Y") in result.headline


def test_without_each_period_is_the_estimate_of_a_plan_that_left_it_out() -> None:
    part, whole = halves(2.0)
    before = ran(part, whole)
    gap = part.copy()
    gap[-1] = np.nan
    after = ran(gap, whole, data__missing_periods="leave_out")
    assert after.primary is not None
    assert before.diagnostics.drop_last == pytest.approx(after.primary.ratio, rel=1e-9)


def test_a_control_series_gives_a_ratio_to_it() -> None:
    made = {"estimator": "controlled_its", "control": "other", "harmonics": 1}
    result = run(
        plan_of(told(primary=made)), loaded(series(counts(4.0)), series(counts(seed=5), name="other")), standing=PLANNED
    )  # fmt: skip
    assert result.answer == "rose" and "rose against other" in result.headline
    assert result.primary is not None and result.primary.words == "Ratio to other"


# --- what it refuses


def test_a_change_of_form_is_not_modelled_in_a_share() -> None:
    change = (DefinitionChange(date(2023, 1, 1), "another form"),)
    part, whole = halves(3.0)
    made = loaded(series(part, definition_changes=change), series(whole, name="all"))
    result = run(plan_of(told(primary=SHARE, data__definition_changes="model")), made, standing=PLANNED)
    assert result.exit_code == 16 and result.primary is None
    # beside an analysis that models it, the share is left out with the reason
    made_beside = plan(
        secondary=[{"estimator": "binomial_ratio", "denominator": "all"}], data__definition_changes="model"
    )
    beside = run(made_beside, made, standing=PLANNED)
    assert not any(e.name == "binomial_ratio" for e in beside.forest)
    assert any("another form" in f.sentence for f in beside.flags if f.code == "not_run")


def test_a_whole_that_changed_its_form_is_a_sentence() -> None:
    part, whole = halves(3.0)
    changed = series(whole, name="all", definition_changes=(DefinitionChange(date(2023, 1, 1), "another form"),))
    with pytest.raises(WatchError, match="another form"):
        run(plan_of(told(primary=SHARE)), loaded(series(part), changed), standing=PLANNED)


def test_a_control_that_changed_its_form_is_no_control() -> None:
    changed = series(
        counts(seed=5), name="other", definition_changes=(DefinitionChange(date(2023, 1, 1), "a new code"),)
    )
    result = run(plan(controls=[{"series": "other"}]), loaded(series(counts(10.7)), changed), standing=PLANNED)
    assert not any(e.role == "control" for e in result.forest)
    assert any("a new code" in f.sentence for f in result.flags if f.code == "not_run")


def test_odds_give_no_number_of_people() -> None:
    chain = {"factors": [{"name": "share", "low": 0.1, "middle": 0.2, "high": 0.3, "source": "invented"}]}
    with pytest.raises(PlanError, match="gives no number of people"):
        plan_of(told(primary=SHARE, exposure=chain))
