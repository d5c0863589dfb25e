"""`verify.html` in a real browser, opened from a folder: good, forged, truncated and foreign receipts."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from brightline.ledger.policy import Policy
from brightline.ledger.verify_page import page_words, verify_page
from brightline.ledger.verify_receipt import verify_receipt
from tests.ledger.outside import (
    CITY,
    ORIGIN,
    WITNESSES,
    Key,
    Record,
    b64,
    canonical,
    checkpoint,
    entry,
    path,
    policy,
    proof,
    root,
    sha,
)

WAIT = 30_000  # milliseconds; other work may share the machine
RECORD = Record(
    {
        "decision": "barred",
        "clause": "us-ny-nyc/10-178:b.1",
        "name": "<b>Ana</b> Pérez",
        "detail": {"beta": [True, None, 1.5, -0.25], "alfa": '\u2028"\\\u0007é𝔘'},
    }
)
LEAVES = [entry(i) for i in range(299)] + [RECORD.entry] + [entry(i) for i in range(300, 700)]
INDEX = 299
GOOD = proof(INDEX, LEAVES)


def disclosed(*shown: str) -> bytes:
    return canonical(RECORD.disclosure(*shown))


# --- the file, without a browser ------------------------------------------------------------------------------


def test_the_page_may_run_only_its_own_script_and_ask_nobody() -> None:
    page = verify_page(policy())
    guard = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert guard and guard[1].startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "connect-src" not in guard[1] and "unsafe" not in guard[1]
    assert not re.search(r'(?:src|href)="(?!data:,"|#)', page)
    assert not re.search(r"\son[a-z]+=|javascript:|https?://(?!.*c2sp)", page)


def test_a_policy_cannot_break_out_of_the_page() -> None:
    page = verify_page(f"# </script><script>alert(1)</script>\n{policy()}")
    assert page.count("</script>") == 2


def test_both_languages_say_the_same_things() -> None:
    words = page_words()
    assert set(words) == {"en", "es"}
    assert words["en"].keys() == words["es"].keys()
    for name, text in words["en"].items():
        assert set(re.findall(r"\{\d\}", text)) == set(re.findall(r"\{\d\}", words["es"][name])), name


def test_every_sentence_the_script_names_is_there() -> None:
    page = verify_page()
    words = page_words()["en"]
    named = set(re.findall(r'(?:say|Wrong|warn)\("([a-z_0-9]+)"', page))
    named |= set(re.findall(r'"((?:step|head|not|fields|record|status)_[a-z_0-9]+)"', page))
    assert len(named) > 60
    assert named <= words.keys() | {"not_supported"}


# --- in the browser --------------------------------------------------------------------------------------------


@pytest.fixture
def seen() -> dict[str, list[str]]:
    return {"requests": [], "errors": []}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "verify.html"
    file.write_text(verify_page(policy()), encoding="utf-8")
    return file


@pytest.fixture
def page(chromium: Any, site: Path, seen: dict[str, list[str]]) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1100, "height": 900}, locale="en-US")
    yield opened(context, site, seen)
    context.close()
    assert seen["errors"] == []
    assert [r for r in seen["requests"] if r != site.as_uri() and not r.startswith("data:")] == []


def opened(context: Any, file: Path, seen: dict[str, list[str]], before: str = "") -> Any:
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.on("request", lambda r: seen["requests"].append(r.url))
    page.on("pageerror", lambda e: seen["errors"].append(str(e)))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type in ("error", "warning") else None)
    if before:
        page.add_init_script(before)
    page.goto(file.as_uri())
    return page


def choose(page: Any, *files: str | bytes) -> str:
    """Choose these files at once: a receipt, then what belongs to it. Gives the verdict."""
    bodies = [f.encode() if isinstance(f, str) else f for f in files]
    page.evaluate("document.querySelector('.result').dataset.verdict = 'none'")
    page.set_input_files(
        "#file", [{"name": f"file{i}", "mimeType": "text/plain", "buffer": body} for i, body in enumerate(bodies)]
    )
    return verdict(page)


def verdict(page: Any) -> str:
    page.wait_for_selector(".result:not([data-verdict=none])")
    return str(page.get_attribute(".result", "data-verdict"))


def head(page: Any) -> str:
    return str(page.inner_text("#head"))


@pytest.mark.browser
def test_a_good_receipt_is_genuine(page: Any) -> None:
    assert choose(page, GOOD) == "good"
    assert head(page).startswith("Genuine")
    told = page.inner_text("#told")
    assert "a decision" in told
    assert "November 23, 2026, between 19:00 and 20:00 UTC" in told
    assert "number 299 of 700" in told
    assert "The witness w0 saw this head of the ledger on November 23, 2026 at 18:53 UTC." in told
    assert "That the record is true." in told and "That nothing was kept out of the ledger." in told


@pytest.mark.browser
def test_the_content_is_shown_as_it_was_recorded_and_what_is_hidden_is_counted(page: Any) -> None:
    shown = proof(INDEX, LEAVES, extra=RECORD.entry + b"\n" + disclosed("decision", "detail", "name"))
    assert choose(page, shown) == "good"
    rows = dict(
        zip(page.locator("tbody th").all_inner_texts(), page.locator("tbody td").all_text_contents(), strict=True)
    )
    assert rows["decision"] == "barred"
    assert rows["name"] == "<b>Ana</b> Pérez"
    assert json.loads(rows["detail"]) == RECORD.payload["detail"]
    assert "One more field was recorded and is not shown here." in page.inner_text("#told")
    assert page.locator("#told b").count() == 0


VALUES = [
    0,
    -0.0,
    1e-7,
    1.5e-9,
    123456789012.25,
    9007199254740991,
    5e-324,
    "",
    "\u2028\x7f\x1f\t",
    {"ü": 1, "𝔘": 2, "\ufb33": 3, "A": [], "": {}},
]


@pytest.mark.browser
def test_the_page_writes_canonical_json_as_the_ledger_does(page: Any) -> None:
    for value in VALUES:
        written = rfc8785.dumps(value).decode()
        assert page.evaluate("text => Check.canonical(JSON.parse(text))", json.dumps(value)) == written
    for wrong in ('"\\ud800"', "9007199254740993", "1e400"):
        assert (
            page.evaluate("text => { try { return Check.canonical(JSON.parse(text)); } catch { return null; } }", wrong)
            is None
        )


@pytest.mark.browser
def test_the_page_walks_every_path_and_no_other(page: Any) -> None:
    """RFC 9162 §2.1.3.2 for every leaf of the trees up to 20: the right path gives the root, a shorter or longer one nothing."""
    asked, wanted = [], []
    for size in range(1, 21):
        leaves = LEAVES[:size]
        for index in range(size):
            way = path(index, leaves)
            for shown, right in ((way, True), (way[:-1], False), ([*way, bytes(32)], False)):
                if shown != way or right:
                    asked.append([b64(sha(b"\0" + leaves[index])), index, size, [b64(h) for h in shown]])
                    wanted.append(b64(root(leaves)) if right else None)
    given = page.evaluate(
        """async asked => {
          const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
          const told = [];
          for (const [leaf, index, size, way] of asked) {
            const root = await Check.rootFrom(bytes(leaf), BigInt(index), BigInt(size), way.map(bytes));
            told.push(root && btoa(String.fromCharCode(...root)));
          }
          return told;
        }""",
        asked,
    )
    assert given == wanted


@pytest.mark.browser
def test_the_content_may_come_in_a_file_of_its_own_in_any_order(page: Any) -> None:
    assert choose(page, disclosed("clause"), GOOD) == "good"
    assert page.locator("tbody td").all_inner_texts() == ["us-ny-nyc/10-178:b.1"]
    bare = proof(INDEX, LEAVES, extra=b"")
    assert choose(page, bare) == "open"
    assert "The record itself is not in this receipt" in head(page)
    assert choose(page, bare, RECORD.entry + b"\n", disclosed("clause")) == "good"
    assert choose(page, GOOD, entry(3)) == "bad"  # a file cannot replace the record that the receipt has


def spoiled() -> dict[str, tuple[bytes, str]]:
    """Receipts that must not pass, and the beginning of what is said of each."""
    forged = Key(ORIGIN, "somebody else")
    other = Key("log.elsewhere.example/2026", "elsewhere")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = b64(path(INDEX, LEAVES)[-1]).encode()
    unread = letters[letters.index(last[-2]) + 1 :][:1] + b"="
    lies = RECORD.disclosure("decision")
    lies["fields"][0]["value"] = "allowed"
    dropped = RECORD.disclosure("decision")
    dropped["hidden"].pop()
    twice = RECORD.disclosure("decision")
    twice["fields"] *= 2
    mine = entry(5, kind="erasure")
    bad_witness = GOOD.replace(WITNESSES[0].line("x").split()[1], "witness0.example/w")
    lines = bad_witness.splitlines(keepends=True)
    raw = bytearray(base64.b64decode(lines[-2].split()[2]))
    raw[-1] ^= 1
    lines[-2] = f"— {WITNESSES[0].name} {b64(bytes(raw))}\n"

    def extra(disclosure: dict[str, Any]) -> bytes:
        return proof(INDEX, LEAVES, extra=RECORD.entry + b"\n" + canonical(disclosure)).encode()

    good = GOOD.encode()
    return {
        "another place": (good.replace(b"index 299", b"index 300"), "The record is not in the ledger"),
        "a place past the end": (good.replace(b"index 299", b"index 700"), "The record is not in the ledger"),
        "another record": (proof(INDEX, LEAVES, extra=mine).encode(), "The record is not in the ledger"),
        "no path": (
            proof(INDEX, LEAVES).replace("".join(f"{b64(h)}\n" for h in path(INDEX, LEAVES)), "").encode(),
            "The record is not",
        ),
        "a path too long": (
            good.replace(b"index 299\n", b"index 299\n" + b64(bytes(32)).encode() + b"\n"),
            "The record is not",
        ),
        "another size": (good.replace(b"\n700\n", b"\n701\n"), "The signature is forged"),
        "another key of the same name": (
            proof(INDEX, LEAVES, forged).encode(),
            "This receipt names the ledger you trust, but",
        ),
        "another ledger": (proof(INDEX, LEAVES, other).encode(), "This receipt is from another ledger"),
        "a witness forged": ("".join(lines).encode(), "The signature of a witness is forged"),
        "the content changed": (extra(lies), "The content is not what was recorded"),
        "a field left out": (extra(dropped), "The content is not what was recorded"),
        "a field twice": (extra(twice), "The content is not what was recorded"),
        "the end missing": (good[:-40], "This file is not a whole"),
        "the last line end missing": (good[:-1], "This file is not a whole"),
        "cut in the middle": (good[: len(good) // 2], "This file is not a whole"),
        "line ends changed": (good.replace(b"\n", b"\r\n"), "This file is not a whole"),
        "nothing": (b"", "This file is not a whole"),
        "a picture": (b"\x89PNG\r\n\x1a\n\xff\xfe", "This file is not a whole"),
        "a checkpoint alone": (checkpoint(LEAVES).encode(), "This file is not a whole"),
        "a number with a zero before it": (good.replace(b"index 299", b"index 0299"), "This file is not a whole"),
        "base64 with a bit that nobody reads": (good.replace(last, last[:-2] + unread), "This file is not a whole"),
        "base64 spelled otherwise": (good.replace(b"\nindex", b"=\nindex"), "This file is not a whole"),
        "too large": (good + b" " * 1_000_001, "This file is not a whole"),
    }


@pytest.mark.browser
def test_no_spoiled_receipt_passes(page: Any) -> None:
    for name, (body, said) in spoiled().items():
        assert choose(page, body) == "bad", name
        assert head(page).startswith("Not valid"), name
        assert said in head(page), (name, head(page))
        assert page.locator("#told dl").count() == 0, name  # what it says is not repeated as if it were so
        assert page.locator(".mark.bad").count() >= 1, name


@pytest.mark.browser
def test_any_byte_that_is_changed_is_noticed(page: Any) -> None:
    """Every third byte of the receipt with one bit flipped: never genuine, unless it is in a signature nobody asked for."""
    result = page.evaluate(
        """async ([good, policy]) => {
          const bytes = new TextEncoder().encode(good), passed = [];
          for (let at = 0; at < bytes.length; at += 3) {
            const bad = bytes.slice();
            bad[at] ^= 1 << (at % 7);
            if ((await judge(bad, [], policy)).verdict === "good") passed.push(at);
          }
          return passed;
        }""",
        [GOOD, policy()],
    )
    assert result == []


@pytest.mark.browser
def test_the_page_and_the_program_judge_alike(page: Any) -> None:
    """Every spoiled receipt, and one with content in which every second byte is changed: the same verdict from both."""
    shown = proof(2, [*LEAVES[:2], RECORD.entry], extra=RECORD.entry + b"\n" + disclosed("clause")).encode()
    receipts = [body for body, _ in spoiled().values() if len(body) < 1_000_000]
    for at in range(0, len(shown), 2):
        receipts.append(shown[:at] + bytes([shown[at] ^ 1 << (at % 7)]) + shown[at + 1 :])
    theirs = page.evaluate(
        """async ([receipts, policy]) => {
          const told = [];
          for (const receipt of receipts) told.push((await judge(Uint8Array.from(atob(receipt), c => c.charCodeAt(0)), [], policy)).verdict);
          return told;
        }""",
        [[b64(r) for r in receipts], policy()],
    )
    ours = [verify_receipt("x", receipt, Policy.parse(policy())).verdict for receipt in receipts]
    assert theirs == ours
    assert set(ours) >= {"bad"} and ours.count("good") == 0


@pytest.mark.browser
def test_without_enough_witnesses_it_is_not_settled(page: Any) -> None:
    assert choose(page, proof(INDEX, LEAVES, witnesses=WITNESSES[:1])) == "open"
    assert "too few independent witnesses" in head(page)
    assert "The witness w1 has not signed this head." in page.inner_text("#told")
    assert "That everybody is shown the same ledger." in page.inner_text("#told")


@pytest.mark.browser
def test_a_reader_may_trust_another_key(page: Any) -> None:
    other = Key("log.elsewhere.example/2026", "elsewhere")
    assert choose(page, proof(INDEX, LEAVES, other)) == "bad"
    page.click("#trust-change")
    page.fill("#trust", other.vkey)
    page.wait_for_selector("[data-verdict=good]")
    page.fill("#trust", other.vkey.replace("elsewhere.", "elsewhare."))
    page.wait_for_selector("[data-verdict=open]")
    assert "cannot be read" in head(page)
    assert "do not belong together" in page.inner_text("#told")
    page.fill("#trust", policy(other, WITNESSES, least=3))
    page.wait_for_selector("text=The policy asks for more witnesses")
    page.fill("#trust", "")
    page.wait_for_selector("[data-verdict=bad]")


@pytest.mark.browser
def test_without_a_key_nothing_is_called_genuine(chromium: Any, tmp_path: Path, seen: dict[str, list[str]]) -> None:
    file = tmp_path / "verify.html"
    file.write_text(verify_page(), encoding="utf-8")
    context = chromium.new_context(locale="en-US")
    page = opened(context, file, seen)
    assert choose(page, GOOD) == "open"
    assert "no key was given" in head(page)
    page.fill("#trust", policy())
    page.wait_for_selector("[data-verdict=good]")
    context.close()
    assert seen["errors"] == []


NO_ED25519 = """
const old = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
  if ((algorithm.name ?? algorithm) === "Ed25519") return Promise.reject(new DOMException("no", "NotSupportedError"));
  return old.call(this, format, key, algorithm, ...rest);
};
"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("before", "said"),
    [
        (NO_ED25519, "this browser cannot check signatures of the kind Ed25519"),
        ("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})", "no cryptography here"),
    ],
)
def test_a_browser_that_cannot_check_says_so(
    chromium: Any, site: Path, seen: dict[str, list[str]], before: str, said: str
) -> None:
    context = chromium.new_context(locale="en-US")
    page = opened(context, site, seen, before)
    assert choose(page, GOOD) == "open"
    assert said in head(page)
    context.close()
    assert seen["errors"] == []


# --- every reader ---------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_receipt_is_dropped_or_pasted_or_chosen_with_the_keyboard(page: Any) -> None:
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "a.tlog-proof"));
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
        GOOD,
    )
    assert verdict(page) == "good"
    page.click("#again")
    assert page.get_attribute(".result", "data-verdict") == "none"
    page.click("summary[data-t=paste]")
    page.fill("#paste", f"  \n{GOOD}\n\n")
    assert verdict(page) == "good"
    page.fill("#paste", GOOD.replace("index 299", "index 298"))
    page.wait_for_selector("[data-verdict=bad]")
    page.focus(".tongues button:last-child")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"


@pytest.mark.browser
def test_two_receipts_at_once_are_too_many(page: Any) -> None:
    assert choose(page, GOOD, GOOD) == "open"
    assert "More than one receipt" in head(page)
    assert choose(page, GOOD) == "good"


@pytest.mark.browser
def test_the_result_is_told_to_a_screen_reader_and_headings_are_in_order(page: Any) -> None:
    choose(page, proof(INDEX, LEAVES, extra=RECORD.entry + b"\n" + disclosed("decision")))
    assert page.get_attribute("#head", "role") == "status"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.browser
def test_the_language_follows_the_browser_and_changes_in_place(
    chromium: Any, site: Path, seen: dict[str, list[str]]
) -> None:
    context = chromium.new_context(locale="es-MX")
    page = opened(context, site, seen)
    assert page.inner_text("h1") == "¿Es auténtico este recibo?"
    choose(page, GOOD)
    assert head(page).startswith("Auténtico")
    assert "23 de noviembre de 2026, entre las 19:00 y las 20:00 UTC" in page.inner_text("#told")
    page.click("[data-lang=en]")
    assert head(page).startswith("Genuine")
    assert page.evaluate("document.documentElement.lang") == "en"
    context.close()
    assert seen["errors"] == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en-US", "es-MX"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_axe_finds_nothing(
    chromium: Any, site: Path, seen: dict[str, list[str]], width: int, scheme: str, language: str
) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        pytest.skip("axe was not run: the package axe-playwright-python is not installed")
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language, bypass_csp=True
    )
    page = opened(context, site, seen)
    found = [_axe(Axe(), page)]
    for receipt in (
        proof(INDEX, LEAVES, extra=RECORD.entry + b"\n" + disclosed("decision", "detail")),
        proof(INDEX, LEAVES, witnesses=()),
        GOOD.replace("index 299", "index 298"),
    ):
        choose(page, receipt)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found.append(_axe(Axe(), page))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
    assert found == [[], [], [], []]
    assert seen["errors"] == []


def _axe(axe: Any, page: Any) -> list[str]:
    found = axe.run(page).response["violations"]
    return [f"{v['id']}: {n['target']} {n.get('failureSummary', '')}" for v in found for n in v["nodes"]]


@pytest.mark.browser
def test_the_print_shows_the_result_and_the_key_and_no_buttons(page: Any) -> None:
    choose(page, GOOD)
    page.emulate_media(media="print")
    for shown in ("#head", ".steps", ".unproved", "#keys"):
        assert page.is_visible(shown), shown
    for gone in (".drop", ".tongues", "#print", "#trust-other"):
        assert not page.is_visible(gone), gone
    assert CITY.vkey in page.inner_text("#keys")
