"""Distinct patterns of contacts -> one decision each, and the columns of the findings.

Contacts differ in far fewer ways than there are contacts: each way is decided once, with the exact engine that
`decide` uses, and every engine of columns then only looks the result up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from brightline.reason.decide import Decision, decide_pattern, undecided
from brightline.reason.explain import sets_in_words
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner

# One digit for each condition: false, true, unknown; and 3 or 4 when false or true is verified.
FALSE, TRUE, UNKNOWN, VERIFIED = 0, 1, 2, 3
BASE = 5

OUTPUT = (
    "verdict",
    "as_verified",
    "action",
    "norm",
    "clause",
    "exception",
    "reading",
    "rests_on",
    "settled_by",
    "horizon",
    "explanation",
)
VERDICTS_ALONE = ("verdict", "as_verified")


def actions_of(asked: str | None, done: str | None) -> tuple[str, ...]:
    """The actions to judge: those asked for and those done, each once."""
    return tuple(dict.fromkeys(f"{asked or ''} {done or ''}".split()))


@dataclass
class Patterns:
    """Decides patterns for one reasoner, and keeps what it decided.

    A pattern is the day's period and horizon, the actor, the actions, and a digit for each condition.
    """

    reasoner: Reasoner
    columns: tuple[str, ...] = OUTPUT  # or VERDICTS_ALONE, which costs a small part of the time
    _rows: dict[tuple[object, ...], tuple[str | None, ...]] = field(default_factory=dict)

    def row(
        self, day: date | None, actor: str | None, actions: tuple[str, ...], digits: Sequence[int] | None
    ) -> tuple[str | None, ...]:
        """The output columns of one pattern; `day` is any day of its span of time."""
        key = (day, actor, actions, None if digits is None else tuple(digits))
        found = self._rows.get(key)
        if found is None:
            alone = self.columns == VERDICTS_ALONE
            found = (
                self._verdicts(day, actor, actions, digits)
                if alone
                else as_row(self._decide(day, actor, actions, digits))
            )
            self._rows[key] = found
        return found

    def _verdicts(
        self, day: date | None, actor: str | None, actions: tuple[str, ...], digits: Sequence[int] | None
    ) -> tuple[str | None, ...]:
        if day is None or actor is None or not actions or digits is None:
            return ("unsettled", "unsettled")
        program = self.reasoner.program(day, actor, actions)
        known, verified = masks(digits)
        return program.verdict(*known), program.verdict(*verified)

    def _decide(
        self, day: date | None, actor: str | None, actions: tuple[str, ...], digits: Sequence[int] | None
    ) -> Decision:
        gaps = tuple(g.law for g in self.reasoner.horizon(day))
        if day is None or actor is None or not actions or digits is None:
            given = (("date", day), ("actor", actor), ("action", actions))
            return undecided(tuple(name for name, value in given if not value), gaps)
        program = self.reasoner.program(day, actor, actions)
        known, verified = masks(digits)
        stated = stated_facts(program, digits)
        return decide_pattern(program, known, verified, stated, self.reasoner, gaps)


def masks(digits: Sequence[int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """The masks of what is known, and of what is verified."""
    true = false = true_verified = false_verified = 0
    for bit, digit in enumerate(digits):
        if digit == UNKNOWN:
            continue
        verified, value = digit >= VERIFIED, digit % VERIFIED
        if value == TRUE:
            true |= 1 << bit
            true_verified |= verified << bit
        else:
            false |= 1 << bit
            false_verified |= verified << bit
    return (true, false), (true_verified, false_verified)


def stated_facts(program: Program, digits: Sequence[int]) -> tuple[str, ...]:
    """The facts that are known only because somebody states them."""
    found: dict[str, None] = {}
    for digit, facts in zip(digits, program.atom_facts, strict=True):
        if digit in (FALSE, TRUE):
            found.update(dict.fromkeys(facts))
    return tuple(found)


def as_row(decision: Decision) -> tuple[str | None, ...]:
    """A decision as the output columns, in the order of OUTPUT."""
    deciding = decision.deciding

    def joined(values: Sequence[str | None]) -> str | None:
        return "; ".join(dict.fromkeys(v for v in values if v)) or None

    reading = joined([f.reading for f in deciding])
    if decision.verdict == "contested":
        reading = "; ".join(f"{', '.join(c)}: {v}" for c, v in decision.by_choice)
    return (
        decision.verdict,
        decision.as_verified,
        decision.action,
        joined([f.norm for f in deciding]),
        joined([f.clause for f in deciding]),
        joined([f.exception for f in deciding]) if decision.verdict == "excepted" else None,
        reading,
        sets_in_words(decision.rests_on) or None,
        sets_in_words(decision.settled_by) or None,
        joined(decision.horizon),
        decision.sentence,
    )
