"""On which contacts two laws differ: the smallest sets of conditions under which one bars (requires) an act and the
other does not, smallest first, with a contact for each; and whether these are all.

Where the two laws share a norm, both bar what it bars: a difference is a way in which the other norms differ, with a
small way through the shared ones. So the list grows with what differs, and not with the product of all doors. Two laws
differ on a contact exactly if one of the ways holds and no shared norm bars (requires) the act anyway.

Each act is asked about as it is named. Of an act that has narrower kinds (`share_custody_information`) that means: of
the act where none of these was meant; what is said of a narrower kind is said under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal as OneOfThese

from brightline.contact.schema import Contact
from brightline.law.tree import Expr
from brightline.reason.ground import NO, Choice, GroundNorm, both, either, negation
from brightline.reason.program import Outcome
from brightline.reason.prove import witness
from brightline.reason.prove.loopholes import conditions, small_rest
from brightline.reason.prove.oracle import Background, Literal, Way, in_order, size_of
from brightline.reason.prove.pairs import Pair, Which, one_law, paired, readings_of
from brightline.reason.prove.proofs import impossible, in_full, smallest, smallest_of
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.setting import Setting
from brightline.reason.speech import _, several
from brightline.reason.truth import facts_of

Kind = OneOfThese["bars", "requires"]
_Key = tuple[Kind, Which, str, Way]  # what two agencies or readings have in common: the act, and the way

MOST = 50  # ways of one act, of one kind, on one side
MOST_TERMS = 400  # sets of conditions that are carried from norm to norm for these
SAME_NORMS = "the same norms"  # what shows that nothing differs where no solver had to be asked
MODALITY: dict[Kind, str] = {"bars": "forbids", "requires": "requires"}


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
    a, b = one_law(a, b)
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
                under = readings_of(same, asked)
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
