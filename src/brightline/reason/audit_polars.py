"""The audit of a Polars frame in memory: rows are numbered by pattern with whole-number arithmetic in blocks of digits.

A row's number is made of small digits (0 false, 1 true, 2 unknown, more when verified), gathered in bytes first and
made dense whenever the space of numbers grows; each distinct number is decided once, and every output column is one
look-up by number. Columns that never vary cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from brightline.law.tree import Atom, FactIs, Some
from brightline.reason.audit import AuditError, Spans, Step, check_columns
from brightline.reason.columns import Columns
from brightline.reason.patterns import OUTPUT, UNKNOWN, Patterns, actions_of
from brightline.reason.reasoner import Reasoner
from brightline.reason.truth import facts_of

_SPACE = 1 << 24  # numbers up to here are made dense by a table; its memory is 16 MB
Codes = npt.NDArray[Any]


def audit_polars(
    frame: pl.DataFrame, reasoner: Reasoner, progress: Step, columns: tuple[str, ...] = OUTPUT
) -> pl.DataFrame:
    """The frame with the output columns, in the same order."""
    check_columns(frame.columns)
    return frame.hstack(findings(frame, Patterns(reasoner, columns), progress))


def findings(frame: pl.DataFrame, patterns: Patterns, progress: Step) -> list[pl.Series]:
    """The output columns for a frame. `patterns` keeps what was decided, for the next part of the same file."""
    reasoner = patterns.reasoner
    spans = Spans.of(reasoner)
    digits = [*_frame_digits(frame, spans)]
    groups = Numbering(frame.height, digits)
    decoded = [_decode_frame(row, digits, spans) for row in groups.rows()]
    programs = [reasoner.program(d, a, x) if d and a and x else None for d, a, x in decoded]
    columns = Columns.of(frame.columns)
    atoms = list(dict.fromkeys(a for p in programs if p is not None for a in p.atoms if columns.has(a)))
    whole = groups.refined([_atom_digit(frame, a, columns) for a in atoms])
    place = {a: n for n, a in enumerate(atoms)}
    rows: list[tuple[str | None, ...]] = []
    for n, (group, values) in enumerate(whole.rows_by_group()):
        if n % 1000 == 0:
            progress(n, whole.size)
        program, (day, actor, actions) = programs[group], decoded[group]
        known = None
        if program is not None:
            known = [values[place[a]] if a in place else UNKNOWN for a in program.atoms]
        rows.append(patterns.row(day, actor, actions, known))
    progress(whole.size, whole.size)
    return list(_gathered(rows, whole.codes, patterns.columns))


# --- digits ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Digit:
    """One small number a row, and how many values it can take. `meaning` is kept for the frame's own columns."""

    codes: Codes
    radix: int
    meaning: tuple[Any, ...] = ()


def _frame_digits(frame: pl.DataFrame, spans: Spans) -> Iterator[Digit]:
    """The span of time, the actor, the asked and the done of each row."""
    yield _span_digit(frame["date"], spans)
    for name in ("actor", "asked", "done"):
        column = frame[name]
        if not isinstance(column.dtype, pl.Enum):
            values = column.cast(pl.String).unique().drop_nulls().sort()
            column = column.cast(pl.String).cast(pl.Enum(values))
        meaning = tuple(column.dtype.categories.to_list())  # type: ignore[attr-defined]
        physical = column.to_physical()
        if column.null_count():  # one more code for null: a byte that is full gets room first
            physical = (physical if len(meaning) < 255 else physical.cast(pl.UInt32)).fill_null(len(meaning))
        yield Digit(physical.to_numpy(), len(meaning) + 1, (*meaning, None))


def _span_digit(column: pl.Series, spans: Spans) -> Digit:
    if column.dtype == pl.Null:
        column = column.cast(pl.Date)
    if column.dtype != pl.Date:
        raise AuditError(
            f"the column `date` holds {column.dtype}, not days; read the file with `brightline contacts read` first"
        )
    first, last = column.min(), column.max()
    low = spans.number(first) if first is not None else 0  # type: ignore[arg-type]
    high = spans.number(last) if last is not None else low  # type: ignore[arg-type]
    numbers = pl.Series(np.full(len(column), low, np.uint8))
    for day in spans.days[low:high]:
        numbers = numbers + (column >= day).cast(pl.UInt8)
    count = len(spans.days) + 1
    if column.null_count():  # said by the column itself: where no boundary lies in the data, nothing above is null
        numbers = numbers.set(column.is_null(), count)
    codes = numbers.to_numpy()
    return Digit(codes, count + 1, (*range(count), None))


def _decode_frame(
    values: Sequence[int], digits: Sequence[Digit], spans: Spans
) -> tuple[Any, str | None, tuple[str, ...]]:
    span, actor, asked, done = (d.meaning[v] for d, v in zip(digits, values, strict=True))
    day = None if span is None else spans.representative(span)
    return day, actor, actions_of(asked, done)


def _atom_digit(frame: pl.DataFrame, atom: Atom, columns: Columns) -> Digit:
    """The condition in each row: see `patterns` for the digits."""
    truth = frame[atom.fact] if isinstance(atom, FactIs) else _evaluated(frame, atom, columns)
    if truth.dtype == pl.Null:
        truth = truth.cast(pl.Boolean)
    if truth.dtype != pl.Boolean:
        raise AuditError(
            f"the column `{atom.fact if not isinstance(atom, Some) else atom.record}` holds {truth.dtype}, not yes and no"
        )
    codes = truth.cast(pl.UInt8)
    codes = codes.fill_null(UNKNOWN) if truth.null_count() else codes
    bases = [f"{f}__basis" for f in facts_of(atom)]
    if not all(b in columns.names for b in bases):
        return Digit(codes.to_numpy(), 3)
    verified = truth.is_not_null()
    for basis in bases:
        shown = frame[basis] == "verified"
        verified = verified & (shown.fill_null(False) if shown.null_count() else shown)
    return Digit((codes + verified.cast(pl.UInt8) * 3).to_numpy(), 5)


def _evaluated(frame: pl.DataFrame, atom: Atom, columns: Columns) -> pl.Series:
    try:
        return nw.to_native(nw.from_native(frame).select(columns.truth(atom).alias("truth")))["truth"]
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        fact = atom.record if isinstance(atom, Some) else atom.fact
        raise AuditError(f"the column `{fact}` holds values of the wrong kind: {error}") from None


# --- numbers --------------------------------------------------------------------------------------


class Numbering:
    """Rows numbered densely by their digits; each number remembers the digits it stands for."""

    def __init__(self, height: int, digits: Sequence[Digit], base: Numbering | None = None) -> None:
        self.codes: Codes = base.codes if base else np.zeros(height, np.uint8)
        self.size: int = base.size if base else 1
        self._radices = [d.radix for d in digits]
        self._history: list[tuple[str, Any]] = []
        for digit in self._varying(digits):
            self._append(digit)
        self._densify()

    def refined(self, digits: Sequence[Digit]) -> Numbering:
        """The same rows numbered further, by more digits."""
        return Numbering(len(self.codes), digits, self)

    def _varying(self, digits: Sequence[Digit]) -> Iterator[tuple[Codes, int]]:
        """Digits packed five at a time into bytes; one that never varies is only remembered."""
        packed: Codes | None = None
        space = 1
        for n, digit in enumerate(digits):
            low = int(digit.codes.min()) if len(digit.codes) else 0
            if not len(digit.codes) or low == int(digit.codes.max()):
                self._history.append(("constant", (n, low)))
                continue
            if packed is not None and space * digit.radix > 256:
                yield packed, space
                packed, space = None, 1
            if packed is None:
                packed = digit.codes.astype(np.uint8, copy=False) if digit.radix <= 256 else digit.codes
                space = digit.radix
                self._history.append(("first", (n, digit.radix)))
            else:
                packed = packed * np.uint8(digit.radix) + digit.codes.astype(np.uint8, copy=False)
                space *= digit.radix
                self._history.append(("digit", (n, digit.radix)))
        if packed is not None:
            yield packed, space

    def _append(self, packed: tuple[Codes, int]) -> None:
        codes, space = packed
        if self.size * space > _SPACE:
            self._densify()
        if self.size * space > _SPACE:
            self._wide(codes, space)
            return
        if self.size == 1:
            self.codes = codes
        else:
            self.codes = self.codes.astype(np.uint16 if self.size * space <= 1 << 16 else np.uint32)
            self.codes *= space
            self.codes += codes
        self.size *= space
        self._history.append(("pack", space))

    def _wide(self, codes: Codes, space: int) -> None:
        """More distinct rows than a table holds: number them by sorting instead."""
        wide = self.codes.astype(np.int64) * space + codes
        values, self.codes = np.unique(wide, return_inverse=True)
        self.size = len(values)
        self._history.append(("pack", space))
        self._history.append(("dense", values))

    def _densify(self) -> None:
        if self.size <= 1:
            return
        values = _present(self.codes, self.size)
        if len(values) == self.size:
            return
        kind = np.uint8 if len(values) <= 1 << 8 else np.uint16 if len(values) <= 1 << 16 else np.uint32
        table = np.zeros(self.size, kind)
        table[values] = np.arange(len(values), dtype=kind)
        self.codes = table[self.codes]
        self.size = len(values)
        self._history.append(("dense", values))

    def rows(self) -> Iterator[tuple[int, ...]]:
        """The digits of each number, in the order of the numbers."""
        return (values for _, values in self.rows_by_group())

    def rows_by_group(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """For each number: the number it refines, and its digits."""
        numbers = np.arange(self.size, dtype=np.int64)
        columns: list[npt.NDArray[np.int64] | None] = [None] * len(self._radices)
        byte: npt.NDArray[np.int64] = np.zeros(self.size, np.int64)
        for kind, told in reversed(self._history):
            match kind:
                case "dense":
                    numbers = told[numbers]
                case "pack":
                    numbers, byte = np.divmod(numbers, told)
                case "digit":
                    n, radix = told
                    byte, columns[n] = np.divmod(byte, radix)
                case "first":
                    columns[told[0]] = byte
                case "constant":
                    n, value = told
                    columns[n] = np.full(self.size, value, np.int64)
        made = [c.tolist() if c is not None else [0] * self.size for c in columns]
        values = zip(*made, strict=True) if made else iter([()] * self.size)
        return zip(numbers.tolist(), values, strict=True)


def _present(codes: Codes, size: int) -> Codes:
    """The numbers that occur; bytes are looked at two at a time."""
    if codes.dtype == np.uint8 and len(codes) > 1 << 16:
        pairs = np.zeros(1 << 16, np.bool_)
        pairs[codes[: len(codes) & ~1].view(np.uint16)] = True
        both = pairs.reshape(256, 256)
        either = np.asarray(both.any(axis=0) | both.any(axis=1))
        either[codes[-1]] = True
        return np.flatnonzero(either[:size])
    seen = np.zeros(size, np.bool_)
    seen[codes] = True
    return np.flatnonzero(seen)


# --- output ---------------------------------------------------------------------------------------


def _gathered(rows: Sequence[tuple[str | None, ...]], codes: Codes, names: Sequence[str]) -> Iterator[pl.Series]:
    """Each output column: the value of each pattern, looked up by number; held as a closed list of values."""
    wide = pl.Series(codes.astype(np.uint32))
    missing: dict[tuple[bool, ...], pl.Series] = {}
    for n, name in enumerate(names):
        column = [row[n] for row in rows]
        values = list(dict.fromkeys(v for v in column if v is not None))
        dtype = pl.Enum(values)
        if not len(codes):
            yield pl.Series(name, [], dtype=dtype)
        elif len(set(column)) == 1:
            yield pl.Series(name, column[:1], dtype=dtype).new_from_index(0, len(codes))
        else:
            # A look-up of nulls costs four times one of values: look up values, and blank what is null after it.
            found = pl.Series(name, [values[0] if v is None else v for v in column], dtype=dtype).gather(wide)
            null = tuple(v is None for v in column)
            if any(null) and null not in missing:
                missing[null] = pl.Series(np.asarray(null)[codes])
            yield found.set(missing[null], None) if any(null) else found


__all__ = ["Digit", "Numbering", "audit_polars", "findings"]
