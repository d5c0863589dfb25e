"""Every figure of every report, recomputed by a query that was written from the text of the law."""

from __future__ import annotations

from datetime import date
from functools import cache

import duckdb
import pytest

from brightline.report.statutory.event import Event
from brightline.report.statutory.make import LineMade, make
from brightline.report.statutory.period import Period, periods
from tests.report.statutory import made, queries

FIRST, LAST = date(2025, 5, 1), date(2027, 3, 31)  # the events, and a while after for what followed them
MADE = date(2026, 11, 28)


@cache
def events() -> list[Event]:
    return made.many()


@cache
def table(zone: str) -> duckdb.DuckDBPyConnection:
    return queries.table(events(), zone)


def test_every_line_of_every_report_has_a_query() -> None:
    lines = {
        d.id: {line.id for line in d.lines if line.count in ("events", "persons")}
        for d in made.definitions().values()
        if any(line.count != "task_forces" for line in d.lines)
    }
    assert {id: set(asked.lines) for id, asked in queries.REPORTS.items()} == lines


@pytest.mark.parametrize("id", queries.REPORTS)
def test_every_figure_is_what_the_query_finds(id: str) -> None:
    definition, asked = made.definitions()[id], queries.REPORTS[id]
    database = table(asked.zone)
    seen = dict.fromkeys(asked.lines, 0)
    for period in periods(definition, FIRST, LAST):
        report = make(definition, events(), period, agency=asked.agency or "nyc_agency", made=MADE)
        for name, query in asked.lines.items():
            line = report.line(name)
            expected = queries.counted(database, asked, query, period.first, period.last)
            _same_line(line, expected, query, f"{id} {name}, {period.name}")
            _same_groups(line, expected, database, asked.by.get(name, []), query, f"{id} {name}, {period.name}")
            seen[name] += line.tally.count
    assert all(seen.values()), f"lines that never counted anything prove nothing: {seen}"


def _same_line(line: LineMade, expected: dict[str, set[str]], query: queries.Query, where: str) -> None:
    tally = line.tally
    assert set(tally.counted) == expected["counted"], where
    assert set(tally.still_open) == expected["open"], where
    assert set(tally.cannot_tell) == expected["unknown"], where
    assert (tally.open, tally.unknown) == (len(expected["open"]), len(expected["unknown"])), where
    assert tally.count == len(expected["persons" if query.persons else "counted"]), where
    assert tally.records == len(expected["counted"]), where


def _same_groups(
    line: LineMade,
    expected: dict[str, set[str]],
    database: duckdb.DuckDBPyConnection,
    by: list[str],
    query: queries.Query,
    where: str,
) -> None:
    assert len(line.breakdowns) == len(by), where
    for breakdown, sql in zip(line.breakdowns, by, strict=True):
        for place, of in (("counted", "count"), ("open", "open"), ("unknown", "unknown")):
            persons = query.persons and place == "counted"
            found = {g.values: n for g in breakdown.groups if (n := getattr(g.tally, of))}
            assert found == queries.grouped(database, sql, expected[place], persons), f"{where} {breakdown.by.fields}"


def test_every_period_of_a_year_is_in_the_year() -> None:
    """The year to 30 June of the police and four quarters of it count the same requests."""
    police = made.definitions()["nyc-14-154-f"]
    year = make(police, events(), Period(date(2025, 7, 1), date(2026, 6, 30)), agency="nypd", made=MADE)
    quarters = periods(made.definitions()["nyc-10-178-d"], date(2025, 7, 1), date(2026, 6, 30))
    parts = [make(police, events(), q, agency="nypd", made=MADE).line("f.1").tally for q in quarters]
    assert sum(p.count for p in parts) == year.line("f.1").tally.count > 0
    assert sum(p.unknown for p in parts) == year.line("f.1").tally.unknown > 0


def test_task_forces_with_whole_figures_gaps_and_other_filers() -> None:
    """California's list: figures only if they cover the whole period; a task force that another agency reports is
    left out (Gov. Code § 7284.6(c)(1), (4))."""
    definition = made.definitions()["ca-7284-6-c1"]
    year = Period(date(2025, 1, 1), date(2025, 12, 31))
    report = make(definition, [], year, agency="ca_law_enforcement", task_forces=made.task_forces(), made=MADE)
    rows = {row.number: row for row in report.line("c.1").rows}
    assert set(rows) == {"TF-1", "TF-2", "TF-5"}
    assert rows["TF-1"].cells[2:] == (21, 2)
    assert rows["TF-2"].cells[2:] == (None, None)
    assert (rows["TF-1"].status, rows["TF-5"].status) == ("counted", "unknown")
    other = make(definition, [], year, agency="other_local_agency", task_forces=made.task_forces(), made=MADE)
    assert [row.number for row in other.line("c.1").rows] == ["TF-4"]
