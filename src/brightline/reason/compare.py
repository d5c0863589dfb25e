"""One set of contacts under two laws: whose verdict changes, to what, by which clauses, and on which facts it turns.

Both sides judge with the engine of `audit`; nothing here has law of its own. Contacts that both sides judge alike in
every respect are one *way*; so are those that change alike. Ways are few, and every count comes from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brightline.contact.frame import LEADING
from brightline.law.vocabulary import Vocabulary
from brightline.reason.audit import AuditError, Step, check_columns
from brightline.reason.audit_polars import findings
from brightline.reason.comparison import SIDES, SPLITS, Comparison, names_in
from brightline.reason.engines import run_audit
from brightline.reason.patterns import OUTPUT, Patterns
from brightline.reason.reasoner import Reasoner
from brightline.reason.sides import Side, vocabulary_of
from brightline.reason.suppose import Supposition, suppose
from brightline.reason.turning import PASSES, TURNING, Turnings

JUDGED = (*OUTPUT, *TURNING)
BATCH_ROWS = 500_000

ROW = "__row__"
MOST_VALUES = 40  # of a column of the source by which contacts are counted
PERSONAL = {"id", "birth", "dob", "person", "alien", "subject", "last", "first", "name"}  # in a name: a person's
NO_PROGRESS: Step = lambda done, total: None  # noqa: E731


# --- both sides, part by part -------------------------------------------------------------------


@dataclass
class _Judge:
    """One side at work. What it decided once it keeps for the next part of the same file."""

    side: Side
    engine: str
    reasoner: Reasoner = field(init=False)

    def __post_init__(self) -> None:
        self.reasoner = self.side.reasoner()
        self._patterns, self._turnings = Patterns(self.reasoner), Turnings(self.reasoner)

    def columns(self, contacts: pl.DataFrame, letter: str, step: Step) -> list[pl.Series]:
        """The columns of JUDGED for these contacts in their order, each with the side's letter behind its name.

        Engines other than Polars give rows back in the order of `contact`, which a frame may lack or repeat: the rows
        are put in order by a number of their own.
        """
        try:
            if self.engine == "polars":
                found = findings(contacts, self._patterns, step)
            else:
                judged = run_audit(contacts, self.reasoner, self.engine, step).sort(ROW)
                found = [judged[c] for c in OUTPUT]
            turns = findings(contacts, self._turnings, step)
        except LookupError as error:
            if type(error) is not LookupError:
                raise
            # A reform may build on a definition of another time than the day that the side names.
            raise AuditError(f"the side {self.side.text} cannot judge these contacts: {error}") from None
        return [s.alias(f"{s.name}_{letter}") for s in (*found, *turns)]


KEYS = tuple(f"{c}_{s}" for c in JUDGED for s in SIDES)


@dataclass(frozen=True)
class _Part:
    """What comparing a part of the contacts gives: counts that add up with those of the next part."""

    ways: pl.DataFrame
    splits: dict[str, pl.DataFrame]
    rows: pl.DataFrame


def _compared(contacts: pl.DataFrame, judges: Sequence[_Judge], splits: Sequence[str], step: Step) -> _Part:
    numbered = contacts.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
    bare = numbered
    for n, (judge, letter) in enumerate(zip(judges, SIDES, strict=True)):
        numbered = numbered.hstack(judge.columns(bare, letter, _half(step, n)))
    grouped = numbered.group_by(KEYS, maintain_order=True).agg(pl.len().cast(pl.Int64).alias("contacts"), pl.col(ROW))
    told = grouped.select(pl.col(KEYS).cast(pl.String), "contacts")
    told = told.with_columns(pl.Series("change", [_change(r) for r in told.iter_rows(named=True)], dtype=pl.String))
    placed = pl.DataFrame({ROW: grouped[ROW], "change": told["change"]}).explode(ROW).sort(ROW)
    changed = numbered.with_columns(placed["change"])
    # Sentences repeat: held as categories, they cost a number a row, and have one type in every part and engine.
    rows = changed.filter(pl.col("change") != "none").drop(ROW).with_columns(pl.col(KEYS).cast(pl.Categorical))
    return _Part(told, {s: _split(changed, s) for s in splits}, rows)


def _half(step: Step, n: int) -> Step:
    """The progress of one side as half of the whole."""
    return lambda done, total: step(n * 500 + 500 * done // max(total, 1), 1000)


def _change(way: dict[str, Any]) -> str:
    """What differs between the two findings of a way, the weightiest first: one of CHANGES."""
    if way["verdict_a"] != way["verdict_b"]:
        return "verdict"
    if way["as_verified_a"] != way["as_verified_b"]:
        return "verified"
    if names_in(way["norm_a"]) != names_in(way["norm_b"]):
        return "clauses"
    grounds = ["action", "exception", "reading", "rests_on", "settled_by"]
    if way["verdict_a"] not in PASSES:  # there the sentence ends with the horizon, which is no ground
        grounds.append("explanation")
    same = all(names_in(way[f"{g}_a"]) == names_in(way[f"{g}_b"]) for g in grounds)
    return "none" if same else "grounds"


def _split(changed: pl.DataFrame, by: str) -> pl.DataFrame:
    """Counts of each pair of verdicts and change, for each value of a column; null is unknown."""
    value = {"agency": pl.col("actor"), "year": pl.col("date").cast(pl.Date).dt.year()}.get(by, pl.col(by))
    sides = [pl.col(f"verdict_{s}").cast(pl.String) for s in SIDES]
    counted = changed.group_by(value.cast(pl.String).alias("value"), *sides, "change")
    return counted.agg(pl.len().cast(pl.Int64).alias("contacts"))


def group_columns(contacts: pl.DataFrame, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The source's own columns by which contacts can be counted: values that repeat, and none that means a person."""
    ours = {*LEADING, *vocabulary.names, "note", "source_file", "source_row", "contact"} - {"channel", "counterpart"}
    found = []
    for name, dtype in contacts.schema.items():
        words = set(name.lower().replace("-", "_").split("_"))
        if name in ours or "__" in name or words & PERSONAL or name in SPLITS:
            continue
        text = isinstance(dtype, pl.Enum | pl.Categorical) or dtype in (pl.String, pl.Boolean)
        if text and 1 < contacts[name].n_unique() <= min(MOST_VALUES, contacts.height // 2):
            found.append(name)
    return tuple(found)


def _clear(contacts: pl.DataFrame) -> pl.DataFrame:
    """The contacts with another name for each column of theirs that is called like one of ours."""
    taken = [c for c in contacts.columns if c in (*KEYS, "change")]
    return contacts.rename({c: f"source_{c}" for c in taken})


def compare(
    contacts: pl.DataFrame,
    a: Side,
    b: Side,
    engine: str = "polars",
    suppositions: Sequence[Supposition] = (),
    progress: Step = NO_PROGRESS,
) -> Comparison:
    """Judge a frame of contacts (see docs/contacts.md) by both sides; in their order, whatever the engine.

    Raises AuditError when a column is missing or of the wrong kind, or the engine is not installed.
    """
    check_columns(contacts.columns)
    words = vocabulary_of(a, b)
    filled, told = suppose(_clear(contacts), suppositions, words)
    groups = group_columns(contacts, words)
    part = _compared(filled, [_Judge(s, engine) for s in (a, b)], (*SPLITS, *groups), progress)
    return Comparison(a, b, *_added([part]), part.rows, told)


def compare_parquet(
    path: Path | str,
    a: Side,
    b: Side,
    to: Path | str,
    suppositions: Sequence[Supposition] = (),
    batch_rows: int = BATCH_ROWS,
    progress: Step = NO_PROGRESS,
) -> Comparison:
    """Compare a Parquet file of contacts of any size, part by part; the rows that change go to another Parquet file.

    The comparison that comes back has every count, and no rows. The file is renamed when it is whole: out of disk,
    nothing half-written stays. Raises AuditError when the file holds no contacts, or the disk is full.
    """
    target = Path(to)
    beside = target.with_name(target.name + ".part")
    try:
        with pq.ParquetFile(path) as source:
            check_columns(source.schema_arrow.names)
            done = _in_parts(source, a, b, beside, suppositions, batch_rows, progress)
        beside.replace(target)
        return done
    except pa.ArrowInvalid as error:
        raise AuditError(f"{path}: this is no Parquet file of contacts: {error}") from None
    except OSError as error:
        raise AuditError(f"{target}: it cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _in_parts(
    source: pq.ParquetFile, a: Side, b: Side, beside: Path, given: Sequence[Supposition], size: int, progress: Step
) -> Comparison:
    judges, words = [_Judge(s, "polars") for s in (a, b)], vocabulary_of(a, b)
    total, done = source.metadata.num_rows, 0
    parts: list[_Part] = []
    filled: Counter[Supposition] = Counter()
    writer: pq.ParquetWriter | None = None
    try:
        for batch in source.iter_batches(batch_size=size):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            frame, told = suppose(_clear(frame), given, words)
            part = _compared(frame, judges, SPLITS, NO_PROGRESS)
            for s, t in zip(given, told, strict=True):
                filled[s] += t.contacts
            table = part.rows.to_arrow()
            writer = writer or pq.ParquetWriter(beside, table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
            parts.append(_Part(part.ways, part.splits, part.rows.clear()))
            done += frame.height
            progress(done, total)
    finally:
        if writer is not None:
            writer.close()
    if not parts:
        raise AuditError("the file has no rows")
    supposed = tuple(Supposition(s.fact, s.value, filled[s]) for s in given)
    return Comparison(a, b, *_added(parts), parts[0].rows, supposed)


def _added(parts: Sequence[_Part]) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The counts of all parts together, the largest way first."""

    def summed(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
        whole = pl.concat(list(frames))
        keys = [c for c in whole.columns if c != "contacts"]
        counted = whole.group_by(keys, maintain_order=True).agg(pl.col("contacts").sum())
        return counted.sort(-pl.col("contacts"), *keys, nulls_last=True)

    return summed(p.ways for p in parts), {s: summed(p.splits[s] for p in parts) for s in parts[0].splits}
