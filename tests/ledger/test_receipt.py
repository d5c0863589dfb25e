"""Receipts: one file that shows an entry in the tree, and none that shows it falsely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.base64text import encode64
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import KINDS, entry_bytes
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import inclusion_proof, leaf_hash
from brightline.ledger.note import Note, Signer, VerifierKey
from brightline.ledger.policy import Policy
from brightline.ledger.receipt import Receipt
from tests.ledger.changes import changes
from tests.ledger.definition import Tree
from tests.ledger.test_note import NOTES
from tests.ledger.test_policy import LOG, ORIGIN, W, private

ENTRIES = [entry_bytes(KINDS[i % 8], "2026-11-23T19Z", bytes([i % 256]) * 32) for i in range(300)]
tree = Tree(lambda i: leaf_hash(ENTRIES[i]))
ALL = Policy.parse(f"log {LOG.vkey}\nwitness a {W[0].vkey}\nwitness b {W[1].vkey}\ngroup g all a b\nquorum g\n")


def receipt(index: int, size: int, witnesses: int = 2, extra: bytes | None = None, signer: Signer = LOG) -> Receipt:
    text = Checkpoint(ORIGIN, size, tree.mth(0, size)).text
    note = Note(text, (signer.sign(text), *(w.cosign(text, 1_795_460_000) for w in W[:witnesses])))
    return Receipt(
        index, tuple(inclusion_proof(index, size, tree.read)), note, ENTRIES[index] if extra is None else extra
    )


def test_the_lines_of_a_receipt_are_those_of_the_specification() -> None:
    made = receipt(2, 5, witnesses=0, extra=b"more")
    text = made.checkpoint.text
    lines = [
        "c2sp.org/tlog-proof@v1",
        "extra bW9yZQ==",
        "index 2",
        *(encode64(h) for h in (tree.leaf(3), tree.mth(0, 2), tree.leaf(4))),
        "",
        *text.splitlines(),
        "",
        LOG.sign(text).line,
        "",
    ]
    assert made.encode().decode() == "\n".join(lines)
    assert Receipt(2, made.path, made.checkpoint).encode() == made.encode().replace(b"extra bW9yZQ==\n", b"")


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (1, 3), (99, 256), (256, 257), (299, 300)])
def test_a_receipt_shows_its_entry_and_no_other(index: int, size: int) -> None:
    found = Receipt.parse(receipt(index, size).encode())
    assert found.check(ENTRIES[index], ALL) == {"a": 1_795_460_000, "b": 1_795_460_000}
    assert found.check(ENTRIES[index], VerifierKey.parse(LOG.vkey)) == {}
    for entry in (ENTRIES[index - 1], ENTRIES[index] + b" ", b""):
        with pytest.raises(LedgerError, match="does not lead from entry"):
            found.check(entry, ALL)


def test_a_receipt_of_another_key_or_with_too_few_witnesses_is_refused() -> None:
    with pytest.raises(LedgerError, match="not signed with the key"):
        receipt(2, 5, signer=Signer(ORIGIN, private(9))).check(ENTRIES[2], ALL)
    with pytest.raises(LedgerError, match=r"too few witnesses .* missing: `b`"):
        receipt(2, 5, witnesses=1).check(ENTRIES[2], ALL)


def test_a_receipt_with_three_cosignatures_is_at_most_two_kilobytes() -> None:
    made = receipt(299, 300, witnesses=3)
    longest = Receipt(2**40, tuple(bytes(32) for _ in range(16)), made.checkpoint, made.extra)
    assert len(longest.encode()) <= 2048


def test_no_changed_receipt_is_accepted() -> None:
    data = receipt(2, 5).encode()
    assert len(data) < 1000
    for other in changes(data):
        with pytest.raises(LedgerError):
            found = Receipt.parse(other)
            found.check(found.extra, ALL)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2", "begins with the line"),
        ("\n", "\r\n", "Windows line ends"),
        ("extra bW9yZQ==", "extra ", "is empty"),
        ("extra bW9yZQ==", "extra bW9yZR==", "wrong spelling"),
        ("extra bW9yZQ==", "extra !", "not base64"),
        ("extra bW9yZQ==", "extra bW9yZQ==\nextra bW9yZQ==", "no line `index`"),
        ("extra bW9yZQ==\nindex 2", "index 2\nextra bW9yZQ==", "hash 1 of the path in the receipt is not base64"),
        ("index 2", "index 02", "no line `index`"),
        ("index 2", "index -2", "no line `index`"),
        ("index 2", f"index {2**63}", "no line `index`"),
        ("index 2\n", "", "no line `index`"),
        ("index 2", "index 2\nAAAA", "hash 1 of the path in the receipt has 3 bytes"),
        ("index 2\n", "index 2\n" + (encode64(bytes(32)) + "\n") * 61, "64 hashes in its path"),
        ("index 2", "index 2\né", "not ASCII"),
        ("\n5\n", "\n05\n", "no decimal number"),
    ],
)
def test_a_bad_receipt_is_told_why(old: str, new: str, said: str) -> None:
    text = receipt(2, 5, witnesses=0, extra=b"more").encode().decode()
    assert old in text
    with pytest.raises(LedgerError, match=said):
        Receipt.parse(text.replace(old, new).encode())


def test_receipts_that_are_cut_off_or_too_large_are_refused() -> None:
    data = receipt(2, 5).encode()
    with pytest.raises(LedgerError, match="cut off before its checkpoint"):
        Receipt.parse(data.partition(b"\n\n")[0])
    with pytest.raises(LedgerError, match="are not read"):
        Receipt.parse(data + bytes(1_000_000))
    with pytest.raises(LedgerError, match="an index from 0"):
        Receipt(-1, (), receipt(2, 5).checkpoint).encode()


CHECKPOINTS = st.builds(
    lambda note, size, root: Note(Checkpoint("a.example", size, root).text, note.signatures),
    NOTES,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
RECEIPTS = st.builds(
    Receipt,
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    CHECKPOINTS,
    st.binary(max_size=100),
)


@given(RECEIPTS)
def test_a_receipt_that_is_written_is_read_as_it_was(made: Receipt) -> None:
    assert Receipt.parse(made.encode()) == made
    assert Receipt.parse(made.encode()).encode() == made.encode()
