"""What is written of a contact is read again as the same contact."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reason.random_contacts import known_contact, situations

from brightline.contact.file import read_contact
from brightline.contact.schema import Contact, FactValue, RecordList
from brightline.contact.write import as_text
from brightline.law.pack import Law, load
from brightline.law.vocabulary import Vocabulary
from brightline.reason.reasoner import Reasoner, reasoner

ROOT = Path(__file__).parents[2]
PACKS = ("us-ny-nyc", "us-ny", "us-ca", "us-or", "us-tx")
FILES = sorted(
    [*(ROOT / "docs" / "examples").glob("*.yaml"), *(ROOT / "tests" / "cases").glob("*.yaml")], key=lambda p: p.name
)
# Text as a file can hold it. A lone half of a character pair has no UTF-8.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
BASIS = st.sampled_from([None, "verified", "stated"])


def again(contact: Contact, folder: Path, kind: str, vocabulary: Vocabulary) -> Contact:
    """The contact, written and read. Its source is the file that it was read from, so it is left out."""
    path = folder / f"contact.{kind}"
    path.write_text(as_text(contact, path), encoding="utf-8")
    return read_contact(path, vocabulary).model_copy(update={"source": None})


@cache
def the_law() -> Law:
    return load(ROOT / "laws")


@cache
def frames() -> list[tuple[Reasoner, date, str, str]]:
    judges = [reasoner(the_law(), [pack]) for pack in PACKS]
    return [(judge, *situation) for judge in judges for situation in situations(the_law(), judge.packs)]


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """A contact of the vocabulary: its facts by chance, some of them unknown, with every basis and all kinds of text."""
    judge, day, actor, action = draw(st.sampled_from(frames()))
    known = known_contact(judge, day, actor, action, random.Random(draw(st.integers(0, 10**6))))
    plain = {f: e for f, e in known.facts.items() if not f.startswith("action_is_")}
    some = draw(st.lists(st.sampled_from(sorted(plain)), unique=True)) if plain else []
    facts = {
        f: FactValue(
            value=draw(st.sampled_from([plain[f].value, None])), basis=draw(BASIS), shown_by=draw(st.none() | TEXT)
        )
        for f in some
    }
    records = {
        r: RecordList(
            records=[{k: draw(st.sampled_from([v, None])) for k, v in one.items()} for one in found.records],
            complete=draw(st.booleans()),
            basis=draw(BASIS),
            shown_by=draw(st.none() | TEXT),
        )
        for r, found in known.records.items()
    }
    changed: dict[str, Any] = {
        "date": draw(st.sampled_from([day, None])),
        "actor": draw(st.sampled_from([actor, None])),
        "counterpart": draw(st.sampled_from(["ice_ero", None])),
        "channel": draw(st.none() | TEXT),
        "note": draw(st.none() | TEXT),
        "done": draw(st.sampled_from([[], [action]])),
        "not_done": draw(st.sampled_from([[], ["place_alert"]])) if action != "place_alert" else [],
        "basis": draw(st.sampled_from(["verified", "stated"])),
    }
    return known.model_copy(update={**changed, "facts": facts, "records": records})


@pytest.mark.parametrize("kind", ["yaml", "json"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contact=contacts())
def test_a_contact_is_read_again_as_it_was_written(
    vocabulary: Vocabulary, tmp_path: Path, kind: str, contact: Contact
) -> None:
    found = again(contact, tmp_path, kind, vocabulary)
    assert found == contact
    assert as_text(found, Path(f"x.{kind}")) == as_text(contact, Path(f"x.{kind}"))


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize("file", FILES, ids=lambda p: p.name)
def test_the_files_that_people_wrote_keep_their_content(
    file: Path, kind: str, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    if file.name in ("requests.yaml", "wrong.yaml"):  # a mapping of columns, and a contact with mistakes
        pytest.skip(f"{file.name} is no contact")
    contact = read_contact(file, vocabulary).model_copy(update={"source": None})
    assert again(contact, tmp_path, kind, vocabulary) == contact


@pytest.mark.parametrize(
    "text", ["yes", "null", "2014-12-14", "1e3", "a: b", "- x", "{", "“¿Qué?”", "# no", "'", " x "]
)
def test_text_that_looks_like_something_else_stays_text(text: str, vocabulary: Vocabulary, tmp_path: Path) -> None:
    contact = Contact(
        channel=text, note=text, facts={"judicial_warrant": FactValue(value=None, basis="stated", shown_by=text)}
    )
    for kind in ("yaml", "json"):
        assert again(contact, tmp_path, kind, vocabulary) == contact


def test_an_empty_contact_is_a_file_too(vocabulary: Vocabulary, tmp_path: Path) -> None:
    for kind in ("yaml", "json"):
        assert again(Contact(), tmp_path, kind, vocabulary) == Contact()


def test_each_fact_stands_on_a_line_of_its_own_and_null_is_written() -> None:
    text = as_text(Contact(actor="nypd", facts={"request": FactValue(value=None), "judicial_warrant": FactValue(value=False, basis="verified", shown_by="the file")}))  # fmt: skip
    assert text.splitlines() == [
        "actor: nypd",
        "facts:",
        "  request: {value: null}",
        "  judicial_warrant: {value: false, basis: verified, shown_by: the file}",
    ]


@pytest.mark.parametrize("text", ["\x85", "a\u2028b", "\ufeffx", "x \u2029"])
def test_a_text_that_yaml_takes_for_a_line_end_comes_back(law: Law, tmp_path: Path, text: str) -> None:
    contact = Contact(note=text, channel=text)
    assert again(contact, tmp_path, "yaml", law.vocabulary) == contact
