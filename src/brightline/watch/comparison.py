"""What a comparison of units found, and an event study as a result takes it. Ratios throughout."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from brightline.watch.blocks import Blocks
from brightline.watch.bounds import Bounds, of_study
from brightline.watch.event import EventStudy, Randomised
from brightline.watch.joint import Estimates
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned, finite
from brightline.watch.result import Estimate, EventPoint, Events, Fan, Weights
from brightline.watch.series import Floats

SHOWN_DRAWS = 1000
_MOST_LOG = 700.0
_MANY = 64.0  # a breakdown beyond this is told as this


@dataclass(frozen=True)
class Chance:
    """What chance alone gives, as `Events` takes it."""

    randomised_p: float | None = None
    randomised: tuple[float, ...] = ()  # ratios
    draws: int | None = None
    as_far: int | None = None
    over_dates: bool = False
    worth: float | None = None
    real: float | None = None  # the ratio that is ranked among them


NO_CHANCE = Chance()


def chance_of(drawn: Randomised, over_dates: bool, told: Callable[[float], float]) -> Chance:
    """The chance assignments for a result; those that are drawn rank as p ranks them. `told`: as the estimate is told."""
    real, by = drawn.estimate, drawn.draws
    if drawn.ranked == "studentised":
        by = drawn.statistics * drawn.error
    shown = tuple(ratio for d in by[:SHOWN_DRAWS] if (ratio := ratio_or_none(told(float(d)))) is not None)
    far = int((np.abs(by) >= abs(real)).sum())
    return Chance(drawn.p, shown, len(by), far, over_dates, finite(drawn.worth), ratio_or_none(told(real)))


@dataclass(frozen=True)
class Compared:
    """What a comparison of units found, ready for a result."""

    estimate: Estimate
    events: Events | None
    breakdown: float | None
    mde: float | None  # as a ratio above 1
    turned: Turned | None
    left_out: tuple[float, float] | None
    drop_last: float | None
    base_count: float | None  # events of the exposed after the date, had it changed nothing
    seen: float  # events of the exposed after the date
    level_before: float | None  # their events before it, in as long a stretch
    units: int
    treated: int
    carried: float | None = None  # events before that carry the effect: of shares, each event by its unit's share
    shares: bool = False  # exposure is a share
    left_out_units: tuple[str, ...] = ()  # treated before the data begin
    draws: tuple[float, ...] = ()  # log ratios where nothing was decided
    rank: float | None = None
    weights: Weights | None = None
    dispersion: float | None = None
    no_events: WatchError | None = None  # why there is no event study, where one was tried
    forbidden: float | None = None  # share of a two-way regression's weight on comparisons with the already treated


def of_event_study(
    study: EventStudy, words: str, level: float, chance: Chance = NO_CHANCE
) -> tuple[Events, float | None]:
    told = study.estimates
    bound = of_study(study, level=level)
    pre = study.pretrend
    return Events(
        words=words, points=points_of(told), periods_in_block=study.width, fan=fan_of(bound), breakdown=breakdown_of(bound),
        pretest_p=finite(study.pretest.p), pretrend=ratio_or_none(pre.slope) if pre else None, pretrend_p=finite(pre.p) if pre else None,
        pretrend_detectable=ratio_or_none(pre.smallest_detectable) if pre else None, **asdict(chance),
    ), breakdown_of(bound)  # fmt: skip


def of_blocks(found: Blocks, words: str, chance: Chance = NO_CHANCE) -> tuple[Events, float | None]:
    """An event study in blocks of one series, for a result."""
    error = np.sqrt(np.diag(found.covariance))

    def end(k: float) -> list[float]:
        return ratios(found.estimate + k * error)

    rows = zip(
        found.at, end(0.0), end(-found.single), end(found.single), end(-found.critical),
        end(found.critical), strict=True,
    )  # fmt: skip
    breakdown = breakdown_of(found.bounds)
    return Events(
        words=words, points=tuple(EventPoint(float(a), r, lo, hi, bl, bh) for a, r, lo, hi, bl, bh in rows),
        periods_in_block=found.width, fan=fan_of(found.bounds), breakdown=breakdown, pretest_p=finite(found.pretest.p),
        pretrend=ratio_or_none(found.slope), pretrend_p=finite(found.slope_p), pretrend_detectable=ratio_or_none(found.slope_detectable),
        **asdict(chance),
    ), breakdown  # fmt: skip


def ratios(log_ratio: Floats) -> list[float]:
    """Finite whatever the logs are: JSON has no infinity."""
    return [float(v) for v in np.exp(np.clip(log_ratio, -_MOST_LOG, _MOST_LOG))]


def points_of(told: Estimates) -> tuple[EventPoint, ...]:
    columns = (told.estimate, told.low, told.high, told.band_low, told.band_high)
    rows = zip(told.at.tolist(), *(ratios(c) for c in columns), strict=True)
    return tuple(EventPoint(*row) for row in rows)


def fan_of(bound: Bounds) -> tuple[Fan, ...]:
    every = (bound.original, *bound.bounds)
    return tuple(
        Fan(b.mbar, math.exp(max(b.low, -_MOST_LOG)), math.exp(min(b.high, _MOST_LOG)))
        for b in every
        if math.isfinite(b.low + b.high)
    )


def breakdown_of(bound: Bounds) -> float:
    """0 where even parallel trends tell nothing."""
    return 0.0 if bound.breakdown is None else min(bound.breakdown, _MANY)


def ratio_or_none(log_ratio: float) -> float | None:
    """exp, and None for what is not finite or beyond any number."""
    return math.exp(log_ratio) if math.isfinite(log_ratio) and log_ratio < _MOST_LOG else None
