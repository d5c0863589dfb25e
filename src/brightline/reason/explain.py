"""A norm's tree and a verdict, said in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brightline.law.tree import (
    And,
    Compare,
    CompareDate,
    Expr,
    FactIs,
    Not,
    OneOf,
    Operator,
    Or,
    Some,
    Within,
)
from brightline.reason.ground import GroundNorm
from brightline.reason.program import Outcome, Program, Settling
from brightline.reason.truth import Truth

MOST_WAYS_SAID = 2
MOST_FACTS_SAID = 3
TRUTHS: dict[Truth, str] = {True: "true", False: "false", None: "unknown"}
_SIGNS = {"<": "less than", "<=": "at most", "=": "exactly", ">=": "at least", ">": "more than"}
_DAYS = {"<": "before", "<=": "on or before", "=": "on", ">=": "on or after", ">": "after"}


def words(expr: Expr) -> str:
    """A condition in plain words."""
    match expr:
        case FactIs(fact):
            return _plain(fact)
        case OneOf(fact, values):
            return f"{_plain(fact)} is {' or '.join(map(_plain, values))}"
        case Compare(fact, op, value, unit):
            return f"{_plain(fact)} is {_SIGNS[op]} {value:g} {unit}"
        case CompareDate(fact, op, day):
            return f"{_plain(fact)} is {_DAYS[op]} {day.day} {day:%B %Y}"
        case Within(fact, number, unit, direction, other):
            return f"{_plain(fact)} is within {number} {unit} {direction} {_plain(other)}"
        case Some(record, body):
            return f"some {_plain(record)} with: {words(body)}"
        case Not(part):
            return f"not: {words(part)}"
        case And(parts):
            return " and ".join(_inside(p) for p in parts)
        case Or(parts):
            return " or ".join(_inside(p) for p in parts)
        case _:
            return "always" if expr.value else "never"  # type: ignore[union-attr]


def _inside(expr: Expr) -> str:
    return f"({words(expr)})" if isinstance(expr, And | Or) else words(expr)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def tree(expr: Expr, program: Program, true: int, false: int) -> dict[str, Any]:
    """A condition with its truth, down to the facts: `{text, truth, parts}`."""
    node: dict[str, Any] = {"text": words(expr), "truth": TRUTHS[program.exact(expr, true, false)]}
    match expr:
        case And(parts) | Or(parts):
            node["joined"] = "and" if isinstance(expr, And) else "or"
            node["parts"] = [tree(p, program, true, false) for p in parts]
        case Not(part) if isinstance(part, And | Or):
            node["parts"] = [tree(part, program, true, false)]
        case _:
            pass
    return node


def norm_tree(norm: GroundNorm, program: Program, true: int, false: int) -> dict[str, Any]:
    """A norm with the truth of its `when` and of each exception."""

    def exception(e: Any) -> dict[str, Any]:
        told = {"clause": e.clause, "holds": TRUTHS[program.exact(e.holds, true, false)]}
        told["condition"] = tree(e.condition, program, true, false)
        if e.unless:
            told["but_not_if"] = [exception(u) for u in e.unless]
        return told

    return {
        "norm": norm.norm.id,
        "clause": norm.clause,
        "reading": norm.reading,
        "reached": TRUTHS[program.exact(norm.reach, true, false)],
        "when": tree(norm.reach, program, true, false),
        "exceptions": [exception(e) for e in norm.exceptions],
        "broken": TRUTHS[program.exact(norm.broken, true, false)],
    }


def listed(items: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def sets_in_words(sets: Sequence[Sequence[str]]) -> str:
    """Sets of facts as one phrase: alternatives by `or`, the facts of a set by `and`."""
    return " or ".join(" and ".join(s) for s in sets)


def answers(settling: Settling, program: Program) -> str:
    """The answers that would give a verdict: `judicial warrant: no and hold hours more than 48 hours`."""
    told = []
    for fact in settling.facts:
        mine = [a for a, used in zip(program.atoms, program.atom_facts, strict=True) if fact in used]
        yes = [a for a in mine if settling.true & 1 << program.index[a]]
        no = [a for a in mine if settling.false & 1 << program.index[a]]
        if all(isinstance(a, FactIs) for a in mine):
            told.append(f"{_plain(fact)}: {'yes' if yes else 'no'}")
        elif all(isinstance(a, Compare) for a in mine):
            told.append(
                _range(fact, [a for a in yes if isinstance(a, Compare)], [a for a in no if isinstance(a, Compare)])
            )
        else:
            told.append(listed([words(a) for a in yes]) if yes else f"not: {listed([words(a) for a in no], 'or')}")
    return listed(told)


def _range(fact: str, yes: list[Compare], no: list[Compare]) -> str:
    """The tightest bounds that these thresholds set, in words."""
    turned: dict[str, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    bounds = [(a.op, a.value, a.unit) for a in yes] + [(turned[a.op], a.value, a.unit) for a in no if a.op in turned]
    low = max((b for b in bounds if b[0] in (">", ">=")), key=lambda b: b[1], default=None)
    high = min((b for b in bounds if b[0] in ("<", "<=")), key=lambda b: b[1], default=None)
    kept = [f"{_SIGNS[op]} {value:g} {unit}" for op, value, unit in filter(None, (low, high))]
    return f"{_plain(fact)} {' and '.join(kept)}" if kept else words(yes[0]) if yes else _plain(fact)


def open_ways(program: Program, settling: Sequence[Settling]) -> str:
    """For each verdict that is still open, the first sets of answers that would give it."""
    told = []
    for verdict, said in (
        ("conflict", "in conflict"),
        ("barred", "barred"),
        ("required", "required"),
        ("excepted", "not barred"),
        ("unreached", "not reached"),
        ("contested", "a matter of reading"),
    ):
        ways = [answers(s, program) for s in settling if s.verdict == verdict and len(s.facts) <= MOST_FACTS_SAID]
        if ways:
            told.append(f"{said} if {', or if '.join(ways[:MOST_WAYS_SAID])}")
    return "; ".join(told)


SAID = {
    "conflict": "barred and required",
    "barred": "barred",
    "required": "required",
    "unsettled": "cannot tell",
    "excepted": "not barred, by an exception",
    "unreached": "not reached",
}


def _reading(choice: str) -> str:
    return "“" + choice.partition(".")[2].replace("_", " ") + "”"


def _ambiguous(outcome: Outcome) -> list[str]:
    """The clauses whose readings differ."""
    return list(dict.fromkeys(f.clause for f in outcome.findings if f.reading)) or ["the law"]


def sentence(outcome: Outcome, program: Program, settling: Sequence[Settling], gaps: Sequence[str]) -> str:
    """The verdict as one says it. "Not barred" is never "authorised"."""
    clauses = list(dict.fromkeys(f.clause for f in outcome.deciding))
    exceptions = list(dict.fromkeys(f.exception for f in outcome.deciding if f.exception))
    match outcome.verdict:
        case "barred":
            return f"Barred by {listed(clauses)}."
        case "required":
            return f"Required by {listed(clauses)}."
        case "conflict":
            barred = [f.clause for f in outcome.deciding if f.verdict == "barred"]
            required = [f.clause for f in outcome.deciding if f.verdict == "required"]
            yields = [f"{f.clause} yields to {listed(list(f.yields_to))}" for f in outcome.deciding if f.yields_to]
            said = f" {listed(yields)}." if yields else " Neither says that it yields."
            return f"Barred by {listed(barred)} and required by {listed(required)}.{said}"
        case "unsettled":
            ways = open_ways(program, settling)
            return f"Cannot tell under {listed(clauses)}: " + (
                f"{ways}." if ways else "more than three facts are missing."
            )
        case "contested":
            told = [f"{SAID[v]} if read as {listed([_reading(c) for c in choice])}" for choice, v in outcome.by_choice]
            return f"Depends on how {listed(_ambiguous(outcome))} is read: {'; '.join(told)}."
        case "excepted":
            beyond = f" {_beyond(gaps)}" if gaps else ""
            said = f"because of the exception in {listed(exceptions)}" if exceptions else "because an exception holds"
            return f"Not barred by the law encoded here, {said}.{beyond}"
        case _:
            return "Not reached by the law encoded here." + (f" {_beyond(gaps)}" if gaps else "")


def _beyond(gaps: Sequence[str]) -> str:
    return f"Not encoded, and it may bear on this contact: {listed(list(gaps))}."
