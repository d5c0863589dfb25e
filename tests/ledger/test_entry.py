"""Entries and disclosures: what is committed to, shown and refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import random
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.base64text import encode64
from brightline.ledger.canonical import MOST_INT, Json, canonical
from brightline.ledger.entry import (
    KINDS,
    MOST_BYTES,
    Disclosure,
    Entry,
    Shown,
    checked_payload,
    commitment,
    entry_bytes,
    field_digest,
    parse_entry,
)
from brightline.ledger.errors import LedgerError
from tests.ledger.changes import changes

SALT = bytes(range(32))
HOUR = "2026-11-23T19Z"
PAYLOAD: dict[str, Json] = {
    "ground": "§ 14-154(b)(1)",
    "name": "Jane Doe",
    "persons": 2,
    "urgent": False,
    "parts": [1, None],
}


def salt_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def record(payload: dict[str, Json] = PAYLOAD, show: set[str] | None = None) -> tuple[bytes, Disclosure]:
    """An entry, and the disclosure of some of its fields."""
    digests = {n: field_digest(salt_of(n), n, v) for n, v in payload.items()}
    fields = tuple(Shown(n, v, salt_of(n)) for n, v in payload.items() if show is None or n in show)
    hidden = tuple(sorted(d for n, d in digests.items() if show is not None and n not in show))
    return entry_bytes("decision", HOUR, commitment(SALT, digests.values())), Disclosure(SALT, fields, hidden)


# --- canonical JSON ----------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-MOST_INT, MOST_INT) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda f: abs(f) <= MOST_INT or f != int(f)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(TEXTS.filter(bool), VALUES)
def test_the_short_way_gives_what_the_library_gives(name: str, value: Json) -> None:
    assert canonical(name, value) == rfc8785.dumps([name, value])


def test_the_short_way_on_every_character_and_many_numbers() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x11000), 0x1F600, 0x10FFFF):
        assert canonical("f", chr(code)) == rfc8785.dumps(["f", chr(code)])
    draw = random.Random(1)
    for _ in range(3000):
        number = draw.randint(-MOST_INT, MOST_INT) >> draw.randint(0, 52)
        assert canonical("f", number) == rfc8785.dumps(["f", number])


@given(VALUES)
def test_a_value_read_again_is_the_same_value(value: Json) -> None:
    again = json.loads(canonical("f", value))[1]
    assert canonical("f", again) == canonical("f", value)


@pytest.mark.parametrize(
    ("bits", "said"),
    [  # RFC 8785, appendix B: the double as hexadecimal bits, and how it is written
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("4340000000000000", None),  # 9007199254740992: not exact for every reader, so it is refused here
        ("4430000000000000", None),  # 295147905179352830000
        ("444b1ae4d6e2ef4f", None),  # 999999999999999900000
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
        ("7ff0000000000000", None),
        ("7fffffffffffffff", None),
    ],
)
def test_the_numbers_of_rfc_8785(bits: str, said: str | None) -> None:
    number = struct.unpack(">d", bytes.fromhex(bits))[0]
    if said is None:
        with pytest.raises(LedgerError, match="number"):
            canonical("n", number)
    else:
        assert canonical("n", number) == f'["n",{said}]'.encode()


DEEP: list[object] = []
for _ in range(70):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "not finite"),
        (math.inf, "not finite"),
        ([1, {"a": -math.inf}], "not finite"),
        (2**53, "beyond 9007199254740991"),
        (-(2**53), "beyond 9007199254740991"),
        (1e20, "beyond 9007199254740991"),
        ("Jane \ud83d", "no proper Unicode"),
        (["Jane \ud83d"], "no proper Unicode"),
        ({"Jane \ud83d": 1}, "no proper Unicode"),
        ({1: 2}, "a name that is not text"),
        (b"bytes", "a value that JSON cannot hold"),
        ({1, 2}, "a value that JSON cannot hold"),
        (object(), "a value that JSON cannot hold"),
        (DEEP, "more than 64 lists or objects"),
    ],
)
def test_values_that_cannot_be_recorded_are_told_why(value: Json, said: str) -> None:
    with pytest.raises(LedgerError, match=said) as told:
        field_digest(SALT, "notes", value)
    assert "Jane" not in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["", 1, None, "\ud83d"])
def test_a_field_must_have_a_name(name: str) -> None:
    with pytest.raises(LedgerError, match="field"):
        field_digest(SALT, name, 1)


@pytest.mark.parametrize("payload", [None, [], "a", 1, {}, {"": 1}, {1: 1}, [("a", 1)]])
def test_a_payload_must_be_an_object_of_named_fields(payload: object) -> None:
    with pytest.raises(LedgerError, match="payload"):
        checked_payload(payload)
    assert checked_payload(PAYLOAD) is PAYLOAD


# --- entries -----------------------------------------------------------------------------------------------------


def test_the_digests_are_those_of_the_design() -> None:
    digest = hmac.new(SALT, b'["persons",2]', "sha256").digest()
    assert field_digest(SALT, "persons", 2) == digest
    other = hmac.new(SALT, '["name","Zoë"]'.encode(), "sha256").digest()
    assert field_digest(SALT, "name", "Zoë") == other
    joined = b"brightline/commit/v1\n" + b"".join(sorted([digest, other]))
    assert (
        commitment(SALT, [digest, other])
        == commitment(SALT, [other, digest])
        == hmac.new(SALT, joined, "sha256").digest()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_is_canonical_and_small(kind: str) -> None:
    data = entry_bytes(kind, HOUR, SALT)
    assert data == rfc8785.dumps({"v": 1, "k": kind, "t": HOUR, "c": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})
    assert len(data) <= MOST_BYTES
    assert parse_entry(data) == Entry(kind, HOUR, SALT) and parse_entry(data).encode() == data


@given(st.sampled_from(KINDS), st.datetimes(), st.binary(min_size=32, max_size=32))
def test_entries_are_read_as_they_are_written(kind: str, moment: object, sealed: bytes) -> None:
    hour = f"{moment:%Y-%m-%dT%H}Z".rjust(14, "0")
    assert parse_entry(entry_bytes(kind, hour, sealed)) == (kind, hour, sealed)


@pytest.mark.parametrize(
    ("kind", "hour", "sealed", "said"),
    [
        ("note", HOUR, SALT, "`note` is no kind of entry; use one of decision, access"),
        ("Decision", HOUR, SALT, "is no kind"),
        ("decision", "2026-11-23T19:05Z", SALT, "nothing finer"),
        ("decision", "2026-11-23T24Z", SALT, "the hour"),
        ("decision", "2026-02-29T10Z", SALT, "the hour"),
        ("decision", "2026-11-23T19", SALT, "the hour"),
        ("decision", "2026-11-23T19Z\n", SALT, "the hour"),
        ("decision", "\u0662026-11-23T19Z", SALT, "the hour"),
        ("decision", HOUR, SALT[:-1], "32 bytes"),
    ],
)
def test_a_bad_entry_is_not_written(kind: str, hour: str, sealed: bytes, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        entry_bytes(kind, hour, sealed)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no entry"),
        (b"{}", "no entry"),
        (entry_bytes("decision", HOUR, SALT) + b"\n", "no entry"),
        (entry_bytes("decision", HOUR, SALT).replace(b",", b", "), "no entry"),
        (entry_bytes("decision", HOUR, SALT).replace(b'"v":1', b'"v":2'), "no entry"),
        (entry_bytes("decision", HOUR, SALT).replace(b"Hh8=", b"Hh9="), "no entry"),
        (entry_bytes("decision", HOUR, SALT).replace(b"decision", b"secret"), "the kind `secret`"),
        (entry_bytes("decision", HOUR, SALT).replace(b"11-23", b"11-31"), "not in the calendar"),
    ],
)
def test_a_bad_entry_is_not_read(data: bytes, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        parse_entry(data)


def test_two_byte_strings_are_never_one_entry() -> None:
    data = entry_bytes("rule-change", HOUR, hashlib.sha256(b"x").digest())
    for other in changes(data):
        try:
            assert parse_entry(other).encode() == other
        except LedgerError:
            continue
        assert parse_entry(other) != parse_entry(data)


@pytest.mark.parametrize("digests", [[], [bytes(31)], [bytes(32), bytes(33)]])
def test_a_commitment_needs_digests(digests: list[bytes]) -> None:
    with pytest.raises(LedgerError, match="at least one digest"):
        commitment(SALT, digests)


def test_salts_have_32_bytes_so_that_no_two_are_one_key() -> None:
    for salt in (b"", SALT[:-1], SALT + b"\x00"):
        with pytest.raises(LedgerError, match="32 bytes"):
            field_digest(salt, "a", 1)
        with pytest.raises(LedgerError, match="32 bytes"):
            commitment(salt, [SALT])


# --- disclosures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("show", [None, set(), {"ground"}, {"ground", "parts", "urgent"}])
def test_any_choice_of_fields_can_be_shown_and_checked(show: set[str] | None) -> None:
    entry, disclosure = record(show=show)
    assert disclosure.check(entry) == parse_entry(entry)
    assert disclosure.payload == {n: v for n, v in PAYLOAD.items() if show is None or n in show}
    assert Disclosure.parse(disclosure.encode()) == disclosure
    assert b"\n" not in disclosure.encode()


def test_what_is_hidden_is_not_in_the_disclosure() -> None:
    _, disclosure = record(show={"ground"})
    text = disclosure.encode()
    for hidden in (b"Jane", b'"name":"name"', b"persons", encode64(salt_of("name")).encode()):
        assert hidden not in text


def test_the_bytes_of_a_disclosure() -> None:
    _, disclosure = record({"a": "b"})
    salt, field_salt = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="
    made = f'{{"fields":[{{"name":"a","salt":"{field_salt}","value":"b"}}],"hidden":[],"salt":"{salt}"}}'
    assert disclosure.encode().decode() == made


@pytest.mark.parametrize(
    "change",
    [
        lambda d: Disclosure(bytes(32), d.fields, d.hidden),
        lambda d: Disclosure(d.salt, d.fields[1:], d.hidden),
        lambda d: Disclosure(d.salt, d.fields, d.hidden[1:]),
        lambda d: Disclosure(d.salt, d.fields, (*d.hidden, bytes(32))),
        lambda d: Disclosure(d.salt, (Shown("ground", "§ 14-154(b)(2)", d.fields[0].salt), *d.fields[1:]), d.hidden),
        lambda d: Disclosure(d.salt, (Shown("grounds", d.fields[0].value, d.fields[0].salt), *d.fields[1:]), d.hidden),
        lambda d: Disclosure(d.salt, (Shown("ground", d.fields[0].value, bytes(32)), *d.fields[1:]), d.hidden),
        lambda d: Disclosure(d.salt, (Shown("urgent", 0, d.fields[1].salt), d.fields[0]), d.hidden),
    ],
)
def test_a_disclosure_that_was_changed_does_not_fit(change: object) -> None:
    entry, disclosure = record(show={"ground", "urgent"})
    with pytest.raises(LedgerError, match="does not fit the entry"):
        change(disclosure).check(entry)  # type: ignore[operator]


def test_a_field_cannot_be_shown_twice() -> None:
    salts = (bytes([1]) * 32, bytes([2]) * 32)
    digests = [field_digest(salt, "a", n) for n, salt in enumerate(salts)]
    entry = entry_bytes("decision", HOUR, commitment(SALT, digests))
    both = Disclosure(SALT, tuple(Shown("a", n, salt) for n, salt in enumerate(salts)))
    with pytest.raises(LedgerError, match="shows a field twice"):
        both.check(entry)


def test_no_changed_disclosure_is_accepted() -> None:
    entry, disclosure = record(show={"ground", "persons"})
    text = disclosure.encode()
    for other in changes(text):
        try:
            found = Disclosure.parse(other)
            found.check(entry)
        except LedgerError:
            continue
        assert found == disclosure, "only spaces between the parts of the JSON may differ"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        (b"\xff", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "object with fields, hidden and salt"),
        ('{"fields":[],"hidden":[]}', "object with fields, hidden and salt"),
        ('{"fields":[],"hidden":[],"salt":"","more":1}', "object with fields, hidden and salt"),
        ('{"fields":{},"hidden":[],"salt":""}', "must be lists"),
        ('{"fields":[1],"hidden":[],"salt":""}', "name, salt and value"),
        ('{"fields":[{"name":"a","salt":"","value":NaN}],"hidden":[],"salt":""}', "not finite"),
        ('{"fields":[{"name":"a","salt":"","value":1e999}],"hidden":[],"salt":""}', "not finite"),
        ('{"fields":[{"name":"a","name":"b","salt":"","value":1}],"hidden":[],"salt":""}', "same name twice"),
        ('{"fields":[{"name":"a","salt":"AA==","value":1}],"hidden":[],"salt":""}', "1 bytes instead of the 32"),
        ('{"fields":[{"name":"","salt":"","value":1}],"hidden":[],"salt":""}', "name of a field"),
        ('{"fields":[],"hidden":[],"salt":7}', "32 bytes in base64"),
        ('{"fields":[],"hidden":["x"],"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}', "not base64"),
    ],
)
def test_a_bad_disclosure_is_told_why(text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Disclosure.parse(text)


@given(st.dictionaries(TEXTS.filter(bool), VALUES, min_size=1, max_size=5), st.integers(0, 31))
def test_every_payload_can_be_recorded_shown_and_checked(payload: dict[str, Json], chosen: int) -> None:
    show = {name for i, name in enumerate(payload) if chosen >> i & 1}
    entry, disclosure = record(payload, show)
    again = Disclosure.parse(disclosure.encode())
    again.check(entry)
    assert again.encode() == disclosure.encode()
