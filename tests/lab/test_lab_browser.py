"""The workbench in a real browser: a reform is written, a loophole closes, and opens again when it is undone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import REPEAL

pytestmark = pytest.mark.browser

WAIT = 45_000  # milliseconds; other work may share the machine
CLOSED = "[data-status=closed]"


@pytest.fixture
def seen() -> dict[str, list[str]]:
    return {"requests": [], "errors": []}


@pytest.fixture
def page(chromium: Any, lab_address: str, seen: dict[str, list[str]]) -> Iterator[Any]:
    """A page on the workbench. What it asked for and what went wrong in it is looked at when the test is over."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1600}, locale="en-US")
    yield opened(context, lab_address, seen)
    context.close()
    assert seen["errors"] == []
    elsewhere = [r for r in seen["requests"] if not r.startswith((lab_address, "data:", f"blob:{lab_address}"))]
    assert elsewhere == []


def opened(context: Any, address: str, seen: dict[str, list[str]]) -> Any:
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.on("request", lambda r: seen["requests"].append(r.url))
    page.on("pageerror", lambda e: seen["errors"].append(str(e)))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type in ("error", "warning") else None)
    page.goto(address)
    ready(page)
    return page


def ready(page: Any) -> None:
    """Every answer has come: the list of loopholes stands, and nothing is under way."""
    page.wait_for_selector("#loopholes[aria-busy=false] .loophole")


def write(page: Any, text: str) -> None:
    """Put the text in as typing does, so that the browser's undo knows it."""
    page.focus("#text")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def until(page: Any, script: str, wanted: object = True) -> None:
    """Wait until the script gives this. Asked from outside: the page's own policy lets nothing be evaluated in it."""
    end = time.monotonic() + WAIT / 1000
    while (found := page.evaluate(script)) != wanted:
        assert time.monotonic() < end, f"{script} is {found!r}"
        page.wait_for_timeout(50)


def count_closed(page: Any) -> int:
    return int(page.locator(CLOSED).count())


# --- writing ------------------------------------------------------------------------------------------------


def test_a_reform_closes_a_loophole_and_undoing_it_opens_it_again(page: Any) -> None:
    assert count_closed(page) == 0
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    assert re.search(r"8 now. With your reform: 4 closed, 4 open", page.inner_text("#counts"))
    assert "closed" in page.locator(CLOSED).first.inner_text()
    page.keyboard.press("Control+Z")
    page.wait_for_selector("[data-status=now]")
    assert count_closed(page) == 0
    assert page.inner_text("#counts") == "8 now."


def test_typed_key_by_key_the_text_is_checked_and_proven(page: Any) -> None:
    write(page, REPEAL.replace("repeal\n```", ""))
    page.wait_for_selector("#mistakes li")
    page.keyboard.press("Control+End")
    page.keyboard.press("Backspace")
    page.keyboard.type("repeal\n```\n")
    page.wait_for_selector(CLOSED)
    assert page.input_value("#text").endswith("e.i: repeal\n```\n")


def test_a_mistake_names_its_line_and_its_button_moves_the_caret_there(page: Any) -> None:
    write(page, REPEAL.replace("e.i:", "e.x:"))
    item = page.wait_for_selector("#mistakes li")
    assert "Line 15, column 8" in item.inner_text() and "Did you mean" in item.inner_text()
    assert page.inner_text(".gutter .wrong") == "15"
    page.keyboard.press("Control+Home")
    page.click("#mistakes button")
    where = page.evaluate("[text.selectionStart, text.value.slice(text.selectionStart, text.selectionEnd)]")
    assert where == [REPEAL.index("us-ny-nyc/10-178"), "us-ny-nyc/10-178:e.x"]
    assert page.evaluate("document.activeElement.id") == "text"
    until(page, "document.getElementById('note').textContent.includes('the text has mistakes')")


def test_the_caret_is_right_after_letters_beyond_the_basic_plane(page: Any) -> None:
    write(
        page,
        REPEAL.replace("# none", "").replace("amends us-ny-nyc/", "# 𝔘𝔘𝔘\namends us-ny-nyc/").replace("e.i:", "e.x:"),
    )
    page.wait_for_selector("#mistakes li")
    page.click("#mistakes button")
    assert page.evaluate("text.value.slice(text.selectionStart, text.selectionEnd)") == "us-ny-nyc/10-178:e.x"


def test_amend_this_clause_puts_a_skeleton_into_the_text_that_undo_takes_back(page: Any) -> None:
    before = page.input_value("#text")
    page.select_option("#section", "us-ny-nyc/10-178")
    page.click("[id='clause-e.i'] button")
    text = page.input_value("#text")
    assert "### r.1 — " in text and "amends us-ny-nyc/10-178:e.i: add\n  but not if r.1 " in text
    assert page.evaluate("text.value.slice(text.selectionStart, text.selectionEnd)") == "the_fact_that_closes_it"
    page.wait_for_selector("#mistakes li")
    page.keyboard.insert_text("civil_immigration_purpose")
    page.wait_for_selector(CLOSED)
    for _ in range(2):
        page.keyboard.press("Control+Z")
    until(page, "text.value", before)


def test_a_shipped_reform_is_put_into_the_editor_and_undone(page: Any) -> None:
    before = page.input_value("#text")
    page.select_option("#start", "no-disclosure-without-warrant")
    page.click("#load")
    page.wait_for_selector(CLOSED)
    page.locator(".loophole details summary").first.click()
    assert "is asked to do this" in page.locator(".loophole details").first.inner_text()
    assert page.locator("#contacts tbody tr").count() > 0 and page.locator("#costs li").count() > 0
    loaded = page.input_value("#text")
    page.click("#undo")
    until(page, "text.value", before)
    page.wait_for_selector("[data-status=now]")
    page.click("#redo")
    until(page, "text.value", loaded)
    page.wait_for_selector(CLOSED)


def test_the_newest_text_is_the_one_that_is_shown(page: Any) -> None:
    page.select_option("#start", "no-disclosure-without-warrant")
    page.click("#load")
    page.wait_for_timeout(900)  # the proof of the first text is under way
    write(page, REPEAL)
    until(page, "document.getElementById('counts').textContent.includes('4 closed')")
    page.wait_for_timeout(1500)
    assert "4 closed" in page.inner_text("#counts")


def test_the_list_can_be_narrowed_to_one_status(page: Any) -> None:
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    page.select_option("#show", "open")
    assert count_closed(page) == 0 and page.locator("[data-status=open]").count() == 4
    assert "4 shown" in page.inner_text("#note")


# --- the link ---------------------------------------------------------------------------------------------


def test_the_link_opens_the_same_state_and_tells_no_server(
    page: Any, lab_address: str, seen: dict[str, list[str]]
) -> None:
    page.select_option("#section", "us-ny-nyc/4-210")
    page.select_option("#act", "provide_office")
    page.select_option("#purpose", "criminal_immigration")
    write(page, REPEAL + "\n¿Qué? 𝔘")
    page.click("[data-lang=es]")
    until(page, "location.hash.includes('lang=es') && location.hash.includes('act=provide_office')")
    page.wait_for_timeout(500)
    link = page.evaluate("location.href")
    other = page.context.new_page()
    other.set_default_timeout(WAIT)
    other.on("request", lambda r: seen["requests"].append(r.url))
    other.goto(link)
    other.wait_for_selector("#loopholes[aria-busy=false] ol")
    state = "['section','act','purpose','text'].map(id => document.getElementById(id).value).join('|')"
    until(other, state, page.evaluate(state))
    assert other.evaluate("document.documentElement.lang") == "es"
    assert "provide_office" in other.evaluate(state) and "𝔘" in other.evaluate(state)
    assert not [r for r in seen["requests"] if "provide_office" in r.split("#")[0]]
    assert not [r for r in seen["requests"] if "text=" in r.split("#")[0]]


def test_a_text_too_long_for_a_link_is_said_to_be(page: Any) -> None:
    page.evaluate(
        "() => { let s = ''; for (let i = 0; i < 30000; i++) s += String.fromCharCode(33 + Math.random() * 90);"
        " text.value = s; text.dispatchEvent(new Event('input')); }"
    )
    page.click("#copy")
    until(page, "document.getElementById('said').textContent.includes('too long')")
    assert "text=" not in page.evaluate("location.hash")


def test_a_link_cut_short_opens_the_empty_reform(page: Any, lab_address: str) -> None:
    page.goto("about:blank")
    page.goto(lab_address + "#law=us-ny-nyc&lang=en&text=%%%notright")
    ready(page)
    assert page.input_value("#text").startswith("---\ntitle: My reform")


# --- the brief ----------------------------------------------------------------------------------------------


def test_the_brief_is_handed_over_as_a_file(page: Any, tmp_path: Path) -> None:
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    with page.expect_download() as handed:
        page.click("#brief")
    assert handed.value.suggested_filename == "brief-place-alert.pdf"
    handed.value.save_as(tmp_path / "brief.pdf")
    assert (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF-")


# --- the keyboard -------------------------------------------------------------------------------------------


def test_everything_can_be_done_with_the_keyboard_alone(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(REPEAL)
    page.wait_for_selector(CLOSED)
    found: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id || e.tagName.toLowerCase(), s.outlineStyle]; }"
        )
        found.append(told[0])
        assert told[1] != "none", f"{told[0]} shows no focus"
        if told[0] == "summary" and page.evaluate("document.activeElement.closest('.loophole') !== null"):
            break
    assert {"undo", "redo", "copy", "act", "purpose", "show"} <= set(found)
    page.keyboard.press("Enter")
    page.wait_for_selector(".loophole details[open]")


def test_headings_are_in_order_and_status_messages_are_live(page: Any) -> None:
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for id in ("mistakes", "status", "said"):
        assert page.evaluate(f"document.getElementById('{id}').matches('[aria-live=polite],[role=status]')")


# --- every reader ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    chromium: Any, lab_address: str, seen: dict[str, list[str]], width: int, scheme: str, language: str
) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        pytest.skip("axe was not run: the package axe-playwright-python is not installed")
    context = chromium.new_context(viewport={"width": width, "height": 1600}, color_scheme=scheme)
    page = opened(context, f"{lab_address}#lang={language}&section=us-ny-nyc/10-178", seen)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    told = [_axe(Axe(), page)]
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    told.append(_axe(Axe(), page))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write(page, REPEAL.replace("e.i:", "e.x:"))
    page.wait_for_selector("#mistakes li")
    page.wait_for_selector("[data-status=now]")
    page.wait_for_selector("#loopholes[aria-busy=false]")
    told.append(_axe(Axe(), page))
    context.close()
    assert told == [[], [], []]
    assert seen["errors"] == []


def _axe(axe: Any, page: Any) -> list[str]:
    page.wait_for_timeout(250)  # until what fades has faded
    found = axe.run(page).response["violations"]
    return [f"{v['id']}: {n['target']} {n.get('failureSummary', '')}" for v in found for n in v["nodes"]]


def test_on_a_phone_there_is_one_column_and_the_law_is_folded(
    chromium: Any, lab_address: str, seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = opened(context, lab_address, seen)
    assert page.evaluate("document.getElementById('law-panel').open") is False
    page.locator("#law-panel summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    lefts = page.evaluate(
        "['law-panel','text','loopholes'].map(i => document.getElementById(i).getBoundingClientRect().left)"
    )
    assert max(lefts) < 80
    context.close()


def test_the_language_changes_and_the_text_stays(page: Any) -> None:
    write(page, REPEAL)
    page.wait_for_selector(CLOSED)
    page.click("[data-lang=es]")
    page.wait_for_selector("html[lang=es]")
    page.wait_for_selector(f"#loopholes[aria-busy=false] {CLOSED}")
    assert page.input_value("#text") == REPEAL
    assert page.get_attribute("[data-lang=es]", "aria-pressed") == "true"
