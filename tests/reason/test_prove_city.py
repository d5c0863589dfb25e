"""The loopholes of the city's law, found without telling where to look: each with a contact that `decide` confirms."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from brightline.contact.file import read_contact
from brightline.contact.schema import Contact, FactValue
from brightline.law.pack import Law, load
from brightline.reason.decide import Decision, decide, facts_of_contact
from brightline.reason.prove import smt, witness
from brightline.reason.prove.loopholes import Loophole, Loopholes, conditions, loopholes, places, true_purpose
from brightline.reason.prove.oracle import all_atoms
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.setting import Setting
from brightline.reason.truth import evaluate, facts_of

DAY = date(2026, 8, 1)
PACK = "us-ny-nyc"
CITY, STATE = "N.Y.C. Admin. Code § ", "N.Y. Criminal Procedure Law § "
needs_z3 = pytest.mark.skipif(not smt.available(), reason="z3 is not installed: its answers were not looked at")


def asked_of(law: Law, actions: Sequence[str] = ()) -> list[Setting]:
    return places(law, [PACK], DAY, actions)


def asked(law: Law, settings: list[Setting], **options: Any) -> Loopholes:
    return loopholes(
        settings, true_purpose(law.vocabulary, "civil_immigration"), Prover(conditions(settings), **options)
    )


@pytest.fixture(scope="module")
def city(law: Law) -> Loopholes:
    """Every loophole of every agency and every act, for whatever solver is there."""
    return asked(law, asked_of(law))


def some(city: Loopholes, **wanted: Any) -> list[Loophole]:
    """The loopholes with these properties. `through` names a clause that lets the act pass, `facts` some of the door's."""
    through, facts = wanted.pop("through", None), set(wanted.pop("facts", ()))
    return [
        x
        for x in city.found
        if all(getattr(x, k) == v for k, v in wanted.items())
        and (through is None or through in x.through)
        and facts <= facts_in(x)
    ]


def facts_in(x: Loophole) -> set[str]:
    return {f for y in x.door for f in facts_of(y.atom)}


# --- what is known to be there -----------------------------------------------------------------------------


def test_the_list_is_said_to_be_complete(city: Loopholes) -> None:
    assert city.complete, city.why


def test_a_task_force_opens_what_is_barred_for_immigration_enforcement(city: Loopholes) -> None:
    found = some(city, clause=CITY + "10-178(c)", through=CITY + "10-178(e)(i)", kind="exception")
    assert {tuple(sorted(facts_in(x))) for x in found} == {
        ("arrangement_primarily_immigration", "cooperative_arrangement"),
        ("cooperative_arrangement", "immigration_purpose_primary"),
    }
    assert {"place_alert", "share_custody_information", "participate_joint_operation"} <= {x.action for x in found}
    assert {x.readings for x in found} == {("s10_178_e_primarily.of_arrangement",), ("s10_178_e_primarily.of_contact",)}
    assert set(found[0].actors) == {"nypd", "nyc_doc", "nyc_probation", "nyc_other_agency"}


def test_a_criminal_purpose_that_nobody_checks_opens_an_answer_of_the_jails(city: Loopholes) -> None:
    found = some(city, through=CITY + "9-131(h)(1)(ii)", kind="misstatement", action="share_custody_information")
    assert found
    for x in found:
        assert x.actors == ("nyc_doc",)
        assert "civil_immigration_purpose" in x.misstated


def test_an_investigation_that_nobody_checks_opens_personal_information(city: Loopholes) -> None:
    found = some(city, through=CITY + "23-1202(c)(2)(c)(1)", kind="misstatement", action="share_personal_information")
    assert found
    assert all("crime_investigation" in x.misstated for x in found)


def test_the_section_for_the_police_says_nothing_of_information(city: Loopholes) -> None:
    found = some(city, how="silence", clause=CITY + "14-154", action="share_custody_information")
    assert [x.compared for x in found] == [CITY + "9-131(h)(1)"]
    assert found[0].actors == ("nypd",)
    assert found[0].witness is not None and found[0].witness.actor == "nypd"
    assert found[0].truth is not None and found[0].truth.actor == "nyc_doc"


def test_a_person_can_be_held_before_there_is_a_warrant(city: Loopholes) -> None:
    found = some(city, through=CITY + "14-154(b)(2)", action="hold_past_release", clause=CITY + "14-154(b)(1)")
    assert {x.kind for x in found} == {"exception", "misstatement"}
    assert all("hold_hours_without_weekends" in facts_in(x) and not x.judge for x in found)


def test_any_other_governmental_entity_can_say_that_there_is_a_match_or_a_judgment(city: Loopholes, law: Law) -> None:
    misstated = {f for x in some(city, kind="misstatement", action="hold_past_release") for f in x.misstated}
    assert {"judgment", "terrorist_screening_match"} <= misstated
    assert law.vocabulary.records["judgment"].stated_by == "a governmental entity"
    assert law.vocabulary.facts["terrorist_screening_match"].stated_by == "a governmental entity"
    for fact in ("judgment", "terrorist_screening_match"):
        alone = [x for x in some(city, kind="misstatement", action="hold_past_release") if fact in x.misstated]
        assert {CITY + "14-154(b)(2)"} <= {c for x in alone for c in x.through}


def test_a_judge_opens_a_sealed_record(city: Loopholes) -> None:
    found = some(city, through=STATE + "160.50(1)(d)(ii)", action="share_sealed_record")
    assert found
    assert all(x.judge and facts_in(x) == {"unsealing_order"} for x in found)


def test_an_answer_after_a_conviction_is_at_odds_with_the_rule_on_notices(city: Loopholes) -> None:
    found = some(city, through=CITY + "9-131(h)(1)(i)", kind="exception", clause=CITY + "9-131(h)(1)")
    assert {"share_custody_information", "notify_release"} & {x.action for x in found}
    assert any(CITY + "9-131(b)(1)" in x.at_odds for x in found)


def test_no_act_that_the_law_bars_for_everyone_alike_has_more_ways_for_one_agency(city: Loopholes) -> None:
    """Every loophole of § 10-178(c) is open to each agency that the section binds and that may do the act."""
    for x in some(city, clause=CITY + "10-178(c)", action="place_alert"):
        assert set(x.actors) == {"nypd", "nyc_doc", "nyc_probation", "nyc_other_agency"}


# --- what is shown of each -----------------------------------------------------------------------------------


def through_a_file(contact: Contact, x: Loophole, folder: Path) -> Decision:
    """What `decide` says of the contact, written to a file and read back."""
    path = folder / "contact.yaml"
    path.write_text(witness.as_yaml(contact), encoding="utf-8")
    return judged(read_contact(path, x.setting.vocabulary), x)


def judged(contact: Contact, x: Loophole) -> Decision:
    return decide(contact, x.setting.judge)


def bars(decision: Decision, law: Law) -> bool:
    """Whether some norm that forbids bars the contact, or may."""
    forbidding = {n.id for n in law.norms if n.modality == "forbids"}
    return decision.verdict == "contested" or any(
        f.norm in forbidding and f.verdict in ("barred", "unsettled") for f in decision.findings
    )


def passes_from_a_file(some: Iterable[Loophole], law: Law, folder: Path) -> None:
    for x in some:
        assert x.witness is not None, x.name
        assert not bars(through_a_file(x.witness, x, folder), law), x.name
        if x.kind == "misstatement" or x.how == "silence":
            assert x.truth is not None, x.name
            assert through_a_file(x.truth, x, folder).verdict in ("barred", "conflict"), x.name


def test_contacts_shown_pass_and_truths_are_barred_from_a_file(city: Loopholes, law: Law, tmp_path: Path) -> None:
    passes_from_a_file(city.found[::5], law, tmp_path)


@pytest.mark.slow
def test_every_contact_shown_passes_and_every_truth_is_barred_from_a_file(
    city: Loopholes, law: Law, tmp_path: Path
) -> None:
    passes_from_a_file(city.found, law, tmp_path)


def test_a_contact_read_back_from_its_file_is_the_same(city: Loopholes, tmp_path: Path) -> None:
    for x in city.found[::7]:
        assert x.witness is not None
        path = tmp_path / "contact.yaml"
        path.write_text(witness.as_yaml(x.witness), encoding="utf-8")
        again = read_contact(path, x.setting.vocabulary)
        assert again.model_copy(update={"source": None, "basis": None}) == x.witness.model_copy(update={"basis": None})


def test_no_contact_that_is_shown_breaks_a_constraint(city: Loopholes, law: Law) -> None:
    for x in city.found:
        for contact in (c for c in (x.witness, x.truth) if c is not None):
            facts, _ = facts_of_contact(contact)
            broken = [c.text for c in law.vocabulary.constraints if evaluate(c.condition, facts) is False]
            assert not broken, (x.name, x.action, x.clause)


def test_what_is_misstated_is_stated_and_nothing_else(city: Loopholes) -> None:
    for x in city.found:
        assert x.witness is not None
        stated = {n for n in (*x.witness.facts, *x.witness.records) if x.witness.basis_of(n) == "stated"}
        assert stated == set(x.misstated), x.name
        assert bool(x.misstated) is (x.kind == "misstatement"), x.name
        for name in x.misstated:
            told = x.setting.vocabulary.facts.get(name) or x.setting.vocabulary.records[name]
            assert told.stated_by, name


def without(contact: Contact, names: Iterable[str]) -> Contact:
    gone = set(names)
    return contact.model_copy(
        update={
            "facts": {k: v for k, v in contact.facts.items() if k not in gone},
            "records": {k: v for k, v in contact.records.items() if k not in gone},
        }
    )


def passes_without_its_door(city: Loopholes, law: Law) -> list[Loophole]:
    """The loopholes whose contact surely passes although one fact of the door is left out."""
    return [
        x
        for x in city.found
        for fact in facts_in(x)
        if x.witness is not None and not bars(judged(without(x.witness, [fact]), x), law)
    ]


def test_without_its_door_no_contact_that_is_shown_surely_passes(city: Loopholes, law: Law) -> None:
    """The door is needed: without what it rests on nobody can be certain that the norm lets the act pass."""
    found = passes_without_its_door(city, law)
    assert not [x for x in found if x.action not in ("hold_past_release", "notify_release")]
    assert len(found) <= 6, "more doors than are known are not needed"


@pytest.mark.slow
def test_without_its_door_no_contact_at_all_surely_passes(city: Loopholes, law: Law) -> None:
    assert not [(x.name, x.action, x.clause) for x in passes_without_its_door(city, law)]


def test_with_its_door_turned_round_the_norm_bars_or_may_bar(city: Loopholes, law: Law) -> None:
    """Where one yes/no fact is the whole door, the opposite shuts it."""
    seen = 0
    for x in city.found:
        if x.witness is None or len(x.door) != 1 or x.action in ("hold_past_release", "notify_release"):
            continue
        (fact,) = facts_in(x)
        entry = x.witness.facts.get(fact)
        if entry is None or not isinstance(entry.value, bool):
            continue
        turned = FactValue(value=not entry.value, basis=entry.basis)
        other = x.witness.model_copy(update={"facts": {**x.witness.facts, fact: turned}})
        assert bars(judged(other, x), law), x.name
        seen += 1
    assert seen > 150


# --- the same, whoever is asked ---------------------------------------------------------------------------------


def test_no_two_loopholes_have_one_name(city: Loopholes) -> None:
    names = [x.name for x in city.found]
    assert len(names) == len(set(names))


@needs_z3
@pytest.mark.slow
def test_every_list_of_ways_was_found_twice(law: Law) -> None:
    settings = asked_of(law)
    prover = Prover(conditions(settings))
    loopholes(settings, true_purpose(law.vocabulary, "civil_immigration"), prover)
    listed = [w for w in prover._ways.values() if w.ways != (frozenset(),)]
    small = [w for (goal, *_), w in prover._ways.items() if w in listed and len(all_atoms([goal])) <= 12]  # type: ignore[list-item]
    assert small and all(w.second_opinion for w in small)
    assert prover.checked_twice > 50


@pytest.mark.slow
def test_without_z3_the_truth_tables_find_the_same(city: Loopholes, law: Law) -> None:
    settings = asked_of(law)
    tables = asked(law, settings, use_z3=False)
    small = {s.action for s in settings if all(len(all_atoms([n.broken])) <= 24 for n in s.norms)}
    assert {x.name for x in tables.found if x.action in small} == {x.name for x in city.found if x.action in small}
    assert len(small) > 15


@needs_z3
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 20_260_801])
def test_another_seed_of_z3_finds_the_same(city: Loopholes, law: Law, seed: int) -> None:
    again = asked(law, asked_of(law), seed=seed)
    assert again.complete
    assert [x.name for x in again.found] == [x.name for x in city.found]


@pytest.mark.parametrize("action", ["place_alert", "share_sealed_record", "hold_past_release"])
def test_an_act_asked_about_alone_has_the_loopholes_that_it_has_among_all(
    city: Loopholes, law: Law, action: str
) -> None:
    alone = asked(law, asked_of(law, [action]))
    assert [x.name for x in alone.found] == [x.name for x in city.of_action(action)]


NAMES = """
import sys
from datetime import date
from pathlib import Path
from brightline.law.pack import load
from brightline.reason.prove.loopholes import loopholes, places, true_purpose
law = load(Path(sys.argv[1]))
settings = places(law, ["us-ny-nyc"], date(2026, 8, 1), sys.argv[2:])
for x in loopholes(settings, true_purpose(law.vocabulary, "civil_immigration")).found:
    print(x.name)
"""


@pytest.mark.parametrize("hashes", ["1"])
def test_names_and_order_stay_the_same_from_run_to_run(city: Loopholes, law: Law, hashes: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", NAMES, str(law.root), "place_alert", "share_custody_information"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hashes},
    )  # fmt: skip
    here = asked(law, asked_of(law, ["place_alert", "share_custody_information"]))
    assert run.stdout.split() == [x.name for x in here.found]


@pytest.mark.slow
@pytest.mark.parametrize("hashes", ["2", "78"])
def test_all_names_and_their_order_stay_the_same_from_run_to_run(city: Loopholes, law: Law, hashes: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", NAMES, str(law.root)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hashes},
    )  # fmt: skip
    assert run.stdout.split() == [x.name for x in city.found]


def test_a_blank_line_in_a_file_of_law_changes_no_name(city: Loopholes, law: Law, tmp_path: Path) -> None:
    shutil.copytree(law.root, tmp_path / "laws")
    section = tmp_path / "laws" / PACK / "10-178.md"
    section.write_text(section.read_text(encoding="utf-8").replace("\n### ", "\n\n### ", 1), encoding="utf-8")
    other = load(tmp_path / "laws")
    moved = asked(other, asked_of(other, ["place_alert"]))
    assert {x.name for x in moved.found} == {x.name for x in city.of_action("place_alert")}
