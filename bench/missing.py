"""What engines say when facts are missing: each fact of each contact is withheld with a chance of one in ten.

The truth is known here, not to the engine. A contact is *settled* when every way of filling its gaps that the
vocabulary's constraints allow gives the same answer: found by trying all of them with the plain evaluator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import contacts
import openfisca
import peers
import rules
from measure import Results, Table, Target, part

from brightline.law.tree import Atom, Compare, Some
from brightline.law.vocabulary import Fact
from brightline.reason.compiled import decider, explainer
from brightline.reason.truth import Records, atoms, evaluate, facts_of

COUNT, QUICK_COUNT = 5_000, 500
WITHHELD = 0.1
BARRED = {"barred": True, "excepted": False, "unreached": False, "unsettled": None}


@dataclass
class Question:
    """A contact with gaps: what is known, what is true, and the answer that is settled, if one is."""

    facts: dict[str, Any]
    plain: dict[str, Any]
    truth: bool
    settled: bool | None


def main(quick: bool) -> Results:
    questions = [*_questions(QUICK_COUNT if quick else COUNT)]
    settled = sum(q.settled is not None for q in questions)
    table = Table(
        f"{len(questions):,} contacts, {WITHHELD:.0%} of the facts withheld; {settled:,} are settled by what is left",
        [
            "engine",
            "definite",
            "wrong",
            "said permitted, is barred",
            "said barred, is not",
            "right, not supported",
            "settled, yet silent",
        ],
    )
    counts = {}
    for name, ask, own in _engines():
        counts[name] = _counted([ask(q.facts if own else q.plain) for q in questions], questions)
        table.row(name, *(f"{n:,}" for n in counts[name]))
    table.notes = [
        "the peers are given no facts that their rules do not name, and cannot be told the vocabulary's constraints",
        *(f"{p} is NOT INSTALLED and was not asked" for p in peers.absent()),
    ]
    mine = [c for name, c in counts.items() if name.startswith("Brightline")]
    return Results(
        [table],
        [
            Target("Brightline, wrong answers under missing facts", max(c[1] for c in mine), 0, False, ""),
            Target("Brightline, answers without support", max(c[4] for c in mine), 0, False, ""),
            Target("Brightline, needless silences", max(c[5] for c in mine), 0, False, ""),
        ],
    )


def _counted(answers: Sequence[bool | None], questions: Sequence[Question]) -> tuple[int, ...]:
    pairs = list(zip(answers, questions, strict=True))
    permitted = sum(a is False and q.truth for a, q in pairs)
    barred = sum(a is True and not q.truth for a, q in pairs)
    return (
        sum(a is not None for a, _ in pairs),
        permitted + barred,
        permitted,
        barred,
        sum(a is q.truth and q.settled is None for a, q in pairs),
        sum(a is None and q.settled is not None for a, q in pairs),
    )


def _engines() -> Iterator[tuple[str, Any, bool]]:
    """Name, function, and whether it is given Brightline's own form of the facts."""
    program = rules.program()
    decide, explain = decider(program), explainer(program)
    yield "Brightline, verdict with clause", lambda f: BARRED[decide(f)[0]], True
    yield "Brightline, with the truth of every branch", lambda f: BARRED[explain(f).verdict], True
    yield "Brightline, every finding", lambda f: BARRED[program.outcome(*program.masks(f)).verdict], True
    if peers.installed("cedarpy"):
        yield "Cedar without a schema", peers.cedar(), False
        yield "Cedar, any policy error read as unknown", peers.cedar_careful(), False
        yield "Cedar partial evaluation", peers.cedar_partial(), False
    if peers.installed("common-expression-language"):
        yield "CEL in Rust, missing left out, error read as unknown", peers.cel_rust(), False
    if peers.installed("regopy"):
        yield "rego-cpp (regopy)", peers.rego(), False
    if peers.installed("cel-python"):
        yield "cel-python, missing left out, error read as unknown", peers.cel_python(), False
    if peers.installed("OpenFisca-Core"):
        yield "OpenFisca-core, missing takes its default", openfisca.answer, False


# --- what is settled ------------------------------------------------------------------------------


def _questions(count: int) -> Iterator[Question]:
    generator = random.Random(20180130)
    for full in contacts.facts(contacts.columns(count, missing=0.0)):
        left = contacts.withhold(full, WITHHELD, generator)
        truth = evaluate(rules.barred()[rules.OVERALL], full)
        assert truth is not None
        yield Question(left, rules.peer_facts(left), truth, _settled(left))


def _settled(facts: dict[str, Any]) -> bool | None:
    """The answer that every completion gives; None when two differ."""
    answers: set[Any] = set()
    for whole in _completions(facts):
        answers.add(evaluate(rules.barred()[rules.OVERALL], whole))
        if len(answers) > 1:
            return None
    return answers.pop()


def _completions(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    program = rules.program()
    gaps = [name for name in program.facts if name not in facts]
    for values in product(*(_values(name) for name in gaps)):
        whole = {**facts, **dict(zip(gaps, values, strict=True))}
        if all(evaluate(c, whole) for c in program.constraints):
            yield whole


@cache
def _values(name: str) -> list[Any]:
    """Values of a fact, one for each way in which it can bear on the conditions; lists hold up to two records."""
    program, vocabulary = rules.program(), rules.law().vocabulary
    mine = [a for a in program.atoms if name in facts_of(a)]
    if name not in vocabulary.records:
        every = _plain(vocabulary.facts[name], mine)
    else:
        inner = [a for c in mine if isinstance(c, Some) for a in atoms(c.body)]
        fields = vocabulary.records[name].fields
        spaces = [_plain(f, [a for a in inner if f.name in facts_of(a)]) for f in fields]
        one = [dict(zip([f.name for f in fields], values, strict=True)) for values in product(*spaces)]
        every = [Records(known, complete=True) for known in [(), *((r,) for r in one), *product(one, one)]]
    told = {tuple(evaluate(a, {name: v}) for a in mine): v for v in every}
    return list(told.values())


def _plain(fact: Fact, mine: Sequence[Atom]) -> list[Any]:
    """Every value of a closed list; of a number, those on and around each threshold."""
    match fact.type:
        case "yes/no":
            return [True, False]
        case "list":
            return list(fact.values)
        case "number":
            marks = [a.value for a in mine if isinstance(a, Compare)] or [1.0]
            return sorted({max(0.0, m + d) for m in marks for d in (-1, 0, 1)})
    raise TypeError(f"no gap of the type {fact.type} is filled")


if __name__ == "__main__":
    part(main)
