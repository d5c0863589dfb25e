"""Which question to ask next about a contact: only one whose answer can change the verdict, the most telling first.

The unknown facts are filled in thousands of ways at once. A condition is held as one whole number whose bit k is its
truth in the k-th way, so a norm is judged in all of them by a few operations on such numbers. A fact may be asked only
if a *witness* is found: two ways to fill the gaps, both allowed by the vocabulary, that differ in this fact alone and
get different verdicts. Random numbers come from a fixed seed: the same contact gets the same question every time.

"Not barred" is one verdict here, whether an exception holds or no norm reaches: no question is asked only to tell the
two apart. A bar that may still turn out to be a conflict is not yet settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise, permutations
from math import log2
from typing import Any, Literal

import numpy as np

from brightline.contact.schema import Basis, Contact, FactValue, RecordList
from brightline.law.tree import Always, And, Atom, Expr, Not, Or, Some, exceptions
from brightline.law.vocabulary import MEANT, Record
from brightline.reason.clusters import Cluster, completions
from brightline.reason.decide import facts_of_contact, unknown_frame
from brightline.reason.ground import Choice, GroundException, GroundNorm, both, either, negation, reaching
from brightline.reason.program import Program, Scope
from brightline.reason.reasoner import Reasoner
from brightline.reason.speech import _
from brightline.reason.truth import Truth, atoms, facts_of

WAYS = 4096  # ways to fill the gaps that are looked at together
SEED = 20141214
DRAWN_AGAIN = 4  # times, at most, that ways which break a constraint are drawn
MOST_TRIED = 4  # witnesses of one fact that are judged again by exact truth
MOST_SEARCHED = 500  # answers that are judged by exact truth where no witness was met
NEAR = 0.95  # questions that tell at least so much of what the best one tells are equally good: the cheaper is asked

Kind = Literal["frame", "act", "fact", "record"]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next, and why. Text is in the language that is spoken (`speech.speaking`)."""

    name: str  # a fact, a list of records, `action_is_…`, or `date`, `actor`, `action`
    kind: Kind
    question: str
    type: str  # yes/no, list, number, date, records; of the frame: date, actor, action
    help: str = ""
    proof: str = ""  # what would prove it
    stated_by: str = ""  # who may say so without proof, if anybody
    values: tuple[str, ...] = ()  # to choose from; of a list of records, its fields that matter
    unit: str = ""
    because: tuple[str, ...] = ()  # the clauses that turn on it, as lawyers cite them
    texts: tuple[tuple[str, str], ...] = ()  # each clause to read, norms and their exceptions, with its text
    still_open: int = 0  # how many facts can at most still be asked, this one included


# --- the next question --------------------------------------------------------------------------------------


def next_question(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> Question | None:
    """The best question about a contact, or None when the verdict is settled or no answer could change it.

    `skip` names facts that the person does not know. What the contact itself holds as null, and a list of records
    that may be incomplete, has been asked before and is not asked again.
    """
    missing = unknown_frame(contact.date or reasoner.as_of, contact.actor, contact.actions)
    if missing:
        return None if missing[0] in skip else _frame_question(missing[0], contact, reasoner)
    state = _state(contact, reasoner, skip)
    chosen = _chosen(state)
    return None if chosen is None else _worded(chosen, state, reasoner)


def form(contact: Contact, reasoner: Reasoner) -> tuple[str, ...]:
    """The fixed form: every fact of which some norm for this contact speaks, in the order of the law's text."""
    state = _state(contact.model_copy(update={"facts": {}, "records": {}}), reasoner, ())
    return tuple(f for f in state.program.facts if state.program.bits_of([f]) & _ways(state.program).norm_bits)


def in_order(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> str | None:
    """The first fact in the order of the law's text that can still change the verdict: for comparison."""
    state = _state(contact, reasoner, skip)
    ways, place = _ways(state.program), {f: n for n, f in enumerate(state.program.facts)}
    for sample in _samples(ways, state):
        telling = _telling(ways, state, sample)
        if telling:
            return min((t.fact for t in telling), key=place.__getitem__)
    return None


def settling_sets(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of unknown facts, up to three together, whose answers can settle the verdict."""
    missing = unknown_frame(contact.date or reasoner.as_of, contact.actor, contact.actions)
    if missing:
        return (missing,)
    state = _state(contact, reasoner, skip)
    return tuple(s for s in state.program.settled_by(state.true, state.false) if not state.given_up & set(s))


def answered(
    contact: Contact,
    reasoner: Reasoner,
    name: str,
    value: Any,
    basis: Basis | None = None,
    shown_by: str | None = None,
) -> Contact:
    """The contact with one answer. `value` None: the person does not know, and is not to be asked again.

    Of a list of records the value is a RecordList. That a narrower act was meant replaces the act of the contact.
    """
    vocabulary = reasoner.law.vocabulary
    if name in ("date", "actor"):
        return contact.model_copy(update={name: value})
    if name == "action":
        return contact.model_copy(update={"asked": [value]})
    if name in vocabulary.records:
        records = RecordList(records=[], complete=False) if value is None else value
        return contact.model_copy(update={"records": {**contact.records, name: records}})
    if not name.startswith(MEANT):
        told = {name: FactValue(value=value, basis=basis, shown_by=shown_by)}
        return contact.model_copy(update={"facts": {**contact.facts, **told}})
    act = name.removeprefix(MEANT)
    if value:
        narrowed = {
            key: list(dict.fromkeys(act if a in vocabulary.action_lineage(act) else a for a in getattr(contact, key)))
            for key in ("asked", "done")
        }
        facts = {f: v for f, v in contact.facts.items() if f != name}
        return contact.model_copy(update={**narrowed, "facts": facts})
    # What was not this act was none of the acts below it. The act has no basis, so neither has what it was not.
    below = [a for a in vocabulary.actions if act in vocabulary.action_lineage(a)]
    told = {
        MEANT + a: FactValue(value=value, basis="verified", shown_by=None) for a in ([act] if value is None else below)
    }
    return contact.model_copy(update={"facts": {**contact.facts, **told}})


def interview(truth: Contact, reasoner: Reasoner) -> list[str]:
    """The facts that are asked, in order, of somebody who knows everything about a contact."""
    return [question.name for question, _contact in steps(truth, reasoner)]


def steps(truth: Contact, reasoner: Reasoner) -> Iterator[tuple[Question, Contact]]:
    """An interview answered from a contact that is fully known: each question, and the contact after its answer."""
    contact = truth.model_copy(update={"facts": {}, "records": {}})
    while (question := next_question(contact, reasoner)) is not None:
        contact = _told(contact, truth, question.name, reasoner)
        yield question, contact


def _told(contact: Contact, truth: Contact, name: str, reasoner: Reasoner) -> Contact:
    """The contact with the answer that another one, which is fully known, gives to a question."""
    if name in reasoner.law.vocabulary.records:
        return answered(contact, reasoner, name, truth.records.get(name))
    entry = truth.facts.get(name, FactValue(value=None, basis=None, shown_by=None))
    return answered(contact, reasoner, name, entry.value, entry.basis, entry.shown_by)


# --- what is known --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _State:
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


def _state(contact: Contact, reasoner: Reasoner, skip: Iterable[str]) -> _State:
    day = contact.date or reasoner.as_of
    assert day is not None and contact.actor is not None
    program = reasoner.program(day, contact.actor, contact.actions)
    facts, _stated = facts_of_contact(contact)
    true, false = program.masks(facts)
    null = {f for f, entry in contact.facts.items() if entry.value is None}
    given_up = frozenset({*skip, *null, *contact.records} & set(program.facts))
    dark = program.bits_of(given_up) & ~(true | false)
    return _State(program, true, false, dark, frozenset(facts) - given_up, given_up)


# --- thousands of ways to fill the gaps, judged together ------------------------------------------------------

Column = int  # bit k: in the k-th way
Rails = Callable[[Sequence[Column], Sequence[Column], Column], tuple[Column, ...]]
Masks = tuple[int, ...]

# What can be certain of a contact under one choice of readings. The last three occur only where facts stay unknown.
CONFLICT, BARRED, REQUIRED, NEITHER, BARRED_AT_LEAST, REQUIRED_AT_LEAST, OPEN = range(7)


@dataclass(slots=True)
class _Sample:
    """Ways to fill the gaps: for every condition those in which it is true, and those in which it is false."""

    true: list[Column]
    false: list[Column]
    every: Column  # all ways

    def with_answer(self, bits: Sequence[int], mask: int) -> _Sample:
        """The same ways with one fact answered alike in all: its conditions are numbered by `bits`."""
        true, false = self.true.copy(), self.false.copy()
        for n in bits:
            true[n], false[n] = (self.every, 0) if mask >> n & 1 else (0, self.every)
        return _Sample(true, false, self.every)


class _Ways:
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

    def judged(self, sample: _Sample, dark: int = 0) -> tuple[Column, list[tuple[Column, ...]]]:
        """The ways that the vocabulary allows, and for each choice of readings the ways of each class of verdict."""
        self._force(sample, _bits(dark & self.tied))
        told = self.judge(sample.true, sample.false, sample.every)
        return sample.every & ~told[-1], [_classes(told[n : n + 6], sample.every) for n in range(0, len(told) - 2, 6)]

    def _force(self, sample: _Sample, dark: Sequence[int]) -> None:
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
def _ways(program: Program, apart: bool = False) -> _Ways:
    return _Ways(program, apart)


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


def _live(ways: _Ways, state: _State) -> int:
    """The open conditions on which the verdict can still turn; where facts stay unknown, also through constraints."""
    live = ways.live(state.true, state.false)
    return (live | ways.tied if live & state.dark else live) & state.open


# --- drawing ways ---------------------------------------------------------------------------------------------


def _answers(cluster: Cluster, state: _State) -> Masks:
    """The truths that the open conditions of a cluster can still take together."""
    return tuple(dict.fromkeys(m & ~state.dark for m in completions(cluster, state.true, state.false)))


def _drawn(ways: _Ways, state: _State) -> _Sample:
    """Every way to fill the gaps that matter, where there are not too many; else ways drawn by chance.

    Each answer of a fact is as likely as any other. By chance nearly all ways are allowed: what breaks a constraint is
    drawn again, a few times, with the conditions that constraints speak of alone.
    """
    matter = _live(ways, state) | ways.tied & state.open
    asked = [(k, c, _answers(c, state)) for k, c in enumerate(ways.program.clusters) if c.bits & matter]
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
                for n in _bits(cluster.bits & state.open):
                    options = tuple(bool(m >> n & 1) for m in answers)
                    column = _column(options, stride if whole else 0, k, attempt)
                    sample.true[n] = sample.true[n] & ~wrong | column & wrong
                    sample.false[n] = sample.every & ~sample.true[n]
        wrong = ways.judge_allowed(sample.true, sample.false, sample.every)[1]
        if wrong.bit_count() < WAYS // 8:
            break
    return sample


def _constant(state: _State, every: Column, count: int) -> _Sample:
    """What is known, in every way; the rest unknown."""
    true, false = ([every if mask >> n & 1 else 0 for n in range(count)] for mask in (state.true, state.false))
    return _Sample(true, false, every)


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


def _bits(mask: int) -> list[int]:
    """The numbers of the conditions in a mask."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


# --- choosing the question --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Telling:
    """A fact with a witness: how much its answer is expected to tell of the verdict (bits), and why it matters."""

    fact: str
    told: float
    answers: Masks
    bits: tuple[int, ...]  # the conditions that its answer settles
    decides: Column  # the ways in which it decides the verdict


@dataclass(frozen=True, slots=True)
class _Chosen:
    fact: str
    norms: tuple[GroundNorm, ...]  # those that turn on it
    still_open: int


@lru_cache(maxsize=32768)
def _chosen(state: _State) -> _Chosen | None:
    """The fact to ask for next.

    Of several acts it can be certain that one is barred, and open which. Then their verdicts are looked at apart.
    """
    chosen = _chosen_from(_ways(state.program), state)
    if chosen is None and len({s.action for s in state.program.scopes}) > 1:
        by_choice = state.program.outcome(state.true, state.false).by_choice
        if any(verdict == "unsettled" for _choice, verdict in by_choice):
            return _chosen_from(_ways(state.program, apart=True), state)
    return chosen


def _chosen_from(ways: _Ways, state: _State) -> _Chosen | None:
    for sample in _samples(ways, state):
        for telling in _ranked(_telling(ways, state, sample), state.program):
            if _certain(ways, state, sample, telling):
                return _Chosen(telling.fact, _turning(ways, sample, telling), _still_open(ways, state))
    fact = _searched(ways, state)
    return _Chosen(fact, _speaking_of(ways, fact), _still_open(ways, state)) if fact else None


def _telling(ways: _Ways, state: _State, sample: _Sample) -> list[_Telling]:
    """The facts that decide the verdict in some of these ways: each is given every answer in all ways, and compared."""
    live = _live(ways, state)
    found = []
    for cluster in state.program.clusters:
        fact = state.to_ask(cluster) if cluster.bits & live else ""
        if not fact:
            continue
        answers, bits = _answers(cluster, state), _bits(cluster.bits & state.open)
        seen = [_by_verdict(*ways.judged(sample.with_answer(bits, mask), state.dark)) for mask in answers]
        decides = _decides(seen)
        if decides:
            found.append(_Telling(fact, _told_by(seen), answers, tuple(bits), decides))
    return found


Verdicts = dict[tuple[int, ...], Column]  # a class of verdict for each choice of readings -> the ways that have them


def _by_verdict(allowed: Column, choices: Sequence[tuple[Column, ...]]) -> Verdicts:
    """The allowed ways by their verdicts."""
    found: Verdicts = {(): allowed}
    for classes in choices:
        found = {
            (*code, n): shared
            for code, ways in found.items()
            for n, column in enumerate(classes)
            if (shared := ways & column)
        }
    return found


def _decides(seen: Sequence[Verdicts]) -> Column:
    """The ways in which two answers get different verdicts."""
    by_verdict: Verdicts = {}
    for told in seen:
        for code, ways in told.items():
            by_verdict[code] = by_verdict.get(code, 0) | ways
    once = twice = 0
    for ways in by_verdict.values():
        twice |= once & ways
        once |= ways
    return twice


def _told_by(seen: Sequence[Verdicts]) -> float:
    """How much the answer is expected to tell of the verdict: the entropy before it, less that after it (bits)."""
    counts = [{code: ways.bit_count() for code, ways in told.items()} for told in seen]
    whole: dict[tuple[int, ...], int] = {}
    for told in counts:
        for code, n in told.items():
            whole[code] = whole.get(code, 0) + n
    total = sum(whole.values())
    after = sum(sum(told.values()) / total * _entropy(told.values()) for told in counts)
    return _entropy(whole.values()) - after


def _entropy(counts: Iterable[int]) -> float:
    kept = [n for n in counts if n]
    total = sum(kept)
    return log2(total) - sum(n * log2(n) for n in kept) / total if total else 0.0


def _ranked(telling: Sequence[_Telling], program: Program) -> list[_Telling]:
    """The best question first: among those that tell about as much as the best, the cheapest, then the law's order."""
    most = max((t.told for t in telling), default=0.0)
    place = {f: n for n, f in enumerate(program.facts)}
    cost = program.vocabulary.cost

    def rank(t: _Telling) -> tuple[float, ...]:
        return (0, cost(t.fact), place[t.fact]) if t.told >= NEAR * most else (1, -t.told, place[t.fact])

    return sorted(telling, key=rank)


def _certain(ways: _Ways, state: _State, sample: _Sample, telling: _Telling) -> bool:
    """Whether a witness stands by exact truth.

    Where every condition is filled in, Kleene's tables are exact. Where facts stay unknown because nobody knows them,
    the tables may say "unknown" of what is settled: then some witnesses are judged again, exactly.
    """
    if not state.dark:
        return True
    own = sum(1 << n for n in telling.bits)
    for k in _bits(telling.decides)[:MOST_TRIED]:
        true = sum(1 << n for n, column in enumerate(sample.true) if column >> k & 1)
        false = sum(1 << n for n, column in enumerate(sample.false) if column >> k & 1)
        if len(_verdicts(ways, own, telling.answers, true, false)) > 1:
            return True
    return False


def _verdicts(ways: _Ways, own: int, answers: Masks, true: int, false: int) -> set[tuple[int, ...]]:
    """The exact verdicts that the answers to one fact (its conditions: `own`) give, when the rest stands as it does."""
    found = set()
    for mask in answers:
        t, f = true & ~own | mask & own, false & ~own | own & ~mask
        if ways.program.exact(ways.allowed, t, f):
            found.add(ways.exact(t, f))
    return found


def _turning(ways: _Ways, sample: _Sample, telling: _Telling) -> tuple[GroundNorm, ...]:
    """The norms whose truth changes with a fact where the verdict does."""
    seen: list[tuple[Column, ...]] = []
    for mask in telling.answers:
        given = sample.with_answer(telling.bits, mask)
        ok = ways.judged(given)[0] & telling.decides
        seen.append(
            tuple(side for r in ways.judge_norms(given.true, given.false, given.every) for side in (r & ok, ~r & ok))
        )
    some = [0] * (4 * len(ways.norms))
    for told in seen:
        some = [a | b for a, b in zip(some, told, strict=True)]
    return tuple(
        norm for n, norm in enumerate(ways.norms) if some[4 * n] & some[4 * n + 1] | some[4 * n + 2] & some[4 * n + 3]
    )


def _speaking_of(ways: _Ways, fact: str) -> tuple[GroundNorm, ...]:
    return tuple(n for n in ways.norms if fact in facts_of(n.broken))


def _still_open(ways: _Ways, state: _State) -> int:
    live = _live(ways, state)
    mine = {f for f in state.program.facts if state.program.bits_of([f]) & live}
    return len(mine - state.known - state.given_up)


# --- where chance finds no witness --------------------------------------------------------------------------------


def _samples(ways: _Ways, state: _State) -> Iterator[_Sample]:
    """Ways among which to look for a witness; more are made only when the first held none.

    A verdict on which many facts must fall together is too rare to be met by chance. So, if exact truth says that the
    verdict is open, one way is searched for each class of verdict that can still be, and the facts are changed one by
    one from the one to the other: somewhere in between the verdict changes.
    """
    if not _live(ways, state):
        return
    yield _drawn(ways, state)
    if not state.dark and _unsettled(ways, state):
        between = _between(ways, state)
        if between:
            yield _of_ways(between, state.program)


def _unsettled(ways: _Ways, state: _State) -> bool:
    """Whether the verdict is open by exact truth."""
    return any(code in (OPEN, BARRED_AT_LEAST, REQUIRED_AT_LEAST) for code in ways.exact(state.true, state.false))


def _between(ways: _Ways, state: _State) -> list[int]:
    """Ways (the conditions true in each) that lead from one verdict to another, one fact changed at a time."""
    found: list[int] = []
    clusters = [c for c in state.program.clusters if c.bits & state.open]
    for conflict, barred, required in ways.judgments:
        classes = (
            conflict,
            both(negation(conflict), barred),
            both(negation(barred), required),
            both(negation(barred), negation(required)),
        )
        ends = [w for e in classes if (w := _way(both(e, ways.allowed), state, clusters)) is not None]
        for start, end in pairwise(ends):
            found += _path(ways, clusters, start, end)
    return found


def _way(goal: Expr, state: _State, clusters: Sequence[Cluster]) -> int | None:
    """The conditions that are true in one way to fill the gaps that makes the goal true."""
    condition = state.program.form(goal)

    def search(n: int, true: int, false: int) -> int | None:
        if condition.no(true, false):
            return None
        if n == len(clusters):
            return true if condition.yes(true, false) else None
        for mask in completions(clusters[n], true, false):
            found = search(n + 1, true | mask, false | clusters[n].bits & ~mask)
            if found is not None:
                return found
        return None

    return search(0, state.true, state.false)


def _path(ways: _Ways, clusters: Sequence[Cluster], start: int, end: int) -> list[int]:
    """From one way to another, one fact at a time, through ways that the vocabulary allows."""
    allowed = ways.program.form(ways.allowed)
    whole = (1 << len(ways.program.atoms)) - 1
    way, found = start, [start]
    differ = [c for c in clusters if (start ^ end) & c.bits]
    while differ:
        for cluster in differ:
            step = way & ~cluster.bits | end & cluster.bits
            if allowed.yes(step, whole & ~step):
                break
        else:
            return [*found, end]  # constraints let several facts change only together
        way = step
        found.append(way)
        differ.remove(cluster)
    return found


def _of_ways(ways: Sequence[int], program: Program) -> _Sample:
    every = (1 << len(ways)) - 1
    true = [sum((way >> n & 1) << k for k, way in enumerate(ways)) for n in range(len(program.atoms))]
    return _Sample(true, [every & ~column for column in true], every)


def _searched(ways: _Ways, state: _State) -> str:
    """The first fact whose answer changes the exact verdict, alone or after the answer to one other fact.

    It is looked for when no single change is a witness: where facts stay unknown, exact truth sees more than Kleene's
    tables; and constraints can tie facts so that none changes alone.
    """
    if not _live(ways, state) or not _unsettled(ways, state):
        return ""
    asked = [(state.to_ask(c), c.bits & state.open, _answers(c, state)) for c in state.program.clusters]
    asked = [(fact, own, answers) for fact, own, answers in asked if fact]
    tried = 0
    for fact, own, answers in asked:
        if len(_verdicts(ways, own, answers, state.true, state.false)) > 1:
            return fact
    for (_fact, other, given), (fact, own, answers) in permutations(asked, 2):
        for mask in given:
            tried += len(answers)
            if tried > MOST_SEARCHED:
                return ""
            if len(_verdicts(ways, own, answers, state.true | mask & other, state.false | other & ~mask)) > 1:
                return fact
    return ""


# --- the question in words ----------------------------------------------------------------------------------------


def _frame_question(name: str, contact: Contact, reasoner: Reasoner) -> Question:
    """The day, the agency or the act: without them no law can be chosen."""
    vocabulary = reasoner.law.vocabulary
    if name == "date":
        return Question(name, "frame", _("On which day was it?"), "date")
    if name == "actor":
        local = (a.name for a in vocabulary.actors.values() if not a.federal and a.jurisdiction in reasoner.packs)
        return Question(name, "frame", _("Which agency was asked?"), "actor", values=tuple(local))
    return Question(name, "frame", _("What was asked or done?"), "action", values=_acts(contact, reasoner))


def _acts(contact: Contact, reasoner: Reasoner) -> tuple[str, ...]:
    """The acts of which the law in force speaks for this agency; every act, where it speaks of none."""
    day, actor = contact.date or reasoner.as_of, contact.actor or ""
    vocabulary = reasoner.law.vocabulary
    spoken = {a for a in vocabulary.actions if reaching(reasoner.law, reasoner.packs, day, actor, a)}
    broader = {b for a in spoken for b in vocabulary.action_lineage(a)}
    return tuple(a for a in vocabulary.actions if a in spoken | broader) or tuple(vocabulary.actions)


def _worded(chosen: _Chosen, state: _State, reasoner: Reasoner) -> Question:
    vocabulary, name = reasoner.law.vocabulary, chosen.fact
    because = tuple(dict.fromkeys(n.clause for n in chosen.norms))
    texts = tuple(dict.fromkeys(t for n in chosen.norms for t in _texts(n, name, reasoner)))
    asked = Question(name, "fact", "", "yes/no", because=because, texts=texts, still_open=chosen.still_open)
    if name.startswith(MEANT):
        act = vocabulary.actions[name.removeprefix(MEANT)]
        return replace(asked, kind="act", question=_("Was it: {act}?").format(act=_(act.title)))
    declared = vocabulary.records.get(name) or vocabulary.facts[name]
    asked = replace(
        asked,
        question=_(vocabulary.question(name)),
        help=_(declared.help),
        proof=_(declared.proof),
        stated_by=_(declared.stated_by),
    )
    if isinstance(declared, Record):
        used = _fields(state.program, name)
        return replace(
            asked, kind="record", type="records", values=tuple(f.name for f in declared.fields if f.name in used)
        )
    return replace(asked, type=declared.type, values=declared.values, unit=declared.unit)


def _fields(program: Program, record: str) -> set[str]:
    """The fields of a list of records of which some condition speaks."""
    bodies = [a.body for a in program.atoms if isinstance(a, Some) and a.record == record]
    return {inner.fact for body in bodies for inner in atoms(body) if not isinstance(inner, Some)}


def _texts(norm: GroundNorm, fact: str, reasoner: Reasoner) -> Iterator[tuple[str, str]]:
    """The clause of a norm, and those of its exceptions in which a fact stands, each with the text of the law."""
    yield norm.clause, _quoted(norm.norm.section, norm.norm.at.line, reasoner)
    named = {e.clause for e in _speaking(norm.exceptions, fact)}
    for e in exceptions(norm.norm.unless):
        clause = reasoner.law.cite_exception(norm.norm, e)
        if clause in named:
            yield clause, _quoted(e.section or norm.norm.section, e.at.line, reasoner)


def _speaking(ground: Iterable[GroundException], fact: str) -> Iterator[GroundException]:
    for e in ground:
        if fact in facts_of(e.condition):
            yield e
        yield from _speaking(e.unless, fact)


def _quoted(section: str, line: int, reasoner: Reasoner) -> str:
    found = reasoner.law.sections.get(section)
    clause = found.clause_at(line) if found else None
    return clause.quote.strip() if clause else ""
