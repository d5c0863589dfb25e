"""The tables of the report: whatever the findings, counts add up to the denominator that the table states."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightline.law.pack import Law
from brightline.reason.program import VERDICTS
from brightline.report import ReportError, tables
from tests.report import made

LAW = made.small_law()
NORMS = ["us-ny-nyc/14-154:b.1", "us-ny-nyc/9-131:b.1", "us/8-usc-1373:a"]
SETS = ["judicial_warrant_with_detainer", "required_by_federal_law", "covered_case"]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    verdict = draw(st.sampled_from(VERDICTS))
    norms = draw(st.lists(st.sampled_from(NORMS), max_size=3, unique=True))
    sets = draw(st.lists(st.lists(st.sampled_from(SETS), min_size=1, unique=True), max_size=3))
    return made.finding(
        date=draw(st.none() | st.dates(date(2012, 1, 1), date(2026, 12, 31))),
        actor=draw(st.sampled_from([None, "nypd", "nyc_doc"])),
        verdict=verdict, as_verified=draw(st.sampled_from(VERDICTS)),
        norm="; ".join(norms) or None, clause="; ".join(norms) or None,
        exception=draw(st.sampled_from([None, "§ 14-154(d)"])), rests_on=draw(st.sampled_from([None, "covered_case"])),
        settled_by=" or ".join(" and ".join(s) for s in sets) or None,
        done=draw(st.sampled_from(["", "hold_past_release", "notify_release place_alert"])),
        action=draw(st.sampled_from([None, "honor_detainer", "hold_past_release"])),
    )  # fmt: skip


@given(st.lists(rows(), max_size=25))
@settings(max_examples=150, deadline=None)
def test_counts_add_up_to_the_denominator(some: list[dict[str, object]]) -> None:
    findings = made.frame(*some)
    for table in (tables.by_month(findings), tables.by_agency(findings), tables.by_year(tables.by_month(findings))):
        assert table.frame["total"].sum() == table.denominator == findings.height
        assert_rows_add_up(table.frame)
    assert tables.by_month_agency(findings).frame["count"].sum() == findings.height
    assert sum(tables.by_verdict(findings).values()) == findings.height
    alone = tables.verified_alone(findings).frame
    assert alone["as_stated"].sum() == alone["as_verified"].sum() == findings.height
    assert tables.happened(findings, LAW.vocabulary).frame["total"].sum() == findings.height
    periods = tables.by_law_period(findings, [date(2013, 7, 16), date(2014, 12, 14)])
    assert periods.frame["total"].sum() == periods.denominator
    assert_rows_add_up(periods.frame)
    assert tables.exceptions(findings).frame["count"].sum() == tables.exceptions(findings).denominator
    assert tables.rests_on(findings).frame["count"].sum() == tables.rests_on(findings).denominator


@given(st.lists(rows(), max_size=25))
@settings(max_examples=150, deadline=None)
def test_a_contact_counts_once_under_each_clause_it_names(some: list[dict[str, object]]) -> None:
    findings = made.frame(*some)
    table = tables.by_clause(findings)
    assert table.denominator == findings["norm"].is_not_null().sum()
    assert_rows_add_up(table.frame)
    for row in table.frame.iter_rows(named=True):
        assert row["total"] == tables.of_clause(findings, row["norm"]).height <= table.denominator


@given(st.lists(rows(), max_size=25))
@settings(max_examples=150, deadline=None)
def test_no_record_settles_more_than_are_open(some: list[dict[str, object]]) -> None:
    findings = made.frame(*some)
    facts, sets = tables.settling_facts(findings, LAW.vocabulary), tables.settling_sets(findings)
    assert facts.denominator == sets.denominator == findings.filter(pl.col("verdict") == "unsettled").height
    for row in facts.frame.iter_rows(named=True):
        assert 0 < row["alone"] + row["together"] <= facts.denominator
        single = sets.frame.filter(pl.col("facts") == row["fact"])["can_settle"].sum()
        assert single == row["alone"]
    assert sets.frame["ask_first"].sum() <= sets.denominator


def assert_rows_add_up(frame: pl.DataFrame) -> None:
    assert frame.select(pl.sum_horizontal(VERDICTS) == pl.col("total")).to_series().all()


def test_months_without_contacts_stand_as_zeros() -> None:
    findings = made.frame(
        made.finding(date=date(2014, 11, 3)), made.finding(date=date(2015, 2, 1)), made.finding(date=None)
    )
    months = tables.by_month(findings).frame
    assert months["month"].to_list() == ["2014-11", "2014-12", "2015-01", "2015-02", "unknown"]
    assert months["total"].to_list() == [1, 0, 0, 1, 1]


def test_a_mistyped_year_makes_no_hundred_years_of_empty_months() -> None:
    findings = made.frame(made.finding(date=date(1014, 11, 3)), made.finding(date=date(2015, 2, 1)))
    assert tables.by_month(findings).frame.height == 2


def test_an_action_is_done_when_one_below_it_is() -> None:
    findings = made.frame(
        made.barred(action="honor_detainer", done="notify_release"),
        made.barred(action="hold_past_release", done="notify_release"),
        made.barred(action="hold_past_release", not_done="hold_past_release"),
        made.barred(action=None, done=None),
    )
    assert tables.was_done(findings, LAW.vocabulary)["happened"].to_list() == ["done", "unknown", "not done", "unknown"]


def test_an_empty_cell_is_unknown_like_a_missing_one() -> None:
    findings = made.frame(made.finding(done=None, lift_reason=""), made.finding(done="", lift_reason="Lifted"))
    unknown = dict(tables.unknowns(findings, LAW.vocabulary).frame.select("column", "unknown").iter_rows())
    assert unknown["done"] == 2 and unknown["lift_reason"] == 1 and unknown["date"] == 0


def test_words_of_a_closed_list_are_read_as_text() -> None:
    coded = made.many(20).with_columns(pl.col("verdict").cast(pl.Enum(VERDICTS)), pl.col("actor").cast(pl.Categorical))
    assert tables.checked(coded).schema["verdict"] == pl.String


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop("norm", "clause"), "lack the columns norm, clause"),
        (lambda f: f.with_columns(verdict=pl.lit("allowed")), "verdicts that this report does not know: allowed"),
        (lambda f: f.with_columns(pl.col("date").cast(pl.String)), "holds String, not days"),
    ],
)
def test_findings_that_are_none_are_refused_with_a_sentence(change: object, said: str, small_law: Law) -> None:
    with pytest.raises(ReportError, match=said):
        tables.checked(change(made.many(5)))  # type: ignore[operator]


def test_months_and_agencies_together_count_every_contact() -> None:
    findings = made.many(60)
    table = tables.month_by_agency(findings)
    assert table.frame["total"].sum() == findings.height
    assert table.frame.select(pl.sum_horizontal(pl.exclude("month", "total")) == pl.col("total")).to_series().all()


def test_a_month_that_the_data_cut_is_no_whole_month() -> None:
    days = [date(2014, 10, 2), date(2014, 11, 5), date(2014, 12, 1), date(2015, 1, 31)]
    findings = made.frame(*[made.finding(date=d) for d in days])
    assert tables.whole_months(findings)["month"].to_list() == ["2014-11", "2014-12", "2015-01"]


def test_a_stated_outcome_is_counted_apart_from_what_was_done() -> None:
    findings = made.many(4).with_columns(outcome_stated=pl.Series(["declined", "declined", "lifted", None]))
    assert tables.outcomes(findings).frame.rows() == [("declined", 2), ("lifted", 1), ("unknown", 1)]
    assert tables.outcomes(made.many(4)).denominator == 4
