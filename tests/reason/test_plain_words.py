"""How hard the told text is to read: loopholes and decisions, as people get them, in English and in Spanish.

Left out before measuring are citations ("N.Y.C. Admin. Code § 10-178(c)"), the laws that are not encoded and the names
of agencies. Nobody can put them in other words, nobody reads them syllable by syllable, and the measures count words
and syllables: a name of eight long words would make the simplest sentence look hard, and the dots in a citation would
end a sentence that goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from brightline.law.pack import Law
from brightline.reason import say
from brightline.reason.prove.loopholes import Loopholes
from brightline.reason.speech import speaking

from ..law.test_vocabulary_words import ease, grade
from .test_speech import cited, decisions, found_for, names_in, told_of, without

ACTS = ("place_alert", "share_custody_information", "share_personal_information", "notify_release")
AGE = 14  # of the reader
STOPS = ".:;?!"
SCHOOL = 5  # the age at which the first grade of Flesch and Kincaid begins, less one


@pytest.fixture(scope="module")
def city(law: Law) -> Loopholes:
    return found_for(law, *ACTS)


def units(text: str) -> list[str]:
    """The full units of speech: what stands between points, colons and semicolons, as Flesch counts them."""
    parts = re.split(rf"[{STOPS}](?=\s|$)", text)
    return [p.strip() for p in parts if re.search(r"\w", p)]


def read_in(law: Law, city: Loopholes, language: str) -> dict[str, list[str]]:
    """What is read: for each loophole and decision its units of speech, without names and citations."""
    with speaking(language):
        agencies = {say.actor(a, law.vocabulary) for a in law.vocabulary.actors}
        names = {*agencies, *cited(city.settings)}
        told = {f"{x.action} {x.name}": lines for x, lines in zip(city.found, told_of(city), strict=True)}
        found = {k: [u for line in lines for u in units(without(line, names))] for k, lines in told.items()}
        for n, d in enumerate(decisions(law)):
            found[f"decision {n}"] = units(without(d.sentence, {*names, *names_in(d)}))
    return found


def all_of(read: dict[str, list[str]]) -> list[str]:
    return [unit for units in read.values() for unit in units]


def age(texts: Iterable[str]) -> float:
    return grade(*texts) + SCHOOL


def test_units_of_speech_are_what_stands_between_the_stops() -> None:
    assert units("§ does not stop it when a judge signed. What is shown: a paper; 4.5 years. “Yes.”") == [
        "§ does not stop it when a judge signed", "What is shown", "a paper", "4.5 years", "“Yes.”",
    ]  # fmt: skip


def test_english_can_be_read_at_fourteen(law: Law, city: Loopholes) -> None:
    read = read_in(law, city, "en")
    assert len(read) > 100
    assert age(all_of(read)) <= AGE
    assert age(all_of({name: told for name, told in read.items() if name.startswith("decision")})) <= AGE


def test_no_loophole_alone_is_harder_in_english(law: Law, city: Loopholes) -> None:
    ages = {name: round(age(told), 1) for name, told in read_in(law, city, "en").items()}
    assert not {name: n for name, n in ages.items() if n > AGE and not name.startswith("decision")}


def test_long_sentences_do_not_hide_behind_semicolons(
    law: Law, city: Loopholes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by full stops alone, a list of facts is one sentence: a year more is allowed, and no more."""
    monkeypatch.setattr(f"{__name__}.STOPS", ".?!")
    assert age(all_of(read_in(law, city, "en"))) <= AGE + 1
    assert ease(*all_of(read_in(law, city, "es"))) >= 70


def test_spanish_is_easy_to_read(law: Law, city: Loopholes) -> None:
    # 70 for readers of 13 to 15, as for the words of the vocabulary: the count of syllables flatters by some 7 points
    assert ease(*all_of(read_in(law, city, "es"))) >= 70
