"""What a reform does to each loophole, with proofs; what it costs; and whether it opens anything.

A loophole is **closed** when no contact that came through by it alone comes through under the reform, unless a judge
signs. It is **moved** when it now takes more: the smallest sets of what more it takes. It is **open** when the reform
bars none of those contacts. Every "closed" is shown a second time by another solver run, with every premise named, and
searched for a counterexample among at least 100,000 contacts drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal as OneOfThese

from brightline.contact.schema import Contact
from brightline.law.pack import Law, Pack
from brightline.law.tree import Amendment, And, Compare, CompareDate, Expr, FactIs, Not, OneOf, Some, Within, exceptions
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import GroundNorm, both, negation
from brightline.reason.prove import witness
from brightline.reason.prove.loopholes import Loophole, Loopholes, backgrounds, conditions, judicial, small_rest
from brightline.reason.prove.oracle import Background, GaveUp, Literal, Way, constraints_on, in_order, knowing, size_of
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.search import Search
from brightline.reason.prove.setting import Setting, settings
from brightline.reason.prove.table import Table
from brightline.reason.speech import _, several
from brightline.reason.truth import atoms, facts_of

Status = OneOfThese["closed", "moved", "open", "unknown"]
SECOND_SEED = 20_260_129
MOST_COSTS = 500
WORST: tuple[Status, ...] = ("closed", "moved", "open", "unknown")
MOST_MORE = 24
MOST_JOINED = 120


@dataclass(frozen=True)
class Step:
    """One premise of a proof. `what`: a clause that bars, what the contact is, a constraint, no judge's paper, …"""

    what: OneOfThese["clause", "contact", "constraint", "truth", "no judge", "no other way", "no more"]
    clause: str = ""
    text: str = ""
    condition: Expr | None = None


@dataclass(frozen=True)
class Fate:
    """What becomes of one loophole."""

    loophole: Loophole
    status: Status
    by: tuple[str, ...] = ()  # the clauses that close it
    proof: tuple[Step, ...] = ()
    more: tuple[Way, ...] = ()  # moved: what it takes now, beside what it took
    unless_judge: tuple[str, ...] = ()  # papers of a judge with which it would be open
    searched: int = 0  # contacts drawn at random, none of which came through
    why: str = ""
    vocabulary: Vocabulary | None = field(default=None, compare=False, repr=False)  # with the reform's own words


@dataclass(frozen=True)
class Cost:
    """Lawful cooperation that was not barred before, and is now."""

    setting: Setting
    clause: str
    way: Way
    witness: Contact


@dataclass(frozen=True)
class Opening:
    """What was barred before, and is not any more."""

    setting: Setting
    clause: str
    witness: Contact


@dataclass(frozen=True)
class Closure:
    """The answer about one reform."""

    reform: Pack
    fates: tuple[Fate, ...]
    costs: tuple[Cost, ...]
    openings: tuple[Opening, ...]
    complete: bool
    why: str
    counts: dict[str, int] = field(default_factory=dict)


def closed(
    before: Loopholes,
    law: Law,
    reform: Pack,
    purpose: FactIs,
    prover: Prover | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Closure:
    """What the reform does to every loophole found. `law` is the law with the reform laid over it (`read_reform`)."""
    work = _Reform(before, law, reform, purpose, prover)
    fates = []
    for n, loophole in enumerate(before.found):
        progress(n, len(before.found))
        fates.append(replace(work.fate(loophole), vocabulary=law.vocabulary))
    costs, openings = tuple(work.costs()), tuple(work.openings())
    statuses = [f.status for f in fates]
    unknown = statuses.count("unknown")
    why = (
        before.why
        if not unknown
        else several(
            "{count} could not be shown either way: the solver gave up",
            "{count} could not be shown either way: the solver gave up",
            unknown,
        )
    )
    if work.prover.gave_up and not unknown:
        why = _("the solver reached its limit: the list is at least this")
    if len(costs) >= MOST_COSTS:
        why = _("what it also bars was listed up to {most}").format(most=MOST_COSTS)
    return Closure(
        reform,
        tuple(fates),
        costs,
        openings,
        before.complete and not unknown and not work.prover.gave_up and len(costs) < MOST_COSTS,
        why,
        {s: statuses.count(s) for s in ("closed", "moved", "open", "unknown")},
    )


class _Reform:
    def __init__(self, before: Loopholes, law: Law, reform: Pack, purpose: FactIs, prover: Prover | None) -> None:
        self.before, self.law, self.reform, self.purpose = before, law, reform, purpose
        levels = law.levels(reform.id)
        self._afters: dict[int, list[Setting]] = {}
        self._brief = False  # whether a proof is shown without its smallest premises and without a search
        self._reading = 0  # which of the reform's own readings is looked at
        for s in before.settings:
            fixed = settings(law, levels, s.day, s.actor, s.action, s.choice)
            self._afters[id(s)] = fixed
        exprs = conditions([*before.settings, *(s for afters in self._afters.values() for s in afters)])
        self.prover = prover or Prover(exprs)
        self.second = Prover(exprs, seed=SECOND_SEED)
        self._searches: dict[tuple[int, int, str], Search] = {}
        self._cites: dict[tuple[str, str | None], str] = {}

    def after(self, setting: Setting) -> Setting:
        afters = self._afters[id(setting)]
        return afters[min(self._reading, len(afters) - 1)]

    def _readings(self) -> Iterator[None]:
        """Under each of the reform's own readings in turn."""
        for number in range(max((len(a) for a in self._afters.values()), default=1)):
            self._reading = number
            yield
        self._reading = 0

    def changed(self, setting: Setting) -> list[GroundNorm]:
        """The norms of the reform, and those that it changes."""
        old = {n.broken for n in setting.forbidding}
        return [n for n in self.after(setting).forbidding if n.broken not in old]

    def _each_setting(self) -> Iterator[Setting]:
        for _reading in self._readings():
            yield from self.before.settings

    # --- one loophole ------------------------------------------------------------------------------

    def fate(self, x: Loophole) -> Fate:
        """What becomes of the loophole for every agency, under every reading: the worst of it."""
        fates: dict[object, Fate] = {}
        for one in x.each or (x,):
            for _reading in self._readings():
                old, new = (frozenset(n.broken for n in s.forbidding) for s in (one.setting, self.after(one.setting)))
                key = (old, new, one.door, one.context if one.how == "silence" else None)
                if key not in fates:  # the first is searched and shown in full, the others are proven twice
                    self._brief = bool(fates)
                    fates[key] = replace(self._fate(one), loophole=x)
        self._brief = False
        return max(fates.values(), key=lambda f: (WORST.index(f.status), bool(f.searched)))

    def _fate(self, x: Loophole) -> Fate:
        changed = self.changed(x.setting)
        ground = backgrounds(self.law.vocabulary, self.purpose)[x.kind]
        base, of_truth = self._came_through(x, ground)
        still = self.prover.ask(ground, [*base, self.after(x.setting).barred], of_truth)
        if still.holds is None:
            return Fate(x, "unknown", why=_("the solver reached its limit"))
        if not changed or not still.holds:
            return Fate(x, "open")
        through = [negation(n.broken) for n in changed]
        free = self.prover.ask(ground, [*base, *through], of_truth)
        papers = self._papers(x, changed, base, of_truth, ground)
        if papers is None:
            return Fate(x, "unknown", why=_("the solver reached its limit"))
        answer = free if free.holds is False else self.prover.ask(ground, [*base, *through, *papers], of_truth)
        if answer.holds is None or free.holds is None:
            return Fate(x, "unknown", why=_("the solver reached its limit"))
        more = self._more(x, changed, base, of_truth, ground) if free.holds else ()
        if not answer.holds:
            return self._proven(x, "closed", changed, ground, papers if free.holds else [], more)
        by_hand = tuple(w for w in more if not any(judicial(self.law.vocabulary, y) for y in w if y.value))
        if not by_hand:
            return Fate(x, "unknown", self._clauses(changed), why=_("what more it takes could not be listed"))
        if any(self._nothing_new(w) for w in by_hand) and not self._door_changed(x, changed, ground):
            return Fate(x, "open", more=tuple(w for w in by_hand if w))
        return self._proven(x, "moved", changed, ground, papers, by_hand)

    def _nothing_new(self, way: Way) -> bool:
        """Whether a way takes no more than that something is not so, of which only the reform speaks."""
        old = self.before.settings[0].vocabulary
        return all(not y.value and not any(f in old.facts or f in old.records for f in facts_of(y.atom)) for y in way)

    def _door_changed(self, x: Loophole, changed: Sequence[GroundNorm], ground: Background) -> bool:
        """Whether the reform changes the very door through which the loophole leads."""
        mine = [n for n in changed if n.norm.id == x.norm]
        gone = x.how != "silence" and x.norm not in {n.norm.id for n in self.after(x.setting).forbidding}
        return gone or any(self.prover.ask(ground, [*in_order(x.door), n.broken]).holds for n in mine)

    def _came_through(self, x: Loophole, ground: Background) -> tuple[list[Expr | Literal], list[Expr | Literal]]:
        """That a contact came through before by this loophole, and by no other door of its norm."""
        if x.how == "silence":
            way = in_order(x.context | x.rest)
            return [*way, x.setting.not_barred], []
        norm = self._norm(x)
        doors = self.prover.ways(negation(norm.broken), _ground_before(x, self.purpose)).ways
        others = [negation(And(tuple(y.expr for y in in_order(w)))) for w in doors if w != x.door and len(w) > 1]
        others += [y.opposite.expr for w in doors if w != x.door and len(w) == 1 for y in w]
        reach = [norm.reach] if x.how == "exception" else []
        rest = [negation(n.broken) for n in x.setting.forbidding if n.broken != norm.broken]
        lies: list[Expr | Literal] = [y.opposite for y in in_order(x.door) if ground.splits(y.atom)]
        return [*in_order(x.door), *others, *reach, *rest], [*lies, norm.broken] if lies else []

    def _norm(self, x: Loophole) -> GroundNorm:
        return next(n for n in x.setting.forbidding if n.norm.id == x.norm)

    def _papers(
        self,
        x: Loophole,
        changed: Sequence[GroundNorm],
        base: list[Expr | Literal],
        of_truth: list[Expr | Literal],
        ground: Background,
    ) -> list[Literal] | None:
        """That no judge has signed anything that the reform asks for, beside what the loophole itself needs.

        None when the solver gave up: whether the loophole needs a paper is then not known.
        """
        mine = {y.atom for y in (*x.door, *x.rest, *x.context)}
        asked = dict.fromkeys(a for n in changed for a in atoms(n.broken))
        unsigned = [
            Literal(a, False) for a in asked if a not in mine and judicial(self.law.vocabulary, Literal(a, True))
        ]
        kept: list[Literal] = []
        for paper in unsigned:  # a warrant that came with the detainer is a warrant: without it nothing came through
            can_be = self.prover.ask(ground, [*base, *kept, paper], of_truth).holds
            if can_be is None:
                return None
            if can_be:
                kept.append(paper)
        return kept

    def _more(
        self,
        x: Loophole,
        changed: Sequence[GroundNorm],
        base: list[Expr | Literal],
        of_truth: list[Expr | Literal],
        ground: Background,
    ) -> tuple[Way, ...]:
        """The smallest sets of what more it takes now, beside all that the loophole took."""
        for known in (in_order(x.rest | x.context), []):
            whole = [*base, *known]
            if self.prover.ask(ground, [*whole, *(negation(n.broken) for n in changed)], of_truth).holds:
                left = [n for n in changed if self.prover.ask(ground, [*whole, n.broken], of_truth).holds is not False]
                goals = [knowing(negation(n.broken), (*in_order(x.door), *known)) for n in left]
                return self._beside(goals, whole, of_truth, ground)
        return ()

    def _beside(
        self, goals: Sequence[Expr], whole: list[Expr | Literal], of_truth: list[Expr | Literal], ground: Background
    ) -> tuple[Way, ...]:
        """The ways to all goals that can be beside what is known, without what follows from it."""
        unions: list[Way] = [frozenset()]
        for goal in goals:
            ways = self.prover.ways(goal, ground).ways
            unions = [
                w
                for w in _smallest({u | w for u in unions for w in ways})[:MOST_JOINED]
                if self.prover.ask(ground, [*whole, *in_order(w)], of_truth).holds
            ]
        shut = negation(both(*goals))
        found: set[Way] = set()
        for way in unions[:MOST_MORE]:
            for x in in_order(way):
                if self.prover.ask(ground, [*whole, *in_order(way - {x}), shut], of_truth).holds is False:
                    way = way - {x}
            found.add(way)
        return tuple(_smallest(found))

    # --- proofs --------------------------------------------------------------------------------------

    def _proven(
        self,
        x: Loophole,
        status: Status,
        changed: Sequence[GroundNorm],
        ground: Background,
        papers: list[Literal],
        more: tuple[Way, ...],
    ) -> Fate:
        """The fate with its proof: that nothing comes through, or (moved) nothing without what more it takes."""
        steps, of_truth = self._premises(x, changed, ground, papers, more if status == "moved" else ())
        bare = Background(ground.vocabulary, (), ground.stateable, (), bare=True)
        said = [s.condition for s in steps if s.condition is not None]
        true = [s.condition for s in of_truth if s.condition is not None]
        again = self.second.ask(bare, said, true)
        moved = Fate(x, "moved", self._clauses(changed), more=more)
        if again.holds is not False:
            why = _("the second solver run did not confirm that it is closed")
            return moved if status == "moved" else Fate(x, "unknown", why=why)
        if self._brief:
            return Fate(x, status, self._clauses(changed), more=more if status == "moved" else ())
        fixed = [y for s in steps if s.what != "clause" and s.condition and (y := _literal(s.condition)) is not None]
        found, looked = self._searched(x, ground, fixed, said, true)
        if not looked:
            return Fate(x, "unknown", why=_("no contact of this kind could be drawn at random"))
        if found:
            return Fate(x, "unknown", why=_("a contact drawn at random came through: please report this as a fault"))
        kept = self._needed(bare, [*steps, *of_truth], len(steps), again.core)
        needed = tuple([*steps, *of_truth][n] for n in kept)
        if _by_table(
            bare, [said[n] for n in kept if n < len(said)], [true[n - len(said)] for n in kept if n >= len(said)]
        ):
            return Fate(
                x, "unknown", why=_("the truth table does not confirm the proof: please report this as a fault")
            )
        by = tuple(dict.fromkeys(s.clause for s in needed if s.what == "clause")) or self._clauses(changed)
        if status == "moved":
            return Fate(x, "moved", by, needed, more, searched=looked)
        judges = tuple(dict.fromkeys(f for w in more for y in in_order(w) if y.value for f in facts_of(y.atom)))
        return Fate(x, "closed", by, needed, unless_judge=judges, searched=looked)

    def _premises(
        self,
        x: Loophole,
        changed: Sequence[GroundNorm],
        ground: Background,
        papers: list[Literal],
        more: tuple[Way, ...],
    ) -> tuple[list[Step], list[Step]]:
        base, of_truth = self._came_through(x, ground)
        if more:
            base = [*base, *in_order(x.rest | x.context)]
        mine = {*x.door, *x.context, *x.rest}
        steps = [
            Step("contact" if isinstance(b, Literal) and b in mine else "no other way", condition=_expr(b))
            for b in base
        ]
        steps += [Step("no more", condition=negation(both(*(y.expr for y in in_order(w))))) for w in more]
        steps += [Step("clause", self._cited(n), n.norm.id, negation(n.broken)) for n in changed]
        steps += [Step("no judge", condition=p.expr) for p in papers]
        exprs = [s.condition for s in steps if s.condition is not None]
        bearing = constraints_on(self.law.vocabulary, [*exprs, self.purpose])
        steps += [Step("constraint", text=c.text, condition=c.condition) for c in bearing]
        truth = [Step("truth", condition=_expr(t)) for t in of_truth]
        if ground.stateable:
            truth += [Step("constraint", text=c.text, condition=c.condition) for c in bearing]
            return steps, [*truth, Step("truth", condition=self.purpose)]
        return [*steps, Step("truth", condition=self.purpose)], truth

    def _needed(self, bare: Background, steps: list[Step], said: int, core: Sequence[int]) -> list[int]:
        """The premises that the proof cannot do without: each dropped in turn, in the second solver."""
        kept = list(core)
        for n in core:
            fewer = [k for k in kept if k != n]
            parts = [steps[k].condition for k in fewer]
            now = [e for k, e in zip(fewer, parts, strict=True) if k < said and e is not None]
            true = [e for k, e in zip(fewer, parts, strict=True) if k >= said and e is not None]
            if self.second.ask(bare, now, true).holds is False:
                kept = fewer
        return kept

    def _searched(
        self, x: Loophole, ground: Background, fixed: Sequence[Literal], said: Sequence[Expr], true: Sequence[Expr]
    ) -> tuple[bool, int]:
        key = (id(x.setting), self._reading, x.name if x.how == "silence" else x.kind)
        if key not in self._searches:
            exprs = [*conditions([x.setting, self.after(x.setting)]), *(y.expr for y in in_order(x.context))]
            self._searches[key] = Search(ground, exprs, SECOND_SEED)
        return self._searches[key].find(fixed, said, true)

    # --- how clauses are named -------------------------------------------------------------------------

    def _cited(self, norm: GroundNorm) -> str:
        """The reform's own words: its norm, or its change to a clause of the law."""
        key = (norm.norm.id, norm.reading)
        if key not in self._cites:
            self._cites[key] = self._cite(norm)
        return self._cites[key]

    def _cite(self, norm: GroundNorm) -> str:
        if norm.norm.section in self.reform.sections:
            return norm.clause
        before = [n.norm for s in self.before.settings for n in s.norms if n.norm.id == norm.norm.id]
        clauses = (f"{e.section or n.section}:{e.label}" for n in (norm.norm, *before) for e in exceptions(n.unless))
        mine = {norm.norm.id, *clauses}
        told = (
            f"{self.law.cite(a.target)}, {_as(a)}"
            for section in self.reform.sections.values()
            for a in section.statements
            if isinstance(a, Amendment) and a.target in mine
        )
        return "; ".join(told)

    def _clauses(self, changed: Sequence[GroundNorm]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._cited(n) for n in changed))

    # --- what it costs, what it opens --------------------------------------------------------------------

    def costs(self) -> Iterator[Cost]:
        """Acts for another true purpose that the reform bars, and that nothing barred before."""
        ground = Background(self.law.vocabulary, (negation(self.purpose),))
        seen: set[tuple[str, str, Way]] = set()
        for setting in self._each_setting():
            after = self.after(setting)
            for norm in self.changed(setting):
                for way in self.prover.ways(norm.broken, ground).ways:
                    key = (setting.action, norm.norm.id, way)
                    if (
                        key in seen
                        or norm not in after.own
                        or not self.prover.ask(ground, [*in_order(way), setting.not_barred]).holds
                    ):
                        continue
                    rest = small_rest(self.prover, setting.forbidding, way, ground)
                    made = None if rest is None else self._both(setting, after, way | rest, lets=setting, bars=after)
                    if made is not None:
                        seen.add(key)
                        yield Cost(after, self._cited(norm), way, made)
                        if len(seen) >= MOST_COSTS:
                            return

    def openings(self) -> Iterator[Opening]:
        """Acts that the law bars and the law with the reform does not."""
        ground = Background(self.law.vocabulary, (self.purpose,))
        seen: set[tuple[str, str]] = set()
        for setting in self._each_setting():
            after = self.after(setting)
            left = {n.broken for n in after.forbidding}
            for norm in (n for n in setting.forbidding if n.broken not in left):
                key = (setting.action, norm.norm.id)
                for way in self.prover.ways(norm.broken, ground).ways if key not in seen else ():
                    if not self.prover.ask(ground, [*in_order(way), after.not_barred]).holds:
                        continue
                    rest = small_rest(self.prover, after.forbidding, way, ground)
                    whole = None if rest is None else way | rest | {Literal(self.purpose, True)}
                    made = None if whole is None else self._both(setting, after, whole, lets=after, bars=setting)
                    if made is not None:
                        seen.add(key)
                        yield Opening(after, norm.clause, made)
                        break

    def _both(self, setting: Setting, after: Setting, way: Way, lets: Setting, bars: Setting) -> Contact | None:
        """A contact that one law lets pass and the other bars, as `decide` confirms."""
        try:
            made = witness.contact(after, witness.values(way, self.law.vocabulary))
            older = Setting(self.law, setting.packs, setting.day, setting.actor, setting.action, setting.choice,
                            setting.own, setting.narrower)  # fmt: skip
            lets, bars = (older if s is setting else s for s in (lets, bars))
            good = witness.passes(witness.decided(made, lets), lets) and witness.stops(witness.decided(made, bars))
        except witness.NoContact:
            return None
        return made if good else None


def _ground_before(x: Loophole, purpose: FactIs) -> Background:
    return backgrounds(x.setting.vocabulary, purpose)[x.kind]


def _by_table(bare: Background, said: Sequence[Expr], true: Sequence[Expr]) -> bool:
    """Whether the truth table finds a contact that meets all premises; False also where it has too many conditions."""
    try:
        return bool(Table(bare, [*said, *true]).ask(said, true).holds)
    except GaveUp:
        return False


def _smallest(ways: set[Way]) -> list[Way]:
    """The ways of which no other is a part, smallest first."""
    kept: list[Way] = []
    for way in sorted(ways, key=size_of):
        if not any(k <= way for k in kept):
            kept.append(way)
    return kept


def _expr(x: Expr | Literal) -> Expr:
    return x.expr if isinstance(x, Literal) else x


def _literal(expr: Expr) -> Literal | None:
    """The condition as one on a fact, when it is one."""
    part = expr.part if isinstance(expr, Not) else expr
    plain = isinstance(part, FactIs | OneOf | Compare | CompareDate | Within | Some)
    return Literal(part, part is expr) if plain else None  # type: ignore[arg-type]


def _as(a: Amendment) -> str:
    label = a.exception.label if a.exception else ""
    return {
        "narrow": _("narrowed by {label}"),
        "reword": _("in its new words"),
        "repeal": _("repealed"),
        "replace": _("replaced"),
        "add": _("with the exception {label}"),
    }[a.change].format(label=label)
