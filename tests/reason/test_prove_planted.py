"""Holes that were dug on purpose are found, mended ones are not, and a reform that mends one is seen to close it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brightline.contact.schema import Contact
from brightline.reason.decide import decide, facts_of_contact
from brightline.reason.prove import smt
from brightline.reason.prove.loopholes import Loophole, Loopholes
from brightline.reason.reasoner import reasoner
from brightline.reason.truth import evaluate

from .planted import (
    DROPS_THE_LIMIT,
    NEW_NORM,
    PACK,
    VARIANTS,
    Planted,
    Text,
    asked,
    conditions_of,
    laid_over,
    little,
    plant,
    reformed,
)

SEEDS = range(20)
MORE_SEEDS = range(20, 60)
needs_z3 = pytest.mark.skipif(not smt.available(), reason="z3 is not installed: no reform was proven to close a hole")


def each(variant: str, seeds: range, statements: bool = False) -> Iterator[tuple[Planted, str]]:
    for seed in seeds:
        yield plant(variant, seed, statements), f"{variant}, seed {seed}"


def found_in(text: Text, planted: Planted, folder: Path) -> Loopholes:
    return asked(text.law(folder), planted.purpose)


def holes(found: Loopholes, planted: Planted) -> list[Loophole]:
    return [x for x in found.found if planted.hole.matches(x)]


def passes(x: Loophole, contact: Contact) -> bool:
    """Whether no norm that forbids bars the contact, or may."""
    forbidding = {n.id for n in x.setting.law.norms if n.modality == "forbids"}
    findings = decide(contact, x.setting.judge).findings
    return not any(f.norm in forbidding and f.verdict in ("barred", "unsettled") for f in findings)


def finds_the_hole(planted: Planted, found: Loopholes, told: str) -> None:
    hole, mine = planted.hole, holes(found, planted)
    assert found.complete, told
    assert {x.compared or x.clause for x in mine} == set(hole.clauses), told
    for x in mine:
        assert any(c in hole.through for c in x.through), (told, x.through)
        assert x.misstated == hole.misstated, told
        assert x.readings == hole.readings, told
        assert not x.judge, told
        if hole.actors:
            assert x.actors == hole.actors, told
        assert x.witness is not None, told
        assert passes(x, x.witness), told
        if x.kind == "misstatement":
            assert x.truth is not None and decide(x.truth, x.setting.judge).verdict == "barred", told


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_is_found_with_its_clause_and_its_facts(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, SEEDS)):
        finds_the_hole(planted, found_in(planted.open, planted, tmp_path / str(n)), told)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_that_is_mended_is_not_reported(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, SEEDS)):
        found = found_in(planted.mended, planted, tmp_path / str(n))
        assert found.complete, told
        assert not [(x.clause, conditions_of(x.door)) for x in found.found if planted.hole.near(x)], told


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_more_holes_are_found_and_more_mended_ones_are_not(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, MORE_SEEDS)):
        finds_the_hole(planted, found_in(planted.open, planted, tmp_path / f"open {n}"), told)
        found = found_in(planted.mended, planted, tmp_path / f"mended {n}")
        assert found.complete and not [x for x in found.found if planted.hole.near(x)], told


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_contact_that_shows_a_hole_is_one_that_can_be(
    variant: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """It breaks no constraint, and has the very value at which the hole is."""
    for n, (planted, told) in enumerate(each(variant, range(10))):
        for x in holes(found_in(planted.open, planted, tmp_path / str(n)), planted):
            for contact in (c for c in (x.witness, x.truth) if c is not None):
                assert not broken_constraints(contact, x), told
            if planted.hole.value is not None and x.witness is not None:
                name, value = planted.hole.value
                assert x.witness.facts[name].value == value, told


def broken_constraints(contact: Contact, x: Loophole) -> list[str]:
    facts, _ = facts_of_contact(contact)
    return [c.text for c in x.setting.vocabulary.constraints if evaluate(c.condition, facts) is False]


def test_a_list_is_complete_where_much_is_only_stated(tmp_path: Path) -> None:
    for variant in VARIANTS:
        for planted, told in each(variant, range(8), statements=True):
            assert found_in(planted.open, planted, tmp_path / told).complete, told


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_is_found_where_much_is_only_stated(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, SEEDS, statements=True)):
        found = found_in(planted.open, planted, tmp_path / str(n))
        assert {x.compared or x.clause for x in holes(found, planted)} == set(planted.hole.clauses), told


def test_a_misstatement_is_shown_where_the_norm_speaks_for_another_cause_too(tmp_path: Path) -> None:
    law = little({"1": "b forbids tell by town_agency\n  when said or x\n  unless b.1 x"}).law(tmp_path)
    found = asked(law, "hunt", ["tell"])
    assert found.complete
    assert "misstatement" in {x.kind for x in found.found if conditions_of(x.door) == {("said", False)}}


# --- reforms ---------------------------------------------------------------------------------------------


def closes_the_hole(planted: Planted, folder: Path, told: str) -> None:
    law = planted.open.law(folder)
    found = asked(law, planted.purpose, [planted.hole.action])
    assert holes(found, planted), told
    after = reformed(law, found, planted.purpose, planted.mends)
    assert after.complete and not after.openings, told
    for fate in (f for f in after.fates if planted.hole.matches(f.loophole)):
        assert fate.status == "closed", (told, fate.why)
        assert planted.mended_by in fate.by, (told, fate.by)
        assert planted.mended_by in {s.clause for s in fate.proof if s.what == "clause"}, told
    undone = reformed(law, found, planted.purpose, planted.undone)
    assert {f.status for f in undone.fates if planted.hole.matches(f.loophole)} == {"open"}, told
    assert not undone.openings, told


@needs_z3
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_reform_that_mends_a_hole_closes_it_and_without_it_the_hole_is_open(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, range(4))):
        closes_the_hole(planted, tmp_path / str(n), told)


@needs_z3
@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_more_reforms_that_mend_a_hole_close_it(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, range(4, 20))):
        closes_the_hole(planted, tmp_path / str(n), told)


@needs_z3
@pytest.mark.parametrize("variant", VARIANTS)
def test_at_least_a_hundred_thousand_contacts_were_searched_for_one_that_comes_through(
    variant: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    planted = plant(variant, 1)
    law = planted.open.law(tmp_path)
    after = reformed(law, asked(law, planted.purpose, [planted.hole.action]), planted.purpose, planted.mends)
    for fate in (f for f in after.fates if planted.hole.matches(f.loophole)):
        assert fate.searched >= 100_000


def opened_by_a_reform(planted: Planted, folder: Path, told: str) -> None:
    """The mended law, and a reform that takes out what mends it."""
    law = planted.mended.law(folder)
    found = asked(law, planted.purpose, [planted.hole.action])
    after = reformed(law, found, planted.purpose, DROPS_THE_LIMIT)
    assert "Code § 1(b)" in {o.clause for o in after.openings}, told
    for opening in after.openings:
        before = next(
            s for s in found.settings if (s.actor, s.action) == (opening.setting.actor, opening.setting.action)
        )
        assert decide(opening.witness, before.judge).verdict == "barred", told
        assert decide(opening.witness, opening.setting.judge).verdict != "barred", told
    kept = f"amends {PACK}/1:b.1-limit: replace with {planted.purpose}_purpose or {planted.purpose}_purpose"
    assert not reformed(law, found, planted.purpose, kept).openings, told
    assert not reformed(law, found, planted.purpose, planted.undone).openings, told


@needs_z3
def test_a_reform_that_drops_the_limit_of_an_exception_is_seen_to_open_a_hole(tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each("limit dropped", range(6))):
        opened_by_a_reform(planted, tmp_path / str(n), told)


@needs_z3
@pytest.mark.slow
def test_more_reforms_that_drop_a_limit_are_seen_to_open_a_hole(tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each("limit dropped", range(6, 30))):
        opened_by_a_reform(planted, tmp_path / str(n), told)


# --- a loophole of several agencies, or of several readings ----------------------------------------------------

ONE_NORM = "b forbids tell by town_agency\n  when hunt_purpose\n  unless b.1 x"


@needs_z3
@pytest.mark.parametrize("bound", ["guard", "clerk"])
def test_a_reform_that_binds_one_agency_does_not_close_the_hole_of_another(bound: str, tmp_path: Path) -> None:
    law = little({"1": ONE_NORM}).law(tmp_path)
    found = asked(law, "hunt", ["tell"])
    norms = f"r.1 forbids tell by {bound}\n  when hunt_purpose"
    whole, reform = laid_over(law, norms)
    passes = {
        actor: decide(x.witness.model_copy(update={"actor": actor}), reasoner(whole, [reform.id])).verdict
        for x in found.found
        for actor in x.actors
        if x.witness
    }
    assert passes == {a: "barred" if a == bound else "excepted" for a in ("guard", "clerk")}
    after = reformed(law, found, "hunt", norms)
    assert {f.status for f in after.fates} == {"open"}  # the loophole of both is open while one comes through


READINGS = "readings:\n  words:\n    question: What is odd?\n    one: The hunt.\n    two: Whatever is y.\n"
ODD = "define odd reading words.one means hunt_purpose\n\ndefine odd reading words.two means y"


@needs_z3
def test_a_reform_that_works_under_one_reading_only_closes_nothing_for_sure(tmp_path: Path) -> None:
    also = "c forbids tell by town_agency\n  when odd and y and not x"
    law = little({"1": f"{ODD}\n\n{ONE_NORM}\n\n{also}"}, readings=READINGS).law(tmp_path)
    found = asked(law, "hunt", ["tell"])
    after = reformed(law, found, "hunt", f"amends {PACK}/1:b.1: add\n  but not if r.1 odd")
    assert all(f.status != "closed" for f in after.fates if f.loophole.clause == "Code § 1(b)")


@needs_z3
def test_a_reform_with_a_reading_of_its_own_that_leaves_the_hole_closes_nothing_for_sure(tmp_path: Path) -> None:
    law = little({"1": ONE_NORM}).law(tmp_path)
    found = asked(law, "hunt", ["tell"])
    norms = (
        "r.1 forbids tell by town_agency\n  reading words.one\n  when hunt_purpose\n\n"
        "r.2 forbids tell by town_agency\n  reading words.two\n  when hunt_purpose and not x"
    )
    after = reformed(law, found, "hunt", norms, READINGS)
    assert all(f.status != "closed" for f in after.fates)


# --- how a change is named ------------------------------------------------------------------------------------------

NESTED = ONE_NORM + "\n    but not if b.1-old y\n      but not if b.1-limit z"
CHANGES = {
    "an exception taken away": (ONE_NORM, f"amends {PACK}/1:b.1: repeal", "Code § 1(b)(1), repealed"),
    "an exception narrowed": (ONE_NORM, f"amends {PACK}/1:b.1: add but not if r.1 hunt_purpose", "Code § 1(b)(1), narrowed by r.1"),
    "an exception in new words": (ONE_NORM, f"amends {PACK}/1:b.1: replace with x and not hunt_purpose", "Code § 1(b)(1), in its new words"),
    "a new norm in the place of the old one": (ONE_NORM, f"amends {PACK}/1:b: replace r.1 forbids tell by town_agency\n  when hunt_purpose", NEW_NORM),
    "the exception of an exception taken away": (NESTED, f"amends {PACK}/1:b.1-limit: repeal", "Code § 1(b)(1), limit, repealed"),
    "the exception of an exception in new words": (NESTED, f"amends {PACK}/1:b.1-old: replace with hunt_purpose", "Code § 1(b)(1), old, in its new words"),
    "the exception of an exception narrowed": (NESTED, f"amends {PACK}/1:b.1-limit: add but not if r.1 hunt_purpose", "Code § 1(b)(1), limit, narrowed by r.1"),
}  # fmt: skip


@needs_z3
@pytest.mark.parametrize("name", CHANGES)
def test_a_proof_names_the_change_that_closes_the_hole(name: str, tmp_path: Path) -> None:
    norms, change, cited = CHANGES[name]
    law = little({"1": norms}).law(tmp_path)
    after = reformed(law, asked(law, "hunt", ["tell"]), "hunt", change)
    closing = [f for f in after.fates if f.status == "closed"]
    assert closing
    for fate in closing:
        assert fate.by == (cited,)
        assert [s.clause for s in fate.proof if s.what == "clause"] == [cited]


# --- where nothing bars at all ------------------------------------------------------------------------------------------


def test_a_narrower_act_that_a_norm_leaves_out_altogether_is_reported(tmp_path: Path) -> None:
    law = little({"1": "b forbids tell by town_agency\n  when hunt_purpose and not action is whisper"}).law(tmp_path)
    found = asked(law, "hunt")
    assert [x for x in found.found if x.action == "whisper"] or not found.complete


def test_a_section_is_seen_to_be_silent_where_no_other_norm_speaks_of_the_act(tmp_path: Path) -> None:
    twin = "b forbids hold, other by {}\n  when x"
    sections = {
        "1": twin.format("guard") + "\n\nh forbids tell by guard\n  when hunt_purpose",
        "2": twin.format("clerk"),
    }
    law = little(sections).law(tmp_path)
    asked_for = [x for x in asked(law, "hunt", ["tell"]).found if x.how == "silence"]
    assert [(x.action, x.actors) for x in asked_for] == [("tell", ("clerk",))]
    silent = [(x.action, x.actors) for x in asked(law, "hunt").found if x.how == "silence"]
    assert silent == [("tell", ("clerk",)), ("whisper", ("clerk",))]  # and of the narrower act


# --- the planted laws themselves ---------------------------------------------------------------------------------------------


def test_the_planted_laws_differ_from_seed_to_seed_and_mended_from_open(tmp_path: Path) -> None:
    for variant in VARIANTS:
        several = [plant(variant, seed) for seed in range(20)]
        assert len({str(p.open) for p in several}) == 20
        assert all(p.open.sections != p.mended.sections for p in several)
        again = plant(variant, 7)
        assert again == several[7]
