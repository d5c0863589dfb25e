"""A plan written by questions: what `brightline watch plan` asks, and how an answer becomes a value of the plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from typing import Any, get_args

import yaml

from brightline.watch.plan import Measures, Plan
from brightline.watch.plan_file import near, parse_plan
from brightline.watch.problems import WatchError


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
            raise WatchError(f"`{answer}`{near(answer, words)} is not among {', '.join(words)}.")
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
