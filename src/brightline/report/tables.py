"""Findings counted: each table is a polars frame that states its denominator.

A finding is one contact. Verdict columns come in the order of strictness; `unknown` stands for a date or an
agency that nobody recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from brightline.law.vocabulary import Vocabulary
from brightline.reason.program import VERDICTS
from brightline.report.about import ReportError

NEEDED = (
    "contact", "date", "actor", "asked", "done", "source_file", "source_row", "verdict", "as_verified", "action",
    "norm", "clause", "exception", "reading", "rests_on", "settled_by", "horizon", "explanation",
)  # fmt: skip
OURS = (*NEEDED, "counterpart", "channel", "not_done", "outcome_stated", "note")
UNKNOWN = "unknown"
MOST_MONTHS = 600  # beyond fifty years a gap between two dates is a mistyped year, not an empty month


@dataclass(frozen=True)
class Table:
    """Counts, and of what they are counts."""

    name: str
    frame: pl.DataFrame
    denominator: int
    of: str  # what the denominator counts, in words


def checked(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with words as plain text. Raises ReportError unless a report can be made of them."""
    missing = [c for c in NEEDED if c not in findings.columns]
    if missing:
        raise ReportError(f"the findings lack the columns {', '.join(missing)}: make them with `brightline audit`")
    if findings.schema["date"] != pl.Date:
        raise ReportError(f"the column `date` of the findings holds {findings.schema['date']}, not days")
    coded = [c for c, t in findings.schema.items() if isinstance(t, pl.Enum | pl.Categorical | pl.Null)]
    plain = findings.with_columns(pl.col(coded).cast(pl.String))
    odd = sorted({str(v) for v in plain["verdict"].unique()} - set(VERDICTS))
    if odd:
        raise ReportError(f"the findings hold verdicts that this report does not know: {', '.join(odd)}")
    return plain


def occurring(findings: pl.DataFrame) -> tuple[str, ...]:
    """The verdicts that some contact got, strictest first."""
    found = set(findings["verdict"].unique())
    return tuple(v for v in VERDICTS if v in found)


def by_verdict(findings: pl.DataFrame) -> dict[str, int]:
    """Every verdict with its count, zero included."""
    found = dict(findings.group_by("verdict").len().iter_rows())
    return {v: int(found.get(v, 0)) for v in VERDICTS}


def _verdicts(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    counts = [(pl.col("verdict") == v).sum().cast(pl.Int64).alias(v) for v in VERDICTS]
    return frame.group_by(key, maintain_order=True).agg(*counts, pl.len().cast(pl.Int64).alias("total"))


def _months(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.with_columns(pl.col("date").dt.strftime("%Y-%m").fill_null(UNKNOWN).alias("month"))


def _agencies(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.with_columns(pl.col("actor").fill_null(UNKNOWN).alias("agency"))


def by_month(findings: pl.DataFrame) -> Table:
    """Month by verdict; months without contacts stand as zeros, unknown dates come last."""
    counted = _verdicts(_months(findings), "month")
    first, last = findings["date"].min(), findings["date"].max()
    if isinstance(first, date) and isinstance(last, date) and _month_number(last) - _month_number(first) < MOST_MONTHS:
        empty = pl.DataFrame({"month": [_month_name(n) for n in range(_month_number(first), _month_number(last) + 1)]})
        undated = counted.filter(pl.col("month") == UNKNOWN)
        counted = empty.join(counted, on="month", how="left").with_columns(pl.exclude("month").fill_null(0))
        counted = pl.concat([counted, undated])
    else:
        counted = counted.sort("month")
    return Table("by_month", counted, findings.height, "contacts")


def by_year(months: Table) -> Table:
    """The months of a table taken together by year."""
    year = (
        pl.when(pl.col("month") == UNKNOWN).then(pl.lit(UNKNOWN)).otherwise(pl.col("month").str.head(4)).alias("year")
    )
    counted = months.frame.group_by(year, maintain_order=True).agg(pl.col(*VERDICTS, "total").sum())
    return Table("by_year", counted, months.denominator, months.of)


def _month_number(d: date) -> int:
    return d.year * 12 + d.month - 1


def _month_name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def by_agency(findings: pl.DataFrame) -> Table:
    """Agency by verdict, the agency with most contacts first, unknown last."""
    counted = _verdicts(_agencies(findings), "agency")
    unknown_last = (pl.col("agency") == UNKNOWN).cast(pl.Int8)
    counted = counted.sort(unknown_last, -pl.col("total"), "agency")
    return Table("by_agency", counted, findings.height, "contacts")


def by_month_agency(findings: pl.DataFrame) -> Table:
    """Month, agency, verdict, count: only what occurs."""
    keys = ["month", "agency", "verdict"]
    frame = _agencies(_months(findings))
    counted = frame.group_by(keys).agg(pl.len().cast(pl.Int64).alias("count")).sort(keys)
    return Table("by_month_agency", counted, findings.height, "contacts")


def by_clause(findings: pl.DataFrame) -> Table:
    """Norm by verdict. A contact counts under every norm that its finding names."""
    patterns = findings.drop_nulls("norm").group_by("norm", "verdict").agg(pl.len().cast(pl.Int64).alias("n"))
    named = patterns.with_columns(pl.col("norm").str.split("; ").list.unique(maintain_order=True)).explode("norm")
    counts = [pl.col("n").filter(pl.col("verdict") == v).sum().alias(v) for v in VERDICTS]
    counted = named.group_by("norm").agg(*counts, pl.col("n").sum().alias("total")).sort(-pl.col("total"), "norm")
    reached = findings["norm"].is_not_null().sum()
    return Table("by_clause", counted, int(reached), "contacts that some clause reaches")


def of_clause(findings: pl.DataFrame, norm: str) -> pl.DataFrame:
    """The contacts whose finding names this norm."""
    cells = [c for c in findings["norm"].drop_nulls().unique() if norm in c.split("; ")]
    return findings.filter(pl.col("norm").is_in(cells))


def by_law_period(findings: pl.DataFrame, changes: Sequence[date]) -> Table:
    """Verdicts between one change of the law and the next; `from` and `to` are the first and last contact."""
    dated = findings.filter(pl.col("date").is_not_null())
    number = pl.sum_horizontal([pl.lit(0), *[(pl.col("date") >= d).cast(pl.Int32) for d in changes]])
    framed = dated.with_columns(number.alias("period"))
    ends = framed.group_by("period").agg(pl.col("date").min().alias("from"), pl.col("date").max().alias("to"))
    counted = ends.join(_verdicts(framed, "period"), on="period").sort("period")
    return Table("by_law_period", counted, dated.height, "contacts whose date is known")


def exceptions(findings: pl.DataFrame) -> Table:
    """Exceptions that were used, and how often."""
    used = findings.filter(pl.col("exception").is_not_null())
    counted = used.group_by("exception").agg(pl.len().cast(pl.Int64).alias("count")).sort(-pl.col("count"), "exception")
    return Table("exceptions", counted, used.height, "contacts not barred because of an exception")


def readings(findings: pl.DataFrame) -> Table:
    """Verdicts that depend on how a clause is read."""
    used = findings.filter(pl.col("reading").is_not_null())
    counted = _verdicts(used, "reading").sort(-pl.col("total"), "reading")
    return Table("readings", counted, used.height, "contacts whose verdict names a reading")


def rests_on(findings: pl.DataFrame) -> Table:
    """Stated facts on which verdicts rest, with the verdict on verified facts alone."""
    resting = findings.filter(pl.col("rests_on").is_not_null())
    keys = ["rests_on", "verdict", "as_verified"]
    counted = resting.group_by(keys).agg(pl.len().cast(pl.Int64).alias("count")).sort(-pl.col("count"), *keys)
    return Table("rests_on", counted, resting.height, "contacts whose verdict rests on a fact that was only stated")


def verified_alone(findings: pl.DataFrame) -> Table:
    """Each verdict as stated, and on verified facts alone."""
    stated, verified = by_verdict(findings), dict(findings.group_by("as_verified").len().iter_rows())
    rows = {"verdict": list(VERDICTS), "as_stated": [stated[v] for v in VERDICTS]}
    rows["as_verified"] = [int(verified.get(v, 0)) for v in VERDICTS]
    return Table("verified_alone", pl.DataFrame(rows), findings.height, "contacts")


def settling_sets(findings: pl.DataFrame) -> Table:
    """Smallest sets of facts that can settle a contact for which nobody can tell, and how many each can settle.

    `can_settle` counts contacts for which some answer decides; `ask_first` those for which it is the best question.
    `size` is the number of facts in the set: 1 is a single record.
    """
    cells = _open_cells(findings)
    can: dict[str, int] = {}
    first: dict[str, int] = {}
    for cell, n in cells.items():
        sets = cell.split(" or ")
        first[sets[0]] = first.get(sets[0], 0) + n
        for facts in dict.fromkeys(sets):
            can[facts] = can.get(facts, 0) + n
    rows = [(f, n, first.get(f, 0), f.count(" and ") + 1) for f, n in can.items()]
    schema = {"facts": pl.String, "can_settle": pl.Int64, "ask_first": pl.Int64, "size": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame = frame.sort("size", -pl.col("can_settle"), -pl.col("ask_first"), "facts")
    return Table("settling_sets", frame, _open(findings), "contacts for which nobody can tell")


def settling_facts(findings: pl.DataFrame, vocabulary: Vocabulary) -> Table:
    """For each unknown fact, the contacts that its answer can settle alone, and together with other facts only.

    `cost` is the vocabulary's: how hard it is to learn, 1 (on the desk) to 4 (a court).
    """
    alone: dict[str, int] = {}
    together: dict[str, int] = {}
    for cell, n in _open_cells(findings).items():
        sets = [s.split(" and ") for s in cell.split(" or ")]
        single = {s[0] for s in sets if len(s) == 1}
        for fact in dict.fromkeys(f for s in sets for f in s):
            counts = alone if fact in single else together
            counts[fact] = counts.get(fact, 0) + n
    rows = [(f, alone.get(f, 0), together.get(f, 0), vocabulary.cost(f)) for f in {**alone, **together}]
    schema = {"fact": pl.String, "alone": pl.Int64, "together": pl.Int64, "cost": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    asked = {name: n for n, name in enumerate(vocabulary.names)}  # the page of the vocabulary is the order of asking
    order = pl.col("fact").replace_strict(asked, default=len(asked), return_dtype=pl.Int64)
    frame = frame.sort(-(pl.col("alone") + pl.col("together")), "cost", -pl.col("alone"), order, "fact")
    return Table("settling_facts", frame, _open(findings), "contacts for which nobody can tell")


def _open(findings: pl.DataFrame) -> int:
    return int((findings["verdict"] == "unsettled").sum())


def _open_cells(findings: pl.DataFrame) -> dict[str, int]:
    """What settles the open contacts, as written, with the number of contacts: there are few such cells."""
    cells = findings.filter(pl.col("verdict") == "unsettled").drop_nulls("settled_by")
    return dict(cells.group_by("settled_by").len().iter_rows())


def unknowns(findings: pl.DataFrame, vocabulary: Vocabulary) -> Table:
    """How often a column is empty: date, agency, what was done, facts, and the source's own columns."""
    own = [c for c in findings.columns if c not in OURS and "__" not in c]
    rows = [("date", "frame"), ("actor", "frame"), ("asked", "frame"), ("done", "frame")]
    rows += [("outcome_stated", "frame")] if "outcome_stated" in findings.columns else []
    rows += [(c, "fact" if c in vocabulary.facts else "source") for c in own]
    empty = [int(_empty(findings, c)) for c, _ in rows]
    frame = pl.DataFrame({"column": [c for c, _ in rows], "kind": [k for _, k in rows], "unknown": empty})
    wanted = frame.filter((pl.col("unknown") > 0) | (pl.col("kind") == "frame"))
    return Table("unknowns", wanted, findings.height, "contacts")


def _empty(findings: pl.DataFrame, column: str) -> int:
    values = findings[column]
    nulls = values.null_count()
    return nulls + int((values == "").sum()) if values.dtype == pl.String else nulls


def was_done(findings: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """The findings with `happened`: whether the judged action is recorded as done, as not done, or not at all.

    An action counts as done if it, or one below it, stands among the actions done.
    """
    columns = ["action", "done", *(["not_done"] if "not_done" in findings.columns else [])]
    seen = findings.select(columns).unique()

    def told(row: tuple[str | None, ...]) -> str:
        action, done, refused = row[0], row[1], row[2] if len(row) > 2 else None
        if any(action in vocabulary.action_lineage(d) for d in (done or "").split()):
            return "done"
        return "not done" if action in (refused or "").split() else UNKNOWN

    answers = seen.with_columns(pl.Series("happened", [told(r) for r in seen.iter_rows()], dtype=pl.String))
    return findings.join(answers, on=columns, how="left", nulls_equal=True, maintain_order="left")


def happened(findings: pl.DataFrame, vocabulary: Vocabulary) -> Table:
    """Verdict by whether the act is recorded as done."""
    framed = was_done(findings, vocabulary)
    states = ("done", "not done", UNKNOWN)
    counts = [(pl.col("happened") == s).sum().cast(pl.Int64).alias(s) for s in states]
    counted = framed.group_by("verdict").agg(*counts, pl.len().cast(pl.Int64).alias("total"))
    order = {v: n for n, v in enumerate(VERDICTS)}
    counted = counted.sort(pl.col("verdict").replace_strict(order, return_dtype=pl.Int8))
    return Table("happened", counted, findings.height, "contacts")


def outcomes(findings: pl.DataFrame) -> Table:
    """What the requester says became of its request: stated, not verified. Unknown comes last."""
    stated = findings["outcome_stated"] if "outcome_stated" in findings.columns else pl.Series([None], dtype=pl.String)
    words = stated.replace("", None).fill_null(UNKNOWN).alias("outcome").to_frame()
    counted = words.group_by("outcome").agg(pl.len().cast(pl.Int64).alias("count"))
    counted = counted.sort((pl.col("outcome") == UNKNOWN).cast(pl.Int8), -pl.col("count"), "outcome")
    return Table("outcomes", counted, findings.height, "contacts")


def month_by_agency(findings: pl.DataFrame) -> Table:
    """Month by agency: how many contacts, whatever the verdict."""
    agencies = by_agency(findings).frame["agency"].to_list()
    counts = [(pl.col("agency") == a).sum().cast(pl.Int64).alias(a) for a in agencies]
    counted = _agencies(_months(findings)).group_by("month").agg(*counts, pl.len().cast(pl.Int64).alias("total"))
    every = by_month(findings).frame.select("month")
    counted = every.join(counted, on="month", how="left", maintain_order="left")
    return Table("month_by_agency", counted.with_columns(pl.exclude("month").fill_null(0)), findings.height, "contacts")


def whole_months(findings: pl.DataFrame) -> pl.DataFrame:
    """The months of `by_month` that the data cover from their first day to their last."""
    months = by_month(findings).frame.filter(pl.col("month") != UNKNOWN)
    first, last = findings["date"].min(), findings["date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return months
    cut = [f"{first:%Y-%m}"] * (first.day > 1) + [f"{last:%Y-%m}"] * ((last + timedelta(days=1)).day > 1)
    return months.filter(~pl.col("month").is_in(cut))


def horizon(findings: pl.DataFrame, laws: Sequence[str]) -> Table:
    """For each law that is not encoded, the contacts on which it may bear."""
    cells = findings.drop_nulls("horizon").group_by("horizon").len().rows()  # few, however many contacts there are
    counts = [sum(n for cell, n in cells if law in cell) for law in laws]
    frame = pl.DataFrame({"law": list(laws), "count": counts}, schema={"law": pl.String, "count": pl.Int64})
    return Table("horizon", frame, findings.height, "contacts")
