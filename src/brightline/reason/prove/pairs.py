"""Which settings of two laws belong together: the same act, agency by agency, under readings that go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal as OneOfThese

from brightline.law.pack import Law
from brightline.law.problems import LawError, Problem
from brightline.law.tree import Place
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import Choice
from brightline.reason.prove.loopholes import known_action, known_actor
from brightline.reason.prove.setting import Setting, actors_of, own_norms, reached_actions, settings
from brightline.reason.sides import Side
from brightline.reason.speech import listed

Which = OneOfThese["a", "b"]


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


def readings_of(same: Sequence[Pair], asked: Sequence[Pair]) -> tuple[Choice, ...]:
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


def one_law(a: Sequence[Setting], b: Sequence[Setting]) -> tuple[list[Setting], list[Setting]]:
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
