"""The fact to ask for next, out of the ways to fill the gaps: one with a witness, the most telling first.

A fact may be asked only if a *witness* is found: two ways to fill the gaps, both allowed by the vocabulary, that differ
in this fact alone and get different verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, permutations
from math import log2

from brightline.law.tree import Expr
from brightline.reason.clusters import Cluster, completions
from brightline.reason.ground import GroundNorm, both, negation
from brightline.reason.program import Program
from brightline.reason.truth import facts_of
from brightline.reason.ways import (
    BARRED_AT_LEAST,
    OPEN,
    REQUIRED_AT_LEAST,
    Column,
    Masks,
    Sample,
    State,
    Ways,
    answers_of,
    drawn,
    numbers_in,
    still_live,
    ways_of,
)

MOST_TRIED = 4  # witnesses of one fact that are judged again by exact truth
MOST_SEARCHED = 500  # answers that are judged by exact truth where no witness was met
NEAR = 0.95  # questions that tell at least so much of what the best one tells are equally good: the cheaper is asked


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
class Chosen:
    """The fact to ask for, and why."""

    fact: str
    norms: tuple[GroundNorm, ...]  # those that turn on it
    still_open: int


@lru_cache(maxsize=32768)
def choose(state: State) -> Chosen | None:
    """The fact to ask for next.

    Of several acts it can be certain that one is barred, and open which. Then their verdicts are looked at apart.
    """
    chosen = _chosen_from(ways_of(state.program), state)
    if chosen is None and len({s.action for s in state.program.scopes}) > 1:
        by_choice = state.program.outcome(state.true, state.false).by_choice
        if any(verdict == "unsettled" for _choice, verdict in by_choice):
            return _chosen_from(ways_of(state.program, apart=True), state)
    return chosen


def _chosen_from(ways: Ways, state: State) -> Chosen | None:
    for sample in _samples(ways, state):
        for telling in _ranked(_telling(ways, state, sample), state.program):
            if _certain(ways, state, sample, telling):
                return Chosen(telling.fact, _turning(ways, sample, telling), _still_open(ways, state))
    fact = _searched(ways, state)
    return Chosen(fact, _speaking_of(ways, fact), _still_open(ways, state)) if fact else None


def first_in_order(state: State) -> str | None:
    """The first fact in the order of the law's text that can still change the verdict."""
    ways, place = ways_of(state.program), {f: n for n, f in enumerate(state.program.facts)}
    for sample in _samples(ways, state):
        telling = _telling(ways, state, sample)
        if telling:
            return min((t.fact for t in telling), key=place.__getitem__)
    return None


def _telling(ways: Ways, state: State, sample: Sample) -> list[_Telling]:
    """The facts that decide the verdict in some of these ways: each is given every answer in all ways, and compared."""
    live = still_live(ways, state)
    found = []
    for cluster in state.program.clusters:
        fact = state.to_ask(cluster) if cluster.bits & live else ""
        if not fact:
            continue
        answers, bits = answers_of(cluster, state), numbers_in(cluster.bits & state.open)
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


def _certain(ways: Ways, state: State, sample: Sample, telling: _Telling) -> bool:
    """Whether a witness stands by exact truth.

    Where every condition is filled in, Kleene's tables are exact. Where facts stay unknown because nobody knows them,
    the tables may say "unknown" of what is settled: then some witnesses are judged again, exactly.
    """
    if not state.dark:
        return True
    own = sum(1 << n for n in telling.bits)
    for k in numbers_in(telling.decides)[:MOST_TRIED]:
        true = sum(1 << n for n, column in enumerate(sample.true) if column >> k & 1)
        false = sum(1 << n for n, column in enumerate(sample.false) if column >> k & 1)
        if len(_verdicts(ways, own, telling.answers, true, false)) > 1:
            return True
    return False


def _verdicts(ways: Ways, own: int, answers: Masks, true: int, false: int) -> set[tuple[int, ...]]:
    """The exact verdicts that the answers to one fact (its conditions: `own`) give, when the rest stands as it does."""
    found = set()
    for mask in answers:
        t, f = true & ~own | mask & own, false & ~own | own & ~mask
        if ways.program.exact(ways.allowed, t, f):
            found.add(ways.exact(t, f))
    return found


def _turning(ways: Ways, sample: Sample, telling: _Telling) -> tuple[GroundNorm, ...]:
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


def _speaking_of(ways: Ways, fact: str) -> tuple[GroundNorm, ...]:
    return tuple(n for n in ways.norms if fact in facts_of(n.broken))


def _still_open(ways: Ways, state: State) -> int:
    live = still_live(ways, state)
    mine = {f for f in state.program.facts if state.program.bits_of([f]) & live}
    return len(mine - state.known - state.given_up)


# --- where chance finds no witness --------------------------------------------------------------------------------


def _samples(ways: Ways, state: State) -> Iterator[Sample]:
    """Ways among which to look for a witness; more are made only when the first held none.

    A verdict on which many facts must fall together is too rare to be met by chance. So, if exact truth says that the
    verdict is open, one way is searched for each class of verdict that can still be, and the facts are changed one by
    one from the one to the other: somewhere in between the verdict changes.
    """
    if not still_live(ways, state):
        return
    yield drawn(ways, state)
    if not state.dark and _unsettled(ways, state):
        between = _between(ways, state)
        if between:
            yield _of_ways(between, state.program)


def _unsettled(ways: Ways, state: State) -> bool:
    """Whether the verdict is open by exact truth."""
    return any(code in (OPEN, BARRED_AT_LEAST, REQUIRED_AT_LEAST) for code in ways.exact(state.true, state.false))


def _between(ways: Ways, state: State) -> list[int]:
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


def _way(goal: Expr, state: State, clusters: Sequence[Cluster]) -> int | None:
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


def _path(ways: Ways, clusters: Sequence[Cluster], start: int, end: int) -> list[int]:
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


def _of_ways(ways: Sequence[int], program: Program) -> Sample:
    every = (1 << len(ways)) - 1
    true = [sum((way >> n & 1) << k for k, way in enumerate(ways)) for n in range(len(program.atoms))]
    return Sample(true, [every & ~column for column in true], every)


def _searched(ways: Ways, state: State) -> str:
    """The first fact whose answer changes the exact verdict, alone or after the answer to one other fact.

    It is looked for when no single change is a witness: where facts stay unknown, exact truth sees more than Kleene's
    tables; and constraints can tie facts so that none changes alone.
    """
    if not still_live(ways, state) or not _unsettled(ways, state):
        return ""
    asked = [(state.to_ask(c), c.bits & state.open, answers_of(c, state)) for c in state.program.clusters]
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
