"""Times, memory, and the form in which each part of the benchmark hands over its results."""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"


@dataclass
class Table:
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, *cells: object) -> None:
        self.rows.append([str(c) for c in cells])


@dataclass
class Target:
    """A number to reach: `measured` at least, or at most, `wanted`."""

    name: str
    measured: float
    wanted: float
    at_least: bool
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted


@dataclass
class Results:
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @staticmethod
    def read(path: Path) -> Results:
        told = json.loads(path.read_text())
        return Results([Table(**t) for t in told["tables"]], [Target(**t) for t in told["targets"]])


def seconds(work: Callable[[], object], repetitions: int = 5) -> float:
    """The median time of the work, once it has run for a first time, without the collector of garbage."""
    work()
    return statistics.median(_times(work, repetitions))


def _times(work: Callable[[], object], repetitions: int) -> Iterator[float]:
    gc.collect()
    gc.disable()
    try:
        for _ in range(repetitions):
            start = time.perf_counter()
            work()
            yield time.perf_counter() - start
    finally:
        gc.enable()


@contextmanager
def clock() -> Iterator[Callable[[], float]]:
    start = time.perf_counter()
    yield lambda: time.perf_counter() - start


def one_core() -> None:
    """Keep this process, and what it starts, on one core. Where the system cannot, Polars still has one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def peak_gb() -> float:
    """The most memory that this process has held."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e9


def alone(script: str, *arguments: str) -> dict[str, Any]:
    """Run a script of this folder in a process of its own, and read the JSON that it prints as its last line."""
    ran = subprocess.run(
        [sys.executable, str(HERE / script), *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def part(main: Callable[[bool], Results]) -> None:
    """Run one part of the benchmark from the command line: prints its tables, or writes them for `run.py`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--json", type=Path, help="write the results here")
    options = parser.parse_args()
    results = main(options.quick)
    if options.json:
        results.write(options.json)
    else:
        print(text(results))


def text(results: Results) -> str:
    """The tables in Markdown, columns aligned: readable in a terminal too."""
    told = [_table(t) for t in results.tables]
    if results.targets:
        told.append(_table(targets_table(results.targets)))
    return "\n\n".join(told)


def targets_table(targets: Sequence[Target]) -> Table:
    table = Table("Targets", ["ratio", "measured", "wanted", ""])
    for t in targets:
        sign = "at least" if t.at_least else "at most"
        table.row(t.name, f"{t.measured:,.3g} {t.unit}", f"{sign} {t.wanted:g} {t.unit}", "met" if t.met else "MISSED")
    return table


def _table(table: Table) -> str:
    rows = [table.columns, *table.rows]
    widths = [max(3, *(len(r[n]) for r in rows)) for n in range(len(table.columns))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = cells
        return (
            "| "
            + " | ".join([first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))])
            + " |"
        )

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    lines = [f"## {table.title}", "", line(table.columns), rule, *(line(r) for r in table.rows)]
    return "\n".join([*lines, *([""] if table.notes else []), *(f"- {n}" for n in table.notes)])
