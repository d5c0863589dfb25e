"""A law, made ready to answer: chooses the program for a contact's day, agency and actions, and keeps it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from brightline.law.pack import Gap, Law
from brightline.law.problems import LawError, Problem, did_you_mean
from brightline.law.tree import FactIs, Norm, Place
from brightline.law.vocabulary import MEANT
from brightline.reason.ground import Choice, Grounder, GroundNorm, both, reaching
from brightline.reason.program import Program, Scope

Key = tuple[int, str, tuple[str, ...]]


@dataclass
class Reasoner:
    """Answers questions under some packs of a law. `readings` fixes readings ("ambiguity.reading").

    Programs are made once for each period (the days between two changes of the law), actor and set of actions.
    """

    law: Law
    packs: tuple[str, ...]
    readings: tuple[str, ...] = ()
    as_of: date | None = None
    _programs: dict[Key, Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._boundaries = self.law.boundaries(self.packs)

    def period(self, day: date) -> int:
        """The number of the period in which the day lies: between two periods the law of these packs changes."""
        return bisect_right(self._boundaries, self.as_of or day)

    def program(self, day: date, actor: str, actions: Sequence[str]) -> Program:
        key = (self.period(day), actor, tuple(sorted(actions)))
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = self._make(self.as_of or day, actor, tuple(actions))
        return found

    def _make(self, day: date, actor: str, actions: tuple[str, ...]) -> Program:
        grounder = Grounder(self.law, self.packs, day)
        by_action = {a: reaching(self.law, self.packs, day, actor, a) for a in actions}
        below = [x for x in self.law.vocabulary.actions for a in actions if a in self.law.vocabulary.action_lineage(x)]
        everything: list[Norm] = [
            n for x in dict.fromkeys(below) for n in reaching(self.law, self.packs, day, actor, x)
        ]
        scopes = []
        for choice in grounder.choices(everything, self.readings):
            for action, norms in by_action.items():
                ground = [grounder.ground(n, action, choice) for n in norms]
                ground += self._narrower(grounder, day, actor, action, norms, choice)
                scopes.append(Scope(action, choice, tuple(g for g in ground if g is not None)))
        return Program(scopes, self.law.vocabulary)

    def _narrower(
        self, grounder: Grounder, day: date, actor: str, action: str, norms: list[Norm], choice: Choice
    ) -> list[GroundNorm | None]:
        """Norms about narrower acts than the one recorded: they reach it if that is what was meant, which is a fact.

        `honor_detainer` may be a hold or a notice; a record that does not say which must not slip through both.
        """
        vocabulary = self.law.vocabulary
        found: list[GroundNorm | None] = []
        for narrower in vocabulary.actions:
            if narrower == action or action not in vocabulary.action_lineage(narrower):
                continue
            meant = FactIs(f"{MEANT}{narrower}")
            for norm in reaching(self.law, self.packs, day, actor, narrower):
                if norm not in norms:
                    ground = grounder.ground(norm, narrower, choice)
                    found.append(ground and replace(ground, reach=both(meant, ground.reach)))
        return found

    def duties(self, day: date, actor: str, actions: Sequence[str]) -> Program:
        """The acts that the law requires of the agency because of the contact, beside those that were asked."""
        day = self.as_of or day
        norms = [n for n in reaching(self.law, self.packs, day, actor, None) if n.modality == "requires"]
        lineage = {x for a in actions for x in self.law.vocabulary.action_lineage(a)}
        due = dict.fromkeys(a for n in norms for a in n.actions if a not in lineage)
        return self.program(day, actor, tuple(due))

    def horizon(self, day: date | None) -> tuple[Gap, ...]:
        """The laws, not encoded here, that may bear on a contact of this day."""
        found = [g for p in self.packs for g in self.law.packs[p].horizon(day)]
        for pack in (self.law.packs[p] for p in self.packs):
            end = pack.complete_until
            if end is not None and (day is None or day >= end):
                found.append(
                    Gap(f"changes of the law of {pack.title} since {end.day} {end:%B %Y}", "collected until then", end)
                )
        return tuple(found)

    def horizon_days(self) -> set[date]:
        """The days on which what is known to be missing changes."""
        packs = [self.law.packs[p] for p in self.packs]
        ends = {p.complete_until for p in packs if p.complete_until is not None}
        return ends | {g.since for p in packs for g in p.gaps if g.since is not None}


def reasoner(law: Law, packs: Sequence[str], readings: Sequence[str] = (), as_of: date | None = None) -> Reasoner:
    """A reasoner for the packs asked for and the levels above them. Raises LawError for unknown packs or readings."""
    problems = []
    for reading in readings:
        own = reading.partition(".")[2]
        ambiguity = law.ambiguity(reading)
        known = [f"{a}.{r}" for s in law.sections.values() for a, told in s.ambiguities.items() for r in told.readings]
        if ambiguity is None or own not in ambiguity.readings:
            problems.append(
                Problem(
                    Place("--reading", 0, 0),
                    f"there is no reading `{reading}`",
                    did_you_mean(reading, known, "readings: " + ", ".join(known)),
                )
            )
    if problems:
        raise LawError(problems)
    return Reasoner(law, law.chosen(packs), tuple(readings), as_of)


__all__ = ["Choice", "Reasoner", "reasoner"]
