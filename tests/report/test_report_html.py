"""The page: whole in itself, and of use to whoever cannot see it."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from brightline.law.pack import Law
from brightline.report import html
from brightline.report.content import content
from brightline.report.files import write_report
from tests.report import made


class Seen(HTMLParser):
    """Every tag with its attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attrs for t, attrs in self.tags if t == tag]


@pytest.fixture(scope="session")
def page(written: dict[str, Path]) -> str:
    return written["report.html"].read_text(encoding="utf-8")


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    seen = Seen(page)
    assert not [t for t, _ in seen.tags if t in ("script", "link", "img", "iframe", "object", "embed", "base", "use")]
    assert not [a for _, a in seen.tags if "src" in a or "srcset" in a or "poster" in a or "xlink:href" in a]
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", page)
    assert not [k for _, a in seen.tags for k in a if k.startswith("on")]
    outside = [a["href"] for _, a in seen.tags if "href" in a and not a["href"].startswith("#")]
    assert outside and all(h.startswith("https://") for h in outside), "only the sources of the law are linked"


def test_every_plot_has_a_sentence_and_a_table_beside_it(page: str) -> None:
    plots = [a for a in Seen(page).of("svg") if "plot" in a.get("class", "")]
    assert len(plots) == 8  # four figures, each for a page and for a phone
    assert all(a["role"] == "img" and len(a["aria-label"]) > 40 for a in plots)
    front, *sections = page.split("<section")[1:]
    assert '<a href="#over-time">The counts behind this drawing, as tables</a>' in front
    for section in sections:
        if "<figure" in section:
            assert "<table" in section.split("<figure", 1)[1]


def test_headings_descend_one_step_at_a_time(page: str) -> None:
    main = page.split('<nav class="contents"')[0]
    levels = [int(t[1]) for t, _ in Seen(main).tags if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_tables_have_captions_and_scopes_and_can_be_reached_by_keyboard(page: str) -> None:
    seen = Seen(page)
    assert len(seen.of("table")) == len(seen.of("caption")) > 10
    assert all(a.get("scope") in ("col", "row") for a in seen.of("th"))
    regions = [a for a in seen.of("div") if a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in regions)
    assert 'class="skip" href="#findings"' in page and '<html lang="en">' in page


def test_every_id_stands_once_and_every_link_inside_has_its_place(page: str) -> None:
    ids = [a["id"] for _, a in Seen(page).tags if "id" in a]
    assert len(ids) == len(set(ids))
    inside = {a["href"][1:] for _, a in Seen(page).tags if a.get("href", "").startswith("#")}
    assert inside <= set(ids)
    assert set(re.findall(r"url\(#([\w-]+)\)", page)) <= set(ids)


def test_what_the_source_wrote_is_text_and_no_markup(small_law: Law) -> None:
    evil = "<script>alert(1)</script>"
    findings = made.frame(made.finding(facility=evil, explanation=evil, actor=evil))
    page = html.render(content(findings, small_law, made.about(title=evil, data=evil)))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_empty_and_odd_findings_still_make_a_page(small_law: Law, tmp_path: Path) -> None:
    cases = {
        "none": made.frame(),
        "one": made.frame(made.finding()),
        "no dates": made.frame(made.finding(date=None, verdict="unsettled", norm=None, clause=None, settled_by="date")),
        "no agency": made.frame(made.finding(actor=None)),
        "unreached": made.frame(made.finding(verdict="unreached", norm=None, clause=None, settled_by=None)),
        "a week": made.frame(*[made.finding(date=date(2015, 1, d)) for d in (5, 6, 12)]),
        "twenty years": made.frame(*[made.finding(date=date(y, 6, 1)) for y in range(2000, 2021)]),
        "a law not there": made.frame(made.finding(norm="us-xx/1:a", clause="§ 1(a)")),
    }
    for name, findings in cases.items():
        files = write_report(findings, small_law, made.PACKS, made.about(), tmp_path / name)
        assert "</html>" in files["report.html"].read_text(), name
        assert pl.read_parquet(files["findings.parquet"]).height == findings.height
