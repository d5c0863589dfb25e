from __future__ import annotations

import os
import stat
from pathlib import Path
from random import Random

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.keytree import SLOTS, Erased, KeyTree, remaining


@pytest.fixture
def tree(tmp_path: Path) -> KeyTree:
    return KeyTree.create(tmp_path / "erasure.db")


def bytes_on_disk(tree: KeyTree) -> bytes:
    return b"".join(p.read_bytes() for p in tree.path.parent.iterdir())


def test_every_slot_has_its_own_seed_and_keeps_it(tree: KeyTree) -> None:
    slots = [*range(40), 255, 256, 257, 4095, 4096, 10**6, SLOTS - 1]
    seeds = [tree.seed(slot) for slot in slots]
    assert len(set(seeds)) == len(slots)
    again = KeyTree(tree.path)
    assert [again.seed(slot) for slot in reversed(slots)] == list(reversed(seeds))


def test_adding_a_record_writes_nothing(tree: KeyTree) -> None:
    before = bytes_on_disk(tree)
    for slot in range(1000):
        tree.secrets(slot, 5)
    assert bytes_on_disk(tree) == before


def test_erased_records_are_gone_and_all_others_are_as_they_were(tree: KeyTree) -> None:
    slots = [*list(range(600)), 70000, 70001, 5000000, SLOTS - 1]
    before = {slot: tree.secrets(slot, 3) for slot in slots}
    erased = [*Random(7).sample(slots, 60), 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]
    for entry, slot in enumerate(dict.fromkeys(erased)):
        tree.erase(slot, entry)
    for look in (tree, KeyTree(tree.path)):
        for slot in slots:
            if slot in erased:
                with pytest.raises(Erased):
                    look.secrets(slot, 3)
            else:
                assert look.secrets(slot, 3) == before[slot], slot


def test_no_byte_of_an_erased_key_is_left_in_the_file(tree: KeyTree) -> None:
    gone = []
    for entry in range(120):
        slot = entry * 7
        if entry % 2:
            secrets = tree.secrets(slot, 4)
            gone += [tree.seed(slot), secrets.key, secrets.salts[2]]
            tree.erase_fields(slot, 4, [2], entry)
        else:
            secrets = tree.secrets(slot, 4)
            gone += [tree.seed(slot), secrets.key, secrets.salt, *secrets.salts]
            tree.erase(slot, entry)
    on_disk = bytes_on_disk(tree)
    assert not [g for g in gone if g and g in on_disk]


def test_an_inner_seed_above_an_erased_record_is_gone_too(tree: KeyTree) -> None:
    root = tree._db.execute("SELECT seed FROM seeds WHERE depth = 0").fetchone()[0]
    assert root in bytes_on_disk(tree)
    tree.erase(5, 0)
    assert root not in bytes_on_disk(tree)


def test_an_erased_field_takes_its_salt_and_the_key_along_and_nothing_else(tree: KeyTree) -> None:
    before = tree.secrets(9, 4)
    tree.erase_fields(9, 4, [1], 0)
    after = tree.secrets(9, 4)
    assert after == remaining(before, [1])
    assert (after.salt, after.salts) == (before.salt, (before.salts[0], None, before.salts[2], before.salts[3]))
    assert after.key != before.key
    with pytest.raises(Erased):
        tree.seed(9)
    tree.erase_fields(9, 4, [0, 3], 1)
    assert tree.secrets(9, 4).salts == (None, None, before.salts[2], None)
    tree.erase(9, 2)
    with pytest.raises(Erased):
        tree.secrets(9, 4)


def test_an_erasure_that_is_done_is_not_done_again(tree: KeyTree) -> None:
    tree.erase_fields(9, 4, [1], 10)
    after = tree.secrets(9, 4)
    tree.erase_fields(9, 4, [1], 10)
    assert tree.secrets(9, 4) == after
    assert tree.done == 10


def test_a_store_that_was_stopped_before_it_was_scrubbed_is_scrubbed_when_opened(tree: KeyTree) -> None:
    secret = tree.secrets(3, 1)
    seed = tree.seed(3)
    tree._scrub = lambda gone: None  # type: ignore[method-assign]
    tree.erase_fields(3, 1, [], 0)
    tree.close()
    KeyTree(tree.path)
    assert seed not in tree.path.read_bytes() and secret.key not in tree.path.read_bytes()
    assert not KeyTree(tree.path).word("unclean")


def test_the_file_is_for_its_owner_alone(tree: KeyTree) -> None:
    assert stat.S_IMODE(os.stat(tree.path).st_mode) == 0o600
    tree.close()
    tree.path.chmod(0o640)
    with pytest.raises(LedgerError, match="others may read the key store; say `chmod 600"):
        KeyTree(tree.path)


def test_a_missing_or_damaged_store_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="missing"):
        KeyTree(tmp_path / "erasure.db")
    (tmp_path / "erasure.db").touch(0o600)
    (tmp_path / "erasure.db").write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError, match="restore it from its back-up"):
        KeyTree(tmp_path / "erasure.db")


def test_a_slot_beyond_the_tree_is_refused(tree: KeyTree) -> None:
    with pytest.raises(LedgerError, match="close this ledger"):
        tree.seed(SLOTS)
