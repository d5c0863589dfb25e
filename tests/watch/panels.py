"""The published panels in data/, as the estimators take them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from brightline.watch.panel import NEVER, Floats, Panel, from_columns

DATA = Path(__file__).parent / "data"
LAPD_START = date(2017, 1, 1)
LAPD_BEFORE, LAPD_AFTER = 28, 14


def oracle(name: str) -> Any:
    return json.loads((Path(__file__).parent / "oracle" / f"panel_{name}.json").read_text())


def mpdta() -> Panel:
    rows = pl.read_csv(DATA / "mpdta" / "mpdta.csv.gz")
    return from_columns(rows["countyreal"], rows["year"], rows["lemp"], rows["first.treat"], never=0)


def math_reform() -> Panel:
    rows = pl.read_csv(DATA / "math_reform" / "math_reform.csv.gz")
    first = rows["reformyr_math"].cast(pl.Float64).fill_null(float("nan"))
    return from_columns(rows["state"], rows["class"], rows["incearn_ln"], first, never=float("nan"))


def prop99() -> Panel:
    rows = pl.read_csv(DATA / "prop99" / "prop99.csv.gz")
    first = [1989.0 if state == "California" else NEVER for state in rows["State"]]
    return from_columns(rows["State"], rows["Year"], rows["PacksPerCapita"], first, never=NEVER)


def medicaid() -> tuple[Floats, Floats, int]:
    """Share insured (43 states, 2008 to 2015), expansion in 2014, and the number of the period 2014."""
    rows = pl.read_csv(DATA / "ehec_medicaid" / "ehec.csv.gz")
    rows = rows.filter((pl.col("year") < 2016) & ((pl.col("yexp2") != 2015) | pl.col("yexp2").is_null()))
    wide = rows.pivot(on="year", index=["stfips", "yexp2"], values="dins").sort("stfips")
    expanded = (wide["yexp2"] == 2014).fill_null(False).to_numpy().astype(float)
    return wide.drop("stfips", "yexp2").to_numpy(), expanded, 6


def lapd() -> tuple[Floats, Floats, list[int]]:
    """Daily calls of 2017 and 2018 in districts with a high and a low Hispanic share (NaN: not counted), the exposure,
    and the first days of the six operations."""
    rows = pl.read_csv(DATA / "lapd-calls-2017-2019" / "daily_calls_by_type.csv.gz", try_parse_dates=True)
    wide = rows.pivot(on="hispanic_share_group", index="date", values="top24_call_types_total")
    days = pl.DataFrame({"date": pl.date_range(LAPD_START, date(2018, 12, 31), eager=True)})
    table = days.join(wide, on="date", how="left").select("high", "low").to_numpy().astype(float).T
    starts = pl.read_csv(DATA / "lapd-calls-2017-2019" / "operation_windows.csv", try_parse_dates=True)["start"]
    return table, np.array([1.0, 0.0]), [(day - LAPD_START).days for day in starts]
