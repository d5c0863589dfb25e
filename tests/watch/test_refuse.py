"""The ten refusals: each with its exit code, a reason, and what would be needed instead; and bad data, each a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from brightline.watch.problems import WatchError
from brightline.watch.refuse import by_plan, code, wants_cause
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from brightline.watch.series import DefinitionChange, Series, from_records
from brightline.watch.words import say
from tests.watch.invented import AT, counts, loaded, plan, series

PLANNED = Standing(True, "", 1)


def ran(made: Series | None = None, *others: Series, standing: Standing = PLANNED, **changes: Any) -> Result:
    return run(plan(changes), loaded(made or series(counts(10.7)), *others), standing=standing)


def refused(result: Result, rule: int) -> bool:
    """Whether this rule refused, with its code, a reason and what is needed."""
    found = [r for r in result.refusals if r.rule == rule]
    for one in found:
        assert one.code == 9 + rule and one.name == say(f"rule_{rule}", "en")
        assert one.reason.endswith(".") and one.needed.endswith(".")
    return bool(found)


def test_each_rule_has_its_own_exit_code() -> None:
    assert [code(rule) for rule in range(1, 11)] == list(range(10, 20))


# --- 1


def test_causal_words_need_more_than_a_jump() -> None:
    result = ran(hypothesis__claim="causal")
    assert refused(result, 1) and result.exit_code == 10
    assert result.answer == "rose" and result.words == "coincides"
    assert "a control" in result.refusals[0].reason
    assert "coincides with" in result.headline


def test_with_everything_shown_causal_words_are_allowed() -> None:
    other = series(counts(seed=5), name="other")
    result = ran(None, other, hypothesis__claim="causal", controls=[{"series": "other"}])
    assert not result.refusals and result.words == "causal"
    assert "raised" in result.headline


@pytest.mark.parametrize(
    "change, lacks",
    [({"policy__source": ""}, "a source for the date"), ({"controls": []}, "a control"), ({}, "logged before")],
)
def test_what_is_missing_for_a_cause_is_named(change: dict[str, Any], lacks: str) -> None:
    standing = PLANNED if change else Standing(False, "why_no_log", 1)
    changes = {"controls": [{"series": "other"}], "hypothesis__claim": "causal", **change}
    result = ran(None, series(counts(seed=5), name="other"), standing=standing, **changes)
    assert refused(result, 1) and lacks in result.refusals[0].reason


def test_a_control_that_moved_takes_the_cause_away() -> None:
    other = series(counts(4.0, seed=5), name="other")
    result = ran(None, other, hypothesis__claim="causal", controls=[{"series": "other"}])
    assert refused(result, 1) and "moved" in result.refusals[0].reason


@pytest.mark.parametrize(
    "claim, causal",
    [
        ("Summonses rose because of the order.", True),
        ("The order led to more summonses.", True),
        ("The order raised summonses.", True),
        ("Las citaciones subieron debido a la orden.", True),
        ("Summonses rose, which coincides with the order.", False),
        ("Summonses rose; this does not show what caused it.", False),
        ("Las citaciones subieron después de la orden.", False),
    ],
)
def test_causal_words_are_known_in_the_claim(claim: str, causal: bool) -> None:
    assert wants_cause(plan(claims={"if_significant": claim})) is causal


# --- 2


def test_poisson_errors_are_refused_when_counts_vary_more() -> None:
    result = ran(primary__inference="poisson")
    assert refused(result, 2) and result.exit_code == 11 and result.answer == "refused"
    assert result.primary is None and "placebo_t" in result.refusals[0].needed


def test_poisson_errors_are_allowed_for_poisson_counts() -> None:
    values = np.random.default_rng(3).poisson(200 * np.where(np.arange(128) >= AT, 3.0, 1.0)).astype(float)
    assert not ran(series(values), primary__inference="poisson").refusals


def test_newey_west_is_refused_with_few_periods_after() -> None:
    result = ran(primary__inference="newey_west")
    assert refused(result, 2) and "30 are needed" in result.refusals[0].reason


def test_two_numbers_alone_are_refused() -> None:
    pair = {"estimator": "two_counts", "before": {"count": 561}, "after": {"count": 6000}}
    result = ran(primary=pair)
    assert refused(result, 2) and result.answer == "refused" and result.primary is None


# --- 3


def test_two_way_regression_on_staggered_dates_is_refused() -> None:
    dates = {"a": date(2025, 4, 28), "b": date(2025, 6, 1)}
    for estimator in ("twfe", "ppml_event_study"):
        found = by_plan(plan(primary={"estimator": estimator, "dates": dates}))
        assert [r.rule for r in found] == [3] and "callaway_santanna" in found[0].needed


# --- 4


def test_reporting_fell_is_refused_from_reported_crime() -> None:
    changes = {"data__measures": "reported_crime", "claims": {"if_significant": "Reporting fell after the raids."}}
    assert [r.code for r in by_plan(plan(changes))] == [13]
    with_survey = {**changes, "controls": [{"series": "victims", "role": "reporting_free"}]}
    assert by_plan(plan(with_survey)) == []


@pytest.mark.parametrize("claim", ["People stopped reporting crimes.", "Victims were less likely to call.",
                                   "Las víctimas dejaron de denunciar."])  # fmt: skip
def test_the_same_in_other_words(claim: str) -> None:
    assert [r.rule for r in by_plan(plan(claims={"if_significant": claim}))] == [4]


def test_that_calls_fell_may_be_said() -> None:
    claim = "Calls from these districts fell, which coincides with the operation."
    assert by_plan(plan(claims={"if_significant": claim}, data__measures="citizen_calls")) == []


# --- 5


def test_no_effect_needs_a_bound() -> None:
    changes = {"claims": {"if_not": "The order had no effect on summonses."}, "hypothesis": {"direction": "up"}}
    result = ran(series(counts()), **changes)
    assert refused(result, 5) and result.answer == "could not be told"


def test_no_effect_is_refused_when_large_effects_fit() -> None:
    noisy = series(counts(mean=30, size=2.0))
    result = ran(noisy, claims={"if_not": "No effect was seen."}, hypothesis__smallest_effect_of_interest=1.1)
    assert refused(result, 5) and result.exit_code == 14


def test_no_change_larger_than_the_bound_may_be_said() -> None:
    result = ran(series(counts()), claims={"if_not": "No change larger than a half was seen."})
    assert not result.refusals and result.answer == "no change larger than"
    assert "50 percent" in result.headline


# --- 6


def test_percentages_of_few_events_are_refused() -> None:
    result = ran(series(counts(1.0, mean=2.0, size=50.0)))
    assert refused(result, 6) and result.exit_code == 15 and result.primary is None
    assert "says nothing" in result.headline


def test_a_raw_ranking_is_refused() -> None:
    found = by_plan(plan(multiplicity={"ranking": "raw"}))
    assert [r.rule for r in found] == [6] and "shrunk" in found[0].needed


# --- 7


CHANGE = (DefinitionChange(date(2023, 1, 1), "another form"),)


def test_a_break_where_the_form_changed_is_refused() -> None:
    result = ran(series(counts(), definition_changes=CHANGE))
    assert refused(result, 7) and result.exit_code == 16
    assert "another form" in result.refusals[0].reason


def test_a_modelled_change_of_form_is_not_a_break() -> None:
    values = counts(3.0)
    values[92:] = np.round(values[92:] * 0.3)  # the form changes in January 2023
    changed = series(values, definition_changes=CHANGE)
    result = ran(changed, data__definition_changes="model")
    assert result.answer == "rose" and result.primary is not None
    assert result.primary.low < 3.0 < result.primary.high  # type: ignore[operator]
    assert any(f.code == "definition" for f in result.flags)


def test_a_change_of_form_in_the_same_month_cannot_be_modelled() -> None:
    same = (DefinitionChange(date(2025, 4, 1), "another form"),)
    assert refused(ran(series(counts(3.0), definition_changes=same), data__definition_changes="model"), 7)


def test_different_populations_are_not_joined() -> None:
    bikes, all_ = series(counts(), group="e-bikes"), series(counts(10.7), group="all cyclists")
    result = ran(bikes, all_)
    assert refused(result, 7) and "e-bikes" in result.refusals[0].reason
    assert not ran(bikes, all_, data__group="all cyclists").refusals


def test_published_numbers_of_two_populations_are_not_a_ratio() -> None:
    pair = {"estimator": "two_counts", "before": {"count": 553, "population": "e-bikes"},
            "after": {"count": 6000, "population": "all cyclists"}}  # fmt: skip
    assert [r.rule for r in by_plan(plan(secondary=[pair]))] == [7]


# --- 8: in test_traps


# --- 9


@pytest.mark.parametrize(
    "question, allowed",
    [
        ("Did immigrants stop calling the police?", False),
        ("Did undocumented residents call less?", False),
        ("Did calls by immigrants fall?", False),
        ("¿Los inmigrantes llamaron menos?", False),
        ("Did calls fall in districts with a high immigrant share?", True),
        ("Did calls from districts with a high Hispanic share fall?", True),
    ],
)
def test_shares_of_an_area_say_nothing_of_a_person(question: str, allowed: bool) -> None:
    found = by_plan(plan(question=question, data__measures="citizen_calls", data__unit="district"))
    assert [r.rule for r in found] == ([] if allowed else [9])


# --- 10


def test_a_date_from_the_data_is_not_tested_on_them() -> None:
    result = ran(policy__date_chosen_from="data")
    assert refused(result, 10) and result.exit_code == 19 and result.primary is None
    assert [c.mode for c in result.changes] == [date(2025, 5, 1)]  # what the data show is offered instead


def test_a_date_without_a_source_that_was_seen_in_the_data_is_the_same() -> None:
    seen = Standing(False, "why_seen", 1)
    result = ran(policy__source="", data__outcome_seen=True, standing=seen)
    assert refused(result, 10) and result.answer == "refused"


# --- data that cannot be used: each a sentence, none a number


def gone(*at: int, value: float = np.nan) -> Series:
    values = counts(2.0)
    values[list(at)] = value
    return series(values)


@pytest.mark.parametrize(
    "made, said",
    [
        (lambda: gone(10, 20), "2 of 128 periods are missing"),
        (lambda: gone(60, 61, value=0.0), "zero beside periods with many events"),
        (lambda: gone(126, 127, value=0.0), "zero beside periods with many events"),
        (lambda: gone(30, value=-4.0), "negative"),
        (lambda: series(np.where(np.arange(128) < AT, counts(), 0.0)), "every count after the date is zero"),
        (lambda: series(counts()[:100]), "outside the data"),
        (lambda: replace(series(counts()), start=date(2015, 7, 1)), "the plan asks for"),
        (lambda: series(counts(), period="quarter", start=date(1995, 4, 1)), "counted by quarter"),
        (lambda: series(counts(), name="other"), "There is no series `summonses`"),
    ],
    ids=["missing", "zeros", "ends", "negative", "all-zero-after", "outside", "too-early", "mixed-periods", "name"],
)  # fmt: skip
def test_bad_data_are_a_sentence(made: Any, said: str) -> None:
    with pytest.raises(WatchError, match=said):
        ran(made())


def test_a_zero_that_chance_gives_is_a_zero() -> None:
    """Counts of 15 in a middle month that jump as much as these do reach zero by themselves once in a few years."""
    values = counts(2.0, mean=15, size=3.0)
    values[60] = 0.0
    assert ran(series(values)).answer != "refused"
    calm = counts(2.0, mean=15, size=1e6)
    calm[60] = 0.0
    with pytest.raises(WatchError, match="zero beside periods with many events"):
        ran(series(calm))


def test_duplicated_rows_and_mixed_periods_are_a_sentence() -> None:
    with pytest.raises(WatchError, match="told twice"):
        from_records([(date(2020, 1, 1), 3), (date(2020, 1, 1), 4)], name="a", place="b", period="month")
    with pytest.raises(WatchError, match="mixes periods"):
        from_records([(date(2020, 1, 1), 3), (date(2020, 1, 8), 4)], name="a", place="b", period="month")


def test_too_few_periods_are_a_sentence() -> None:
    with pytest.raises(WatchError, match="needed"):
        ran(data__from="2024-10")


def test_one_unit_is_a_sentence() -> None:
    with pytest.raises(WatchError, match="one unit only"):
        ran(primary={"estimator": "ppml_event_study", "exposed": ["Exampleville"]})


def test_missing_months_may_be_left_out_where_the_plan_says_so() -> None:
    result = ran(gone(10, 20), data__missing_periods="leave_out")
    assert result.diagnostics.missing_periods == 2
    assert any("missing is not zero" in s for s in result.sentences)
