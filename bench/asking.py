"""The interview: how many questions it asks, against a fixed form and the order of the text, and how long each takes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import Results, Table, Target, clock, part
from tests.reason.random_contacts import known_contacts

from brightline.contact.schema import Contact
from brightline.law.pack import load, shipped_laws
from brightline.reason.ask import answered, form, in_order, interview, next_question
from brightline.reason.reasoner import Reasoner, reasoner

PACKS = ("us-ny-nyc", "us-ny", "us-ca", "us-or", "us-tx")
CONTACTS, QUICK = 10_000, 300
STATES, QUICK_STATES = 101, 11
SEED = 1
MANY = Contact(date=date(2025, 3, 14), actor="nyc_doc", asked=["share_information"])
UNKNOWN = 30


@dataclass(frozen=True)
class Counts:
    """One contact: the facts of the fixed form, and the questions asked in the order of the text and by the interview."""

    form: int
    ordered: int
    asked: int


def main(quick: bool) -> Results:
    with clock() as passed:
        with ProcessPoolExecutor(2) as pool:
            counts = [c for half in pool.map(_counted, (0, 1), (QUICK if quick else CONTACTS,) * 2) for c in half]
        took = passed()
    whole, long = _table("Questions asked of somebody who knows everything", counts), [c for c in counts if c.form >= 8]
    whole.notes.append(f"the laws of {', '.join(PACKS)}; {took:.0f} s for all, in two processes; seed {SEED}")
    share = sum(c.asked for c in counts) / sum(c.form for c in counts)
    times, unknown = _times(QUICK_STATES if quick else STATES)
    speed = Table("The next question", ["unknown facts", "states", "median, ms", "slowest, ms"])
    speed.row(unknown, len(times), f"{median(times) * 1000:.1f}", f"{max(times) * 1000:.1f}")
    speed.notes.append(
        "nyc_doc is asked to share information; in each state other facts are known, none was met before"
    )
    targets = [
        Target("questions asked, as a share of a fixed form", share, 0.5, False, ""),
        Target(f"the next question with {unknown} unknown facts", median(times) * 1000, 20.0, False, "ms"),
    ]
    return Results([whole, _table("The same, contacts with a form of eight facts or more", long), speed], targets)


def _table(title: str, counts: list[Counts]) -> Table:
    table = Table(title, ["", "contacts", "questions, mean", "share of the form"])
    whole = sum(c.form for c in counts)
    rows = (
        ("fixed form", whole),
        ("order of the text", sum(c.ordered for c in counts)),
        ("interview", sum(c.asked for c in counts)),
    )
    for name, questions in rows:
        table.row(
            name, f"{len(counts):,}", f"{questions / max(1, len(counts)):.2f}", f"{questions / max(1, whole):.1%}"
        )
    return table


def _counted(half: int, count: int) -> list[Counts]:
    """Every second contact, counted from `half`: the same contacts in one process as in two."""
    law = load(shipped_laws())
    judges = [reasoner(law, [pack]) for pack in PACKS]
    contacts = islice(known_contacts(law, judges, count, SEED), half, None, 2)
    return [
        Counts(len(form(truth, judge)), _ordered(truth, judge), len(interview(truth, judge)))
        for judge, truth in contacts
    ]


def _ordered(truth: Contact, judge: Reasoner) -> int:
    contact, asked = truth.model_copy(update={"facts": {}, "records": {}}), 0
    while (name := in_order(contact, judge)) is not None:
        contact, asked = _told(contact, truth, name, judge), asked + 1
    return asked


def _told(contact: Contact, truth: Contact, name: str, judge: Reasoner) -> Contact:
    if name in judge.law.vocabulary.records:
        return answered(contact, judge, name, truth.records.get(name))
    entry = truth.facts.get(name)
    return answered(contact, judge, name, entry.value if entry else None, entry.basis if entry else None)


def _times(count: int) -> tuple[list[float], int]:
    """Seconds for the next question, each of a contact that was not met before with the same number of unknown facts."""
    judge = reasoner(load(shipped_laws()), ["us-ny-nyc"])
    next_question(MANY, judge)  # the norms are compiled once for all contacts
    times = []
    states = _states(judge)
    while len(times) < count:
        contact = next(states)
        start = time.perf_counter()
        question = next_question(contact, judge)
        passed = time.perf_counter() - start
        if question is not None:  # else the verdict was settled: nothing was looked for
            times.append(passed)
    return times, UNKNOWN


def _states(judge: Reasoner) -> Iterator[Contact]:
    """Contacts with exactly this many facts unknown, each once."""
    generator = Random(SEED)
    names = form(MANY, judge)
    plain = [f for f in names if f in judge.law.vocabulary.facts and judge.law.vocabulary.facts[f].type == "yes/no"]
    seen = set()
    while True:
        given = {f: generator.random() < 0.5 for f in generator.sample(plain, len(names) - UNKNOWN)}
        key = tuple(sorted(given.items()))
        contact = MANY
        for name, value in given.items():
            contact = answered(contact, judge, name, value, "verified")
        if key not in seen:
            seen.add(key)
            yield contact


if __name__ == "__main__":
    part(main)
