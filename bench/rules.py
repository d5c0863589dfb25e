"""The norms of three sections, taken from the packs, and the same rules written in each peer's language.

One agency, one day, three actions, one reading: what Brightline grounds from the packs is a tree of conditions for
each action. Every peer's rule is printed from that tree; none is written by hand. A condition on a list of records
becomes one yes/no for the peers, who have no three-valued lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from brightline import load_law
from brightline.law.pack import Law
from brightline.law.tree import Always, And, Atom, Compare, Expr, FactIs, Not, OneOf, Or, Some
from brightline.law.vocabulary import Fact
from brightline.reason.ground import GroundNorm, either
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.truth import evaluate, facts_of

SECTIONS = ("us-ny-nyc/14-154", "us-ny-nyc/10-178", "us-ny/cpl-160-50")
ACTOR, DAY = "nypd", date(2025, 3, 14)
ACTIONS = ("hold_past_release", "share_personal_information", "share_sealed_record")
READINGS = ("s10_178_e_primarily.of_arrangement",)
OVERALL = "contact"  # the question whether any of the actions is barred


@cache
def law() -> Law:
    """The law with these three sections alone."""
    whole = load_law()
    kept = {
        name: replace(pack, sections={k: s for k, s in pack.sections.items() if k in SECTIONS})
        for name, pack in whole.packs.items()
    }
    return replace(whole, packs=kept)


@cache
def judge() -> Reasoner:
    return reasoner(law(), ["us-ny-nyc"], READINGS)


@cache
def program() -> Program:
    return judge().program(DAY, ACTOR, ACTIONS)


def norms() -> dict[str, tuple[GroundNorm, ...]]:
    """The ground norms of each action; all of them forbid."""
    found = {scope.action: scope.norms for scope in program().scopes}
    assert list(found) == list(ACTIONS), "one reading of each action"
    assert all(n.norm.modality == "forbids" for of in found.values() for n in of)
    return found


@cache
def barred() -> dict[str, Expr]:
    """When each action is barred, and last when any of them is."""
    found = {scope.action: scope.broken("forbids") for scope in program().scopes}
    norms = dict.fromkeys(n.broken for scope in program().scopes for n in scope.norms)
    return {**found, OVERALL: either(norms)}


def answers(facts: Mapping[str, Any]) -> dict[str, bool | None]:
    """The reference: the plain evaluator on each tree."""
    return {name: evaluate(expr, facts) for name, expr in barred().items()}


# --- the peers' facts -----------------------------------------------------------------------------


@cache
def record_names() -> dict[Some, str]:
    """The yes/no that stands for each condition on a list of records."""
    return {a: f"{a.record}_{n}" for n, a in enumerate((a for a in norm_atoms() if isinstance(a, Some)), 1)}


@cache
def norm_atoms() -> tuple[Atom, ...]:
    """The conditions that the norms speak of; the vocabulary's constraints speak of more."""
    found: dict[Atom, None] = {}

    def add(expr: Expr) -> None:
        match expr:
            case And(parts) | Or(parts):
                for part in parts:
                    add(part)
            case Not(part):
                add(part)
            case FactIs() | OneOf() | Compare() | Some():
                found[expr] = None
            case _:
                raise TypeError(f"no peer can be given {type(expr).__name__}")

    add(barred()[OVERALL])
    return tuple(found)


def norm_facts() -> tuple[str, ...]:
    """The facts and lists of records that the norms speak of."""
    return tuple(dict.fromkeys(f for a in norm_atoms() for f in facts_of(a)))


def name_of(atom: Atom) -> str:
    return record_names()[atom] if isinstance(atom, Some) else atom.fact


def peer_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a peer is given: plain values, unknown ones left out."""
    found: dict[str, Any] = {}
    for atom in norm_atoms():
        value = evaluate(atom, facts) if isinstance(atom, Some) else facts.get(atom.fact)
        if value is not None:
            found[name_of(atom)] = int(value) if isinstance(value, float) else value
    return found


def inputs() -> dict[str, Fact | None]:
    """Every fact that the peers are given, with its declaration; None for the yes/no of a list of records."""
    declared = law().vocabulary.facts
    return {name_of(a): None if isinstance(a, Some) else declared[a.fact] for a in norm_atoms()}


# --- printing -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Syntax:
    """How a language writes conditions. `fact`, `one_of` and `compare` take the fact's name first."""

    conjunction: str
    disjunction: str
    negation: str
    fact: Callable[[str], str]
    one_of: Callable[[str, tuple[str, ...]], str]
    compare: Callable[[str, str, int], str]
    true: str = "true"
    false: str = "false"

    def write(self, expr: Expr) -> str:
        match expr:
            case Always(value):
                return self.true if value else self.false
            case Not(part):
                return f"{self.negation}({self.write(part)})"
            case And(parts):
                return "(" + self.conjunction.join(self.write(p) for p in parts) + ")"
            case Or(parts):
                return "(" + self.disjunction.join(self.write(p) for p in parts) + ")"
            case Some():
                return self.fact(name_of(expr))
            case FactIs(fact):
                return self.fact(fact)
            case OneOf(fact, values):
                return self.one_of(fact, values)
            case Compare(fact, op, value):
                assert value == int(value), "whole numbers only: Cedar has no others"
                return self.compare(fact, "==" if op == "=" else op, int(value))
            case _:
                raise TypeError(f"no peer can write {type(expr).__name__}")


def _listed(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{v}"' for v in values) + "]"


CEDAR = Syntax(
    " && ",
    " || ",
    "!",
    lambda fact: f"context.{fact}",
    lambda fact, values: (
        f'context.{fact} == "{values[0]}"' if len(values) == 1 else f"{_listed(values)}.contains(context.{fact})"
    ),
    lambda fact, op, value: f"context.{fact} {op} {value}",
)
CEL = Syntax(
    " && ",
    " || ",
    "!",
    lambda fact: fact,
    lambda fact, values: f'{fact} == "{values[0]}"' if len(values) == 1 else f"{fact} in {_listed(values)}",
    lambda fact, op, value: f"{fact} {op} {value}",
)
NUMPY = Syntax(
    " & ",
    " | ",
    "~",
    lambda fact: f"person('{fact}', period)",
    lambda fact, values: "(" + " | ".join(f"(person('{fact}', period) == {fact}.{v})" for v in values) + ")",
    lambda fact, op, value: f"(person('{fact}', period) {op} {value})",
    "True",
    "False",
)


def cedar_policies() -> str:
    """Everything is permitted but what a norm forbids: reached, unless excused. The action `contact` asks for all."""
    actions: dict[tuple[Expr, Expr], list[str]] = {}
    for action, mine in norms().items():
        for norm in mine:
            actions.setdefault((norm.reach, norm.excused), []).append(action)
    told = ["permit(principal, action, resource);"]
    for (reach, excused), names in actions.items():
        asked = ", ".join(f'Action::"{name}"' for name in (*names, OVERALL))
        told.append(
            f"forbid(principal, action in [{asked}], resource)\n"
            f"when {{ {CEDAR.write(reach)} }}\nunless {{ {CEDAR.write(excused)} }};"
        )
    return "\n".join(told)


def cel_expressions() -> dict[str, str]:
    return {name: CEL.write(expr) for name, expr in barred().items()}


def numpy_expressions() -> dict[str, str]:
    """For OpenFisca formulas: the overall answer is computed from those of the actions."""
    found = {name: NUMPY.write(expr) for name, expr in barred().items() if name != OVERALL}
    return {**found, OVERALL: " | ".join(f"person('barred_{name}', period)" for name in found)}


def rego_module() -> str:
    """One rule for each node of the tree: Rego has no `or` inside a body. Rules are named by number, answers by action."""
    rules: dict[Expr, str] = {}
    told = ["package law", ""]

    def term(expr: Expr) -> str:
        match expr:
            case Not(part):
                return f"not {term(part)}"
            case FactIs(fact):
                return f"input.{fact} == true"
            case Some():
                return f"input.{name_of(expr)} == true"
            case OneOf(fact, (value,)):
                return f'input.{fact} == "{value}"'
            case OneOf(fact, values):
                return f"{{{_listed(values)[1:-1]}}}[input.{fact}]"
            case Compare(fact, op, value):
                return f"input.{fact} {'==' if op == '=' else op} {int(value)}"
            case And() | Or():
                return rule(expr)
            case _:
                raise TypeError(f"Rego is not given {type(expr).__name__}")

    def rule(expr: And | Or) -> str:
        if expr not in rules:
            bodies = [expr.parts] if isinstance(expr, And) else [(p,) for p in expr.parts]
            lines = dict.fromkeys(tuple(term(p) for p in body) for body in bodies)
            rules[expr] = f"r{len(rules)}"
            told.extend(f"{rules[expr]} if {{\n  " + "\n  ".join(body) + "\n}" for body in lines)
        return rules[expr]

    for name, expr in barred().items():
        line = term(expr)
        told.append(f"default {name} := false\n{name} if {{\n  {line}\n}}")
    return "\n".join(told)
