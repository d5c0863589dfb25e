"""Random contacts for a program, from the vocabulary: as a frame, and row by row as facts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from brightline.contact.schema import Contact, FactValue, RecordList
from brightline.law.pack import Law
from brightline.law.tree import Some
from brightline.reason.clusters import representatives
from brightline.reason.ground import amended
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner
from brightline.reason.truth import Records, atoms, evaluate

DAYS = [date(2012, 6, 1), date(2013, 9, 1), date(2014, 12, 13), date(2014, 12, 14), date(2015, 3, 1), date(2018, 2, 1), date(2019, 1, 1), date(2025, 3, 14), date(2026, 2, 1)]  # fmt: skip


def situations(law: Law, packs: tuple[str, ...]) -> Iterator[tuple[date, str, str]]:
    """Every day, actor and action that some norm of these packs speaks of."""
    for day in DAYS:
        found: dict[tuple[str, str], None] = {}
        for norm in amended(law, packs, day):
            for actor in norm.actors:
                below = [a for a in law.vocabulary.actors if actor in law.vocabulary.actor_lineage(a)]
                for action in norm.actions:
                    found[(below[-1], action)] = None
        yield from ((day, actor, action) for actor, action in found)


def values_of(name: str, program: Program) -> list[Any]:
    """Values that between them meet every truth the program's conditions can take."""
    return representatives(name, program.atoms, program.vocabulary)


def random_frame(
    program: Program, day: date, actor: str, action: str, rows: int, unknown: Any, rng: np.random.Generator
) -> pl.DataFrame:
    """A frame of contacts whose facts are unknown with this probability (one number, or one a row); some bases verified, lists with up to 2 records."""
    columns: dict[str, Any] = {
        "contact": np.arange(rows), "date": [day] * rows, "actor": [actor] * rows, "asked": [action] * rows, "done": [""] * rows,
    }  # fmt: skip
    v = program.vocabulary
    for name in program.facts:
        if name.startswith("action_is_"):
            continue  # which act was meant is never recorded
        if name in v.records:
            columns |= _records(name, program, rows, unknown, rng)
            continue
        values = values_of(name, program)
        picked = rng.integers(0, len(values), rows)
        known = rng.random(rows) >= unknown
        columns[name] = pl.Series(
            [values[i] if k else None for i, k in zip(picked, known, strict=True)], dtype=_dtype(v.facts[name].type)
        )
        if rng.random() < 0.5:
            columns[f"{name}__basis"] = [("verified" if b else "stated") for b in rng.random(rows) < 0.5]
    return pl.DataFrame(columns).with_columns(pl.col("contact").cast(pl.Int64), pl.col("date").cast(pl.Date))


def _dtype(kind: str) -> Any:
    return {"yes/no": pl.Boolean, "list": pl.String, "number": pl.Float64, "date": pl.Date}[kind]


def _records(name: str, program: Program, rows: int, unknown: Any, rng: np.random.Generator) -> dict[str, Any]:
    count = rng.integers(0, 3, rows)
    inner = [a for s in program.atoms if isinstance(s, Some) and s.record == name for a in atoms(s.body)]
    found: dict[str, Any] = {
        f"{name}__count": pl.Series(count, dtype=pl.Int64),
        f"{name}__more": pl.Series([None if u else False for u in rng.random(rows) < unknown], dtype=pl.Boolean),
    }
    for slot in (1, 2):
        for field in program.vocabulary.records[name].fields:
            values = representatives(field.name, inner, program.vocabulary, name)
            picked = rng.integers(0, len(values), rows)
            known = (rng.random(rows) >= unknown) & (count >= slot)
            found[f"{name}__{slot}__{field.name}"] = pl.Series(
                [values[i] if k else None for i, k in zip(picked, known, strict=True)], dtype=_dtype(field.type)
            )
    return found


def facts_of_rows(frame: pl.DataFrame, program: Program) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each row as facts, and the names of those that are only stated."""
    v = program.vocabulary
    plain = [f for f in program.facts if f not in v.records and f in v.facts]
    for row in frame.iter_rows(named=True):
        facts = {f: row[f] for f in plain if row.get(f) is not None}
        stated = [f for f in facts if row.get(f"{f}__basis") != "verified"]
        for name in (f for f in program.facts if f in v.records):
            entries = tuple(
                {field.name: row[f"{name}__{slot}__{field.name}"] for field in v.records[name].fields}
                for slot in range(1, row[f"{name}__count"] + 1)
            )
            facts[name] = Records(entries, row[f"{name}__more"] is False)
            stated.append(name)
        yield facts, tuple(stated)


def program_of(reasoner: Reasoner, day: date, actor: str, action: str) -> Program:
    return reasoner.program(day, actor, (action,))


# --- contacts of which everything is known ----------------------------------------------------------------------


def known_contacts(law: Law, judges: Sequence[Reasoner], count: int, seed: int) -> Iterator[tuple[Reasoner, Contact]]:
    """Contacts of which everything is known, each with its reasoner; every situation of each in turn."""
    generator = random.Random(seed)
    for judge in judges:
        found = list(situations(law, judge.packs))
        for n in range(count // len(judges)):
            yield judge, known_contact(judge, *found[n % len(found)], generator)


def known_contact(judge: Reasoner, day: date, actor: str, action: str, generator: random.Random) -> Contact:
    """A contact with every fact of which the norms for this act, or a narrower one, speak; all constraints hold.

    Whether a narrower act was meant is among the facts (`action_is_…`).
    """
    vocabulary = judge.law.vocabulary
    below = [a for a in vocabulary.actions if a != action and action in vocabulary.action_lineage(a)]
    programs = [judge.program(day, actor, (a,)) for a in (action, *below)]
    conditions = [a for p in programs for a in p.atoms]
    names = dict.fromkeys(f for p in programs for f in p.facts if not f.startswith("action_is_"))
    plain = {f: representatives(f, conditions, vocabulary) for f in names if f not in vocabulary.records}
    lists = {r: _fields(r, conditions, vocabulary) for r in names if r in vocabulary.records}
    for _ in range(1000):
        meant = vocabulary.action_lineage(generator.choice([action, *below]))
        facts: dict[str, Any] = {f"action_is_{a}": a in meant for a in below}
        facts |= {f: generator.choice(values) for f, values in plain.items()}
        records = {
            r: tuple({f: generator.choice(v) for f, v in fields.items()} for _ in range(generator.randrange(3)))
            for r, fields in lists.items()
        }
        known = {**facts, **{r: Records(entries, complete=True) for r, entries in records.items()}}
        if all(evaluate(c, known) is not False for p in programs for c in p.constraints):
            return Contact(
                date=day, actor=actor, asked=[action], basis="verified",
                facts={f: FactValue(value=v) for f, v in facts.items()},
                records={r: RecordList(records=list(entries), complete=True) for r, entries in records.items()},
            )  # fmt: skip
    raise AssertionError(f"no facts that the constraints allow: {day}, {actor}, {action}")


def _fields(record: str, conditions: Sequence[Any], vocabulary: Any) -> dict[str, list[Any]]:
    inner = [a for s in conditions if isinstance(s, Some) and s.record == record for a in atoms(s.body)]
    return {f.name: representatives(f.name, inner, vocabulary, record) for f in vocabulary.records[record].fields}
