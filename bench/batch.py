"""Ten million contacts with unknown facts, in memory, on one core.

The memory floor is what reading every column once costs. Each measurement runs in a process of its own, so that its
peak of memory is its own; each process makes its contacts from a seed. Verdicts are asserted equal to the plain
evaluator's on a sample of the rows.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported

import functools
import json
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import contacts
import narwhals as nw
import numpy as np
import openfisca
import peers
import polars as pl
import rules
from measure import Results, Table, Target, alone, clock, one_core, part, peak_gb, seconds

from brightline.reason.audit import audit
from brightline.reason.columns import Columns
from brightline.reason.patterns import OUTPUT

ROWS, QUICK_ROWS = 10_000_000, 500_000
RANDOM_ROWS, QUICK_RANDOM_ROWS = 20_000, 2_000  # every contact its own pattern: each costs a whole decision
CHECKED = 2_000
PROTOTYPE = 6.75  # bytes a row of the smaller rule set on which the target was first measured


def main(quick: bool) -> Results:
    rows = QUICK_ROWS if quick else ROWS
    few = QUICK_RANDOM_ROWS if quick else RANDOM_ROWS
    table = Table(f"{rows:,} contacts, one core", ["work", "rows", "ms", "million rows/s", "x floor", "peak GB"])
    floor = alone("batch.py", "floor", str(rows))
    told: dict[str, dict[str, Any]] = {"read every column once (the floor)": floor}
    told["Brightline, verdicts alone, Narwhals on Polars"] = alone("batch.py", "verdicts", str(rows))
    told["Brightline, all output columns, real contacts resampled"] = alone("batch.py", "real", str(rows))
    told["Brightline, all output columns, independent random facts (worst)"] = alone("batch.py", "random", str(few))
    if peers.installed("OpenFisca-Core"):
        told["OpenFisca-core, verdicts alone, no unknown fact"] = alone("batch.py", "openfisca", str(rows))
    for name, one in told.items():
        per_row = one["seconds"] / one["rows"]
        against = per_row / (floor["seconds"] / floor["rows"])
        table.row(
            name,
            f"{one['rows']:,}",
            f"{one['seconds'] * 1e3:,.1f}",
            f"{1e-6 / per_row:,.3g}",
            f"{against:,.3g}",
            f"{one['peak']:.2f}",
        )
    prototype = told["Brightline, verdicts alone, Narwhals on Polars"]["seconds"] * floor["rate"] / (rows * PROTOTYPE)
    table.notes = [
        f"verdicts alone are {prototype:.1f} times what it takes to read {PROTOTYPE} bytes a row (14 yes/no, a list, a number)"
    ]
    table.notes += [one["note"] for one in told.values() if one.get("note")]
    table.notes += [f"{p} is NOT INSTALLED and was not measured" for p in peers.absent() if p == "OpenFisca-Core"]
    return Results([table], _targets(*told.values()))


def _targets(
    floor: dict[str, Any],
    verdicts: dict[str, Any],
    real: dict[str, Any],
    random: dict[str, Any],
    openfisca: dict[str, Any] | None = None,
) -> list[Target]:
    found = [Target("audit, verdicts alone / memory floor", verdicts["seconds"] / floor["seconds"], 24, False)]
    if openfisca:
        found.append(
            Target(
                "audit, all columns / OpenFisca verdicts alone, rows per second",
                openfisca["seconds"] / real["seconds"],
                2,
                True,
            )
        )
    peak = max(verdicts["peak"], real["peak"], random["peak"])
    return [*found, Target("audit, peak memory", peak, 4, False, "GB")]


# --- the measurements, each in its own process ----------------------------------------------------


def floor(rows: int) -> dict[str, Any]:
    """Read every column that the norms speak of once: values and marks of the unknown, numbers as narrow as they go."""
    frame = contacts.fact_columns(contacts.columns(rows)).with_columns(pl.col(pl.Float64).cast(pl.Int16))
    buffers = [b for c in frame.get_columns() for b in _buffers(c)]
    size = sum(b.nbytes for b in buffers)

    def read() -> None:
        for words in buffers:
            np.bitwise_or.reduce(words)

    took = seconds(read, 15)
    note = f"the floor reads {size / rows:.2f} bytes a row at {size / took / 1e9:.1f} GB/s"
    return {"seconds": took, "rows": rows, "rate": size / took, "note": note}


def _buffers(column: pl.Series) -> list[np.ndarray[Any, Any]]:
    """The bytes of a column, as whole words."""
    held = column.to_physical().rechunk().to_arrow().buffers()
    return [np.frombuffer(b, np.uint64, count=b.size // 8) for b in held if b is not None]


def verdicts(rows: int) -> dict[str, Any]:
    """One nullable column for each action; from these, one for the contact."""
    frame = contacts.columns(rows)
    columns = Columns.of(frame.columns)
    actions = {a: columns.truth(e) for a, e in rules.barred().items() if a != rules.OVERALL}
    overall = functools.reduce(operator.or_, [nw.col(a) for a in actions])

    def work() -> Any:
        lazy = nw.from_native(frame.lazy()).select(e.alias(a) for a, e in actions.items())
        return nw.to_native(lazy.with_columns(overall.alias(rules.OVERALL)).collect())

    _agree(work(), frame)
    return {"seconds": seconds(work, 9), "rows": rows}


def _agree(found: pl.DataFrame, frame: pl.DataFrame) -> None:
    every = max(1, frame.height // CHECKED)
    for said, facts in zip(
        found.gather_every(every).iter_rows(named=True), contacts.facts(frame.gather_every(every)), strict=True
    ):
        wanted = rules.answers(facts)
        assert said == wanted, f"{said} is not {wanted}, of {facts}"


def real(rows: int) -> dict[str, Any]:
    return _audited(contacts.real(rows), 5)


def random(rows: int) -> dict[str, Any]:
    return _audited(contacts.columns(rows), 1, warm=False)


def _audited(frame: pl.DataFrame, repetitions: int, warm: bool = True) -> dict[str, Any]:
    def work() -> Any:
        return audit(frame, rules.judge())

    rules.program()
    with clock() as passed:
        found = work()
        took = passed()
    assert found.height == frame.height and set(OUTPUT) <= set(found.columns)
    patterns = found.select(OUTPUT).unique().height
    note = f"{frame.height:,} contacts have {patterns:,} different findings"
    del found
    return {"seconds": seconds(work, repetitions) if warm else took, "rows": frame.height, "note": note}


def openfisca_verdicts(rows: int) -> dict[str, Any]:
    """The same answers from OpenFisca's arrays; a new simulation each time, since OpenFisca remembers what it computed."""
    frame = contacts.columns(rows, missing=0.0)
    inputs = openfisca.arrays(frame)
    found = openfisca.verdicts(inputs, rows)
    every = max(1, rows // CHECKED)
    sampled = pl.DataFrame({n: v[::every] for n, v in found.items()})
    _agree(sampled, frame.gather_every(every))
    del found
    return {"seconds": seconds(lambda: openfisca.verdicts(inputs, rows), 3), "rows": rows}


WORK: dict[str, Callable[[int], dict[str, Any]]] = {
    "floor": floor,
    "verdicts": verdicts,
    "real": real,
    "random": random,
    "openfisca": openfisca_verdicts,
}


def child(arguments: Sequence[str]) -> None:
    one_core()
    name, rows = arguments
    found = WORK[name](int(rows))
    print(json.dumps({**found, "peak": peak_gb()}))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WORK:
        child(sys.argv[1:])
    else:
        part(main)
