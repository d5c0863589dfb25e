"""The law tested by its own cases: are they met, does each condition matter in them, does each small change show.

MC/DC asks of each condition that it be seen true and seen false in cases where it alone decides what its norm says
(masking MC/DC, DO-178C). Mutation asks that each small change of a norm turn a case red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from brightline.law.cases import Case, cases
from brightline.law.pack import Law, Section
from brightline.law.parse import qualify
from brightline.law.problems import LawError, Problem
from brightline.law.reform import find_reform, read_reform, shipped_reforms
from brightline.law.resolve import map_conditions
from brightline.law.tree import (
    ActionIs,
    Always,
    Amendment,
    And,
    Compare,
    CompareDate,
    Defined,
    Definition,
    Exception_,
    Expr,
    FactIs,
    Norm,
    Not,
    OneOf,
    Operator,
    Or,
    Some,
    Span,
    Within,
    conditions,
    exceptions,
    rewrite,
    walk,
)
from brightline.reason.ground import Choice, Grounder, GroundNorm, amended
from brightline.reason.program import Program, Scope
from brightline.reason.truth import Records, Truth, evaluate

Tested = Norm | Definition | Amendment
_LEAVES = FactIs | OneOf | Compare | CompareDate | Within


@dataclass(frozen=True)
class Failure:
    """A case that is not met."""

    case: Case
    verdict: str
    by: tuple[str, ...]

    def __str__(self) -> str:
        c = self.case
        wanted = c.verdict + (f" by {c.by}" if c.by else "")
        got = self.verdict + (f" by {', '.join(self.by)}" if self.by else "")
        return f"{c.at.file}:{c.at.line}: `{c.title}` should be {wanted}, and is {got}"


@dataclass
class ClauseScore:
    """What the cases show of one norm or definition, in all its versions."""

    id: str
    clause: str
    cases: int = 0
    conditions: int = 0  # obligations of MC/DC: two for each condition
    shown: int = 0
    mutants: int = 0
    killed: int = 0
    missing: list[str] = field(default_factory=list)  # what no case shows
    survivors: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "clause": self.clause,
            "cases": self.cases,
            "mcdc": percent(self.shown, self.conditions),
            "mutation": percent(self.killed, self.mutants),
            "clauses_without_cases": [] if self.cases else [self.id],
            "missing": self.missing,
            "survivors": self.survivors,
        }


@dataclass
class LawTest:
    clauses: dict[str, ClauseScore]
    cases: int
    failures: list[Failure]

    @property
    def without_cases(self) -> list[str]:
        return [c.id for c in self.clauses.values() if not c.cases]

    def as_json(self) -> dict[str, Any]:
        """Per clause and in total; scores in percent."""
        scores = self.clauses.values()
        return {
            "clauses": [c.as_json() for c in scores],
            "failures": [str(f) for f in self.failures],
            "total": {
                "cases": self.cases,
                "failed": len(self.failures),
                "mcdc": percent(sum(c.shown for c in scores), sum(c.conditions for c in scores)),
                "mutation": percent(sum(c.killed for c in scores), sum(c.mutants for c in scores)),
                "clauses_without_cases": self.without_cases,
            },
        }


def percent(part: int, whole: int) -> float:
    """The part in per cent of the whole, rounded down so that 100 means all; 100 when there is nothing to show."""
    return 100.0 if not whole else int(1000 * part / whole) / 10


def run(law: Law, sections: Sequence[str] = (), progress: Callable[[str], None] = lambda _: None) -> LawTest:
    """Run the cases of these sections (all, when none is named), and score them.

    Raises LawError when a table of cases cannot be read.
    """
    chosen = [s for s in law.sections.values() if not sections or s.id in sections or s.pack in sections]
    tables: dict[str, list[Case]] = {}
    problems: list[Problem] = []
    for section in law.sections.values():
        tables[section.id], wrong = cases(section, law)
        problems += wrong if section in chosen else []
    if problems:
        raise LawError(problems)
    result = LawTest({}, sum(len(tables[s.id]) for s in chosen), [])
    for section in chosen:
        progress(section.id)
        bench = _Bench(law, section, tables)
        result.failures += bench.failures()
        bench.score(result.clauses)
    return result


def run_with_reforms(law: Law, names: Sequence[str] = (), progress: Callable[[str], None] = lambda _: None) -> LawTest:
    """Run the cases of these packs, sections and reforms (a name, or a file); all that there are, when none is named."""
    own = [n for n in names if n in law.packs or n in law.sections]
    tests = [run(law, own, progress)] if own or not names else []
    for name in [n for n in names if n not in own] or (() if names else shipped_reforms(law)):
        whole, reform = read_reform(law, find_reform(law, name))
        tests.append(run(whole, (reform.id,), progress))
    clauses = {id: score for t in tests for id, score in t.clauses.items()}
    return LawTest(clauses, sum(t.cases for t in tests), [f for t in tests for f in t.failures])


class _Bench:
    """One section on the test bench: its norms, and every case that can show something of them."""

    def __init__(self, law: Law, section: Section, tables: dict[str, list[Case]]) -> None:
        self.law, self.section = law, section
        self.packs = law.levels(section.pack)
        self.cases = tables[section.id]
        defined = {s.name for s in section.statements if isinstance(s, Definition)}
        users = [s for s in law.sections.values() if s is not section and defined & _names_used(s)]
        self.borrowed = [c for s in users for c in tables[s.id]]
        self._grounders: dict[tuple[str, date | None], Grounder] = {}
        self._situations: dict[int, _Situation] = {}

    def situation(self, case: Case) -> _Situation:
        if id(case) not in self._situations:
            self._situations[id(case)] = _Situation(case, self)
        return self._situations[id(case)]

    def grounder(self, case: Case) -> Grounder:
        key = (case.section.split("/")[0], case.day)
        if key not in self._grounders:
            self._grounders[key] = Grounder(self.law, self.law.levels(key[0]), case.day)
        return self._grounders[key]

    def failures(self) -> list[Failure]:
        found = []
        for case in self.cases:
            verdict, by = self.situation(case).exact()
            wanted = qualify(case.by, case.section) if case.by else ""
            if verdict != case.verdict or (wanted and wanted not in by):
                found.append(Failure(case, verdict, tuple(b.partition(":")[2] for b in by)))
        return found

    # --- scores -----------------------------------------------------------------------------

    def score(self, scores: dict[str, ClauseScore]) -> None:
        for statement in self.section.statements:
            match statement:
                case Norm():
                    id, clause = statement.id, self.law.cite(statement.id)
                case Definition(name):
                    id, clause = f"{self.section.id}:{name}", f"{self.section.citation}, {name}"
                case Amendment(target):
                    id, clause = f"{self.section.id} amends {target}", f"change to {self.law.cite(target)}"
                case _:
                    continue
            self._score(statement, scores.setdefault(id, ClauseScore(id, clause)))

    def _score(self, statement: Tested, score: ClauseScore) -> None:
        mine = [*self.cases, *self.borrowed] if isinstance(statement, Definition) else self.cases
        near = [s for c in mine if (s := self.situation(c)).touches(statement)]
        score.cases += len(near)
        self._mcdc(statement, near, score)
        self._mutation(statement, [self.situation(c) for c in mine], score)

    def _mcdc(self, statement: Tested, near: Sequence[_Situation], score: ClauseScore) -> None:
        leaves = [n for e in _conditions(statement) for n in walk(e) if isinstance(n, _LEAVES)]
        shown: set[tuple[int, bool]] = set()
        for situation in near:
            for leaf in leaves:
                if (id(leaf), True) not in shown or (id(leaf), False) not in shown:
                    shown |= {(id(leaf), v) for v in situation.seen(leaf)}
        for leaf in leaves:
            for value in (True, False):
                score.conditions += 1
                if (id(leaf), value) in shown:
                    score.shown += 1
                else:
                    score.missing.append(
                        f"line {leaf.at.line}: `{leaf.fact}` {'true' if value else 'false'}, where it alone decides"
                    )

    def _mutation(self, statement: Tested, near: Sequence[_Situation], score: ClauseScore) -> None:
        for said, mutant in mutants(statement):
            score.mutants += 1
            if any(s.notices(statement, mutant) for s in near):
                score.killed += 1
            else:
                score.survivors.append(said)


def _names_used(section: Section) -> set[str]:
    exprs = [e for s in section.statements if isinstance(s, Tested) for e in _conditions(s)]
    return {n.name for e in exprs for n in walk(e) if isinstance(n, Defined)}


def _conditions(statement: Tested) -> list[Expr]:
    """Each condition that the statement writes."""
    match statement:
        case Norm():
            return list(conditions(statement))
        case Definition():
            return [statement.condition]
        case Amendment():
            found = list(conditions(statement.norm)) if statement.norm else []
            found += [e.condition for e in exceptions((statement.exception,))] if statement.exception else []
            return found + ([statement.condition] if statement.condition is not None else [])


class _Situation:
    """A case, ready to be judged under the section's norms as they are or with one of them changed."""

    def __init__(self, case: Case, bench: _Bench) -> None:
        self.case, self.bench = case, bench
        self.law = bench.law
        self.facts: dict[str, Any] = dict(case.facts)
        self.facts |= {name: Records(entries, complete=True) for name, entries in case.records.items()}
        self.grounder = bench.grounder(case)
        self.norms = self._norms(self.law)
        self.ground = {
            choice: self._grounded(self.norms, choice, self.grounder)
            for choice in self._choices(self.norms, self.grounder)
        }
        self.base = self._quick(self.ground)
        self.met = self._meets(self.base)

    def _norms(self, law: Law) -> list[Norm]:
        """The norms that judge the case: its section's own; of a reform, with those of the packs it amends, as amended."""
        section = self.law.sections[self.case.section]
        amends = law.packs[section.pack].amends
        if not amends:
            return list(section.norms)
        targets = {s.target.split("/")[0] for s in section.statements if isinstance(s, Amendment)}
        packs = [p for p in law.levels(section.pack) if p in {section.pack, *amends, *targets}]
        return amended(law, packs, self.case.day)

    def _choices(self, norms: Iterable[Norm], grounder: Grounder) -> list[Choice]:
        return grounder.choices([n for n in norms if self._speaks(n)], self.case.readings)

    def _speaks(self, norm: Norm) -> bool:
        v = self.law.vocabulary
        return (
            (self.case.day is None or norm.span.holds(self.case.day))
            and bool(set(v.actor_lineage(self.case.actor)) & set(norm.actors))
            and bool(set(v.action_lineage(self.case.action)) & set(norm.actions))
        )

    def _grounded(self, norms: Iterable[Norm], choice: Choice, grounder: Grounder) -> list[GroundNorm]:
        found = [grounder.ground(n, self.case.action, choice) for n in norms if self._speaks(n)]
        return [g for g in found if g is not None]

    def exact(self) -> tuple[str, tuple[str, ...]]:
        """The verdict of the engine that everything else uses, and the labels that decide."""
        scopes = [Scope(self.case.action, choice, tuple(norms)) for choice, norms in self.ground.items()]
        program = Program(scopes, self.law.vocabulary)
        outcome = program.outcome(*program.masks(self.facts))
        labels: dict[str, None] = {}
        for finding in outcome.deciding:
            labels[finding.norm] = None
            for norms in self.ground.values():
                for norm in norms:
                    if norm.norm.id == finding.norm and finding.exception:
                        labels |= {
                            f"{self._home(norm, e.label)}:{e.label}": None
                            for e in norm.exceptions
                            if e.clause == finding.exception
                        }
        return outcome.verdict, tuple(labels)

    def _home(self, norm: GroundNorm, label: str) -> str:
        return next((e.section or norm.norm.section for e in norm.norm.unless if e.label == label), norm.norm.section)

    # --- quick: Kleene on the trees, so that a change of one norm costs microseconds ---------------

    def _quick(
        self, ground: dict[Choice, list[GroundNorm]], override: dict[int, Truth] | None = None
    ) -> tuple[str, frozenset[str]]:
        told = {choice: self._judge(norms, override) for choice, norms in ground.items()}
        verdicts = {v for v, _ in told.values()}
        by = frozenset(b for _, labels in told.values() for b in labels)
        if not told:
            return "unreached", frozenset()
        return (verdicts.pop() if len(verdicts) == 1 else "contested"), by

    def _judge(self, norms: list[GroundNorm], override: dict[int, Truth] | None) -> tuple[str, set[str]]:
        single = [(n, *self._one(n, override)) for n in norms]
        barred = [n for n, v, _ in single if v == "barred"]
        required = [n for n, v, _ in single if v == "required"]
        if barred or required:
            verdict = "conflict" if barred and required else "barred" if barred else "required"
            return verdict, {n.norm.id for n in (*barred, *required)}
        if any(v == "unsettled" for _, v, _ in single):
            return "unsettled", {n.norm.id for n, v, _ in single if v == "unsettled"}
        excepted = [(n, label) for n, v, label in single if v == "excepted"]
        labels = {n.norm.id for n, _ in excepted} | {label for _, label in excepted}
        return ("excepted", labels) if excepted else ("unreached", set())

    def _one(self, n: GroundNorm, override: dict[int, Truth] | None) -> tuple[str, str]:
        reach = evaluate(n.reach, self.facts, override)
        if reach is False:
            return "unreached", ""
        held = [(e, evaluate(e.holds, self.facts, override)) for e in n.exceptions]
        first = next((e for e, truth in held if truth is True), None)
        if first is not None:
            return "excepted", f"{self._home(n, first.label)}:{first.label}"
        if reach is None or any(truth is None for _, truth in held):
            return "unsettled", ""
        return ("barred" if n.norm.modality == "forbids" else "required"), ""

    def _meets(self, got: tuple[str, frozenset[str]]) -> bool:
        verdict, by = got
        wanted = qualify(self.case.by, self.case.section) if self.case.by else ""
        return verdict == self.case.verdict and (not wanted or wanted in by)

    # --- what this case shows -----------------------------------------------------------------------

    def touches(self, statement: Tested) -> bool:
        """Whether the statement has a say on this case's day, actor, action and readings."""
        grounds = [g for norms in self.ground.values() for g in norms]
        if isinstance(statement, Norm):
            return any(g.norm is statement or g.norm == statement for g in grounds)
        if isinstance(statement, Amendment):
            return self._changed(statement, None) != self.ground
        if self.case.day is not None and not statement.span.holds(self.case.day):
            return False
        wanted = {id(n) for n in walk(statement.condition)}
        return any(id(n) in wanted for g in grounds for e in (g.reach, g.excused) for n in walk(e))

    def seen(self, leaf: Expr) -> Iterator[bool]:
        """The values at which the condition is seen in this case to decide what the section says."""
        as_true = self._quick(self.ground, {id(leaf): True})
        as_false = self._quick(self.ground, {id(leaf): False})
        if as_true != as_false:
            if self.base == as_true:
                yield True
            elif self.base == as_false:
                yield False

    def notices(self, statement: Tested, mutant: Tested | None) -> bool:
        """Whether the case turns red when the statement is changed (None: deleted)."""
        if not self.met:
            return False
        try:
            ground = self._changed(statement, mutant)
        except LookupError:
            return True  # a condition that others need is gone: every pack load would fail
        return not self._meets(self._quick(ground))

    def _changed(self, statement: Tested, mutant: Tested | None) -> dict[Choice, list[GroundNorm]]:
        pack = self.law.packs[self.case.section.split("/")[0]]
        if pack.amends or isinstance(statement, Amendment):
            law = law_with(self.law, statement, mutant)
            norms, grounder = self._norms(law), Grounder(law, law.levels(pack.id), self.case.day)
            return {c: self._grounded(norms, c, grounder) for c in self._choices(norms, grounder)}
        if isinstance(statement, Norm):
            swapped = (mutant if n is statement else n for n in self.norms)
            kept = [n for n in swapped if isinstance(n, Norm)]
            return {c: self._grounded(kept, c, self.grounder) for c in self._choices(kept, self.grounder)}
        grounder = _swapped(self.grounder, statement, mutant if isinstance(mutant, Definition) else None, self.case.day)
        return {c: self._grounded(self.norms, c, grounder) for c in self._choices(self.norms, grounder)}


def law_with(law: Law, old: Tested, new: Tested | None) -> Law:
    """The law with one statement changed (None: deleted)."""
    section = law.sections[old.section]
    swapped = (new if s is old else s for s in section.statements)
    changed = tuple(s for s in swapped if s is not None)
    pack = law.packs[section.pack]
    pack = replace(pack, sections={**pack.sections, section.id: replace(section, statements=changed)})
    return replace(law, packs={**law.packs, pack.id: pack})


def _swapped(grounder: Grounder, old: Definition, new: Definition | None, day: date | None) -> Grounder:
    changed = object.__new__(Grounder)
    changed.law = grounder.law
    changed._definitions = {k: [d for d in v if d is not old] for k, v in grounder._definitions.items()}
    if new is not None and (day is None or new.span.holds(day)):
        changed._definitions.setdefault(new.name, []).append(new)
    return changed


# --- small changes --------------------------------------------------------------------------------


def mutants(statement: Tested) -> Iterator[tuple[str, Tested | None]]:
    """Each small change of a statement, with what was changed."""
    name = {Norm: "label", Definition: "name", Amendment: "target"}[type(statement)]
    at = f"line {statement.at.line}: {getattr(statement, name)}"
    for expr in _conditions(statement):
        for node in walk(expr):
            for said, new in _changes(node):
                yield f"{at}: {said}", _with(statement, node, new)
    for said, span in _spans(statement.span):
        # A definition that lasts longer than the norms that use it says nothing more: only shorter ones count.
        if not isinstance(statement, Definition) or span.meets(statement.span) == span:
            yield f"{at}: {said}", replace(statement, span=span)
    if isinstance(statement, Norm):
        yield from ((f"{at}: {said}", norm) for said, norm in _norm_changes(statement))
    if isinstance(statement, Amendment):
        yield from ((f"{at}: {said}", change) for said, change in _amendment_changes(statement))


def _with(statement: Tested, node: Expr, new: Expr) -> Tested:
    changed = map_conditions(statement, lambda e: _replaced(e, node, new))
    assert isinstance(changed, Tested)
    return changed


def _replaced(expr: Expr, node: Expr, new: Expr) -> Expr:
    """The tree with one node (by identity) replaced; all other nodes keep theirs."""
    if expr is node:
        return new
    match expr:
        case And(parts) | Or(parts):
            inner = tuple(_replaced(p, node, new) for p in parts)
            return expr if all(a is b for a, b in zip(inner, parts, strict=True)) else replace(expr, parts=inner)
        case Not(part):
            one = _replaced(part, node, new)
            return expr if one is part else replace(expr, part=one)
        case Some(_, body):
            one = _replaced(body, node, new)
            return expr if one is body else replace(expr, body=one)
        case _:
            return expr


_LOOSER: dict[str, Operator] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<="}


def _changes(node: Expr) -> Iterator[tuple[str, Expr]]:
    match node:
        case And(parts):
            yield "`or` for `and`", Or(parts)
        case Or(parts):
            yield "`and` for `or`", And(parts)
        case Not(part):
            yield "`not` dropped", part
        case Some() | Defined():
            yield "condition turned round", Not(node)
            yield "condition dropped", Always(True)
        case FactIs() | OneOf() | Compare() | CompareDate() | Within() | ActionIs():
            what = node.actions[0] if isinstance(node, ActionIs) else node.fact
            yield f"`{what}` turned round", Not(node)
            yield f"`{what}` taken as true", Always(True)
            yield f"`{what}` taken as false", Always(False)
            yield from _threshold_changes(node)
        case _:
            return


def _threshold_changes(node: Expr) -> Iterator[tuple[str, Expr]]:
    match node:
        case OneOf(fact, values) if len(values) > 1:
            for value in values:
                yield f"`{fact}` without `{value}`", replace(node, values=tuple(v for v in values if v != value))
        case ActionIs(actions) if len(actions) > 1:
            for action in actions:
                yield f"action without `{action}`", replace(node, actions=tuple(a for a in actions if a != action))
        case Compare(fact, op, value):
            yield f"`{fact}`: the threshold itself", replace(node, op=_LOOSER[op])
            yield f"`{fact}`: threshold one more", replace(node, value=value + 1)
            yield f"`{fact}`: threshold one less", replace(node, value=value - 1)
        case CompareDate(fact, op, day):
            yield f"`{fact}`: the day itself", replace(node, op=_LOOSER[op])
            yield f"`{fact}`: a day later", replace(node, value=day + timedelta(1))
        case Within(fact, number):
            yield f"`{fact}`: one more", replace(node, number=number + 1)
            yield f"`{fact}`: one less", replace(node, number=number - 1)
        case _:
            return


def _spans(span: Span) -> Iterator[tuple[str, Span]]:
    if span.start is not None:
        yield "in force a day later", replace(span, start=span.start + timedelta(1))
        yield "in force a day earlier", replace(span, start=span.start - timedelta(1))
    if span.end is not None:
        yield "ends a day later", replace(span, end=span.end + timedelta(1))
        yield "ends a day earlier", replace(span, end=span.end - timedelta(1))


def _norm_changes(norm: Norm) -> Iterator[tuple[str, Norm | None]]:
    yield "norm deleted", None
    if norm.when is not None:
        yield "`when` dropped", replace(norm, when=None)
    for n, e in enumerate(norm.unless):
        rest = (*norm.unless[:n], *norm.unless[n + 1 :])
        yield f"exception {e.label} dropped", replace(norm, unless=rest)
        if e.unless:
            for m, inner in enumerate(e.unless):
                kept: tuple[Exception_, ...] = (*e.unless[:m], *e.unless[m + 1 :])
                opened = (*norm.unless[:n], replace(e, unless=kept), *norm.unless[n + 1 :])
                yield f"exception to the exception {inner.label} dropped", replace(norm, unless=opened)
    if len(norm.actions) > 1:
        for action in norm.actions:
            yield f"action {action} dropped", replace(norm, actions=tuple(a for a in norm.actions if a != action))
    if len(norm.actors) > 1:
        for actor in norm.actors:
            yield f"actor {actor} dropped", replace(norm, actors=tuple(a for a in norm.actors if a != actor))


def _amendment_changes(a: Amendment) -> Iterator[tuple[str, Amendment | None]]:
    yield "change not made", None
    if a.norm is not None:
        yield from ((said, replace(a, norm=norm)) for said, norm in _norm_changes(a.norm) if norm is not None)
    for n, inner in enumerate(a.exception.unless if a.exception else ()):
        assert a.exception is not None
        kept = (*a.exception.unless[:n], *a.exception.unless[n + 1 :])
        yield (
            f"exception to the exception {inner.label} dropped",
            replace(a, exception=replace(a.exception, unless=kept)),
        )


__all__ = ["ClauseScore", "Failure", "LawTest", "law_with", "mutants", "rewrite", "run", "run_with_reforms"]
