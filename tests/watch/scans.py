"""An invented scan, for pages and tables. No place in it is real."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from brightline.watch.result import Found, Scan

DAY = date(2018, 1, 1)


def row(n: int, **other: Any) -> Found:
    p = (n + 1) / 61
    one = Found(
        name=f"kind {n}", place="Exampleton", events=1200.0 + n, changes=(date(2016 + n % 3, 1 + n % 12, 1),),
        change_low=date(2016 + n % 3, 1, 1), change_high=date(2016 + n % 3, 12, 1), level_ratio=1.7 if n % 2 else 0.6, spikes=0,
        drift=n % 7 == 0, ratio=1.0 + n / 50, low=0.8, high=2.6, p=p, adjusted=min(1.0, 2 * p), found=False,
    )  # fmt: skip
    return replace(one, **other)


def invented_scan(rows: int = 60, **other: Any) -> Scan:
    strong = {"found": True, "p": 1e-6, "adjusted": 4e-5, "ratio": 5.0, "low": 3.1, "high": 8.2}
    blank = {
        "events": None, "changes": (), "change_low": None, "change_high": None, "level_ratio": None, "drift": None,
        "ratio": None, "low": None, "high": None, "p": None, "adjusted": None, "note": "",
    }  # fmt: skip
    told = [row(n, **(strong if n < 3 else {})) for n in range(rows - 1)] + [row(rows - 1, **blank)]
    filled: dict[str, Any] = {
        "label": "EXPLORATORY", "source": "counts.csv", "period": "month", "first": date(2008, 1, 1), "last": date(2018, 12, 1),
        "day": DAY, "method": "BH", "rate": 0.05, "series": rows, "tested": rows - 1, "by_chance": 0.05 * (rows - 1), "found": 3,
        "rows": tuple(told), "sentences": ("Series tested: 59; found: 3.", "Series with a change of level: 58."), "data_sha256": "34" * 32, "seed": 0, "version": "0.1.0",
        "made": "2026-11-28T19:30:00Z", "seconds": 1.2,
    }  # fmt: skip
    return replace(Scan(**filled), **other)
