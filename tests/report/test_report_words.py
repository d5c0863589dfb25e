"""What the report says: never a rate without its denominator, never "not barred" as if it were "authorised"."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from itertools import pairwise

import pytest

from brightline.law.pack import Law
from brightline.law.tree import Span
from brightline.report import sentences, words
from brightline.report.content import content
from brightline.report.ink import COLOUR, lightness
from brightline.report.shapes import Content
from tests.report import made

VERDICTS = list(words.SAID)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_share_says_when_more_are_unknown_than_counted() -> None:
    assert plain(words.share(12, 834, 812)) == "12 of 834 (1.4%; nobody can tell for 812)"
    assert plain(words.share(500, 834, 12)) == "500 of 834 (60%)"
    assert plain(words.rate(12, 834, 812)) == "1.4%; unknown: 97%"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 834, "0%"),
        (834, 834, "100%"),
        (833, 834, "99.9%"),
        (1, 9999, "under 0.1%"),
        (9998, 9999, "over 99.9%"),
        (0, 0, "–"),
    ],
)
def test_a_percentage_is_whole_only_when_it_is(part: int, whole: int, said: str) -> None:
    assert words.percent(part, whole) == said


def test_the_last_day_in_force_is_named_not_the_day_after() -> None:
    assert words.span(Span(date(2013, 7, 16), date(2014, 12, 14))) == "in force from 16 July 2013 to 13 December 2014"
    assert words.span(Span(date(2014, 12, 14), None)) == "in force since 14 December 2014"


def test_citations_name_their_code_once() -> None:
    assert (
        words.citations(["A. Code § 1(a)", "A. Code § 2", "8 U.S.C. § 1373(a)"])
        == "A. Code § 1(a), § 2, 8 U.S.C. § 1373(a)"
    )


def test_verdicts_can_be_told_apart_in_grey() -> None:
    steps = [lightness(COLOUR[v]) for v in VERDICTS]
    assert all(b - a >= 10 for a, b in pairwise(steps)), steps


def test_the_first_sentence_says_that_the_records_cannot_show_it(small_law: Law) -> None:
    rows = [made.finding()] * 8 + [made.barred()] * 2
    assert sentences.lede(made.frame(*rows), "detainer") == (
        "For 8 of 10 detainers, these records cannot show whether the law in force that day barred what was asked."
    )
    assert sentences.lede(made.frame(*rows[:8]), "detainer").startswith("For not one of 8 detainers can these records")
    assert sentences.lede(made.frame(*rows[8:]), "detainer") == (
        "The law in force that day barred what was asked in 2 of 2 detainers."
    )


def test_the_summary_says_between_what_the_number_barred_lies(small_law: Law) -> None:
    findings = made.frame(*[made.finding()] * 8, *[made.barred()] * 2)
    told = dict(sentences.paragraphs(findings, small_law, made.about(), ()))
    assert plain(told["What was barred."]) == (
        "Barred: 2 of 10 (20%; nobody can tell for 8). The true number lies between 2 and 10."
    )


def test_the_paper_on_the_desk_is_asked_for_before_the_letter(small_law: Law) -> None:
    findings = made.frame(*[made.finding(settled_by="required_by_federal_law or judicial_warrant_with_detainer")] * 3)
    told = dict(sentences.paragraphs(findings, small_law, made.about(), ()))["What would settle the rest."]
    assert "Was a warrant signed by a federal judge" in told and "which the warrant shows" in told
    assert "That answer alone can settle 3 of the 3" in told


def test_what_was_done_is_not_what_was_barred(small_law: Law) -> None:
    findings = made.frame(made.barred(done="hold_past_release"), made.barred(), made.barred())
    told = dict(sentences.paragraphs(findings, small_law, made.about(), ()))["What was done."]
    assert plain(told).endswith("Of those that were barred: done in 1 of 3 (33%; not recorded for 2).")


def test_no_rate_stands_without_its_unknowns(told: Content) -> None:
    for grid in [g for p in told.parts for g in p.grids]:
        labels = [c.label for c in grid.columns]
        if "share barred" in labels:
            assert labels[labels.index("share barred") + 1] == "share unknown"
    unknown = sum(int(e.count) for e in told.ledger if e.verdict in ("unsettled", "contested"))
    for entry in told.ledger:
        if entry.verdict not in ("unsettled", "contested") and int(entry.count) < unknown:
            assert "unknown" in entry.share, entry


def test_every_table_of_counts_states_of_how_many(told: Content) -> None:
    grids = [g for p in told.parts for g in p.grids] + [g for k in told.clauses for g in k.grids]
    for grid in grids:
        if any(c.kind == "number" for c in grid.columns):
            assert re.search(r"\d", grid.caption), grid.caption
        assert all(len(row) == len(grid.columns) for row in grid.rows), grid.caption


def test_not_barred_is_never_authorised_or_allowed(told: Content, small_law: Law) -> None:
    ours = asdict(told)
    for clause in ours["clauses"]:
        del clause["versions"]  # the law's own words
    text = str(ours).replace(words.NOT_AUTHORISED, "").replace("That is not the same as authorised.", "")
    assert not re.search(r"authori[sz]ed|allowed|permitted|lawful", text, re.IGNORECASE)
    assert words.NOT_AUTHORISED in told.cautions


def test_a_day_of_law_for_all_is_said_and_draws_no_changes(findings: object, small_law: Law) -> None:
    told = content(findings, small_law, made.about(as_of=date(2015, 1, 1)))  # type: ignore[arg-type]
    assert any("The law of one day, 1 January 2015" in text for _, text in told.paragraphs)
    assert not any("the law changed" in g.caption for p in told.parts for g in p.grids)


def test_each_text_of_a_clause_is_quoted_with_its_days(told: Content) -> None:
    page = next(k for k in told.clauses if k.norm == "us-ny-nyc/14-154:b.1")
    old, new = page.versions
    assert old.when == "in force from 16 July 2013 to 13 December 2014"
    assert old.text[0].startswith(
        "b. Prohibition on honoring a civil immigration detainer. 1. The department shall not"
    )
    assert new.when == "in force since 14 December 2014"
    assert ("Review", "Not reviewed by counsel") in page.about
    assert page.sources == ["https://legistar.council.nyc.gov/LegislationDetail.aspx?ID=1265017"]


def test_fifty_contacts_are_shown_strictest_first_and_the_rest_is_named(told: Content, small_law: Law) -> None:
    findings = made.frame(*[made.finding()] * 60, made.barred())
    page = content(findings, small_law, made.about()).clauses[0]
    contacts = page.grids[-1]
    assert len(contacts.rows) == 50 and "barred" in contacts.rows[0]
    assert "50 of 61" in contacts.caption and "findings.csv" in contacts.caption


def test_a_persons_columns_stay_out_of_the_report(told: Content) -> None:
    assert "SECRETNAME" not in str(told)
    assert "BRONX CENTRAL BOOKING" in str(told)
