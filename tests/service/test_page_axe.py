"""Every page for every reader: axe finds nothing in light, dark and on a phone; nothing is asked of a third party; what a
page weighs; the keyboard comes to all that can be pressed; and with it alone a request is granted and a report filed.

A page is added to `PAGES` by its address in the demonstration; `{open}`, `{barred}`, `{stopped}`, `{answered}` and the like
are numbers of its requests. A new address that is in no list fails `test_every_page_is_in_a_list`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve

from tests.browser import arriving, follow
from tests.papers import made
from tests.service.served import demo as demo
from tests.service.served import demo_data as demo_data
from tests.service.served import serving, signed_in
from tests.service.test_flow import ANSWERS, answer_all, drop, e_mail, press
from tests.service.test_people_sign_in import code
from tests.service.walk import patterns

pytestmark = [pytest.mark.browser, pytest.mark.long]

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
    "/requests/{paper}/papers/{sheet}/",
    "/requests/{answered}/proof/{index}/",
    "/requests/{followed}/follow-up/",
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
    "/tokens/",
    "/account/2fa/",
    "/account/logout/",
    "/account/reauthenticate/?next=/",
    "/no-such-page/",
]
OF_RECORDS = ["/task-forces/new/", "/task-forces/of/border-parcels/change/", "/numbers/"]
OF_REVIEWERS = ["/numbers/", "/task-forces/new/"]  # the second one is closed to them
OF_AUDITORS = [
    "/",
    "/requests/{open}/",
    "/requests/{stopped}/decision/",
    "/requests/{answered}/letter/",
    "/requests/new/",
]
OF_ADMINISTRATORS = ["/", "/people/", "/people/{person}/", "/people/{self}/", "/requests/"]
BY_ROLE = {"records": OF_RECORDS, "reviewer": OF_REVIEWERS, "auditor": OF_AUDITORS, "administrator": OF_ADMINISTRATORS}
SIGNED_OUT = [
    "/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/account/inactive/",
    "/account/3rdparty/login/cancelled/", "/account/3rdparty/login/error/", "/people/demo/", "/no-such-page/",
    "/people/00000000-0000-4000-8000-000000000000/welcome/gone/",
]  # fmt: skip
# Pages of an installation that is no demonstration, which are walked in `test_the_pages_of_a_first_day`
FIRST_DAY = {
    "first_run", "mfa_index", "mfa_activate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "person_link",
    "welcome", "mfa_authenticate", "account_change_password", "mfa_deactivate_totp", "mfa_reauthenticate",
}  # fmt: skip
# Pages with a passkey, which are walked in test_people_browser.py, and that of a reset by mail, which the gate never sends
WITH_PASSKEYS = {"mfa_list_webauthn", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"}
NO_MAIL = {"account_reset_password_from_key", "account_reset_password_from_key_done"}
# What is no page: files, answers to programs, and addresses that only take a form and lead on
NO_PAGES = {
    "healthz", "readyz", "set_language", "paper_original", "letter_file", "verify", "task_forces_csv", "report_file",
    "calendar_renew", "calendar_feed", "audit_file", "person_role", "person_deactivate", "person_activate",
    "person_factors", "token_revoke", "openid_connect_login", "openid_connect_callback", "mfa_download_recovery_codes",
    "mfa_reauthenticate_webauthn", "mfa_login_webauthn",
}  # fmt: skip
REFUSED = re.compile(
    r"status of (401|403|404|422) "
)  # a page that is closed, not there, or shows what is wrong in a form
PASSWORD = "an invented password"
MOST = 150_000  # bytes of a page with its style and its script, without the text of the law


@pytest.fixture(scope="module")
def numbers(chromium: Any, demo: str) -> dict[str, str]:
    """A number for each kind of request, and one that was made from a paper."""
    context = chromium.new_context()
    page = signed_in(context, demo, "officer")
    found: dict[str, str] = {}
    for name, query in {
        "open": "state=open",
        "barred": "verdict=barred",
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
    press(page, "Read the paper")
    found["paper"] = page.url.split("/")[4]
    found["excepted"] = drop(page, demo, e_mail("attached"))  # open, and can be granted
    press(page, "Save and go on")
    assert answer_all(page, ANSWERS), "nothing was asked of it"
    page.goto(f"{demo}/requests/{found['paper']}/")
    found["sheet"] = page.locator("a[href*='/papers/']").first.get_attribute("href").split("/")[4]
    page.goto(f"{demo}/requests/{found['answered']}/proof/")
    found["index"] = page.locator("tbody a").first.get_attribute("href").split("/")[4]
    page.goto(f"{demo}/follow-ups/")
    found["followed"] = re.search(r"/requests/([\d-]+)/", page.inner_html("main"))[1]  # type: ignore[index]
    page = signed_in(context, demo, "administrator")
    page.goto(f"{demo}/people/")
    for name, who in {"person": "officer", "self": "administrator"}.items():
        row = page.locator("tbody tr", has_text=who).get_by_role("link").first
        found[name] = row.get_attribute("href").split("/")[2]
    context.close()
    return found


def test_every_page_is_in_a_list() -> None:
    """A new page is looked at like the others, or it is said why not."""
    some = dict.fromkeys(
        ("open", "barred", "excepted", "stopped", "answered", "paper", "followed"), "2026-00001"
    ) | dict.fromkeys(("sheet", "index"), "1") | dict.fromkeys(("person", "self"), "00000000-0000-4000-8000-000000000000")  # fmt: skip
    listed = {
        resolve(address.format(**some).partition("?")[0]).view_name
        for address in (*PAGES, *SIGNED_OUT, *(a for more in BY_ROLE.values() for a in more))
        if "no-such-page" not in address
    }
    elsewhere = FIRST_DAY | WITH_PASSKEYS | NO_MAIL | NO_PAGES
    known = {p.name for p in patterns() if not p.api and p.roles != frozenset()}
    assert known - listed - elsewhere == set()
    assert elsewhere - known == set(), "what is not there any more need not be named"


@pytest.fixture
def seen() -> dict[str, list[str]]:
    return {"requests": [], "errors": []}


@pytest.fixture
def clean(demo: str, seen: dict[str, list[str]]) -> Iterator[None]:
    """Nothing was asked of another server, and nothing went wrong in a page."""
    yield
    assert [r for r in seen["requests"] if not r.startswith((demo, "data:"))] == []
    assert [e for e in seen["errors"] if not REFUSED.search(e)] == []


def watched(page: Any, seen: dict[str, list[str]]) -> Any:
    page.on("request", lambda r: seen["requests"].append(r.url))
    page.on("pageerror", lambda e: seen["errors"].append(str(e)))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type in ("error", "warning") else None)
    return page


LOOKS = [(1280, "light"), (1280, "dark"), (390, "light")]


def faults(page: Any, width: int) -> list[str]:
    """What axe finds on the page that is open, with all that is folded unfolded; and what is too wide, or has no one title."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    violations = Axe().run(page).response["violations"]
    found = [f"{v['id']}: {n['target']} {n['html'][:160]}" for v in violations for n in v["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"wider than {width} px")
    if page.locator("h1").count() != 1:
        found.append("not one h1")
    return [f"{page.url} at {width} px: {f}" for f in found]


@pytest.fixture
def axe() -> None:
    pytest.importorskip("axe_playwright_python", reason="axe was not run: axe-playwright-python is not installed")


@pytest.mark.parametrize(
    ("look", "role"),
    [*zip(LOOKS, ("reviewer", "officer", "records"), strict=True), (LOOKS[1], "records"), (LOOKS[2], "reviewer"),
     *((look, role) for role in ("administrator", "auditor", "") for look in LOOKS)],
)  # fmt: skip
@pytest.mark.usefixtures("clean", "axe")
def test_axe_finds_nothing(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]], look: tuple[int, str], role: str
) -> None:
    width, scheme = look
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = watched(signed_in(context, demo, role) if role else context.new_page(), seen)
    whole = (look, role) in [*zip(LOOKS, ("reviewer", "officer", "records"), strict=True)]
    found = []
    for address in [*(PAGES if whole else ()), *(BY_ROLE.get(role, []) if role else SIGNED_OUT)]:
        page.goto(demo + address.format(**numbers))
        found += faults(page, width)
    context.close()
    assert found == []


@pytest.mark.usefixtures("axe")
def test_the_pages_of_a_first_day(chromium: Any, seen: dict[str, list[str]], tmp_path: Path) -> None:
    """The first run, second factors, an invitation and a password, where nobody signs in without them."""
    found: list[str] = []
    visited: set[str] = set()

    def look(page: Any) -> None:
        visited.add(resolve(page.url.removeprefix(address).partition("?")[0]).view_name)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found.extend(faults(page, width))
        found.extend(untabbed(page))

    def send(page: Any) -> None:
        follow(page.locator("main form button").first)

    with serving(tmp_path / "data") as address:
        page = watched(chromium.new_context().new_page(), seen)
        page.goto(address)
        look(page)
        told = {"agency": "Example City Police (invented)", "name": "Eli Mockup", "email": "eli@here.example"}
        for name, value in {**told, "password": PASSWORD}.items():
            page.fill(f"[name={name}]", value)
        send(page)
        page.wait_for_url("**/account/2fa/")
        look(page)
        page.goto(f"{address}/account/2fa/totp/activate/")
        look(page)
        secret = page.inner_text("#authenticator_secret")
        page.fill("[name=code]", "000000")
        send(page)
        look(page)  # with the error
        page.fill("[name=code]", code(secret))
        send(page)
        page.wait_for_url("**/recovery-codes/")
        look(page)
        for more in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"):
            page.goto(f"{address}/account/2fa/{more}")
            look(page)
        page.goto(f"{address}/account/password/change/")
        look(page)
        page.goto(f"{address}/account/2fa/reauthenticate/")
        look(page)
        page.goto(f"{address}/people/")
        for name, value in {"name": "Ada Example", "email": "ada@here.example"}.items():
            page.fill(f"main [name={name}]", value)
        press(page, "Invite")
        look(page)
        page.goto(f"{address}/people/")
        follow(page.get_by_role("link", name="Ada Example"))
        press(page, "Make a new link")
        look(page)
        link = page.inner_text("#link")

        other = watched(chromium.new_context().new_page(), seen)
        other.goto(link)
        look(other)
        other.goto(f"{address}/account/login/")
        other.fill("[name=login]", "eli@here.example")
        other.fill("[name=password]", PASSWORD)
        send(other)
        other.wait_for_url("**/authenticate/")
        look(other)
        page.context.close()
        other.context.close()
    assert found == []
    assert FIRST_DAY - visited == set()
    assert [r for r in seen["requests"] if not r.startswith((address, "data:"))] == []
    assert [e for e in seen["errors"] if not REFUSED.search(e)] == []


@pytest.mark.usefixtures("clean")
def test_what_one_presses_is_large_enough_for_a_finger(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 900}, has_touch=True)
    page = watched(signed_in(context, demo, "records"), seen)
    small = []
    for address in [*PAGES, *OF_RECORDS]:
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
    page = watched(signed_in(context, demo, "records"), seen)
    heavy = {}
    for address in [*PAGES, *OF_RECORDS]:
        page.goto(demo + address.format(**numbers))
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


STOPS = """() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  const shown = all.filter(e => !e.disabled && (e.checkVisibility() || e.closest('.skip')))
  const radios = new Set()
  const stops = shown.filter(e => {
    if (e.type !== 'radio') return true
    const group = [...document.getElementsByName(e.name)].filter(r => r.form === e.form)
    const first = group.find(r => r.checked) || group[0]
    return e === first
  })
  stops.forEach((e, n) => e.dataset.stop = n)
  window.walked = []
  document.addEventListener('focusin', ({target: e}) => {
    const style = getComputedStyle(e), box = e.getBoundingClientRect()
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      && box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
    walked.push([e.dataset.stop === undefined ? -1 : Number(e.dataset.stop), seen])
  })
  return stops.map(e => `${e.tagName.toLowerCase()} ${e.name || ''} ${(e.textContent || e.value || '').trim().slice(0, 40)}`)
}"""


def untabbed(page: Any) -> list[str]:
    """Walk the page with Tab, from its beginning until it begins again: what is not reached, not in the page's order, or has
    the focus and does not show it."""
    page.reload() if page.evaluate("'walked' in window") else None
    page.evaluate("document.activeElement.blur()")
    stops = page.evaluate(STOPS)
    walked: list[list[Any]] = []
    for _round in range(12):
        for _press in range(len(stops) + 4):
            page.keyboard.press("Tab")
        walked = page.evaluate("walked")
        if [n for n, _seen in walked].count(0) > 1:
            break
    order = [n for n, _seen in walked if n >= 0]
    order = [n for at, n in enumerate(order) if at == 0 or order[at - 1] != n]  # a field of a date has several stops
    if 0 in order[1:]:
        order = order[: order.index(0, 1)]
    wrong = [f"is not reached: {stops[n]}" for n in range(len(stops)) if n not in order]
    if not wrong and order != list(range(len(stops))):
        wrong.append(f"the order is not that of the page: {[stops[n] for n in order]}")
    wrong += [f"has the focus and does not show it: {stops[n]}" for n, seen in walked if not seen and n >= 0]
    return [f"{page.url}: {w}" for w in dict.fromkeys(wrong)]


@pytest.mark.parametrize("role", ["records", "administrator", "reviewer", ""])
@pytest.mark.usefixtures("clean")
def test_the_keyboard_comes_to_everything_in_the_order_of_the_page(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]], role: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = watched(signed_in(context, demo, role) if role else context.new_page(), seen)
    wrong = []
    for address in [*(PAGES if role == "records" else ()), *(BY_ROLE[role] if role else SIGNED_OUT)]:
        page.goto(demo + address.format(**numbers))
        wrong += untabbed(page)
    context.close()
    assert wrong == []


def to(page: Any, script: str, most: int = 120) -> None:
    """Press Tab until what has the focus answers the script (of the element `e`) with yes, and see that it is shown."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return Boolean({script}) }})()"):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "what has the focus is not seen"
            return
    raise AssertionError(f"the keyboard does not come to {script}")


def enter(page: Any, script: str, address: str) -> None:
    """Come to it with Tab, press Enter, and be where that leads."""
    to(page, script, 300)
    with arriving(page):
        page.keyboard.press("Enter")
    page.wait_for_url(address)


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
    enter(page, "e.textContent === 'New request'", "**/requests/new/")
    to(page, "e.name === 'asked' && e.value === 'transfer_custody'")
    page.keyboard.press("Space")
    to(page, "e.name === 'words_purpose'")
    page.keyboard.type("an invented purpose")
    enter(page, "e.textContent === 'Put it on record'", "**/questions/")
    before = page.inner_text("h1")
    to(page, "e.name === 'value'")
    page.keyboard.press("ArrowDown" if page.locator("[name=value]").count() > 2 else "Space")
    to(page, "e.name === 'basis'")
    page.keyboard.press("Space")
    to(page, "e.name === 'shown_by'")
    page.keyboard.type("an invented file")
    with arriving(page):
        page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]:has-text('on record')")
    assert page.inner_text("h1") != before
    page.goto(re.sub(r"questions/.*", "decision/", page.url))
    to(page, "e.name === 'outcome'")
    page.keyboard.press("Space")
    to(page, "e.id === 'reason'")
    page.keyboard.type("no judge has signed anything")
    enter(page, "e.value === 'propose'", "**/decision/")
    page.wait_for_selector("[role=status]:has-text('decided')")
    context.close()


@pytest.mark.usefixtures("clean")
def test_a_grant_and_its_second_person_with_the_keyboard_alone(
    chromium: Any, demo: str, numbers: dict[str, str], seen: dict[str, list[str]]
) -> None:
    windows = [chromium.new_context(viewport={"width": 1280, "height": 900}) for _ in range(2)]
    officer, reviewer = (
        watched(signed_in(c, demo, role), seen) for c, role in zip(windows, ("officer", "reviewer"), strict=True)
    )
    number = numbers["excepted"]
    officer.goto(f"{demo}/requests/{number}/decision/")
    to(officer, "e.name === 'outcome'")
    officer.keyboard.press("Space")
    officer.keyboard.press("ArrowDown")
    assert officer.is_checked("[name=outcome][value=granted]")
    to(officer, "e.id === 'reason'")
    officer.keyboard.type("the docket shows the case")
    to(officer, "e.name === 'label'")
    officer.keyboard.type("Address")
    officer.keyboard.press("Tab")
    officer.keyboard.type("1 Invented Street")
    to(officer, "e.name === 'information'")
    officer.keyboard.press("Space")
    enter(officer, "e.value === 'propose'", "**/decision/")
    officer.wait_for_selector("[role=status]:has-text('second person')")

    reviewer.goto(demo)
    enter(reviewer, f"e.tagName === 'A' && e.textContent.includes('{number}')", f"**/{number}/**")
    enter(reviewer, "e.name === 'agrees' && e.value === 'yes'", "**/decision/")
    reviewer.wait_for_selector("[role=status]:has-text('on record')")
    for window in windows:
        window.close()


@pytest.mark.usefixtures("clean")
def test_a_report_is_filed_with_the_keyboard_alone(chromium: Any, demo: str, seen: dict[str, list[str]]) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = watched(signed_in(context, demo, "records"), seen)
    page.goto(demo)
    enter(page, "e.textContent.trim() === 'Reports'", "**/reports/")
    enter(page, "e.pathname && e.pathname.startsWith('/reports/nyc-14-154-f/2026')", "**/2026-06-30/")
    enter(page, "e.textContent === 'Mark as filed'", "**/2026-06-30/")
    page.wait_for_selector(".mark.good:has-text('filed')")
    context.close()
