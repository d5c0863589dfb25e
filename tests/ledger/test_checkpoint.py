"""Checkpoints: three lines, read and written exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Note
from tests.ledger.changes import changes

# C2SP tlog-checkpoint, the example in the specification.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_example_of_the_specification() -> None:
    found = Checkpoint.parse(Note.parse(SOFA.encode()).text)
    assert (found.origin, found.size, found.extensions) == ("example.com/behind-the-sofa", 20852163, ())
    assert found.root.hex().startswith("0ac5186a9186")
    assert found.text == SOFA.partition("\n\n")[0] + "\n"


def test_lines_of_others_after_the_third_are_kept() -> None:
    text = f"a.example\n7\n{ROOT}\nTimestamp 12\nmore of it\n"
    found = Checkpoint.parse(text)
    assert found.extensions == ("Timestamp 12", "more of it")
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "three lines"),
        (f"a.example\n7\n{ROOT}", "three lines"),
        ("a.example\n7\n", "three lines"),
        (f"\n7\n{ROOT}\n", "three lines"),
        (f"a.example\n7\n{ROOT}\n\n", "three lines"),
        (f"a.example\n7\n{ROOT}\n\nmore\n", "three lines"),
        (f"a.example\n07\n{ROOT}\n", "no decimal number"),
        (f"a.example\n-7\n{ROOT}\n", "no decimal number"),
        (f"a.example\n7 \n{ROOT}\n", "no decimal number"),
        (f"a.example\n\u0667\n{ROOT}\n", "no decimal number"),
        (f"a.example\n{2**63}\n{ROOT}\n", "no decimal number"),
        ("a.example\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", "31 bytes instead of the 32"),
        ("a.example\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", "wrong spelling"),
        ("a.example\n7\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n", "not base64"),
        (f"a\r\n7\n{ROOT}\n", "control characters"),
    ],
)
def test_a_bad_checkpoint_is_told_why(text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Checkpoint("", 1, bytes(32)),
        lambda: Checkpoint("a\nb", 1, bytes(32)),
        lambda: Checkpoint("a", -1, bytes(32)),
        lambda: Checkpoint("a", 2**63, bytes(32)),
        lambda: Checkpoint("a", 1, bytes(31)),
        lambda: Checkpoint("a", 1, bytes(32), ("",)),
    ],
)
def test_a_checkpoint_that_could_not_be_read_is_not_made(make: object) -> None:
    with pytest.raises(LedgerError):
        make()  # type: ignore[operator]


LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(0x20)]), min_size=1)
CHECKPOINTS = st.builds(
    Checkpoint,
    LINES,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES, max_size=3).map(tuple),
)


@given(CHECKPOINTS)
def test_a_checkpoint_that_is_written_is_read_as_it_was(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_two_texts_are_never_one_checkpoint() -> None:
    text = Checkpoint("log.city.example/2026", 1203, bytes(range(32))).text
    for other in changes(text.encode()):
        try:
            changed = other.decode()
            found = Checkpoint.parse(changed)
        except (LedgerError, UnicodeDecodeError):
            continue
        assert found != Checkpoint.parse(text) and found.text == changed
