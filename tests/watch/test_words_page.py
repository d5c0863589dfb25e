"""Everything around the sentences is said in both languages, in plain words, with numbers and days as each writes them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from brightline.watch import notebook, page, words_page
from brightline.watch.diagnostics import diagnostics
from brightline.watch.drawing import Figure
from brightline.watch.plots import figures
from brightline.watch.result import Diagnostics, Result
from brightline.watch.scan_page import scan_html
from brightline.watch.words_page import PAGE, count, figure, level, many, named, p_value, percent, ratio, said, say
from tests.law.test_vocabulary_words import ease
from tests.watch.reading import age
from tests.watch.results import invented
from tests.watch.scans import invented_scan

SAME = {"rho", "p", "Brightline", "Mbar", "SHA", "plan", "real", "Factor", "factor", "no", "Plan", "Series", "series"}
SOURCES = (
    "page.py",
    "plots.py",
    "diagnostics.py",
    "notebook.py",
    "scan.py",
    "scan_page.py",
    "scan_plots.py",
    "scan_rows.py",
)


def every_language() -> list[Result]:
    """Results that between them show every figure, label, remark and warning."""
    full = invented()
    assert full.placebos is not None and full.events is not None
    off = replace(full.events.points[0], ratio=2.0, band_low=1.6, band_high=2.5)
    notes = ("partial", "late", "missing", "between", "spike", "other definition")
    points = tuple(replace(p, note=n) for p, n in zip(full.points, notes, strict=False)) + full.points[6:]
    return [
        full,
        invented(label="EXPLORATORY", plan_sha256="", planned=False, drift=True, points=points, logged="",
                 events=replace(full.events, points=(off, *full.events.points[1:]), breakdown=0),
                 placebos=replace(full.placebos, days=())),
        invented(label="FRAGILE", events=replace(full.events, breakdown=None), placebos=None, diagnostics=Diagnostics(),
                 points=full.points[-5:], against="all summonses", policy=replace(full.policy, day=None)),
    ]  # fmt: skip


def texts(html: str) -> set[str]:
    """What a reader sees or hears: text between tags, labels and names."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return {t.strip() for t in re.findall(r">([^<]+)<", body) + re.findall(r'aria-label="([^"]+)"', body)} - {""}


def data_words(told: object) -> list[str]:
    """Every word that the numbers bring with them."""
    if isinstance(told, dict):
        return [w for v in told.values() for w in data_words(v)]
    if isinstance(told, list):
        return [w for v in told for w in data_words(v)]
    return [told] if isinstance(told, str) else []


def left_over(english: set[str], spanish: set[str], data: list[str]) -> set[str]:
    """Texts that are the same in both languages and are not of the data."""
    found = set()
    for text in english & spanish:
        rest = text
        for word in sorted({w for w in data if len(w) > 1}, key=len, reverse=True):
            rest = rest.replace(word, " ").replace(word[:1].upper() + word[1:], " ")
        if set(re.findall(r"[^\W\d_]{3,}", rest)) - SAME:
            found.add(text)
    return found


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_page_in_spanish_shares_no_words_with_the_page_in_english(n: int) -> None:
    result = every_language()[n]
    data = data_words(json.loads(result.as_json()))
    english, spanish = (texts(page.html(replace(result, language=lang))) for lang in ("en", "es"))
    assert not left_over(english, spanish, data)


@pytest.mark.parametrize("day", [date(2018, 1, 1), None])
def test_a_scan_in_spanish_shares_no_words_with_the_scan_in_english(day: date | None) -> None:
    scan = invented_scan(day=day)
    data = data_words(json.loads(scan.as_json()))
    english, spanish = (texts(scan_html(replace(scan, language=lang))) for lang in ("en", "es"))
    assert not left_over(english, spanish, data)


def test_plots_notebook_and_pdf_are_in_the_language_of_the_result() -> None:
    for result in every_language():
        data = data_words(json.loads(result.as_json()))
        pairs = []
        for lang in ("en", "es"):
            one = replace(result, language=lang)
            drawn = [(f.title, f.subtitle, f.alt, f.note, *f.grid.columns) for f in figures(one)]
            pairs.append({t for words in drawn for t in words} | texts(notebook.mimebundle(one)["text/html"]))
        assert not left_over(pairs[0], pairs[1], data)
    template = (files("brightline.watch") / "page.typ").read_text(encoding="utf-8")
    quoted = re.sub(r"//.*|rgb\(.*?\)|c\.[\w.]+", "", template)
    assert not re.findall(r'(?<![\w:] )"[A-Z][a-z]+ [^"]+"', quoted.replace('"Libertinus Serif"', ""))
    assert not re.findall(r"^= \w+", template, re.MULTILINE)
    assert set(re.findall(r"c\.say\.(\w+)", template)) == set(page._PDF_WORDS)


def test_axes_count_and_name_months_in_the_language_of_the_result() -> None:
    spanish = {f.name: f for f in figures(invented(language="es"))}
    assert spanish["date-1"].plot is not None
    assert re.search(r">(ene|abr|ago|dic) 20\d\d<", spanish["date-1"].plot.wide)
    assert spanish["forest"].plot is not None and ">1,5 ×<" in spanish["forest"].plot.wide
    assert spanish["tornado"].grid.rows[0][2] == "500 a 1.100"


@pytest.mark.parametrize("file", SOURCES)
def test_no_key_is_used_that_has_no_words(file: str) -> None:
    text = (files("brightline.watch") / file).read_text(encoding="utf-8")
    call = r"\bsay_of_page" if file == "scan.py" else r"\bsay"  # a scan's sentences are in the other table
    assert set(re.findall(call + r'\(\s*"(\w+)"', text)) <= set(PAGE)


def test_templates_use_only_keys_that_have_words() -> None:
    for name in ("layout.html.j2", "page.html.j2", "scan.html.j2"):
        text = (files("brightline.watch") / name).read_text(encoding="utf-8")
        assert set(re.findall(r'say\("(\w+)"', text)) <= set(PAGE)
        bare = re.findall(r">\s*([A-Za-z]{3,}[^<{]*)<", re.sub(r"{[%#{].*?[%#}]}", "", text))
        assert [b for b in bare if b != "SHA-256 "] == []


def test_both_languages_have_the_same_parts() -> None:
    for key, pair in PAGE.items():
        english, spanish = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in pair)
        assert all(pair) and english == spanish, key


def filled(text: str) -> str:
    return Formatter().vformat(text, (), {name: "10" for _, name, _, _ in Formatter().parse(text) if name})


def sentences(language: int) -> list[str]:
    return [filled(pair[language]) for key, pair in PAGE.items() if len(pair[0]) > 40 and not key.startswith("axis")]


def test_the_words_of_the_page_read_at_sixteen() -> None:
    assert age(sentences(0)) <= 16


def test_the_spanish_words_of_the_page_read_as_easily() -> None:
    assert ease(*sentences(1)) >= 60


# --- numbers and days


@pytest.mark.parametrize(
    "written, english, spanish",
    [
        (lambda lang: count(1234567, lang), "1,234,567", "1.234.567"),
        (lambda lang: count(12.34, lang), "12.3", "12,3"),
        (lambda lang: ratio(2.414, lang), "2.41", "2,41"),
        (lambda lang: ratio(0.0042, lang), "0.004", "0,004"),
        (lambda lang: ratio(1e-9, lang), "< 0.001", "< 0,001"),
        (lambda lang: ratio(float("inf"), lang), "without end", "sin límite"),
        (lambda lang: p_value(0.0001, lang), "< 0.001", "< 0,001"),
        (lambda lang: percent(0.025, lang, 1), "2.5\N{NO-BREAK SPACE}%", "2,5\N{NO-BREAK SPACE}%"),
        (lambda lang: figure(0.00002, lang), "0.00002", "0,00002"),
        (lambda lang: many(1, "month", lang), "1 month", "1 mes"),
        (lambda lang: many(8, "month", lang), "8 months", "8 meses"),
        (lambda lang: said(date(2025, 4, 28), lang), "28 April 2025", "28 de abril de 2025"),
        (lambda lang: named(date(2025, 4, 1), "quarter", lang), "April to June 2025", "abril a junio de 2025"),
        (lambda lang: named(date(2025, 4, 7), "week", lang), "the week of 7 April 2025", "la semana del 7 de abril de 2025"),
        (lambda lang: named(date(2025, 4, 1), "month", lang), "April 2025", "abril de 2025"),
    ],
)  # fmt: skip
def test_numbers_and_days_are_written_as_each_language_does(written: Any, english: str, spanish: str) -> None:
    assert (written("en"), written("es")) == (english, spanish)


@pytest.mark.parametrize("written", [count, figure, ratio, p_value, percent])
def test_what_is_unknown_is_never_written_as_zero(written: Any) -> None:
    assert written(None, "en") == written(None, "es") == words_page.UNKNOWN


def test_a_diagnostic_that_is_unknown_says_so() -> None:
    empty = invented(language="es", diagnostics=Diagnostics())
    assert {i.value for i in diagnostics(empty)} == {"no se sabe"}


# --- the level


def shown(drawn: list[Figure]) -> str:
    return " ".join(
        " ".join((f.title, f.subtitle, f.alt, f.note, *f.grid.columns, f.plot.wide if f.plot else "")) for f in drawn
    )


def test_the_level_of_the_intervals_follows_alpha() -> None:
    result = invented(alpha=0.1)
    drawn = [f for f in figures(result) if not f.name.startswith("date")]  # a date's own interval is always of 95 %
    assert "95\N{NO-BREAK SPACE}%" not in shown(drawn) and "90\N{NO-BREAK SPACE}%" in shown(drawn)
    assert page.facts(result)[0]["of"].startswith("90\N{NO-BREAK SPACE}% interval")
    assert level(0.025, "es") == "97,5\N{NO-BREAK SPACE}%"
    assert say("c_interval_of", "es", level=level(0.05, "es")) == "Intervalo del 95\N{NO-BREAK SPACE}%"
