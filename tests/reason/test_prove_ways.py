"""The ways in which a condition comes true: two solvers and a search through everything give the same, or say so."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import combinations, product
from typing import Any

import pytest

from brightline.law.cursor import Cursor
from brightline.law.tree import Atom, Compare, CompareDate, Expr, FactIs, OneOf, Some, Within
from brightline.law.vocabulary import Constraint, Vocabulary, VocabularyReader
from brightline.reason.ground import NO, YES, both, either, negation
from brightline.reason.prove import witness
from brightline.reason.prove.loopholes import loopholes, places, true_purpose
from brightline.reason.prove.oracle import Answer, Asked, Background, GaveUp, Literal, Oracle, Way, all_atoms
from brightline.reason.prove.prover import Disagreement, Prover
from brightline.reason.prove.table import Table
from brightline.reason.truth import Records, evaluate, facts_of

from . import planted

# --- a made vocabulary, and everything that can be so ---------------------------------------------------

VOCABULARY = """
fact a: yes or no
fact b: yes or no
fact c: yes or no
fact paper: one of letter, order, warrant, none
fact hours: number of hours
fact signed: date
fact other: yes or no
record conviction
  grave: yes or no
  age: number of years
"""
DAYS = (date(2019, 5, 1), date(2021, 5, 1))
ATOMS: dict[str, tuple[Atom, ...]] = {
    "a": (FactIs("a"),),
    "b": (FactIs("b"),),
    "c": (FactIs("c"),),
    "paper": (OneOf("paper", ("warrant",)), OneOf("paper", ("letter", "none")), OneOf("paper", ("order", "warrant"))),
    "hours": (Compare("hours", "<=", 24, "hours"), Compare("hours", ">", 48, "hours"), Compare("hours", "<", 24, "hours")),
    "signed": (CompareDate("signed", "<", DAYS[0]), CompareDate("signed", ">=", DAYS[1]), CompareDate("signed", "=", DAYS[0])),
    "conviction": (
        Some("conviction", FactIs("grave")),
        Some("conviction", Compare("age", "<", 5, "years")),
        Some("conviction", both(FactIs("grave"), Compare("age", "<", 5, "years"))),
    ),
}  # fmt: skip
ENTRIES = [{"grave": g, "age": n} for g in (True, False) for n in (4.0, 5.0)]
VALUES: dict[str, list[Any]] = {
    "paper": ["letter", "order", "warrant", "none"],
    "hours": [0.0, 24.0, 48.0, 48.5],
    "signed": [DAYS[0] - timedelta(1), DAYS[0], DAYS[1] - timedelta(1), DAYS[1]],
    "conviction": [
        Records(tuple(dict(e) for e in chosen), complete=True) for n in range(3) for chosen in combinations(ENTRIES, n)
    ],
}

World = dict[str, Any]


def vocabulary(constraints: Sequence[Expr] = (), text: str = VOCABULARY) -> Vocabulary:
    reader = VocabularyReader()
    cursor = Cursor(text, "vocabulary.md", 1)
    reader.read(cursor)
    assert not cursor.problems
    reader.constraints += [Constraint(f"k{n}", f"rule {n}", c) for n, c in enumerate(constraints)]
    return reader.whole()


@cache
def worlds(facts: tuple[str, ...]) -> list[tuple[tuple[int, ...], World]]:
    """Everything that these facts can be together, numbered."""
    spaces = [list(enumerate(VALUES.get(f, [True, False]))) for f in facts]
    return [
        (tuple(n for n, _ in chosen), dict(zip(facts, (v for _, v in chosen), strict=True)))
        for chosen in product(*spaces)
    ]


@dataclass
class Case:
    """A background, what stands beside the question, and the facts that either can speak of."""

    background: Background
    said: tuple[Expr | Literal, ...]
    true: tuple[Expr | Literal, ...]
    facts: tuple[str, ...]

    @property
    def beside(self) -> Asked:
        return self.said, self.true

    @cached_property
    def statements(self) -> list[World]:
        """All that can be said, beside all that is given: where nothing is misstated, all that can be so."""
        rules = [c.condition for c in self.background.vocabulary.constraints]
        allowed = [(n, w) for n, w in worlds(self.facts) if holds(rules, w)]
        true = [*self.background.truth, *self.true]
        said = [*self.background.given, *self.said]
        if not self.background.stateable:
            return [w for _, w in allowed if holds(true, w) and holds(said, w)]
        kept = [k for k, f in enumerate(self.facts) if f not in self.background.stateable]
        so = {tuple(n[k] for k in kept) for n, w in allowed if holds(true, w)}
        return [w for n, w in allowed if tuple(n[k] for k in kept) in so and holds(said, w)]


def holds(conditions: Iterable[Expr | Literal], world: World) -> bool:
    return all(evaluate(c.expr if isinstance(c, Literal) else c, world) is True for c in conditions)


Question = tuple[Case, Expr]


class Draw:
    """Conditions, backgrounds and questions drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def expr(self, facts: Sequence[str], most: int) -> Expr:
        """A condition with at most so many parts."""
        if most <= 1 or self.random.random() < 0.15:
            atom = self.random.choice(ATOMS[self.random.choice(facts)])
            return negation(atom) if self.random.random() < 0.4 else atom
        parts = [self.expr(facts, n) for n in self._shares(most)]
        found = both(*parts) if self.random.random() < 0.5 else either(parts)
        return negation(found) if self.random.random() < 0.2 else found

    def _shares(self, most: int) -> list[int]:
        one = self.random.randint(1, most - 1)
        return [one, most - one]

    def exprs(self, facts: Sequence[str], count: int, size: int) -> tuple[Expr, ...]:
        return tuple(self.expr(facts, self.random.randint(1, size)) for _ in range(self.random.randint(0, count)))

    def case(self, beside: bool, stateable: bool) -> Case:
        """A background in which something can be."""
        while True:
            facts = tuple(self.random.sample(list(ATOMS), self.random.randint(2, 4)))
            free = self.random.sample(facts, self.random.randint(1, 2)) if stateable else []
            rules = self.exprs(facts, 2, 3)
            ground = Background(vocabulary(rules), self.exprs(facts, 1, 2), frozenset(free), self.exprs(facts, 1, 2))
            said = self.exprs(facts, 2, 3) if beside else ()
            true = self.exprs(facts, 1, 2) if beside and stateable else ()
            case = Case(ground, said, true, facts)
            if case.statements:
                return case

    def question(self, beside: bool, stateable: bool, most: int) -> Question:
        case = self.case(beside, stateable)
        return case, self.expr(case.facts, self.random.randint(2, most))

    def asked(self, stateable: bool) -> tuple[Case, list[Expr | Literal], list[Expr | Literal]]:
        """What is asked of what is said, and of what is true."""
        case = self.case(False, stateable)
        return case, self._some(case.facts, 1, 5), self._some(case.facts, 0, 3)

    def _some(self, facts: Sequence[str], least: int, most: int) -> list[Expr | Literal]:
        found: list[Expr | Literal] = []
        for _ in range(self.random.randint(least, most)):
            atom = self.random.choice(ATOMS[self.random.choice(facts)])
            one = Literal(atom, self.random.random() < 0.5)
            found.append(one if self.random.random() < 0.4 else self.expr(facts, 3))
        return found


def smt(ground: Background, exprs: Sequence[Expr], seed: int = 0, timeout: int = 5_000) -> Any:
    pytest.importorskip("z3", reason="z3 is not installed: nothing here was tested against it")
    from brightline.reason.prove.smt import Smt

    return Smt(ground, exprs, seed, timeout)


def everything(case: Case, *more: Expr) -> list[Expr]:
    return [x.expr if isinstance(x, Literal) else x for x in (*more, *case.said, *case.true)]


# --- the definition --------------------------------------------------------------------------------------


def by_definition(case: Case, goal: Expr) -> set[Way]:
    """Each set of conditions that can be, that makes the goal certain, and no part of which does."""
    order = all_atoms([goal])
    rows = {tuple(bool(evaluate(a, w)) for a in order): bool(evaluate(goal, w)) for w in case.statements}

    def met(way: Way) -> list[bool]:
        wanted = [(order.index(x.atom), x.value) for x in way]
        return [value for row, value in rows.items() if all(row[n] is v for n, v in wanted)]

    sets = product(*((None, True, False) for _ in order))
    found = set()
    for chosen in sets:
        way = frozenset(Literal(a, v) for a, v in zip(order, chosen, strict=True) if v is not None)
        if met(way) and all(met(way)) and not any(all(met(way - {x})) for x in way):
            found.add(way)
    return found


KINDS = pytest.mark.parametrize(
    ("beside", "stateable"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["all that is said is true", "beside what else is so", "something may be misstated", "misstated, beside more"],
)


def drawn(beside: bool, stateable: bool, seeds: range, most: int = 6) -> Iterator[tuple[Case, Expr, str]]:
    for seed in seeds:
        case, goal = Draw(seed).question(beside, stateable, most)
        yield case, goal, f"seed {seed}: {goal}"


@KINDS
def test_the_truth_table_lists_the_ways_that_the_definition_lists(beside: bool, stateable: bool) -> None:
    for case, goal, told in drawn(beside, stateable, range(120)):
        ways, complete = Table(case.background, everything(case, goal)).ways(goal, 500, case.beside)
        assert complete and len(ways) == len(set(ways)), told
        assert set(ways) == by_definition(case, goal), told


@KINDS
def test_z3_lists_the_ways_that_the_definition_lists(beside: bool, stateable: bool) -> None:
    for case, goal, told in drawn(beside, stateable, range(1000, 1025)):
        ways, complete = smt(case.background, everything(case, goal)).ways(goal, 500, case.beside)
        assert complete and len(ways) == len(set(ways)), told
        assert set(ways) == by_definition(case, goal), told


@KINDS
def test_whoever_asks_both_gets_the_same_ways_twice_confirmed(beside: bool, stateable: bool) -> None:
    pytest.importorskip("z3", reason="z3 is not installed: no second opinion was tested")
    for case, goal, told in drawn(beside, stateable, range(2000, 2025)):
        found = Prover(tuple(everything(case, goal))).ways(goal, case.background, beside=case.beside)
        assert found.complete and (found.second_opinion or goal in (YES, NO)), told
        assert set(found.ways) == by_definition(case, goal), told


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@KINDS
def test_larger_conditions_have_the_same_ways_in_both_solvers(beside: bool, stateable: bool, seed: int) -> None:
    for case, goal, told in drawn(beside, stateable, range(3000 + 60 * seed, 3060 + 60 * seed), 9):
        exprs = everything(case, goal)
        one = Table(case.background, exprs).ways(goal, 500, case.beside)
        two = smt(case.background, exprs, seed).ways(goal, 500, case.beside)
        assert (set(one[0]), one[1]) == (set(two[0]), two[1]), told
        assert set(one[0]) == by_definition(case, goal), told


def test_a_limit_on_the_number_of_ways_is_said_and_the_ways_listed_are_true_ones() -> None:
    goal = either(both(FactIs(x), y) for x in "abc" for y in ATOMS["hours"][:2])
    case = Case(Background(vocabulary()), (), (), ("a", "b", "c", "hours"))
    every = by_definition(case, goal)
    assert len(every) == 6
    for oracle in (Table(case.background, [goal]), smt(case.background, [goal])):
        ways, complete = oracle.ways(goal, 4)
        assert (len(ways), complete) == (4, False)
        assert set(ways) < every
        assert oracle.ways(goal, 7)[1] and set(oracle.ways(goal, 7)[0]) == every


# --- one question -----------------------------------------------------------------------------------------


def can_be(case: Case, said: Sequence[Expr | Literal], true: Sequence[Expr | Literal]) -> bool:
    return bool(Case(case.background, tuple(said), tuple(true), case.facts).statements)


def oracles(case: Case, exprs: list[Expr]) -> list[Oracle]:
    return [Table(case.background, exprs), smt(case.background, exprs)]


SIDES = pytest.mark.parametrize(
    "stateable", [False, True], ids=["all that is said is true", "something may be misstated"]
)


@SIDES
def test_both_solvers_say_what_can_be_and_bear_it_out(stateable: bool) -> None:
    """A yes comes with facts that meet all that was asked; a no with conditions that contradict each other."""
    answers = {True: 0, False: 0}
    for seed in range(4000, 4080):
        case, said, true = Draw(seed).asked(stateable)
        exprs = [x.expr if isinstance(x, Literal) else x for x in (*said, *true)]
        for oracle in oracles(case, exprs):
            answer = oracle.ask(said, true)
            assert answer.holds is can_be(case, said, true), f"seed {seed}, {type(oracle).__name__}"
            answers[bool(answer.holds)] += 1
            if answer.holds:
                borne_out(case, said, true, answer)
            else:
                contradictory(case, said, true, answer, smallest=isinstance(oracle, Table))
    assert min(answers.values()) > 30, "the search met one kind of answer only"


def borne_out(case: Case, said: Sequence[Expr | Literal], true: Sequence[Expr | Literal], answer: Answer) -> None:
    """The conditions of a yes, turned into values of facts as a contact has them, meet what was asked and given."""
    ground, v = case.background, case.background.vocabulary
    exprs = [x.expr if isinstance(x, Literal) else x for x in (*said, *true)]
    rules = ground.constraints(exprs)
    whole = all_atoms([*exprs, *ground.truth, *ground.given, *rules])
    stated = witness.values([Literal(a, answer.model[a]) for a in whole], v)
    truly = witness.values([Literal(a, answer.true_model[a]) for a in whole], v) if ground.stateable else stated
    assert holds([*said, *ground.given, *rules], stated)
    assert holds([*true, *ground.truth, *rules], truly)
    for atom in whole:
        if not set(facts_of(atom)) & ground.stateable:
            assert answer.model[atom] is answer.true_model[atom], "what nobody states is as it was said"


def contradictory(
    case: Case, said: Sequence[Expr | Literal], true: Sequence[Expr | Literal], answer: Answer, smallest: bool
) -> None:
    def stand(core: Sequence[int]) -> bool:
        named = [said[n] for n in core if n < len(said)]
        return can_be(case, named, [true[n - len(said)] for n in core if n >= len(said)])

    assert not stand(answer.core)
    if smallest:
        assert all(stand([k for k in answer.core if k != n]) for n in answer.core), "one of them is not needed"


def test_a_background_in_which_nothing_can_be_has_no_ways() -> None:
    a, b = FactIs("a"), FactIs("b")
    ground = Background(vocabulary(), (a, negation(a)))
    goal = either([b, FactIs("c")])
    assert Table(ground, [goal]).ways(goal, 10) == ([], True)
    assert Prover((goal,)).ways(goal, ground).ways == ()


# --- a list of ways that is not right is refused --------------------------------------------------------------


@KINDS
def test_z3_accepts_the_right_list_and_refuses_each_wrong_one(beside: bool, stateable: bool) -> None:
    refused = {"one missing": 0, "one too long": 0, "one false": 0}
    for case, goal, told in drawn(beside, stateable, range(5000, 5030)):
        solver = smt(case.background, everything(case, goal))
        right = sorted(by_definition(case, goal), key=lambda w: (len(w), sorted(map(repr, w))))
        assert solver.confirms(right, goal, case.beside) is True, told
        if right == [frozenset()]:
            assert solver.confirms([], goal, case.beside) is False, told
            continue
        for n, way in enumerate(right):
            others = right[:n] + right[n + 1 :]
            if not covered(case, way, others):
                refused["one missing"] += 1
                assert solver.confirms(others, goal, case.beside) is False, f"{told}: a way is missing"
            for more in (Literal(a, v) for a in all_atoms([goal]) for v in (True, False)):
                if more not in way and more.opposite not in way:
                    refused["one too long"] += 1
                    longer = [*others, way | {more}]
                    assert solver.confirms(longer, goal, case.beside) is False, f"{told}: a needless condition"
            for x in way:
                turned = (way - {x}) | {x.opposite}
                if not certain(case, goal, turned):
                    refused["one false"] += 1
                    assert solver.confirms([*right, turned], goal, case.beside) is False, f"{told}: a false way"
        assert solver.confirms(right, goal, case.beside) is True, f"{told}: what was refused has left a trace"
    assert all(n > 10 for n in refused.values()), refused


def covered(case: Case, way: Way, others: Sequence[Way]) -> bool:
    """Whether every contact that meets the way meets another one too: then nothing tells that it is missing."""
    return all(any(holds(o, w) for o in others) for w in case.statements if holds(way, w))


def certain(case: Case, goal: Expr, way: Way) -> bool:
    return all(evaluate(goal, w) is True for w in case.statements if holds(way, w))


def test_z3_sees_that_a_way_is_missing_that_lies_wholly_within_two_others() -> None:
    a, b, c = (FactIs(x) for x in "abc")
    goal = either([both(a, b), both(negation(a), c)])
    case = Case(Background(vocabulary()), (), (), ("a", "b", "c"))
    within = frozenset({Literal(b, True), Literal(c, True)})
    right = by_definition(case, goal)
    assert within in right
    assert smt(case.background, [goal]).confirms(sorted(right - {within}, key=repr), goal) is False


def test_z3_refuses_a_way_whose_conditions_cannot_be_together() -> None:
    short, long = ATOMS["hours"][:2]
    goal = either([both(short, FactIs("a")), both(long, FactIs("b")), FactIs("c")])
    case = Case(Background(vocabulary()), (), (), ("a", "b", "c", "hours"))
    never = frozenset({Literal(short, True), Literal(long, True)})
    right = sorted(by_definition(case, goal), key=repr)
    assert smt(case.background, [goal]).confirms([*right, never], goal) is False


def test_z3_lists_no_ways_either_where_nothing_can_be() -> None:
    a, b = FactIs("a"), FactIs("b")
    goal = either([b, FactIs("c")])
    assert smt(Background(vocabulary(), (a, negation(a))), [goal]).ways(goal, 10) == ([], True)


def test_two_solvers_that_differ_are_never_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("z3", reason="z3 is not installed: nothing contradicts the truth table")
    a, b = FactIs("a"), FactIs("b")
    goal = either([a, b])
    right = Table.primes

    def one_short(self: Table, goal: Expr, beside: Asked = ((), ())) -> tuple[list[Way], list[Way]]:
        ways, never = right(self, goal, beside)
        return ways[:-1], never

    monkeypatch.setattr(Table, "primes", one_short)
    with pytest.raises(Disagreement):
        Prover((goal,)).ways(goal, Background(vocabulary()))


# --- what nobody can say is not "no" ------------------------------------------------------------------------------


def many(count: int) -> list[FactIs]:
    return [FactIs(f"f{n}") for n in range(count)]


def pigeons(holes: int) -> Expr:
    """One pigeon more than there are holes, each in one, none together: it cannot be, and is long to show."""
    sits = [[FactIs(f"p{p}_{h}") for h in range(holes)] for p in range(holes + 1)]
    alone = [negation(both(one[h], two[h])) for h in range(holes) for one, two in combinations(sits, 2)]
    return both(*(either(row) for row in sits), *alone)


def test_a_truth_table_of_more_than_24_conditions_gives_up() -> None:
    ground = Background(vocabulary())
    assert Table(ground, [either(many(12))]).size == 12
    with pytest.raises(GaveUp, match="25 conditions"):
        Table(ground, [either(many(25))])
    with pytest.raises(GaveUp):
        Table(Background(vocabulary(), stateable=frozenset(f.fact for f in many(13))), [either(many(13))])


def test_without_z3_a_question_too_large_is_answered_by_nobody() -> None:
    goal, ground = both(*many(25)), Background(vocabulary())
    prover = Prover((goal,), use_z3=False)
    assert prover.ask(ground, [goal]) == Answer(None)
    assert not prover.ways(goal, ground).complete
    with pytest.raises(GaveUp):
        prover.possible(ground, goal)


def test_with_z3_a_question_too_large_for_a_table_has_one_opinion_only() -> None:
    pytest.importorskip("z3", reason="z3 is not installed: nobody answers what is too large for a table")
    goal, ground = either(many(25)), Background(vocabulary())
    found = Prover((goal,)).ways(goal, ground)
    assert (len(found.ways), found.complete, found.second_opinion) == (25, True, False)


def test_a_limit_of_time_is_never_read_as_no() -> None:
    hard = pigeons(10)
    ground = Background(vocabulary())
    solver = smt(ground, [hard], timeout=1)
    assert solver.ask([hard]).holds is None
    assert solver.ways(negation(hard), 5) == ([], False)
    assert solver.confirms([], hard) is None
    prover = Prover((hard,), timeout=1)
    assert prover.ask(ground, [hard]).holds is None
    assert not prover.ways(hard, ground).complete
    with pytest.raises(GaveUp):
        prover.possible(ground, hard)


def mute(monkeypatch: pytest.MonkeyPatch, silent: Callable[[int], bool]) -> None:
    """From now on z3 answers `unknown` to the questions that `silent` picks, counted for each solver."""
    z3 = pytest.importorskip("z3", reason="z3 is not installed: it cannot fall silent")
    from brightline.reason.prove.smt import Smt

    check, asked = Smt._check, Counter[int]()

    def muted(self: Smt, tracks: list[Any]) -> Any:
        asked[id(self)] += 1
        return z3.unknown if silent(asked[id(self)]) else check(self, tracks)

    monkeypatch.setattr(Smt, "_check", muted)


def test_z3_falling_silent_halfway_leaves_the_list_of_ways_unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    goal = either(both(FactIs(x), y) for x in "abc" for y in ATOMS["hours"][:2])
    ground = Background(vocabulary())
    every, complete = Table(ground, [goal]).ways(goal, 100)
    assert complete and len(every) == 6
    for moment in range(1, 40):
        with monkeypatch.context() as patch:
            mute(patch, lambda asked, moment=moment: asked == moment)  # type: ignore[misc]
            ways, complete = smt(ground, [goal]).ways(goal, 100)
        if complete:
            assert set(ways) == set(every), f"silent at question {moment}"


def test_without_a_second_opinion_none_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    mute(monkeypatch, lambda asked: True)
    goal = either([FactIs("a"), FactIs("b")])
    prover = Prover((goal,))
    found = prover.ways(goal, Background(vocabulary()))
    assert len(found.ways) == 2 and not found.second_opinion
    assert prover.checked_twice == 0


# --- what that does to the answers of people's questions --------------------------------------------------------------

TWO_NORMS = {
    "1": "b forbids tell by town_agency\n  when hunt_purpose\n  unless b.1 x",
    "2": "c forbids tell by town_agency\n  when hunt_purpose\n  unless c.1 y",
}


def test_loopholes_that_nobody_could_look_for_are_not_said_to_be_none(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = planted.little(TWO_NORMS).law(tmp_path)
    assert len(planted.asked(law, "hunt", ["tell"]).found) == 2
    mute(monkeypatch, lambda asked: True)
    found = planted.asked(law, "hunt", ["tell"])
    assert not found.complete or len(found.found) == 2


def test_one_silence_at_any_moment_loses_no_loophole_unsaid(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    law = planted.little(TWO_NORMS).law(tmp_path)
    every = {x.name for x in planted.asked(law, "hunt", ["tell"]).found}
    for moment in range(1, 30):
        with monkeypatch.context() as patch:
            mute(patch, lambda asked, moment=moment: asked == moment)  # type: ignore[misc]
            found = planted.asked(law, "hunt", ["tell"])
        assert not found.complete or {x.name for x in found.found} == every, f"silent at question {moment}"


def test_without_z3_a_norm_too_large_leaves_the_list_unfinished(tmp_path: Any) -> None:
    names = [f.fact for f in many(26)]
    text = planted.little(
        {"1": f"b forbids tell by town_agency\n  when hunt_purpose\n  unless b.1 {' and '.join(names)}"},
        *(f"fact {f}: yes or no" for f in names),
    )
    law = text.law(tmp_path)
    asked_ = places(law, [planted.PACK], planted.DAY, ["tell"])
    found = loopholes(asked_, true_purpose(law.vocabulary, "hunt"), Prover(asked_[0].expressions, use_z3=False))
    assert not found.complete and "Code § 1(b)" in found.why


def test_a_reform_that_nobody_could_judge_closes_nothing_and_opens_nothing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = planted.little(TWO_NORMS).law(tmp_path)
    found = planted.asked(law, "hunt", ["tell"])
    narrowed = f"amends {planted.PACK}/1:b.1: add\n  but not if r.1 hunt_purpose"
    assert {f.status for f in planted.reformed(law, found, "hunt", narrowed).fates} == {"closed"}
    for moment in range(1, 60):
        with monkeypatch.context() as patch:
            mute(patch, lambda asked, moment=moment: asked == moment)  # type: ignore[misc]
            judged = planted.reformed(law, found, "hunt", narrowed)
        for fate in judged.fates:
            assert fate.status in ("closed", "unknown"), f"silent at question {moment}"
        assert not judged.complete or all(f.status != "unknown" for f in judged.fates)
    mute(monkeypatch, lambda asked: True)
    judged = planted.reformed(law, found, "hunt", narrowed)
    assert {f.status for f in judged.fates} == {"unknown"} and not judged.complete
    assert all(f.why for f in judged.fates) and "gave up" in judged.why


def test_an_opening_that_nobody_could_look_for_is_not_said_to_be_none(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = planted.little({"1": TWO_NORMS["1"]}).law(tmp_path)
    found = planted.asked(law, "hunt", ["tell"])
    opened = f"amends {planted.PACK}/1:b.1: replace with x or y"
    assert planted.reformed(law, found, "hunt", opened).openings
    for moment in range(1, 60):
        with monkeypatch.context() as patch:
            mute(patch, lambda asked, moment=moment: asked == moment)  # type: ignore[misc]
            judged = planted.reformed(law, found, "hunt", opened)
        assert judged.openings or not judged.complete, f"silent at question {moment}"


# --- a span of time beside days of the calendar ----------------------------------------------------------------------


@pytest.mark.parametrize(("number", "unit"), [(700, "days"), (100, "weeks"), (24, "months"), (5, "years")])
@pytest.mark.parametrize("oracle", ["table", "z3"])
@pytest.mark.parametrize("long_ago", [False, True], ids=["lately", "long ago"])
def test_a_day_that_is_fixed_can_lie_long_before_another(number: int, unit: Any, oracle: str, long_ago: bool) -> None:
    """A paper of one week in May 2019 may have come soon, or ten years later."""
    v = vocabulary(text=VOCABULARY + "\nfact came: date\n")
    lately = Within("signed", number, unit, "before", "came")
    week = (CompareDate("signed", ">=", date(2019, 5, 1)), CompareDate("signed", "<", date(2019, 5, 8)))
    asked = [*week, CompareDate("came", ">=", date(2019, 5, 10)), negation(lately) if long_ago else lately]
    later = date(2029, 5, 1) if long_ago else date(2019, 5, 10)
    assert holds(asked, {"signed": date(2019, 5, 7), "came": later})
    ground = Background(v)
    solver: Oracle = Table(ground, asked) if oracle == "table" else smt(ground, asked)
    assert solver.ask(asked).holds is True
