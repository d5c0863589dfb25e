"""The files: all or none, safe to open in a spreadsheet, and with the numbers that programs read."""

from __future__ import annotations

import csv
import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from brightline.law.pack import Law
from brightline.report import ReportError, files, pdf
from brightline.report.files import write_report
from brightline.report.summary import summary
from tests.report import made

NAMES = {"report.html", "report.pdf", "findings.csv", "findings.parquet", "summary.json"}


def test_it_works(written: dict[str, Path]) -> None:
    assert set(written) == NAMES
    folder = written["report.html"].parent
    assert {p.name for p in folder.iterdir()} == NAMES, "no temporary file stays"


def test_each_step_is_told(small_law: Law, tmp_path: Path) -> None:
    steps: list[str] = []
    write_report(made.many(5), small_law, made.PACKS, made.about(), tmp_path, steps.append)
    assert set(steps) >= NAMES


@pytest.mark.parametrize("broken", ["report.html", "report.pdf", "findings.csv", "findings.parquet", "summary.json"])
def test_a_full_disk_leaves_nothing_half_written(broken: str, tmp_path: Path) -> None:
    """Whichever file meets the full disk, the old ones stay and no new one does."""

    def full(path: Path) -> None:
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def whole(path: Path) -> None:
        path.write_bytes(b"new")

    old = {n: f"old {n}" for n in NAMES}
    for name, text in old.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ReportError, match="the disk is full: nothing was written to"):
        files.write_all(tmp_path, {n: full if n == broken else whole for n in sorted(NAMES)})
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == old


def test_a_rename_that_fails_brings_the_old_files_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old a")
    (tmp_path / "b").write_text("old b")
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if target.name == "c" and source.suffix == ".part":
            raise OSError(errno.EIO, "Input/output error")
        real(source, target)

    monkeypatch.setattr(files.os, "replace", replace)
    with pytest.raises(ReportError, match="could not be written"):
        files.write_all(tmp_path, {n: lambda path: path.write_text("new") for n in "abc"})  # type: ignore[misc]
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a": "old a", "b": "old b"}


def test_a_folder_made_for_a_report_that_failed_is_gone(
    small_law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise ReportError("the PDF could not be set")

    monkeypatch.setattr(pdf, "render", broken)
    with pytest.raises(ReportError, match="the PDF could not be set"):
        write_report(made.many(5), small_law, made.PACKS, made.about(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
@pytest.mark.parametrize("limit", [20_000, 100_000, 260_000])
def test_a_real_limit_of_the_system_leaves_nothing(limit: int, tmp_path: Path) -> None:
    """The whole way, in a process that may not write files larger than so many bytes."""
    script = (
        "import resource, signal; from pathlib import Path\n"
        "from brightline.report import ReportError\n"
        "from brightline.report.files import write_report\n"
        "from tests.report import made\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try:\n"
        f"    write_report(made.many(), made.small_law(), made.PACKS, made.about(), Path({str(tmp_path / 'new')!r}))\n"
        "except ReportError as error:\n"
        "    print('REFUSED', error)\n"
    )
    assert resource.RLIMIT_FSIZE is not None
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert "REFUSED" in found.stdout, found.stderr
    assert not (tmp_path / "new").exists()


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ReportError, match=r"report\.html is a folder: move it away"):
        files.write_all(tmp_path, {"report.html": lambda path: None})


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError, match="is not a folder"):
        files.write_all(tmp_path / "out", {"report.html": lambda path: None})


def test_no_cell_of_the_csv_runs_in_a_spreadsheet(small_law: Law, tmp_path: Path) -> None:
    evil = ["=cmd|'/C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "fine = fine"]
    findings = made.frame(*[made.finding(facility=cell) for cell in evil]).with_columns(pl.lit("x").alias("=head"))
    written = write_report(findings, small_law, made.PACKS, made.about(), tmp_path)
    with written["findings.csv"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["facility"] for r in rows] == [f"'{c}" for c in evil[:-1]] + ["fine = fine"]
    assert "'=head" in rows[0]
    assert pl.read_parquet(written["findings.parquet"])["facility"].to_list() == evil, "the Parquet is verbatim"


def test_the_findings_keep_their_order_and_columns(findings: pl.DataFrame, written: dict[str, Path]) -> None:
    assert pl.read_parquet(written["findings.parquet"]).equals(findings)
    assert pl.read_csv(written["findings.csv"])["contact"].to_list() == findings["contact"].to_list()


def test_the_summary_counts_every_contact_in_each_direction(findings: pl.DataFrame, written: dict[str, Path]) -> None:
    told = json.loads(written["summary.json"].read_text(encoding="utf-8"))
    n = findings.height
    assert told["total"] == n == sum(told["by_verdict"].values())
    assert sum(c for month in told["by_month"].values() for c in month.values()) == n
    assert sum(c for agency in told["by_agency"].values() for c in agency.values()) == n
    assert sum(row["count"] for row in told["by_month_agency_verdict"]) == n
    assert set(told["by_month_agency_verdict"][0]) == {"month", "agency", "verdict", "count"}
    assert told["law_changes"][0]["date"] == "2014-12-14"
    assert {h["law"] for h in told["horizon"]} >= {"Directive of 2015 on the use of city property"}


def test_a_law_made_for_one_day_has_no_changes(findings: pl.DataFrame, small_law: Law) -> None:
    assert summary(findings, small_law, made.about(as_of=findings["date"].max()))["law_changes"] == []
