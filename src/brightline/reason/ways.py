"""The ways to fill the gaps in what is known of a contact: thousands of them, judged together.

A condition is held as one whole number whose bit k is its truth in the k-th way, so a norm is judged in all of them by
a few operations on such numbers. Random numbers come from a fixed seed: the same contact gets the same question every
time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from brightline.contact.schema import Contact
from brightline.law.tree import Always, And, Atom, Expr, Not, Or
from brightline.reason.clusters import Cluster, completions
from brightline.reason.decide import facts_of_contact
from brightline.reason.ground import Choice, both, either
from brightline.reason.program import Program, Scope
from brightline.reason.reasoner import Reasoner
from brightline.reason.truth import Truth, atoms

WAYS = 4096  # ways to fill the gaps that are looked at together
SEED = 20141214
DRAWN_AGAIN = 4  # times, at most, that ways which break a constraint are drawn


# --- what is known --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a contact's conditions. `dark` are those that will stay unknown: nobody knows their facts."""

    program: Program
    true: int
    false: int
    dark: int
    known: frozenset[str]
    given_up: frozenset[str]

    @property
    def open(self) -> int:
        return ~(self.true | self.false | self.dark)

    def to_ask(self, cluster: Cluster) -> str:
        """The fact of a cluster to ask for: the cheapest that is open, then the first in the law's text."""
        mine = [
            f for f in cluster.facts if f not in self.known | self.given_up and self.program.bits_of([f]) & self.open
        ]
        return min(mine, key=self.program.vocabulary.cost, default="")


def state_of(contact: Contact, reasoner: Reasoner, skip: Iterable[str]) -> State:
    """What is known of a contact. `skip` names facts that the person does not know."""
    day = contact.date or reasoner.as_of
    assert day is not None and contact.actor is not None
    program = reasoner.program(day, contact.actor, contact.actions)
    facts, _stated = facts_of_contact(contact)
    true, false = program.masks(facts)
    null = {f for f, entry in contact.facts.items() if entry.value is None}
    given_up = frozenset({*skip, *null, *contact.records} & set(program.facts))
    dark = program.bits_of(given_up) & ~(true | false)
    return State(program, true, false, dark, frozenset(facts) - given_up, given_up)


# --- thousands of ways to fill the gaps, judged together ------------------------------------------------------

Column = int  # bit k: in the k-th way
Rails = Callable[[Sequence[Column], Sequence[Column], Column], tuple[Column, ...]]
Masks = tuple[int, ...]

# What can be certain of a contact under one choice of readings. The last three occur only where facts stay unknown.
CONFLICT, BARRED, REQUIRED, NEITHER, BARRED_AT_LEAST, REQUIRED_AT_LEAST, OPEN = range(7)


@dataclass(slots=True)
class Sample:
    """Ways to fill the gaps: for every condition those in which it is true, and those in which it is false."""

    true: list[Column]
    false: list[Column]
    every: Column  # all ways

    def with_answer(self, bits: Sequence[int], mask: int) -> Sample:
        """The same ways with one fact answered alike in all: its conditions are numbered by `bits`."""
        true, false = self.true.copy(), self.false.copy()
        for n in bits:
            true[n], false[n] = (self.every, 0) if mask >> n & 1 else (0, self.every)
        return Sample(true, false, self.every)


class Ways:
    """A program compiled to judge many ways together: the contact under each choice of readings, or each act `apart`."""

    def __init__(self, program: Program, apart: bool) -> None:
        self.program = program
        scopes: dict[tuple[Choice, str], list[Scope]] = {}
        for s in program.scopes:
            scopes.setdefault((s.choice, s.action if apart else ""), []).append(s)
        self.judgments = tuple(_judgment(x) for x in scopes.values())
        self.allowed = both(*program.constraints)
        self.norms = tuple(dict.fromkeys(n for s in program.scopes for n in s.norms))
        verdicts = [e for three in self.judgments for e in three]
        self.judge = _compiled([*verdicts, self.allowed], program)
        self.norm_bits = sum(1 << n for n in {program.index[a] for e in verdicts for a in atoms(e)})
        self.tied = sum(1 << n for n in {program.index[a] for a in atoms(self.allowed)})

    @cached_property
    def judge_norms(self) -> Rails:
        return _compiled([n.broken for n in self.norms], self.program)

    @cached_property
    def judge_allowed(self) -> Rails:
        return _compiled([self.allowed], self.program)

    def judged(self, sample: Sample, dark: int = 0) -> tuple[Column, list[tuple[Column, ...]]]:
        """The ways that the vocabulary allows, and for each choice of readings the ways of each class of verdict."""
        self._force(sample, numbers_in(dark & self.tied))
        told = self.judge(sample.true, sample.false, sample.every)
        return sample.every & ~told[-1], [_classes(told[n : n + 6], sample.every) for n in range(0, len(told) - 2, 6)]

    def _force(self, sample: Sample, dark: Sequence[int]) -> None:
        """Give conditions that stay unknown the truth that the constraints leave them, where they leave but one."""
        changed = bool(dark)
        while changed:
            changed = False
            for n in dark:
                for side, other in ((sample.true, sample.false), (sample.false, sample.true)):
                    before, unknown = side[n], sample.every & ~(side[n] | other[n])
                    side[n] |= unknown
                    impossible = self.judge_allowed(sample.true, sample.false, sample.every)[1] & unknown
                    side[n] = before
                    other[n] |= impossible
                    changed = changed or bool(impossible)

    def exact(self, true: int, false: int) -> tuple[int, ...]:
        """The class of verdict under each choice of readings, by the exact truth of every condition."""
        return tuple(_class(*(self.program.exact(e, true, false) for e in three)) for three in self.judgments)

    def live(self, true: int, false: int) -> int:
        """The conditions on which some verdict that is not settled can still turn."""
        found = 0
        for conflict, barred, required in self.judgments:
            (c, c_bits), (b, b_bits), (_r, r_bits) = (
                _open_in(e, self.program.index, true, false) for e in (conflict, barred, required)
            )
            if c is True:
                continue
            found |= c_bits | b_bits | (r_bits if b is not True else 0)
        return found


@lru_cache(maxsize=256)
def ways_of(program: Program, apart: bool = False) -> Ways:
    """A program compiled to judge many ways together; once for each program."""
    return Ways(program, apart)


def _judgment(scopes: Sequence[Scope]) -> tuple[Expr, Expr, Expr]:
    """That some act is barred and required, that one is barred, and that one is required."""
    acts = [(s.broken("forbids"), s.broken("requires")) for s in scopes]
    return either(both(b, r) for b, r in acts), either(b for b, _r in acts), either(r for _b, r in acts)


def _classes(rails: Sequence[Column], every: Column) -> tuple[Column, ...]:
    """Three conditions in many ways -> the ways of each class of verdict."""
    conflict, no_conflict, barred, not_barred, required, not_required = rails
    found = (
        conflict,
        no_conflict & barred,
        no_conflict & not_barred & required,
        no_conflict & not_barred & not_required,
        barred & ~(conflict | no_conflict),
        required & ~(barred | not_barred | conflict),
    )
    rest = every
    for column in found:
        rest &= ~column
    return (*found, rest)


def _class(conflict: Truth, barred: Truth, required: Truth) -> int:
    """As `_classes`, of one way."""
    rails = [int(t is wanted) for t in (conflict, barred, required) for wanted in (True, False)]
    return next(n for n, column in enumerate(_classes(rails, 1)) if column)


def _compiled(exprs: Sequence[Expr], program: Program) -> Rails:
    """Conditions as one function on columns: for each the ways in which it is true, and those in which it is false.

    What several conditions share is computed once.
    """
    lines: list[str] = []
    names: dict[Expr, tuple[str, str]] = {}

    def name(expr: Expr) -> tuple[str, str]:
        if expr not in names:
            names[expr] = made(expr)
        return names[expr]

    def made(expr: Expr) -> tuple[str, str]:
        match expr:
            case Always(value):
                return ("A", "0") if value else ("0", "A")
            case Not(part):
                yes, no = name(part)
                return no, yes
            case And(parts) | Or(parts):
                inner = [name(p) for p in parts]
                yes, no = (" & ", " | ") if isinstance(expr, And) else (" | ", " & ")
                own = f"y{len(lines)}", f"n{len(lines)}"
                lines.append(
                    f" {own[0]} = {yes.join(y for y, _n in inner)}; {own[1]} = {no.join(n for _y, n in inner)}"
                )
                return own
            case _:
                n = program.index[expr]  # type: ignore[index]
                return f"T[{n}]", f"F[{n}]"

    roots = [name(e) for e in exprs]
    lines += [" return (" + "".join(f"{y}, {n}, " for y, n in roots) + ")"]
    # The text is made of numbered columns alone: nothing from a pack reaches it.
    space: dict[str, Any] = {"__builtins__": {}}
    exec("def judge(T, F, A):\n" + "\n".join(lines), space)
    return space["judge"]  # type: ignore[no-any-return]


def _open_in(expr: Expr, index: dict[Atom, int], true: int, false: int) -> tuple[Truth, int]:
    """Kleene's truth of a condition; where it is unknown, the unknown conditions in it that can still decide it."""
    match expr:
        case Always(value):
            return value, 0
        case Not(part):
            truth, bits = _open_in(part, index, true, false)
            return (None if truth is None else not truth), bits
        case And(parts) | Or(parts):
            decided, bits = isinstance(expr, Or), 0
            unknown = False
            for part in parts:
                truth, more = _open_in(part, index, true, false)
                if truth is decided:
                    return decided, 0
                unknown, bits = unknown or truth is None, bits | more
            return (None if unknown else not decided), bits
        case _:
            bit = 1 << index[expr]  # type: ignore[index]
            return (True, 0) if true & bit else (False, 0) if false & bit else (None, bit)


def still_live(ways: Ways, state: State) -> int:
    """The open conditions on which the verdict can still turn; where facts stay unknown, also through constraints."""
    live = ways.live(state.true, state.false)
    return (live | ways.tied if live & state.dark else live) & state.open


# --- drawing ways ---------------------------------------------------------------------------------------------


def answers_of(cluster: Cluster, state: State) -> Masks:
    """The truths that the open conditions of a cluster can still take together."""
    return tuple(dict.fromkeys(m & ~state.dark for m in completions(cluster, state.true, state.false)))


def drawn(ways: Ways, state: State) -> Sample:
    """Every way to fill the gaps that matter, where there are not too many; else ways drawn by chance.

    Each answer of a fact is as likely as any other. By chance nearly all ways are allowed: what breaks a constraint is
    drawn again, a few times, with the conditions that constraints speak of alone.
    """
    matter = still_live(ways, state) | ways.tied & state.open
    asked = [(k, c, answers_of(c, state)) for k, c in enumerate(ways.program.clusters) if c.bits & matter]
    room = 1
    strides = []
    for _k, _cluster, answers in asked:
        strides.append(room)
        room *= len(answers)
    whole = room <= WAYS
    sample = _constant(state, (1 << (room if whole else WAYS)) - 1, len(ways.program.atoms))
    wrong = sample.every
    for attempt in range(1 if whole else DRAWN_AGAIN):
        for (k, cluster, answers), stride in zip(asked, strides, strict=True):
            if attempt == 0 or cluster.bits & ways.tied:
                for n in numbers_in(cluster.bits & state.open):
                    options = tuple(bool(m >> n & 1) for m in answers)
                    column = _column(options, stride if whole else 0, k, attempt)
                    sample.true[n] = sample.true[n] & ~wrong | column & wrong
                    sample.false[n] = sample.every & ~sample.true[n]
        wrong = ways.judge_allowed(sample.true, sample.false, sample.every)[1]
        if wrong.bit_count() < WAYS // 8:
            break
    return sample


def _constant(state: State, every: Column, count: int) -> Sample:
    """What is known, in every way; the rest unknown."""
    true, false = ([every if mask >> n & 1 else 0 for n in range(count)] for mask in (state.true, state.false))
    return Sample(true, false, every)


@lru_cache(maxsize=16384)
def _column(options: tuple[bool, ...], stride: int, cluster: int, attempt: int) -> Column:
    """The ways in which a condition is true, when its truth under each answer of its cluster is `options`.

    The answers change every `stride` ways, or by chance where that is 0.
    """
    chosen = np.array(options)[_picked(len(options), stride, cluster, attempt)]
    return int.from_bytes(np.packbits(chosen, bitorder="little").tobytes(), "little")


@lru_cache(maxsize=4096)
def _picked(options: int, stride: int, cluster: int, attempt: int) -> Any:
    """For each way, the number of the answer that a cluster has in it."""
    if stride:
        return np.arange(WAYS) // stride % options
    return np.random.default_rng([SEED, cluster, attempt]).integers(0, options, WAYS)


def numbers_in(mask: int) -> list[int]:
    """The numbers of the conditions in a mask."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
