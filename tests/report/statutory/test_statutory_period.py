"""Periods, the days on which reports are due, and the calendar of them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar

from brightline.report.statutory.calendar import feed
from brightline.report.statutory.period import Due, Period, due, due_day, period_of, periods
from tests.report.statutory import made

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("id", "day", "first", "last", "name"),
    [
        ("nyc-14-154-f", "2026-06-30", "2025-07-01", "2026-06-30", "year to 30 June 2026"),
        ("nyc-14-154-f", "2026-07-01", "2026-07-01", "2027-06-30", "year to 30 June 2027"),
        ("nyc-10-178-d", "2026-12-31", "2026-10-01", "2026-12-31", "fourth quarter of 2026"),
        ("nyc-10-178-d", "2024-02-29", "2024-01-01", "2024-03-31", "first quarter of 2024"),
        ("or-181a-826-3", "2024-02-29", "2024-02-01", "2024-02-29", "February 2024"),
        ("or-181a-826-3", "2026-12-01", "2026-12-01", "2026-12-31", "December 2026"),
        ("dc-24-211-07-d", "2026-01-01", "2026-01-01", "2026-12-31", "2026"),
    ],
)
def test_the_period_in_which_a_day_lies(id: str, day: str, first: str, last: str, name: str) -> None:
    period = period_of(made.definitions()[id], date.fromisoformat(day))
    assert (period.first.isoformat(), period.last.isoformat(), period.name) == (first, last, name)


@pytest.mark.parametrize("id", sorted(made.definitions()))
def test_periods_leave_no_day_out_and_count_none_twice(id: str) -> None:
    found = list(periods(made.definitions()[id], date(2021, 1, 1), date(2029, 12, 31)))
    start = made.definitions()[id].period.first
    assert start is None or found[0].first >= start
    assert all(b.first == a.last + timedelta(days=1) for a, b in pairwise(found))


def test_no_report_is_due_for_a_time_before_the_duty() -> None:
    """Local Law 228 of 2017: the first report of the police, due 1 September 2018, is for the year to June 2018."""
    first = next(periods(made.definitions()["nyc-14-154-f"], date(2016, 1, 1), date(2020, 1, 1)))
    assert (first.last, due_day(made.definitions()["nyc-14-154-f"], first)) == (date(2018, 6, 30), date(2018, 9, 1))


@pytest.mark.parametrize(
    ("id", "day"),
    [
        ("nyc-9-131-f", date(2026, 9, 1)),
        ("nyc-9-205-f", date(2026, 9, 1)),
        ("dc-24-211-07-d", date(2027, 1, 1)),
        ("nyc-10-178-d", None),
        ("il-805-25", None),
    ],
)
def test_the_day_on_which_a_report_is_due(id: str, day: date | None) -> None:
    definition = made.definitions()[id]
    assert due_day(definition, period_of(definition, date(2026, 6, 30))) == day


def test_what_the_police_owe_now() -> None:
    found = due(made.definitions()["nyc-14-154-f"], "nypd", TODAY)
    assert [(d.period.name, d.day, d.nil) for d in found] == [
        ("year to 30 June 2026", date(2026, 9, 1), "report"),
        ("year to 30 June 2027", date(2027, 9, 1), "report"),
    ]


def test_an_agency_owes_no_report_of_another() -> None:
    assert due(made.definitions()["nyc-14-154-f"], "nyc_doc", TODAY) == []
    assert made.definitions()["nyc-14-154-f"].files("nyc_doc") is False


def test_where_the_vocabulary_names_no_filer_nobody_can_tell_who_files() -> None:
    definition = made.definitions()["il-805-25"]
    assert definition.files("law_enforcement_agency") is None
    assert [d.period.name for d in due(definition, "law_enforcement_agency", TODAY)] == ["2026"]


def test_an_oregon_police_agency_is_a_public_body() -> None:
    assert made.definitions()["or-181a-826-3"].files("or_law_enforcement") is True


# --- the feed


def everything() -> list[Due]:
    return [d for x in made.definitions().values() for d in due(x, (x.filers or ("nyc_agency",))[0], TODAY)]


def test_the_feed_is_a_calendar_of_whole_days_with_two_alarms() -> None:
    dues = everything()
    calendar = Calendar.from_ical(feed(dues, made=TODAY))
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//Brightline//Statutory reports//EN")
    events = calendar.walk("VEVENT")
    assert len(events) == len(dues) > 20
    police = next(e for e in events if e["uid"] == "nyc-14-154-f.nypd.20250701-20260630@brightline")
    assert police["dtstart"].dt == date(2026, 9, 1) and police["dtend"].dt == date(2026, 9, 2)
    assert police["dtstart"].params["VALUE"] == "DATE"
    assert [a["trigger"].dt for a in police.walk("VALARM")] == [timedelta(days=-14), timedelta(days=-3)]
    assert police["summary"].startswith("Due: Detainers and requests received by the Police Department, year to")


def test_a_report_without_a_day_says_so_and_rings_no_alarm() -> None:
    feed_ = Calendar.from_ical(feed(everything(), made=TODAY))
    event = next(e for e in feed_.walk("VEVENT") if e["uid"].startswith("nyc-10-178-d.nyc_agency.20260701-20260930"))
    assert event["dtstart"].dt == date(2026, 10, 1)
    assert event["summary"].startswith("Can be filed from today (the law sets no day): ")
    assert event.walk("VALARM") == []


def test_identifiers_are_stable_and_each_stands_once() -> None:
    first, later = feed(everything(), made=TODAY), feed(everything(), made=TODAY + timedelta(days=1))
    ids = [[str(e["uid"]) for e in Calendar.from_ical(f).walk("VEVENT")] for f in (first, later)]
    assert ids[0] == ids[1] and len(set(ids[0])) == len(ids[0])
    assert first == feed(reversed(everything()), made=TODAY)


def test_lines_of_the_feed_keep_to_the_rfc() -> None:
    """RFC 5545 § 3.1: lines end with CRLF and have at most 75 octets."""
    lines = feed(everything(), made=TODAY).split(b"\r\n")
    assert max(map(len, lines)) <= 75 and not any(b"\n" in line for line in lines)


def test_a_period_of_no_name_is_told_by_its_days() -> None:
    assert Period(date(2026, 2, 3), date(2026, 5, 4)).name == "3 February 2026 to 4 May 2026"
