"""Signed notes, keys and cosignatures, against published ones."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from brightline.ledger.base64text import decode64, encode64
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Cosigner, Note, Signature, Signer, VerifierKey, cosigned_message
from tests.ledger.changes import changes

# The Go checksum database, golang.org/x/mod/sumdb/note, note_test.go (BSD-3): key, private key, text and signature.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_NOTE = (
    PETER_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

# C2SP signed-note, the example in the specification (no key is given there).
QUASIMODO = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()

# A checkpoint of a public log (Arche 2025h1, staging) with the Ed25519 signature of the log, one of RFC 6962 (type 0x05),
# and cosignatures of four public witnesses. The keys are those that the log and the witness publish.
ARCHE = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
""".encode()
ARCHE_KEY = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"

LOG = Signer("log.city.example/2026", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Cosigner("witness.auditor.example/w1", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
TEXT = "log.city.example/2026\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def the_one(note: Note, key: VerifierKey) -> Signature:
    (found,) = (s for s in note.signatures if key.made(s))
    return found


def test_the_published_key_and_note_of_go() -> None:
    key, note = VerifierKey.parse(PETER), Note.parse(PETER_NOTE)
    assert (key.name, key.kind, key.key_hash.hex(), key.vkey) == ("PeterNeumann", "log", "c74f20a3", PETER)
    assert note.text == PETER_TEXT
    assert key.verify(note.text, *note.signatures) is None
    signer = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER_PRIVATE)[1:]))
    assert signer.vkey == PETER
    assert Note(PETER_TEXT, (signer.sign(PETER_TEXT),)).encode() == PETER_NOTE


def test_the_example_of_the_specification_is_read_and_written() -> None:
    note = Note.parse(QUASIMODO)
    assert note.text.startswith("Ognuno") and note.text.endswith("sole:\n\ned è subito sera.\n")
    assert [(s.name, len(s.raw)) for s in note.signatures] == [("quasimodo.example/salvatore", 64)]
    assert note.encode() == QUASIMODO


def test_a_checkpoint_of_a_public_log_and_its_witness() -> None:
    note = Note.parse(ARCHE)
    log, witness = VerifierKey.parse(ARCHE_KEY), VerifierKey.parse(REMORA_KEY)
    assert (log.kind, witness.kind) == ("log", "witness")
    assert log.verify(note.text, the_one(note, log)) is None
    assert witness.verify(note.text, the_one(note, witness)) == 0x6A122120
    assert note.encode() == ARCHE
    for key in (log, witness):
        with pytest.raises(LedgerError, match="does not fit the text"):
            key.verify(note.text.replace("1432088532", "1432088533"), the_one(note, key))


def test_what_a_witness_signs_is_the_message_of_the_specification() -> None:
    # C2SP tlog-cosignature, "Ed25519 signed message".
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_message(text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()


def test_a_witness_says_when() -> None:
    key = VerifierKey.parse(WITNESS.vkey)
    signature = WITNESS.cosign(TEXT, 1_795_460_000)
    assert key.verify(TEXT, signature) == 1_795_460_000
    later = Signature(signature.name, signature.key_hash, (1_795_460_001).to_bytes(8, "big") + signature.raw[8:])
    with pytest.raises(LedgerError, match="does not fit the text"):
        key.verify(TEXT, later)
    with pytest.raises(LedgerError, match="no time of a cosignature"):
        WITNESS.cosign(TEXT, 2**63)


def test_one_key_in_two_roles_has_two_ids_and_neither_passes_for_the_other() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
    log, witness = Signer("a.example", private), Cosigner("a.example", private)
    assert log.key_hash != witness.key_hash
    as_log = Signature("a.example", log.key_hash, witness.cosign(TEXT, 7).raw)
    as_witness = Signature("a.example", witness.key_hash, bytes(8) + log.sign(TEXT).raw)
    for key, signature in ((log.verifier, as_log), (witness.verifier, as_witness)):
        with pytest.raises(LedgerError, match="does not fit the text"):
            key.verify(TEXT, signature)


def test_a_signature_of_another_key_is_not_asked_for() -> None:
    key = VerifierKey.parse(LOG.vkey)
    right = LOG.sign(TEXT)
    for other in (
        Signature("log.other.example/2026", right.key_hash, right.raw),
        Signature(right.name, bytes(4), right.raw),
    ):
        assert not key.made(other)
        with pytest.raises(LedgerError, match="names another key"):
            key.verify(TEXT, other)


@pytest.mark.parametrize("vkey", [PETER, REMORA_KEY, WITNESS.vkey])
def test_no_changed_key_is_accepted(vkey: str) -> None:
    for other in changes(vkey.encode()):
        text = other.decode("utf-8", "surrogateescape")
        with pytest.raises(LedgerError):
            VerifierKey.parse(text)
    for start in range(len(vkey)):
        with pytest.raises(LedgerError):
            VerifierKey.parse(vkey[start + 1 :])


def test_no_changed_note_is_accepted() -> None:
    data = Note(TEXT, (LOG.sign(TEXT), WITNESS.cosign(TEXT, 1_795_460_000))).encode()
    keys = [LOG.verifier, WITNESS.verifier]
    assert all(key.verify(TEXT, the_one(Note.parse(data), key)) != 0 for key in keys)
    for other in changes(data):
        with pytest.raises((LedgerError, ValueError)):  # ValueError: a line of a known key is not there, or twice
            note = Note.parse(other)
            for key in keys:
                key.verify(note.text, the_one(note, key))


@pytest.mark.parametrize(
    ("vkey", "said"),
    [
        # wrong length and unknown type, with the right id: golang.org/x/mod/sumdb/note, note_test.go
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", "base64"),
        ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "type 0x65"),
        (PETER.replace("c74f20a3", "C74F20A3"), "must look like"),
        (PETER.replace("c74f20a3", "c74f20a4"), "does not fit its id c74f20a4"),
        (PETER + "\n", "must look like"),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "must look like"),
        ("a+00000000+ARpc2Q==", "instead of the 32"),
        ("", "must look like"),
    ],
)
def test_a_bad_key_is_told_why(vkey: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        VerifierKey.parse(vkey)


def test_keys_under_which_anybody_can_sign_are_refused() -> None:
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    y8 = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
    assert (
        y8 * y8 + (y8 * y8 - 1) * pow(d * y8 * y8 + 1, -1, p)
    ) % p == 0  # doubled, its y is 0: the point has order 8
    for y in (0, 1, p - 1, p, p + 1, y8, p - y8):
        for sign in (0, 1 << 255):
            with pytest.raises(LedgerError, match="weak keys"):
                VerifierKey.of("weak.example", "log", (y | sign).to_bytes(32, "little"))


def test_bytes_that_are_no_point_of_the_curve_are_no_key() -> None:
    p = 2**255 - 19
    for y in (2, p + 2, p + 3, p + 18):  # there is no x for y = 2; 3 and 18 have one, and would be spelled twice
        for sign in (0, 1 << 255):
            with pytest.raises(LedgerError, match="no point of the curve"):
                VerifierKey.of("none.example", "log", (y | sign).to_bytes(32, "little"))
    for y in (3, 18):
        assert VerifierKey.of("some.example", "log", y.to_bytes(32, "little")).public[0] == y


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not end with a newline"),
        (b"text\n", "no signatures"),
        (b"text\n\n", "no signatures"),
        (PETER_NOTE.replace(b"\n", b"\r\n"), "Windows line ends"),
        (PETER_NOTE.replace(b"you", b"y\x01u", 1), "control characters"),
        (PETER_NOTE.replace(b"you", b"y\xffu", 1), "not UTF-8"),
        (PETER_NOTE.replace("—".encode(), b"-"), "signature line"),
        (PETER_NOTE.replace(b"PeterN", b"Peter+N"), "signature line"),
        (PETER_NOTE.replace(b"PeterN", b"Peter\xc2\xa0N"), "signature line"),
        (PETER_NOTE[:-1] + b" \n", "signature line"),
        (b"text\n\n\xe2\x80\x94 a AAAAAA==\n", "too short"),
        (PETER_NOTE.replace(b"nAM=", b"nAN="), "wrong spelling"),
        (b"text\n" + PETER_NOTE[-100:] * 20_000, "are not read"),
        (PETER_TEXT.encode() + b"\n" + PETER_NOTE.partition(b"\n\n")[2] * 65, "65 signatures"),
    ],
)
def test_a_bad_note_is_told_why(data: bytes, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Note.parse(data)


def test_a_note_needs_a_signature_and_a_last_newline() -> None:
    with pytest.raises(LedgerError, match="1 to 64 signatures"):
        Note(TEXT, ()).encode()
    with pytest.raises(LedgerError, match="newline"):
        LOG.sign(TEXT[:-1])
    with pytest.raises(LedgerError, match="newline"):
        Note("a", (LOG.sign(TEXT),)).encode()


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\u2003", "x" * 256, "\ud800"])
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(LedgerError, match="name of a key"):
        Signer(name, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))


LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(0x20)]), max_size=20)
NAMES = LINES.filter(lambda n: n and "+" not in n and not any(c.isspace() for c in n))
SIGNATURES = st.builds(
    Signature, NAMES, st.binary(min_size=4, max_size=4), st.one_of(st.binary(min_size=1, max_size=80))
)
NOTES = st.builds(
    Note,
    st.lists(LINES, min_size=1, max_size=5).map(lambda lines: "".join(f"{line}\n" for line in lines)),
    st.lists(SIGNATURES, min_size=1, max_size=5).map(tuple),
)


@given(NOTES)
def test_a_note_that_is_written_is_read_as_it_was(note: Note) -> None:
    assert Note.parse(note.encode()) == note


@given(st.binary(max_size=200) | NOTES.map(Note.encode))
def test_a_note_that_is_read_is_written_as_it_was(data: bytes) -> None:
    try:
        note = Note.parse(data)
    except LedgerError:
        return
    assert note.encode() == data


@given(st.binary(min_size=32, max_size=32), NAMES, st.sampled_from(["log", "witness"]))
def test_keys_are_read_as_they_are_written(seed: bytes, name: str, kind: str) -> None:
    assume(len(name.encode()) < 256)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signer = Signer(name, private) if kind == "log" else Cosigner(name, private)
    key = VerifierKey.parse(signer.vkey)
    assert key == signer.verifier and key.kind == kind and key.vkey == signer.vkey


@given(st.binary(max_size=70))
def test_base64_has_one_spelling(data: bytes) -> None:
    text = encode64(data)
    assert decode64(text, "it") == data and text == base64.b64encode(data).decode()
    for other in changes(text.encode()):
        spelled = other.decode("latin-1")
        try:
            assert decode64(spelled, "it") != data
        except LedgerError:
            continue
        assert encode64(decode64(spelled, "it")) == spelled
