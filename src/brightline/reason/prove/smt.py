"""Questions about conditions, answered by z3 (the extra `prove`).

Yes/no facts are Booleans, closed lists are enumerations, numbers are reals and dates are whole numbers. Lists of
records, and spans counted in months or years, are Booleans for their conditions, held to the truths that these can
take together (see `clusters`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from brightline.law.tree import (
    Always,
    And,
    Atom,
    Compare,
    CompareDate,
    Expr,
    FactIs,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from brightline.reason.clusters import clusters
from brightline.reason.ground import negation
from brightline.reason.prove.oracle import Answer, Asked, Background, Literal, Way, all_atoms, in_order
from brightline.reason.truth import facts_of

TIMEOUT_MS = 5_000
MOST_STEPS = 3_000  # of one enumeration: about ten seconds; then it says that it is not complete


def available() -> bool:
    """Whether z3 is installed."""
    import importlib.util

    return importlib.util.find_spec("z3") is not None


class Smt:
    """One solver for one background; every question is asked under assumptions, so what it learns is kept."""

    def __init__(self, background: Background, exprs: Sequence[Expr], seed: int = 0, timeout: int = TIMEOUT_MS) -> None:
        import z3

        self.background = background
        self._z3: Any = z3
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_LIRA", ctx=self._context)
        self._solver.set("timeout", timeout)
        self._solver.set("random_seed", seed)
        self._sorts: dict[str, Any] = {}
        self._facts: dict[tuple[str, bool], Any] = {}
        self._terms: dict[tuple[Expr, bool], Any] = {}
        self._tracks: dict[tuple[Expr, bool], Any] = {}
        self._numbers = count()
        constraints = background.constraints(exprs)
        self.atoms = all_atoms([*exprs, *constraints, *background.truth, *background.given])
        self._opaque = self._without_theory()
        self._assume(constraints, background)

    def _assume(self, constraints: Sequence[Expr], background: Background) -> None:
        sides = (False, True) if background.stateable else (False,)
        for side in sides:
            for constraint in constraints:
                self._solver.add(self.term(constraint, side))
            self._hold_together(side)
        for given in background.given:
            self._solver.add(self.term(given, False))
        for truth in background.truth:
            self._solver.add(self.term(truth, bool(background.stateable)))

    def ask(self, assertions: Sequence[Expr | Literal], of_truth: Sequence[Expr | Literal] = ()) -> Answer:
        wanted = [(a, False) for a in assertions] + [(a, True) for a in of_truth]
        tracks = [self._track(a.expr if isinstance(a, Literal) else a, truth) for a, truth in wanted]
        status = self._check(tracks)
        if status == self._z3.unknown:
            return Answer(None)
        if status == self._z3.unsat:
            core = {c.get_id() for c in self._solver.unsat_core()}
            return Answer(False, core=tuple(n for n, t in enumerate(tracks) if t.get_id() in core))
        model = self._solver.model()
        return Answer(True, _Model(self, model, False), _Model(self, model, True))

    def _check(self, tracks: list[Any]) -> Any:
        """`solver.check` without its conversion of each assumption, which costs more than most of these questions."""
        z3 = self._z3
        marks = (z3.Ast * len(tracks))(*(t.as_ast() for t in tracks))
        return z3.CheckSatResult(
            z3.Z3_solver_check_assumptions(self._context.ref(), self._solver.solver, len(tracks), marks)
        )

    def ways(self, goal: Expr, most: int, beside: Asked = ((), ())) -> tuple[list[Way], bool]:
        """The smallest sets of conditions that make the goal certain, and whether these are all (MARCO).

        `beside` holds what else is so: of what is said, and of what is true.

        A set of conditions makes the goal certain when the goal's opposite cannot stand beside it: so the smallest
        sets are the minimal unsatisfiable subsets over the opposite. Liffiton et al., Constraints 21 (2016).
        """
        z3, context = self._z3, self._context
        literals = [Literal(a, v) for a in all_atoms([goal]) for v in (True, False)]
        marks = {x: z3.Bool(f"way {n}", ctx=context) for n, x in enumerate(literals)}
        chooser = z3.Solver(ctx=context)
        chooser.set("random_seed", 0)
        for one, two in zip(literals[::2], literals[1::2], strict=True):
            chooser.add(z3.Or(z3.Not(marks[one]), z3.Not(marks[two])))
        bad = negation(goal)
        found: list[Way] = []
        possible = self.ask(beside[0], beside[1]).holds
        if not possible:
            return [], possible is False
        for _ in range(MOST_STEPS):
            if chooser.check() != z3.sat:
                return found, True
            model = chooser.model()
            chosen = {x for x in literals if z3.is_true(model.eval(marks[x]))}
            free = {x for x in literals if z3.is_false(model.eval(marks[x])) is False and x not in chosen}
            seed = [x for x in literals if x in chosen or (x in free and x.value and x.opposite not in chosen)]
            answer = self.ask([*seed, bad, *beside[0]], beside[1])
            if answer.holds is None:
                return found, False
            if answer.holds:
                kept = [x for x in literals if answer.model[x.atom] == x.value]
                chooser.add(z3.Or([marks[x] for x in literals if x not in kept]))
                continue
            way = self._shrunk([seed[n] for n in answer.core if n < len(seed)], bad, beside)
            if not way:  # the goal is certain as it is
                return [frozenset()], True
            chooser.add(z3.Or([z3.Not(marks[x]) for x in way]))
            held = self.ask([*way, *beside[0]], beside[1]).holds
            if held is None:
                return found, False
            if held:
                found.append(frozenset(way))
                if len(found) >= most:
                    return found, False
        return found, False

    def confirms(
        self, ways: Sequence[Way], goal: Expr, beside: Asked = ((), ()), never: Sequence[Way] = ()
    ) -> bool | None:
        """Whether these are all the smallest ways to the goal, and `never` all the smallest sets that cannot be.

        Each way can be, makes the goal certain, and none of its parts does; no contact meets the goal otherwise; and
        no way is missing between two others: what two have in common but for one condition holds a third (consensus;
        Quine, American Mathematical Monthly 62, 1955). None when the solver gave up.
        """
        bad, (said, true) = negation(goal), beside
        if frozenset() in ways or frozenset() in never:  # the goal is certain as it is; or nothing can be
            held = self.ask([bad, *said], true).holds
            return None if held is None else not held
        for can_be, some in ((True, ways), (False, never)):
            for way in some:
                answer = self.ask([*in_order(way), *said], true).holds
                if answer is not can_be:
                    return None if answer is None else False
        wanted = [(in_order(w), False) for w in ways]
        wanted += [(in_order(w - {x}), True) for w in ways for x in in_order(w)]
        for literals, holds in wanted:
            answer = self.ask([*literals, bad, *said], true).holds
            if answer is not holds:
                return None if answer is None else False
        before = dict(self._tracks)
        self._solver.push()
        for way in ways:
            self._solver.add(self._z3.Not(self._z3.And([self.term(x.expr, False) for x in in_order(way)])))
        answer = self.ask([goal, *said], true).holds
        self._solver.pop()
        self._tracks = before  # those made inside are forgotten with it
        return None if answer is None else not answer and _closed([*ways, *never])

    def _shrunk(self, way: list[Literal], bad: Expr, beside: Asked) -> list[Literal]:
        kept = list(way)
        for literal in way:
            fewer = [x for x in kept if x is not literal]
            answer = self.ask([*fewer, bad, *beside[0]], beside[1])
            if answer.holds is False:
                kept = [fewer[n] for n in answer.core if n < len(fewer)]
        return kept

    # --- formulas -------------------------------------------------------------------------------

    def _track(self, expr: Expr, truth: bool) -> Any:
        key = (expr, truth)
        if key not in self._tracks:
            mark = self._z3.Bool(f"assumption {next(self._numbers)}", ctx=self._context)
            self._solver.add(self._z3.Implies(mark, self.term(expr, truth)))
            self._tracks[key] = mark
        return self._tracks[key]

    def term(self, expr: Expr, truth: bool) -> Any:
        key = (expr, truth)
        if key not in self._terms:
            self._terms[key] = self._term(expr, truth)
        return self._terms[key]

    def _term(self, expr: Expr, truth: bool) -> Any:
        z3 = self._z3
        match expr:
            case Always(value):
                return z3.BoolVal(value, ctx=self._context)
            case Not(part):
                return z3.Not(self.term(part, truth))
            case And(parts):
                return z3.And([self.term(p, truth) for p in parts])
            case Or(parts):
                return z3.Or([self.term(p, truth) for p in parts])
            case _:
                return self._leaf(expr, truth)  # type: ignore[arg-type]

    def _leaf(self, atom: Atom, truth: bool) -> Any:
        truth = truth and self.background.splits(atom)
        if atom in self._opaque or isinstance(atom, Some):
            name = f"{'truly ' if truth else ''}{atom!r}"
            return self._z3.Bool(name, ctx=self._context)
        match atom:
            case FactIs(fact):
                return self._fact(fact, truth)
            case OneOf(fact, values):
                _, constants = self._enumeration(fact)
                return self._z3.Or([self._fact(fact, truth) == constants[v] for v in values])
            case Compare(fact, op, value):
                return _compared(self._fact(fact, truth), op, value)
            case CompareDate(fact, op, day):
                return _compared(self._fact(fact, truth), op, day.toordinal())
            case Within(fact, number, unit, direction, other):
                early, late = self._fact(fact, truth), self._fact(other, truth)
                early, late = (early, late) if direction == "before" else (late, early)
                return self._z3.And(early <= late, early > late - number * {"days": 1, "weeks": 7}[unit])

    def _fact(self, name: str, truth: bool) -> Any:
        truth = truth and name in self.background.stateable
        key = (name, truth)
        if key not in self._facts:
            self._facts[key] = self._declared(name, f"truly {name}" if truth else name)
        return self._facts[key]

    def _declared(self, name: str, written: str) -> Any:
        z3, context = self._z3, self._context
        declared = self.background.vocabulary.facts.get(name)
        match declared.type if declared else "yes/no":
            case "list":
                return z3.Const(written, self._enumeration(name)[0])
            case "number":
                number = z3.Real(written, ctx=context)
                self._solver.add(number >= 0)
                return number
            case "date":
                return z3.Int(written, ctx=context)
            case _:
                return z3.Bool(written, ctx=context)

    def _enumeration(self, fact: str) -> tuple[Any, dict[str, Any]]:
        if fact not in self._sorts:
            values = self.background.vocabulary.facts[fact].values
            names = [f"{fact}: {v}" for v in values]
            sort, constants = self._z3.EnumSort(fact, names, ctx=self._context)
            self._sorts[fact] = (sort, dict(zip(values, constants, strict=True)))
        found: tuple[Any, dict[str, Any]] = self._sorts[fact]
        return found

    # --- conditions that are not of z3's theories -------------------------------------------------

    def _without_theory(self) -> set[Atom]:
        """Conditions that share a fact with a list of records, or with a span of months or years."""
        hard = {f for a in self.atoms if _beyond(a) for f in facts_of(a)}
        return {a for a in self.atoms if hard & set(facts_of(a))}

    def _hold_together(self, truth: bool) -> None:
        z3 = self._z3
        opaque = [a for a in self.atoms if a in self._opaque]
        for cluster in clusters(opaque, self.background.vocabulary):
            mine = [(1 << n, self.term(a, truth)) for n, a in enumerate(opaque) if cluster.bits >> n & 1]
            if len(cluster.masks) < 1 << len(mine):
                self._solver.add(
                    z3.Or([z3.And([t if mask & bit else z3.Not(t) for bit, t in mine]) for mask in cluster.masks])
                )


def _closed(ways: Sequence[Way]) -> bool:
    """Whether the consensus of every two ways holds a way."""
    for n, one in enumerate(ways):
        turned = frozenset(x.opposite for x in one)
        for two in ways[n + 1 :]:
            clash = turned & two
            if len(clash) == 1:
                between = (one | two) - clash - {x.opposite for x in clash}
                if not any(w <= between for w in ways):
                    return False
    return True


class _Model(dict[Atom, bool]):
    """The truth of conditions in a model, worked out when asked for."""

    def __init__(self, smt: Smt, model: Any, truth: bool) -> None:
        super().__init__()
        self._smt, self._model, self._truth = smt, model, truth

    def __missing__(self, atom: Atom) -> bool:
        value = self._model.eval(self._smt.term(atom, self._truth), model_completion=True)
        self[atom] = bool(self._smt._z3.is_true(value))
        return self[atom]


def _beyond(atom: Atom) -> bool:
    return isinstance(atom, Some) or (isinstance(atom, Within) and atom.unit in ("months", "years", "hours"))


def _compared(term: Any, op: str, value: float) -> Any:
    return {
        "<": lambda: term < value,
        "<=": lambda: term <= value,
        "=": lambda: term == value,
        ">=": lambda: term >= value,
        ">": lambda: term > value,
    }[op]()
