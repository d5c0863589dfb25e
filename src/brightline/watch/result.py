"""A result: everything that one analysis found, as plain values that can be written as JSON and drawn by anybody.

Only text, whole numbers, floats, dates, None and tuples. None means unknown, not asked, or not to be estimated; it never
means zero or no. Ratios are after by before; days are the first day of a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from brightline.watch.problems import WatchError

Label = Literal["PLANNED", "EXPLORATORY", "FRAGILE"]
Answer = Literal["rose", "fell", "no change larger than", "could not be told", "refused"]
Words = Literal["causal", "coincides"]  # what the sentences may say: "the policy raised …", or "coincides with"
Role = Literal["primary", "secondary", "robustness", "control"]


@dataclass(frozen=True)
class Estimate:
    """One line of the forest: the ratio under one specification, with its interval."""

    name: str  # as the plan names it: primary, trend_spline, leave_one_out …
    words: str  # what it is, for a reader
    role: Role
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str  # how the interval was made: placebo-t, quasi-Poisson x AR(1), cluster-robust …
    series: str = ""  # of which series or comparison
    note: str = ""
    adjusted: float | None = None  # p, for the number of questions asked at once; None: it stands alone

    def holds(self, ratio: float | None) -> bool:
        """Whether its interval holds this ratio; not where one of them is unknown."""
        return None not in (ratio, self.low, self.high) and self.low <= ratio <= self.high  # type: ignore[operator]


@dataclass(frozen=True)
class Point:
    """One period of the series. `expected`, `low`, `high`: had the earlier level and trend gone on; None outside."""

    day: date
    count: float | None
    after: bool
    fitted: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""  # partial, late, missing, other definition, spike: why it is not used or to be read with care


@dataclass(frozen=True)
class Change:
    """A change that the data show by themselves, with the probability of each day on which it may have begun."""

    mode: date
    low: date
    high: date
    before: float  # level, seasons removed
    after: float
    days: tuple[date, ...]
    probability: tuple[float, ...]


@dataclass(frozen=True)
class Placebos:
    """The same test at dates when nothing was decided. `z` and `real` are in quasi-Poisson standard errors."""

    days: tuple[date, ...]
    z: tuple[float, ...]
    real: float | None
    scale: float  # root mean square of z: how far the model's own errors are too small
    rank: float | None  # the share of dates, with the real one, at least as far out
    naive_rejects: float | None  # share of the fake dates at which |z| > 1.96: the model's own false alarms


@dataclass(frozen=True)
class EventPoint:
    """The ratio in one block of periods relative to the last block before the event (block -1, which is 1)."""

    at: float
    ratio: float
    low: float
    high: float
    band_low: float  # holds all blocks together
    band_high: float


@dataclass(frozen=True)
class Fan:
    """The mean ratio after, if other things may move it `mbar` times as much after as they did before."""

    mbar: float
    low: float
    high: float


@dataclass(frozen=True)
class Events:
    """The event study: exposed against other units or series."""

    words: str  # who is compared with whom
    points: tuple[EventPoint, ...]
    periods_in_block: int
    fan: tuple[Fan, ...]
    breakdown: float | None  # the smallest mbar at which nothing can be told; 0: even parallel trends tell nothing
    pretest_p: float | None
    pretrend: float | None  # ratio by block
    pretrend_p: float | None
    pretrend_detectable: float | None  # the smallest slope before the event, as ratio by block, found at 80 % power
    randomised_p: float | None = None
    randomised: tuple[float, ...] = ()  # ratios under chance assignments, at most 1,000 of them for a plot
    draws: int | None = None  # how many of them there were
    as_far: int | None = None  # how many of them moved as far as the real one
    worth: float | None = None  # over dates: how many stretches that do not overlap they are worth
    real: float | None = None  # the ratio that is ranked among them
    over_dates: bool = False  # the chance assignments are to other dates, not to other units

    def moving(self, alpha: float) -> bool:
        """Whether the trend in front of the date is more than chance gives."""
        return self.pretrend_p is not None and self.pretrend_p < alpha


@dataclass(frozen=True)
class Weight:
    unit: str
    weight: float


@dataclass(frozen=True)
class Weights:
    """What the treated was compared with."""

    method: str
    rows: tuple[Weight, ...]  # heaviest first; of zero weight left out
    effective_controls: float
    misfit: float | None  # root mean square gap before the date, on the log scale


@dataclass(frozen=True)
class Gate:
    """One unit of city -> borough -> precinct. Below a closed gate nothing is tested and nothing may be said."""

    name: str
    above: str | None
    level: int
    tested: bool
    p: float | None
    adjusted: float | None
    found: bool
    ratio: float | None = None  # drawn to its level's mean, from four places on; None under 10 events
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Diagnostics:
    """The items that are printed every time. None: it could not be found out, or has no meaning here."""

    before: int | None = None  # periods used before the date
    after: int | None = None
    base_count: float | None = None  # events expected after the date if nothing had changed
    level_before: float | None = None  # events before it, in as long a stretch: at the mean of what is compared
    dispersion: float | None = None
    rho: float | None = None
    placebo_windows: int | None = None
    placebo_df: float | None = None
    mde: float | None = None  # the smallest rise, as ratio, found at 80 % power
    leave_one_out: tuple[float, float] | None = None  # range of the ratio without each period after, each unit
    drop_last: float | None = None  # the ratio without the last period
    trend_forms: tuple[float, float] | None = None  # range of the ratio over forms of the trend
    definition_changes: int | None = None
    partial_periods: int | None = None
    late_periods: int | None = None  # dropped by the lag rule
    missing_periods: int | None = None
    pretrend: float | None = None  # ratio by period or block, before the date
    pretrend_detectable: float | None = None
    breakdown_mbar: float | None = None
    effective_controls: float | None = None
    analyses_so_far: int | None = None  # runs on this series that the log knows, this one with them


@dataclass(frozen=True)
class Flag:
    """Something that a reader must see beside the number."""

    code: str  # partial, late, missing, definition, spike, drift, dispersion, few_windows, small_base, fragile …
    sentence: str


@dataclass(frozen=True)
class Refusal:
    """A claim that is not made: the rule, the exit code, why, and what would be needed instead."""

    rule: int  # 1 .. 10
    code: int
    name: str
    reason: str
    needed: str
    whole: bool = True  # False: only this claim is withheld, the rest of the result stands


@dataclass(frozen=True)
class ExposureBar:
    factor: str
    at_low: float
    at_high: float
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class People:
    """How many people may newly be exposed to a contact; never what followed."""

    low: float
    middle: float
    high: float
    level: float
    could_be_none: bool
    tornado: tuple[ExposureBar, ...]
    sentence: str


@dataclass(frozen=True)
class Source:
    name: str
    where: str  # an address, a file name
    sha256: str = ""


@dataclass(frozen=True)
class Policy:
    name: str
    day: date | None
    source: str
    sentence: str = ""


@dataclass(frozen=True)
class Result:
    """One planned (or exploratory) analysis, run once."""

    id: str
    question: str
    label: Label  # FRAGILE is the headline of a planned or exploratory result that one period or unit turns over
    planned: bool
    answer: Answer
    words: Words
    headline: str  # one sentence
    sentences: tuple[str, ...]  # the plain-language summary, headline first
    language: str
    series: str  # label of the primary series
    counted: str  # what is counted: summonses, calls …
    place: str
    period: str
    policy: Policy
    first_after: date | None
    primary: Estimate | None
    forest: tuple[Estimate, ...]  # primary first
    points: tuple[Point, ...]
    changes: tuple[Change, ...]
    spikes: tuple[date, ...]
    drift: bool | None
    placebos: Placebos | None
    events: Events | None
    weights: Weights | None
    gates: tuple[Gate, ...]
    exposure: People | None
    diagnostics: Diagnostics
    flags: tuple[Flag, ...]
    refusals: tuple[Refusal, ...]
    sources: tuple[Source, ...]
    definition_days: tuple[tuple[date, str], ...]  # with what changed
    alpha: float
    smallest_effect: float | None  # the smallest ratio of interest, from the plan
    plan_sha256: str
    data_sha256: str
    seed: int
    version: str  # of the software
    made: str  # UTC, 2026-11-28T19:30:00Z
    logged: str = ""  # where the plan and this run are logged
    against: str = ""  # with what it is compared: a whole, a control, the others; empty: with what it did before

    @property
    def exit_code(self) -> int:
        """0; where something was refused, the code of the first refusal (10 to 19), also when the rest stands."""
        return next((r.code for r in self.refusals), 0)

    def as_json(self) -> str:
        """JSON with two spaces; read it again with `read_result`."""
        return _result().dump_json(self, indent=2).decode()


@dataclass(frozen=True)
class Found:
    """One series of a scan. A scan ranks and dates; it makes no claim about any cause."""

    name: str
    place: str
    events: float | None  # None: no counts in these periods
    changes: tuple[date, ...]  # last change of level by itself, earlier ones before it
    change_low: date | None  # interval of the last change
    change_high: date | None
    level_ratio: float | None  # of the last change
    spikes: int
    drift: bool | None
    ratio: float | None  # at the date asked for
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    found: bool
    note: str = ""  # why there is no number


@dataclass(frozen=True)
class Scan:
    """Many series at once; EXPLORATORY by its nature."""

    label: Label
    source: str
    period: str
    first: date
    last: date
    day: date | None  # None: no date was asked for, only changes are listed
    method: str  # BH or BY
    rate: float  # false discovery rate asked for
    series: int
    tested: int
    by_chance: float  # found at this p-value without adjustment if nothing had happened anywhere
    found: int
    rows: tuple[Found, ...]  # smallest p first, then the largest change, then by name and place
    sentences: tuple[str, ...]
    data_sha256: str
    seed: int
    version: str
    made: str
    seconds: float
    language: str = "en"  # of the sentences and notes; scans that were written before there were two have none

    def as_json(self) -> str:
        return _scan().dump_json(self, indent=2).decode()


@cache
def _result() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


@cache
def _scan() -> TypeAdapter[Scan]:
    return TypeAdapter(Scan)


def read_result(text: str | bytes) -> Result:
    """A result from its JSON; WatchError when it is none."""
    try:
        return _result().validate_json(text)
    except ValidationError as error:
        raise WatchError(_not_one("result", error)) from None


def read_scan(text: str | bytes) -> Scan:
    """A scan from its JSON; WatchError when it is none."""
    try:
        return _scan().validate_json(text)
    except ValidationError as error:
        raise WatchError(_not_one("scan", error)) from None


def _not_one(what: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    return (
        f"This is no {what} of the watch, or one of another version: `{where}` is not as it should be "
        f"({first['msg'].lower()}). Run the plan again with this version."
    )
