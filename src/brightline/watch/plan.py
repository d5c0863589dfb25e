"""A plan: what will be asked, of which counts, by which method, and what may be said, written down before the counts are read.

`plan.yaml` is checked strictly; each mistake is a sentence with its line. The canonical JSON of what the author wrote
(RFC 8785) has the SHA-256 by which a plan is known. What is not written has its default, and the version of the
software that a result names says which.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date as Date
from typing import Annotated, Any, Literal, cast

import rfc8785
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from brightline.watch.problems import WatchError
from brightline.watch.series import Period, first_day

EstimatorName = Literal[
    "its_quasipoisson", "binomial_ratio", "controlled_its", "sdid", "callaway_santanna", "ppml_event_study",
    "composition", "two_counts", "twfe",
]  # fmt: skip
PANEL = ("ppml_event_study", "callaway_santanna", "sdid")  # compare units
SHARES = ("binomial_ratio", "controlled_its")  # their ratio is one of odds
Inference = Literal["placebo_t", "randomisation", "quasi_poisson", "ar1", "poisson", "newey_west"]
Check = Literal["trend_spline", "no_trend", "ar1", "local_level", "leave_one_out", "drop_last", "placebo_units"]
Measures = Literal["practice", "reported_crime", "citizen_calls", "victimisation", "reporting_free"]

_MONTH, _QUARTER, _YEAR = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-?Q([1-4])"), re.compile(r"(\d{4})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _when(value: Any) -> Any:
    """YAML makes 2018 a number and 2018-01-31 a date; a period is text."""
    return str(value) if isinstance(value, int | Date) and not isinstance(value, bool) else value


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


When = Annotated[str, BeforeValidator(_when)]
Number = Annotated[float, BeforeValidator(_float)]
Hash = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Names = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Hypothesis(Part):
    direction: Literal["up", "down", "either"] = "either"
    estimand: Literal["rate_ratio", "odds_ratio"] = "rate_ratio"
    smallest_effect_of_interest: Annotated[Number, Field(gt=0)] | None = None  # as a ratio: 1.5, or 0.8
    claim: Literal["association", "causal"] = "association"


class PolicyPlan(Part):
    name: str
    date: Date
    source: str = ""
    evidence_sha256: Hash = ""
    date_chosen_from: Literal["source", "data"] = "source"
    other_dates: Annotated[tuple[Date, ...], BeforeValidator(_tuple)] = ()  # of like events: no fake date lies on them


class Where(Part):
    """How one series is read from files: a mapping of the readers, and which of its rows."""

    files: Names
    mapping: str = ""
    level: str = ""
    place: str = ""  # empty with a level: each place of the level is a series
    offence: str = ""
    group: str = ""
    each_group: bool = False  # each group is a series of its own, for `composition`


class DataPlan(Part):
    series: str
    counted: str = ""  # what is counted, in words for a reader: criminal summonses to cyclists
    unit: str = "city"
    place: str = ""
    group: str = ""  # the population: e-bikes, all cyclists …
    period: Period
    from_: When = Field(alias="from")
    pre_until: When
    post: Annotated[tuple[When, When], BeforeValidator(_tuple)]
    partial_periods: Literal["drop", "keep"] = "drop"
    missing_periods: Literal["refuse", "leave_out"] = "refuse"
    definition_changes: Literal["refuse", "model", "start_after"] = "refuse"
    lag_rule: Annotated[str, Field(pattern=r"^(none|drop_last_[1-9][0-9]?)$")] = "none"
    measures: Measures = "practice"
    snapshot_sha256_seen: Hash = ""
    outcome_seen: bool

    @property
    def late(self) -> int:
        return 0 if self.lag_rule == "none" else int(self.lag_rule.rsplit("_", 1)[1])


class PlaceboPlan(Part):
    window: Annotated[int, Field(ge=12)] | None = None  # periods in front of a date; the usual number without it
    step: Annotated[int, Field(ge=1)] = 5


class Counted(Part):
    """One published number, for `two_counts`."""

    count: Number
    period: str = ""
    population: str = ""
    source: str = ""


class Estimator(Part):
    estimator: EstimatorName
    denominator: str = ""  # binomial_ratio: the series of the whole, or of the other part with `whole: false`
    whole: bool = True
    control: str = ""  # controlled_its
    weights: Literal["", "calibrated"] = (
        ""  # controlled_its: against `units`, or the plan's controls, weighted to move alike before
    )
    units: str = ""  # the series with one row for each unit (composition: each group); that of `data` without it
    exposed: Names = ()  # units
    exposure: dict[str, Number] = Field(default_factory=dict)  # unit -> share, fixed before the event
    dates: dict[str, Date] = Field(
        default_factory=dict
    )  # unit -> first day of its policy; who lacks one is never treated
    block: Annotated[int, Field(ge=1)] | None = None  # periods in one block of an event study
    before: Counted | None = None
    after: Counted | None = None
    dispersion: Literal["like_series"] | Annotated[Number, Field(ge=1)] = "like_series"

    @model_validator(mode="after")
    def _complete(self) -> Estimator:
        needs = {
            "binomial_ratio": ("denominator",), "two_counts": ("before", "after"),
            "callaway_santanna": ("dates",), "composition": ("units",),
        }.get(self.estimator, ())  # fmt: skip
        for name in needs:
            if not getattr(self, name):
                raise ValueError(f"`{self.estimator}` needs `{name}`")
        if self.estimator == "controlled_its" and bool(self.control) == bool(self.weights):
            raise ValueError("`controlled_its` needs `control` (a series), or `weights: calibrated` for many at once")
        if self.estimator == "ppml_event_study" and not (self.exposed or self.exposure or self.dates):
            raise ValueError("`ppml_event_study` needs `exposed` (names of units) or `exposure` (a share for each)")
        return self


class Primary(Estimator):
    trend: Literal["none", "linear", "bent"] = "linear"
    harmonics: Annotated[int, Field(ge=0, le=4)] = 2
    offset: str = "none"  # `exposure` for the denominator that comes with the series, or the name of a series
    inference: Inference = "placebo_t"
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] = 0.05
    placebo: PlaceboPlan = PlaceboPlan()


class Control(Part):
    series: str
    place: str = ""
    role: Literal["negative_control", "unaffected_place", "reporting_free"] = "negative_control"


class Multiplicity(Part):
    family: Names = ("primary",)
    method: Literal["none", "BH", "BY"] = "none"
    exploratory: Annotated[str, Field(pattern=r"^(BH|BY) 0\.[0-9]+$")] = "BH 0.05"
    gates: dict[str, str] = Field(default_factory=dict)  # place -> the place above it: a precinct -> its borough
    ranking: Literal["none", "shrunk", "raw"] = "none"


class Claims(Part):
    if_significant: str = ""
    if_not: str = ""


class Step(Part):
    """One factor of the exposure chain; see `exposure.Factor`."""

    name: str
    low: Number
    middle: Number
    high: Number
    source: str
    shape: Literal["fixed", "uniform", "triangular", "interval"] = "triangular"
    kind: Literal["count", "share"] = "share"


class Chain(Part):
    factors: Annotated[tuple[Step, ...], BeforeValidator(_tuple)] = ()
    routes: Annotated[tuple[Annotated[tuple[Step, ...], BeforeValidator(_tuple)], ...], BeforeValidator(_tuple)] = ()
    overlap: Literal["independent", "nested", "disjoint"] = "independent"


class Plan(Part):
    plan: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    question: str
    author: str = ""
    hypothesis: Hypothesis = Hypothesis()
    policy: PolicyPlan
    data: DataPlan
    sources: dict[str, Where] = Field(default_factory=dict)  # series -> where it is read
    primary: Primary
    secondary: Annotated[tuple[Estimator, ...], BeforeValidator(_tuple)] = ()
    controls: Annotated[tuple[Control, ...], BeforeValidator(_tuple)] = ()
    robustness: Annotated[tuple[Check, ...], BeforeValidator(_tuple)] = (
        "trend_spline", "no_trend", "ar1", "local_level", "leave_one_out", "drop_last", "placebo_units",
    )  # fmt: skip
    multiplicity: Multiplicity = Multiplicity()
    claims: Claims = Claims()
    exposure: Chain | None = None
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def written(self) -> dict[str, Any]:
        """What the author wrote, as JSON values."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def canonical(self) -> bytes:
        return rfc8785.dumps(self.written)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def first(self) -> Date:
        return period_day(self.data.from_, self.data.period)

    @property
    def last_before(self) -> Date:
        return period_day(self.data.pre_until, self.data.period)

    @property
    def first_after(self) -> Date:
        return period_day(self.data.post[0], self.data.period)

    @property
    def last_after(self) -> Date:
        return period_day(self.data.post[1], self.data.period)


def period_day(text: str, period: Period) -> Date:
    """The first day of a period as plans write it: 2018, 2018-Q1, 2018-01 or 2018-01-31. WatchError when it is none."""
    day: Date | None = None
    try:
        if period == "year" and (found := _YEAR.fullmatch(text)):
            day = Date(int(found[1]), 1, 1)
        elif period == "quarter" and (found := _QUARTER.fullmatch(text)):
            day = Date(int(found[1]), 3 * int(found[2]) - 2, 1)
        elif period == "month" and (found := _MONTH.fullmatch(text)):
            day = Date(int(found[1]), int(found[2]), 1)
        elif _DAY.fullmatch(text):
            day = Date.fromisoformat(text)
            if period != "week":  # a week of the source may begin on any day
                day = first_day(day, period)
    except ValueError:
        day = None
    if day is None:
        like = {"year": "2018", "quarter": "2018-Q1", "month": "2018-01"}.get(period, "2018-01-31")
        raise WatchError(f"`{text}` is no {period}; write it as {like}")
    return day


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What is different in a changed plan, a line each: the part, what it said, and what it says."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            lines.append(f"{name}: added {after[name]}")
        elif name not in after:
            lines.append(f"{name}: {before[name]} taken out")
        elif before[name] != after[name]:
            lines.append(f"{name}: {before[name]} -> {after[name]}")
    return lines


def _leaves(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(v, Mapping | list) for v in value):
        for i, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{name}.{i}")
    else:
        yield name, rfc8785.dumps(cast(Any, value)).decode()
