"""A plan: what will be asked, of which counts, by which method, and what may be said, written down before the counts are read.

`plan.yaml` is checked strictly; each mistake is a sentence with its line. The canonical JSON of what the author wrote
(RFC 8785) has the SHA-256 by which a plan is known. What is not written has its default, and the version of the
software that a result names says which.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import rfc8785
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from brightline.watch.problems import WatchError
from brightline.watch.series import Period, first_day, step

EstimatorName = Literal[
    "its_quasipoisson", "binomial_ratio", "controlled_its", "sdid", "callaway_santanna", "ppml_event_study",
    "two_counts", "twfe",
]  # fmt: skip
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
    units: str = ""  # the series with one row for each unit; that of `data` without it
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
            "binomial_ratio": ("denominator",), "controlled_its": ("control",), "two_counts": ("before", "after"),
            "callaway_santanna": ("dates",),
        }.get(self.estimator, ())  # fmt: skip
        for name in needs:
            if not getattr(self, name):
                raise ValueError(f"`{self.estimator}` needs `{name}`")
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


# --- reading and checking ---------------------------------------------------------------------------------------


class PlanError(WatchError):
    """The plan cannot be used: every mistake, a sentence each, in the order of the file."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def read_plan(path: Path | str) -> Plan:
    """A plan from its file. PlanError says every mistake with its line."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError([f"{path}: there is no such file. `brightline watch plan {path}` makes one."]) from None
    except UnicodeDecodeError:
        raise PlanError([f"{path}: this is no text file in UTF-8, so it is no plan."]) from None
    except OSError as error:
        raise PlanError([f"{path}: it cannot be read ({error.strerror})."]) from None
    return parse_plan(text, str(path))


def parse_plan(text: str, name: str = "plan.yaml") -> Plan:
    """A plan from YAML. PlanError says every mistake with its line."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        told = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = (error.problem or "it cannot be read").strip()
        raise PlanError(
            [f"{name}, line {line}: this is not YAML: {what}. Check the indentation and the colons."]
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise PlanError([f"{name}: this is not YAML: {str(error).splitlines()[0]}."]) from None
    if not isinstance(told, dict) or node is None:
        raise PlanError([f"{name}: a plan is a list of `name: value` lines that begins with `plan: 1`."])
    lines: dict[tuple[str | int, ...], int] = {}
    twice: list[tuple[int, str]] = []
    _lines(node, (), lines, twice)
    problems = [(line, f"`{key}` is written twice; keep one") for line, key in twice]
    plan: Plan | None = None
    try:
        plan = Plan.model_validate(told)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            problems += [(_line(tuple(one["loc"]), lines), said) for said in _said(one, told)]
    if plan is not None:
        problems += [(_line(where, lines), said) for where, said in _contradictions(plan)]
    if problems or plan is None:
        told_once = dict.fromkeys(sorted(problems))
        raise PlanError([f"{name}, line {line}: {said}." for line, said in told_once])
    return plan


def plan_of(told: Mapping[str, Any]) -> Plan:
    """A plan from values, as a notebook has them."""
    return parse_plan(yaml.safe_dump(dict(told), sort_keys=False, allow_unicode=True))


def _lines(
    node: yaml.Node, where: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], twice: list[tuple[int, str]]
) -> None:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                twice.append((key.start_mark.line + 1, name))
            seen.add(name)
            lines[(*where, name)] = key.start_mark.line + 1
            _lines(value, (*where, name), lines, twice)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _lines(value, (*where, i), lines, twice)


def _line(where: tuple[str | int, ...], lines: Mapping[tuple[str | int, ...], int]) -> int:
    """The line of the deepest part of the way that stands in the file."""
    for end in range(len(where), -1, -1):
        if where[:end] in lines:
            return lines[where[:end]]
    return 1


def _said(error: Any, told: Any) -> Iterable[str]:
    """One validation error as a sentence without its full stop."""
    where = tuple(error["loc"])
    name = ".".join(str(p + 1) if isinstance(p, int) else p for p in where) or "the plan"
    leaf = str(where[-1]) if where else ""
    match error["type"]:
        case "extra_forbidden":
            known = _keys_of(where[:-1])
            yield f"`{name}` is not known here{_near(leaf, known)}; there are {', '.join(known)}"
        case "missing":
            yield f"`{name}` is missing{_why(name)}"
        case "literal_error":
            words = re.findall(r"'([^']*)'|(?<![\w.])(\d+)", error["ctx"]["expected"])
            known = [a or b for a, b in words]
            yield f"`{name}` is `{error['input']}`{_near(str(error['input']), known)}; it is one of {', '.join(known)}"
        case "string_pattern_mismatch":
            yield f"`{name}` is `{error['input']}`; {_pattern(leaf)}"
        case "date_type" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            yield f"`{name}` is `{error['input']}`, which is no day of the calendar; write it as 2025-04-28"
        case "value_error":
            yield f"`{name}`: {error['ctx']['error']!s}"
        case "bool_type":
            yield f"`{name}` is `{error['input']}`; write true or false"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            yield f"`{name}` is {error['input']}; {error['msg'].removeprefix('Input ')}"
        case "tuple_type" | "missing_argument" | "too_short" | "too_long":
            yield f"`{name}` is `{error['input']}`; write a list, as [first, second]"
        case "model_type" | "model_attributes_type" | "dict_type":
            yield f"`{name}` must be a group of `name: value` lines"
        case _:
            yield f"`{name}` is `{error['input']}`: {error['msg'].removeprefix('Input ').lower()}"


def _why(name: str) -> str:
    return {
        "data.outcome_seen": ". Say true if anybody who wrote the plan has seen the counts after the date, else false",
        "policy.date": "; it is the day on which the policy began, from its source",
        "plan": "; a plan begins with `plan: 1`",
    }.get(name, "")


def _pattern(leaf: str) -> str:
    return {
        "lag_rule": "write `none`, or `drop_last_2` to leave out the last two periods",
        "id": "use small letters, digits and hyphens",
        "exploratory": "write it as `BH 0.05`",
    }.get(leaf, "write the 64 hexadecimal digits of a SHA-256, or leave it out")


def _keys_of(where: tuple[str | int, ...]) -> list[str]:
    """The names that a part of the plan may have, by the way into the file."""
    model: Any = Plan
    for key in where:
        if isinstance(key, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        field = next((f for n, f in model.model_fields.items() if key in (n, f.alias)), None)
        model = _model_in(field.annotation) if field else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [f.alias or n for n, f in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is not None:
        return next((m for a in get_args(annotation) if (m := _model_in(a)) is not None), None)
    return None


def _near(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean `{found[0]}`?)" if found else ""


def _contradictions(plan: Plan) -> Iterable[tuple[tuple[str | int, ...], str]]:
    data = plan.data
    days: dict[str, Date] = {}
    for key, text in (("from", data.from_), ("pre_until", data.pre_until)):
        try:
            days[key] = period_day(text, data.period)
        except WatchError as error:
            yield ("data", key), f"`data.{key}`: {error}"
    for i, text in enumerate(data.post):
        try:
            days[f"post {i}"] = period_day(text, data.period)
        except WatchError as error:
            yield ("data", "post"), f"`data.post`: {error}"
    if len(days) == 4:
        if not days["from"] <= days["pre_until"]:
            yield ("data", "from"), "`data.from` lies after `data.pre_until`"
        if not days["pre_until"] < days["post 0"]:
            yield ("data", "post"), "`data.post` begins before `data.pre_until` ends"
        if not days["post 0"] <= days["post 1"]:
            yield ("data", "post"), "`data.post` ends before it begins"
        if days["pre_until"] < days["post 0"] and not (
            days["pre_until"] <= plan.policy.date < step(days["post 0"], data.period, 1)
        ):
            yield (
                ("policy", "date"),
                (
                    f"the policy's date {plan.policy.date} lies neither in the last {data.period} before nor between it and "
                    f"the first after; `pre_until` and `post` must lie on both sides of it"
                ),
            )
    smallest, direction = plan.hypothesis.smallest_effect_of_interest, plan.hypothesis.direction
    if smallest is not None and (
        smallest == 1 or (direction == "up" and smallest < 1) or (direction == "down" and smallest > 1)
    ):
        yield (
            ("hypothesis", "smallest_effect_of_interest"),
            (
                f"`smallest_effect_of_interest` is the ratio {smallest:g}, which is no effect in the direction `{direction}`; "
                "a rise of a half is 1.5, a fall of a fifth is 0.8"
            ),
        )
    if plan.multiplicity.gates and plan.primary.estimator != "its_quasipoisson":
        yield ("multiplicity", "gates"), "`gates` are for `its_quasipoisson`"
    for name, where in plan.sources.items():
        if not where.files:
            yield ("sources", name), f"`sources.{name}` names no file"


# --- what changed -----------------------------------------------------------------------------------------------


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


# --- written by questions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """One question of `brightline watch plan`. `read` turns an answer into a value, and raises WatchError if it is none."""

    where: tuple[str, ...]
    ask: str
    help: str
    read: Callable[[str], Any]
    default: str | None = None  # None: an answer is needed; "" leaves it out


def _text(answer: str) -> str:
    if not answer.strip():
        raise WatchError("An answer is needed here.")
    return answer.strip()


def _day(answer: str) -> Date:
    try:
        return Date.fromisoformat(answer.strip())
    except ValueError:
        raise WatchError(f"`{answer}` is no day of the calendar; write it as 2025-04-28.") from None


def _choice(*words: str) -> Callable[[str], str]:
    def read(answer: str) -> str:
        if answer.strip() not in words:
            raise WatchError(f"`{answer}`{_near(answer, words)} is not among {', '.join(words)}.")
        return answer.strip()

    return read


def _yes_no(answer: str) -> bool:
    if answer.strip().lower() not in ("y", "yes", "n", "no", "true", "false", "s", "sí", "si"):
        raise WatchError("Answer yes or no.")
    return answer.strip().lower() in ("y", "yes", "true", "s", "sí", "si")


def _ratio(answer: str) -> float:
    try:
        value = float(answer.strip().replace(",", "."))
    except ValueError:
        raise WatchError(f"`{answer}` is no number; a rise of a half is 1.5, a fall of a fifth is 0.8.") from None
    if value <= 0 or value == 1:
        raise WatchError("A ratio is above zero, and 1 is no change.")
    return value


def _two(answer: str) -> list[str]:
    parts = re.split(r"\s*(?:,|\s|\.\.+|–|—)\s*", answer.strip().strip("[]"))
    if len(parts) != 2:
        raise WatchError("Write the first and the last period, as 2025-05, 2025-12.")
    return parts


def _lag(answer: str) -> str:
    if not answer.strip().isdigit():
        raise WatchError("Write how many periods, as 2, or 0.")
    return f"drop_last_{int(answer)}" if int(answer) else "none"


def _names(answer: str) -> list[dict[str, str]]:
    return [{"series": name.strip(), "role": "negative_control"} for name in answer.split(",") if name.strip()]


QUESTIONS: tuple[Question, ...] = (
    Question(("id",), "A short name for the plan", "small letters, digits, hyphens: nyc-cyclist-summons", _text),
    Question(("question",), "The question, in one sentence", "Did criminal summonses to cyclists rise?", _text),
    Question(("policy", "name"), "The policy or event", "Criminal summonses for cyclists", _text),
    Question(("policy", "date"), "The day it began", "from its source, as 2025-04-28", _day),
    Question(("policy", "source"), "The source of that day", "an address; leave it empty if there is none", str.strip, ""),
    Question(("policy", "date_chosen_from"), "Is the day from a source, or was it found in these data?", "source or data",
             _choice("source", "data"), "source"),
    Question(("hypothesis", "direction"), "The direction that you expect", "up, down, either",
             _choice("up", "down", "either"), "either"),
    Question(("hypothesis", "smallest_effect_of_interest"), "The smallest ratio that would matter",
             "1.5 is a rise of a half, 0.8 a fall of a fifth; without it nothing can be said of `no change`", _ratio, ""),
    Question(("data", "series"), "The name of the series that is counted", "c_summons_cyclist", _text),
    Question(("data", "place"), "The place", "leave it empty when the series has one place", str.strip, ""),
    Question(("data", "period"), "The length of a period", "day, week, month, quarter, year",
             _choice("day", "week", "month", "quarter", "year"), "month"),
    Question(("data", "from"), "The first period", "2018-01", _text),
    Question(("data", "pre_until"), "The last period before the policy", "2025-04", _text),
    Question(("data", "post"), "The first and last period after", "2025-05, 2025-12", _two),
    Question(("data", "lag_rule"), "How many of the newest periods are still incomplete, because records arrive late?",
             "they are left out; 0 if none", _lag, "0"),
    Question(("data", "measures"), "What do these counts measure?",
             "practice (what officers do), reported_crime, citizen_calls, victimisation, reporting_free (such as deaths)",
             _choice(*get_args(Measures)), "practice"),
    Question(("data", "outcome_seen"), "Has anybody who writes this plan seen the counts after the date?", "yes or no",
             _yes_no),
    Question(("controls",), "Series that the policy does not touch", "names with commas; empty if there are none",
             _names, ""),
    Question(("claims", "if_significant"), "What will you say if there is a change?", "one sentence", str.strip, ""),
    Question(("claims", "if_not"), "What will you say if there is none?", "one sentence", str.strip, ""),
)  # fmt: skip


def open_questions(draft: Mapping[str, Any]) -> list[Question]:
    """The questions that a draft has not answered. A question passed over leaves None in the draft."""
    return [q for q in QUESTIONS if not _answered(draft, q.where)]


def _answered(draft: Mapping[str, Any], where: tuple[str, ...]) -> bool:
    inner: Any = draft
    for key in where:
        if not isinstance(inner, Mapping) or key not in inner:
            return False
        inner = inner[key]
    return True


def answer(draft: dict[str, Any], question: Question, told: str) -> dict[str, Any]:
    """The draft with one more answer. WatchError says what is wrong with it."""
    if not told.strip() and question.default is not None:
        told = question.default
    value = question.read(told) if told.strip() or question.default is None else None
    made = {key: dict(inner) if isinstance(inner, dict) else inner for key, inner in draft.items()}
    inner: Any = made
    for key in question.where[:-1]:
        inner = inner.setdefault(key, {})
    inner[question.where[-1]] = value
    return made


def write_questions(draft: Mapping[str, Any]) -> str:
    """The YAML of a finished draft, checked; PlanError when an answer does not fit another."""
    made: dict[str, Any] = {"plan": 1, **_without_none(draft)}
    made.setdefault(
        "primary", {"estimator": "its_quasipoisson", "trend": "linear", "harmonics": 2, "inference": "placebo_t"}
    )
    order = [f.alias or n for n, f in Plan.model_fields.items()]
    made = {key: made[key] for key in sorted(made, key=lambda k: order.index(k) if k in order else len(order))}
    text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=110)
    parse_plan(text)
    return text


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            kept = _without_none(inner)
            if kept:
                made[key] = kept
        elif inner not in (None, "", []):
            made[key] = inner
    return made
