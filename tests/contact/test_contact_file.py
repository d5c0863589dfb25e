"""One contact in a file: what a person may write, and how each mistake is named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from brightline.contact.file import SCHEMA_FILE, check, json_schema, read_contact
from brightline.contact.problems import ContactError
from brightline.contact.schema import Contact
from brightline.law.vocabulary import Vocabulary

GOOD = """\
date: 2014-12-14
actor: nyc_doc
counterpart: ice
channel: detainer
asked: [hold_past_release, notify_release]
basis: verified
facts:
  request: civil_detainer
  judicial_warrant_with_detainer: no
  terrorist_screening_match: {value: no, basis: stated, shown_by: ICE by telephone}
  hold_hours_without_weekends: 12
  arrest_date: 2014-12-10
  record_sealed: null
records:
  judgment:
    complete: yes
    records:
      - offense_class: violent_or_serious
        years_before_arrest_without_prison: 3
"""


def written(tmp_path: Path, text: str, name: str = "contact.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def problems(tmp_path: Path, vocabulary: Vocabulary, text: str, name: str = "contact.yaml") -> tuple[str, ...]:
    with pytest.raises(ContactError) as error:
        read_contact(written(tmp_path, text, name), vocabulary)
    return error.value.problems


def test_a_contact_as_a_person_writes_it(tmp_path: Path, vocabulary: Vocabulary) -> None:
    contact = read_contact(written(tmp_path, GOOD), vocabulary)
    assert contact.date == date(2014, 12, 14)
    assert contact.facts["judicial_warrant_with_detainer"].value is False
    assert contact.facts["arrest_date"].value == date(2014, 12, 10)
    assert contact.basis_of("request") == "verified"
    assert contact.basis_of("terrorist_screening_match") == "stated"
    assert contact.records["judgment"].complete
    assert contact.source is not None and contact.source.file == "contact.yaml"
    assert check(contact, vocabulary) == []


def test_yaml_and_json_say_the_same(tmp_path: Path, vocabulary: Vocabulary) -> None:
    ours = read_contact(written(tmp_path, GOOD), vocabulary)
    text = json.dumps(ours.model_dump(mode="json", exclude={"source"}), indent="\t")
    theirs = read_contact(written(tmp_path, text, "contact.json"), vocabulary)
    assert theirs.model_copy(update={"source": None}) == ours.model_copy(update={"source": None})


def test_every_mistake_is_named_at_once_with_line_and_nearest_word(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = problems(
        tmp_path,
        vocabulary,
        """\
date: 2015-02-30
actor: nyc_dco
asked: [notify_relese]
chanel: telephone
facts:
  request: civil_detaner
  judicial_warant: no
  judicial_warrant: 1
  court_order: "yes"
  hold_hours_without_weekends: soon
  arrest_date: 12/14/2014
  record_sealed: unknown
  judgment: []
records:
  judgment:
    - offence_class: other
      offense_class: felony
""",
    )
    expected = [
        (1, "there is no day 2015-02-30; the last day of that month is 2015-02-28"),
        (2, "`nyc_dco` is no actor of the vocabulary (did you mean `nyc_doc`?)"),
        (3, "`notify_relese` is no action of the vocabulary (did you mean `notify_release`?)"),
        (4, "`chanel` is no key of a contact (did you mean `channel`?)"),
        (6, "`civil_detaner` is not in its list (did you mean `civil_detainer`?)"),
        (7, "`judicial_warant` is no fact of the vocabulary (did you mean `judicial_warrant`?)"),
        (8, "this is a yes/no fact, not `1`"),
        (9, "write it without quotation marks"),
        (10, "this is a number of hours, not `soon`"),
        (11, "a day is written as 2014-12-14, not as `12/14/2014`"),
        (12, "what is unknown is left out, or written as `null`"),
        (13, "`judgment` is a list of records; it stands under `records:`"),
        (16, "`offence_class` is no field of `judgment` (did you mean `offense_class`?)"),
        (17, "`felony` is not in its list"),
    ]
    assert len(found) == len(expected)
    for sentence, (line, words) in zip(found, expected, strict=True):
        assert sentence.startswith(f"contact.yaml, line {line}, ")
        assert words in sentence


def test_a_quoted_impossible_day_and_json_are_named_the_same(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = '{\n\t"date": "2015-02-30",\n\t"facts": {"request": "civil"}\n}\n'
    found = problems(tmp_path, vocabulary, text, "contact.json")
    assert "contact.json, line 2, `date`: there is no day 2015-02-30" in found[0]
    assert found[1].startswith("contact.json, line 3, ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("facts: [a, b]\n", "facts are lines such as"),
        ("records: {judgement: []}\n", "did you mean `judgment`"),
        ("records: {judgment: 3}\n", "this is a list of records"),
        ("facts: {request: {basis: verified}}\n", "the line `value:` is missing"),
        ("facts: {request: {value: none, bases: verified}}\n", "did you mean `basis`"),
        (
            "facts: {request: {value: none, shown_by: a letter, signed}}\n",
            "text with a comma in it stands in quotation",
        ),
        ("basis: proven\n", "`verified` or `stated`"),
        ("done: notify_release\n", "this is a list of actions"),
        ("done: [notify_release]\nnot_done: [notify_release]\n", "stands under `done` as well"),
        ("request: none\n", "(facts stand under `facts:`)"),
        ("date: 2014-12-14 10:00:00\n", "a day is written as 2014-12-14"),
        ("actor: nypd\nactor: ice\n", "`actor` stands here a second time"),
        ("actor: [\n", "this is not YAML"),
        ("just words\n", "a contact is a list of lines"),
        ("source: {file: a.csv, rwo: 3}\n", "did you mean `row`"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path: Path, vocabulary: Vocabulary, text: str, words: str) -> None:
    assert any(words in p for p in problems(tmp_path, vocabulary, text))


def test_a_file_that_cannot_be_read(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(ContactError, match="there is no file"):
        read_contact(tmp_path / "nothing.yaml", vocabulary)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContactError, match="not a text file in UTF-8"):
        read_contact(tmp_path / "binary.yaml", vocabulary)
    assert "line 2: this is not JSON" in problems(tmp_path, vocabulary, '{"date": null,\n}', "c.json")[0]


def test_an_empty_contact_knows_nothing_and_is_no_mistake(tmp_path: Path, vocabulary: Vocabulary) -> None:
    contact = read_contact(written(tmp_path, "date:\nfacts:\nrecords:\nasked:\n"), vocabulary)
    assert contact.date is None and contact.facts == {} and contact.asked == []


def test_check_names_what_a_program_got_wrong(vocabulary: Vocabulary) -> None:
    contact = Contact(actor="nypdd", facts={"request": {"value": "fax"}})  # type: ignore[dict-item, call-arg]
    found = check(contact, vocabulary)
    assert len(found) == 2
    assert "did you mean `nypd`" in found[0]


def test_the_published_schema_is_current_and_takes_the_short_forms() -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == json_schema()
    facts = json_schema()["properties"]["facts"]["additionalProperties"]["anyOf"]
    assert {"type": "boolean"} in facts
    assert json_schema()["$id"] == "contact.schema.json"
