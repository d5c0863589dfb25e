"""The signing key is copied and signs a second history: the witness does not cosign it, and both checkpoints are kept."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.ledger import Ledger
from brightline.ledger.note import Cosigner, Note
from brightline.ledger.policy import Policy
from brightline.ledger.verify import verify
from brightline.ledger.witness import Request, Witness
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World

Fresh = Callable[..., Path]


def ask(witness: Witness, ledger: Ledger, old: int) -> int:
    note = ledger.checkpoint
    seen = Checkpoint.parse(note.text)
    return witness.add_checkpoint(Request(old, tuple(ledger.consistency(old, seen.size)), note, seen).encode()).status


def more(ledger: Ledger, count: int, name: str) -> None:
    scenes.batch(ledger, lambda **what: None, count, name)
    ledger.publish()


@pytest.mark.parametrize(("theirs", "status", "certain"), [(20, 409, True), (30, 422, False)])
def test_a_second_history(theirs: int, status: int, certain: bool, fresh: Fresh, base: World, tmp_path: Path) -> None:
    world = fresh()
    shutil.copytree(world, world / "copy")
    witness = Witness(
        Cosigner("auditor.example", Ed25519PrivateKey.generate()),
        Policy.parse((world / "city" / "policy").read_bytes()),
        tmp_path / "witness.db",
    )
    with scenes.reopen(world) as ours, scenes.reopen(world / "copy") as forged:
        assert ask(witness, ours, 0) == 200
        more(ours, 20, "ours")
        more(forged, theirs, "forged")
        assert ask(witness, ours, 250) == 200
        assert ask(witness, forged, 270 if theirs > 20 else 250) == status
        (evidence,) = witness.evidence()
        assert evidence.certain is certain
        assert evidence.ours.text == ours.checkpoint.text
        assert evidence.theirs.text == forged.checkpoint.text
        more(ours, 5, "ours again")
        assert ask(witness, ours, 270) == 200
    (seen,) = witness.seen()
    with Ledger.open(world / "copy" / "city", known=[("the witness `auditor.example`", seen.note)]) as forged:
        assert forged.refusal
        with pytest.raises(LedgerError):
            forged.append("decision", {"n": 1})
    old = tmp_path / "seen"
    old.write_bytes(evidence.ours.encode())
    told: Any = verify(world / "copy" / "city" / "public", since=old)
    assert told.wrong, "the monitor sees nothing"
    shown = "\n".join(told.evidence)
    assert evidence.ours.text in shown and Note.parse(old.read_bytes()).text in shown
    assert Note.parse((world / "copy" / "city" / "public" / "checkpoint").read_bytes()).text in shown
    witness.close()
    page.note("fork", Counter([f"the witness answers {status} and keeps both checkpoints, `verify` shows both"]))
