"""`verify`: ledgers in a folder, a ZIP and at an address; receipts; and everything that can be wrong with them."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.verified import Verified
from brightline.ledger.verify import verify
from tests.ledger.outside import (
    CITY,
    ORIGIN,
    TIME,
    WITNESSES,
    Key,
    Record,
    canonical,
    checkpoint,
    entry,
    path,
    policy,
    proof,
    publish,
    put,
)

LEAVES = [entry(i, hour=f"2026-11-23T{i // 100:02}Z") for i in range(600)]
FORK = [*LEAVES[:5], entry(999, hour="2026-11-23T00Z"), *LEAVES[6:]]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return publish(tmp_path / "city", LEAVES)


def wrong(told: Verified) -> str:
    """All that is wrong, as one text; there must be something."""
    assert told.verdict == "bad" and not told.ok
    return "\n".join(told.wrong)


# --- a whole ledger ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 600])
def test_a_good_ledger_is_good_at_every_size(tmp_path: Path, size: int) -> None:
    told = verify(publish(tmp_path / "city", LEAVES[:size]))
    assert told.verdict == "good", told
    assert (told.origin, told.size, told.kinds) == (ORIGIN, size, {"decision": size})


def test_a_ledger_with_a_second_level_of_full_tiles(tmp_path: Path) -> None:
    leaves = [entry(i % 7) for i in range(256 * 256 + 3)]
    told = verify(publish(tmp_path / "city", leaves))
    assert told.verdict == "good" and told.size == 65_539
    put(tmp_path / "city/tile/1/000", bytes(8192))
    assert "`tile/1/000` does not fit the entries from 0 on" in wrong(verify(tmp_path / "city"))


def test_an_empty_ledger_is_good(tmp_path: Path) -> None:
    assert verify(publish(tmp_path / "city", [])).verdict == "good"


def test_it_says_what_no_check_proves(city: Path) -> None:
    told = " ".join(verify(city).unproved)
    for part in ("records are true", "kept out of the ledger", "key belongs to the agency", "same ledger"):
        assert part in told


def test_the_folder_of_the_ledger_itself_and_an_address_that_ends_in_checkpoint_are_understood(city: Path) -> None:
    city.rename(city.parent / "public")
    assert verify(city.parent).verdict == "good"


def test_the_quorum_is_asked_for(tmp_path: Path) -> None:
    told = publish(tmp_path / "city", LEAVES[:9], told=policy(), note=checkpoint(LEAVES[:9], witnesses=WITNESSES[:2]))
    good = verify(told)
    assert good.verdict == "good" and good.witnesses == {"w0": TIME, "w1": TIME + 1}
    assert not any("same ledger" in u for u in good.unproved)
    put(told / "checkpoint", checkpoint(LEAVES[:9], witnesses=WITNESSES[2:]).encode())
    few = verify(told)
    assert few.verdict == "open"
    assert "1 of 3" in few.open[0] and "`w0`, `w1`" in few.open[0]


def test_a_witness_whose_signature_is_forged_is_told(tmp_path: Path) -> None:
    text = checkpoint(LEAVES[:9]).partition("\n\n")[0] + "\n"
    forged = WITNESSES[0].line("something else\n", TIME)
    city = publish(tmp_path / "city", LEAVES[:9], told=policy(), note=f"{text}\n{CITY.line(text)}{forged}")
    assert "witness `w0` is forged" in wrong(verify(city))


def test_a_policy_that_is_given_counts_and_not_the_one_beside_the_ledger(city: Path, tmp_path: Path) -> None:
    put(tmp_path / "mine", policy(Key(ORIGIN, "the right key"), ()).encode())
    assert "another key than the one you trust" in wrong(verify(city, policy=tmp_path / "mine"))
    put(tmp_path / "mine", Key("log.elsewhere.example/x", "x").vkey.encode() + b"\n")
    assert "you trust `log.elsewhere.example/x`" in wrong(verify(city, policy=tmp_path / "mine"))
    put(tmp_path / "mine", CITY.vkey.encode())
    told = verify(city, policy=tmp_path / "mine")
    assert told.verdict == "good" and not any("it came with" in u for u in told.unproved)
    assert any("it came with" in u for u in verify(city).unproved)


def test_without_any_key_it_is_open(city: Path) -> None:
    (city / "policy").unlink()
    assert verify(city).verdict == "good"  # by the vkey
    (city / "vkey").unlink()
    told = verify(city)
    assert told.verdict == "open" and "No key was given" in told.open[0]


# --- tampering ------------------------------------------------------------------------------------------------


def test_every_byte_of_a_small_ledger_counts(tmp_path: Path) -> None:
    """One bit flipped in any byte of checkpoint, tile or entries is noticed."""
    city = publish(tmp_path / "city", LEAVES[:3])
    for name in ("checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"):
        whole = (city / name).read_bytes()
        for at in range(len(whole)):
            spoiled = bytearray(whole)
            spoiled[at] ^= 1 << (at % 8)
            put(city / name, bytes(spoiled))
            assert verify(city, policy=city / "vkey").verdict == "bad", (name, at)
        put(city / name, whole)
    assert verify(city).verdict == "good"


def test_a_changed_entry_is_named(city: Path) -> None:
    bundle = city / "tile/entries/001"
    put(bundle, bundle.read_bytes().replace(LEAVES[300], entry(12_345)))
    told = wrong(verify(city))
    assert "`tile/0/001` does not fit entry 300" in told and "do not give the root" in told


def test_entries_and_tiles_changed_together_still_do_not_give_the_signed_root(tmp_path: Path) -> None:
    city = publish(tmp_path / "city", FORK, note=checkpoint(LEAVES))
    assert wrong(verify(city)) == (
        "The entries do not give the root that the ledger signed: an entry was changed, or the order."
    )


@pytest.mark.parametrize(
    "name", ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/88"]
)
def test_a_piece_that_is_missing_or_cut_off_is_named(city: Path, name: str) -> None:
    whole = (city / name).read_bytes()
    put(city / name, whole[:-7])
    wrong(verify(city))
    (city / name).unlink()
    assert f"`{name}` is missing" in wrong(verify(city))
    (city / name).mkdir()
    assert f"`{name}` is missing" in wrong(verify(city))
    (city / name).rmdir()
    os.mkfifo(city / name)  # reading it would wait for ever
    assert f"`{name}` is missing" in wrong(verify(city))


def test_a_partial_tile_that_is_gone_is_found_in_the_full_one(tmp_path: Path) -> None:
    city = publish(tmp_path / "city", LEAVES, note=checkpoint(LEAVES[:300]))
    publish(tmp_path / "small", LEAVES[:300])
    for name in ("tile/1/000.p/1",):
        put(city / name, (tmp_path / "small" / name).read_bytes())
    assert not (city / "tile/0/001.p/44").exists()
    assert verify(city).verdict == "good"


def test_partial_tiles_of_before_are_compared(city: Path, tmp_path: Path) -> None:
    """Somebody with an older checkpoint may ask for them still."""
    small = publish(tmp_path / "small", LEAVES[:300])
    names = [f"tile/{name}" for name in ("0/001.p/44", "1/000.p/1", "entries/001.p/44")]
    for name in names:
        put(city / name, (small / name).read_bytes())
    put(city / "tile/1/000.p/notes", b"no tile")
    assert verify(city).verdict == verify(packed(city, tmp_path / "good.zip")).verdict == "good"
    for name in names:
        whole = (city / name).read_bytes()
        for spoiled in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1], whole + b"x", bytes(20_000_000)):
            put(city / name, spoiled)
            assert wrong(verify(city)) == f"`{name}` is not what the entries give: it was changed."
        assert f"`{name}` is not" in wrong(verify(packed(city, tmp_path / "bad.zip")))
        put(city / name, whole)


def test_of_a_tile_beyond_the_checkpoint_only_its_part_is_judged(tmp_path: Path) -> None:
    city = publish(tmp_path / "city", LEAVES[:9])
    larger = (publish(tmp_path / "larger", LEAVES[:20]) / "tile/0/000.p/20").read_bytes()
    put(city / "tile/0/000.p/20", larger[:-1] + b"x")
    assert verify(city).verdict == "good"
    put(city / "tile/0/000.p/20", b"x" + larger[1:])
    assert "`tile/0/000.p/20` is not what the entries give" in wrong(verify(city))


def test_a_file_too_large_for_what_it_is_is_not_read(city: Path) -> None:
    with (city / "tile/0/000").open("wb") as file:
        file.truncate(10**12)
    assert "more than such a file can have" in wrong(verify(city))


def test_entries_of_another_form_out_of_order_or_after_the_end_are_told(tmp_path: Path) -> None:
    odd = [
        entry(0, hour="2026-11-23T05Z"),
        entry(1, hour="2026-11-23T04Z"),
        b'{"name":"Ana"}',
        entry(3).replace(b'"k":"decision"', b'"k": "decision"'),
        entry(4).replace(b"decision", b"gossip"),
        entry(5, kind="close"),
        entry(6),
        entry(7, hour="2026-11-31T05Z"),
    ]
    told = wrong(verify(publish(tmp_path / "city", odd)))
    for part in (
        "Entry 1 has an earlier hour",
        "Entry 2 does not have the form",
        "Entry 3 does",
        "Entry 4 does",
        "Entry 6 was added after",
        "Entry 7 does not have the form",
    ):
        assert part in told


def test_many_wrong_entries_are_counted_and_not_listed(tmp_path: Path) -> None:
    told = verify(publish(tmp_path / "city", [b"x"] * 400))
    assert len(told.wrong) < 30 and "380 more" in told.wrong[-1]


def test_a_ledger_that_was_closed_says_so(tmp_path: Path) -> None:
    told = verify(publish(tmp_path / "city", [entry(0), entry(1, kind="close")]))
    assert told.verdict == "good" and any("closed" in s for s in told.shown)


# --- since ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 599, 600])
def test_an_older_checkpoint_is_contained(city: Path, tmp_path: Path, size: int) -> None:
    put(tmp_path / "old", checkpoint(LEAVES[:size]).encode())
    told = verify(city, since=tmp_path / "old")
    assert told.verdict == "good" and any("older checkpoint is contained" in s for s in told.shown)


@pytest.mark.parametrize("size", [6, 255, 256, 257, 512, 600])
def test_a_fork_shows_both_checkpoints_as_evidence(city: Path, tmp_path: Path, size: int) -> None:
    old = checkpoint(FORK[:size])
    put(tmp_path / "old", old.encode())
    told = verify(city, since=tmp_path / "old")
    assert f"its first {size} entries were changed" in wrong(told)
    assert told.evidence == (old, checkpoint(LEAVES))


def test_a_receipt_that_was_kept_may_be_the_older_checkpoint(city: Path, tmp_path: Path) -> None:
    put(tmp_path / "mine.tlog-proof", proof(5, LEAVES[:100]).encode())
    assert verify(city, since=tmp_path / "mine.tlog-proof").verdict == "good"
    put(tmp_path / "mine.tlog-proof", proof(5, FORK[:100]).encode())
    assert len(verify(city, since=tmp_path / "mine.tlog-proof").evidence) == 2


def test_a_ledger_that_has_shrunk_is_told(tmp_path: Path) -> None:
    city = publish(tmp_path / "city", LEAVES[:50])
    put(tmp_path / "old", checkpoint(LEAVES[:60]).encode())
    told = verify(city, since=tmp_path / "old")
    assert "something was taken away, or this is an old copy" in wrong(told) and len(told.evidence) == 2


def test_an_older_checkpoint_of_another_ledger_or_key_shows_nothing(city: Path, tmp_path: Path) -> None:
    put(tmp_path / "old", checkpoint(LEAVES[:9], Key("log.elsewhere.example/x", "x")).encode())
    assert "of another ledger" in wrong(verify(city, since=tmp_path / "old"))
    put(tmp_path / "old", checkpoint(FORK[:9], Key(ORIGIN, "somebody else")).encode())
    told = verify(city, since=tmp_path / "old")
    assert "not signed by the key you trust" in wrong(told) and told.evidence == ()
    put(tmp_path / "old", b"not a checkpoint")
    with pytest.raises(LedgerError, match="this is no checkpoint"):
        verify(city, since=tmp_path / "old")


def test_all_checkpoints_of_before_are_compared(city: Path) -> None:
    for size in (1, 7, 256, 300, 600):
        put(city / f"checkpoints/{size}", checkpoint(LEAVES[:size]).encode())
    told = verify(city)
    assert told.verdict == "good" and any("Of 5 older checkpoints 5 are" in s for s in told.shown)
    put(city / "checkpoints/300", checkpoint(FORK[:300]).encode())
    assert "`checkpoints/300` does not go together" in wrong(verify(city))
    put(city / "checkpoints/7", b"garbage")
    assert "`checkpoints/7` cannot be read" in wrong(verify(city))


# --- a ZIP, an address --------------------------------------------------------------------------------------------


def packed(folder: Path, file: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for path_ in sorted(p for p in folder.rglob("*") if p.is_file()):
            made.write(path_, f"{prefix}{path_.relative_to(folder)}")
    return file


@pytest.mark.parametrize("prefix", ["", "city/", "a/b/"])
def test_an_export_is_read_in_place(city: Path, tmp_path: Path, prefix: str) -> None:
    put(city / "checkpoints/7", checkpoint(LEAVES[:7]).encode())
    told = verify(packed(city, tmp_path / "export.zip", prefix))
    assert told.verdict == "good" and any("older checkpoint is" in s for s in told.shown)


def test_a_spoiled_zip_is_told(city: Path, tmp_path: Path) -> None:
    good = packed(city, tmp_path / "export.zip").read_bytes()
    spoiled = bytearray(good)
    spoiled[len(good) // 3] ^= 0xFF
    put(tmp_path / "export.zip", bytes(spoiled))
    wrong(verify(tmp_path / "export.zip"))
    put(tmp_path / "export.zip", good[: len(good) // 2])
    with pytest.raises(LedgerError, match="no receipt, no ZIP and no folder"):
        verify(tmp_path / "export.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_unpacks_to_too_much_or_has_a_name_twice_is_refused(city: Path, tmp_path: Path) -> None:
    put(city / "tile/0/000", bytes(50_000_000))
    assert "more than such a file can have" in wrong(verify(packed(city, tmp_path / "export.zip")))
    with zipfile.ZipFile(tmp_path / "export.zip", "a") as made:
        made.writestr("checkpoint", checkpoint(FORK))
    with pytest.raises(LedgerError, match="twice"):
        verify(tmp_path / "export.zip")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def web(city: Path) -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(city)))
    threading.Thread(target=partial(made.serve_forever, poll_interval=0.02), daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def test_a_ledger_at_an_address(web: str, city: Path) -> None:
    for target in (web, f"{web}/", f"{web}/checkpoint"):
        assert verify(target).verdict == "good"
    (city / "tile/0/001").unlink()
    assert "`tile/0/001` is missing" in wrong(verify(web))


def test_an_address_without_a_ledger_or_an_answer_cannot_be_used(web: str) -> None:
    with pytest.raises(LedgerError, match="no published ledger here"):
        verify(f"{web}/tile")
    with pytest.raises(LedgerError, match="there is no answer"):
        verify("http://127.0.0.1:1/")
    for none in ("ftp://log.example/", "https://", "http://user:secret@127.0.0.1/", "http://127.0.0.1/a b"):
        with pytest.raises(LedgerError, match="is no address"):
            verify(none)


def test_the_sentences_of_an_address_never_repeat_a_password() -> None:
    with pytest.raises(LedgerError) as error:
        verify("https://user:secret@log.example/")
    assert "secret" not in str(error.value)


# --- a receipt --------------------------------------------------------------------------------------------------

RECORD = Record({"decision": "barred", "name": "Ana Pérez", "detail": {"b": [True, None, 1.5], "a": "é"}})
TREE = [*LEAVES[:77], RECORD.entry, *LEAVES[78:200]]


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    put(tmp_path / "trusted", policy().encode())
    return tmp_path / "trusted"


def receipt(tmp_path: Path, text: str | bytes) -> Path:
    put(tmp_path / "receipt.tlog-proof", text.encode() if isinstance(text, str) else text)
    return tmp_path / "receipt.tlog-proof"


def test_a_good_receipt(tmp_path: Path, trusted: Path) -> None:
    told = verify(receipt(tmp_path, proof(77, TREE)), policy=trusted)
    assert told.verdict == "good"
    assert told.entry == {"index": 77, "kind": "decision", "hour": "2026-11-23T19Z"}
    assert told.witnesses == {"w0": TIME, "w1": TIME + 1}
    assert any("exactly" in u for u in told.unproved)


def test_a_receipt_with_content_shows_it_and_counts_what_is_hidden(tmp_path: Path, trusted: Path) -> None:
    shown = canonical(RECORD.disclosure("decision", "detail"))
    inside = verify(receipt(tmp_path, proof(77, TREE, extra=RECORD.entry + b"\n" + shown)), policy=trusted)
    assert inside.verdict == "good" and inside.hidden == 1
    assert inside.fields == {"decision": "barred", "detail": {"b": [True, None, 1.5], "a": "é"}}
    put(tmp_path / "content.json", shown)
    beside = verify(receipt(tmp_path, proof(77, TREE)), policy=trusted, content=[tmp_path / "content.json"])
    assert beside.fields == inside.fields


def test_content_that_was_changed_is_told(tmp_path: Path, trusted: Path) -> None:
    lies = RECORD.disclosure("decision")
    lies["fields"][0]["value"] = "allowed"
    told = verify(receipt(tmp_path, proof(77, TREE, extra=RECORD.entry + b"\n" + canonical(lies))), policy=trusted)
    assert "does not fit the seal" in wrong(told) and told.fields is None


def test_a_receipt_without_its_entry_needs_it_from_elsewhere(tmp_path: Path, trusted: Path) -> None:
    bare = receipt(tmp_path, proof(77, TREE, extra=b""))
    assert verify(bare, policy=trusted).verdict == "open"
    put(tmp_path / "entry.json", RECORD.entry + b"\n")
    assert verify(bare, policy=trusted, content=[tmp_path / "entry.json"]).verdict == "good"
    put(tmp_path / "entry.json", entry(3))
    assert "not in the ledger at this place" in wrong(verify(bare, policy=trusted, content=[tmp_path / "entry.json"]))


def test_an_entry_in_a_file_cannot_replace_the_one_in_the_receipt(tmp_path: Path, trusted: Path) -> None:
    put(tmp_path / "entry.json", entry(3))
    told = verify(receipt(tmp_path, proof(77, TREE)), policy=trusted, content=[tmp_path / "entry.json"])
    assert told.verdict == "bad"


def test_a_receipt_without_a_key_is_open(tmp_path: Path) -> None:
    told = verify(receipt(tmp_path, proof(77, TREE)))
    assert told.verdict == "open" and "could be made up" in told.open[0]


def test_forged_truncated_and_foreign_receipts(tmp_path: Path, trusted: Path) -> None:
    good = proof(77, TREE)
    for spoiled, said in (
        (good.replace("index 77", "index 78"), "not in the ledger at this place"),
        (good.replace("index 77", "index 200"), "not in the ledger at this place"),
        (proof(77, TREE, extra=entry(3)), "not in the ledger at this place"),
        (proof(77, TREE, Key(ORIGIN, "somebody else")), "another key than the one you trust"),
        (proof(77, TREE, Key("log.elsewhere.example/x", "x")), "you trust"),
        (good.replace("\n200\n", "\n201\n"), "forged or damaged"),
        (good[:-30], "not a whole, unchanged receipt"),
        (good[:-1], "not a whole, unchanged receipt"),
        (good.replace("\n", "\r\n").replace("v1\r", "v1", 1), "not a whole, unchanged receipt"),
    ):
        assert said in wrong(verify(receipt(tmp_path, spoiled), policy=trusted)), said


def test_every_byte_of_a_receipt_counts(tmp_path: Path, trusted: Path) -> None:
    """As in the browser: the same bytes flipped, and none of them passes as good."""
    good = proof(1, TREE[:2]).encode()
    assert verify(receipt(tmp_path, good), policy=trusted).verdict == "good"
    for at in range(22, len(good)):  # within the first line it is no receipt at all
        spoiled = bytearray(good)
        spoiled[at] ^= 1 << (at % 7)
        assert verify(receipt(tmp_path, bytes(spoiled)), policy=trusted).verdict != "good", at
    assert path(1, TREE[:2])


def test_what_is_no_receipt_cannot_be_used(tmp_path: Path) -> None:
    for body in (b"", b"hello", b"\x89PNG\r\n\x1a\n", checkpoint(TREE).encode()):
        with pytest.raises(LedgerError, match="this is no receipt, no ZIP and no folder"):
            verify(receipt(tmp_path, body))
    with pytest.raises(LedgerError, match="there is no such file or folder"):
        verify(tmp_path / "nothing")
    with pytest.raises(LedgerError, match="no published ledger here"):
        verify(tmp_path)
    with pytest.raises(LedgerError, match="compared with a whole ledger"):
        verify(receipt(tmp_path, proof(77, TREE)), since=receipt(tmp_path, proof(77, TREE)))
    with pytest.raises(LedgerError, match="only a receipt has content"):
        verify(publish(tmp_path / "city", LEAVES[:3]), content=[tmp_path / "x"])


def test_a_policy_that_cannot_be_read_is_named_with_its_file(tmp_path: Path) -> None:
    put(tmp_path / "mine", b"log nonsense\nquorum none\n")
    with pytest.raises(LedgerError, match="mine: line 1"):
        verify(publish(tmp_path / "city", LEAVES[:3]), policy=tmp_path / "mine")


def test_the_result_as_json_is_plain(city: Path) -> None:
    told = verify(city).as_json()
    assert told["verdict"] == "good" and told["kinds"] == {"decision": 600} and isinstance(told["root"], str)
