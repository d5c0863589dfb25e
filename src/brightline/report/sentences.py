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
from brightline.report.words import actor, citations, day, listed, many, month, number, plain, proof, question, share


def lede(findings: pl.DataFrame, noun: str) -> str:
    """The one sentence that stands first: the largest thing the findings say."""
    n = tables.by_verdict(findings)
    total = findings.height
    if total == 0:
        return f"There are no {noun}s in these data."
    barred = n["barred"] + n["conflict"]
    if n["unsettled"] == total and total > 1:
        return (
            f"For not one of {many(total, noun)} can these records show whether the law in force that day "
            "barred what was asked."
        )
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


def paragraphs(findings: pl.DataFrame, law: Law, about: About, changes: Sequence[Change]) -> list[tuple[str, str]]:
    """The summary under the first sentence: each paragraph with the words it begins with."""
    if findings.is_empty():
        return []
    told = [
        ("What the data hold.", _who_and_when(findings, law, about.noun)),
        ("What was barred.", _barred(findings, about.noun)),
        ("What was done.", _done(findings, law, about.noun)),
        ("What would settle the rest.", _settling(findings, law)),
        ("When the law changed.", _changed(findings, changes, about)),
        ("What rests on statements.", _resting(findings, about.noun)),
    ]
    return [(lead, text) for lead, text in told if text]


def _who_and_when(findings: pl.DataFrame, law: Law, noun: str) -> str:
    first, last = findings["date"].min(), findings["date"].max()
    when = ""
    if isinstance(first, date) and isinstance(last, date):
        when = f" on {day(first)}" if first == last else f" from {day(first)} to {day(last)}"
    undated = findings["date"].null_count()
    without = f" ({number(undated)} without a date)" if undated else ""
    agencies = tables.by_agency(findings).frame.select("agency", "total").rows()
    who = [f"{number(n)} {'concerns' if n == 1 else 'concern'} {_the(actor(a, law.vocabulary))}" for a, n in agencies]
    if len(who) > 5:
        who = [*who[:4], f"{number(sum(n for _, n in agencies[4:]))} concern {len(who) - 4} other agencies"]
    return f"The data hold {many(findings.height, noun)}{when}{without}: {listed(who)}.{_first_and_last(findings)}"


def _first_and_last(findings: pl.DataFrame) -> str:
    """The first and the last month that the data cover whole: a month that is cut would look like a fall."""
    months = tables.whole_months(findings).select("month", "total").rows()
    if len(months) < 3:
        return ""
    (first, before), (last, after) = months[0], months[-1]
    return f" There were {number(before)} in {month(first)} and {number(after)} in {month(last)}, the last whole month."


def _the(name: str) -> str:
    """An agency's name in a sentence, with "the" unless it has an article of its own."""
    if name == "agency unknown":
        return "an agency that nobody recorded"
    return name if name.startswith(("the ", "a ", "an ", "another ")) else f"the {name}"


def _barred(findings: pl.DataFrame, noun: str) -> str:
    n = tables.by_verdict(findings)
    total, barred, open_ = findings.height, n["barred"] + n["conflict"], n["unsettled"] + n["contested"]
    if barred == 0:
        most = f"; up to {number(open_)} of {number(total)} may have been" if open_ else ""
        said = f"On these records not one {noun} was certainly barred{most}."
    else:
        also = f", {number(n['conflict'])} of them required by another law" if n["conflict"] else ""
        most = f" The true number lies between {number(barred)} and {number(barred + open_)}." if open_ else ""
        said = f"Barred: {share(barred, total, open_)}{also}.{most}"
    if n["excepted"]:
        said += f" Not barred, because an exception holds: {share(n['excepted'], total, open_)}."
    if n["required"]:
        said += f" Required, and not barred: {share(n['required'], total, open_)}."
    return said


def _done(findings: pl.DataFrame, law: Law, noun: str) -> str:
    """Whether it happened is another question than whether the law barred it."""
    rows = {r["verdict"]: r for r in tables.happened(findings, law.vocabulary).frame.iter_rows(named=True)}
    done, refused, unknown = (sum(r[k] for r in rows.values()) for k in ("done", "not done", tables.UNKNOWN))
    said = "Whether the law barred it is one question, whether it happened another. "
    if unknown == findings.height:
        return f"{said}These records say of not one {noun} whether it was done.{_stated_outcome(findings)}"
    told = share(done, findings.height, unknown, "the records do not say for")
    said += f"The records say that it was done in {told}" + (
        f", that it was not in {number(refused)}." if refused else "."
    )
    barred = [rows[v] for v in ("barred", "conflict") if v in rows]
    if barred:
        n = {k: sum(r[k] for r in barred) for k in ("done", "total", tables.UNKNOWN)}
        told = share(n["done"], n["total"], n[tables.UNKNOWN], "not recorded for")
        said += f" Of those that were barred: done in {told}."
    return said + _stated_outcome(findings)


def _stated_outcome(findings: pl.DataFrame) -> str:
    """The word of one side on what became of it: worth telling, and no proof."""
    table = tables.outcomes(findings)
    stated = table.frame.filter(pl.col("outcome") != tables.UNKNOWN)
    if stated.is_empty():
        return ""
    most, n = stated.row(0)
    told = share(int(stated["count"].sum()), findings.height)
    return f" An outcome is stated for {told}, most often “{plain(most)}” ({number(n)}); nobody verified it."


def _settling(findings: pl.DataFrame, law: Law) -> str:
    table = tables.settling_facts(findings, law.vocabulary)
    if table.frame.is_empty():
        return ""
    # What settles most for the effort: the paper on the desk before the letter to a court.
    best = max(table.frame.iter_rows(named=True), key=lambda r: (r["alone"] + r["together"]) / r["cost"])
    record = proof(best["fact"], law.vocabulary)
    shown = f", which {record} shows" if record else ""
    asked = f"“{question(best['fact'], law.vocabulary)}”{shown}"
    of = f"{number(best['alone'] + best['together'])} of the {number(table.denominator)} for which nobody can tell"
    if not best["together"]:
        return f"The first thing to find out: {asked}. That answer alone can settle {of}."
    alone = f"{number(best['alone'])} of them alone, the others" if best["alone"] else "though only"
    return f"The first thing to find out: {asked}. The answer can settle {of}, {alone} together with another record."


def _changed(findings: pl.DataFrame, changes: Sequence[Change], about: About) -> str:
    if about.as_of:
        return f"The law of one day, {day(about.as_of)}, was applied to all of them, whenever they happened."
    if not changes:
        return ""
    days = [f"on {day(c.day)} ({citations(c.sections)})" for c in changes]
    when = listed(days if len(days) < 5 else [*days[:3], f"on {len(days) - 3} more days"])
    said = f"The law changed during this time: {when}. Each {about.noun} is judged by the law of its own day."
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
