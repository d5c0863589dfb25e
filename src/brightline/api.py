"""The few names that a notebook needs. Results draw themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from brightline.contact.file import check
from brightline.contact.problems import ContactError
from brightline.contact.read import read
from brightline.contact.samples import sample
from brightline.contact.schema import Contact
from brightline.law.pack import Law, load, shipped_laws
from brightline.reason.compare import compare as _compare
from brightline.reason.comparison import Comparison, verdict_said
from brightline.reason.decide import Decision
from brightline.reason.decide import decide as _decide
from brightline.reason.engines import run_audit
from brightline.reason.reasoner import reasoner
from brightline.reason.sides import side, vocabulary_of
from brightline.reason.suppose import suppositions


def load_law(folder: Path | str | None = None) -> Law:
    """The law that comes with Brightline, or that of a folder. Raises LawError with every problem of the text."""
    return load(Path(folder) if folder is not None else shipped_laws())


def make_contact(law: Law, **parts: Any) -> Contact:
    """A contact, checked against the vocabulary: `make_contact(law, date="2015-01-05", actor="nypd", asked=[…], facts={…})`.

    Raises ContactError with every mistake.
    """
    made = Contact(**parts)
    problems = check(made, law.vocabulary)
    if problems:
        raise ContactError(*problems)
    return made


@dataclass(frozen=True)
class Judgment:
    """A decision that draws itself."""

    decision: Decision

    def __getattr__(self, name: str) -> Any:
        return getattr(self.decision, name)

    def __repr__(self) -> str:
        return self.decision.sentence

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(f.clause)}</td><td>{escape(f.verdict)}</td><td>{escape(f.exception or '')}</td></tr>"
            for f in self.decision.findings
        )
        head = "<tr><th scope='col'>clause</th><th scope='col'>says</th><th scope='col'>exception</th></tr>"
        return f"<p><strong>{escape(self.decision.sentence)}</strong></p><table>{head}{rows}</table>"


@dataclass(frozen=True)
class Findings:
    """The findings of an audit: a Polars frame in `.frame`, which draws itself as counts of verdicts by month."""

    frame: pl.DataFrame

    def counts(self) -> pl.DataFrame:
        """Verdicts by month: one row a month, one column a verdict."""
        monthly = self.frame.with_columns(
            month=pl.col("date").dt.strftime("%Y-%m"), verdict=pl.col("verdict").cast(pl.String)
        )
        return (
            monthly.pivot("verdict", index="month", values="contact", aggregate_function="len")
            .fill_null(0)
            .sort("month")
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """A plot that needs no network, and the table behind it."""
        import altair as alt
        import vl_convert

        long = self.counts().unpivot(index="month", variable_name="verdict", value_name="contacts")
        chart = (
            alt.Chart(alt.Data(values=long.to_dicts()), title=f"Verdicts on {self.frame.height:,} contacts")
            .mark_bar()
            .encode(
                x=alt.X("month:O", title="Month"),
                y=alt.Y("contacts:Q", title="Contacts"),
                color=alt.Color("verdict:N", title="Verdict"),
            )
        )
        return {"image/svg+xml": vl_convert.vegalite_to_svg(chart.to_json()), "text/html": self.counts()._repr_html_()}


def decide(
    contact: Contact, law: Law, packs: Sequence[str] | str, *, readings: Sequence[str] = (), as_of: date | None = None
) -> Judgment:
    """The verdict on one contact under some packs (and the packs above them)."""
    return Judgment(_decide(contact, reasoner(law, [packs] if isinstance(packs, str) else packs, readings, as_of)))


def audit(
    data: pl.DataFrame | Path | str,
    law: Law,
    packs: Sequence[str] | str,
    *,
    reader: str | None = None,
    agencies: Sequence[str] = (),
    readings: Sequence[str] = (),
    as_of: date | None = None,
    engine: str = "polars",
) -> Findings:
    """The verdicts on a frame of contacts, a file, or a sample (`"sample:ice-detainers-fy2015"`)."""
    frame = _contacts(data, law, reader, agencies)
    judge = reasoner(law, [packs] if isinstance(packs, str) else packs, readings, as_of)
    return Findings(run_audit(frame, judge, engine))


def _contacts(data: pl.DataFrame | Path | str, law: Law, reader: str | None, agencies: Sequence[str]) -> pl.DataFrame:
    """A frame of contacts as it is; the contacts of a file or a sample."""
    if isinstance(data, pl.DataFrame):
        return data
    path = sample(str(data).removeprefix("sample:")) if str(data).startswith("sample:") else Path(data)
    return read(path, reader, law.vocabulary, only=agencies or None).contacts


@dataclass(frozen=True)
class Compared:
    """A comparison of two laws that draws itself: verdict under the one by verdict under the other."""

    comparison: Comparison

    def __getattr__(self, name: str) -> Any:
        return getattr(self.comparison, name)

    def __repr__(self) -> str:
        return " ".join(self.comparison.sentences())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(verdict_said(a))}</td><td>{escape(verdict_said(b))}</td><td>{n:,}</td></tr>"
            for a, b, n in self.comparison.verdicts.iter_rows()
        )
        head = "".join(f"<th scope='col'>{escape(s.title)}</th>" for s in (self.comparison.a, self.comparison.b))
        told = f"<p><strong>{escape(repr(self))}</strong></p>"
        return f"{told}<table><tr>{head}<th scope='col'>contacts</th></tr>{rows}</table>"


def compare(
    data: pl.DataFrame | Path | str,
    law: Law,
    a: str,
    b: str,
    *,
    reader: str | None = None,
    agencies: Sequence[str] = (),
    suppose: Mapping[str, Any] | None = None,
    engine: str = "polars",
) -> Compared:
    """The same contacts under two laws, each written as a side: `"us-ny-nyc@2013-06-01"`, `"us-ny-nyc+my-reform.md"`.

    `suppose` takes facts as stated wherever no record tells them: `{"judicial_warrant": False}`. Raises LawError for
    a side with an unknown part, ContactError for a supposition that the vocabulary does not know.
    """
    one, two = side(law, a, "a"), side(law, b, "b")
    given = suppositions((f"{f}={_written(v)}" for f, v in (suppose or {}).items()), vocabulary_of(one, two))
    return Compared(_compare(_contacts(data, law, reader, agencies), one, two, engine, given))


def _written(value: Any) -> str:
    """A fact's value as a person writes it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


__all__ = ["Compared", "Findings", "Judgment", "audit", "compare", "decide", "load_law", "make_contact"]
