"""A scan's page says first that it answers nothing, then how much chance would give, and never a ratio without its interval."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pypdfium2
import pytest
from typer.testing import CliRunner

from brightline.cli_watch import watch_app
from brightline.watch.problems import WatchError
from brightline.watch.result import read_scan
from brightline.watch.scan import scan
from brightline.watch.scan_page import _PDF_WORDS, MOST_ROWS, scan_content, scan_html, scan_pdf, write_scan
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
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "scan.html", "scan.json", "scan.parquet", "scan.pdf",
    ]  # fmt: skip
    assert made["scan.pdf"].read_bytes().startswith(b"%PDF")
    frame = pl.read_parquet(made["scan.parquet"])
    assert len(frame) == 300
    assert frame["ratio"][299] is None and frame["events"][299] is None
    assert set(frame["label"]) == {"EXPLORATORY"}
    assert read_scan(made["scan.json"].read_text()) == invented_scan(300)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WatchError, match="cannot be written"):
        write_scan(invented_scan(), tmp_path / "file")


@pytest.mark.parametrize(
    "broken, fault, said",
    [
        ("scan_page.rows_frame", OSError(28, "No space left on device"), "No space left"),
        ("printed.typst.compile", RuntimeError("file not found"), "the PDF could not be set: file not found"),
    ],
)
def test_what_was_there_before_stays_when_one_file_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, fault: Exception, said: str
) -> None:
    made = write_scan(invented_scan(), tmp_path)
    before = {name: path.read_bytes() for name, path in made.items()}

    def fails(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(f"brightline.watch.{broken}", fails)
    with pytest.raises(WatchError, match=said):
        write_scan(invented_scan(50), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


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


# --- printed


def pages(made: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages]


def words(text: str) -> str:
    """The text without the ends of its lines: where a line ends is the layout's."""
    return " ".join(text.split())


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def printed() -> list[str]:
    return pages(scan_pdf(invented_scan()))


def test_the_pdf_says_what_the_page_says(printed: list[str]) -> None:
    told, text = scan_content(invented_scan()), words(" ".join(printed))
    facts = [f["value"] for f in told["facts"]] + [f["name"] for f in told["facts"]]
    drawn = [w for f in scan_figures(invented_scan()) for w in (f.title, f.subtitle, f.note)]
    again = [told["source"], told["span"], told["day"], told["data_sha256"], told["made_with"], told["took"]]
    for said in (
        told["headline"], *told["sentences"], told["label_means"], told["dek"], *facts, *told["flags"], *drawn, told["rows_how"],
        *told["how"], *again,
    ):  # fmt: skip
        assert words(said) in text


def test_every_series_stands_in_the_pdf_under_a_header_on_each_page(printed: list[str]) -> None:
    grid = rows_grid(invented_scan(), list(invented_scan().rows))
    text = letters("".join(printed))
    assert all(letters("".join(r[:3])) in text for r in grid.rows)
    with_rows = [page for page in printed if re.search(r"kind \d+\s+Exampleton\s+1,2\d\d", page)]
    assert len(with_rows) > 1
    assert all(letters("Last change of level") in letters(page) for page in with_rows)


def test_each_page_of_the_pdf_says_that_it_explores(printed: list[str]) -> None:
    assert len(printed) > 2
    for n, page in enumerate(printed, 1):
        assert "EXPLORATORY · made on 2026-11-28T19:30:00Z with Brightline 0.1.0" in words(page)
        assert f"Page {n} of {len(printed)}" in words(page)
        assert n == 1 or words(page).startswith("EXPLORATORY · Which of many series changed after 1 January 2018?")


def test_the_pdf_has_as_many_rows_as_the_page_and_says_so() -> None:
    text = words(" ".join(pages(scan_pdf(invented_scan(300), drawn=[]))))
    assert f"Here are {MOST_ROWS} of 300; all of them are in scan.parquet." in text
    assert f"kind {MOST_ROWS - 1} Exampleton" in text and f"kind {MOST_ROWS} Exampleton" not in text


def test_the_same_scan_gives_the_same_pdf() -> None:
    assert scan_pdf(invented_scan(30)) == scan_pdf(invented_scan(30))


def test_the_pdf_is_in_the_language_of_the_scan() -> None:
    made = scan_pdf(invented_scan(language="es", sentences=("Series probadas: 59; halladas: 3.",)))
    told = pages(made)
    assert pypdf.PdfReader(BytesIO(made)).root_object["/Lang"] == "es"
    assert all("EXPLORATORIO · hecho el" in words(page) for page in told)
    text = words(" ".join(told))
    for said in (
        "Series probadas: 59; halladas: 3.", "Léase con cuidado", "Las series", "Qué se hizo", "Para repetirlo", "1,20 (0,80 a 2,60)",
    ):  # fmt: skip
        assert said in text
    assert not re.search(r"\b(The|the|Read|Series looked|Hash of)\b", text)


def test_names_that_would_be_markup_come_out_as_they_are() -> None:
    names = (
        "#let x = 3", "*a* and _b_", "$x^2$", "[c", "d]", "\\", "\\u{41}", "`e`", "= f", "- g", "@h <h>", "// i", "/* j */", "~k", "#panic()", '"l"', "l's",
        "2--3 ...",
    )  # fmt: skip
    rows = tuple(row(n, name=name, place=f"in {name}", note=f"{name}!") for n, name in enumerate(names))
    text = words(
        " ".join(pages(scan_pdf(replace(invented_scan(), rows=rows, source="#s *s* $.csv", sentences=("#t *t* $",)))))
    )
    for name in names:
        assert f"{name} in {name} 1,2" in text and f"{name}!" in text
    assert "Scanned: #s *s* $.csv, by month" in text and "#t *t* $ Series looked at" in text


def test_a_name_wider_than_its_column_is_broken_and_stays_on_the_paper() -> None:
    long = ("x" * 150, "operating_a_vehicle_with_obstructed_view_of_the_rear_window", "word " * 60)
    rows = tuple(row(n, name=name.strip(), place=name.strip(), note=name.strip()) for n, name in enumerate(long))
    made = scan_pdf(replace(invented_scan(), rows=rows, source="s" * 200), drawn=[])
    with contextlib.closing(pypdfium2.PdfDocument(made)) as document:
        texts = [page.get_textpage() for page in document]
        for right in [max(text.get_charbox(i)[2] for i in range(text.count_chars())) for text in texts]:
            assert right < 612 - 64.8 + 2  # the paper without its margin; a letter may stand out of its box a little
    told = "".join(pages(made))
    assert not re.search("x{40}", told)  # no cell runs into the next
    assert told.count("(0.80 to 2.60)") == 3  # a number is never broken for it
    assert "s" * 200 in letters(told) and long[1] in letters(told)


def test_a_scan_without_rows_can_be_printed() -> None:
    assert "To run it again" in words(" ".join(pages(scan_pdf(replace(invented_scan(), rows=())))))


def test_the_templates_of_the_pdf_have_no_words_of_their_own() -> None:
    for name in ("layout.typ", "scan.typ"):
        text = re.sub(r"//.*|rgb\(.*?\)|c\.[\w.]+", "", (files("brightline.watch") / name).read_text(encoding="utf-8"))
        assert not re.findall(r'(?<![\w:] )"[A-Z][a-z]+ [^"]+"', text.replace('"Libertinus Serif"', ""))
    template = (files("brightline.watch") / "scan.typ").read_text(encoding="utf-8")
    assert set(re.findall(r"c\.say\.(\w+)", template)) == set(_PDF_WORDS)


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
