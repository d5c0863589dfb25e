"""Policies: who must have signed, read as the specification says and refused with the line that is wrong."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Cosigner, Note, Signature, Signer
from brightline.ledger.policy import Policy, PolicyGroup


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


ORIGIN = "log.city.example/2026"
LOG = Signer(ORIGIN, private(1))
W = [Cosigner(f"witness{i}.example/w", private(10 + i)) for i in range(6)]
TEXT = Checkpoint(ORIGIN, 3, bytes(range(32))).text

# C2SP tlog-policy, "Example policy", with keys of ours.
EXAMPLE = f"""log {LOG.vkey}

witness X1 {W[0].vkey}
witness X2 {W[1].vkey}
witness X3 {W[2].vkey}
group X-witnesses 2 X1 X2 X3

witness Y1 {W[3].vkey}
witness Y2 {W[4].vkey}
witness Y3 {W[5].vkey}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def signed(*cosigners: Cosigner, by: Signer = LOG) -> Note:
    return Note(TEXT, (by.sign(TEXT), *(w.cosign(TEXT, 1000 + i) for i, w in enumerate(cosigners))))


def test_the_example_of_the_specification() -> None:
    policy = Policy.parse(EXAMPLE)
    assert [log.key.name for log in policy.logs] == [ORIGIN]
    assert [w.name for w in policy.witnesses] == ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    assert policy.groups[0] == PolicyGroup("X-witnesses", 2, ("X1", "X2", "X3"))
    assert [g.least for g in policy.groups] == [2, 1, 2]
    assert (policy.quorum, policy.text, policy.encode()) == ("X-and-Y", EXAMPLE, EXAMPLE.encode())


@given(st.sets(st.sampled_from(["X1", "X2", "X3", "Y1", "Y2", "Y3", "X-witnesses", "stranger"])))
def test_the_quorum_is_what_the_groups_say(names: set[str]) -> None:
    enough = len(names & {"X1", "X2", "X3"}) >= 2 and len(names & {"Y1", "Y2", "Y3"}) >= 1
    assert Policy.parse(EXAMPLE).satisfied(names) is enough


def test_no_witness_and_one_witness_as_quorum() -> None:
    assert Policy.parse("quorum none\n").satisfied([])
    one = Policy.parse(f"witness a {W[0].vkey}\nquorum a\n")
    assert one.satisfied(["a"]) and not one.satisfied([])


def test_spaces_comments_and_addresses() -> None:
    policy = Policy.parse(
        f"\n# a comment\n\t # another\n\tlog  {LOG.vkey} \t https://log.example/ \n"
        f"witness all {W[0].vkey}   https://w.example/  \nwitness any {W[1].vkey}\n  group group 2 all any\n quorum\tgroup"
    )
    assert [log.url for log in policy.logs] == ["https://log.example/"]
    assert [(w.name, w.url) for w in policy.witnesses] == [("all", "https://w.example/"), ("any", None)]
    assert policy.satisfied({"all", "any"}) and not policy.satisfied({"all"})


def test_names_are_octets_and_not_characters() -> None:
    kelvin, kay = "\u212a".encode(), b"K"
    body = b"witness %s %s\nwitness %s %s\nwitness \x80 %s\ngroup g all %s \x80\nquorum g\n" % (
        *(kelvin, W[0].vkey.encode(), kay, W[1].vkey.encode(), W[2].vkey.encode(), kelvin),
    )
    policy = Policy.parse(body)
    assert policy.satisfied({"\u212a", "\udc80"}) and not policy.satisfied({"K", "\udc80"})
    assert policy.encode() == body == Policy.parse(policy.text).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no line `quorum`"),
        ("quorum none\n\x01", "line 2 of the policy: it has a control character"),
        ("quorum none\x7f", "control character"),
        ("quorum none\r\n", "line 1 of the policy: it ends as Windows writes it"),
        ("quibble w1\nquorum none\n", "`quibble` is not understood"),
        ("log\nquorum none", "`log` is not understood"),
        ("log garbage\nquorum none", "line 1 of the policy: a key cannot be read"),
        (f"log {LOG.vkey} https://a.example/ # note\nquorum none", "`log` is not understood"),
        (
            f"log {LOG.vkey}\nlog {LOG.vkey} https://a.example/\nquorum none",
            "line 2 of the policy: .* is there already",
        ),
        (
            f"log {LOG.vkey}\nlog {Signer('b.example', private(1)).vkey}\nquorum none",
            "counts once, under whatever name",
        ),
        (f"log {W[0].vkey}\nquorum none", "that of a witness, not of a log"),
        (f"witness a {LOG.vkey}\nquorum a", "that of a log, not of a witness"),
        ("witness a\nquorum none", "`witness` is not understood"),
        (f"witness none {W[0].vkey}\nquorum none", "`none` is no name"),
        (f"witness a {W[0].vkey}\nwitness a {W[1].vkey}\nquorum a", "the name `a` is given twice"),
        (f"witness a {W[0].vkey}\nwitness b {Cosigner('c', private(10)).vkey}\nquorum a", "is there already"),
        (f"witness a {W[0].vkey}\ngroup a any a\nquorum a", "the name `a` is given twice"),
        (f"witness a {W[0].vkey}\ngroup g 1\nquorum a", "`group` is not understood"),
        (f"witness a {W[0].vkey}\ngroup none any a\nquorum none", "`none` is no name"),
        (f"witness a {W[0].vkey}\ngroup g 0 a\nquorum g", "`0` must be"),
        (f"witness a {W[0].vkey}\ngroup g -1 a\nquorum g", "`-1` must be"),
        (f"witness a {W[0].vkey}\ngroup g 01 a\nquorum g", "`01` must be"),
        (f"witness a {W[0].vkey}\ngroup g \u0661 a\nquorum g", "must be `all`, `any` or a number"),
        (f"witness a {W[0].vkey}\ngroup g 2 a\nquorum g", "asks for 2 of 1 members"),
        (f"witness a {W[0].vkey}\ngroup g any b\nquorum g", "line 2 of the policy: `b` is no witness and no group"),
        (f"group g any a\nwitness a {W[0].vkey}\nquorum g", "`a` is no witness and no group of a line above"),
        (f"witness a {W[0].vkey}\ngroup g any none a\nquorum g", "`none` is no witness"),
        (f"witness a {W[0].vkey}\ngroup g all a a\nquorum g", "`a` is in a group already"),
        (f"witness a {W[0].vkey}\ngroup g any a\ngroup h any a\nquorum g", "`a` is in a group already"),
        (f"witness a {W[0].vkey}\n", "no line `quorum`"),
        (f"witness a {W[0].vkey}\nquorum a\nquorum a\n", "second `quorum`"),
        ("quorum unknown\n", "`unknown` is no witness and no group"),
        (f"quorum a\nwitness a {W[0].vkey}\n", "`a` is no witness and no group of a line above"),
        ("quorum\n", "`quorum` is not understood"),
        ("#" * 1_000_001, "are not read"),
        ("quorum \ud812", "no proper Unicode"),
    ],
)
def test_a_bad_policy_is_told_why_and_where(text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Policy.parse(text)


def test_as_many_as_the_specification_asks_for() -> None:
    lines = [f"log {Signer(f'log{i}.example', private(i + 100)).vkey}" for i in range(32)]
    lines += [f"witness w{i} {Cosigner(f'w{i}.example', private(i + 150)).vkey}" for i in range(32)]
    lines += [f"group g{i} any w{i} {f'g{i - 1}' if i else ''}" for i in range(32)]
    assert Policy.parse("\n".join([*lines, "quorum g31"])).satisfied({"w0"})


def test_a_checkpoint_with_a_quorum_is_accepted_and_tells_the_times() -> None:
    policy = Policy.parse(EXAMPLE)
    assert policy.check(signed(W[0], W[2], W[4])) == {"X1": 1000, "X3": 1001, "Y2": 1002}
    twice = signed(W[0], W[2], W[4], W[0])
    assert policy.check(twice)["X1"] == 1000, "of two cosignatures of one witness, the earlier counts"
    with pytest.raises(LedgerError, match=r"too few witnesses .* missing: `X2`, `X3`, `Y1`, `Y2`, `Y3`"):
        policy.check(signed(W[0], W[0]))


def test_lines_of_unknown_keys_are_ignored() -> None:
    stranger = Cosigner("stranger.example", private(77))
    policy = Policy.parse(EXAMPLE)
    assert set(policy.check(signed(W[0], stranger, W[1], W[3]))) == {"X1", "X2", "Y1"}


def test_a_wrong_signature_of_a_known_key_spoils_the_checkpoint() -> None:
    good = signed(W[0], W[1], W[3], W[4])
    for at, signature in enumerate(good.signatures):
        raw = signature.raw[:-1] + bytes([signature.raw[-1] ^ 1])
        wrong = Signature(signature.name, signature.key_hash, raw)
        spoiled = Note(good.text, (*good.signatures[:at], wrong, *good.signatures[at + 1 :]))
        with pytest.raises(LedgerError, match="does not fit the text"):
            Policy.parse(EXAMPLE).check(spoiled)


def test_a_checkpoint_of_another_log_or_key_is_refused() -> None:
    policy = Policy.parse(f"log {LOG.vkey}\nquorum none\n")
    assert policy.check(signed()) == {}
    with pytest.raises(LedgerError, match="not signed with the key"):
        policy.check(signed(by=Signer(ORIGIN, private(2))))
    with pytest.raises(LedgerError, match=f"the checkpoint is of the log `{ORIGIN}`, which the policy does not name"):
        Policy.parse(f"log {Signer('b.example', private(2)).vkey}\nquorum none\n").check(signed())


def test_a_known_log_cannot_sign_for_another_origin() -> None:
    other = Signer("b.example", private(2))
    policy = Policy.parse(f"log {LOG.vkey}\nlog {other.vkey}\nquorum none\n")
    with pytest.raises(LedgerError, match=f"the checkpoint of `{ORIGIN}` is not signed"):
        policy.check(signed(by=other))
