"""What one run has in hand, and what it has found so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ParamSpec, TypeVar

from brightline.watch.cut import Cut, Loaded, beside
from brightline.watch.plan import Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned
from brightline.watch.result import (
    Answer,
    Change,
    Diagnostics,
    Estimate,
    Events,
    Flag,
    Gate,
    Placebos,
    Refusal,
    Weights,
)
from brightline.watch.single import Single
from brightline.watch.words import say, when

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Work:
    """One run of a plan. What is None or empty has not been found, or was not asked."""

    plan: Plan
    loaded: Loaded
    language: str
    step: Callable[[str], None]
    part: Cut | None = None
    forest: list[Estimate] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    placebos: Placebos | None = None
    events: Events | None = None
    weights: Weights | None = None
    breakdown: float | None = None
    turned: Turned | None = None
    moved: list[str] = field(default_factory=list)
    carried: float | None = None  # events before the date that carry a comparison of units
    of_the_others: bool = False  # more of a ratio of units comes from the others than from the exposed
    blunt: list[str] = field(
        default_factory=list
    )  # controls of which it is not known whether they moved as the outcome did
    controls: list[str] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    single: Single | None = None
    primary: Estimate | None = None
    differ: bool = False  # forms of the trend disagree
    changes: tuple[Change, ...] = ()
    spikes: tuple[date, ...] = ()
    drift: bool | None = None
    gates: tuple[Gate, ...] = ()

    def say(self, key: str, **parts: object) -> str:
        return say(key, self.language, **parts)

    def when(self, day: date) -> str:
        return when(day, self.plan.data.period, self.language)

    def know(self, **facts: Any) -> None:
        self.diagnostics = replace(self.diagnostics, **facts)

    def weigh(self, weights: Weights | None) -> None:
        """Keep what the first comparison was weighted with, which is that of the primary analysis where it has weights."""
        if self.weights is None and weights is not None:
            self.weights = weights
            self.know(effective_controls=weights.effective_controls)

    def flag(self, code: str, **parts: object) -> None:
        self.flags.append(Flag(code, self.say(f"flag_{code}", **parts)))

    def not_run(self, name: str, why: object) -> None:
        self.flag("not_run", name=name, why=why.said(self.language) if isinstance(why, WatchError) else why)

    def refuse(self, refusals: Iterable[Refusal]) -> bool:
        """Add them, and say whether no answer can be given any more."""
        self.refusals += refusals
        return self.refused

    @property
    def was_moving(self) -> bool:
        return self.events is not None and self.events.moving(self.alpha)

    @property
    def refused(self) -> bool:
        return any(r.whole for r in self.refusals)

    @property
    def alpha(self) -> float:
        return self.plan.primary.alpha

    def note_of(self, check: str) -> str:
        """What a line of the forest says of a check that the plan does not name."""
        return "" if check in self.plan.robustness else self.say("not_in_plan")

    def beside(self, name: str, part: Cut, place: str = "") -> Cut:
        """Another series of the data over the same periods: of the same place and group where it has them."""
        there = self.loaded.named(name)
        wanted = place or (part.series.place if any(s.place == part.series.place for s in there) else "")
        group = self.plan.data.group if any(s.group == self.plan.data.group for s in there) else ""
        return beside(self.loaded.one(name, wanted, group), part, self.plan)


def answer_of(plan: Plan, ratio: float, low: float, high: float, p: float) -> Answer:
    """What one estimate says by the plan's alpha and its smallest effect of interest."""
    if not math.isfinite(ratio) or not math.isfinite(p):
        return "could not be told"
    if p < plan.primary.alpha:
        return "rose" if ratio > 1 else "fell"
    return "no change larger than" if within(plan, low, high) else "could not be told"


def within(plan: Plan, low: float, high: float) -> bool:
    """Whether the interval lies within the smallest effect of interest, up and down."""
    smallest = plan.hypothesis.smallest_effect_of_interest
    return smallest is not None and min(smallest, 1 / smallest) < low and high < max(smallest, 1 / smallest)


def tried(work: Work, name: str, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What `make` gives; None, and a flag that says why, where the data cannot bear it."""
    try:
        return make(*args, **kwargs)
    except WatchError as error:
        work.not_run(name, error)
        return None
