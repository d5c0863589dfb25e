"""A plan from its file: checked strictly, and each mistake a sentence with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from brightline.watch.plan import SHARES, Plan, period_day
from brightline.watch.problems import WatchError
from brightline.watch.series import step


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
            yield f"`{name}` is not known here{near(leaf, known)}; there are {', '.join(known)}"
        case "missing":
            yield f"`{name}` is missing{_why(name)}"
        case "literal_error":
            words = re.findall(r"'([^']*)'|(?<![\w.])(\d+)", error["ctx"]["expected"])
            known = [a or b for a, b in words]
            yield f"`{name}` is `{error['input']}`{near(str(error['input']), known)}; it is one of {', '.join(known)}"
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


def near(word: str, known: Sequence[str]) -> str:
    """A question with the word that was perhaps meant, or nothing."""
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
    yield from _unread(plan)
    yield from _family_mistakes(plan)
    if plan.primary.estimator == "composition":
        yield (
            ("primary", "estimator"),
            "`composition` asks of several groups at once, so it is no one question; write it under `secondary`",
        )
    counted = plan.exposure is None or any(f.kind == "count" for f in plan.exposure.factors)
    if not counted and plan.primary.estimator in SHARES:
        yield (
            ("exposure",),
            (
                f"the ratio of `{plan.primary.estimator}` is not one of counts, so it gives no number of people; begin the "
                "chain with a factor of `kind: count`, or make `its_quasipoisson` the primary analysis"
            ),
        )
    for name, where in plan.sources.items():
        if not where.files:
            yield ("sources", name), f"`sources.{name}` names no file"


_PANEL_INFERENCE = {"randomisation", "poisson", "newey_west"}  # the last two are refused, with their reason
_READ_BY: dict[str, frozenset[str]] = {
    "offset": frozenset({"its_quasipoisson"}),
    "trend": frozenset({"its_quasipoisson", *SHARES}),
    "harmonics": frozenset({"its_quasipoisson", *SHARES}),
}


def _unread(plan: Plan) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What the plan says and its estimator would not read: a choice that is passed over in silence was no choice."""
    name, written = plan.primary.estimator, plan.primary.model_fields_set
    for key, readers in _READ_BY.items():
        if key in written and name not in readers and getattr(plan.primary, key) not in ("none", 0):
            known = ", ".join(f"`{r}`" for r in sorted(readers))
            yield ("primary", key), f"`primary.{key}` is not read by `{name}`; leave it out (it is for {known})"
    inference = plan.primary.inference
    allowed = (
        {"placebo_t", "quasi_poisson", "ar1", "poisson", "newey_west"}
        if name == "its_quasipoisson"
        else {"placebo_t"}
        if name in SHARES
        else _PANEL_INFERENCE
    )
    if "inference" in written and inference not in allowed:
        known = ", ".join(f"`{a}`" for a in sorted(allowed - {"poisson", "newey_west"}))
        yield ("primary", "inference"), f"`{name}` does not offer `inference: {inference}`; there are {known}"
    if plan.policy.other_dates and all(e.estimator != "ppml_event_study" for e in (plan.primary, *plan.secondary)):
        yield (
            ("policy", "other_dates"),
            "`policy.other_dates` is read by `ppml_event_study`, which gives the event to other dates, and the plan has none",
        )


def _family_mistakes(plan: Plan) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """A family of questions must be there, hold the primary one, and be adjusted when it has more than one."""
    where = ("multiplicity", "family")
    there = {"primary", *(e.estimator for e in plan.secondary if e.estimator != "two_counts")}
    family = plan.multiplicity.family
    for name in family:
        if name not in there:
            yield (
                where,
                (
                    f"`multiplicity.family` names `{name}`{near(name, sorted(there))}, which is no analysis of this plan that can be "
                    f"tested; there are {', '.join(sorted(there))}"
                ),
            )
    if "primary" not in family:
        yield where, "`multiplicity.family` must hold `primary`; what is left out of it is exploratory"
    several = sum(name == e.estimator for name in family for e in plan.secondary)
    if several and plan.multiplicity.method == "none":
        yield (
            where,
            (
                f"`multiplicity.family` has {several + 1} questions and `method: none`; with several tries chance finds something more "
                "often, so write `method: BH` (or BY)"
            ),
        )
