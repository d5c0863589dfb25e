"""The few names that a notebook needs. Results draw themselves."""

from __future__ import annotations

from collections.abc import Sequence
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
from brightline.reason.decide import Decision
from brightline.reason.decide import decide as _decide
from brightline.reason.engines import run_audit
from brightline.reason.reasoner import reasoner


def load_law(folder: Path | str | None = None) -> Law:
    """The law that comes with Brightline, or that of a folder. Raises LawError with every problem of the text."""
    return load(Path(folder) if folder is not None else shipped_laws())


def contact(law: Law, **parts: Any) -> Contact:
    """A contact, checked against the vocabulary: `contact(law, date="2015-01-05", actor="nypd", asked=[…], facts={…})`.

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
    if isinstance(data, pl.DataFrame):
        frame = data
    else:
        path = sample(str(data).removeprefix("sample:")) if str(data).startswith("sample:") else Path(data)
        frame = read(path, reader, law.vocabulary, only=agencies or None).contacts
    judge = reasoner(law, [packs] if isinstance(packs, str) else packs, readings, as_of)
    return Findings(run_audit(frame, judge, engine))


__all__ = ["Findings", "Judgment", "audit", "contact", "decide", "load_law"]
