"""A signing key in a real SSH agent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightline.ledger import Ledger, LedgerError
from brightline.ledger.agent import find, of_line


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An agent of its own, with an Ed25519 key `log` and another one of another type."""
    if shutil.which("ssh-agent") is None:
        warnings.warn("the signing key in an agent was not tested: there is no ssh-agent", stacklevel=1)
        pytest.skip("there is no ssh-agent (Debian's package openssh-client has it)")
    told = subprocess.run(["ssh-agent", "-s", "-a", str(tmp_path / "s")], capture_output=True, text=True, check=True)
    process = re.search(r"SSH_AGENT_PID=(\d+)", told.stdout)
    assert process
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "s"))
    for kind, comment in (("ed25519", "log"), ("ecdsa", "other")):
        make = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(tmp_path / comment)]
        subprocess.run(make, check=True)
        subprocess.run(["ssh-add", "-q", str(tmp_path / comment)], check=True)
    yield tmp_path
    os.kill(int(process[1]), 15)


def test_a_ledger_signs_with_a_key_that_never_leaves_the_agent(agent: Path) -> None:
    folder = agent / "ledger"
    with Ledger.create(folder, "log.example/agent", agent="log", floor=0) as ledger:
        receipt = ledger.append("decision", {"ground": "b.1"})
    with Ledger.open(folder) as ledger:
        ledger.append("decision", {"ground": "b.2"})
        assert ledger.fsck().ok
        receipt.check(ledger.entry(0), ledger.key)
    kept = (folder / "keys" / "signing.pem").read_bytes()
    assert kept.startswith(b"ssh-ed25519 ") and b"PRIVATE" not in kept


def test_a_locked_agent_and_none_at_all_are_told(agent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = find("log")
    assert of_line(key.line) == key
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    with pytest.raises(LedgerError, match="refused"):
        key.sign(b"text")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent / "gone"))
    with pytest.raises(LedgerError, match="does not answer"):
        key.sign(b"text")
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(LedgerError, match="none is there"):
        key.sign(b"text")


def test_a_key_of_another_type_or_name_is_not_taken(agent: Path) -> None:
    for name in ("other", "lgo"):
        with pytest.raises(LedgerError, match=r"no Ed25519 key.*`log`"):
            find(name)


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-rsa AAAA log", "ssh-ed25519 AAAA log", "ssh-ed25519 !!!! log"]
)
def test_a_damaged_line_is_told(line: str) -> None:
    with pytest.raises(LedgerError, match=r"damaged|cut off"):
        of_line(line)
