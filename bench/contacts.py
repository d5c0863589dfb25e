"""Contacts to decide: random ones with a seed, and real ones resampled. As columns, and as facts in dicts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import rules

from brightline.contact.read import read
from brightline.contact.samples import sample
from brightline.law.vocabulary import Fact
from brightline.reason.columns import Columns
from brightline.reason.truth import Records

YES = 0.3  # each yes/no is a yes with this chance
PART = 1_000_000  # rows made at a time
MOST = {"hours": 96, "years": 12}
SAMPLE = "ice-detainers-fy2015"


def columns(rows: int, missing: float = 0.1, seed: int = 20250314) -> pl.DataFrame:
    """Contacts in the frame form, every fact independent, each unknown with the chance `missing`.

    Lists, agencies and actions are closed lists of values; no contact contradicts the vocabulary's constraints.
    """
    generator = np.random.default_rng(seed)
    parts = []
    left = rows
    while left:
        part = _allowed(_facts(min(2 * left, PART), generator)).head(left)
        left -= part.height
        parts.append(_frame(_withheld(part, missing, generator)))
    return pl.concat(parts, rechunk=True)


def _facts(rows: int, generator: np.random.Generator) -> pl.DataFrame:
    vocabulary = rules.law().vocabulary
    found: dict[str, pl.Series] = {}
    for name in rules.program().facts:
        if name in vocabulary.facts:
            found[name] = _values(name, vocabulary.facts[name], rows, generator)
            continue
        # A complete list of no judgment or one: the fields of a judgment that is not there are unknown.
        count = generator.integers(0, 2, rows, np.uint8)
        found[f"{name}__count"] = pl.Series(f"{name}__count", count)
        found[f"{name}__more"] = pl.Series(f"{name}__more", np.zeros(rows, np.bool_))
        there = pl.Series(count == 1)
        for field in vocabulary.records[name].fields:
            column = f"{name}__1__{field.name}"
            found[column] = _known(_values(column, field, rows, generator), there)
    return pl.DataFrame(found)


def _values(name: str, fact: Fact, rows: int, generator: np.random.Generator) -> pl.Series:
    match fact.type:
        case "yes/no":
            return pl.Series(name, generator.random(rows, np.float32) < YES)
        case "list":
            codes = generator.integers(0, len(fact.values), rows, np.uint8)
            return (
                pl.Series(name, codes).cat.to(pl.Enum(fact.values))
                if rows
                else pl.Series(name, [], pl.Enum(fact.values))
            )
        case "number":
            return pl.Series(name, generator.integers(0, MOST[fact.unit], rows, np.uint8)).cast(pl.Float64)
    raise TypeError(f"no contact is made with a {fact.type}")


def _known(column: pl.Series, where: pl.Series) -> pl.Series:
    return pl.select(pl.when(where).then(column).alias(column.name)).to_series()


def _allowed(frame: pl.DataFrame) -> pl.DataFrame:
    possible = Columns.of(frame.columns)
    wide = nw.from_native(frame)
    for constraint in rules.program().constraints:
        wide = wide.filter(possible.truth(constraint))
    return nw.to_native(wide)


def _withheld(frame: pl.DataFrame, missing: float, generator: np.random.Generator) -> pl.DataFrame:
    """Each fact unknown with the chance; a list of records that is unknown has no known record."""
    if not missing:
        return frame
    found = []
    for name in rules.program().facts:
        known = pl.Series(generator.random(frame.height, np.float32) >= missing)
        for column in frame.columns:
            if column == f"{name}__count":
                found.append(pl.select((frame[column] * known.cast(pl.UInt8)).alias(column)).to_series())
            elif column == name or column.startswith(f"{name}__"):
                found.append(_known(frame[column], known))
    return pl.DataFrame(found)


def _frame(facts: pl.DataFrame) -> pl.DataFrame:
    def always(name: str, value: str) -> pl.Expr:
        return pl.lit(value, dtype=pl.Enum([value])).alias(name)

    return facts.select(
        pl.lit(rules.DAY).alias("date"),
        always("actor", rules.ACTOR),
        always("asked", " ".join(rules.ACTIONS)),
        always("done", ""),
        pl.all(),
    )


def fact_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that the norms speak of, without the frame's own."""
    wanted = [n for n in frame.columns if n.split("__")[0] in rules.norm_facts()]
    return frame.select(wanted)


def facts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Each row as `decide` reads it: facts that are known, with values; lists of records as Records."""
    vocabulary = rules.law().vocabulary
    return [_row_facts(row, vocabulary.facts, vocabulary.records) for row in frame.iter_rows(named=True)]


def _row_facts(row: Mapping[str, Any], declared: Mapping[str, Any], records: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name in declared and value is not None}
    for name, record in records.items():
        if f"{name}__count" not in row or (row[f"{name}__more"] is None and not row[f"{name}__count"]):
            continue
        entry = {f.name: row[f"{name}__1__{f.name}"] for f in record.fields}
        known = ({k: v for k, v in entry.items() if v is not None},) if row[f"{name}__count"] else ()
        found[name] = Records(known, row[f"{name}__more"] is False)
    return found


def withhold(contact: Mapping[str, Any], chance: float, generator: random.Random) -> dict[str, Any]:
    """The contact without some of its facts."""
    return {name: value for name, value in contact.items() if generator.random() >= chance}


def real(rows: int, seed: int = 20150708) -> pl.DataFrame:
    """Contacts drawn with replacement from the detainers of the fiscal year 2015, all 79,053 of them.

    The columns that an audit reads, with closed lists of values in place of texts.
    """
    found = read(sample(SAMPLE), SAMPLE, rules.law().vocabulary).contacts
    known = [c for c in found.columns if c in rules.law().vocabulary.facts or c.endswith("__basis")]
    found = found.select("date", "actor", "asked", "done", *known)
    texts = [c for c, t in found.schema.items() if t == pl.String]
    found = found.with_columns(pl.col(c).cast(pl.Enum(found[c].unique().drop_nulls().sort())) for c in texts)
    picked = np.random.default_rng(seed).integers(0, found.height, rows, np.uint32)
    return found[picked]
