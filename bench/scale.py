"""Contacts from Parquet, one to a hundred million: whether time grows in a straight line, and what memory it takes.

Each file is written in row groups, audited in a process of its own on one core, and deleted.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import contacts
import pyarrow.parquet as pq
import rules
from measure import BUILD, Results, Table, Target, alone, clock, one_core, part, peak_gb

from brightline.reason.patterns import OUTPUT
from brightline.reason.stream import audit_parquet

SIZES, QUICK_SIZES = (1_000_000, 10_000_000, 100_000_000), (100_000, 1_000_000)
GROUP = 1_000_000
ROOM = 40  # bytes of disk a row, for the contacts and the findings; twice what was seen
GROWTH = 1.5  # time a row at the largest size, against the middle one


def main(quick: bool) -> Results:
    sizes = QUICK_SIZES if quick else SIZES
    BUILD.mkdir(parents=True, exist_ok=True)
    table = Table(
        "From Parquet, real contacts resampled, all output columns, one core",
        ["rows", "s", "s a million rows", "x the smallest", "peak GB", "file MB", "findings MB"],
    )
    measured = []
    for rows in sizes:
        free = shutil.disk_usage(BUILD).free
        if free < rows * ROOM:
            table.notes.append(
                f"{rows:,} rows were NOT MEASURED: they need {rows * ROOM / 1e9:.1f} GB of disk, {free / 1e9:.1f} GB are free"
            )
            continue
        measured.append((rows, _measured(rows)))
        told = measured[-1][1]
        each = told["seconds"] / rows * 1e6
        first = measured[0][1]["seconds"] / measured[0][0] * 1e6
        table.row(
            f"{rows:,}",
            f"{told['seconds']:.2f}",
            f"{each:.3f}",
            f"{each / first:.2f}",
            f"{told['peak']:.2f}",
            f"{told['read'] / 1e6:,.0f}",
            f"{told['written'] / 1e6:,.0f}",
        )
    table.notes.append("the smallest size bears the fixed costs: packs compiled, patterns decided")
    results = Results(
        [table],
        [
            Target(
                f"audit of {measured[-1][0]:,} rows from Parquet, peak memory", measured[-1][1]["peak"], 8, False, "GB"
            )
        ],
    )
    if len(measured) > 1:
        (few, one), (many, two) = measured[-2:]
        growth = (two["seconds"] / many) / (one["seconds"] / few)
        results.targets.append(Target(f"time a row, {many:,} rows / {few:,} rows", growth, GROWTH, False))
    return results


def _measured(rows: int) -> dict[str, float]:
    path, to = BUILD / f"contacts-{rows}.parquet", BUILD / f"findings-{rows}.parquet"
    try:
        write(path, rows)
        told = alone("scale.py", "audit", str(path), str(to))
        return {**told, "read": path.stat().st_size, "written": to.stat().st_size}
    finally:
        path.unlink(missing_ok=True)
        to.unlink(missing_ok=True)


def write(path: Path, rows: int) -> None:
    """Real contacts, drawn anew for each row group."""
    writer: pq.ParquetWriter | None = None
    try:
        for n, start in enumerate(range(0, rows, GROUP)):
            group = contacts.real(min(GROUP, rows - start), seed=n).to_arrow()
            writer = writer or pq.ParquetWriter(path, group.schema, compression="zstd")
            writer.write_table(group)
    finally:
        if writer is not None:
            writer.close()


def child(path: str, to: str) -> None:
    one_core()
    judge = rules.judge()
    with clock() as passed:
        rows = audit_parquet(Path(path), judge, Path(to))
        took = passed()
    with pq.ParquetFile(to) as found:
        assert found.metadata.num_rows == rows and set(OUTPUT) <= set(found.schema_arrow.names)
    print(json.dumps({"seconds": took, "peak": peak_gb()}))


def start(arguments: Sequence[str]) -> None:
    if arguments and arguments[0] == "audit":
        child(*arguments[1:])
    else:
        part(main)


if __name__ == "__main__":
    start(sys.argv[1:])
