"""The words of the vocabulary: every value has its sentence, in English and in Spanish, and both are easy to read."""

import re
from collections.abc import Callable, Iterator

import pytest
import textstat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from brightline.law.pack import Law
from brightline.law.reform import read_reform, shipped_reforms
from brightline.law.vocabulary import Fact, Record
from brightline.reason.reasoner import reasoner


@pytest.fixture(scope="module")
def law(law: Law) -> Law:
    """The law with every reform that comes with it laid over it: their words are read by people as well."""
    for path in shipped_reforms(law).values():
        law, _reform = read_reform(law, path)
    return law


@pytest.fixture(scope="module")
def spanish(law: Law) -> Catalog:
    with (law.root / "es.po").open("rb") as file:
        return read_po(file)


def declared(law: Law) -> Iterator[Fact | Record]:
    """Every fact, every record, and every field of a record."""
    yield from law.vocabulary.facts.values()
    for record in law.vocabulary.records.values():
        yield record
        yield from record.fields


def sentences(law: Law) -> list[str]:
    return [s for told in declared(law) for s in told.said.values()]


def questions(law: Law) -> list[str]:
    return [told.question for told in declared(law) if told.question]


def seen(law: Law) -> set[str]:
    """Every string of the law that a person may read, apart from the text of the law itself."""
    v = law.vocabulary
    found = {a.title for a in (*v.actors.values(), *v.actions.values())} | {k.text for k in v.constraints}
    for told in declared(law):
        found |= {told.question, told.help, told.name_said, told.proof, told.stated_by, *told.said.values()}
        if isinstance(told, Fact):
            found |= {told.unit, *(value.replace("_", " ") for value in told.values)}
    for pack in law.packs.values():
        found.add(pack.title)
        for section in pack.sections.values():
            found.add(section.title)
            for ambiguity in section.ambiguities.values():
                found |= {ambiguity.question, *ambiguity.readings.values()}
                found |= {name.replace("_", " ") for name in ambiguity.readings}
    for gap in reasoner(law, list(law.packs)).horizon(None):
        found |= {gap.law, gap.why}
    return found - {""}


# --- nothing is missing -----------------------------------------------------------------------


def test_every_value_has_its_sentence(law: Law) -> None:
    for told in declared(law):
        if isinstance(told, Fact) and told.type in ("yes/no", "list"):
            values = told.values or ("yes", "no")
            assert set(told.said) == set(values), f"{told.record} {told.name}"
            assert len(set(told.said.values())) == len(values), f"two values of {told.name} are said alike"


def test_every_number_date_and_record_has_its_name(law: Law) -> None:
    for told in declared(law):
        if isinstance(told, Record) or told.type in ("number", "date"):
            assert told.name_said, told.name


def test_sentences_can_be_put_into_a_sentence(law: Law, spanish: Catalog) -> None:
    proper = ("ICE ", "New York")
    for english in [*sentences(law), *(told.name_said for told in declared(law) if told.name_said)]:
        for said in (english, str(spanish[english].string)):
            assert not said.endswith((".", "?", "!")), said
            assert said[0].islower() or said.startswith(proper), said


def test_the_reforms_are_among_what_is_read(law: Law) -> None:
    shipped = shipped_reforms(law)
    assert shipped and {law.packs[name].title for name in shipped} <= seen(law)
    assert "could_further_removal" in law.vocabulary.facts  # the words of one of them, so that none goes unseen


def test_the_laws_that_are_not_encoded_and_the_readings_are_among_what_is_read(law: Law) -> None:
    gaps = [gap for pack in law.packs.values() for gap in pack.gaps]
    readings = [a for s in law.sections.values() for a in s.ambiguities.values()]
    assert len(gaps) > 30 and {text for g in gaps for text in (g.law, g.why)} <= seen(law)
    assert len(readings) > 4 and {a.question for a in readings} <= seen(law)
    assert "changes of the law of New York State since 1 May 2026" in seen(law)  # where what was collected ends


def test_spanish_is_complete_and_nothing_of_it_is_left_over(law: Law, spanish: Catalog) -> None:
    there = {str(m.id): str(m.string).strip() for m in spanish if m.id}
    assert not seen(law) - set(there), "not in laws/es.po"
    assert not set(there) - seen(law), "in laws/es.po, and no longer in the law"
    assert not [english for english, said in there.items() if not said], "not translated"
    assert not [m.id for m in spanish if m.id and m.fuzzy], "marked as fuzzy"
    assert not spanish.obsolete


def test_spanish_says_where_it_speaks_spanish(spanish: Catalog) -> None:
    assert str(spanish.locale) == "es" and spanish.charset.lower() == "utf-8" and spanish.num_plurals == 2


# --- easy to read -----------------------------------------------------------------------------


def syllables(word: str) -> int:
    """About as many as a dictionary gives: groups of vowels, with hiatus ("vi-o-lent"), without a silent e."""
    w = re.sub(r"[^a-z]", "", word.lower())
    hiatus = r"(?<![tscgx])i(?=[ao])|[ie](?=ou)|(?<=[aeou])ing"
    silent = r"[^aeiouy](?<![^aeiouylr]l)(?:(?<![td])ed|(?<![scgxz])(?<!sh|ch)es|e)$|[a-z]e(?:ment|ty|land|hold|thing)$"
    return max(1, len(re.findall("[aeiouy]+", w)) + len(re.findall(hiatus, w)) - len(re.findall(silent, w)))


def grade(*texts: str) -> float:
    """Flesch-Kincaid; textstat's own needs a dictionary that it would have to download."""
    words = [w for text in texts for w in re.findall(r"[\w'-]+", text)]
    return 0.39 * len(words) / len(texts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def ease(*texts: str) -> float:
    """Fernández Huerta's measure, made for Spanish: 0 to 100, from 60 on for readers of 13 to 15."""
    textstat.set_lang("es")  # its syllables come from pyphen's patterns, which are installed: no download
    return textstat.fernandez_huerta(" ".join(f"{t.strip('¿?.')}." for t in texts))


# a question may be harder than a sentence: it keeps the law's own terms
@pytest.mark.parametrize(("of", "whole", "single"), [(sentences, 8, 16), (questions, 10, 19)])
def test_english_is_easy_to_read(law: Law, of: Callable[[Law], list[str]], whole: float, single: float) -> None:
    texts = of(law)
    assert grade(*texts) <= whole
    assert not [(round(grade(t), 1), t) for t in texts if grade(t) > single]


@pytest.mark.parametrize("of", [sentences, questions])
def test_spanish_is_easy_to_read(law: Law, spanish: Catalog, of: Callable[[Law], list[str]]) -> None:
    # 70, not 60: hyphenation misses some syllables, which flatters a text by some 7 points
    assert ease(*(str(spanish[english].string) for english in of(law))) >= 70
