"""Many series at once: which changed level, when, and which moved at one date. A scan finds questions and answers none.

Detection is `partition`; the test is the moderated placebo-t, adjusted over all series (Benjamini-Hochberg, or
Benjamini-Yekutieli where the list is to be published).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from brightline.watch.cut import Loaded
from brightline.watch.log import now
from brightline.watch.multiple import Method, adjusted
from brightline.watch.partition import FEWEST, PENALTY, SHORTEST, Partition, partition, posteriors
from brightline.watch.placebo import BEFORE, STEP, Placebo, placebo
from brightline.watch.problems import WatchError
from brightline.watch.refuse import FEWEST_EVENTS, finite
from brightline.watch.result import Found, Scan
from brightline.watch.series import CYCLES, Floats, Series
from brightline.watch.series import step as step_of
from brightline.watch.single import FEWEST_WINDOW, cycle_of
from brightline.watch.words import check_language, number, say, when
from brightline.watch.words_page import count
from brightline.watch.words_page import say as say_of_page

AFTER = {"day": 56, "week": 26, "month": 15, "quarter": 5, "year": 3}  # the most periods after the day that are tested
_HARMONICS = 1
_FAKES = 8
_ROWS = 512  # series between two steps of a progress bar


def scan(
    loaded: Loaded,
    *,
    day: date | None = None,
    method: Method = "BH",
    rate: float = 0.05,
    before: int | None = None,
    posteriors_for: int = 200,
    language: str = "en",
    version: str = "",
    seed: int = 0,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Scan:
    """Look for changes in every series and, where a `day` is given, test it in every series.

    Series are cut to the periods that most of them share; one with a gap there is tested and not divided. Late and partial
    periods are left out. The interval of a date is worked out for the first `posteriors_for` rows that have one. Raises
    WatchError when the series have different periods or the day is outside of the data.
    """
    check_language(language)
    began = time.monotonic()
    # in an order of their own, so that the order of the rows in a file changes no last digit of what they share
    series = sorted((_clean(s) for s in loaded.series), key=lambda s: (s.name, s.group, s.place, s.start))
    if not series:
        raise WatchError("There are no series to scan.")
    period = series[0].period
    if any(s.period != period for s in series):
        other = next(s for s in series if s.period != period)
        raise WatchError(
            f"{other.label} is counted by {other.period} and {series[0].label} by {period}; scan them apart."
        )
    start, end = _common(series)
    table, notes = _table(series, start, end, language)
    days = [step_of(start, period, i) for i in range(table.shape[1])]
    tested = _test(table, series, days, day, before) if day is not None else None
    divided = _divide(table, notes, cycle_of(period), step)
    p = tested.p if tested is not None else np.full(len(series), np.nan)
    raised = adjusted(p, method)
    rows = _rows(series, table, days, notes, divided, tested, raised, rate, language)
    rows = _with_dates(rows, table, days, divided, posteriors_for)
    asked = int((~np.isnan(p)).sum())
    found = int((raised <= rate).sum())
    changed = sum(bool(r.changes) for _, r in rows)
    sentences = [say("scan_label", language)]
    if day is not None:
        sentences.append(
            say("scan", language, series=number(len(series), language, 6), tested=number(asked, language, 6),
                found=number(found, language, 6), day=when(day, "day", language), chance=number(rate * asked, language, 2))
        )  # fmt: skip
    sentences.append(
        say("scan_changes", language, changed=number(changed, language, 6), series=number(len(series), language, 6))
    )
    return Scan(
        label="EXPLORATORY", source=", ".join(s.name for s in loaded.sources), period=period, first=days[0], last=days[-1],
        day=day, method=method, rate=rate, series=len(series), tested=asked, by_chance=rate * asked, found=found,
        rows=tuple(row for _, row in rows), sentences=tuple(sentences), data_sha256=loaded.sha256, seed=seed, version=version,
        made=now(), seconds=round(time.monotonic() - began, 2), language=language,
    )  # fmt: skip


def _clean(series: Series) -> Series:
    return series.without_partial().without_late()


def _common(series: Sequence[Series]) -> tuple[date, date]:
    """The stretch that most series cover."""
    spans: dict[tuple[date, date], int] = {}
    for one in series:
        span = (one.start, one.days[-1])
        spans[span] = spans.get(span, 0) + 1
    return max(spans, key=lambda span: (spans[span], span[1] - span[0], span))


def _table(series: Sequence[Series], start: date, end: date, language: str) -> tuple[Floats, list[str]]:
    """Counts over the common stretch, (series, periods), and why a series has none there."""
    first = next(s for s in series if s.start == start and s.days[-1] == end)
    periods = len(first)
    table = np.full((len(series), periods), np.nan)
    notes = [""] * len(series)
    position = {day: i for i, day in enumerate(first.days)}
    for i, one in enumerate(series):
        if (one.start, len(one)) == (start, periods):
            table[i] = one.values
        else:
            for day, value in zip(one.days, one.values, strict=True):
                if day in position:
                    table[i, position[day]] = value
        gone = int(np.isnan(table[i]).sum())
        if gone == periods:
            notes[i] = say_of_page("s_note_empty", language)
        elif gone:
            notes[i] = say_of_page("s_note_missing", language, n=gone)
        elif not table[i].sum() > 0:
            notes[i] = say_of_page("s_note_nothing", language)
    return table, notes


def _test(table: Floats, series: Sequence[Series], days: Sequence[date], day: date, before: int | None) -> Placebo:
    if not days[0] < day <= days[-1]:
        raise WatchError(
            f"{day} is outside of the data, which run from {days[0]} to {days[-1]}; choose a date within them."
        )
    at = next(i for i, one in enumerate(days) if one >= day)
    period = series[0].period
    after = min(len(days) - at, AFTER[period])  # later periods would leave no room for fake dates of the same length
    window = before or min(BEFORE[period], max(FEWEST_WINDOW[period], at - after - (_FAKES - 1) * STEP))
    step = min(STEP, max(1, (at - window - after) // (_FAKES - 1)))
    cycles = tuple(c for c in CYCLES[period] if window >= 1.9 * c)
    if not np.isfinite(table[:, : at + after]).any():
        raise WatchError("No series has a count in these periods.")
    return placebo(
        table[:, : at + after],
        at,
        before=window,
        step=step,
        harmonics=_HARMONICS,
        cycles=cycles,
        moderated=len(table) >= 3,
    )


def _divide(
    table: Floats, notes: Sequence[str], cycle: float | None, step: Callable[[int, int], None]
) -> list[Partition | None]:
    made: list[Partition | None] = [None] * len(table)
    if table.shape[1] < max(FEWEST, 2 * SHORTEST):
        return made
    whole = np.array([i for i, note in enumerate(notes) if not note], dtype=np.int64)
    for first in range(0, len(whole), _ROWS):
        rows = whole[first : first + _ROWS]
        for i, one in zip(rows, partition(table[rows], cycle=cycle, penalty=PENALTY), strict=True):
            made[int(i)] = one
        step(min(first + _ROWS, len(whole)), len(whole))
    return made


def _rows(
    series: Sequence[Series], table: Floats, days: Sequence[date], notes: Sequence[str], divided: Sequence[Partition | None],
    tested: Placebo | None, raised: Floats, rate: float, language: str,
) -> list[tuple[int, Found]]:  # fmt: skip
    rows = []
    low, high = tested.interval() if tested is not None else (np.full(len(series), np.nan),) * 2
    for i, one in enumerate(series):
        cuts = divided[i]
        note = notes[i]
        ratio = finite(float(np.exp(tested.log_ratio[i]))) if tested is not None else None
        known = tested is not None and ratio is not None and math.isfinite(float(raised[i]))
        if tested is not None:
            before = table[i, : tested.at]
            expected = float(np.nanmean(before)) * tested.after if np.isfinite(before).any() else 0.0
            if known and expected < FEWEST_EVENTS:
                # a ratio of so few is not told; whether it moved may still be tested
                ratio, note = None, note or say_of_page("s_note_few", language, n=count(expected, language))
            elif not known:
                note = note or say_of_page("s_note_infinite", language)
        rows.append(
            (
                i,
                Found(
                    name=f"{one.name} · {one.group}" if one.group else one.name, place=one.place,
                    events=float(np.nansum(table[i])) if np.isfinite(table[i]).any() else None, changes=tuple(days[c] for c in cuts.changes) if cuts else (),
                    change_low=None, change_high=None, level_ratio=_last_ratio(cuts), spikes=len(cuts.spikes) if cuts else 0,
                    drift=cuts.drift if cuts else None, ratio=ratio, low=finite(float(low[i])) if ratio else None,
                    high=finite(float(high[i])) if ratio else None, p=finite(float(tested.p[i])) if tested is not None else None,
                    adjusted=finite(float(raised[i])), found=bool(raised[i] <= rate), note=note,
                ),
            )
        )  # fmt: skip
    strength = {i: abs(math.log(r.level_ratio)) if r.level_ratio else 0.0 for i, r in rows}
    return sorted(
        rows, key=lambda row: (2.0 if row[1].p is None else row[1].p, -strength[row[0]], row[1].name, row[1].place)
    )


def _last_ratio(cuts: Partition | None) -> float | None:
    if cuts is None or not cuts.changes or not cuts.levels[-2] > 0 or not cuts.levels[-1] > 0:
        return None
    return cuts.levels[-1] / cuts.levels[-2]


def _with_dates(
    rows: list[tuple[int, Found]], table: Floats, days: Sequence[date], divided: Sequence[Partition | None], most: int
) -> list[tuple[int, Found]]:
    """The interval of the last change, for the first rows: those that a reader sees."""
    able = [k for k, (_, r) in enumerate(rows) if r.changes]
    for k in able[:most]:
        i, row = rows[k]
        cuts = divided[i]
        assert cuts is not None
        last = posteriors(table[i], cuts)[-1]
        rows[k] = (i, replace(row, change_low=days[last.low], change_high=days[last.high]))
    return rows
