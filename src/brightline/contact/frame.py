"""Contacts as a table: one row per contact, one column per fact known to the source.

The columns, in this order:

    contact       Int64    running number from 1 in the file
    date          Date     null: unknown
    actor         String   null: unknown
    counterpart, channel   String
    asked, done, not_done  String: names of actions, sorted, joined by one space; "" when there are none
    FACT                   Boolean (yes/no), String (list), Float64 (number) or Date; null: unknown
    FACT__basis            'verified' or 'stated'; no column or null: stated
    FACT__shown_by         the paper or person that shows or states it
    RECORD__count          Int64, never null: how many records are known
    RECORD__more           Boolean: null: there may be more records; false: the list is complete
    RECORD__basis, RECORD__shown_by
    RECORD__1__FIELD, …    the fields of the first record, and so on
    note, source_file, source_row
    and whatever columns of its own the source keeps, under their own names.

A null is never a "no": the engines read it as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from brightline.contact.problems import ContactError, did_you_mean
from brightline.contact.schema import Contact, FactValue, RecordList, Source
from brightline.law.vocabulary import Fact, Vocabulary

LEADING = ("contact", "date", "actor", "counterpart", "channel", "asked", "done", "not_done")
TYPES: dict[str, type[pl.DataType]] = {"yes/no": pl.Boolean, "list": pl.String, "number": pl.Float64, "date": pl.Date}
_LEADING_TYPES: dict[str, type[pl.DataType]] = {"contact": pl.Int64, "date": pl.Date}


def join_actions(actions: Sequence[str]) -> str:
    """Actions as one cell: sorted, each once."""
    return " ".join(sorted(set(actions)))


def reserved(name: str, vocabulary: Vocabulary) -> bool:
    """Whether a column of this name belongs to the frame form, so that a source's own column must give way."""
    if name in LEADING or name in ("note", "source_file", "source_row", "outcome_stated"):
        return True
    return name.split("__")[0] in vocabulary.names


def to_frame(contacts: Sequence[Contact], vocabulary: Vocabulary) -> pl.DataFrame:
    """Contacts as a table; only facts that at least one contact names get a column."""
    columns: dict[str, pl.Series] = {}

    def put(name: str, values: list[Any], type: type[pl.DataType]) -> None:
        columns[name] = pl.Series(name, values, dtype=type)

    put("contact", list(range(1, len(contacts) + 1)), pl.Int64)
    put("date", [c.date for c in contacts], pl.Date)
    for name in ("actor", "counterpart", "channel"):
        put(name, [getattr(c, name) for c in contacts], pl.String)
    for name in ("asked", "done", "not_done"):
        put(name, [join_actions(getattr(c, name)) for c in contacts], pl.String)
    for name in _named(contacts, "facts", vocabulary.facts):
        _put_fact(put, name, vocabulary.facts[name], contacts)
    for name in _named(contacts, "records", vocabulary.records):
        _put_records(put, name, vocabulary, contacts)
    if any(c.note for c in contacts):
        put("note", [c.note for c in contacts], pl.String)
    put("source_file", [c.source.file if c.source else None for c in contacts], pl.String)
    put("source_row", [c.source.row if c.source else None for c in contacts], pl.Int64)
    return pl.DataFrame(columns)


def _named(contacts: Sequence[Contact], part: str, declared: Mapping[str, Any]) -> list[str]:
    """The facts or records that any contact names, in the vocabulary's order."""
    used = {name for c in contacts for name in getattr(c, part)}
    unknown = sorted(used - set(declared))
    if unknown:
        raise ContactError(*(f"`{n}` is no name of the vocabulary{did_you_mean(n, declared)}" for n in unknown))
    return [name for name in declared if name in used]


def _put_fact(put: Any, name: str, fact: Fact, contacts: Sequence[Contact]) -> None:
    entries = [c.facts.get(name) for c in contacts]
    known = [e is not None and e.value is not None for e in entries]
    put(name, [e.value if e is not None else None for e in entries], TYPES[fact.type])
    bases = [c.basis_of(name) if k else None for c, k in zip(contacts, known, strict=True)]
    put(f"{name}__basis", bases, pl.String)
    if any(e is not None and e.shown_by for e in entries):
        put(
            f"{name}__shown_by",
            [e.shown_by if e and k else None for e, k in zip(entries, known, strict=True)],
            pl.String,
        )


def _put_records(put: Any, name: str, vocabulary: Vocabulary, contacts: Sequence[Contact]) -> None:
    lists = [c.records.get(name) for c in contacts]
    put(f"{name}__count", [len(r.records) if r else 0 for r in lists], pl.Int64)
    put(f"{name}__more", [False if r and r.complete else None for r in lists], pl.Boolean)
    put(f"{name}__basis", [c.basis_of(name) if r else None for c, r in zip(contacts, lists, strict=True)], pl.String)
    if any(r and r.shown_by for r in lists):
        put(f"{name}__shown_by", [r.shown_by if r else None for r in lists], pl.String)
    longest = max((len(r.records) for r in lists if r), default=0)
    for i in range(longest):
        for field in vocabulary.records[name].fields:
            values = [r.records[i].get(field.name) if r and i < len(r.records) else None for r in lists]
            put(f"{name}__{i + 1}__{field.name}", values, TYPES[field.type])


def from_row(row: Mapping[str, Any], vocabulary: Vocabulary) -> Contact:
    """One row of the frame form as a contact. Unknowns are left out, every basis is written out."""
    return Contact(
        date=row.get("date"),
        actor=row.get("actor"),
        counterpart=row.get("counterpart"),
        channel=row.get("channel"),
        asked=(row.get("asked") or "").split(),
        done=(row.get("done") or "").split(),
        not_done=(row.get("not_done") or "").split(),
        basis="stated",
        facts=_facts(row, vocabulary),
        records=_records(row, vocabulary),
        note=row.get("note"),
        source=Source(file=row["source_file"], row=row.get("source_row")) if row.get("source_file") else None,
    )


def _facts(row: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, FactValue]:
    return {
        name: FactValue(
            value=row[name], basis=row.get(f"{name}__basis") or "stated", shown_by=row.get(f"{name}__shown_by")
        )
        for name in vocabulary.facts
        if row.get(name) is not None
    }


def _records(row: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, RecordList]:
    found: dict[str, RecordList] = {}
    for name, record in vocabulary.records.items():
        count = row.get(f"{name}__count")
        complete = row.get(f"{name}__more") is False
        basis = row.get(f"{name}__basis")
        if count is None or (count == 0 and not complete and basis is None):
            continue
        entries = [
            {f.name: v for f in record.fields if (v := row.get(f"{name}__{i}__{f.name}")) is not None}
            for i in range(1, count + 1)
        ]
        found[name] = RecordList(
            records=entries, complete=complete, basis=basis or "stated", shown_by=row.get(f"{name}__shown_by")
        )
    return found
