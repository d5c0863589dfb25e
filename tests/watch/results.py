"""An invented result with every part filled, for plots and pages. No place in it is real."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from brightline.watch.result import (
    Change,
    Diagnostics,
    Estimate,
    EventPoint,
    Events,
    ExposureBar,
    Fan,
    Flag,
    Gate,
    People,
    Placebos,
    Point,
    Policy,
    Refusal,
    Result,
    Source,
    Weight,
    Weights,
)  # fmt: skip


def month(n: int) -> date:
    return date(2018 + n // 12, n % 12 + 1, 1)


def invented(**other: Any) -> Result:
    rng = np.random.default_rng(6)
    points = []
    for n in range(96):
        expected = 180 + 0.3 * n + 25 * math.sin(n / 12 * 2 * math.pi)
        after = n >= 88
        count = float(rng.poisson(expected * (2.4 if after else 1)))
        note = "partial" if n == 95 else "missing" if n == 40 else ""
        points.append(
            Point(
                month(n), None if n == 40 else count, after, None if after else expected,
                expected if after else None, expected * 0.7 if after else None, expected * 1.45 if after else None, note,
            )
        )  # fmt: skip
    primary = Estimate("primary", "step with trend and seasons", "primary", 2.41, 1.52, 3.82, 0.004, "placebo-t")
    forest = (
        primary,
        Estimate("trend_spline", "bent trend", "robustness", 2.05, 1.2, 3.5, 0.02, "placebo-t"),
        Estimate("no_trend", "no trend", "robustness", 2.6, 1.7, 4.0, 0.001, "placebo-t"),
        Estimate("local_level", "wandering level", "robustness", 1.9, 0.01, 400.0, 0.4, "local level"),
        Estimate("share", "criminal share of all", "secondary", 1.4, 1.1, 1.8, 0.01, "placebo-t", "share of all summonses"),
        Estimate("control", "the same test on what the policy does not touch", "control", 1.03, 0.9, 1.2, 0.7, "placebo-t", "parking tickets"),
        Estimate("units", "could not be estimated", "robustness", None, None, None, None, "", note="one unit"),
    )  # fmt: skip
    z = tuple(float(v) for v in rng.normal(0.2, 2.6, 41))
    blocks = tuple(
        EventPoint(float(k), r, r * 0.9, r * 1.1, r * 0.82, r * 1.22)
        for k, r in zip(range(-8, 4), [1.02, 0.97, 1.0, 1.05, 0.98, 1.01, 1.03, 1.0, 1.8, 2.2, 2.4, 2.3], strict=True)
        if k != -1
    )
    days = tuple(month(n) for n in range(60, 96))
    p = np.array([0.001] * 26 + [0.02, 0.1, 0.7, 0.12, 0.03] + [0.004] * 5)
    filled: dict[str, Any] = dict(
        id="invented-example",
        question="Did criminal summonses to cyclists in Exampleton rise after 28 April 2025?",
        label="PLANNED",
        planned=True,
        answer="rose",
        words="coincides",
        headline="Summonses rose to about 2.4 times the earlier level.",
        sentences=(
            "Summonses rose to about 2.4 times the earlier level.",
            "The rise coincides with the new rule. That alone does not show that the rule caused it.",
        ),
        language="en",
        series="criminal summonses · Exampleton",
        counted="summonses",
        place="Exampleton (invented)",
        period="month",
        policy=Policy("New rule for cyclists", date(2025, 4, 28), "https://example.org/rule"),
        first_after=date(2025, 5, 1),
        primary=primary,
        forest=forest,
        points=tuple(points),
        changes=(Change(month(88), month(87), month(89), 190.0, 455.0, days, tuple(float(v) for v in p / p.sum())),),
        spikes=(),
        drift=False,
        placebos=Placebos(tuple(month(n) for n in range(20, 61)), z, 9.4, 2.6, 1 / 42, sum(abs(v) > 1.96 for v in z) / 41),
        events=Events(
            "Exampleton against three towns", blocks, 6,
            tuple(Fan(m, 2.2 * math.exp(-0.3 - 0.45 * m), 2.2 * math.exp(0.3 + 0.45 * m)) for m in (0, 0.5, 1.0, 1.5, 2.0)),
            1.1, 0.4, 1.01, 0.5, 1.08, 0.02, tuple(float(v) for v in np.exp(rng.normal(0, 0.15, 300))),
        ),
        weights=Weights("calibrated", (Weight("Northville", 0.5), Weight("Southville", 0.3), Weight("Eastville", 0.2)), 2.6, 0.05),
        gates=(
            Gate("Exampleton", None, 0, True, 0.004, 0.004, True, 2.4, 1.5, 3.8),
            Gate("North side", "Exampleton", 1, True, 0.3, 0.3, False, 1.3, 0.8, 2.1),
            Gate("First precinct", "North side", 2, False, None, None, False),
        ),
        exposure=People(
            300.0, 700.0, 1600.0, 0.9, False,
            (ExposureBar("excess summonses", 500, 1100, 900, 2400, "this analysis"),
             ExposureBar("share without citizenship", 450, 980, 0.2, 0.45, "invented survey")),
            "Between 300 and 1,600 people may be newly exposed.",
        ),
        diagnostics=Diagnostics(
            before=88, after=7, base_count=1300.0, dispersion=4.2, rho=0.3, placebo_windows=41, placebo_df=6.1, mde=1.6,
            leave_one_out=(2.3, 2.5), drop_last=2.38, trend_forms=(1.9, 2.6), definition_changes=1, partial_periods=1,
            late_periods=0, missing_periods=1, analyses_so_far=3,
        ),
        flags=(Flag("partial", "December 2025 was not counted to its end, and is left out."),),
        refusals=(
            Refusal(1, 11, "No causal words", "There is no control series.", "A series that the rule does not touch.", False),
        ),
        sources=(Source("Invented counts", "counts.csv", "ab" * 32),),
        definition_days=((date(2020, 1, 1), "e-bikes are counted too"),),
        alpha=0.05,
        smallest_effect=1.5,
        plan_sha256="12" * 32,
        data_sha256="34" * 32,
        seed=0,
        version="0.1.0",
        made="2026-11-28T19:30:00Z",
        logged="the plan was logged before the counts were read",
    )  # fmt: skip
    return replace(Result(**filled), **other)
