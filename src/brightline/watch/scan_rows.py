"""The rows of a scan in words, for the page and the terminal."""

from __future__ import annotations

from brightline.watch.grid import Grid
from brightline.watch.result import Found, Scan
from brightline.watch.words_page import UNKNOWN, count, interval, level, named, p_value, ratio, say

ALPHA = 0.05  # a scan's intervals are of 95 %, whatever its false discovery rate


def ordered(scan: Scan) -> list[Found]:
    """The rows as they are told: those that were found first, each part in the order of the scan."""
    return sorted(scan.rows, key=lambda row: not row.found)


def rows_grid(scan: Scan, rows: list[Found]) -> Grid:
    """Series by series: what it is, when its level last changed, and what was found at the date."""
    lang = scan.language
    columns = ["c_series", "c_place", "s_c_events", "s_c_last", "c_remark"]
    numeric = {2}
    if scan.day:
        columns[4:4] = ["s_c_ratio", "c_adjusted"]
        numeric |= {4, 5}
    told = []
    for row in rows:
        cells = [row.name, row.place, count(row.events, lang), last_change(row, scan), remarks(row, lang)]
        if scan.day:
            cells[4:4] = [with_interval(row, lang), p_value(row.adjusted, lang)]
        told.append(tuple(cells))
    sure = level(ALPHA, lang)
    return Grid(tuple(say(c, lang, level=sure) for c in columns), tuple(told), frozenset(numeric))


def with_interval(row: Found, language: str) -> str:
    """The ratio at the date, never without its interval."""
    if row.ratio is None:
        return UNKNOWN
    ends = interval(row.low, row.high, language)
    return say("s_ratio", language, ratio=ratio(row.ratio, language), interval=ends)


def last_change(row: Found, scan: Scan) -> str:
    """The day of the last change, which way it went, and between which days it may lie."""
    lang = scan.language
    if not row.changes:
        return UNKNOWN
    day = named(row.changes[-1], scan.period, lang)
    way = direction(row)
    if way != "other":
        day = say(f"s_{way}", lang, day=day)
    if row.change_low is None or row.change_high is None:
        return say("s_no_range", lang, day=day)
    if row.change_low == row.change_high:
        return say("s_exact", lang, day=day)
    low, high = (named(d, scan.period, lang) for d in (row.change_low, row.change_high))
    return say("s_range", lang, day=day, low=low, high=high)


def remarks(row: Found, language: str) -> str:
    """What else is to be known of a series, in few words."""
    told = [say("s_mark_found", language)] if row.found else []
    if row.drift:
        told.append(say("s_mark_drifts", language))
    return ", ".join([*told, row.note] if row.note else told)


def direction(row: Found) -> str:
    """Which way the last change went; a level of nothing on one side has no ratio."""
    if row.level_ratio is None:
        return "other"
    return "up" if row.level_ratio > 1 else "down"
