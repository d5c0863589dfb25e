"""On which contacts two laws differ: the smallest sets of conditions under which one bars (requires) an act and the
other does not, smallest first, with a contact for each; and whether these are all.

Where the two laws share a norm, both bar what it bars: a difference is a way in which the other norms differ, with a
small way through the shared ones. So the list grows with what differs, and not with the product of all doors. Two laws
differ on a contact exactly if one of the ways holds and no shared norm bars (requires) the act anyway.

Each act is asked about as it is named. Of an act that has narrower kinds (`share_custody_information`) that means: of
the act where none of these was meant; what is said of a narrower kind is said under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal as OneOfThese

from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.law.problems import LawError, Problem
from brightline.law.tree import Atom, Expr, Place
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import NO, Choice, GroundNorm, both, either, negation
from brightline.reason.program import Outcome
from brightline.reason.prove import witness
from brightline.reason.prove.loopholes import conditions, known_action, known_actor, small_rest
from brightline.reason.prove.oracle import Background, GaveUp, Literal, Way, all_atoms, in_order, size_of
from brightline.reason.prove.prover import Disagreement, Prover
from brightline.reason.prove.setting import Setting, actors_of, own_norms, reached_actions, settings
from brightline.reason.prove.table import Table
from brightline.reason.sides import Side
from brightline.reason.speech import _, listed, several
from brightline.reason.truth import facts_of

Kind = OneOfThese["bars", "requires"]
Which = OneOfThese["a", "b"]
_Key = tuple[Kind, Which, str, Way]  # what two agencies or readings have in common: the act, and the way

MOST = 50  # ways of one act, of one kind, on one side
MOST_TERMS = 400  # sets of conditions that are carried from norm to norm for these
SAME_NORMS = "the same norms"  # what shows that nothing differs where no solver had to be asked
MODALITY: dict[Kind, str] = {"bars": "forbids", "requires": "requires"}


@dataclass(frozen=True)
class Pair:
    """One act under both laws, and under readings that go together."""

    a: Setting
    b: Setting

    @property
    def actors(self) -> tuple[str, str]:
        return self.a.actor, self.b.actor

    def ordered(self, first: Which) -> tuple[Setting, Setting]:
        return (self.a, self.b) if first == "a" else (self.b, self.a)


@dataclass(frozen=True)
class Difference:
    """With these conditions one law bars (requires) the act and the other does not, where no norm that both share does.

    With `way` and `rest` together that is certain, whatever else is so.
    """

    kind: Kind
    only: Which  # which side bars or requires it
    way: Way
    rest: Way  # what passes the norms that both laws share
    shared: tuple[str, ...]  # the clauses of these
    pair: Pair
    contacts: tuple[Contact, Contact]  # the same facts, for the agency and the day of each side
    verdicts: tuple[str, str]  # what `decide` says of them
    clauses: tuple[tuple[str, ...], tuple[str, ...]]  # which decide it so: norms that bar, exceptions that let pass
    actors: tuple[tuple[str, str], ...]
    readings: tuple[Choice, ...] = ()  # under which it is so; none: under every one

    @property
    def action(self) -> str:
        return self.pair.a.action


@dataclass(frozen=True)
class Differences:
    """The answer. `complete`: the solver has proven that the two differ on no other contact; `why` says it in words."""

    found: tuple[Difference, ...]
    complete: bool
    why: str
    pairs: tuple[Pair, ...]
    proven_by: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it is proven that the two bar and require the same."""
        return self.complete and not self.found

    def of_action(self, action: str) -> tuple[Difference, ...]:
        return tuple(x for x in self.found if x.action == action)


# --- proofs -----------------------------------------------------------------------------------------


def impossible(
    prover: Prover,
    ground: Background,
    assertions: Sequence[Expr | Literal],
    of_truth: Sequence[Expr | Literal] = (),
) -> tuple[bool | None, tuple[str, ...]]:
    """Whether these can never hold together, and who has shown it: z3, and the truth table where it is not too large.

    None when nobody can say. Raises Disagreement when the two do not agree.
    """
    answer = prover.ask(ground, assertions, of_truth).holds
    if answer is None:
        return None, ()
    if answer or not prover.use_z3:
        return not answer, () if answer else ("truth table",)
    exprs = [x.expr if isinstance(x, Literal) else x for x in (*assertions, *of_truth)]
    try:
        again = Table(ground, exprs).ask(assertions, of_truth).holds
    except GaveUp:
        return True, ("z3",)
    if again:
        raise Disagreement(f"z3 says that this can never be, and the truth table that it can: {exprs!r}")
    return True, ("z3", "truth table")


def smallest(prover: Prover, ground: Background, goal: Expr, way: Iterable[Literal]) -> Way | None:
    """A part of the way that still makes the goal certain, and none of whose own parts does. None: no solver can say."""
    kept, bad = in_order(way), negation(goal)
    for literal in [None, *kept]:
        fewer = [x for x in kept if x is not literal]
        answer = prover.ask(ground, [*fewer, bad])
        if answer.holds is None or (literal is None and answer.holds):
            return None
        if not answer.holds:
            kept = [fewer[n] for n in answer.core if n < len(fewer)]
    return frozenset(kept)


def smallest_of(prover: Prover, ground: Background, goal: Expr, model: Mapping[Atom, bool]) -> Way | None:
    """A smallest way that makes the goal certain, out of all that a model says of the goal's conditions."""
    return smallest(prover, ground, goal, [Literal(a, model[a]) for a in all_atoms([goal])])


def in_full(prover: Prover, ground: Background, way: Way) -> Way:
    """The way with all else that the constraints say of its own facts, so that values are found which none excludes:
    of a number that is at most 48 also whether it is more than 0."""
    answer = prover.ask(ground, in_order(way))
    if not answer.holds:
        return way
    facts = {f for x in way for f in facts_of(x.atom)}
    about = [a for a in all_atoms(ground.constraints([x.expr for x in in_order(way)])) if set(facts_of(a)) <= facts]
    return way | {Literal(a, answer.model[a]) for a in about if Literal(a, not answer.model[a]) not in way}


# --- the question -------------------------------------------------------------------------------------


def differ(
    a: Sequence[Setting],
    b: Sequence[Setting],
    prover: Prover | None = None,
    most: int = MOST,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Differences:
    """All differences between these settings of two laws, act by act: at most so many for an act on each side.

    The first agency of `a` is set against the first of `b`, and so on. Raises Disagreement when two solvers differ.
    """
    a, b = _one_law(a, b)
    pairs = paired(a, b)
    if not pairs:
        return Differences((), True, "there is nothing to compare: no norm speaks of these acts", ())
    work = _Search(prover or Prover(conditions([*a, *b])), most)
    found: dict[_Key, list[Pair]] = {}
    for n, pair in enumerate(pairs):
        progress(n, len(pairs))
        for kind, only, way in work.of(pair):
            found.setdefault((kind, only, pair.a.action, way), []).append(pair)
    told = [work.shown(kind, only, way, same, pairs) for (kind, only, _act, way), same in found.items()]
    shown = [x for x in told if x is not None]
    if len(shown) < len(told):
        work.incomplete(
            several(
                "{count} more that the solver found was not confirmed by `decide`",
                "{count} more that the solver found were not confirmed by `decide`",
                len(told) - len(shown),
            )
        )
    order = {x: n for n, x in enumerate(pairs[0].a.vocabulary.actions)}
    ranked = sorted(shown, key=lambda x: (len(x.way), order[x.action], x.kind, x.only, size_of(x.way)))
    return Differences(tuple(ranked), not work.why, work.told(), tuple(pairs), work.proven_by)


def paired(a: Sequence[Setting], b: Sequence[Setting]) -> list[Pair]:
    """The settings that belong together: the same act, the agencies in order, and readings that go together."""
    mine, theirs = ([*dict.fromkeys(s.actor for s in side)] for side in (a, b))
    found = []
    for one, two in zip(mine, theirs, strict=True):
        for action in dict.fromkeys(s.action for s in (*a, *b)):
            found += _going_together(
                [s for s in a if (s.actor, s.action) == (one, action)],
                [s for s in b if (s.actor, s.action) == (two, action)],
            )
    return found


def _going_together(a: Sequence[Setting], b: Sequence[Setting]) -> list[Pair]:
    """The pairs that read alike whatever is left open on both sides. A reading that one side fixes is no obstacle."""
    everything = [Pair(x, y) for x in a for y in b]
    open_ = _open(a) & _open(b)
    alike = [p for p in everything if all(_reading(p.a, name) == _reading(p.b, name) for name in open_)]
    return alike or everything


def _open(side: Sequence[Setting]) -> set[str]:
    names = {r.partition(".")[0] for s in side for r in s.choice}
    return {name for name in names if len({_reading(s, name) for s in side}) > 1}


def _reading(setting: Setting, name: str) -> str:
    return next((r for r in setting.choice if r.partition(".")[0] == name), "")


def _broken(setting: Setting, kind: Kind) -> list[GroundNorm]:
    """The norms that bar (require) the act itself."""
    return [n for n in setting.own if n.norm.modality == MODALITY[kind]]


class _Search:
    def __init__(self, prover: Prover, most: int) -> None:
        self.prover, self.most = prover, most
        self.why: list[str] = []
        self.proofs: list[tuple[str, ...]] = []
        self._ways: dict[tuple[tuple[Expr, ...], tuple[Expr, ...]], tuple[Way, ...]] = {}

    def incomplete(self, why: str) -> None:
        if why not in self.why:
            self.why.append(why)

    def told(self) -> str:
        if self.why:
            return _("at least these: {why}").format(why="; ".join(self.why))
        return _("the solver has shown that the two differ on no other contact")

    @property
    def proven_by(self) -> tuple[str, ...]:
        """Who has shown all of it."""
        if self.why:
            return ()
        if not self.proofs:
            return (SAME_NORMS,)
        return tuple(p for p in self.proofs[0] if all(p in q for q in self.proofs))

    def of(self, pair: Pair) -> Iterator[tuple[Kind, Which, Way]]:
        """The differences of one act under one choice of readings."""
        ground = Background(pair.a.vocabulary)
        kinds: tuple[Kind, ...] = ("bars", "requires")
        sides: tuple[Which, ...] = ("a", "b")
        for kind in kinds:
            for only in sides:
                one, two = pair.ordered(only)
                for way in self.ways(_broken(one, kind), _broken(two, kind), ground, one.action):
                    yield kind, only, way

    # --- the ways in which some norm is broken and no other is ------------------------------------------

    def ways(
        self, broken: Sequence[GroundNorm], kept: Sequence[GroundNorm], ground: Background, action: str
    ) -> tuple[Way, ...]:
        """Sets of conditions with which one of the first norms is broken and none of the second: all, if it can be."""
        key = tuple(n.broken for n in broken), tuple(n.broken for n in kept)
        if key not in self._ways:  # the law is the same for many agencies, and for many acts
            shared = [e for e in key[0] if e in key[1]]
            mine, others = ([n for n in norms if n.broken not in shared] for norms in (broken, kept))
            goal = both(either(n.broken for n in mine), *(negation(n.broken) for n in others))
            beside = [negation(e) for e in shared]
            found = [] if goal == NO else self._found(goal, mine, others, beside, ground, action)
            self._ways[key] = tuple(sorted(found, key=size_of))
        return self._ways[key]

    def _found(
        self,
        goal: Expr,
        mine: Sequence[GroundNorm],
        others: Sequence[GroundNorm],
        beside: Sequence[Expr],
        ground: Background,
        action: str,
    ) -> list[Way]:
        found: list[Way] = []
        for way in self._terms(mine, others, ground):
            if len(found) >= self.most or any(w <= way for w in found):
                continue
            if self.prover.ask(ground, [*in_order(way), *beside]).holds:
                small = smallest(self.prover, ground, goal, way)
                if small is not None:
                    found = [w for w in found if not small <= w] + [small]
        return self._rest(both(goal, *beside), goal, self._widest(found, ground), ground, action)

    def _terms(self, mine: Sequence[GroundNorm], kept: Sequence[GroundNorm], ground: Background) -> list[Way]:
        """The products: a way to break one norm, with a way through every other. Smallest first."""
        terms = [w for n in mine for w in self.prover.ways(n.broken, ground).ways]
        through = [(n, self.prover.ways(negation(n.broken), ground).ways) for n in kept]
        for norm, doors in sorted(through, key=lambda t: len(t[1])):
            more: list[Way] = []
            for term in _absorbed(terms)[:MOST_TERMS]:
                if self.prover.ask(ground, [*in_order(term), norm.broken]).holds is False:
                    more.append(term)
                    continue
                more += [w for door in doors if _plain(w := term | door)]
            terms = more
        return _absorbed(terms)[:MOST_TERMS]

    def _rest(self, whole: Expr, goal: Expr, found: list[Way], ground: Background, action: str) -> list[Way]:
        """What is missing in the list, one contact after the other, until the solver says that there is none."""
        while True:
            other: list[Expr | Literal] = [whole, *(negation(both(*(x.expr for x in in_order(w)))) for w in found)]
            never, shown_by = impossible(self.prover, ground, other)
            if never:
                self.proofs.append(shown_by)
                return found
            if never is None:
                self.incomplete(_("for `{action}` the solver reached its limit").format(action=action))
                return found
            if len(found) >= self.most:
                self.incomplete(
                    _("for `{action}` there are more than {most}, the limit").format(action=action, most=self.most)
                )
                return found
            model = self.prover.ask(ground, other).model
            small = smallest_of(self.prover, ground, goal, model)
            if small is None:
                self.incomplete(_("for `{action}` the solver reached its limit").format(action=action))
                return found
            found = [w for w in found if not small <= w] + [small]

    def _widest(self, found: Sequence[Way], ground: Background) -> list[Way]:
        """The ways without those that say more than another: who was convicted lately was once convicted."""
        kept = list(found)
        for way in found:
            told = [x.expr for x in in_order(way)]
            bearing = {f for e in (*told, *ground.constraints(told)) for f in facts_of(e)}
            if any(w != way and self._implies(way, w, bearing, ground) for w in kept):
                kept.remove(way)
        return kept

    def _implies(self, way: Way, other: Way, bearing: set[str], ground: Background) -> bool:
        """Whether the one way cannot be without the other. `bearing`: facts of which the one says anything at all."""
        more = other - way
        if not all(set(facts_of(x.atom)) <= bearing for x in more):
            return False
        denied = negation(both(*(x.expr for x in in_order(more))))
        return self.prover.ask(ground, [*in_order(way), denied]).holds is False

    # --- what is shown of one difference ------------------------------------------------------------------

    def shown(
        self, kind: Kind, only: Which, way: Way, same: Sequence[Pair], pairs: Sequence[Pair]
    ) -> Difference | None:
        """One difference of several agencies and readings, with a contact for each side that `decide` confirms."""
        actors = tuple(dict.fromkeys(p.actors for p in same))
        asked = [p for p in pairs if p.actors in actors and p.a.action == same[0].a.action]
        for pair in same:
            rest, shared = self._through_shared(pair, kind, way)
            made = None if rest is None else self._witness(pair, kind, only, way | rest)
            if rest is not None and made is not None:
                contacts, decisions = made
                verdicts = decisions[0].verdict, decisions[1].verdict
                clauses = _clauses(decisions[0], pair.a, kind), _clauses(decisions[1], pair.b, kind)
                under = _readings(same, asked)
                return Difference(kind, only, way, rest, shared, pair, contacts, verdicts, clauses, actors, under)
        return None

    def _through_shared(self, pair: Pair, kind: Kind, way: Way) -> tuple[Way | None, tuple[str, ...]]:
        """A small way through the norms that both laws share, and their clauses."""
        ground = Background(pair.a.vocabulary)
        theirs = {n.broken for n in _broken(pair.b, kind)}
        shared = [n for n in _broken(pair.a, kind) if n.broken in theirs]
        rest, barred = small_rest(self.prover, shared, way, ground), either(n.broken for n in shared)
        for literal in in_order(rest or frozenset()):  # one door may lead through several norms
            fewer = (rest or frozenset()) - {literal}
            if self.prover.ask(ground, [*in_order(way | fewer), barred]).holds is False:
                rest = fewer
        return rest, tuple(dict.fromkeys(n.clause for n in shared))

    def _witness(
        self, pair: Pair, kind: Kind, only: Which, way: Way
    ) -> tuple[tuple[Contact, Contact], tuple[Outcome, Outcome]] | None:
        """The contacts of both sides, if the one law bars (requires) theirs for certain and the other does not."""
        ground = Background(pair.a.vocabulary)
        one, two = pair.ordered(only)
        for whole in self._wholes(way, two, kind, ground):
            try:
                known = witness.values(in_full(self.prover, ground, whole), ground.vocabulary)
                contacts = witness.contact(pair.a, known), witness.contact(pair.b, known)
                decisions = witness.decided(contacts[0], pair.a), witness.decided(contacts[1], pair.b)
            except witness.NoContact:
                continue
            first, second = decisions if only == "a" else decisions[::-1]
            if _does(first, one, kind) and _does_not(second, two, kind):
                return contacts, decisions
        return None

    def _wholes(self, way: Way, two: Setting, kind: Kind, ground: Background) -> Iterator[Way]:
        """The way, at best with what lets it through the norms on narrower kinds of the act too.

        Without, `decide` answers that it depends on which kind was meant.
        """
        narrower = [n for n in two.narrower if n.norm.modality == MODALITY[kind]]
        rest = small_rest(self.prover, narrower, way, ground) if narrower else None
        if rest:
            yield way | rest
        yield way


def _absorbed(terms: Iterable[Way]) -> list[Way]:
    """The sets without those that hold another one, smallest first."""
    kept: list[Way] = []
    for term in sorted(set(terms), key=size_of):
        if not any(k <= term for k in kept):
            kept.append(term)
    return kept


def _plain(way: Way) -> bool:
    """Whether the way does not say something and its opposite."""
    return not any(x.opposite in way for x in way)


def _of_kind(decision: Outcome, setting: Setting, kind: Kind) -> dict[str, set[str]]:
    """What the decision says of each norm that bars (requires) the act itself."""
    mine = {n.norm.id for n in _broken(setting, kind)}
    found: dict[str, set[str]] = {}
    for f in decision.findings:
        if f.norm in mine:
            found.setdefault(f.verdict, set()).add(f.exception or f.clause)
    return found


def _does(decision: Outcome, setting: Setting, kind: Kind) -> bool:
    said = {"bars": "barred", "requires": "required"}[kind]
    return decision.verdict in (said, "conflict") and said in _of_kind(decision, setting, kind)


def _does_not(decision: Outcome, setting: Setting, kind: Kind) -> bool:
    return not {"barred", "required", "unsettled"} & set(_of_kind(decision, setting, kind))


def _clauses(decision: Outcome, setting: Setting, kind: Kind) -> tuple[str, ...]:
    """The clauses by which a side bars (requires) it; else the exceptions that let it pass."""
    said = _of_kind(decision, setting, kind)
    return tuple(sorted(said.get("barred", set()) | said.get("required", set()) or said.get("excepted", set())))


def _readings(same: Sequence[Pair], asked: Sequence[Pair]) -> tuple[Choice, ...]:
    """The readings under which it is so, without those that make no difference; none when it is so under every one."""
    left = _open([p.a for p in asked]), _open([p.b for p in asked])
    names = sorted(left[0] | left[1])

    def under(pair: Pair) -> Choice:
        return tuple(r for n in names if (r := _reading(pair.a if n in left[0] else pair.b, n)))

    so = {(p.actors, under(p)) for p in same}
    yes = {c for _choice, c in so}
    no = {under(p) for p in asked if (p.actors, under(p)) not in so}
    for name in names:
        fewer = [{tuple(r for r in c if r.partition(".")[0] != name) for c in side} for side in (yes, no)]
        if not fewer[0] & fewer[1]:
            yes, no = fewer
    return tuple(sorted(c for c in yes if c))


# --- one law that holds both ----------------------------------------------------------------------------


def _one_law(a: Sequence[Setting], b: Sequence[Setting]) -> tuple[list[Setting], list[Setting]]:
    """The settings with a law that knows the facts and the packs of both sides."""
    if not a or not b or a[0].law is b[0].law:
        return list(a), list(b)
    law = joined(a[0].law, b[0].law)
    return [replace(s, law=law) for s in a], [replace(s, law=law) for s in b]


def joined(a: Law, b: Law) -> Law:
    """The law with what either side lays over it. Raises LawError when the two mean different things by one name."""
    if a is b:
        return a
    clash = [p for p in a.packs if p in b.packs and a.packs[p] != b.packs[p]]
    v, w = a.vocabulary, b.vocabulary
    clash += [f for f in v.facts if f in w.facts and v.facts[f] != w.facts[f]]
    clash += [r for r in v.records if r in w.records and v.records[r] != w.records[r]]
    if clash:
        said = f"the two sides mean different things by `{clash[0]}`"
        raise LawError([Problem(Place("--differ", 0, 0), said, "rename one of the two")])
    words = Vocabulary(
        v.actors | w.actors,
        v.actions | w.actions,
        v.facts | w.facts,
        v.records | w.records,
        tuple(dict.fromkeys((*v.constraints, *w.constraints))),
    )
    return replace(b, vocabulary=words, packs=a.packs | b.packs)


# --- two sides --------------------------------------------------------------------------------------------


def sides_settings(
    a: Side,
    b: Side,
    day: date,
    actors: Sequence[str] = (),
    actions: Sequence[str] = (),
    actors_b: Sequence[str] = (),
) -> tuple[list[Setting], list[Setting]]:
    """The settings of two sides, ready for `differ`: every act that either law speaks of, or those that are named and
    their narrower kinds. A side without a day of its own takes this one.

    Raises LawError for an unknown name, and for two places without an agency that both laws bind.
    """
    law = joined(a.law, b.law)
    mine, theirs = _agencies(law, a, b, day, actors, actors_b)
    named = {known_action(law.vocabulary, x) for x in actions}
    found: tuple[list[Setting], list[Setting]] = ([], [])
    for one, two in zip(mine, theirs, strict=True):
        asked = [(s, s.as_of or day, who) for s, who in ((a, one), (b, two))]
        reached = {x for s, on, who in asked for x in reached_actions(law, s.levels, on, who)}
        for action in (x for x in law.vocabulary.actions if x in reached):
            if not named or named & set(law.vocabulary.action_lineage(action)):
                for (s, on, who), list_ in zip(asked, found, strict=True):
                    list_ += settings(law, s.levels, on, who, action, s.readings)
    return found


def _agencies(
    law: Law, a: Side, b: Side, day: date, actors: Sequence[str], actors_b: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The agencies of both sides, in pairs: those named, or those of the one that the other's law binds too."""
    v = law.vocabulary
    mine, theirs = ([known_actor(v, x) for x in named] for named in (actors, actors_b))
    own, others = (agencies(law, s.packs, s.as_of or day) for s in (a, b))
    common = [x for x in own if _binds(law, b, x)] + [x for x in others if _binds(law, a, x)]
    of_a_place = [x for x in common if v.actors[x].jurisdiction]  # of a place and the nation, those of the place
    mine = mine or list(dict.fromkeys(x for x in common if not of_a_place or v.actors[x].jurisdiction))
    if not actors_b and mine and all(_binds(law, b, x) for x in mine):
        return mine, mine
    if not theirs or not mine:
        raise LawError([Problem(Place("--actor", 0, 0), _no_agency(v, a, b, own, others), _name_one(own, others))])
    if len(theirs) == 1:
        theirs = theirs * len(mine)
    if len(mine) != len(theirs):
        said = f"{len(mine)} agencies of one side cannot be set against {len(theirs)} of the other"
        raise LawError([Problem(Place("--actor-b", 0, 0), said, "name as many for one side as for the other")])
    return mine, theirs


def agencies(law: Law, packs: Sequence[str], day: date) -> list[str]:
    """The agencies of the first of these packs; where no pack has any of its own, those that its norms name."""
    places = [x for p in packs for x in (law.packs[p].amends or (p,))]  # a reform has none of its own
    found = actors_of(law, places[:1]) or actors_of(law, places)
    named = {x for n in own_norms(law, law.chosen(packs), day) for x in n.actors}
    return found or [x for x, told in law.vocabulary.actors.items() if x in named and not told.federal]


def _binds(law: Law, side: Side, actor: str) -> bool:
    """Whether a side's law is law for this agency. An agency of no place is bound by every law that names it."""
    home = law.vocabulary.actors[actor].jurisdiction
    return not home or bool(set(law.levels(home)) & {x for p in side.packs for x in (law.packs[p].amends or (p,))})


def _no_agency(v: Vocabulary, a: Side, b: Side, own: Sequence[str], others: Sequence[str]) -> str:
    def told(names: Sequence[str]) -> str:
        return listed([f"{x} ({v.actors[x].title})" for x in names])

    return (
        f"no agency is bound by both `{a.text}` and `{b.text}`: "
        f"the first has {told(own)}, and the second has {told(others)}"
    )


def _name_one(own: Sequence[str], others: Sequence[str]) -> str:
    return f"name one for each: --actor {own[0]} --actor-b {others[0]}" if own and others else "name one with --actor"


__all__ = [
    "Difference",
    "Differences",
    "Pair",
    "agencies",
    "differ",
    "impossible",
    "in_full",
    "joined",
    "paired",
    "sides_settings",
    "smallest",
    "smallest_of",
]
