"""A scan's page says first that it answers nothing, then how much chance would give, and never a ratio without its interval."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from brightline.cli_watch import watch_app
from brightline.watch.problems import WatchError
from brightline.watch.result import read_scan
from brightline.watch.scan import scan
from brightline.watch.scan_page import MOST_ROWS, scan_html, write_scan
from brightline.watch.scan_plots import bins, scan_figures
from brightline.watch.scan_rows import rows_grid
from tests.watch.invented import loaded
from tests.watch.reading import age
from tests.watch.scans import invented_scan, row
from tests.watch.test_cli_watch import table
from tests.watch.test_scan import DAY, city


@pytest.fixture(scope="module")
def text() -> str:
    return scan_html(invented_scan())


def test_it_writes_every_file(tmp_path: Path) -> None:
    made = write_scan(invented_scan(300), tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["scan.html", "scan.json", "scan.parquet"]
    frame = pl.read_parquet(made["scan.parquet"])
    assert len(frame) == 300
    assert frame["ratio"][299] is None and frame["events"][299] is None
    assert set(frame["label"]) == {"EXPLORATORY"}
    assert read_scan(made["scan.json"].read_text()) == invented_scan(300)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WatchError, match="cannot be written"):
        write_scan(invented_scan(), tmp_path / "file")


def test_what_was_there_before_stays_when_one_file_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write_scan(invented_scan(), tmp_path)
    before = made["scan.html"].read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("brightline.watch.scan_page.rows_frame", full)
    with pytest.raises(WatchError, match="No space left"):
        write_scan(invented_scan(50), tmp_path)
    assert made["scan.html"].read_text() == before
    assert not list(tmp_path.glob(".*"))


def test_it_shouts_that_it_explores_before_it_says_anything(text: str) -> None:
    assert text.index('<p class="word">EXPLORATORY</p>') < text.index('class="lede"')
    assert "A scan finds questions and answers none." in text


def test_it_says_how_many_chance_would_give(text: str) -> None:
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd><strong>([^<]+)</strong>", text))
    assert facts["Series looked at"] == "60"
    assert facts["Moved after the date"] == "3"
    assert facts["By chance alone, each tested by itself"] == "3"  # 2.95 in two digits


def test_no_ratio_stands_without_its_interval() -> None:
    scan_ = invented_scan()
    for grid, column in ((rows_grid(scan_, list(scan_.rows)), 4), (scan_figures(scan_)[2].grid, None)):
        told = [r[column] if column else f"{r[1]} ({r[2]})" for r in grid.rows]
        assert all(cell == "–" or re.fullmatch(r"\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)", cell) for cell in told)


def test_found_series_stand_first_and_most_rows_are_in_the_file() -> None:
    late = replace(invented_scan(300), rows=(*(row(n) for n in range(299)), row(299, found=True, name="the found one")))
    text = scan_html(late)
    body = text[text.index('<section id="series"') :]
    names = re.findall(r'<th scope="row">([^<]+)</th>', body)
    assert len(names) == MOST_ROWS and names[0] == "the found one"
    assert "200 of 300; all of them are in scan.parquet" in body


def test_what_is_unknown_is_a_dash_and_never_zero() -> None:
    grid = rows_grid(invented_scan(), list(invented_scan().rows[-1:]))
    assert grid.rows[0][2:] == ("–", "–", "–", "–", "")
    one = row(1, low=None)
    assert "no interval" in rows_grid(invented_scan(), [one]).rows[0][4]


def test_words_of_the_data_are_escaped() -> None:
    bad = row(0, name='<script>alert("a")</script>', place='"><img src=x>', note="<b>x</b>", found=True)
    text = scan_html(replace(invented_scan(), rows=(bad,), source="<i>s</i>.csv"))
    assert "<script>" not in text and "<img" not in text and "<b>x" not in text
    assert "<i>" not in text


def test_nothing_is_fetched(text: str) -> None:
    assert not re.search(r"<(script|link|img|iframe|object)\b", text)
    assert not re.search(r"@import|url\(\s*[\"']?http", text)


def test_without_a_date_nothing_is_tested_and_nothing_is_said_of_it() -> None:
    scan_ = replace(invented_scan(), day=None, tested=0, found=0)
    text = scan_html(
        replace(scan_, rows=tuple(replace(r, p=None, adjusted=None, ratio=None, found=False) for r in scan_.rows))
    )
    assert "Adjusted p" not in text and 'id="clearest"' not in text and 'id="chance"' not in text
    assert "no date was asked for" in text


def test_the_bars_in_time_hold_every_change_once() -> None:
    figure = scan_figures(invented_scan())[0]
    told = sum(int(cell) for r in figure.grid.rows for cell in r[1:])
    assert figure.name == "when" and told == 59
    starts, together = bins(invented_scan())
    assert (len(starts), together) == (66, 2)


def test_many_changes_at_once_are_a_warning() -> None:
    same = tuple(replace(r, changes=(date(2015, 3, 1),)) for r in invented_scan().rows)
    figure = scan_figures(replace(invented_scan(), rows=same))[0]
    assert "the way of counting changed" in figure.note
    assert "the way of counting changed" not in scan_figures(invented_scan())[0].note


def test_few_tests_are_not_drawn_as_a_spread() -> None:
    few = replace(invented_scan(), rows=invented_scan().rows[:12])
    assert [f.name for f in scan_figures(few)] == ["when", "clearest"]


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_every_length_of_period_can_be_drawn(period: str) -> None:
    assert "<svg" in scan_html(invented_scan(period=period))


def test_the_page_reads_at_sixteen(text: str) -> None:
    body = re.sub(r"<(style|svg|table|title|code|h1)\b.*?</\1>", " ", text, flags=re.DOTALL)
    blocks = re.findall(r"<(?:p|li|span|h2|div)\b[^>]*>([^<]{25,})", body)
    said = [s for block in blocks for s in re.split(r"(?<=[.?!])\s+", block)]
    assert len(said) > 20
    assert age(said) <= 16, age(said)


# --- the scan behind it


def test_the_order_of_the_series_changes_nothing_but_the_time() -> None:
    told = [json.loads(scan(loaded(*series), day=DAY).as_json()) for series in (city(24), city(24)[::-1])]
    for one in told:
        del one["made"], one["seconds"]
    assert told[0] == told[1]


def test_the_same_scan_gives_the_same_page() -> None:
    assert scan_html(invented_scan()) == scan_html(invented_scan())


def test_a_scan_in_spanish_has_spanish_remarks() -> None:
    few = [replace(s, values=s.values * 0) if i == 3 else s for i, s in enumerate(city(12))]
    made = scan(loaded(*few), day=DAY, language="es")
    assert made.language == "es"
    assert next(r for r in made.rows if r.name == "violation 3").note == "no se contó nada"


def test_a_series_without_counts_has_an_unknown_sum() -> None:
    gone = [replace(s, values=s.values + float("nan")) if i == 3 else s for i, s in enumerate(city(12))]
    made = scan(loaded(*gone), day=DAY)
    assert next(r for r in made.rows if r.name == "violation 3").events is None


def test_the_rows_that_are_shown_first_have_the_range_of_their_date() -> None:
    made = scan(loaded(*city()), day=DAY, posteriors_for=8)
    dated = [r for r in made.rows if r.changes]
    assert all(r.change_low is not None for r in dated[:8]) and all(r.change_low is None for r in dated[8:])


# --- from the terminal


def run(*words: str | Path) -> Any:
    made = CliRunner().invoke(watch_app, [str(w) for w in words])
    assert made.exception is None or isinstance(made.exception, SystemExit), made.exception
    return made


def test_a_folder_holds_the_page_and_is_shown_again(tmp_path: Path) -> None:
    columns = [(s.name, s.values) for s in city(12)]
    file = table(tmp_path / "many.csv", *columns)
    made = run(
        "scan", file, "--date", "2027-05-01", "--out", tmp_path / "out", "--lang", "es", "--log", tmp_path / "log.jsonl"
    )
    assert made.exit_code == 0 and made.output.startswith("EXPLORATORIO")
    assert f"Escrito en {tmp_path / 'out'}" in made.output
    assert '<html lang="es">' in (tmp_path / "out" / "scan.html").read_text()
    again = run("show", tmp_path / "out")
    assert again.output.strip() == made.output.split("\nEscrito en")[0].strip()
    assert json.loads(run("show", tmp_path / "out", "--json").stdout)["language"] == "es"


def test_a_scan_with_holes_is_shown_and_brackets_in_a_name_stay(tmp_path: Path) -> None:
    holes = replace(invented_scan(), rows=(row(0, low=None, high=None, name="[bold]a[/]"), *invented_scan().rows[-1:]))
    (tmp_path / "scan.json").write_text(holes.as_json())
    made = run("show", tmp_path)
    assert made.exit_code == 0 and "no interval" in made.output and "[bold]a[/]" in made.output
    assert run("show", tmp_path, "--most", "0").exit_code == 0


def test_a_scan_of_an_older_version_is_in_english(tmp_path: Path) -> None:
    told = json.loads(invented_scan().as_json())
    del told["language"]
    (tmp_path / "old.json").write_text(json.dumps(told))
    assert run("show", tmp_path / "old.json").output.startswith("EXPLORATORY")


@pytest.mark.parametrize("body", ["[]", "null", "3", '"by_chance"', '["by_chance"]', '{"by_chance": []}', "{", ""])
def test_what_is_no_scan_is_a_sentence(tmp_path: Path, body: str) -> None:
    (tmp_path / "scan.json").write_text(body)
    made = run("show", tmp_path)
    assert made.exit_code == 2 and "Traceback" not in made.output and "of the watch" in made.output


# --- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme, language", [("light", "es"), ("dark", "en")])
def test_the_page_fits_its_screen_and_is_accessible(
    chromium: Any, tmp_path: Path, width: int, scheme: str, language: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    (tmp_path / "a.html").write_text(scan_html(invented_scan(language=language)), encoding="utf-8")
    tab = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda r: asked.append(r.url))
    tab.goto((tmp_path / "a.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(tab)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.focus("#series .scroll")  # whoever has no mouse scrolls the table with the arrows
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.querySelector('#series .scroll')).overflowY") == "visible"
    tab.close()
    assert found.violations_count == 0, found.generate_report()
    assert [u for u in asked if not u.startswith("file:")] == []
