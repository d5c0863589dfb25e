"""What is said in another language: every sentence is translated, keeps its places, and no English shows through."""

from __future__ import annotations

import html
import importlib.util
import re
import string
import threading
from collections.abc import Iterable, Iterator
from contextvars import Context
from datetime import date
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from brightline.contact.file import read_contact
from brightline.contact.frame import from_row
from brightline.contact.read import read
from brightline.contact.samples import sample
from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.reason.ask import next_question
from brightline.reason.compare import compare
from brightline.reason.comparison import Comparison
from brightline.reason.decide import Decision, decide
from brightline.reason.prove.compared import difference_sentence
from brightline.reason.prove.differ import Differences, differ
from brightline.reason.prove.loopholes import Loopholes, loopholes, places, true_purpose
from brightline.reason.prove.pairs import sides_settings
from brightline.reason.prove.setting import Setting
from brightline.reason.prove.told import sentences, story, title
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.sides import side
from brightline.reason.speech import LANGUAGES, _, day, language, listed, several, speaking
from brightline.reason.suppose import suppositions
from brightline.report import About
from brightline.report.comparing import render, summary

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
DAY = date(2026, 8, 20)
PACK = "us-ny-nyc"
FOREIGN = [name for name in LANGUAGES if name != "en"]
HOUSE, SERVICE = ROOT / "src" / "brightline" / "locale", ROOT / "src" / "brightline" / "service" / "locale"
CATALOGUES = [(folder, name) for folder in (HOUSE, SERVICE) for name in FOREIGN]

# Names and signs that are the same in every language; the words `detainers` and `no` are Spanish as well.
ALIKE = {
    "es": {
        "Brightline",
        "A → B",
        "detainers",
        "{count} detainer",
        "{count} detainers",
        "no",
        "No",
        "English",
        "Español",
    }
}


def script(name: str) -> ModuleType:
    """A program of the folder `scripts`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def words() -> ModuleType:
    return script("words")


def forms(message: Message) -> list[tuple[str, str]]:
    """Each form of a message with its translation: the one of the singular, the many of the plural."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    assert len(ids) == len(said), f"not all forms of {ids} are translated"
    return list(zip(map(str, ids), map(str, said), strict=True))


def translated(catalogue: Catalog) -> list[tuple[str, str]]:
    return [pair for m in catalogue if m.id for pair in forms(m)]


def holes(text: str) -> list[str]:
    """What is put into a text, in order of name; a doubled brace, filled in later, counts as what it will be.

    The pages of the web application write `%(name)s`.
    """
    inner = [name for _text, name, _form, _how in string.Formatter().parse(text) if name is not None]
    later = re.findall(r"\{\{(\w+)\}\}", text)
    return sorted([*inner, *later, *re.findall(r"%\((\w+)\)s", text)])


# --- the catalogues ---------------------------------------------------------------------------


def test_there_is_a_catalogue_for_every_language(words: ModuleType) -> None:
    assert sorted(words.LANGUAGES) == sorted(FOREIGN)


@pytest.mark.parametrize(("folder", "name"), CATALOGUES)
def test_nothing_is_missing_and_nothing_is_left_over(words: ModuleType, folder: Path, name: str) -> None:
    assert words.faults(folder, name) == []


@pytest.mark.parametrize(("folder", "name"), CATALOGUES)
def test_every_translation_keeps_its_places(words: ModuleType, folder: Path, name: str) -> None:
    pairs = translated(words.catalogue(folder, name))
    assert len(pairs) > 200
    assert not [(english, said) for english, said in pairs if holes(english) != holes(said)]


@pytest.mark.parametrize(("folder", "name"), CATALOGUES)
def test_every_translation_begins_and_ends_as_the_original(words: ModuleType, folder: Path, name: str) -> None:
    """Parts are joined to sentences: a space, a full stop or a colon more or less would show."""
    for english, said in translated(words.catalogue(folder, name)):
        assert (english[:1] == " ", english[-1:] == " ") == (said[:1] == " ", said[-1:] == " "), said
        assert english[-1] == said[-1] or not {english[-1], said[-1]} & set(".:?…,;"), (english, said)
        assert len(re.findall(r"(?<=\S)\?", said)) == said.count("¿"), said


@pytest.mark.parametrize(("folder", "name"), CATALOGUES)
def test_no_message_is_left_in_english(words: ModuleType, folder: Path, name: str) -> None:
    left = {english for english, said in translated(words.catalogue(folder, name)) if english == said}
    assert {text for text in left if re.search(r"[A-Za-z]", re.sub(r"\{+\w+\}+", "", text))} - ALIKE[name] == set()


@pytest.mark.parametrize(("folder", "name"), CATALOGUES)
def test_the_head_of_a_catalogue_names_nobody(words: ModuleType, folder: Path, name: str) -> None:
    catalogue = words.catalogue(folder, name)
    assert (str(catalogue.locale), catalogue.charset.lower(), catalogue.fuzzy) == (name, "utf-8", False)
    head = (folder / f"{name}.po").read_text(encoding="utf-8").split("\n\n")[0]
    assert "Project-Id-Version: Brightline" in head
    assert not re.search(r"EMAIL|FULL NAME|ORGANIZATION|PROJECT|YEAR|<", head)


# --- speaking ---------------------------------------------------------------------------------


def test_a_language_that_nobody_has_translated_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"there is no translation into `xx`; there are en, es"), speaking("xx"):
        raise AssertionError("it spoke")
    assert language() == "en"


def test_what_nobody_has_translated_is_said_as_it_stands() -> None:
    with speaking("es"):
        assert _("Nobody ever says this.") == "Nobody ever says this."
        assert _("") == ""


def test_a_block_gives_the_language_back_even_after_an_error() -> None:
    with speaking("es"):
        with pytest.raises(ZeroDivisionError), speaking("en"):
            _ = 1 / 0
        assert language() == "es"
    assert language() == "en"


def said() -> tuple[str, ...]:
    """A sentence of each kind: a word, a number of things, a day, a list."""
    return _("barred"), several("{count} loophole.", "{count} loopholes.", 2), day(DAY), listed(["A", "B", "C"], "or")


IN = {
    "en": ("barred", "2 loopholes.", "20 August 2026", "A, B or C"),
    "es": ("prohibido", "2 resquicios.", "20 de agosto de 2026", "A, B o C"),
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_words_numbers_days_and_lists_are_of_one_language(name: str) -> None:
    with speaking(name):
        assert said() == IN[name]


def test_two_threads_speak_two_languages_at_once() -> None:
    meet = threading.Barrier(len(IN), timeout=30)
    heard: dict[str, set[tuple[str, ...]]] = {name: set() for name in IN}
    broken: list[BaseException] = []

    def speak(name: str) -> None:
        try:
            with speaking(name):
                for _round in range(50):
                    meet.wait()  # the others speak between two of mine
                    heard[name].add(said())
        except BaseException as error:
            broken.append(error)
            meet.abort()

    threads = [threading.Thread(target=speak, args=(name,)) for name in IN]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not broken
    assert heard == {name: {told} for name, told in IN.items()}


def test_two_contexts_speak_two_languages_in_turn() -> None:
    contexts = {name: Context() for name in IN}
    kept = {name: context.run(speaking, name) for name, context in contexts.items()}
    for name, context in contexts.items():
        context.run(kept[name].__enter__)
    for _round in range(3):
        assert {name: context.run(said) for name, context in contexts.items()} == IN
    for name, context in contexts.items():
        context.run(kept[name].__exit__, None, None, None)
        assert context.run(language) == "en"
    assert language() == "en"


# --- no English shows through -----------------------------------------------------------------

# Each with a space before and after: words that no Spanish sentence has.
ENGLISH = "the|and|when|is|are|of|not|that|this|it|by|which|for|with|if|or"

# Names that no translation changes: of a code, a case, a paper, a proposal.
CITED = {
    "Vehicle and Traffic Law",
    "New York v. U.S. Department of Justice",
    "warrant of removal",
    "Proposal: no task force with ICE",
}


def english_in(text: str) -> list[str]:
    return re.findall(rf"(?<=\s)(?:{ENGLISH})(?=[\s,.;:])", text)


def cited(settings: Iterable[Setting]) -> set[str]:
    """The clauses that these settings cite: citations stay as lawyers write them."""
    norms = [n for s in settings for n in s.norms]
    return {n.clause for n in norms} | {e.clause for n in norms for e in n.exceptions}


def without(text: str, names: Iterable[str]) -> str:
    """The text without these names, the longest first."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "§")
    return text


def found_for(law: Law, *actions: str) -> Loopholes:
    """The loopholes of some acts of the city's agencies."""
    asked = places(law, [PACK], DAY, actions)
    return loopholes(asked, true_purpose(law.vocabulary, "civil_immigration"))


def told_of(found: Loopholes) -> Iterator[list[str]]:
    """Each loophole as people read it: its title, its sentences and its story."""
    for x in found.found:
        assert x.witness is not None
        yield [title(x), *sentences(x), *story(x.witness, x.setting, x.truth)]


def example_contacts(law: Law) -> list[Contact]:
    """The contacts of the examples: those of a file each, and those of the table with its reader."""
    alone = [read_contact(EXAMPLES / f"{name}.yaml", law.vocabulary) for name in ("alert", "detainer")]
    table = read(EXAMPLES / "requests.csv", str(EXAMPLES / "requests.yaml"), law.vocabulary).contacts
    return [*alone, *(from_row(row, law.vocabulary) for row in table.iter_rows(named=True))]


def judge(law: Law) -> Reasoner:
    return reasoner(law, [PACK])


def decisions(law: Law) -> list[Decision]:
    """The decisions on the examples, in the language that is spoken now."""
    return [decide(contact, judge(law)) for contact in example_contacts(law)]


def names_in(decision: Decision) -> set[str]:
    """What a decision names: what it cites, and the laws that are not encoded, as they are called now."""
    return cites_of(decision) | {_(law) for law in decision.horizon}


def cites_of(decision: Decision) -> set[str]:
    """The clauses and exceptions that a decision cites."""
    return {c for f in decision.findings for c in (f.clause, f.exception, *f.yields_to) if c}


@pytest.fixture(scope="module")
def city(law: Law) -> Loopholes:
    return found_for(law, "place_alert", "share_custody_information")


@pytest.fixture(scope="module")
def difference(law: Law) -> Differences:
    """What the city's law of December 2014 changed for the police."""
    one, two = side(law, f"{PACK}@2014-12-13"), side(law, f"{PACK}@2014-12-14")
    return differ(*sides_settings(one, two, DAY, ["nypd"], ["hold_past_release"]))


def test_the_test_knows_english_when_it_sees_it(city: Loopholes) -> None:
    assert all(any(map(english_in, told)) for told in told_of(city))


def test_every_loophole_is_told_in_spanish(city: Loopholes) -> None:
    assert len(city.found) > 40
    clauses = cited(city.settings)
    with speaking("es"):
        lines = [without(line, clauses) for told in told_of(city) for line in told]
    assert not [line for line in lines if english_in(line)]


def test_every_decision_is_said_in_spanish(law: Law) -> None:
    english = decisions(law)
    assert len(english) > 5
    with speaking("es"):
        spanish = decisions(law)
        for d in spanish:
            assert not english_in(without(d.sentence, CITED | cites_of(d))), d.sentence
            told = [_(name) in d.sentence for name in d.horizon]
            assert all(told) if d.verdict in ("excepted", "unreached") else not any(told)
    assert [d.verdict for d in spanish] == [d.verdict for d in english]  # the language changes no verdict
    assert {"excepted", "contested"} <= {d.verdict for d in spanish}  # laws that are not encoded, and readings


def test_a_reading_is_called_by_a_spanish_name(law: Law) -> None:
    found = [d for d in decisions(law) if d.verdict == "contested"]
    with speaking("es"):
        spanish = [d for d in decisions(law) if d.verdict == "contested"]
    for one, two in zip(found, spanish, strict=True):
        for name in {c.partition(".")[2].replace("_", " ") for choice, _verdict in one.by_choice for c in choice}:
            assert f"“{name}”" in one.sentence and f"“{name}”" not in two.sentence


def test_every_law_that_is_not_encoded_is_named_in_spanish(law: Law) -> None:
    gaps = reasoner(law, list(law.packs)).horizon(None)
    english = [text for g in gaps for text in (g.law, g.why)]
    with speaking("es"):
        assert not [_(text) for text in english if english_in(f" {without(_(text), CITED)} ")]
    assert sum(bool(english_in(f" {text} ")) for text in english) > 60


def test_the_tree_of_a_decision_is_in_spanish(law: Law) -> None:
    with speaking("es"):
        told = [d.explanation for d in decisions(law)]

    def texts(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (str(v) for k, v in node.items() if k in ("text", "said_as"))
            for inner in node.values():
                yield from texts(inner)
        elif isinstance(node, list | tuple):
            for inner in node:
                yield from texts(inner)

    lines = [text for one in told for text in texts(one)]
    assert len(lines) > 20
    assert not [line for line in lines if english_in(line)]


def test_every_question_is_asked_in_spanish(law: Law) -> None:
    empty = Contact(date=DAY, actor="nypd", asked=["place_alert"])
    with speaking("es"):
        frame = next_question(Contact(), judge(law))
        asked = next_question(empty, judge(law))
    assert frame is not None and asked is not None
    assert asked.question != law.vocabulary.question(asked.name)
    for text in (frame.question, asked.question, asked.help, asked.proof, asked.stated_by):
        assert not english_in(text), text
    assert frame.question.startswith("¿") and asked.question.startswith("¿")


def test_every_difference_is_told_in_spanish(difference: Differences) -> None:
    clauses = cited(s for pair in difference.pairs for s in (pair.a, pair.b))
    assert difference.found
    with speaking("es"):
        lines = [without(difference_sentence(d), clauses) for d in difference.found]
    assert not [line for line in lines if english_in(line)]


# --- a comparison -----------------------------------------------------------------------------

PAIRS = [  # two days; a proposal and a reading
    (f"{PACK}@2013-06-01", f"{PACK}@2015-06-01"),
    (PACK, f"{PACK}~s10_178_e_primarily.of_contact+no-ice-task-force"),
]
PLACES = r"\{+\w+\}+"
WORD = r"[^\W\d_]{2,}"


def compared(law: Law, pair: tuple[str, str], name: str) -> Comparison:
    """Contacts of a sample and an example by both sides; without the source's own columns, whose values are data."""
    table = read(EXAMPLES / "requests.csv", str(EXAMPLES / "requests.yaml"), law.vocabulary).contacts
    detainers = read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_agency"]).contacts
    shared = [c for c in detainers.columns if c in table.columns]
    contacts = pl.concat([detainers.select(shared), table.select(shared)], how="vertical_relaxed")
    given = suppositions(["judicial_warrant_with_detainer=no"], law.vocabulary)
    with speaking(name):
        return compare(contacts, side(law, pair[0]), side(law, pair[1]), suppositions=given)


def page_of(found: Comparison, name: str) -> list[str]:
    """What the page of a comparison says to people who see it and to those who hear it, piece by piece."""
    with speaking(name):
        about = About(_("Contacts under two laws"), "data", "reader", (PACK,), DAY, "1", rejected=2, command="compare")
        page = render(found, about)
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    told = [*re.findall(r'aria-label="([^"]*)"', page), *re.split(r"<[^>]*>", page)]
    return list(dict.fromkeys(html.unescape(t).replace("\u00a0", " ").strip() for t in told))


def shown_of(catalogues: Iterable[Catalog], texts: list[str]) -> set[str]:
    """The English of the catalogues that stands in these texts: several words anywhere, a single word by itself."""
    pairs = [pair for c in catalogues for pair in translated(c)]
    spanish = "\n".join(said for _english, said in pairs)
    alone, whole = set(texts), "\n".join(texts)
    found = set()
    for english, _said in pairs:
        for part in (p.strip(" .,:;()“”") for p in re.split(PLACES, english)):
            words = re.findall(WORD, part)
            there = len(words) > 1 and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole)
            if there or (len(words) == 1 and part in alone):
                found |= {part} if part not in spanish else set()
    return found


@pytest.fixture(scope="module")
def both(words: ModuleType, law: Law) -> tuple[Catalog, Catalog]:
    """The sentences of the program, and the words of the law."""
    with (law.root / "es.po").open("rb") as file:
        return words.catalogue(HOUSE, "es"), read_po(file)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_page_of_a_comparison_holds_no_english(
    law: Law, both: tuple[Catalog, Catalog], pair: tuple[str, str]
) -> None:
    english, spanish = (page_of(compared(law, pair, name), name) for name in ("en", "es"))
    assert len(shown_of(both, english)) > 100  # what is looked for is on the English page
    assert shown_of(both, spanish) == set()
    assert not [t for t in spanish if english_in(f" {without(t, CITED)} ")]


def test_the_template_of_a_comparison_has_no_words_of_its_own() -> None:
    """Sentences are said by the code: the catalogue is made from it, and gets none out of a template."""
    template = (ROOT / "src" / "brightline" / "report" / "compare.html.j2").read_text(encoding="utf-8")
    bare = re.sub(r"<style>.*?</style>|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.S)
    spoken = [*re.findall(r'aria-label="([^"]*)"', bare), re.sub(r"<[^>]*>", "", bare)]
    assert not [t for t in spoken if re.search(WORD, t)]
    assert not re.search(r"\b_\(", template)


def test_a_side_is_called_by_the_spanish_names_of_its_reform_and_reading(law: Law) -> None:
    one = side(law, PAIRS[1][1])
    assert one.reform is not None and one.reform.title in one.title and "“of contact”" in one.title
    with speaking("es"):
        assert f"“{_(one.reform.title)}”" in one.title and "“según el contacto”" in one.title
        assert not english_in(without(one.title, CITED))


def test_the_counts_of_a_comparison_are_the_same_in_every_language(law: Law) -> None:
    told = {}
    for name in LANGUAGES:
        found = compared(law, PAIRS[1], name)
        with speaking(name):
            told[name] = summary(found, About("", "", "", (PACK,), DAY, "1"))
    assert {k for k in told["en"] if told["en"][k] != told["es"][k]} == {"a", "b", "groups", "sentences"}
    counts = [[{k: v for k, v in g.items() if "explanation" not in k} for g in t["groups"]] for t in told.values()]
    assert counts[0] == counts[1]
    assert {k for k in told["en"]["b"] if told["en"]["b"][k] != told["es"]["b"][k]} == {"title"}


def test_a_law_whose_name_holds_a_semicolon_is_named_whole(law: Law) -> None:
    cases = "Fourth and Tenth Amendment case law (Galarza; Printz; Murphy; New York v. U.S. Department of Justice)"
    page = page_of(compared(law, PAIRS[0], "en"), "en")
    assert cases in page and "Printz" not in page


@pytest.mark.parametrize("folder", [HOUSE, SERVICE])
def test_not_barred_is_never_authorised(words: ModuleType, folder: Path) -> None:
    """What no law here bars may still need a power that nobody looked for."""
    for english, told in translated(words.catalogue(folder, "es")):
        if "not barred" in english.lower():
            assert re.search("proh[ií]b", told), told
        if "autoriza" in told.lower():
            assert "nunca quiere decir autorizado" in told, told
