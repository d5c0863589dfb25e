"""The benchmark: every part in a process of its own, the tables printed, and `bench/RESULTS.md` written.

python bench/run.py [--quick] [--only single|missing|batch|scale|prove|asking|ledger|gate|watch] [--date 2025-03-14] [--out FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from measure import HERE, Results, Table, clock, targets_table, text

PARTS = ("single", "missing", "batch", "scale", "prove", "asking", "ledger", "gate", "watch")
PACKAGES = (
    "brightline",
    "cedarpy",
    "common-expression-language",
    "regopy",
    "cel-python",
    "OpenFisca-Core",
    "polars",
    "narwhals",
    "numpy",
    "pyarrow",
    "z3-solver",
    "cryptography",
    "pymerkle",
    "django",
    "granian",
    "statsmodels",
    "ruptures",
    "csdid",
    "diff-diff",
    "pyfixest",
    "pandas",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes: whether everything runs, not how fast")
    parser.add_argument("--only", choices=PARTS, help="one part; RESULTS.md is then left alone unless --out is given")
    parser.add_argument("--date", default=None, help="the date to write down (today's unless given)")
    parser.add_argument("--out", type=Path, help="where to write the results")
    options = parser.parse_args()
    whole = Results()
    failed = []
    for name in [options.only] if options.only else PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        with clock() as passed:
            results = run(name, options.quick)
            took = passed()
        if results is None:
            failed.append(name)
            continue
        print(f"{name}: {took:.0f} s\n\n{text(results)}\n", flush=True)
        whole.tables += results.tables
        whole.targets += results.targets
    if not options.only:
        print(text(Results([targets_table(whole.targets)])), flush=True)
    page = report(whole, failed, options.date or date.today().isoformat(), options.quick)
    out = options.out or (HERE / "RESULTS.md" if not options.only and not options.quick else None)
    if out is not None:
        out.write_text(page)
        print(f"\nwritten: {out}")
    for name in failed:
        print(f"THE PART {name} FAILED", file=sys.stderr)
    return 1 if failed else 0


def run(name: str, quick: bool) -> Results | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(path), *(["--quick"] if quick else [])]
        if subprocess.run(command, check=False).returncode or not path.exists():
            return None
        return Results.read(path)


def report(results: Results, failed: list[str], day: str, quick: bool) -> str:
    told = [
        "# Results of the benchmark",
        "Ratios within one run are what counts; absolute numbers belong to the machine. Made by "
        f"`{' '.join(['python', 'bench/run.py', *sys.argv[1:]])}` on {day}."
        + (" Small sizes: not a measurement." if quick else ""),
        text(Results([targets_table(results.targets)])),
        text(Results(results.tables)),
        text(Results([machine()])),
        *(f"**The part {name} failed and is missing here.**" for name in failed),
    ]
    return "\n\n".join(told) + "\n"


def machine() -> Table:
    table = Table("Machine", ["", "what"])
    table.row("processor", processor())
    table.row("cores", os.cpu_count())
    if hasattr(os, "sysconf"):
        table.row("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB")
    table.row("system", platform.platform(terse=True))
    table.row("Python", platform.python_version())
    for package in PACKAGES:
        try:
            table.row(package, version(package))
        except PackageNotFoundError:
            table.row(package, "NOT INSTALLED")
    return table


def processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    raise SystemExit(main())
