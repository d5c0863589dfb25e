"""The next question: never one that cannot change the verdict, and at the end the verdict that all facts give."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from brightline.contact.schema import Contact, RecordList
from brightline.law.pack import Law, load
from brightline.law.tree import Some
from brightline.reason import ask, choosing
from brightline.reason.ask import answered, form, in_order, interview, next_question, settling_sets, steps
from brightline.reason.clusters import representatives
from brightline.reason.decide import decide, facts_of_contact
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.speech import speaking
from brightline.reason.truth import Records, atoms, evaluate
from tests.reason.random_contacts import known_contact, known_contacts, situations

PACKS = ("us-ny-nyc", "us-ny", "us-ca", "us-or", "us-tx")
CONTACTS = 10_000
CHECKED_AGAIN = 300


@pytest.fixture(scope="module")
def judges(law: Law) -> list[Reasoner]:
    return [reasoner(law, [pack]) for pack in PACKS]


# --- a second opinion: plain evaluation, one way to fill the gaps at a time ----------------------------------------


def program_of(contact: Contact, judge: Reasoner) -> Program:
    assert contact.date and contact.actor
    return judge.program(contact.date, contact.actor, contact.actions)


def truths(program: Program, facts: Mapping[str, Any]) -> tuple[tuple[bool, bool, bool], ...]:
    """For each choice of readings: whether some act is barred and required, whether one is barred, one required."""
    told: dict[Any, list[tuple[bool, bool]]] = {}
    for scope in program.scopes:
        barred, required = (
            any(evaluate(n.broken, facts) for n in scope.norms if n.norm.modality == m) for m in ("forbids", "requires")
        )
        told.setdefault(scope.choice, []).append((barred, required))
    return tuple((any(b and r for b, r in x), any(b for b, _ in x), any(r for _, r in x)) for x in told.values())


def said(conflict: bool | None, barred: bool | None, required: bool | None) -> str:
    """What is said of one choice of readings; None is unknown."""
    if conflict:
        return "conflict"
    if barred:
        return "barred" if conflict is False else "barred at least"
    if required:
        return "required" if barred is False else "required at least"
    return "unknown" if None in (conflict, barred, required) else "neither"


def verdict(program: Program, facts: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(said(*three) for three in truths(program, facts))


def values(program: Program, fact: str) -> list[Any]:
    """Values of a fact that between them meet every truth; of a list, the complete lists of up to two records."""
    vocabulary = program.vocabulary
    if fact not in vocabulary.records:
        return representatives(fact, program.atoms, vocabulary)
    inner = [a for s in program.atoms if isinstance(s, Some) and s.record == fact for a in atoms(s.body)]
    used = sorted({a.fact for a in inner if not isinstance(a, Some)})
    spaces = [representatives(f, inner, vocabulary, fact) for f in used]
    entries = [dict(zip(used, row, strict=True)) for row in product(*spaces)]
    return [Records(x, complete=True) for n in range(3) for x in product(entries, repeat=n)]


def has_witness(program: Program, known: Mapping[str, Any], fact: str, generator: random.Random) -> bool:
    """Whether two ways to fill the gaps, which the constraints allow, differ in this fact alone and in the verdict."""
    missing = {f: values(program, f) for f in program.facts if f not in known and f != fact}
    own = values(program, fact)
    for _ in range(20_000):
        way = {**known, **{f: generator.choice(v) for f, v in missing.items()}}
        seen = {
            verdict(program, {**way, fact: value})
            for value in own
            if all(evaluate(c, {**way, fact: value}) is not False for c in program.constraints)
        }
        if len(seen) > 1:
            return True
    return False


def same_verdict(contact: Contact, truth: Contact, judge: Reasoner) -> None:
    """What the engine decides on the facts that were asked is what plain evaluation says of all facts."""
    program = program_of(contact, judge)
    outcome = program.outcome(*program.masks(facts_of_contact(contact)[0]))
    found = tuple(v if v not in ("excepted", "unreached") else "neither" for _, v in outcome.by_choice)
    assert found == verdict(program, facts_of_contact(truth)[0]), (truth, contact)


# --- interviews ------------------------------------------------------------------------------------------------


def test_after_the_interview_the_verdict_is_that_of_all_facts_and_half_of_them_were_not_asked(
    judges: list[Reasoner],
) -> None:
    contacts = asked = fixed = 0
    for judge, truth in known_contacts(judges[0].law, judges, CONTACTS, seed=1):
        asked_of = list(steps(truth, judge))
        names = [question.name for question, _ in asked_of]
        contact = asked_of[-1][1] if asked_of else truth.model_copy(update={"facts": {}, "records": {}})
        assert all(question.because for question, _ in asked_of)
        assert len(set(names)) == len(names), names
        same_verdict(contact, truth, judge)
        contacts, asked, fixed = contacts + 1, asked + len(names), fixed + len(form(truth, judge))
    assert contacts == CONTACTS
    assert asked <= fixed / 2, (asked, fixed)


def test_every_question_asked_has_a_witness(judges: list[Reasoner]) -> None:
    """Found again without the engine: by filling the gaps at random and evaluating the norms plainly."""
    generator = random.Random(2)
    checked = 0
    for judge, truth in known_contacts(judges[0].law, judges, 5_000, seed=2):
        if checked % 2 and len(form(truth, judge)) < 8:
            continue  # most forms are short: look at the long ones too
        contact = truth.model_copy(update={"facts": {}, "records": {}})
        for question, after in steps(truth, judge):
            known = facts_of_contact(contact)[0]
            assert has_witness(program_of(contact, judge), known, question.name, generator), (contact, question.name)
            contact, checked = after, checked + 1
        if checked >= CHECKED_AGAIN:
            return
    pytest.fail(f"only {checked} questions were asked")


def test_several_acts_are_settled_together(judges: list[Reasoner]) -> None:
    """One act asked for and another done: also where some act is certainly barred, and open which."""
    generator = random.Random(5)
    contacts = 0
    for judge in judges:
        places = list(situations(judge.law, judge.packs))
        for _ in range(200):
            day, actor, one = generator.choice(places)
            two = generator.choice([act for d, a, act in places if (d, a) == (day, actor)])
            first, second = (known_contact(judge, day, actor, act, generator) for act in (one, two))
            facts, records = {**second.facts, **first.facts}, {**second.records, **first.records}
            truth = first.model_copy(update={"done": [two], "facts": facts, "records": records})
            if not all(evaluate(c, facts_of_contact(truth)[0]) for c in program_of(truth, judge).constraints):
                continue
            asked_of = list(steps(truth, judge))
            contact = asked_of[-1][1] if asked_of else truth.model_copy(update={"facts": {}, "records": {}})
            same_verdict(contact, truth, judge)
            contacts += 1
    assert contacts > 700


def test_the_best_question_asks_for_less_than_the_order_of_the_text(judges: list[Reasoner]) -> None:
    best = ordered = 0
    for judge, truth in known_contacts(judges[0].law, judges, 2_000, seed=3):
        best += len(interview(truth, judge))
        contact = truth.model_copy(update={"facts": {}, "records": {}})
        while (name := in_order(contact, judge)) is not None:
            contact, ordered = ask._told(contact, truth, name, judge), ordered + 1
    assert best < ordered


# --- facts that nobody knows ---------------------------------------------------------------------------------------


def fillings(program: Program, facts: list[str], known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in product(*(values(program, f) for f in facts)):
        way = {**known, **dict(zip(facts, row, strict=True))}
        if all(evaluate(c, way) is not False for c in program.constraints):
            yield way


def reported(program: Program, known: Mapping[str, Any], unknowable: list[str]) -> tuple[str, ...] | None:
    """The verdict when some facts stay unknown: certain where every way to fill them agrees. None: it cannot be."""
    seen = [truths(program, way) for way in fillings(program, unknowable, known)]
    if not seen:
        return None

    def certain(c: int, n: int) -> bool | None:
        found = {way[c][n] for way in seen}
        return found.pop() if len(found) == 1 else None

    return tuple(said(certain(c, 0), certain(c, 1), certain(c, 2)) for c in range(len(seen[0])))


def deciding(program: Program, known: Mapping[str, Any], unknowable: list[str]) -> set[str]:
    """Every fact that can change what is reported, while others stay unknown: all ways are tried."""
    open_ = [f for f in program.facts if f not in known and f not in unknowable]
    told = {
        tuple(way[f] if not isinstance(way[f], Records) else values(program, f).index(way[f]) for f in open_): verdict_
        for row in product(*(values(program, f) for f in open_))
        if (verdict_ := reported(program, way := {**known, **dict(zip(open_, row, strict=True))}, unknowable))
    }
    found = set()
    for n, fact in enumerate(open_):
        alone: dict[Any, set[Any]] = {}
        for key, verdict_ in told.items():
            alone.setdefault((*key[:n], *key[n + 1 :]), set()).add(verdict_)
        if any(len(v) > 1 for v in alone.values()):
            found.add(fact)
    return found


def test_what_nobody_knows_is_not_asked_and_makes_no_question_idle(judges: list[Reasoner]) -> None:
    """On short forms every way is tried: a question is asked exactly as long as one can change what is reported."""
    generator = random.Random(4)
    asked = ended = 0
    seen = set()
    for judge, truth in known_contacts(judges[0].law, judges, 5_000, seed=4):
        program, facts = program_of(truth, judge), form(truth, judge)
        room = 1
        for f in program.facts:
            room *= len(values(program, f))
        if not facts or room > 600 or (id(program), len(seen) % 3) in seen:
            continue
        seen.add((id(program), len(seen) % 3))
        unknowable = generator.sample(facts, generator.randint(1, len(facts)))
        contact = truth.model_copy(update={"facts": {}, "records": {}})
        while True:
            known = facts_of_contact(contact)[0]
            question = next_question(contact, judge, skip=unknowable)
            can = deciding(program, known, unknowable)
            if question is None:
                assert not can, (contact, unknowable, can)
                ended += 1
                break
            assert question.name in can, (contact, unknowable, question.name)
            asked += 1
            if question.kind == "act":
                break  # the answer may change the program; that has its own test
            contact = ask._told(contact, truth, question.name, judge)
    assert asked > 50 and ended > 50


# --- the question ----------------------------------------------------------------------------------------------


@pytest.fixture
def nyc(judges: list[Reasoner]) -> Reasoner:
    return judges[0]


DETAINER = Contact(date=date(2015, 1, 5), actor="nypd", asked=["notify_release"])


def test_a_question_says_why_it_is_asked_and_what_would_prove_the_answer(nyc: Reasoner) -> None:
    question = next_question(DETAINER, nyc)
    assert question and question.kind == "fact"
    assert "N.Y.C. Admin. Code § 14-154(b)(1)" in question.because
    assert question.question.endswith("?") and question.proof
    clause, text = question.texts[0]
    assert clause == question.because[0] and text
    assert 1 <= question.still_open <= len(form(DETAINER, nyc))


def test_the_same_contact_gets_the_same_question(nyc: Reasoner, law: Law) -> None:
    first = next_question(DETAINER, nyc)
    choosing.choose.cache_clear()
    assert next_question(DETAINER, reasoner(law, ["us-ny-nyc"])) == first


def test_the_frame_is_asked_first(nyc: Reasoner) -> None:
    contact = Contact()
    for name, value in (("date", date(2015, 1, 5)), ("actor", "nypd"), ("action", "notify_release")):
        question = next_question(contact, nyc)
        assert question and (question.name, question.kind) == (name, "frame")
        assert not question.values or value in question.values
        assert next_question(contact, nyc, skip=[name]) is None
        contact = answered(contact, nyc, name, value)
    assert contact == DETAINER
    on_its_day = reasoner(nyc.law, ["us-ny-nyc"], as_of=date(2015, 1, 5))
    assert (question := next_question(Contact(), on_its_day)) and question.name == "actor"


def test_what_the_person_does_not_know_is_not_asked_again(nyc: Reasoner) -> None:
    contact, asked = DETAINER, []
    while (question := next_question(contact, nyc)) is not None:
        asked.append(question.name)
        contact = answered(contact, nyc, question.name, None)
    assert len(set(asked)) == len(asked) and set(asked) <= set(form(DETAINER, nyc))
    assert decide(contact, nyc).verdict == "unsettled"


def test_an_incomplete_list_is_not_asked_for_again(nyc: Reasoner) -> None:
    contact = DETAINER.model_copy(update={"records": {"judgment": RecordList(records=[], complete=False)}})
    asked = []
    while (question := next_question(contact, nyc)) is not None:
        asked.append(question.name)
        contact = answered(contact, nyc, question.name, question.type == "yes/no" or question.values[0])
    assert "judgment" not in asked


def test_a_narrower_act_takes_the_place_of_the_act(nyc: Reasoner) -> None:
    contact = Contact(date=date(2025, 3, 14), actor="nyc_doc", asked=["share_information"])
    yes = answered(contact, nyc, "action_is_share_criminal_history", True)
    assert yes.asked == ["share_criminal_history"]
    no = answered(contact, nyc, "action_is_share_criminal_history", False)
    assert no.asked == contact.asked
    assert no.facts["action_is_share_sealed_record"].value is False, "what is no criminal history is no sealed record"


def test_the_smallest_sets_leave_out_what_nobody_knows(nyc: Reasoner) -> None:
    sets = settling_sets(DETAINER, nyc)
    assert ("required_by_federal_law",) in sets or any("required_by_federal_law" in s for s in sets)
    assert not any("required_by_federal_law" in s for s in settling_sets(DETAINER, nyc, ["required_by_federal_law"]))
    assert settling_sets(Contact(), nyc) == (("date", "actor", "action"),)


def test_the_question_is_asked_in_the_language_that_is_spoken(nyc: Reasoner) -> None:
    english = next_question(DETAINER, nyc)
    with speaking("es"):
        spanish = next_question(DETAINER, nyc)
    assert english and spanish and english.name == spanish.name
    assert english.question != spanish.question and english.texts == spanish.texts


def test_a_clause_whose_readings_are_each_settled_is_finished(judges: list[Reasoner]) -> None:
    """Contested is an end: no fact is asked for when only the reading is open."""
    ended = 0
    for judge, truth in known_contacts(judges[0].law, judges, 4_000, seed=5):
        program = program_of(truth, judge)
        if program.outcome(*program.masks(facts_of_contact(truth)[0])).verdict == "contested":
            assert next_question(truth, judge) is None
            ended += 1
    assert ended > 20


# --- laws that chance alone would not see through --------------------------------------------------------------------


def made(tmp_path: Path, vocabulary: str, norms: str) -> Reasoner:
    folder = tmp_path / "us-x"
    folder.mkdir()
    (tmp_path / "vocabulary.md").write_text(
        f'```vocabulary\nactor clerk "the clerk" in us-x\naction tell "tell"\n{vocabulary}\n```\n'
    )
    (folder / "pack.md").write_text("---\npack: us-x\ntitle: X\n---\n")
    (folder / "1.md").write_text(
        "---\ntitle: T\ncitation: Code § 1\nin_force: ..\nsources: []\nreviewed: no\n---\n### a\n\n> The text.\n\n"
        f"```norm\n{norms}\n```\n"
    )
    return reasoner(load(tmp_path), ["us-x"])


TELL = Contact(date=date(2020, 1, 1), actor="clerk", asked=["tell"])


def test_a_verdict_too_rare_for_chance_is_still_asked_for(tmp_path: Path) -> None:
    """Forty facts must fall together: one way in a million million, and each of the facts can change the verdict."""
    names = [f"f{n}" for n in range(40)]
    facts = "\n".join(f"fact {f}: yes or no" for f in names)
    judge = made(tmp_path, facts, "a forbids tell by clerk\n  when " + " and ".join(names))
    contact, asked = TELL, []
    while (question := next_question(contact, judge)) is not None:
        asked.append(question.name)
        assert question.because == ("Code § 1(a)",)
        contact = answered(contact, judge, question.name, True)
    assert sorted(asked) == sorted(names)
    assert decide(contact, judge).verdict == "barred"
    assert interview(answered(TELL, judge, "f0", False), judge) == ["f0"] or asked[0] != "f0"


def test_facts_that_constraints_tie_together_are_asked_for(tmp_path: Path) -> None:
    """Neither fact can change alone, so no witness differs in one of them only."""
    tie = (
        'constraint one "x means y": y or not x\nconstraint two "y means x": x or not y\nfact x: yes or no\n'
        "fact y: yes or no"
    )
    judge = made(tmp_path, tie, "a forbids tell by clerk\n  when x and y")
    question = next_question(TELL, judge)
    assert question and question.name == "x"
    for value, verdict_ in ((True, "barred"), (False, "unreached")):
        contact = answered(TELL, judge, "x", value)
        assert next_question(contact, judge) is None
        assert decide(contact, judge).verdict in (verdict_, "excepted")


def test_two_dates_are_asked_for_one_after_the_other(tmp_path: Path) -> None:
    facts = "fact signed: date\n  cost 2\nfact arrested: date\n  cost 1"
    judge = made(tmp_path, facts, "a forbids tell by clerk\n  when signed within 5 years before arrested")
    first = next_question(TELL, judge)
    assert first and (first.name, first.type) == ("arrested", "date")
    contact = answered(TELL, judge, "arrested", date(2015, 1, 1))
    second = next_question(contact, judge)
    assert second and second.name == "signed"
    contact = answered(contact, judge, "signed", date(2011, 1, 1))
    assert next_question(contact, judge) is None
    # One day alone settles nothing when nobody knows the other.
    assert next_question(TELL, judge, skip=["signed"]) is None


def test_a_bar_that_may_yet_be_a_conflict_is_not_settled(tmp_path: Path) -> None:
    facts = "fact x: yes or no\nfact y: yes or no"
    judge = made(tmp_path, facts, "a forbids tell by clerk\n  when x\n\na.2 requires tell by clerk\n  when y")
    contact = answered(TELL, judge, "x", True)
    assert decide(contact, judge).verdict == "barred"
    question = next_question(contact, judge)
    assert question and question.name == "y"


def test_near_ties_go_to_the_cheaper_fact(tmp_path: Path) -> None:
    facts = "fact x: yes or no\n  cost 4\nfact y: yes or no\n  cost 1\nfact z: yes or no\n  cost 2"
    judge = made(tmp_path, facts, "a forbids tell by clerk\n  when x and y and z")
    question = next_question(TELL, judge)
    assert question and question.name == "y"


def test_facts_that_contradict_each_other_end_the_interview(tmp_path: Path) -> None:
    facts = 'fact x: yes or no\nfact y: yes or no\nfact z: yes or no\nconstraint one "not both": not (x and y)'
    judge = made(tmp_path, facts, "a forbids tell by clerk\n  when x and y and z")
    contact = answered(answered(TELL, judge, "x", True), judge, "y", True)
    assert next_question(contact, judge) is None
