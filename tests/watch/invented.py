"""Invented counts and plans for tests of plans, refusals and results: no number here is of a real place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from brightline.watch.cut import Loaded
from brightline.watch.plan import Plan
from brightline.watch.plan_file import plan_of
from brightline.watch.result import Source
from brightline.watch.series import Series

PERIODS, AT = 128, 120  # ten years before May 2025, eight months after


def counts(
    ratio: float = 1.0, *, mean: float = 200.0, seed: int = 1, periods: int = PERIODS, at: int = AT, size: float = 60.0
) -> np.ndarray:
    """Negative binomial counts with a season; from period `at` on the rate is multiplied by `ratio`."""
    rng = np.random.default_rng(seed)
    t = np.arange(periods)
    rate = mean * np.exp(0.15 * np.sin(2 * np.pi * t / 12)) * np.where(t >= at, ratio, 1.0)
    return rng.negative_binomial(size, size / (size + rate)).astype(float)


def series(values: np.ndarray, name: str = "summonses", place: str = "Exampleville", **facts: Any) -> Series:
    told: dict[str, Any] = {"period": "month", "start": date(2015, 5, 1), **facts}
    return Series(name=name, place=place, values=values, **told)


def loaded(*made: Series) -> Loaded:
    return Loaded(made, (Source("invented", "invented.csv", "0" * 64),))


def told(**changes: Any) -> dict[str, Any]:
    """A plan as values; keys with dots change parts: {"data.lag_rule": "none"}; None takes a part out."""
    made: dict[str, Any] = {
        "plan": 1,
        "id": "exampleville",
        "question": "Did summonses rise after 2025-04-28?",
        "hypothesis": {"direction": "up", "smallest_effect_of_interest": 1.5},
        "policy": {"name": "an invented order", "date": date(2025, 4, 28), "source": "https://example.org/order"},
        "data": {
            "series": "summonses",
            "counted": "summonses",
            "period": "month",
            "from": "2015-05",
            "pre_until": "2025-04",
            "post": ["2025-05", "2025-12"],
            "outcome_seen": False,
        },
        "primary": {"estimator": "its_quasipoisson", "harmonics": 1, "inference": "placebo_t"},
    }
    for key, value in changes.items():
        inner = made
        *way, leaf = key.replace("__", ".").split(".")
        for part in way:
            inner = inner.setdefault(part, {})
        if value is None:
            inner.pop(leaf, None)
        else:
            inner[leaf] = value
    return made


def plan(changes: Mapping[str, Any] | None = None, **more: Any) -> Plan:
    return plan_of(told(**dict(changes or {}), **more))


def with_value(one: Series, at: int, value: float) -> Series:
    values = one.values.copy()
    values[at] = value
    return replace(one, values=values)
