"""The periods of a report and the days on which it is due, by the rules of its definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from brightline.report.statutory.definition import Definition, PeriodRule

_QUARTERS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From one day to another, both included, by the agency's clock."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def name(self) -> str:
        """In words: "2026", "year to 30 June 2026", "third quarter of 2026", "October 2026"."""
        first, last = self.first, self.last
        if (first.month, first.day, last.month, last.day, first.year) == (1, 1, 12, 31, last.year):
            return str(last.year)
        if first.day == 1 and (last + timedelta(days=1)).day == 1:
            months = (last.year - first.year) * 12 + last.month - first.month + 1
            if months == 1:
                return f"{last:%B %Y}"
            if months == 3 and last.month % 3 == 0:
                return f"{_QUARTERS[last.month // 3 - 1]} quarter of {last.year}"
            if months == 12:
                return f"year to {last.day} {last:%B %Y}"
        return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


@dataclass(frozen=True, slots=True)
class Due:
    """One report that an agency owes. `day` is None where the law sets no day; it can be filed from `opens` on."""

    report: str  # the definition's id
    title: str
    citation: str
    agency: str
    period: Period
    opens: date
    day: date | None
    nil: str  # what is filed if there was nothing: report, certify or none
    why: str  # the law on the day


def period_of(definition: Definition, day: date) -> Period:
    """The period of the report in which a day lies."""
    rule = definition.period
    if rule.kind == "month":
        return Period(day.replace(day=1), _month_end(day.year, day.month))
    if rule.kind == "quarter":
        month = day.month - (day.month - 1) % 3
        return Period(date(day.year, month, 1), _month_end(day.year, month + 2))
    last = _year_end(rule, day.year)
    year = day.year if day <= last else day.year + 1
    return Period(_year_end(rule, year - 1) + timedelta(days=1), _year_end(rule, year))


def periods(definition: Definition, first: date, last: date) -> Iterator[Period]:
    """Every period that has a day between `first` and `last`, and for which the law asks for a report."""
    start = definition.period.first
    day = first
    while day <= last:
        period = period_of(definition, day)
        if start is None or period.first >= start:
            yield period
        day = period.last + timedelta(days=1)


def due_day(definition: Definition, period: Period) -> date | None:
    """The first such day of the year after the period's end; None if the law sets no day."""
    if definition.due.rule == "none":
        return None
    month, day = (int(part) for part in definition.due.month_day.split("-"))
    found = date(period.last.year, month, day)
    return found if found > period.last else date(period.last.year + 1, month, day)


def due(definition: Definition, agency: str, today: date, *, behind: int = 92, ahead: int = 366) -> list[Due]:
    """What the agency owes by this definition, with a day from `behind` days ago to `ahead` days from now.

    Where the law sets no day, the day on which the period is over stands for it. Empty if the agency files no such
    report; if the vocabulary has no actor for those who file (`definition.files` is None), the caller decides.
    """
    if definition.files(agency) is False:
        return []
    found = []
    span = timedelta(days=behind), timedelta(days=ahead)
    for period in periods(definition, today - span[0] - timedelta(days=732), today + span[1]):
        opens = period.last + timedelta(days=1)
        day = due_day(definition, period)
        if today - span[0] <= (day or opens) <= today + span[1]:
            found.append(
                Due(
                    definition.id,
                    definition.title,
                    definition.citation,
                    agency,
                    period,
                    opens,
                    day,
                    definition.nil.rule,
                    definition.due.why,
                )
            )
    return found


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _year_end(rule: PeriodRule, year: int) -> date:
    month, day = (int(part) for part in rule.ends.split("-"))
    return _month_end(year, 2) if rule.ends == "02-28" else date(year, month, day)
