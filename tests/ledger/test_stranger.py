"""A large ledger, read by our own program and by one that knows the format pages alone.

Both accept it, and both refuse what is broken.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from brightline.ledger import Ledger, LedgerError, Receipt, verify
from tests.ledger import stranger

ORIGIN = "log.city.example/brightline/large"
BATCHES = (1, 7, 100, 1_000, 4_096, 255, 1, 1_023, 2_500)
STOPS = (1, 8, 255, 256, 257, 1_364, 5_460, 20_000, 65_535, 65_536, 65_537, 66_301)  # sizes at which it is published
KINDS = ("decision", "access", "evidence", "rule-change", "key")
WITNESSES = {name: SigningKey(bytes([n]) * 32) for n, name in enumerate(("auditor", "clinic", "press"), 2)}
PAYLOAD = {
    "name": "Zoë 🗽",
    "sum": 12.5,
    "rate": 1.5e-7,
    "tiny": 2e-5,
    "none": None,
    "list": [{"€": 1, "\U0001f600": -0.0}, '\n\x1f"\\'],
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return stranger.sha(name.encode(), b"\n", bytes([kind]), public)[:4]


def vkey_of(name: str, kind: int, private: SigningKey) -> str:
    public = bytes(private.verify_key)
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def cosignature(note: bytes, name: str, time: int) -> bytes:
    text = note.decode().rpartition("\n\n")[0] + "\n"
    private, full = WITNESSES[name], f"{name}.example/w"
    signature = private.sign(f"cosignature/v1\ntime {time}\n{text}".encode()).signature
    raw = key_id(full, 4, bytes(private.verify_key)) + struct.pack(">Q", time) + signature
    return f"— {full} {b64(raw)}\n".encode()


def cosigned(note: Any, _: object) -> Any:
    """Two of the three witnesses sign; the clinic signs twice."""
    data: bytes = note.encode()
    extra = [("auditor", 1_795_462_200), ("clinic", 1_795_462_300), ("clinic", 1_795_462_250)]
    return type(note).parse(data + b"".join(cosignature(data, *one) for one in extra))


def policy_of(vkey: str, quorum: str) -> bytes:
    lines = [
        f"log {vkey}",
        *(f"witness {name} {vkey_of(f'{name}.example/w', 4, WITNESSES[name])}" for name in WITNESSES),
    ]
    return "\n".join([*lines, f"group enough {quorum} auditor clinic press", "quorum enough", ""]).encode()


@dataclass
class Large:
    ledger: Ledger
    public: Path
    vkey: str
    policy: bytes
    leaves: list[bytes]
    kept: list[Any]
    rich: int  # the index of the entry with the larger payload

    @property
    def size(self) -> int:
        return len(self.leaves)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    with Ledger.create(tmp_path_factory.mktemp("stranger") / "ledger", ORIGIN) as ledger:
        vkey = ledger.key.vkey
        policy = policy_of(vkey, "2")
        (ledger.folder / "policy").write_bytes(policy)
        batches = itertools.cycle(BATCHES)
        for stop in STOPS:
            while (size := ledger.size) < stop:
                many = min(next(batches), stop - size)
                ledger.append_many([(KINDS[n % 5], {"n": n}) for n in range(size, size + many)])
            ledger.publish(cosign=cosigned)
        rich = ledger.append("decision", PAYLOAD).index
        ledger.erase(1_000, basis="5 ILCS 805/15")
        ledger.publish(cosign=cosigned)
        end, leaves, kept = stranger.check_folder(ledger.public, vkey)
        assert end.size == len(leaves) == STOPS[-1] + 2 >= 66_000
        yield Large(ledger, ledger.public, vkey, policy, leaves, kept, rich)


def receipt_of(large: Large, index: int, fields: list[str] | None = None) -> bytes:
    """A receipt under the published checkpoint, with its cosignatures; with a disclosure, if fields are named."""
    made = large.ledger.receipt(index, _published(large))
    if fields is None:
        return made.encode()
    extra = made.extra + b"\n" + large.ledger.disclose(index, fields).encode()
    return Receipt(made.index, made.path, made.checkpoint, extra).encode()


def _published(large: Large) -> Any:
    return type(large.ledger.checkpoint).parse((large.public / "checkpoint").read_bytes())


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@contextlib.contextmanager
def instead(path: Path, data: bytes | None) -> Iterator[None]:
    """For a while the file holds this, or is not there."""
    before = path.read_bytes()
    try:
        path.unlink() if data is None else path.write_bytes(data)
        yield
    finally:
        path.write_bytes(before)


def refuses(check: Callable[..., object], *given: object) -> bool:
    try:
        check(*given)
    except stranger.REFUSALS:
        return True
    return False


# --- what is right ---------------------------------------------------------------------------------------------------


def test_both_find_the_whole_ledger_right(large: Large, tmp_path: Path) -> None:
    found = large.ledger.fsck()
    assert found.ok and found.size == large.size and found.published == large.size
    (tmp_path / "policy").write_bytes(large.policy)
    ours = verify(large.public, policy=tmp_path / "policy")
    end, _, kept = stranger.check_folder(large.public)
    assert ours.verdict == "good" and ours.root == end.root.hex() == found.root.hex()
    assert [old.size for old in kept] == [*STOPS, large.size]
    times = {"auditor": 1_795_462_200, "clinic": 1_795_462_250}
    told = stranger.read_checkpoint((large.public / "checkpoint").read_bytes(), large.policy)
    assert told.witnessed == dict(ours.witnesses) == times


def test_receipts_from_all_over_the_tree(large: Large, tmp_path: Path) -> None:
    edges = {near for stop in (0, *STOPS, large.size) for near in range(stop - 2, stop + 2) if 0 <= near < large.size}
    file, policy = tmp_path / "one.tlog-proof", tmp_path / "policy"
    policy.write_bytes(large.policy)
    for index in sorted(edges | set(range(0, large.size, 997))):
        data = receipt_of(large, index)
        end, at, entry, shown = stranger.check_receipt(data, large.policy)
        assert (end.size, at, entry, shown) == (large.size, index, large.ledger.entry(index), None)
        assert stranger.sha(b"\0", entry) == large.leaves[index]
        file.write_bytes(data)
        ours = verify(file, policy=policy)
        assert not ours.wrong and ours.entry is not None and ours.entry["index"] == index


def test_consistency_from_every_kept_checkpoint(large: Large) -> None:
    for old, new in itertools.combinations(large.kept, 2):
        proof = large.ledger.consistency(old.size, new.size)
        stranger.check_consistency(old.size, old.root, new.size, new.root, proof)
        assert refuses(stranger.check_consistency, old.size, new.root, new.size, new.root, proof)
        assert refuses(stranger.check_consistency, old.size, old.root, new.size, new.root, [*proof, old.root])
        assert refuses(stranger.check_consistency, old.size, old.root, new.size, new.root, proof[:-1])
        for n, one in enumerate(proof):
            changed = [*proof[:n], flipped(one, 77), *proof[n + 1 :]]
            assert refuses(stranger.check_consistency, old.size, old.root, new.size, new.root, changed)


@pytest.mark.parametrize("stop", [1, 256, 5_460, 65_537])
def test_ours_joins_a_kept_checkpoint(large: Large, stop: int) -> None:
    ours = verify(large.public, since=large.public / "checkpoints" / str(stop))
    assert not ours.wrong


def test_what_is_shown_of_an_entry(large: Large) -> None:
    for fields in (list(PAYLOAD), ["rate"], ["list", "none"]):
        data = receipt_of(large, large.rich, fields)
        assert stranger.check_receipt(data, large.policy)[3] == {name: PAYLOAD[name] for name in fields}
    entry, shown = large.ledger.entry(large.rich), large.ledger.disclose(large.rich, ["sum"]).encode()
    assert stranger.check_disclosure(entry, shown) == {"sum": 12.5}
    assert refuses(stranger.check_disclosure, entry, shown.replace(b"12.5", b"12.6"))
    assert refuses(stranger.check_disclosure, entry, shown.replace(b'"sum"', b'"sums"'))
    assert refuses(stranger.check_disclosure, large.ledger.entry(0), shown)
    assert all(refuses(stranger.check_disclosure, entry, flipped(shown, bit)) for bit in range(8 * len(shown)))


# --- what is broken --------------------------------------------------------------------------------------------------


def both_refuse(large: Large) -> bool:
    return refuses(stranger.check_folder, large.public, large.vkey) and bool(verify(large.public).wrong)


@pytest.mark.parametrize(
    "name",
    [
        "tile/0/000",
        "tile/0/255",
        "tile/0/258.p/255",
        "tile/0/258.p/253",
        "tile/entries/258.p/253",
        "tile/1/000",
        "tile/1/001.p/2",
        "tile/2/000.p/1",
        "tile/entries/000",
        "tile/entries/200",
        "tile/entries/258.p/255",
        "checkpoint",
        "checkpoints/257",
    ],
)
def test_one_bit_of_a_file(large: Large, name: str) -> None:
    data = (large.public / name).read_bytes()
    # The lines of witnesses do not count on a kept checkpoint; so they are left alone.
    vouched = len(data.partition("— auditor".encode())[0])
    with instead(large.public / name, flipped(data, 8 * vouched - 11)):
        assert both_refuse(large)
    with instead(large.public / name, data[:-1]):
        assert refuses(stranger.check_folder, large.public)


@pytest.mark.parametrize("name", ["tile/0/100", "tile/1/000", "tile/2/000.p/1", "tile/entries/100"])
def test_a_file_that_is_missing(large: Large, name: str) -> None:
    with instead(large.public / name, None):
        assert both_refuse(large)


def test_an_entry_that_was_left_out(large: Large) -> None:
    path = large.public / "tile/entries/077"
    entries = stranger.unbundle(path.read_bytes())
    for others in (entries[:9] + entries[10:], entries[:9] + entries[10:] + entries[9:10], entries[:-1] + entries[:1]):
        with instead(path, b"".join(struct.pack(">H", len(entry)) + entry for entry in others)):
            assert both_refuse(large)


def test_every_bit_of_a_checkpoint_a_receipt_and_a_vkey(large: Large, tmp_path: Path) -> None:
    note = (large.public / "checkpoint").read_bytes()
    for bit in range(8 * len(note)):
        data = flipped(note, bit)
        if not refuses(stranger.read_checkpoint, data, large.policy):  # the name in one of the two lines of the clinic
            assert data[: note.index("— clinic".encode())] == note[: note.index("— clinic".encode())]
            assert len([1 for one in stranger.read_note(data)[1] if one in stranger.read_note(note)[1]]) == 3
    data = receipt_of(large, 12_345)
    head = len(data.partition(b"\n\n")[0]) + 2
    assert all(refuses(stranger.check_receipt, flipped(data, bit), large.policy) for bit in range(8 * head))
    file = tmp_path / "one.tlog-proof"
    for bit in range(0, 8 * head, 61):
        file.write_bytes(flipped(data, bit))
        with contextlib.suppress(LedgerError):
            assert verify(file, policy=large.public / "policy").wrong
    for bit in range(8 * len(large.vkey)):
        broken = flipped(large.vkey.encode(), bit).decode("latin-1")
        assert refuses(stranger.read_vkey, broken, 1)
        assert refuses(stranger.read_checkpoint, note, stranger.only(broken))


def test_another_key_and_other_witnesses(large: Large) -> None:
    note = (large.public / "checkpoint").read_bytes()
    other = vkey_of(ORIGIN, 1, SigningKey(bytes(32)))
    assert refuses(stranger.check_folder, large.public, other)
    assert refuses(stranger.read_checkpoint, note, policy_of(large.vkey, "all"))
    assert refuses(stranger.read_checkpoint, note, policy_of(other, "any"))
    assert stranger.read_checkpoint(note, policy_of(large.vkey, "any"))
    false = cosignature(note.replace(b"\n" + str(large.size).encode(), b"\n1"), "press", 1_795_462_200)
    assert refuses(stranger.read_checkpoint, note + false, large.policy)
    assert stranger.read_checkpoint(note + false.replace(b"press", b"other"), large.policy)


# --- a ledger that signs what it should not --------------------------------------------------------------------------


def entry(number: int, hour: str = "2026-11-23T19Z", kind: str = "decision") -> bytes:
    return f'{{"c":"{b64(bytes([number]) * 32)}","k":"{kind}","t":"{hour}","v":1}}'.encode()


def signed(entries: list[bytes], private: SigningKey) -> bytes:
    text = f"{ORIGIN}\n{len(entries)}\n{b64(stranger.mth([stranger.sha(bytes(1), one) for one in entries]))}\n"
    raw = key_id(ORIGIN, 1, bytes(private.verify_key)) + private.sign(text.encode()).signature
    return f"{text}\n— {ORIGIN} {b64(raw)}\n".encode()


def by_hand(folder: Path, entries: list[bytes], before: list[bytes]) -> Path:
    """A published folder of fewer than 256 entries, and an older checkpoint over others, all rightly signed."""
    private = SigningKey(bytes(range(32)))
    leaves = b"".join(stranger.sha(bytes(1), one) for one in entries)
    bundle = b"".join(struct.pack(">H", len(one)) + one for one in entries)
    vkey = vkey_of(ORIGIN, 1, private)
    files = {
        "checkpoint": signed(entries, private),
        f"checkpoints/{len(before)}": signed(before, private),
        "vkey": f"{vkey}\n".encode(),
        "policy": stranger.only(vkey),
        f"tile/0/000.p/{len(entries)}": leaves,
        f"tile/entries/000.p/{len(entries)}": bundle,
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("good", "entries", "before"),
    [
        (True, [entry(n) for n in range(9)], [entry(n) for n in range(6)]),
        (False, [entry(n) for n in range(9) if n != 3], [entry(n) for n in range(6)]),  # one is left out
        (False, [entry(n) for n in range(5)], [entry(n) for n in range(6)]),  # the last is gone
        (False, [entry(0, "2026-11-23T20Z"), entry(1)], [entry(0, "2026-11-23T20Z")]),
        (False, [entry(0, kind="close"), entry(1)], [entry(0, kind="close")]),
        (False, [entry(0), entry(1, kind="gossip")], [entry(0)]),
        (False, [entry(0), entry(1, "2027-02-29T19Z")], [entry(0)]),
        (False, [entry(0), entry(1, "2026-11-23T24Z")], [entry(0)]),
        (False, [entry(0), entry(1) + b"\n"], [entry(0)]),
    ],
)
def test_what_a_ledger_signs_against_its_own_word(
    good: bool, entries: list[bytes], before: list[bytes], tmp_path: Path
) -> None:
    folder = by_hand(tmp_path, entries, before)
    assert refuses(stranger.check_folder, folder) is not good
    assert bool(verify(folder).wrong) is not good


def test_a_root_that_is_signed_and_is_not_that_of_the_entries(tmp_path: Path) -> None:
    folder = by_hand(tmp_path, [entry(n) for n in range(9)], [entry(n) for n in range(6)])
    others = [entry(n) for n in (*range(8), 9)]
    (folder / "checkpoint").write_bytes(signed(others, SigningKey(bytes(range(32)))))
    assert refuses(stranger.check_folder, folder)
    assert verify(folder).wrong
