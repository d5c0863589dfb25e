"""What the findings say in plain sentences, as an inspector general would hand them to a council.

No sentence gives a share without its denominator, and none lets "not barred" sound like "authorised".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from brightline.law.pack import Law
from brightline.report import tables
from brightline.report.about import About
from brightline.report.changes import Change
from brightline.report.words import actor, citations, day, facts, listed, many, number, proof, share


def lede(findings: pl.DataFrame, noun: str) -> str:
    """The one sentence that stands first: the largest thing the findings say."""
    n = tables.by_verdict(findings)
    total = findings.height
    if total == 0:
        return f"There are no {noun}s in these data."
    barred = n["barred"] + n["conflict"]
    if 2 * n["unsettled"] >= total:
        return (
            f"For {number(n['unsettled'])} of {many(total, noun)}, these records cannot show "
            "whether the law in force that day barred what was asked."
        )
    if 2 * barred >= total:
        return f"The law in force that day barred what was asked in {number(barred)} of {many(total, noun)}."
    if 2 * n["unreached"] >= total:
        return f"For {number(n['unreached'])} of {many(total, noun)}, no law encoded here says anything."
    certain = f"{number(barred)} {'was' if barred == 1 else 'were'} barred by the law in force that day"
    return f"Of {many(total, noun)}, {certain}, and for {number(n['unsettled'])} these records cannot show it."


def paragraphs(findings: pl.DataFrame, law: Law, about: About, changes: Sequence[Change]) -> list[str]:
    """The summary under the first sentence."""
    if findings.is_empty():
        return []
    told = [
        _who_and_when(findings, law, about.noun),
        _barred(findings, law, about.noun),
        _settling(findings, law),
        _changed(findings, changes, about),
        _resting(findings, about.noun),
    ]
    return [t for t in told if t]


def _who_and_when(findings: pl.DataFrame, law: Law, noun: str) -> str:
    first, last = findings["date"].min(), findings["date"].max()
    when = ""
    if isinstance(first, date) and isinstance(last, date):
        when = f" on {day(first)}" if first == last else f" from {day(first)} to {day(last)}"
    undated = findings["date"].null_count()
    without = f" ({number(undated)} without a date)" if undated else ""
    agencies = tables.by_agency(findings).frame.select("agency", "total").rows()
    who = [f"{number(n)} {'concerns' if n == 1 else 'concern'} the {_the(actor(a, law.vocabulary))}" for a, n in agencies]
    if len(who) > 5:
        who = [*who[:4], f"{number(sum(n for _, n in agencies[4:]))} concern {len(who) - 4} other agencies"]
    return f"The data hold {many(findings.height, noun)}{when}{without}: {listed(who)}."


def _the(name: str) -> str:
    """An agency's title after "the": an article of its own gives way."""
    for article in ("the ", "a ", "an "):
        name = name.removeprefix(article)
    return "agency that nobody recorded" if name == "agency unknown" else name


def _barred(findings: pl.DataFrame, law: Law, noun: str) -> str:
    n = tables.by_verdict(findings)
    total, barred, open_ = findings.height, n["barred"] + n["conflict"], n["unsettled"] + n["contested"]
    if barred == 0:
        most = f"; up to {number(open_)} of {number(total)} may have been" if open_ else ""
        said = f"On these records not one {noun} was certainly barred{most}."
    else:
        most = f" The true number lies between {number(barred)} and {number(barred + open_)}." if open_ else ""
        said = f"Barred: {share(barred, total, open_)}.{most}"
    if n["excepted"]:
        said += f" Not barred, because an exception holds: {share(n['excepted'], total, open_)}."
    if n["required"] + n["conflict"]:
        said += f" Required: {share(n['required'] + n['conflict'], total, open_)}."
    return said + _done(findings, law)


def _done(findings: pl.DataFrame, law: Law) -> str:
    """Whether it happened is another question than whether the law barred it."""
    rows = {r["verdict"]: r for r in tables.happened(findings, law.vocabulary).frame.iter_rows(named=True)}
    picked = [rows[v] for v in ("barred", "conflict") if v in rows] or list(rows.values())
    done, refused, unknown = (sum(r[k] for r in picked) for k in ("done", "not done", tables.UNKNOWN))
    of = sum(r["total"] for r in picked)
    which = "barred ones" if len(picked) < len(rows) or "barred" in rows else "requests"
    not_done = f", in {number(refused)} that it was not," if refused else ""
    return (
        f" Whether it was then done is another question: of these {number(of)} {which}, the records say"
        f" in {number(done)} that it was done{not_done} and nothing in {number(unknown)}."
    )


def _settling(findings: pl.DataFrame, law: Law) -> str:
    table = tables.settled_by(findings)
    if table.frame.is_empty():
        return ""
    best = table.frame.sort(-pl.col("ask_first"), -pl.col("can_settle")).row(0, named=True)
    names = best["facts"].split(" and ")
    shown = listed([p for p in (proof(f, law.vocabulary) for f in names) if p])
    look = f" What shows it: {shown}." if shown else ""
    return (
        f"The first thing to look for: “{facts(best['facts'], law.vocabulary)}”{look} "
        f"The answer can settle {number(best['can_settle'])} of the {number(table.denominator)} "
        "for which nobody can tell now."
    )


def _changed(findings: pl.DataFrame, changes: Sequence[Change], about: About) -> str:
    if about.as_of:
        return f"The law of one day, {day(about.as_of)}, was applied to all of them, whenever they happened."
    if not changes:
        return ""
    when = listed([f"on {day(c.day)} ({citations(c.sections)})" for c in changes[:4]])
    more = f" and on {len(changes) - 4} more days" if len(changes) > 4 else ""
    said = f"The law changed during this time: {when}{more}. Each {about.noun} is judged by the law of its own day."
    if len(changes) == 1:
        rows = tables.by_law_period(findings, [changes[0].day]).frame["total"].to_list()
        if len(rows) == 2:
            said += f" {number(rows[0])} are from before that day, {number(rows[1])} from that day or later."
    return said


def _resting(findings: pl.DataFrame, noun: str) -> str:
    table = tables.rests_on(findings)
    if table.denominator == 0:
        return ""
    return (
        f"{share(table.denominator, findings.height)} verdicts rest on something that was only stated, "
        "not verified by a record or a court; on verified facts alone they would be different."
    )
