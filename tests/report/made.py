"""Findings made up for the tests of the report: about real sections, with invented contacts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from brightline.law.pack import Law, load
from brightline.report import About, Rejected

LAWS = Path(__file__).parent / "laws"
PACKS = ("us-ny-nyc",)
SCHEMA: dict[str, Any] = {
    "contact": pl.Int64, "date": pl.Date, "actor": pl.String, "counterpart": pl.String, "channel": pl.String,
    "asked": pl.String, "done": pl.String, "not_done": pl.String, "facility": pl.String, "lift_reason": pl.String,
    "last_name": pl.String, "source_file": pl.String, "source_row": pl.Int64, "verdict": pl.String,
    "as_verified": pl.String, "action": pl.String, "norm": pl.String, "clause": pl.String, "exception": pl.String,
    "reading": pl.String, "rests_on": pl.String, "settled_by": pl.String, "horizon": pl.String,
    "explanation": pl.String,
}  # fmt: skip
SETTLED_BY = "judicial_warrant_with_detainer or required_by_federal_law and terrorist_screening_match"


def small_law() -> Law:
    return load(LAWS)


def about(**changed: Any) -> About:
    given: dict[str, Any] = {
        "title": "Detainers sent to New York City", "data": "detainers.parquet", "reader": "ice-detainers",
        "packs": PACKS, "made": date(2026, 11, 23), "version": "0.1.0", "noun": "detainer", "rejected": 1,
        "rejected_rows": (Rejected(17, "prepare_date", "“13/13/2014” is no day of the calendar"),),
        "rejected_file": "rejected.csv", "notes": ("An empty lift reason is unknown.",),
        "command": "brightline audit detainers.parquet --law us-ny-nyc",
    }  # fmt: skip
    return About(**{**given, **changed})


def finding(**changed: Any) -> dict[str, Any]:
    """One finding as a row: a detainer for the police on which nobody can tell, unless changed."""
    row: dict[str, Any] = dict.fromkeys(SCHEMA)
    row |= {
        "contact": 1, "date": date(2015, 1, 5), "actor": "nypd", "counterpart": "ice", "asked": "hold_past_release",
        "done": "", "not_done": "", "facility": "BRONX CENTRAL BOOKING", "last_name": "SECRETNAME",
        "source_file": "detainers.parquet", "source_row": 2, "verdict": "unsettled", "as_verified": "unsettled",
        "action": "hold_past_release", "norm": "us-ny-nyc/14-154:b.1", "clause": "N.Y.C. Admin. Code § 14-154(b)(1)",
        "settled_by": SETTLED_BY, "explanation": "Cannot tell under N.Y.C. Admin. Code § 14-154(b)(1).",
    }  # fmt: skip
    return {**row, **changed}


def barred(**changed: Any) -> dict[str, Any]:
    said = {"verdict": "barred", "as_verified": "barred", "settled_by": None, "explanation": "Barred."}
    return finding(**{**said, **changed})


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    numbered = [{**row, "contact": n, "source_row": n + 1} for n, row in enumerate(rows, 1)]
    return pl.DataFrame(numbered, schema=SCHEMA, orient="row")


def many(n: int = 120, seed: int = 1) -> pl.DataFrame:
    """Detainers from October 2014 to July 2015, with every verdict, some without a date or an agency."""
    pick = random.Random(seed)
    rows = []
    for _ in range(n):
        section, actor = pick.choice([("14-154", "nypd"), ("9-131", "nyc_doc")])
        verdict = pick.choice(
            ["unsettled"] * 4 + ["barred", "excepted", "conflict", "contested", "required", "unreached"]
        )
        norm, clause = f"us-ny-nyc/{section}:b.1", f"N.Y.C. Admin. Code § {section}(b)(1)"
        if verdict in ("conflict", "required"):
            norm, clause = f"{norm}; us/8-usc-1373:a", f"{clause}; 8 U.S.C. § 1373(a)"
        rows.append(
            finding(
                date=pick.choice([None] + [date(2014, 10, 1) + timedelta(days=pick.randrange(290)) for _ in range(20)]),
                actor=pick.choice([None] + [actor] * 20),
                verdict=verdict, as_verified=pick.choice([verdict] * 5 + ["unsettled"]),
                norm=None if verdict == "unreached" else norm, clause=None if verdict == "unreached" else clause,
                exception=f"{clause}(i)-(ii)" if verdict == "excepted" else None,
                reading="primary_purpose.of_contact: barred; primary_purpose.of_arrangement: unsettled"
                if verdict == "contested" else None,
                rests_on=pick.choice([None, "required_by_federal_law"]),
                settled_by=SETTLED_BY if verdict == "unsettled" else None,
                done=pick.choice(["", "", "hold_past_release", "notify_release"]),
                horizon="Directive of 2015 on the use of city property" if pick.random() < 0.5 else None,
                explanation=f"The verdict is {verdict}.",
            )
        )  # fmt: skip
    return frame(*rows)
