"""Every page for every reader: axe finds nothing in light, dark and on a phone; nothing is asked of a third party; what a
page weighs; and the walk from a new request to a proposal with the keyboard alone.

A page is added to `PAGES` by its address in the demonstration; `{open}`, `{barred}`, `{stopped}`, `{answered}` and
`{granted}` are numbers of its requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.papers import made
from tests.service.served import demo as demo
from tests.service.served import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES: list[str] = [
    "/",
    "/requests/",
    "/requests/?state=open&verdict=barred",
    "/requests/?q=nothing-like-this",
    "/requests/new/",
    "/requests/{open}/",
    "/requests/{open}/complete/",
    "/requests/{open}/questions/",
    "/requests/{open}/questions/?fact=stated_purpose",
    "/requests/{open}/questions/?fact=hours_past_release",
    "/requests/{open}/questions/?fact=judgment",
    "/requests/{open}/decision/",
    "/requests/{open}/papers/",
    "/requests/{barred}/decision/",
    "/requests/{excepted}/decision/",
    "/requests/{stopped}/",
    "/requests/{stopped}/decision/",
    "/requests/{stopped}/letter/",
    "/requests/{answered}/",
    "/requests/{answered}/letter/",
    "/requests/{answered}/proof/",
    "/requests/{paper}/",
    "/requests/{paper}/complete/",
    "/requests/{answered}/happened/",
    "/requests/{open}/numbers/",
    "/follow-ups/",
    "/follow-ups/?show=told",
    "/offices/",
    "/offices/1/",
    "/task-forces/",
    "/task-forces/of/border-parcels/",
    "/reports/",
    "/reports/nyc-14-154-f/2026-06-30/",
    "/reports/nyc-10-178-d/2026-09-30/",
    "/reports/il-805-25/2025-12-31/",
    "/calendar/",
    "/audit/",
    "/no-such-page/",
]
MOST = 150_000  # bytes of a page with its style and its script, without the text of the law


@pytest.fixture(scope="module")
def numbers(chromium: Any, demo: str) -> dict[str, str]:
    """A number for each kind of request, and one that was made from a paper."""
    context = chromium.new_context()
    page = signed_in(context, demo, "officer")
    found: dict[str, str] = {}
    for name, query in {
        "open": "state=open&verdict=unsettled",
        "barred": "verdict=barred",
        "excepted": "state=open&verdict=excepted",
        "stopped": "state=stopped",
        "answered": "state=answered",
    }.items():
        page.goto(f"{demo}/requests/?{query}")
        link = page.locator("tbody th a").first
        assert link.count(), f"the demonstration has no request that is {name}"
        found[name] = link.inner_text()
    person = made.person(3)
    attached = [("i247a.pdf", made.as_pdf(made.i247a(person))), ("i200.pdf", made.as_pdf(made.i200(person)))]
    mail = made.as_email("Dear records unit,\nplease hold the person on the attached form.", attached)
    page.goto(f"{demo}/requests/new/")
    page.set_input_files("#id_paper", {"name": "request.eml", "mimeType": "message/rfc822", "buffer": mail})
    page.get_by_role("button", name="Read the paper").click()
    page.wait_for_url("**/complete/")
    found["paper"] = page.url.split("/")[4]
    context.close()
    return found


@pytest.fixture
def seen() -> dict[str, list[str]]:
    return {"requests": [], "errors": []}


@pytest.fixture
def clean(demo: str, seen: dict[str, list[str]]) -> Iterator[None]:
    """Nothing was asked of another server, and nothing went wrong in a page."""
    yield
    assert [r for r in seen["requests"] if not r.startswith((demo, "data:"))] == []
    assert [e for e in seen["errors"] if "404" not in e] == []


def watched(page: Any, seen: dict[str, list[str]]) -> Any:
    page.on("request", lambda r: seen["requests"].append(r.url))
    page.on("pageerror", lambda e: seen["errors"].append(str(e)))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type in ("error", "warning") else None)
    return page


@pytest.mark.parametrize(
    ("width", "scheme", "role"), [(1280, "light", "reviewer"), (1280, "dark", "officer"), (390, "light", "records")]
)
@pytest.mark.usefixtures("clean")
def test_axe_finds_nothing(
    chromium: Any,
    demo: str,
    numbers: dict[str, str],
    seen: dict[str, list[str]],
    width: int,
    scheme: str,
    role: str,
) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        pytest.skip("axe was not run: the package axe-playwright-python is not installed")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = watched(signed_in(context, demo, role), seen)
    axe, found = Axe(), []
    for address in PAGES:
        page.goto(demo + address.format(**numbers))
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        violations = axe.run(page).response["violations"]
        found += [f"{address} {v['id']}: {n['target']} {n['html'][:160]}" for v in violations for n in v["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{address}: wider than {width} px")
        if page.locator("h1").count() != 1:
            found.append(f"{address}: not one h1")
    context.close()
    assert found == []


@pytest.mark.usefixtures("clean")
def test_what_one_presses_is_large_enough_for_a_finger(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 900}, has_touch=True)
    page = watched(signed_in(context, demo, "records"), seen)
    small = []
    for address in PAGES:
        page.goto(demo + address.format(**numbers))
        small += [
            f"{address}: {told}"
            for told in page.evaluate(
                """() => [...document.querySelectorAll('button, .button, select, summary, label:has(input), .banner nav a, ul.todo a, tbody a,'
                + ' input:not([type=hidden], [type=radio], [type=checkbox])')]
                .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 39.5 && !e.closest('.skip'))
                .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)} ${e.getBoundingClientRect().height}`)"""
            )
        ]
    context.close()
    assert small == []


@pytest.mark.usefixtures("clean")
def test_a_page_weighs_less_than_150_kb(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context()
    page = watched(signed_in(context, demo, "reviewer"), seen)
    heavy = {}
    for address in PAGES:
        page.goto(demo + address.format(**numbers), wait_until="networkidle")
        law = page.evaluate(
            "[...document.querySelectorAll('.law')].reduce((n, e) => n + new Blob([e.outerHTML]).size, 0)"
        )
        assets = sum(
            page.evaluate(
                "performance.getEntriesByType('resource').filter(r => !r.name.includes('icon')).map(r => r.decodedBodySize)"
            )
        )
        html = page.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")
        heavy[address] = html - law + assets
    context.close()
    assert {a: n for a, n in heavy.items() if n > MOST} == {}


# --- the keyboard ---------------------------------------------------------------------------------------------------


def to(page: Any, script: str, most: int = 120) -> None:
    """Press Tab until what has the focus answers the script (of the element `e`) with yes, and see that it is shown."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return Boolean({script}) }})()"):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "what has the focus is not seen"
            return
    raise AssertionError(f"the keyboard does not come to {script}")


@pytest.mark.usefixtures("clean")
def test_from_a_new_request_to_the_proposal_with_the_keyboard_alone(
    chromium: Any, demo: str, seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = watched(signed_in(context, demo, "officer"), seen)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    to(page, "e.textContent === 'New request'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/new/")
    to(page, "e.name === 'asked' && e.value === 'transfer_custody'")
    page.keyboard.press("Space")
    to(page, "e.name === 'words_purpose'")
    page.keyboard.type("an invented purpose")
    to(page, "e.textContent === 'Put it on record'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/")
    before = page.inner_text("h1")
    to(page, "e.name === 'value'")
    page.keyboard.press("ArrowDown" if page.locator("[name=value]").count() > 2 else "Space")
    to(page, "e.name === 'basis'")
    page.keyboard.press("Space")
    to(page, "e.name === 'shown_by'")
    page.keyboard.type("an invented file")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]:has-text('on record')")
    assert page.inner_text("h1") != before
    page.goto(re.sub(r"questions/.*", "decision/", page.url))
    to(page, "e.name === 'outcome'")
    page.keyboard.press("Space")
    to(page, "e.id === 'reason'")
    page.keyboard.type("no judge has signed anything")
    to(page, "e.value === 'propose'")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]:has-text('decided')")
    context.close()
