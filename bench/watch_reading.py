"""The watch from file to answer: five million summonses counted, beside pandas, and each shipped plan run whole.

The file has the layout of NYPD criminal court summonses (historic), sixteen columns, invented rows; it is written into
a temporary folder and deleted. Each reading is in a process of its own, the file in the system's cache.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import polars as pl
from measure import BUILD, Results, Table, Target, alone, clock, part, peak_gb

from brightline.watch.gather import load
from brightline.watch.log import Log
from brightline.watch.page import write
from brightline.watch.plan_file import read_plan
from brightline.watch.read import read
from brightline.watch.result import Result
from brightline.watch.run import run, standing

ROWS, QUICK_ROWS = 5_000_000, 200_000
CHUNK = 500_000
ROOM = 250  # bytes of disk a row; 1.5 times what was seen
SEED = 20060101
FIRST, LAST = date(2006, 1, 1), date(2025, 12, 31)
KEY, DAY, OFFENCE, PRECINCT = "SUMMONS_KEY", "SUMMONS_DATE", "OFFENSE_DESCRIPTION", "PRECINCT_OF_OCCUR"
COUNTS = ["place", "period", "offence"]
BOROUGHS = ("MANHATTAN", "BRONX", "BROOKLYN", "QUEENS", "STATEN ISLAND")
EXAMPLES = Path(str(files("brightline.watch") / "examples"))
QUICK_PLANS = ("cyclists-2014", "cyclists-2025", "detainers-new-york-2014")
REFUSED = range(10, 20)  # the exit codes of a plan that ran, and whose claim may not be made


def main(quick: bool) -> Results:
    table, targets = _reading(QUICK_ROWS if quick else ROWS, 1 if quick else 3)
    plans, slowest = _plans(QUICK_PLANS if quick else tuple(p.stem for p in sorted(EXAMPLES.glob("*.yaml"))))
    targets.append(Target("the slowest shipped plan, diagnostics, plots, page and PDF", slowest, 10, False, "s"))
    return Results([table, plans], targets)


# --- reading ------------------------------------------------------------------------------------------------------


def _reading(rows: int, times: int) -> tuple[Table, list[Target]]:
    BUILD.mkdir(parents=True, exist_ok=True)
    table = Table("", ["", "s", "x Brightline's time", "peak GB"])
    if shutil.disk_usage(BUILD).free < rows * ROOM:
        table.title = "Reading"
        table.notes.append(f"NOT MEASURED: {rows:,} rows need {rows * ROOM / 1e9:.1f} GB of disk in {BUILD.name}")
        return table, []
    runs: list[dict[str, dict[str, float]]] = []
    told: dict[str, pl.DataFrame] = {}
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        path = Path(folder) / "criminal_summons.csv"
        _write(path, rows)
        size = path.stat().st_size
        for _ in range(times):  # in turns, so that a busy minute of the machine falls on all of them
            runs.append({})
            for how in READERS:
                to = Path(folder) / f"{how}.parquet"
                runs[-1][how] = alone("watch_reading.py", "read", how, str(path), str(to))
                told[how] = _sorted(pl.read_parquet(to))
    took = {how: median(one[how]["seconds"] for one in runs) for how in READERS}
    ours = told["brightline"]
    for how, theirs in told.items():
        assert ours.equals(theirs), f"{how} counts otherwise"
    table.title = f"{rows:,} summonses in a CSV of {size / 1e6:,.0f} MB, by month, precinct and offence"
    names = {
        "brightline": "Brightline, `read` and `counts`",
        "pandas": f"pandas {version('pandas')}, read_csv of four columns, groupby",
        "pandas_arrow": "pandas, the same with its reader from pyarrow",
        "pandas_whole": "pandas, read_csv of all columns, groupby",
        "polars": "Polars by hand, what Brightline stands on",
    }
    for how, name in names.items():
        ratio = took[how] / took["brightline"]
        peak = max(one[how]["peak"] for one in runs)
        table.row(name, f"{took[how]:.2f}", f"{ratio:.3g}" if how != "brightline" else "1", f"{peak:.2f}")
    counted = float(ours["count"].sum())
    table.notes += [
        f"{len(ours):,} counts of {counted:,.0f} summonses, the same from all; all look for keys that repeat",
        f"median of {times}, on {os.cpu_count()} cores; Polars and pyarrow use all of them, pandas' own reader one",
    ]
    # Against the faster of the two ways in which pandas reads the columns that are needed
    best = min(took["pandas"], took["pandas_arrow"]) / took["brightline"]
    return table, [
        Target(f"reading and counting {rows:,} rows", took["brightline"], 20, False, "s"),
        Target("reading and counting: Brightline / pandas, its faster reader", best, 1, True),
    ]


def _write(path: Path, rows: int) -> None:
    """Invented rows, in which a few offences make most of the summonses."""
    rng = np.random.default_rng(SEED)
    days = pl.date_range(FIRST, LAST, eager=True).dt.strftime("%m/%d/%Y").to_numpy()
    offences = np.array(["BICYCLE ON SIDEWALK", "TRESPASS, SIMPLE", "(null)", *(f"OFFENSE {i:02d}" for i in range(57))])
    sections = np.array([f"{10 + i % 9}-{100 + i}" for i in range(len(offences))])
    often = 1 / np.arange(1, len(offences) + 1)
    precincts = np.sort(rng.choice(np.arange(1, 124), 77, replace=False))
    with path.open("wb") as file:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            where = rng.integers(0, len(precincts), n)
            what = rng.choice(len(offences), n, p=often / often.sum())
            east, north = rng.uniform(0, 1, (2, n)).round(9)
            pl.DataFrame(
                {
                    KEY: np.arange(start, start + n) + 100_000_000,
                    DAY: days[rng.integers(0, len(days), n)],
                    OFFENCE: offences[what],
                    "LAW_SECTION_NUMBER": sections[what],
                    "LAW_DESCRIPTION": np.array(["ADMINISTRATIVE CODE", "PENAL LAW"])[what % 2],
                    "SUMMONS_CATEGORY_TYPE": offences[what],
                    "AGE_GROUP": np.array(["<18", "18-24", "25-44", "45-64", "65+"])[rng.integers(0, 5, n)],
                    "SEX": np.array(["M", "F"])[rng.integers(0, 2, n)],
                    "RACE": np.array(["BLACK", "WHITE", "WHITE HISPANIC", "UNKNOWN"])[rng.integers(0, 4, n)],
                    "JURISDICTION_CODE": np.zeros(n, dtype=int),
                    "BORO": np.array(BOROUGHS)[where % 5],
                    PRECINCT: precincts[where],
                    "X_COORDINATE_CD": 913_000 + (150_000 * east).astype(int),
                    "Y_COORDINATE_CD": 121_000 + (150_000 * north).astype(int),
                    "Latitude": 40.5 + 0.4 * north,
                    "Longitude": -74.25 + 0.55 * east,
                }
            ).write_csv(file, include_header=start == 0)


def _sorted(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.select(
        pl.col("place").cast(pl.String), pl.col("period").cast(pl.Date), pl.col("offence").cast(pl.String),
        pl.col("count").cast(pl.Float64),
    ).sort(COUNTS)  # fmt: skip


def _with_brightline(path: str) -> pl.DataFrame:
    return read(path).counts(period="month", level="precinct", by=["offence"])


def _with_pandas(path: str, *, whole: bool = False, engine: str = "c") -> pd.DataFrame:
    columns = None if whole else [KEY, DAY, OFFENCE, PRECINCT]
    frame = pd.read_csv(
        path, usecols=columns, dtype={KEY: str, DAY: str, OFFENCE: str, PRECINCT: str}, na_values=["(null)"],
        engine=engine,  # type: ignore[call-overload]
    )  # fmt: skip
    if frame[KEY].duplicated().any():
        frame = frame.drop_duplicates(KEY)
    days = pd.to_datetime(frame[DAY], format="%m/%d/%Y")
    # The first day of the month without pandas' periods, which take longer
    frame["period"] = days - pd.to_timedelta(days.dt.day - 1, unit="D")
    counts = frame.groupby([PRECINCT, "period", OFFENCE], dropna=False).size().reset_index(name="count")
    return counts.rename(columns={PRECINCT: "place", OFFENCE: "offence"})


def _with_polars(path: str) -> pl.DataFrame:
    frame = pl.scan_csv(path, infer_schema=False, null_values=["(null)"])
    rows, different = frame.select(pl.len(), pl.col(KEY).n_unique().alias("n")).collect(engine="streaming").row(0)
    assert rows == different
    month = pl.col(DAY).str.to_date("%m/%d/%Y").dt.truncate("1mo").alias("period")
    chosen = frame.select(pl.col(PRECINCT).alias("place"), month, pl.col(OFFENCE).alias("offence"))
    return chosen.group_by(COUNTS).agg(pl.len().alias("count")).collect(engine="streaming")


READERS: dict[str, Callable[[str], pl.DataFrame | pd.DataFrame]] = {
    "brightline": _with_brightline,
    "pandas": _with_pandas,
    "pandas_arrow": lambda path: _with_pandas(path, engine="pyarrow"),
    "pandas_whole": lambda path: _with_pandas(path, whole=True),
    "polars": _with_polars,
}


def _read(how: str, path: str, to: str) -> None:
    """Count once, in this process, and write the counts down."""
    with clock() as passed:
        counts = READERS[how](path)
        took, peak = passed(), _peak_gb()
    (counts if isinstance(counts, pl.DataFrame) else pl.from_pandas(counts)).write_parquet(to)
    print(json.dumps({"seconds": took, "peak": peak}))


def _peak_gb() -> float:
    """The most memory of this program alone: what `peak_gb` tells begins with that of the program that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_gb()
    kib = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return kib * 1024 / 1e9


# --- planned analyses ---------------------------------------------------------------------------------------------


def _plans(names: Sequence[str]) -> tuple[Table, float]:
    """Each plan by the functions that the command calls, once they are loaded, and by the command itself."""
    table = Table(
        "Shipped plans, from their files to page, PDF, plots and Parquet",
        ["plan", "answer", "reading", "analysis", "pages", "whole, s", "`brightline watch run`, s"],
    )
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        _run(names[0], Path(folder))
        for name in names:
            result, (loaded, analysed, written) = _run(name, Path(folder))
            whole = _command(name, Path(folder))
            table.row(
                name, result.answer, f"{loaded:.2f}", f"{analysed - loaded:.2f}", f"{written - analysed:.2f}",
                f"{written:.2f}", f"{whole:.2f}",
            )  # fmt: skip
            slowest = max(slowest, whole)
    table.notes.append("the command starts Python and loads everything each time; the target is for its slowest")
    return table, slowest


def _run(name: str, folder: Path) -> tuple[Result, tuple[float, float, float]]:
    """The result, and the seconds until the counts were there, the analysis was done, and all was written."""
    with clock() as passed:
        plan = read_plan(EXAMPLES / f"{name}.yaml")
        log = Log(folder / "log.jsonl")
        number = log.begin(plan, version("brightline"))
        loaded = load(plan, EXAMPLES)
        one = passed()
        result = run(plan, loaded, standing=standing(plan, log, loaded), version=version("brightline"))
        two = passed()
        write(result, folder / name)
        log.end(number, plan, version("brightline"), "refused" if result.answer == "refused" else "done")
        return result, (one, two, passed())


def _command(name: str, folder: Path) -> float:
    command = [str(Path(sys.executable).with_name("brightline")), "watch", "run", str(EXAMPLES / f"{name}.yaml")]
    command += ["--out", str(folder / f"{name}-command"), "--log", str(folder / "log-command.jsonl")]
    with clock() as passed:
        code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        took = passed()
    assert code == 0 or code in REFUSED, f"{name}: the command ended with {code}"
    return took


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        _read(*sys.argv[2:])
    else:
        part(main)
