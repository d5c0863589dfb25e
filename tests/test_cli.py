"""The command line: what a person gets for good input and for bad, with the exit codes that are documented."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

CONTACT = """
date: 2015-01-05
actor: nypd
counterpart: ice
asked: [notify_release]
facts:
  request: civil_detainer
  judicial_warrant_with_detainer: {value: no, basis: verified, shown_by: the detainer as received}
  required_by_federal_law: no
"""


def brightline(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brightline.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def contact(tmp_path: Path) -> Path:
    path = tmp_path / "contact.yaml"
    path.write_text(CONTACT)
    return path


def test_decide_says_the_clause(contact: Path) -> None:
    told = brightline("decide", str(contact), "--law", "us-ny-nyc")
    assert told.returncode == 0
    assert "Barred by N.Y.C. Admin. Code § 14-154(b)(1)." in told.stdout


def test_decide_json_has_exactly_the_published_keys(contact: Path) -> None:
    told = json.loads(brightline("decide", str(contact), "--law", "us-ny-nyc", "--json").stdout)
    assert list(told) == ["verdict", "as_verified", "findings", "rests_on", "settled_by", "horizon", "explanation"]
    assert told["verdict"] == "barred"
    assert told["as_verified"] == "unsettled"
    assert ["required_by_federal_law"] in told["rests_on"]


def test_decide_under_the_law_of_another_day(contact: Path) -> None:
    told = json.loads(
        brightline("decide", str(contact), "--law", "us-ny-nyc", "--as-of", "2012-01-01", "--json").stdout
    )
    assert told["verdict"] == "unreached"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("request:", "requst:"), "did you mean `request`"),
        (("2015-01-05", "2015-02-30"), "2015-02-30"),
        (("civil_detainer", "civil_detaner"), "civil_detainer"),
        (("actor: nypd", "actor: nypdd"), "did you mean `nypd`"),
        (("notify_release", "notify_relase"), "notify_release"),
    ],
)
def test_a_mistake_in_a_contact_is_named_with_the_nearest_valid_one(
    contact: Path, change: tuple[str, str], said: str
) -> None:
    contact.write_text(CONTACT.replace(*change))
    told = brightline("decide", str(contact))
    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decide", "nowhere.yaml"], "there is no file"),
        (["decide", "{contact}", "--law", "us-ny-nyk"], "did you mean `us-ny-nyc`?"),
        (["decide", "{contact}", "--as-of", "2015-13-01"], "no day of the calendar"),
        (["decide", "{contact}", "--reading", "x.y"], "there is no reading `x.y`"),
        (["law", "show", "us-ny-nyc/14-155"], "did you mean"),
        (["law", "test", "us-nyc"], "there is no pack or section"),
        (["law", "check", "--laws", "/nowhere"], "vocabulary.md"),
        (["audit", "sample:ice-detainer"], "did you mean"),
        (["audit", "sample:ice-detainers-fy2015", "--engine", "duckbd"], "duckdb"),
        (["audit", "sample:ice-detainers-fy2015", "--agency", "nydp"], "did you mean `nypd`"),
    ],
)
def test_no_input_gets_a_traceback(contact: Path, words: list[str], said: str) -> None:
    told = brightline(*(w.replace("{contact}", str(contact)) for w in words), cwd=contact.parent)
    assert told.returncode == 2, told.stdout + told.stderr
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_a_pack_with_errors_is_not_evaluated(tmp_path: Path, contact: Path) -> None:
    laws = tmp_path / "laws"
    (laws / "us-x").mkdir(parents=True)
    (laws / "vocabulary.md").write_text(
        '```vocabulary\nactor nypd "the police"\naction hold "hold"\nfact warrant: yes or no\n```\n'
    )
    (laws / "us-x" / "pack.md").write_text("---\npack: us-x\ntitle: X\n---\n")
    (laws / "us-x" / "1.md").write_text(
        "---\ntitle: T\ncitation: C\nin_force: ..\nsources: []\nreviewed: no\n---\n### a\n\n> Text.\n\n"
        "```norm\na forbids hold by nypd\n  when warant\n  unless a.1 warrant warrant\n```\n"
    )
    told = brightline("decide", str(contact), "--laws", str(laws))
    assert told.returncode == 2
    assert "did you mean `warrant`?" in told.stderr and "side by side" in told.stderr
    assert "2 problems; nothing was evaluated" in told.stderr
    assert not told.stdout


def test_the_law_is_shown_with_its_text(contact: Path) -> None:
    told = brightline("law", "show", "us-ny-nyc/14-154:b.1", "--on", "2015-01-05")
    assert "The department may only honor a civil immigration detainer" in " ".join(told.stdout.split())
    assert "unless b.1.i-ii" in told.stdout


def test_contacts_are_read_and_audited_again_from_parquet(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.parquet"
    read = brightline("contacts", "read", "sample:ice-detainers-fy2015", "--agency", "nyc_doc", "--to", str(contacts))
    assert read.returncode == 0, read.stderr
    told = brightline(
        "audit", str(contacts), "--law", "us-ny-nyc", "--engine", "duckdb", "--out", str(tmp_path / "out"), "--json"
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["contacts"] == pl.read_parquet(contacts).height


def test_a_report_that_was_recorded_is_proved_unchanged(tmp_path: Path) -> None:
    city, report = tmp_path / "city", tmp_path / "report"
    assert brightline("ledger", "init", str(city), "--origin", "log.city.example/2026").returncode == 0
    words = ["sample:ice-detainers-fy2015", "--agency", "nyc_doc", "--law", "us-ny-nyc", "--out", str(report)]
    told = brightline("audit", *words, "--ledger", str(city))
    assert told.returncode == 0, told.stderr
    receipt = str(report / "receipt.tlog-proof")
    proved = brightline("verify", receipt)
    assert proved.returncode == 0 and "`report.html` is unchanged" in proved.stdout, proved.stdout
    (report / "findings.csv").write_text("nothing\n", encoding="utf-8")
    proved = brightline("verify", receipt)
    assert proved.returncode == 1 and "`findings.csv` was changed" in " ".join(proved.stdout.split())


def test_rikers_island_month_by_month(tmp_path: Path) -> None:
    """The demo's counts: 127, 103, 25, 14, 10 from October 2014 to February 2015 (the data's README)."""
    words = [
        "audit",
        "sample:ice-detainers-fy2015",
        "--reader",
        "ice-detainers-fy2015",
        "--agency",
        "nyc_agency",
        "--law",
        "us-ny-nyc",
    ]
    told = brightline(*words, "--out", str(tmp_path))
    assert told.returncode == 0, told.stderr
    for name in ("report.html", "report.pdf", "findings.csv", "findings.parquet", "summary.json"):
        assert (tmp_path / name).stat().st_size > 1000
    findings = pl.read_parquet(tmp_path / "findings.parquet")
    rikers = findings.filter(pl.col("facility").str.contains("RIKERS"))
    months = rikers.group_by(pl.col("prepare_date").dt.strftime("%Y-%m").alias("month")).len().sort("month")
    assert months["len"].to_list()[:5] == [127, 103, 25, 14, 10]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert sum(summary["by_verdict"].values()) == findings.height == 838


def test_an_impossible_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = brightline(
        "audit",
        "sample:ice-detainers-fy2015",
        "--agency",
        "nyc_doc",
        "--law",
        "us-ny-nyc",
        "--out",
        str(blocked / "out"),
    )
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "command",
    [["--help"], ["decide", "--help"], ["audit", "--help"], ["law", "test", "--help"], ["contacts", "map", "--help"]],
)
def test_help_has_examples(command: list[str]) -> None:
    told = brightline(*command)
    assert told.returncode == 0
    assert "Example" in told.stdout or command == ["--help"]


def test_the_command_line_loads_no_room_that_nobody_entered() -> None:
    """`--help` and tab completion start at once: tables, plots, solvers and the web application are loaded when they are needed."""
    heavy = ("numpy", "polars", "pyarrow", "duckdb", "altair", "scipy", "z3", "django", "typst")
    told = f"import sys, brightline.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
