"""The interview: how many questions it asks, of contacts of which everything is known, and how long each one takes.

Against a fixed form (every fact of which a norm for the contact's agency, act and day speaks), and against the order of
the law's text that leaves out what can no longer matter. Every interview must end with the verdict of all facts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date

from measure import HERE, Results, Table, Target, part, text

from brightline.contact.schema import Contact
from brightline.law.pack import Law, load, shipped_laws
from brightline.reason import ask
from brightline.reason.decide import facts_of_contact
from brightline.reason.reasoner import Reasoner, reasoner

sys.path.insert(0, str(HERE.parent))
from tests.reason.random_contacts import known_contacts

PACKS = ("us-ny-nyc", "us-ny", "us-ca", "us-or", "us-tx")
SEED = 1
SIZES = ((1, 4), (5, 9), (10, 19), (20, 99))
LONG = 24  # facts: interviews about such forms are timed
TIMED = (
    (date(2025, 3, 14), "nyc_doc", "share_information"),
    (date(2025, 3, 14), "nyc_doc", "notify_release"),
    (date(2025, 3, 14), "nyc_other_agency", "share_information"),
)


def main(quick: bool) -> Results:
    law = load(shipped_laws())
    judges = [reasoner(law, [pack]) for pack in PACKS]
    counted = [_counted(judge, truth) for judge, truth in known_contacts(law, judges, 500 if quick else 10_000, SEED)]
    table = Table(
        "Questions asked, of contacts of which everything is known",
        ["facts in the form", "contacts", "the form", "order of the text", "the interview", "of the form"],
    )
    for low, high in SIZES:
        some = [c for c in counted if low <= c[0] <= high]
        if some:
            table.row(f"{low} to {high}" if high < 99 else f"{low} and more", f"{len(some):,}", *_means(some))
    some = [c for c in counted if c[0]]
    table.row("all", f"{len(some):,}", *_means(some))
    table.notes = [
        f"Mean numbers a contact. {len(counted) - len(some):,} of the {len(counted):,} contacts need no fact.",
        "Contacts are spread evenly over the agencies, acts and days of the shipped packs; most of their forms are short.",
    ]
    times, slowest = _times(law, judges, quick)
    return Results(
        [table, times],
        [
            Target("questions asked / facts in the fixed form", _share(some), 0.5, False, ""),
            Target("the next question with 30 and more unknown facts, slowest median", slowest, 20, False, "ms"),
        ],
    )


def run() -> list[str]:
    """The whole measurement as lines of Markdown."""
    return text(main(False)).splitlines()


Counted = tuple[int, int, int]  # facts in the form, questions in the order of the text, questions of the interview


def _counted(judge: Reasoner, truth: Contact) -> Counted:
    asked = list(ask.steps(truth, judge))
    bare = truth.model_copy(update={"facts": {}, "records": {}})
    _same_verdict(judge, truth, asked[-1][1] if asked else bare)
    return len(ask.form(truth, judge)), sum(1 for _ in _in_order(judge, truth, bare)), len(asked)


def _in_order(judge: Reasoner, truth: Contact, contact: Contact) -> Iterator[str]:
    while (name := ask.in_order(contact, judge)) is not None:
        contact = ask.told(contact, truth, name, judge)
        yield name


def _same_verdict(judge: Reasoner, truth: Contact, contact: Contact) -> None:
    assert contact.date and contact.actor
    program = judge.program(contact.date, contact.actor, contact.actions)
    asked, whole = (program.outcome(*program.masks(facts_of_contact(c)[0])).by_choice for c in (contact, truth))
    open_ = {"excepted": "not barred", "unreached": "not barred"}  # one verdict here: see `brightline.reason.ask`
    assert [open_.get(v, v) for _, v in asked] == [open_.get(v, v) for _, v in whole], (truth, contact)


def _means(counted: Sequence[Counted]) -> tuple[str, ...]:
    means = (statistics.mean(c[n] for c in counted) for n in range(3))
    return (*(f"{m:.1f}" for m in means), f"{_share(counted):.0%}")


def _share(counted: Sequence[Counted]) -> float:
    return sum(c[2] for c in counted) / sum(c[0] for c in counted)


def _times(law: Law, judges: Sequence[Reasoner], quick: bool) -> tuple[Table, float]:
    """The time of a question that nobody asked before: what was found for the same known facts is thrown away."""
    table = Table(
        "The next question, milliseconds",
        ["contact", "unknown facts", "median", "slowest", "the first, with the law made ready"],
    )
    slowest = 0.0
    for day, actor, action in TIMED:
        contact = Contact(date=day, actor=actor, asked=[action])
        judge = reasoner(law, ["us-ny-nyc"])
        first = _milliseconds(contact, judge)
        again = [_milliseconds(contact, judge) for _ in range(5 if quick else 50)]
        slowest = max(slowest, statistics.median(again))
        facts = len(judge.program(day, actor, (action,)).facts)
        table.row(f"{actor}, {action}", facts, *(f"{x:.1f}" for x in (statistics.median(again), max(again), first)))
    every = []
    for judge, truth in known_contacts(law, judges, 500 if quick else 10_000, SEED):
        if len(ask.form(truth, judge)) >= LONG:
            contact = truth.model_copy(update={"facts": {}, "records": {}})
            for _question, after in ask.steps(truth, judge):
                every.append(_milliseconds(contact, judge))
                contact = after
    if every:
        told = f"{len(every)} questions of interviews, forms of {LONG} facts and more"
        table.row(told, "", f"{statistics.median(every):.1f}", f"{max(every):.1f}", "")
    return table, slowest


def _milliseconds(contact: Contact, judge: Reasoner) -> float:
    ask.forget()
    start = time.perf_counter()
    ask.next_question(contact, judge)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    part(main)
