"""The page says first what was found and how far it can be trusted, opens offline, and is read by everybody."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest

from brightline.watch import notebook, page
from brightline.watch.diagnostics import diagnostics
from brightline.watch.plots import figures
from brightline.watch.problems import WatchError
from brightline.watch.result import Diagnostics, read_result
from tests.watch.reading import age
from tests.watch.results import invented


@pytest.fixture(scope="module")
def text() -> str:
    return page.html(invented())


def test_it_writes_every_file(tmp_path: Path) -> None:
    result = invented()
    made = page.write(result, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(made)
    assert made["result.pdf"].read_bytes().startswith(b"%PDF")
    assert read_result(made["result.json"].read_text()) == result
    series = pl.read_parquet(made["series.parquet"])
    assert len(series) == len(result.points)
    assert series["count"][40] is None
    assert pl.read_parquet(made["estimates.parquet"])["ratio"][0] == 2.41
    assert series["plan_sha256"][0] == result.plan_sha256


def test_the_same_result_gives_the_same_pdf() -> None:
    result = invented()
    drawn = figures(result)[:2]
    assert page.pdf_of(result, drawn) == page.pdf_of(result, drawn)


def test_each_page_of_the_pdf_has_its_label() -> None:
    result = invented(label="FRAGILE")
    made = page.pdf_of(result, figures(result)[:2])
    told = [one.extract_text() for one in pypdf.PdfReader(BytesIO(made)).pages]
    assert len(told) > 1
    assert all("FRAGILE · made on" in text for text in told)
    assert result.headline in " ".join(told[0].split())


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WatchError, match="cannot be written"):
        page.write(invented(), tmp_path / "file" / "out", pdf=False)


@pytest.mark.parametrize("label", ["EXPLORATORY", "FRAGILE"])
def test_a_label_that_takes_the_result_back_stands_above_it(label: str) -> None:
    text = page.html(invented(label=label))
    assert f'<p class="word">{label}</p>' in text
    assert text.index(f">{label}<") < text.index('class="lede"')
    assert f"<title>{label}: " in text
    footer = text[text.index("<footer>") :]
    assert label in footer


def test_the_summary_stands_before_every_drawing(text: str) -> None:
    assert text.index("Summonses rose to about 2.4 times") < text.index("<figure>")


def test_nothing_is_fetched(text: str) -> None:
    assert not re.search(r"<(script|link|img|iframe|object)\b", text)
    assert not re.search(r"@import|url\(\s*[\"']?http", text)


def test_every_diagnostic_is_on_the_page_also_those_that_are_unknown(text: str) -> None:
    shown = diagnostics(invented())
    assert len(shown) == len(fields(Diagnostics))
    for item in shown:
        assert f'<th scope="row">{item.name}</th>' in text
    empty = diagnostics(invented(diagnostics=Diagnostics()))
    assert {i.value for i in empty} == {"unknown"}


def test_refusals_flags_sources_and_hashes_are_on_the_page(text: str) -> None:
    for said in (
        "There is no control series.", "December 2025 was not counted to its end", "counts.csv", "12" * 32, "34" * 32, "ab" * 32,
        "https://example.org/rule", "the plan was logged before the counts were read", "First precinct", "not tested",
    ):  # fmt: skip
        assert said in text


def test_words_of_the_data_are_escaped() -> None:
    text = page.html(invented(question="<script>alert(1)</script>", place='"><b>x'))
    assert "<script>" not in text
    assert "<b>x" not in text


def test_each_plot_has_a_name_for_people_who_do_not_see_it(text: str) -> None:
    drawings = re.findall(r'<svg class="plot \w+" role="img" aria-label="([^"]+)"', text)
    assert len(drawings) == text.count('<svg class="plot')
    assert all(len(alt) > 30 for alt in drawings)


def test_the_page_reads_at_sixteen(text: str) -> None:
    body = re.sub(r"<(style|svg|table|title|code|h1)\b.*?</\1>", " ", text, flags=re.DOTALL)
    blocks = re.findall(r"<(?:p|li|span|h2|div)\b[^>]*>([^<]{25,})", body)
    said = [s for block in blocks for s in re.split(r"(?<=[.?!])\s+", block)]
    assert len(said) > 30
    assert age(said) <= 16, age(said)


def test_the_meaning_of_each_diagnostic_reads_at_sixteen() -> None:
    assert age([i.meaning for i in diagnostics(invented(diagnostics=Diagnostics()))]) <= 16


def test_code_between_backticks_is_code() -> None:
    assert str(page.coded("say `a < b` there")) == "say <code>a &lt; b</code> there"


def test_the_number_of_a_fall_is_the_smallest_fall_likely_to_be_noticed() -> None:
    result = invented()
    assert result.primary is not None
    fell = replace(result, primary=replace(result.primary, ratio=0.4, low=0.3, high=0.6))
    named = {f["name"]: f["value"] for f in page.facts(fell)}
    assert named["Smallest fall that is likely to be noticed"] == "0.62 ×"
    assert {f["name"]: f["value"] for f in page.facts(result)}["Smallest rise that is likely to be noticed"] == "1.60 ×"


def test_a_result_draws_itself_in_a_notebook() -> None:
    few = invented(label="FRAGILE", events=None, weights=None, exposure=None, changes=())
    bundle = notebook.Shown(few)._repr_mimebundle_()
    assert bundle["text/plain"].startswith("FRAGILE\nSummonses rose")
    assert bundle["text/html"].count("<svg") == 3
    notebook.install()
    assert "text/html" in few._repr_mimebundle_()  # type: ignore[attr-defined]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_screen_and_is_accessible(
    chromium: Any, text: str, tmp_path: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    tab = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda r: asked.append(r.url))
    tab.goto((tmp_path / "a.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(tab)
    tab.close()
    assert found.violations_count == 0, found.generate_report()
    assert [u for u in asked if not u.startswith("file:")] == []
