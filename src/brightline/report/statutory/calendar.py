"""What is due, as a calendar that other programs subscribe to (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from brightline.report.statutory.period import Due

ALARMS = (14, 3)  # days before


def feed(dues: Iterable[Due], *, made: date, name: str = "Reports that are due", host: str = "brightline") -> bytes:
    """An iCalendar feed with one all-day event for each report, and alarms 14 and 3 days before.

    The UID says which report, agency and period it is, so that a calendar that reads the feed again replaces its
    entries (RFC 5545 § 3.8.4.7). `made` is the stamp: the same dues give the same bytes. A report for which the law
    sets no day stands on the first day on which it can be filed, without alarms, and says so.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Brightline//Statutory reports//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    stamp = datetime.combine(made, time(0), UTC)
    for due in sorted(dues, key=lambda d: (d.day or d.opens, d.report, d.agency)):
        calendar.add_component(_event(due, stamp, host))
    return bytes(calendar.to_ical())


def _event(due: Due, stamp: datetime, host: str) -> Event:
    day = due.day or due.opens
    event = Event()
    event.add("uid", f"{due.report}.{due.agency}.{due.period.first:%Y%m%d}-{due.period.last:%Y%m%d}@{host}")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    lead = "Due" if due.day else "Can be filed from today (the law sets no day)"
    event.add("summary", f"{lead}: {due.title}, {due.period.name}")
    event.add("description", f"{due.citation}. Period: {due.period.name}. {due.why} {NIL[due.nil]}")
    for days in ALARMS if due.day else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"Due in {days} days: {due.title}")
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    return event


NIL = {
    "report": "A report is filed even if there was nothing to count.",
    "certify": "If there was nothing, the agency certifies that.",
    "none": "If there was nothing, no report is needed.",
}
