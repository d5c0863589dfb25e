"""The days on which the law changed: only those that matter to these agencies and requests, within the data."""

from __future__ import annotations

from datetime import date

from brightline.law.pack import Law
from brightline.report.changes import law_changes
from tests.report import made

OCTOBER, JULY = date(2014, 10, 1), date(2015, 7, 18)


def test_the_change_of_14_december_2014_is_found_with_its_sections(small_law: Law) -> None:
    findings = made.frame(made.finding(date=OCTOBER), made.finding(date=JULY, actor="nyc_doc"))
    (change,) = law_changes(findings, small_law, made.PACKS)
    assert change.day == date(2014, 12, 14)
    assert change.label == "§ 14-154, § 9-131"
    assert change.told == "took effect: N.Y.C. Admin. Code § 14-154(b)(1), § 9-131(b)(1)"


def test_a_change_of_another_agencys_law_does_not_count(small_law: Law) -> None:
    findings = made.frame(made.finding(date=OCTOBER), made.finding(date=JULY))
    (change,) = law_changes(findings, small_law, made.PACKS)
    assert change.label == "§ 14-154"


def test_a_change_about_another_action_does_not_count(small_law: Law) -> None:
    findings = made.frame(made.finding(date=OCTOBER), made.finding(date=JULY, asked="place_alert"))
    days = [c.day for c in law_changes(findings, small_law, made.PACKS)]
    assert days == [date(2014, 12, 14), date(2015, 2, 12)]


def test_a_change_outside_the_data_does_not_count(small_law: Law) -> None:
    after = made.frame(made.finding(date=date(2014, 12, 14)), made.finding(date=JULY))
    assert law_changes(after, small_law, made.PACKS) == ()
    assert law_changes(made.frame(made.finding(date=None)), small_law, made.PACKS) == ()
