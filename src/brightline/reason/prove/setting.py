"""The norms for one act of one agency on one day, under one choice of readings, ready to be asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from brightline.law.pack import Law
from brightline.law.tree import Expr, Norm
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import Choice, Grounder, GroundNorm, both, either, negation, reaching
from brightline.reason.reasoner import Reasoner


@dataclass(frozen=True)
class Setting:
    """Who does what, when, under which law and which readings."""

    law: Law
    packs: tuple[str, ...]
    day: date
    actor: str
    action: str
    choice: Choice
    own: tuple[GroundNorm, ...]  # the norms that speak of the act itself
    narrower: tuple[GroundNorm, ...] = ()  # those that speak of a narrower kind of it, as if that kind was meant

    @property
    def norms(self) -> tuple[GroundNorm, ...]:
        return (*self.own, *self.narrower)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.law.vocabulary

    @cached_property
    def judge(self) -> Reasoner:
        """What decides a contact under this setting's law and readings."""
        return Reasoner(self.law, self.packs, self.choice)

    @cached_property
    def forbidding(self) -> tuple[GroundNorm, ...]:
        return tuple(n for n in self.norms if n.norm.modality == "forbids")

    @cached_property
    def barred(self) -> Expr:
        return either(n.broken for n in self.forbidding)

    @cached_property
    def required(self) -> Expr:
        return either(n.broken for n in self.norms if n.norm.modality == "requires")

    @cached_property
    def not_barred(self) -> Expr:
        return both(*(negation(n.broken) for n in self.forbidding))

    @cached_property
    def expressions(self) -> tuple[Expr, ...]:
        """Every condition that a norm of this setting speaks of."""
        return tuple(e for n in self.norms for e in (n.reach, *(x.holds for x in n.exceptions)))


def settings(
    law: Law, packs: Sequence[str], day: date, actor: str, action: str, readings: Sequence[str] = ()
) -> list[Setting]:
    """The act under every combination of readings that matters; `readings` fixes some.

    The act may be of a narrower kind than its name says (`share_custody_information` may be `notify_release`): the
    norms on narrower kinds count as if that kind was meant, so that what gets through gets through whatever was meant.
    """
    grounder = Grounder(law, packs, day)
    own = reaching(law, packs, day, actor, action)
    narrower = [
        (n, x) for x in _kinds(law.vocabulary, action) for n in reaching(law, packs, day, actor, x) if n not in own
    ]
    found = []
    for choice in grounder.choices([*own, *(n for n, _ in narrower)], readings):
        mine = [g for n in own if (g := grounder.ground(n, action, choice)) is not None]
        below = dict.fromkeys(g for n, x in narrower if (g := grounder.ground(n, x, choice)) is not None)
        found.append(Setting(law, tuple(packs), day, actor, action, choice, tuple(mine), tuple(below)))
    return found


def _kinds(vocabulary: Vocabulary, action: str) -> Iterator[str]:
    """Every narrower kind of the action."""
    yield from (a for a in vocabulary.actions if a != action and action in vocabulary.action_lineage(a))


def actors_of(law: Law, packs: Sequence[str]) -> list[str]:
    """The agencies that the first of these packs binds first: those of its own jurisdiction, the narrowest kinds only."""
    v = law.vocabulary
    mine = [a for a, told in v.actors.items() if told.jurisdiction in packs and not told.federal]
    return [a for a in mine if not any(a in v.actors[b].parents for b in v.actors)] or mine


def reached_actions(law: Law, packs: Sequence[str], day: date, actor: str) -> list[str]:
    """The actions that some norm of these packs speaks of for this agency."""
    return [a for a in law.vocabulary.actions if reaching(law, packs, day, actor, a)]


def own_norms(law: Law, packs: Sequence[str], day: date) -> list[Norm]:
    """The norms of these packs, as amended, in force on the day."""
    from brightline.reason.ground import amended

    return amended(law, packs, day)
