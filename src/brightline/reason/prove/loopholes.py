"""All smallest ways in which an act is not barred although its true purpose is another.

A way leads through every norm that bars the act: through each by one door. A loophole is one door of one norm,
with a smallest way through the others, so that the list grows with the law and not with the product of its doors.

A door is opened **by exception** when all that is said is true, or **by misstatement** when it needs facts that only
the requester states: then the norm cannot tell the statement from the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from typing import Literal as OneOfThese

from brightline.contact.schema import Contact
from brightline.law.format import format_expression
from brightline.law.pack import Law
from brightline.law.problems import LawError, Problem, did_you_mean
from brightline.law.tree import Expr, FactIs, Place
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import NO, GroundNorm, negation
from brightline.reason.prove import witness
from brightline.reason.prove.oracle import (
    Background,
    GaveUp,
    Literal,
    Way,
    all_atoms,
    constraints_on,
    in_order,
    size_of,
)
from brightline.reason.prove.prover import MOST_WAYS, Prover
from brightline.reason.prove.setting import Setting, actors_of, reached_actions, settings
from brightline.reason.speech import _, several
from brightline.reason.truth import facts_of

Kind = OneOfThese["exception", "misstatement"]
How = OneOfThese["exception", "scope", "silence"]


@dataclass(frozen=True)
class Loophole:
    """One door of one norm, and a contact that goes through it."""

    kind: Kind
    how: How  # an exception holds; the norm does not reach; a section is silent for this agency
    norm: str
    clause: str
    through: tuple[str, ...]  # the clauses that let it pass
    setting: Setting
    door: Way
    rest: Way  # what the other norms need
    context: Way  # what makes the norm speak of the contact at all
    misstated: tuple[str, ...]  # facts
    judge: bool  # needs a paper that only a judge makes
    at_odds: tuple[str, ...]  # clauses of the same section that would bar it all the same
    witness: Contact | None = None  # None until `decide` has confirmed one
    truth: Contact | None = None  # what was in fact so, where something is misstated: `decide` bars it
    actors: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()  # under which it is open; none: under every reading
    smallest: bool = True  # no other loophole of this act needs fewer misstatements than a part of these
    compared: str = ""  # silence: the clause that bars another agency
    each: tuple[Loophole, ...] = field(default=(), repr=False)  # the same, agency by agency and reading by reading

    @property
    def action(self) -> str:
        return self.setting.action

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.kind, self.how, self.norm, self.clause, self.door, self.setting.action, self.compared)

    @property
    def name(self) -> str:
        """A short name that stays the same from run to run."""
        import hashlib

        parts = sorted(format_expression(x.expr) for x in self.door)
        told = repr((self.kind, self.how, self.norm, self.action, self.clause, self.compared, parts))
        return hashlib.sha256(told.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Loopholes:
    """The answer to one question. `complete` is False when a limit was reached; `why` says which."""

    found: tuple[Loophole, ...]
    complete: bool
    why: str
    settings: tuple[Setting, ...]
    shut: int = 0  # doors of one norm that the others shut, or let pass without it

    def of_action(self, action: str) -> tuple[Loophole, ...]:
        return tuple(x for x in self.found if x.action == action)


# --- the question ---------------------------------------------------------------------------------


def true_purpose(vocabulary: Vocabulary, name: str) -> FactIs:
    """The fact that says what an act was truly for: `civil_immigration`. Raises LawError for a name nobody declares."""
    known = [
        f.removesuffix("_purpose")
        for f, told in vocabulary.facts.items()
        if f.endswith("_purpose") and told.type == "yes/no"
    ]
    if name not in known:
        help = did_you_mean(name, known, "purposes: " + ", ".join(known))
        raise LawError([Problem(Place("--true-purpose", 0, 0), f"there is no purpose `{name}`", help)])
    return FactIs(f"{name}_purpose")


def known_action(vocabulary: Vocabulary, name: str) -> str:
    """The action, or LawError with the nearest ones."""
    if name not in vocabulary.actions:
        help = did_you_mean(name, vocabulary.actions, "actions: " + ", ".join(vocabulary.actions))
        raise LawError([Problem(Place("--action", 0, 0), f"there is no action `{name}`", help)])
    return name


def known_actor(vocabulary: Vocabulary, name: str) -> str:
    """The agency, or LawError with the nearest ones."""
    if name not in vocabulary.actors:
        help = did_you_mean(name, vocabulary.actors, "agencies: " + ", ".join(vocabulary.actors))
        raise LawError([Problem(Place("--actor", 0, 0), f"there is no agency `{name}`", help)])
    return name


def said_only(vocabulary: Vocabulary) -> frozenset[str]:
    """The facts that somebody states and no paper on the desk shows."""
    facts = {f for f, told in vocabulary.facts.items() if told.stated_by}
    return frozenset(facts | {r for r, told in vocabulary.records.items() if told.stated_by})


def backgrounds(vocabulary: Vocabulary, purpose: FactIs) -> dict[Kind, Background]:
    """All that is said is true, or: what only the requester states may be false."""
    return {
        "exception": Background(vocabulary, (purpose,)),
        "misstatement": Background(vocabulary, (purpose,), said_only(vocabulary)),
    }


def places(
    law: Law,
    packs: Sequence[str],
    day: date,
    actions: Sequence[str] = (),
    actors: Sequence[str] = (),
    readings: Sequence[str] = (),
) -> list[Setting]:
    """Every act of every agency in question, under each of its readings. The first pack is the one asked about."""
    levels = law.chosen(packs)
    who = list(actors) or actors_of(law, [law.packs[p].amends[0] if law.packs[p].amends else p for p in packs])
    spoken = {
        x for actor in who for x in reached_actions(law, levels, day, actor)
    }  # of one: of others a law may be silent
    reached = [x for x in law.vocabulary.actions if x in spoken]
    found: list[Setting] = []
    for actor in who:
        for action in actions or reached:
            found += settings(law, levels, day, actor, action, readings)
    return found


def loopholes(
    asked: Sequence[Setting],
    purpose: FactIs,
    prover: Prover | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Loopholes:
    """The loopholes of these settings, gravest first. Raises Disagreement when the two solvers differ."""
    prover = prover or Prover(conditions(asked))
    search = _Search(prover, purpose)
    found: dict[tuple[Any, ...], list[Loophole]] = {}
    for n, setting in enumerate(asked):
        progress(n, len(asked))
        for loophole in (*search.of(setting), *_silences(setting, asked, search)):
            found.setdefault(loophole.key, []).append(loophole)
    merged = [x for same in found.values() if (x := _merged(same, asked, search)) is not None]
    ranked = sorted(_with_smallest(merged), key=_rank)
    if len(merged) < len(found):
        search.incomplete(
            several(
                "{count} way that the solver found is not shown: `decide` did not confirm it",
                "{count} ways that the solver found are not shown: `decide` did not confirm them",
                len(found) - len(merged),
            )
        )
    if prover.gave_up:
        search.incomplete(_("the solver reached its limit: the list is at least this"))
    why = _("every way through every norm was listed") if search.complete else search.why
    return Loopholes(tuple(ranked), search.complete, why, tuple(asked), search.shut)


def conditions(asked: Iterable[Setting]) -> tuple[Any, ...]:
    """Every condition of these settings, each once: what a prover needs to know before it is asked."""
    return tuple(dict.fromkeys(e for s in asked for e in (s.barred, s.required, *s.expressions)))


class _Search:
    def __init__(self, prover: Prover, purpose: FactIs) -> None:
        self.prover, self.purpose = prover, purpose
        self.complete, self.why, self.shut = True, "", 0

    def incomplete(self, why: str) -> None:
        self.complete, self.why = False, why

    def of(self, setting: Setting) -> Iterator[Loophole]:
        grounds = backgrounds(setting.vocabulary, self.purpose)
        for norm in (n for n in setting.own if n.norm.modality == "forbids"):
            for kind, ground in grounds.items():
                for door in self.doors(norm, ground):
                    if kind == "misstatement" and not self._misleads(norm, door, ground):
                        continue
                    found = self._loophole(setting, norm, door, kind, ground)
                    if found is None:
                        self.shut += 1
                    else:
                        yield found

    def doors(self, norm: GroundNorm, ground: Background) -> list[Way]:
        """All smallest ways through one norm."""
        ways = self.prover.ways(negation(norm.broken), ground)
        if not ways.complete:
            self.incomplete(
                _("more than {most} ways, or the solver's time, for {clause}: the list is at least this").format(
                    most=MOST_WAYS, clause=norm.clause
                )
            )
        return [w for w in ways.ways if w or norm.reach == NO]  # no condition at all: the norm leaves the act out

    def _misleads(self, norm: GroundNorm, door: Way, ground: Background) -> bool:
        """Whether the statements of this door can be false, and the truth barred."""
        lies = [x.opposite for x in in_order(door) if ground.splits(x.atom)]
        return bool(lies) and bool(self.prover.ask(ground, in_order(door), [norm.broken, *lies]).holds)

    def _loophole(
        self, setting: Setting, norm: GroundNorm, door: Way, kind: Kind, ground: Background
    ) -> Loophole | None:
        rest = self._rest(setting, norm, door, ground)
        if rest is None:
            return None
        how, through = led_through(self.prover, norm, door, ground)
        whole = door | rest
        context = self._context(norm, door, whole, ground) if how == "exception" else frozenset()
        misstated = self._misstated(door, whole, ground)
        judge = any(judicial(setting.vocabulary, x) for x in door if x.value)
        odds = self._at_odds(setting, norm, door, ground) if how == "exception" else ()
        return Loophole(
            kind, how, norm.norm.id, norm.clause, through, setting, door, rest, context, misstated, judge, odds
        )

    def confirmed(self, x: Loophole) -> Loophole | None:
        """The loophole with a contact that `decide` lets pass; None when `decide` does not agree."""
        try:
            if x.how == "silence":
                return x
            norm = next(n for n in x.setting.forbidding if n.norm.id == x.norm and n.clause == x.clause)
            made = self._witness(x.setting, norm, x.door | x.rest | x.context, x.kind, x.misstated)
        except witness.NoContact:
            return None
        return None if made is None else replace(x, witness=made[0], truth=made[1])

    def _rest(self, setting: Setting, norm: GroundNorm, door: Way, ground: Background) -> Way | None:
        others = [n for n in setting.forbidding if n.broken != norm.broken]
        return small_rest(self.prover, others, door, ground, norm)

    def _misstated(self, door: Way, whole: Way, ground: Background) -> tuple[str, ...]:
        lies = [x for x in door if ground.splits(x.atom)]
        lies += [x for x in whole - door if must_be_false(self.prover, x, ground)]
        order = {n: k for k, n in enumerate(ground.vocabulary.names)}
        return tuple(sorted({f for x in lies for f in facts_of(x.atom)}, key=lambda f: order.get(f, 0)))

    def _context(self, norm: GroundNorm, door: Way, whole: Way, ground: Background) -> Way:
        """The fewest further facts with which the norm surely speaks of the contact, and bars what is true."""
        for way in self.prover.ways(norm.reach, ground).ways:
            if self.prover.ask(
                ground, in_order(whole | way), barred_in_truth(self.prover, door, whole | way, norm, ground)
            ).holds:
                return way - whole
        return frozenset()

    def _at_odds(self, setting: Setting, norm: GroundNorm, door: Way, ground: Background) -> tuple[str, ...]:
        """Norms of the same section that bar the same contact, or a narrower kind of the same act."""
        beside = [
            n for n in setting.forbidding if n.norm.section == norm.norm.section and n.norm.label != norm.norm.label
        ]
        return tuple(
            dict.fromkeys(
                n.clause for n in beside if self.prover.ask(ground, [*in_order(door), norm.reach, n.broken]).holds
            )
        )

    def _witness(
        self, setting: Setting, norm: GroundNorm, whole: Way, kind: Kind, misstated: tuple[str, ...]
    ) -> tuple[Contact, Contact | None] | None:
        """The contact as it was said, checked by `decide`; and as it was, where something is misstated."""
        said = set(whole)
        if kind == "exception":
            said.add(Literal(self.purpose, True))
        said |= self._as_it_can_be(said, setting)
        made = witness.contact(setting, witness.values(said, setting.vocabulary), misstated)
        if not witness.passes(witness.decided(made, setting), setting):
            return None
        if kind == "exception":
            return made, None
        truth = self._truth(setting, norm, whole, misstated)
        return None if truth is None else (made, truth)

    def _as_it_can_be(self, said: set[Literal], setting: Setting) -> set[Literal]:
        """What the constraints say of the same facts, so that the values chosen for them can be together."""
        ground = Background(setting.vocabulary)
        bearing = constraints_on(setting.vocabulary, [x.expr for x in in_order(said)])
        facts = {f for x in said for f in facts_of(x.atom)}
        atoms = [a for a in all_atoms(c.condition for c in bearing) if set(facts_of(a)) <= facts]
        model = self.prover.ask(ground, in_order(said)).model if atoms else {}
        return {Literal(a, model[a]) for a in atoms} if model or atoms else set()

    def _truth(self, setting: Setting, norm: GroundNorm, whole: Way, misstated: tuple[str, ...]) -> Contact | None:
        """What was in fact so: the same contact with the misstated facts as they were."""
        ground = backgrounds(setting.vocabulary, self.purpose)["exception"]
        kept = [x for x in in_order(whole) if not set(misstated) & set(facts_of(x.atom))]
        about = [x for x in in_order(whole) if set(misstated) & set(facts_of(x.atom))]
        answer = self.prover.ask(ground, [*kept, *(x.opposite for x in about), norm.broken])
        if not answer.holds:
            answer = self.prover.ask(ground, [*kept, norm.broken])
            if not answer.holds:
                return None
        from brightline.reason.truth import atoms

        true = [Literal(a, answer.model[a]) for a in dict.fromkeys(atoms(norm.broken))]
        core = self.prover.ask(ground, [*true, negation(norm.broken)]).core
        needed = {true[n] for n in core if n < len(true)} | {x.opposite if x in about else x for x in whole}
        clash = {x for x in needed if x.opposite in needed}
        needed = {x for x in needed if x not in clash or answer.model[x.atom] == x.value}
        needed.add(Literal(self.purpose, True))
        made = witness.contact(setting, witness.values(needed, setting.vocabulary))
        return made if witness.stops(witness.decided(made, setting)) else None


def barred_in_truth(
    prover: Prover, door: Way, whole: Way, norm: GroundNorm, ground: Background
) -> list[Expr | Literal]:
    """Where the door holds statements: these are false, what else is said is true if it can be, and the norm bars it."""
    lies = [x.opposite for x in in_order(door) if ground.splits(x.atom)]
    rest = [x for x in in_order(whole - door) if ground.splits(x.atom) and not must_be_false(prover, x, ground)]
    return [*lies, *rest, norm.broken] if lies else []


def judicial(vocabulary: Vocabulary, literal: Literal) -> bool:
    """Whether the condition speaks of a paper that only a judge makes."""
    declared = (vocabulary.facts.get(f) for f in facts_of(literal.atom))
    return any(d is not None and d.judicial for d in declared)


def must_be_false(prover: Prover, literal: Literal, ground: Background) -> bool:
    """Whether what is said cannot be true, given what the act was truly for."""
    return ground.splits(literal.atom) and prover.ask(ground, (), [literal]).holds is False


def led_through(prover: Prover, norm: GroundNorm, door: Way, ground: Background) -> tuple[How, tuple[str, ...]]:
    """How a door leads through a norm, and by which clauses."""
    if prover.ask(ground, [*in_order(door), norm.reach]).holds is False:
        return "scope", (norm.clause,)
    holds = [(e.clause, e.holds) for e in norm.exceptions]
    certain = [c for c, e in holds if prover.ask(ground, [*in_order(door), negation(e)]).holds is False]
    return "exception", tuple(
        dict.fromkeys(certain or (c for c, e in holds if prover.ask(ground, [*in_order(door), e]).holds))
    )


def small_rest(
    prover: Prover,
    norms: Sequence[GroundNorm],
    door: Way,
    ground: Background,
    beside: GroundNorm | None = None,
) -> Way | None:
    """A small way through all of these norms that can stand beside the door of another, which stays needed."""
    doors = [(n, prover.ways(negation(n.broken), ground).ways) for n in norms]
    left = sorted(((n, ways) for n, ways in doors if ways != (frozenset(),)), key=lambda o: len(o[1]))

    def needed(whole: Way) -> bool:
        """Whether no condition of the door can be left out: else the rest holds another door, maybe in other words."""
        return beside is None or all(
            prover.ask(ground, [*in_order(whole - {x}), beside.broken]).holds is not False for x in in_order(door)
        )

    def through(chosen: Way, left: Sequence[tuple[GroundNorm, Sequence[Way]]]) -> Way | None:
        if not left:
            return chosen
        (norm, ways), *more = left
        if any(w <= chosen for w in ways):
            return through(chosen, more)
        for way in sorted(ways, key=lambda w: _price(prover, w - chosen, norm, beside, ground)):
            whole = chosen | way
            if any(x.opposite in whole for x in way) or not needed(whole):
                continue
            truth = [] if beside is None else barred_in_truth(prover, door, whole, beside, ground)
            if prover.ask(ground, in_order(whole), truth).holds:
                found = through(whole, more)
                if found is not None:
                    return found
        return None

    found = through(door, left)
    return None if found is None else found - door


def _price(
    prover: Prover, way: Way, of: GroundNorm, beside: GroundNorm | None, ground: Background
) -> tuple[float, list[str]]:
    """What it takes to pass a norm: conditions, statements, a judge; or to stay out of a sister norm's reach."""
    v = ground.vocabulary
    facts = [f for x in way for f in facts_of(x.atom)]
    price = float(len(way)) + sum(f in said_only(v) for f in facts)
    price += sum(4 * judicial(v, x) for x in way if x.value)
    price += sum(4 * must_be_false(prover, x, ground) for x in way)
    sister = beside is not None and of.norm.section.split("/")[0] == beside.norm.section.split("/")[0]
    if sister and led_through(prover, of, way, ground)[0] == "scope":
        price += 2
    return price, sorted(facts)


# --- silence ----------------------------------------------------------------------------------------


def _silences(setting: Setting, asked: Sequence[Setting], search: _Search) -> Iterator[Loophole]:
    """Sections that bind this agency and say nothing of the act, where a section like it bars a sister agency."""
    law, v = setting.law, setting.vocabulary
    ground = backgrounds(v, search.purpose)["exception"]
    for other in asked:
        if other.action != setting.action or other.actor == setting.actor or other.choice != setting.choice:
            continue
        for norm in (n for n in other.own if n.norm.modality == "forbids"):
            mine = silent_section(law, norm, setting, other)
            if mine is None or any(n.norm.id == norm.norm.id for n in setting.norms):
                continue
            found = _silent(setting, other, norm, mine, ground, search)
            if found is not None:
                yield found


def silent_section(law: Law, norm: GroundNorm, setting: Setting, other: Setting) -> str | None:
    """The section that is to this agency what the norm's section is to the other, if it says nothing of the act."""
    home, v = law.sections.get(norm.norm.section), setting.vocabulary
    if home is None or norm.norm.section in {n.norm.section for n in setting.norms}:
        return None
    for section in law.packs[home.pack].sections.values() if home.pack in law.packs else ():
        twins = any(
            set(a.actions) & set(b.actions) and a.modality == b.modality and a.when == b.when
            for a in section.norms
            for b in home.norms
        )
        binds = any(set(n.actors) & set(v.actor_lineage(setting.actor)) for n in section.norms)
        not_both = any(set(n.actors) & set(v.actor_lineage(other.actor)) for n in section.norms)
        speaks = section.id in {n.norm.section for n in setting.norms if setting.action in _own(n, v)}
        if section.id != home.id and twins and binds and not not_both and not speaks:
            return section.id
    return None


def _own(norm: GroundNorm, v: Vocabulary) -> set[str]:
    """The actions that a norm names, and those below them."""
    return {a for a in v.actions if set(v.action_lineage(a)) & set(norm.norm.actions)}


def _silent(
    setting: Setting, other: Setting, norm: GroundNorm, section: str, ground: Background, search: _Search
) -> Loophole | None:
    for way in search.prover.ways(norm.broken, ground).ways:
        rest = search._rest(setting, norm, way, ground)
        if rest is None:
            continue
        known = witness.values({*way, *rest, Literal(search.purpose, True)}, setting.vocabulary)
        mine, theirs = witness.contact(setting, known), witness.contact(other, known)
        if witness.passes(witness.decided(mine, setting), setting) and witness.stops(witness.decided(theirs, other)):
            silent = setting.law.sections[section].citation
            return Loophole(
                "exception", "silence", norm.norm.id, silent, (silent,), setting, frozenset(), rest, way, (), False, (),
                mine, theirs, compared=norm.clause,
            )  # fmt: skip
    return None


# --- the list -----------------------------------------------------------------------------------------


def _merged(same: list[Loophole], asked: Sequence[Setting], search: _Search) -> Loophole | None:
    """One loophole of several agencies and readings, with a contact that shows it."""
    actors = tuple(dict.fromkeys(x.setting.actor for x in same))
    readings = _readings(same, [s for s in asked if s.actor in actors and s.action == same[0].action])
    for x in sorted(same, key=lambda x: (len(x.misstated), len(x.door | x.rest | x.context))):
        shown = search.confirmed(x)
        if shown is not None:
            return replace(shown, actors=actors, readings=readings, each=tuple(same))
    return None


def _readings(same: list[Loophole], mine: list[Setting]) -> tuple[str, ...]:
    """The readings under which a loophole is open; none when it is open under every one."""
    open_under = {(x.setting.actor, x.setting.choice) for x in same}
    shut = [s.choice for s in mine if (s.actor, s.choice) not in open_under]
    if not shut:
        return ()
    always = set.intersection(*(set(choice) for _, choice in open_under))
    telling = {r for r in always if any(r not in choice for choice in shut)}
    return tuple(r for r in same[0].setting.choice if r in telling)


def _with_smallest(found: list[Loophole]) -> Iterator[Loophole]:
    for x in found:
        fewer = any(
            set(y.misstated) < set(x.misstated) for y in found if y.kind == "misstatement" and y.action == x.action
        )
        yield replace(x, smallest=not (x.kind == "misstatement" and fewer))


def _rank(x: Loophole) -> tuple[Any, ...]:
    """Little to misstate first; then what is hard to check; a judge's paper and the mere limits of a norm last."""
    v = x.setting.vocabulary
    hard = max((v.cost(f) for f in x.misstated), default=0)
    how = ("exception", "silence", "scope").index(x.how)
    level = x.setting.packs.index(x.norm.split("/")[0])
    order = (len(x.misstated), x.judge, how, level, -hard, len(x.door), x.clause, size_of(x.door))
    return (list(v.actions).index(x.action), *order)


__all__ = ["GaveUp", "Loophole", "Loopholes", "backgrounds", "loopholes", "places", "true_purpose"]
