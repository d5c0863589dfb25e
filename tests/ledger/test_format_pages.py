"""The format pages: every byte they show is worked out anew, and their recipes are followed with other code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest
from nacl.signing import VerifyKey

from brightline.ledger import entry as entry_module
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.policy import Policy
from brightline.ledger.receipt import Receipt
from tests.ledger.example import BLOCK, ENTRIES, EXAMPLES, INDEX, LOG, PAGE_NAMES, PAGES


def shown(name: str) -> str:
    """The block of a page, as a reader would copy it."""
    page = (PAGES / f"{name.partition('/')[0]}.md").read_text("utf-8")
    return next(found[3] for found in BLOCK.finditer(page) if found[2] == name)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_every_block_of_the_pages_is_what_the_code_makes(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text("utf-8")
    blocks = {found[2]: found[3] for found in BLOCK.finditer(text)}
    assert sorted(blocks) == sorted(name for name in EXAMPLES if name.startswith(f"{page}/"))
    assert text.count("<!-- example:") == len(blocks), "a block is broken"
    for name, block in blocks.items():
        assert block == EXAMPLES[name]().rstrip("\n"), f"{name}: run `python -m tests.ledger.example`"


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_links_between_the_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (PAGES / f"{page}.md").read_text("utf-8")):
        assert (PAGES / Path(target)).exists(), target


def test_the_page_names_every_kind() -> None:
    text = (PAGES / "entry.md").read_text("utf-8")
    assert [kind for kind in entry_module.KINDS if f"| `{kind}` |" not in text] == []


def test_a_receipt_copied_from_the_page_is_good() -> None:
    receipt = Receipt.parse(shown("receipt/receipt").encode() + b"\n")
    policy = Policy.parse(shown("policy/policy"))
    line, disclosed = receipt.extra.split(b"\n")
    assert receipt.check(line, policy).keys() == {"auditor", "clinic"}
    found = entry_module.Disclosure.parse(disclosed)
    found.check(line)
    assert found.payload == {"ground": "§ 14-154(b)(1)", "persons": 2}
    note = Note.parse(shown("note/note").encode() + b"\n")
    assert note == receipt.checkpoint
    VerifierKey.parse(LOG.vkey).verify(note.text, note.signatures[0])


def test_the_recipes_of_the_pages_with_other_code() -> None:
    """A receipt is checked as the pages say, from their text alone and with another library for the signatures."""
    head, text, lines = (shown("receipt/receipt") + "\n").split("\n\n")
    first, extra, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    line, disclosed = base64.b64decode(extra.removeprefix("extra ")).split(b"\n")
    origin, size, root = text.split("\n")

    # the tree: RFC 9162 §2.1.3.2
    fn, sn, made = int(index.removeprefix("index ")), int(size) - 1, sha(b"\x00" + line)
    for node in map(base64.b64decode, path):
        assert sn
        if fn % 2 or fn == sn:
            made = sha(b"\x01" + node + made)
            while fn and not fn % 2:
                fn, sn = fn >> 1, sn >> 1
        else:
            made = sha(b"\x01" + made + node)
        fn, sn = fn >> 1, sn >> 1
    assert (sn, made) == (0, base64.b64decode(root))

    # the signatures
    keys = {}
    for vkey in re.findall(r"vkey +(\S+)", shown("note/keys")):
        name, given, body = vkey.split("+", 2)
        data = base64.b64decode(body)
        assert sha(name.encode() + b"\n" + data)[:4].hex() == given
        keys[name, given] = data
    assert origin == next(iter(keys))[0]
    for signature in lines.removesuffix("\n").split("\n"):
        dash, name, body = signature.split(" ")
        raw = base64.b64decode(body)
        kind, public = keys[name, raw[:4].hex()][0], keys[name, raw[:4].hex()][1:]
        message, raw = f"{text}\n", raw[4:]
        if kind == 4:
            message, raw = f"cosignature/v1\ntime {int.from_bytes(raw[:8], 'big')}\n{message}", raw[8:]
        assert dash == "—"
        VerifyKey(public).verify(message.encode(), raw)

    # the content
    content, sealed = json.loads(disclosed), json.loads(line)["c"]
    digests = [base64.b64decode(h) for h in content["hidden"]]
    for field in content["fields"]:
        canonical = json.dumps([field["name"], field["value"]], ensure_ascii=False, separators=(",", ":")).encode()
        digests.append(hmac.digest(base64.b64decode(field["salt"]), canonical, "sha256"))
    message = b"brightline/commit/v1\n" + b"".join(sorted(digests))
    assert hmac.digest(base64.b64decode(content["salt"]), message, "sha256") == base64.b64decode(sealed)


def test_the_bundle_of_the_page_holds_the_entries() -> None:
    data = bytes.fromhex("".join(shown("tiles/bundle").split("\n")[1:]))
    tile = bytes.fromhex("".join(shown("tiles/tile").split("\n")[1:]))
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    assert found == ENTRIES == shown("checkpoint/entries").encode().split(b"\n")
    assert b"".join(sha(b"\x00" + line) for line in found) == tile
    assert sha(b"\x00" + found[INDEX]).hex() == shown("entry/leaf")
