"""A norm's tree and a verdict, said in plain words and in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from brightline.reason import say
from brightline.reason.ground import GroundNorm
from brightline.reason.program import Finding, Outcome, Program, Settling
from brightline.reason.speech import _, listed
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
    text = say.condition(expr, program.vocabulary)
    node: dict[str, Any] = {"text": text, "truth": TRUTHS[program.exact(expr, true, false)]}
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


def sets_in_words(sets: Sequence[Sequence[str]]) -> str:
    """Sets of facts as one phrase: alternatives by `or`, the facts of a set by `and`."""
    return " or ".join(" and ".join(s) for s in sets)


def answers(settling: Settling, program: Program) -> str:
    """The answers that would give a verdict: `no judge signed a warrant and the hours are more than 48 hours`."""
    told = []
    for fact in settling.facts:
        mine = [a for a, used in zip(program.atoms, program.atom_facts, strict=True) if fact in used]
        yes = [a for a in mine if settling.true & 1 << program.index[a]]
        no = [a for a in mine if settling.false & 1 << program.index[a]]
        if all(isinstance(a, Compare) for a in mine):
            told.append(
                _range([a for a in yes if isinstance(a, Compare)], [a for a in no if isinstance(a, Compare)], program)
            )
        else:
            told += [say.condition(a, program.vocabulary) for a in yes]
            told += [say.condition(Not(a), program.vocabulary) for a in no if not yes]
    return listed(told)


def _range(yes: list[Compare], no: list[Compare], program: Program) -> str:
    """The tightest bounds that these thresholds set, in words."""
    turned: dict[str, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    bounds = [*yes, *(replace(a, op=turned[a.op]) for a in no if a.op in turned)]
    low = max((b for b in bounds if b.op in (">", ">=")), key=lambda b: b.value, default=None)
    high = min((b for b in bounds if b.op in ("<", "<=")), key=lambda b: b.value, default=None)
    kept = [say.condition(b, program.vocabulary) for b in (low, high) if b is not None]
    return listed(kept or [say.condition(b, program.vocabulary) for b in yes])


def open_ways(program: Program, settling: Sequence[Settling]) -> str:
    """For each verdict that is still open, the first sets of answers that would give it."""
    told = []
    for verdict, said in (
        ("conflict", _("in conflict if {ways}")),
        ("barred", _("barred if {ways}")),
        ("required", _("required if {ways}")),
        ("excepted", _("not barred if {ways}")),
        ("unreached", _("not reached if {ways}")),
        ("contested", _("a matter of reading if {ways}")),
    ):
        ways = [answers(s, program) for s in settling if s.verdict == verdict and len(s.facts) <= MOST_FACTS_SAID]
        if ways:
            told.append(said.format(ways=_(", or if ").join(ways[:MOST_WAYS_SAID])))
    return "; ".join(told)


def verdict_words(verdict: str) -> str:
    """A verdict as people say it. "Not barred" is never "authorised"."""
    return {
        "conflict": _("barred and required"),
        "barred": _("barred"),
        "required": _("required"),
        "unsettled": _("cannot tell"),
        "contested": _("a matter of reading"),
        "excepted": _("not barred, by an exception"),
        "unreached": _("not reached"),
    }[verdict]


def _reading(choice: str) -> str:
    return "“" + _(choice.partition(".")[2].replace("_", " ")) + "”"


def _ambiguous(findings: Sequence[Finding]) -> list[str]:
    """The clauses whose readings differ."""
    return list(dict.fromkeys(f.clause for f in findings if f.reading)) or [_("the law")]


def sentence(outcome: Outcome, program: Program, settling: Sequence[Settling], gaps: Sequence[str]) -> str:
    """The verdict as one says it, with what would settle it and with the laws that are not encoded."""
    if outcome.verdict == "unsettled":
        ways = open_ways(program, settling)
        clauses = listed(list(dict.fromkeys(f.clause for f in outcome.deciding)))
        opening = _("Cannot tell under {clauses}:").format(clauses=clauses)
        return f"{opening} " + (f"{ways}." if ways else _("more than three facts are missing."))
    said = plain_verdict(outcome.verdict, outcome.deciding, outcome.findings, outcome.by_choice)
    beyond = gaps and outcome.verdict in ("excepted", "unreached")
    return f"{said} {_beyond(gaps)}" if beyond else said


def plain_verdict(
    verdict: str,
    deciding: Sequence[Finding],
    findings: Sequence[Finding] = (),
    by_choice: Sequence[tuple[Sequence[str], str]] = (),
) -> str:
    """The verdict and its clauses in one sentence, without what is not encoded."""
    clauses = listed(list(dict.fromkeys(f.clause for f in deciding)))
    exceptions = list(dict.fromkeys(f.exception for f in deciding if f.exception))
    match verdict:
        case "barred":
            return _("Barred by {clauses}.").format(clauses=clauses)
        case "required":
            return _("Required by {clauses}.").format(clauses=clauses)
        case "conflict":
            return _in_conflict(deciding)
        case "contested":
            told = [
                _("{verdict} if read as {readings}").format(
                    verdict=verdict_words(v), readings=listed([_reading(c) for c in choice])
                )
                for choice, v in by_choice
            ]
            return _("Depends on how {clauses} is read: {ways}.").format(
                clauses=listed(_ambiguous(findings)), ways="; ".join(told)
            )
        case "excepted" if exceptions:
            text = _("Not barred by the law encoded here, because of the exception in {exceptions}.")
            return text.format(exceptions=listed(exceptions))
        case "excepted":
            return _("Not barred by the law encoded here, because an exception holds.")
        case "unsettled":
            return _("Cannot tell under {clauses}.").format(clauses=clauses)
        case _:
            return _("Not reached by the law encoded here.")


def _in_conflict(deciding: Sequence[Finding]) -> str:
    barred = listed([f.clause for f in deciding if f.verdict == "barred"])
    required = listed([f.clause for f in deciding if f.verdict == "required"])
    yields = [
        _("{clause} yields to {other}").format(clause=f.clause, other=listed(list(f.yields_to)))
        for f in deciding
        if f.yields_to
    ]
    said = f"{listed(yields)}." if yields else _("Neither says that it yields.")
    return _("Barred by {barred} and required by {required}.").format(barred=barred, required=required) + " " + said


def _beyond(gaps: Sequence[str]) -> str:
    return _("Not encoded, and it may bear on this contact: {laws}.").format(laws=listed([_(g) for g in gaps]))
