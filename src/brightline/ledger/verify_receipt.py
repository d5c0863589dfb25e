"""Checking one receipt: that its entry stands in the tree that was signed, and that what is disclosed of it is what it holds.

One file holds all of it: a C2SP tlog-proof, whose `extra` has the entry on its first line, then, where somebody is shown the
content, the disclosure, and then the ledger's key. None is trusted: the entry must hash to a leaf of the tree, the disclosure
must give the commitment in the entry, and the key stands in for one that the reader has not given, as is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import Disclosure, parse_entry
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import check_inclusion, leaf_hash
from brightline.ledger.policy import Policy
from brightline.ledger.receipt import Receipt
from brightline.ledger.trust import entries, judge_signatures, read_policy
from brightline.ledger.verified import Telling, Verified

FIRST_LINE = b"c2sp.org/tlog-proof@v1"
NOT_TIME = "When exactly it happened: the hour is what the ledger said; a witness shows only that the record was there by then."
NOT_HIDDEN = "What the fields say that are not shown: it is only certain that they have not changed."


def verify_receipt(name: str, body: bytes, policy: Policy | None = None, content: Iterable[bytes] = ()) -> Verified:
    """Check a receipt. `content`: files of its own with the entry or with a disclosure, where the receipt has none.

    Raises LedgerError when a file of `content` is neither of them.
    """
    telling = Telling()
    try:
        receipt = Receipt.parse(body)
        checkpoint = Checkpoint.parse(receipt.checkpoint.text)
        entry, disclosed, key = split_extra(receipt.extra)
        own = None if key is None else _own_policy(key, checkpoint.origin)
        if policy is None and own is not None:
            policy, telling.own_key = own, True
    except LedgerError as error:
        telling.wrong.append(f"This is not a whole, unchanged receipt: {error}.")
        return telling.result(name, "receipt")
    for text in content:
        if _is_entry(text):
            given = text.removesuffix(b"\n")
            if entry not in (None, given):
                telling.wrong.append("The file with the entry is another entry than the one in the receipt.")
            entry = entry or given
        else:
            disclosed = text
    found = _judge_entry(receipt, checkpoint, entry, telling)
    judge_signatures(receipt.checkpoint, policy, telling)
    fields, hidden = _judge_disclosure(entry if found else None, disclosed, telling)
    made = telling.result(
        name,
        "receipt",
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        entry={"index": receipt.index} | found,
        fields=fields,
        hidden=hidden,
    )
    return replace(made, unproved=(*made.unproved, NOT_TIME, *((NOT_HIDDEN,) if hidden else ())))


def split_extra(extra: bytes) -> tuple[bytes | None, bytes | None, bytes | None]:
    """The entry, the disclosure and the key that travel in a receipt, each where it is there. Raises LedgerError."""
    entry, *more = extra.split(b"\n")
    disclosure = more.pop(0) if more and more[0].startswith(b"{") else None
    key = more.pop(0) if more else None
    if more:
        raise LedgerError("its line `extra` holds more than an entry, a disclosure and a key")
    return entry or None, disclosure, key


def _own_policy(vkey: bytes, origin: str) -> Policy:
    """The key that a receipt carries, as if it were trusted. Raises LedgerError: no key, or of another ledger."""
    policy = read_policy(vkey.decode("utf-8", "replace"))
    if [log.key.name for log in policy.logs] != [origin]:
        raise LedgerError("the key that it carries is of another ledger")
    return policy


def carrying(receipt: Receipt, vkey: str, disclosure: Disclosure | None = None) -> Receipt:
    """The receipt as people get it: with its entry, what is disclosed, and the ledger's key.

    Canonical JSON has no line ends of its own, so one parts them.
    """
    parts = [receipt.extra, *([disclosure.encode()] if disclosure else []), vkey.encode()]
    return replace(receipt, extra=b"\n".join(parts))


def _is_entry(text: bytes) -> bool:
    try:
        return set(json.loads(text)) == {"c", "k", "t", "v"}
    except (ValueError, TypeError, RecursionError):
        return False


def _judge_entry(receipt: Receipt, checkpoint: Checkpoint, entry: bytes | None, telling: Telling) -> dict[str, Any]:
    if entry is None:
        telling.open.append(
            "The receipt holds no record, so its place in the ledger cannot be worked out; give its file too."
        )
        return {}
    try:
        check_inclusion(leaf_hash(entry), receipt.index, checkpoint.size, receipt.path, checkpoint.root)
    except LedgerError:
        telling.wrong.append(
            "The record is not in the ledger at this place: the record, its place or the proof was changed."
        )
    else:
        telling.shown.append(
            f"The record is number {receipt.index:,} among {entries(checkpoint.size)} (the first is 0)."
        )
    try:
        said = parse_entry(entry)
    except LedgerError as error:
        telling.wrong.append(f"The record cannot be read: {error}.")
        return {}
    return {"kind": said.kind, "hour": said.hour}


def _judge_disclosure(
    entry: bytes | None, disclosed: bytes | None, telling: Telling
) -> tuple[Mapping[str, Any] | None, int]:
    if entry is None or disclosed is None:
        return None, 0
    try:
        disclosure = Disclosure.parse(disclosed)
        disclosure.check(entry)
    except LedgerError as error:
        telling.wrong.append(f"The content does not fit the seal in the record: {error}.")
        return None, 0
    telling.shown.append(
        f"The content fits the seal in the record. Fields shown: {len(disclosure.fields)}; not shown: {len(disclosure.hidden)}."
    )
    return disclosure.payload, len(disclosure.hidden)
