"""`brightline compare` as a person meets it: what it prints, what it leaves behind, and what it says of bad input."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from brightline.api import Compared, compare
from brightline.contact.read import read
from brightline.contact.samples import sample
from brightline.law.pack import Law
from brightline.reason.compare import compare as judge
from brightline.reason.comparison import Comparison
from brightline.reason.sides import side
from brightline.reason.speech import speaking
from brightline.reason.suppose import suppositions
from brightline.report import About, ReportError
from brightline.report import files as report_files
from brightline.report.comparing import render, summary, write_comparison

NAMES = {"compare.html", "changes.csv", "changes.parquet", "summary.json"}
DETAINERS = ["compare", "sample:ice-detainers-fy2015", "--agency", "nyc_agency"]
SIDES = ["--a", "us-ny-nyc@2013-06-01", "--b", "us-ny-nyc@2015-06-01"]
SUPPOSED = ["--suppose", "judicial_warrant_with_detainer=no", "--suppose", "required_by_federal_law=no"]


def brightline(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brightline.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def about(**changed: Any) -> About:
    given: dict[str, Any] = {
        "title": "Detainers under two laws", "data": "detainers.parquet", "reader": "ice-detainers", "packs": ("us-ny-nyc",),
        "made": date(2026, 11, 23), "version": "0.1.0", "noun": "detainer",
    }  # fmt: skip
    return About(**{**given, **changed})


@pytest.fixture(scope="module")
def found(law: Law) -> Comparison:
    contacts = read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_agency"]).contacts
    given = suppositions(SUPPOSED[1::2], law.vocabulary)
    return judge(contacts, side(law, SIDES[1]), side(law, SIDES[3]), suppositions=given)


# --- what it prints -----------------------------------------------------------------------------


def test_it_prints_the_changes_the_sentence_and_the_largest_groups() -> None:
    told = brightline(*DETAINERS, *SIDES, *SUPPOSED)
    assert told.returncode == 0, told.stderr
    assert "A: the law of New York City as of 1 June 2013\n" in told.stdout
    assert "Supposed, not recorded: judicial_warrant_with_detainer=no, in 838 of 838" in told.stdout
    lines = [line.rstrip() for line in told.stdout.splitlines()]
    assert "cannot tell  barred             837" in lines and "not reached  not reached          1" in lines
    assert "Of 838 detainers, 837 are judged otherwise: from “cannot tell” to “barred”." in lines
    assert any(re.match(r" +505  cannot tell → barred +8 C\.F\.R\. § 287\.7\(d\) → N\.Y\.C\.", line) for line in lines)
    assert "Not legal advice" in told.stdout


def test_two_equal_sides_change_nothing_and_it_says_so() -> None:
    told = brightline(*DETAINERS, "--a", "us-ny-nyc", "--b", "us-ny-nyc,us")
    assert told.returncode == 0, told.stderr
    assert "Both sides are the same law: nothing changes." in told.stdout
    assert "Of 838 detainers, none is judged otherwise." in told.stdout
    assert "→" not in told.stdout


def test_json_is_the_summary(tmp_path: Path) -> None:
    told = brightline(*DETAINERS, *SIDES, *SUPPOSED, "--json", "--out", str(tmp_path / "out"))
    assert told.returncode == 0, told.stderr
    printed = json.loads(told.stdout)
    files = printed.pop("files")
    assert set(files) == NAMES == {p.name for p in (tmp_path / "out").iterdir()}
    assert printed == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (
        printed["total"] == sum(printed["changes"].values()) == sum(p["contacts"] for p in printed["verdicts"]) == 838
    )
    assert printed["b"]["text"] == "us-ny-nyc@2015-06-01" and printed["b"]["as_of"] == "2015-06-01"
    assert printed["supposed"][0] == {"fact": "judicial_warrant_with_detainer", "value": "no", "contacts": 838}


def test_contacts_already_read_can_be_compared(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.parquet"
    read_ = brightline("contacts", "read", "sample:ice-detainers-fy2015", "--agency", "nyc_doc", "--to", str(contacts))
    assert read_.returncode == 0, read_.stderr
    told = brightline("compare", str(contacts), *SIDES, "--engine", "duckdb", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["total"] == pl.read_parquet(contacts).height == 332


def test_rows_that_cannot_be_read_give_exit_code_1_and_a_file(tmp_path: Path) -> None:
    examples = Path(__file__).parents[1] / "docs" / "examples"
    words = ["compare", str(examples / "requests.csv"), "--reader", str(examples / "requests.yaml")]
    sides = ["--a", "us-ny-nyc", "--b", "us-ny-nyc+no-disclosure-without-warrant"]
    told = brightline(*words, *sides, "--out", str(tmp_path))
    assert told.returncode == 1, told.stderr
    assert f"1 row could not be read: {tmp_path / 'rejected.csv'}." in told.stdout
    assert {p.name for p in tmp_path.iterdir()} == NAMES | {"rejected.csv"}
    assert "soon after Easter" in (tmp_path / "rejected.csv").read_text(encoding="utf-8")
    assert "A proposal is not law" in (tmp_path / "compare.html").read_text(encoding="utf-8")


def test_help_has_an_example() -> None:
    told = brightline("compare", "--help")
    assert told.returncode == 0 and "Example" in told.stdout and "--suppose" in told.stdout


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*DETAINERS, "--a", "us-ny-nyk", "--b", "us"], "did you mean `us-ny-nyc`?"),
        ([*DETAINERS, "--a", "us-ny-nyk", "--b", "us@2015-02-30"], "2 problems; nothing was evaluated"),
        ([*DETAINERS, "--a", "us", "--b", "us-ny-nyc+no-ice-taskforce"], "did you mean `no-ice-task-force`?"),
        ([*DETAINERS, *SIDES, "--suppose", "judicial_warant=no"], "did you mean `judicial_warrant`?"),
        ([*DETAINERS, *SIDES, "--engine", "duckbd"], "duckdb"),
        ([*DETAINERS, *SIDES, "--lang", "fr"], "choose en, es"),
        (["compare", "sample:ice-detainer", *SIDES], "did you mean"),
        (["compare", "nowhere.csv", *SIDES], "there is no such file"),
        (["compare", "odd.csv", *SIDES], "no reader knows the columns of `odd.csv`"),
        (["compare", "sample:ice-detainers-fy2015", "--agency", "nydp", *SIDES], "did you mean `nypd`"),
    ],
)
def test_no_input_gets_a_traceback(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "odd.csv").write_text("x,y\n1,2\n")
    told = brightline(*words, "--out", "out", cwd=tmp_path)
    assert told.returncode == 2, told.stdout + told.stderr
    assert said in told.stderr and "Traceback" not in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = brightline(*DETAINERS, *SIDES, "--out", str(blocked / "out"))
    assert told.returncode == 2 and "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == [blocked]


# --- what it leaves behind ----------------------------------------------------------------------


@pytest.mark.parametrize("broken", sorted(NAMES))
def test_all_files_or_none(found: Comparison, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {n: f"old {n}" for n in NAMES}
    for name, text in old.items():
        (tmp_path / name).write_text(text)
    real = report_files.write_all

    def full(path: Path) -> None:
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def on_a_full_disk(out: Path, files: dict[str, Any], tell: Any) -> dict[str, Path]:
        return real(out, {n: full if n == broken else w for n, w in files.items()}, tell)

    monkeypatch.setattr("brightline.report.comparing.write_all", on_a_full_disk)
    with pytest.raises(ReportError, match="the disk is full: nothing was written to"):
        write_comparison(found, about(), tmp_path)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == old


def test_the_files_hold_the_contacts_that_change(found: Comparison, tmp_path: Path) -> None:
    write_comparison(found, about(), tmp_path)
    rows = pl.read_parquet(tmp_path / "changes.parquet")
    assert rows.height == 837 and rows["contact"].to_list() == found.rows["contact"].to_list()
    both = ["verdict", "as_verified", "clause", "explanation", "settled_by", "turns_on", "passes_with", "passes_if"]
    assert {f"{c}_{s}" for c in both for s in "ab"} <= set(rows.columns)
    assert rows["judicial_warrant_with_detainer__shown_by"].unique().to_list() == ["a supposition, not a record"]
    with (tmp_path / "changes.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["verdict_b"] for line in lines] == rows["verdict_b"].cast(pl.String).to_list()


def test_no_cell_of_the_csv_runs_in_a_spreadsheet(law: Law, tmp_path: Path) -> None:
    contacts = read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_doc"]).contacts
    evil = contacts.with_columns(facility=pl.lit("=cmd|'/C calc'!A0"))
    write_comparison(judge(evil, side(law, SIDES[1]), side(law, SIDES[3])), about(), tmp_path)
    with (tmp_path / "changes.csv").open(newline="", encoding="utf-8") as file:
        assert {row["facility"] for row in csv.DictReader(file)} == {"'=cmd|'/C calc'!A0"}


def test_the_page_is_whole_in_itself(found: Comparison) -> None:
    page = render(found, about())
    assert page.startswith("<!doctype html>") and '<html lang="en">' in page
    assert not re.search(r"<(script|link|img|iframe|object|embed|base)\b|@import|src=", page)
    assert not re.findall(r'href="(?!#)', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert set(re.findall(r"url\(#([\w-]+)\)", page)) <= set(ids)
    assert page.count("<table") == page.count("<caption") > 8
    assert all('scope="' in head for head in re.findall(r"<th\b[^>]*>", page))
    assert "Supposed, not recorded: required_by_federal_law=no, in 838 of 838" in page
    assert render(found, about()) == page, "the same comparison gives the same page, byte for byte"


def test_what_the_source_wrote_is_text_and_no_markup(law: Law) -> None:
    contacts = read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_doc"]).contacts
    evil = "<script>alert(1)</script>"
    odd = contacts.with_columns(actor=pl.lit(evil), form=pl.Series([evil, "x"] * (contacts.height // 2)))
    page = render(judge(odd, side(law, SIDES[1]), side(law, SIDES[3])), about(title=evil, data=evil, notes=(evil,)))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_odd_comparisons_still_make_a_page(law: Law) -> None:
    contacts = read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_doc"]).contacts
    one, two = side(law, SIDES[1]), side(law, SIDES[3])
    undated = contacts.with_columns(date=pl.lit(None, dtype=pl.Date))
    for frame, a, b in (
        (contacts.clear(), one, two),
        (contacts.head(1), one, two),
        (undated, one, two),
        (contacts, one, one),
    ):
        told = judge(frame, a, b)
        assert "</html>" in render(told, about())
        assert json.dumps(summary(told, about()))
    assert "Both sides are the same law: nothing changes." in render(judge(contacts, one, one), about())


def test_the_page_says_its_language(found: Comparison) -> None:
    with speaking("es"):
        assert '<html lang="es">' in render(found, about())


def test_the_docs_name_every_key_and_column(found: Comparison) -> None:
    page = (Path(__file__).parents[1] / "docs" / "compare.md").read_text(encoding="utf-8")

    def listed(heading: str) -> set[str]:
        part = page.split(f"# {heading}\n")[1].split("\n#")[0]
        cells = re.findall(r"^\| (`[^|]+) \|", part, flags=re.M)
        return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}

    assert listed("The keys of `summary.json`") == set(summary(found, about()))
    ours = {c for c in found.rows.columns if c.startswith(("turns_on", "passes"))} | {"change"}
    assert listed("The columns of `changes.parquet`") == ours
    assert listed("What the figures mean") == set(found.changes) | {"change"}
    told = brightline("compare", "--help").stdout
    for option in listed("Options"):
        assert option.split()[0] in told


# --- from Python --------------------------------------------------------------------------------


def test_a_notebook_compares_in_one_line(law: Law) -> None:
    given = {"judicial_warrant_with_detainer": False, "required_by_federal_law": False}
    told = compare("sample:ice-detainers-fy2015", law, *SIDES[1::2], agencies=["nyc_agency"], suppose=given)
    assert isinstance(told, Compared) and told.moved == 837
    assert repr(told).startswith("Of 838 contacts, 837 are judged otherwise")
    assert "<td>cannot tell</td><td>barred</td><td>837</td>" in told._repr_html_()
