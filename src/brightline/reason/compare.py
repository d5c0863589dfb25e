"""One set of contacts under two laws: whose verdict changes, to what, by which clauses, and on which facts it turns.

Both sides judge with the engine of `audit`; nothing here has law of its own. Contacts that both sides judge alike in
every respect are one *way*; so are those that change alike. Ways are few, and every count comes from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brightline.contact.frame import LEADING, TYPES
from brightline.contact.problems import ContactError, did_you_mean
from brightline.law.tree import FactIs
from brightline.law.vocabulary import Fact, Vocabulary
from brightline.reason.audit import AuditError, Step, check_columns
from brightline.reason.audit_polars import findings
from brightline.reason.clusters import Cluster, completions
from brightline.reason.engines import run_audit
from brightline.reason.explain import answers, sets_in_words
from brightline.reason.patterns import OUTPUT, Patterns, masks
from brightline.reason.program import VERDICTS, Program, Settling
from brightline.reason.reasoner import Reasoner
from brightline.reason.sides import Side
from brightline.reason.speech import _, listed, number, several
from brightline.reason.truth import facts_of

BARRED = ("barred", "conflict")
OPEN = (*BARRED, "unsettled")  # a contact that does not pass, or of which nobody can tell
PASSES = ("excepted", "unreached")
CHANGES = ("verdict", "verified", "clauses", "grounds", "none")
SIDES = ("a", "b")
TURNING = ("turns_on", "passes_with", "passes_if")
JUDGED = (*OUTPUT, *TURNING)
SUPPOSED = "a supposition, not a record"
BATCH_ROWS = 500_000

ROW = "__row__"
MOST_VALUES = 40  # of a column of the source by which contacts are counted
PERSONAL = {"id", "birth", "dob", "person", "alien", "subject", "last", "first", "name"}  # in a name: a person's
NO_PROGRESS: Step = lambda done, total: None  # noqa: E731


# --- suppositions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Supposition:
    """A fact taken as known wherever no record tells it. It is stated, never verified, and `contacts` counts them."""

    fact: str
    value: Any
    contacts: int = 0

    @property
    def text(self) -> str:
        """As it is written: `judicial_warrant=no`."""
        told = {True: "yes", False: "no"}.get(self.value) if isinstance(self.value, bool) else self.value
        return f"{self.fact}={told}"


def suppositions(texts: Iterable[str], vocabulary: Vocabulary) -> tuple[Supposition, ...]:
    """Each `fact=value` of a command. Raises ContactError with every mistake, and the nearest name that is declared."""
    found: dict[str, Supposition] = {}
    problems: list[str] = []
    for text in texts:
        try:
            one = _supposition(text, vocabulary)
        except ContactError as error:
            problems += error.problems
            continue
        if found.setdefault(one.fact, one) != one:
            problems.append(
                f"`{one.text}` and `{found[one.fact].text}` suppose two things of one fact; keep one of them"
            )
    if problems:
        raise ContactError(*problems)
    return tuple(found.values())


def _supposition(text: str, vocabulary: Vocabulary) -> Supposition:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise ContactError(f"`{text}` supposes nothing: write `fact=value`, as in `judicial_warrant=no`")
    if name in vocabulary.records:
        raise ContactError(f"`{name}` is a list of records; only a single fact can be supposed")
    fact = vocabulary.facts.get(name)
    if fact is None:
        raise ContactError(f"`{name}` is no fact of the vocabulary{did_you_mean(name, vocabulary.facts)}")
    return Supposition(name, _value(fact, value))


def _value(fact: Fact, text: str) -> Any:
    wrong = ""
    try:
        match fact.type:
            case "yes/no":
                return {"yes": True, "no": False}[text]
            case "number":
                return float(text)
            case "date":
                return date.fromisoformat(text)
            case _:
                if text in fact.values:
                    return text
                wrong = f"write one of {', '.join(fact.values)}{did_you_mean(text, fact.values)}"
    except (KeyError, ValueError):
        wrong = {"yes/no": "write yes or no", "number": f"write a number of {fact.unit}"}.get(
            fact.type, "write a day, as 2014-12-14"
        )
    raise ContactError(f"`{text}` is no value of the fact `{fact.name}`: {wrong}")


def suppose(
    contacts: pl.DataFrame, given: Sequence[Supposition], vocabulary: Vocabulary
) -> tuple[pl.DataFrame, tuple[Supposition, ...]]:
    """The contacts with each supposed fact filled in where it is unknown, and in how many contacts it was.

    Raises AuditError when the column of such a fact holds values of another kind.
    """
    told = []
    for s in given:
        kind = TYPES[vocabulary.facts[s.fact].type]
        column = contacts[s.fact] if s.fact in contacts.columns else pl.Series(s.fact, [None] * contacts.height)
        try:
            known = column.cast(kind)
        except pl.exceptions.PolarsError:
            raise AuditError(f"the column `{s.fact}` holds {column.dtype}, and cannot be supposed") from None
        unknown = known.is_null()
        beside = {
            f"{s.fact}{suffix}": pl.when(unknown).then(pl.lit(said)).otherwise(_text_of(contacts, s.fact + suffix))
            for suffix, said in (("__basis", "stated"), ("__shown_by", SUPPOSED))
        }
        filled = pl.Series(s.fact, known).to_frame().select(pl.col(s.fact).fill_null(pl.lit(s.value, dtype=kind)))
        contacts = contacts.with_columns(filled[s.fact], **beside)
        told.append(Supposition(s.fact, s.value, int(unknown.sum())))
    return contacts, tuple(told)


def _text_of(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, dtype=pl.String)


# --- what a verdict turns on --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turning:
    """On which facts a bar turns, and which answers would let the contact pass.

    `bar`: facts of which one answer alone bars the contact and another does not. `passes`: the smallest sets of
    answers that let it pass, everything else being as it is recorded.
    """

    bar: tuple[tuple[str, ...], ...] = ()
    passes: tuple[Settling, ...] = ()


def turning(program: Program, true: int, false: int) -> Turning:
    """What the verdict on a pattern turns on; nothing unless it is barred or unsettled.

    Asked of are facts that nobody recorded, and those of which the record says "no": what was missing, not what
    would have to be another contact altogether.
    """
    verdict = program.outcome(true, false).verdict
    if verdict not in OPEN:
        return Turning()
    missing = _missing(program, true, false)
    bar, alone = [], []
    for cluster in missing:
        told = list(_other_answers(program, (cluster,), true, false))
        barred = [s for s in told if s.verdict in BARRED]
        if barred and len(barred) < len(told):
            bar.append(cluster.facts)
        alone += [s for s in told if s.verdict in PASSES][:1]
    return Turning(tuple(bar), (*alone, *_together(program, missing, alone, verdict, true, false)))


def _together(
    program: Program, missing: Sequence[Cluster], alone: Sequence[Settling], verdict: str, true: int, false: int
) -> Iterator[Settling]:
    """Sets of two or more facts that let a contact pass, none of which does alone."""
    enough = {s.facts for s in alone}
    if verdict == "unsettled":
        found: dict[tuple[str, ...], Settling] = {}
        for s in program.settling(true, false):
            covered = any(set(facts) <= set(s.facts) for facts in enough)
            if s.verdict in PASSES and len(s.facts) > 1 and not covered:
                found.setdefault(s.facts, s)
        smaller = [set(facts) for facts in found]
        yield from (s for s in found.values() if not any(x < set(s.facts) for x in smaller))
        return
    known = true | false
    rest = [c for c in missing if c.facts not in enough]
    for pair in combinations(rest, 2):
        if any(not c.bits & ~known for c in pair):  # what is barred for certain stays so whatever the unknown are
            yield from [s for s in _other_answers(program, pair, true, false) if s.verdict in PASSES][:1]


def _missing(program: Program, true: int, false: int) -> tuple[Cluster, ...]:
    """Facts on which the norms build that nobody recorded, or of which the record says "no"."""
    exprs = [e for s in program.scopes for n in s.norms for e in (n.reach, n.excused)]
    used = program.bits_of(f for e in exprs for f in facts_of(e))
    return tuple(
        c
        for c in program.clusters
        if c.bits & used and (c.bits & ~(true | false) or (not c.bits & true and _yes_or_no(program, c)))
    )


def _yes_or_no(program: Program, cluster: Cluster) -> bool:
    return all(isinstance(a, FactIs) for n, a in enumerate(program.atoms) if cluster.bits & 1 << n)


def _other_answers(program: Program, group: Sequence[Cluster], true: int, false: int) -> Iterator[Settling]:
    """Each way in which these facts can be answered together, with the verdict it would give."""
    recorded = sum(c.bits for c in group if not c.bits & ~(true | false))
    false &= ~recorded  # what is recorded as "no" gives way
    facts = tuple(f for c in group for f in c.facts)
    bits = sum(c.bits for c in group)
    for t, f in _answered(group, true, false):
        t, f = _yielding(program, bits, t, f) if recorded else (t, f)
        if not program.contradicted(t, f):
            yield Settling(facts, program.verdict(t, f), t & bits, f & bits)


def _answered(group: Sequence[Cluster], true: int, false: int) -> Iterator[tuple[int, int]]:
    if not group:
        yield true, false
        return
    first, *rest = group
    for mask in completions(first, true, false):
        yield from _answered(rest, true | mask, false | (first.bits & ~mask))


def _yielding(program: Program, bits: int, true: int, false: int) -> tuple[int, int]:
    """The masks, where an answer contradicts them, without the facts that the vocabulary ties to the answer.

    A warrant that came with the detainer is a warrant: whoever supposes the one cannot hold to "no" on the other.
    """
    if not program.contradicted(true, false):
        return true, false
    tied = 0
    for constraint in program.constraints:
        mine = program.bits_of(facts_of(constraint))
        tied |= mine if mine & bits and _says_no(program, constraint, true, false) else 0
    return true & ~(tied & ~bits), false & ~(tied & ~bits)


def _says_no(program: Program, constraint: Any, true: int, false: int) -> bool:
    return bool(program.form(constraint).no(true, false))


@dataclass
class _Turnings(Patterns):
    """The columns of TURNING for each distinct pattern, decided once."""

    columns: tuple[str, ...] = TURNING

    def row(
        self, day: date | None, actor: str | None, actions: tuple[str, ...], digits: Sequence[int] | None
    ) -> tuple[str | None, ...]:
        if day is None or actor is None or not actions or digits is None:
            return (None, None, None)
        key = (day, actor, actions, tuple(digits))
        if key not in self._rows:
            program = self.reasoner.program(day, actor, actions)
            found = turning(program, *masks(digits)[0])
            self._rows[key] = (
                "; ".join(" and ".join(facts) for facts in found.bar) or None,
                sets_in_words([s.facts for s in found.passes]) or None,
                "; or ".join(answers(s, program) for s in found.passes) or None,
            )
        return self._rows[key]


# --- both sides, part by part -------------------------------------------------------------------


@dataclass
class _Judge:
    """One side at work. What it decided once it keeps for the next part of the same file."""

    side: Side
    engine: str
    reasoner: Reasoner = field(init=False)

    def __post_init__(self) -> None:
        self.reasoner = self.side.reasoner()
        self._patterns, self._turnings = Patterns(self.reasoner), _Turnings(self.reasoner)

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


SPLITS = ("agency", "year")
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
    if _names(way["norm_a"]) != _names(way["norm_b"]):
        return "clauses"
    grounds = ["action", "exception", "reading", "rests_on", "settled_by"]
    if way["verdict_a"] not in PASSES:  # there the sentence ends with the horizon, which is no ground
        grounds.append("explanation")
    same = all(_names(way[f"{g}_a"]) == _names(way[f"{g}_b"]) for g in grounds)
    return "none" if same else "grounds"


def _names(cell: str | None) -> set[str]:
    return set((cell or "").split("; "))


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


def vocabulary_of(a: Side, b: Side) -> Vocabulary:
    """The words of both sides: a reform may have brought some of its own."""
    one, two = a.law.vocabulary, b.law.vocabulary
    return Vocabulary(
        {**one.actors, **two.actors},
        {**one.actions, **two.actions},
        {**one.facts, **two.facts},
        {**one.records, **two.records},
        tuple(dict.fromkeys((*one.constraints, *two.constraints))),
    )


# --- what comes out -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """Contacts under two sides. `ways` counts each distinct pair of findings; `rows` are the contacts that change.

    In `ways` and `rows`, each column of a finding stands twice, with `_a` and `_b`; `change` says what differs: the
    verdict, the verdict on verified facts alone, the deciding clauses, other grounds, or nothing.
    """

    a: Side
    b: Side
    ways: pl.DataFrame
    splits: dict[str, pl.DataFrame]  # "agency", "year", and columns of the source: value, verdicts, change, contacts
    rows: pl.DataFrame
    supposed: tuple[Supposition, ...] = ()

    @property
    def total(self) -> int:
        return int(self.ways["contacts"].sum())

    @cached_property
    def changes(self) -> dict[str, int]:
        """How many contacts change in which respect; `none` are those that do not."""
        found = dict(self.ways.group_by("change").agg(pl.col("contacts").sum()).iter_rows())
        return {c: int(found.get(c, 0)) for c in CHANGES}

    @cached_property
    def verdicts(self) -> pl.DataFrame:
        """Contacts by verdict under A and under B: every pair that occurs, the strictest first."""
        return self._pairs("verdict")

    @cached_property
    def verified(self) -> pl.DataFrame:
        """The same on verified facts alone."""
        return self._pairs("as_verified")

    def _pairs(self, what: str) -> pl.DataFrame:
        order = {v: n for n, v in enumerate(VERDICTS)}
        keys = [pl.col(f"{what}_{s}").alias(s) for s in SIDES]
        counted = self.ways.group_by(keys).agg(pl.col("contacts").sum())
        return counted.sort(pl.col("a", "b").replace_strict(order, default=99, return_dtype=pl.Int8))

    def under(self, letter: str) -> dict[str, int]:
        """Each verdict with its count under one side, zero included."""
        found = dict(self.verdicts.group_by(letter).agg(pl.col("contacts").sum()).iter_rows())
        return {v: int(found.get(v, 0)) for v in VERDICTS}

    @property
    def moved(self) -> int:
        """How many contacts get another verdict."""
        return self.changes["verdict"]

    @property
    def moved_verified(self) -> int:
        """How many get another verdict on verified facts alone."""
        return int(self.verified.filter(pl.col("a") != pl.col("b"))["contacts"].sum())

    def open(self, letter: str) -> int:
        """How many are barred, or nobody can tell, under one side: of these it is asked on what they turn."""
        counts = self.under(letter)
        return sum(counts[v] for v in OPEN)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """The changes, those that are alike in verdicts and clauses together; the largest first."""
        keys = ["change", "verdict_a", "clause_a", "verdict_b", "clause_b"]
        changed = self.ways.filter(pl.col("change") != "none")
        said = [pl.col(f"explanation_{s}").first() for s in SIDES]
        counted = changed.group_by(keys, maintain_order=True).agg(pl.col("contacts").sum(), *said)
        return counted.sort(-pl.col("contacts"), *keys, nulls_last=True)

    @cached_property
    def clauses(self) -> pl.DataFrame:
        """For each norm that decides under one side: for how many contacts under A alone, under B alone, under both."""
        counts: dict[str, Counter[str]] = {}
        for way in self.ways.select("norm_a", "norm_b", "contacts").iter_rows(named=True):
            one, two = (_names(way[f"norm_{s}"]) - {""} for s in SIDES)
            for norm in one | two:
                place = "both" if norm in one & two else "a" if norm in one else "b"
                counts.setdefault(norm, Counter())[place] += way["contacts"]
        rows = [(n, self._cite(n), c["a"], c["b"], c["both"]) for n, c in counts.items()]
        schema = {"norm": pl.String, "clause": pl.String, "a": pl.Int64, "b": pl.Int64, "both": pl.Int64}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.sort(-(pl.col("a") + pl.col("b")), -pl.col("both"), "norm")

    def _cite(self, norm: str) -> str:
        law = next((s.law for s in (self.a, self.b) if norm.partition(":")[0] in s.law.sections), self.a.law)
        return law.cite(norm)

    @cached_property
    def facts(self) -> pl.DataFrame:
        """On which facts contacts turn that are barred or unsettled, under each side (the columns end in _a and _b).

        `settles`: the fact stands in a smallest set of answers that can settle an unsettled contact. `bar`: one answer
        to it alone bars the contact, and another does not. `alone`: one answer to it alone lets the contact pass.
        `together`: it lets the contact pass, but only together with others.
        """
        counts: dict[str, Counter[str]] = {}
        for way in self.ways.iter_rows(named=True):
            for s in SIDES:
                for fact, role in _roles(way[f"settled_by_{s}"], way[f"turns_on_{s}"], way[f"passes_with_{s}"]):
                    counts.setdefault(fact, Counter())[f"{role}_{s}"] += way["contacts"]
        columns = [f"{role}_{s}" for role in ROLES for s in SIDES]
        schema = {"fact": pl.String, **dict.fromkeys(columns, pl.Int64)}
        rows = [(f, *(c[k] for k in columns)) for f, c in counts.items()]
        asked = {f: n for n, f in enumerate(self.vocabulary.names)}
        place = pl.col("fact").replace_strict(asked, default=len(asked), return_dtype=pl.Int64)
        most = [-pl.col(f"{role}_{s}") for s in ("b", "a") for role in ("alone", "bar", "settles", "together")]
        return pl.DataFrame(rows, schema=schema, orient="row").sort(*most, place)

    def by(self, split: str) -> pl.DataFrame:
        """For each value of a split: contacts, how many get another verdict or change at all, and some verdicts.

        Years in their order, others by their number of contacts; what nobody recorded comes last.
        """
        n = pl.col("contacts")
        sums = [n.sum(), n.filter(pl.col("change") == "verdict").sum().alias("verdict")]
        sums.append(n.filter(pl.col("change") != "none").sum().alias("changed"))
        for name, verdicts in (("barred", BARRED), ("unsettled", ("unsettled", "contested"))):
            sums += [n.filter(pl.col(f"verdict_{s}").is_in(verdicts)).sum().alias(f"{name}_{s}") for s in SIDES]
        counted = self.splits[split].group_by("value").agg(*sums)
        order = [pl.col("value")] if split == "year" else [-n, pl.col("value")]
        return counted.sort(pl.col("value").is_null(), *order)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return vocabulary_of(self.a, self.b)

    @property
    def same_law(self) -> bool:
        """Whether both sides are the same law, so that nothing can change."""
        return self.a.same_law_as(self.b)

    def sentences(self, contacts: Callable[[int], str] | None = None) -> list[str]:
        """The whole in plain sentences, from the counts. `contacts` says so many of them ("838 detainers")."""
        return sentences(self, contacts or (lambda n: several("{count} contact", "{count} contacts", n)))


ROLES = ("settles", "bar", "alone", "together")


def _roles(settled_by: str | None, turns_on: str | None, passes_with: str | None) -> Iterator[tuple[str, str]]:
    """Each fact of a way once in each of its roles."""

    def facts(cell: str | None, joint: str) -> list[list[str]]:
        return [part.split(" and ") for part in (cell or "").split(joint) if part]

    passes = facts(passes_with, " or ")
    alone = {s[0] for s in passes if len(s) == 1}
    yield from ((f, "settles") for f in dict.fromkeys(x for s in facts(settled_by, " or ") for x in s))
    yield from ((f, "bar") for f in dict.fromkeys(x for s in facts(turns_on, "; ") for x in s))
    yield from ((f, "alone") for f in sorted(alone))
    yield from ((f, "together") for f in dict.fromkeys(x for s in passes for x in s) if f not in alone)


# --- in words -----------------------------------------------------------------------------------

SHOWN_PAIRS = 3


def verdict_said(verdict: str) -> str:
    """A verdict as one says it, in the language that is spoken now."""
    return {
        "conflict": _("barred and required"),
        "barred": _("barred"),
        "required": _("required"),
        "contested": _("depends on the reading"),
        "unsettled": _("cannot tell"),
        "excepted": _("not barred, by an exception"),
        "unreached": _("not reached"),
    }[verdict]


def sentences(found: Comparison, contacts: Callable[[int], str]) -> list[str]:
    """What changes, for how many, and what it turns on."""
    if found.total == 0:
        return [_("There are no contacts in these data.")]
    told = [_moved(found, contacts)]
    if found.changes["clauses"]:
        told.append(
            several(
                "For {count} the verdict is the same, and other clauses decide.",
                "For {count} the verdict is the same, and other clauses decide.",
                found.changes["clauses"],
            )
        )
    if found.changes["grounds"]:
        told.append(
            several(
                "For {count} the verdict and the clauses are the same, and other facts matter.",
                "For {count} the verdict and the clauses are the same, and other facts matter.",
                found.changes["grounds"],
            )
        )
    if found.changes["none"] < found.total:
        told += [_turns(found), _verified(found)]
    return [s for s in told if s]


def _moved(found: Comparison, contacts: Callable[[int], str]) -> str:
    if found.moved == 0:
        return _("Of {contacts}, none is judged otherwise.").format(contacts=contacts(found.total))
    pairs = found.verdicts.filter(pl.col("a") != pl.col("b")).sort(-pl.col("contacts"), maintain_order=True).rows()
    one = _("from “{before}” to “{after}”") if len(pairs) == 1 else _("{n} from “{before}” to “{after}”")
    said = [one.format(n=number(n), before=verdict_said(a), after=verdict_said(b)) for a, b, n in pairs[:SHOWN_PAIRS]]
    rest = sum(n for *_verdicts, n in pairs[SHOWN_PAIRS:])
    if rest:
        said.append(several("{count} in another way", "{count} in other ways", rest))
    whole = several(
        "Of {{contacts}}, {count} is judged otherwise: {{ways}}.",
        "Of {{contacts}}, {count} are judged otherwise: {{ways}}.",
        found.moved,
    )
    return whole.format(contacts=contacts(found.total), ways=listed(said))


def _turns(found: Comparison) -> str:
    """The fact on which most of those turn that do not pass under B, and did not turn under A."""
    weighed = []
    for role in ("alone", "bar", "settles"):
        turned = found.facts.filter(pl.col(f"{role}_b") > 0)
        rows = turned.select("fact", f"{role}_a", f"{role}_b").iter_rows()
        weight = {f: (b - a, b) for f, a, b in rows}
        if weight:
            # Among facts that weigh alike, the one that is cheapest to learn.
            fact = min(weight, key=lambda f: (-weight[f][0], -weight[f][1], found.vocabulary.cost(f)))
            others = sum(w == weight[fact] for w in weight.values()) - 1
            weighed.append((weight[fact], role, fact, others))
    if not weighed:
        return ""
    (more, n), role, fact, others = max(weighed, key=lambda w: w[0])
    said = _turns_on(role).format(
        of=number(found.under("b")["unsettled"] if role == "settles" else found.open("b")),
        n=number(n),
        before=number(n - more),
        question=_(found.vocabulary.question(fact)),
    )
    also = several(" The same holds of {count} more fact.", " The same holds of {count} more facts.", others)
    return said + (also if others else "")


def _turns_on(role: str) -> str:
    return {
        "alone": _(
            "Of {of} that are barred under B, or for which nobody can tell, one answer alone would let {n} pass: "
            "“{question}” (under A: {before})."
        ),
        "bar": _(
            "Of {of} that are barred under B, or for which nobody can tell, {n} turn on one answer, which alone "
            "bars them or does not: “{question}” (under A: {before})."
        ),
        "settles": _(
            "Of {of} for which nobody can tell under B, {n} can be settled by one answer, alone or with others: "
            "“{question}” (under A: {before})."
        ),
    }[role]


def _verified(found: Comparison) -> str:
    if found.moved_verified == found.moved:
        return ""
    if found.moved_verified == 0:
        return _("On verified facts alone, none is judged otherwise.")
    return several(
        "On verified facts alone, {count} is judged otherwise.",
        "On verified facts alone, {count} are judged otherwise.",
        found.moved_verified,
    )


__all__ = [
    "Comparison",
    "Supposition",
    "Turning",
    "compare",
    "compare_parquet",
    "suppose",
    "suppositions",
    "turning",
    "verdict_said",
    "vocabulary_of",
]
