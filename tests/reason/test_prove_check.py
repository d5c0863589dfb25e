"""Remarks on a law: what is planted is found, with a contact or a proof; without the plant nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from brightline.law.pack import Law, load
from brightline.law.problems import LawError
from brightline.reason.decide import decide
from brightline.reason.prove import witness
from brightline.reason.prove.check import KINDS, Remark, check
from brightline.reason.prove.oracle import Answer
from brightline.reason.prove.prover import Prover
from brightline.reason.truth import facts_of

DAY = date(2026, 3, 1)

VOCABULARY = """
```vocabulary
actor agency "an agency"
actor police "the town's police" is agency in us-harbor
actor harbor "the harbor master" is agency in us-harbor
action share "share information"
action tell "tell of a release" is share
action hold "hold a person"
action lend "lend a boat"
fact detainer: yes or no
fact warrant: yes or no
fact arrest: yes or no
fact conviction: yes or no
fact ordered: yes or no
fact task_force: yes or no
fact hours: number of hours
constraint warrant_is_arrest "a warrant is for an arrest":
  arrest or not warrant
```
"""
SECTION = """---
title: Code § {name}
citation: Code § {name}
in_force: 2015-01-01 ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
---

### a — a clause

> Text of the clause.

```norm
{norms}
```
"""
HOLDING = """b forbids hold, tell by agency
  when detainer and hours more than 48 hours
  unless b.1 warrant
  unless b.2 conviction
    but not if b.2-old ordered
"""
BOATS = "c forbids lend by agency\n  unless c.1 task_force"
PLAIN = {"1": HOLDING, "2": BOATS}

Made = Callable[..., list[Remark]]


@pytest.fixture
def remarks(tmp_path: Path) -> Made:
    """Remarks on a town's law, made of these sections, under a state's."""

    def made(sections: dict[str, str], state: dict[str, str] | None = None, **options: Any) -> list[Remark]:
        root = tmp_path / str(len(list(tmp_path.iterdir()))) / "laws"
        for pack, under, texts in (("us-harbor", "us-state", sections), ("us-state", "", state or {})):
            (root / pack).mkdir(parents=True)
            (root / pack / "pack.md").write_text(f"---\npack: {pack}\ntitle: {pack}\nunder: {under}\n---\n")
            for name, norms in texts.items():
                title = name if pack == "us-harbor" else f"{name} of the state"
                (root / pack / f"{name}.md").write_text(SECTION.format(name=title, norms=norms))
        (root / "vocabulary.md").write_text(VOCABULARY)
        return check(load(root), ["us-harbor"], DAY, **options)

    return made


def of(found: list[Remark], kind: str) -> list[Remark]:
    return [r for r in found if r.kind == kind]


def judged(r: Remark) -> str:
    assert r.witness is not None and r.setting is not None
    return decide(r.witness, r.setting.judge).verdict


# --- nothing planted ------------------------------------------------------------------------------------------


def test_a_plain_law_has_no_remarks_but_its_gaps(remarks: Made) -> None:
    found = remarks(PLAIN)
    assert [(r.kind, r.actions, r.about, r.actors) for r in found] == [
        ("gap", ("share",), "not named", ("police", "harbor"))
    ]


# --- contradictions and conflicts --------------------------------------------------------------------------------


def test_a_contradiction(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d requires tell by agency\n  when arrest"})
    (r,) = of(found, "contradiction")
    assert r.clauses == ("Code § 3(d)", "Code § 1(b)") and r.actions == ("tell",) and r.actors == ("police", "harbor")
    assert {f for x in r.way for f in facts_of(x.atom)} >= {"detainer", "hours", "arrest"}
    assert judged(r) == "conflict" and not of(found, "conflict")


def test_a_duty_of_a_wide_act_against_a_bar_of_a_narrow_one(remarks: Made) -> None:
    (r,) = of(remarks({**PLAIN, "3": "d requires share by police\n  when arrest"}), "contradiction")
    assert r.actions == ("tell",) and r.actors == ("police",) and judged(r) == "conflict"


def test_what_cannot_be_together_is_no_contradiction(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d requires tell by agency\n  when warrant"})  # b.1 lets pass whoever has one
    assert not of(found, "contradiction")


def test_a_norm_that_yields_is_no_contradiction(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d requires tell by agency\n  when arrest\n  yields to 1:b"})
    assert not of(found, "contradiction")


def test_a_conflict_between_levels_and_who_yields(remarks: Made) -> None:
    (r,) = of(remarks(PLAIN, {"9": "z requires hold by agency\n  when detainer"}), "conflict")
    assert r.clauses == ("Code § 9 of the state(z)", "Code § 1(b)") and r.yields == "" and judged(r) == "conflict"


def test_a_conflict_that_the_law_itself_settles(remarks: Made) -> None:
    yielding = HOLDING.rstrip() + "\n  yields to us-state/9:z\n"
    (r,) = of(remarks({"1": yielding, "2": BOATS}, {"9": "z requires hold by agency\n  when detainer"}), "conflict")
    assert r.yields == "Code § 1(b)"


# --- tensions --------------------------------------------------------------------------------------------------


ONE_DOOR = """b forbids tell by agency
  when detainer
  unless b.1 warrant

h forbids share by agency
  when detainer and ordered
  unless h.1 {door}
"""


def test_a_tension_inside_a_section(remarks: Made) -> None:
    (r,) = of(remarks({"1": ONE_DOOR.format(door="warrant or conviction")}), "tension")
    assert r.clauses == ("Code § 1(h)(1)", "Code § 1(h)", "Code § 1(b)") and r.actions == ("tell",)
    assert {f for x in r.way for f in facts_of(x.atom)} == {"detainer", "ordered", "warrant", "conviction"}
    assert judged(r) == "barred"


def test_a_tension_both_ways_round(remarks: Made) -> None:
    found = of(remarks({"1": ONE_DOOR.format(door="conviction")}), "tension")
    assert {r.clauses[0] for r in found} == {"Code § 1(h)(1)", "Code § 1(b)(1)"}


def test_in_two_sections_it_is_none(remarks: Made) -> None:
    one, other = ONE_DOOR.format(door="warrant or conviction").split("\n\n")
    assert not of(remarks({"1": one, "2": other}), "tension")


def test_an_exception_that_opens_both_is_none(remarks: Made) -> None:
    assert not of(remarks({"1": ONE_DOOR.format(door="warrant")}), "tension")


# --- what never is -----------------------------------------------------------------------------------------------


def test_a_norm_that_never_applies(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d forbids lend by police\n  when warrant and not arrest"})
    (r,) = of(found, "never applies")
    assert r.about == "not reached" and r.norms == ("us-harbor/3:d",) and r.proven_by == ("z3", "truth table")


def test_a_threshold_that_cannot_be_met(remarks: Made) -> None:
    impossible = "d forbids lend by police\n  when hours at most 5 hours and hours more than 10 hours"
    (r,) = of(remarks({**PLAIN, "3": impossible}), "never applies")
    assert r.about == "not reached"
    possible = impossible.replace("at most 5", "at most 15")
    assert not of(remarks({**PLAIN, "3": possible}), "never applies")


def test_a_norm_that_is_always_excused(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d forbids hold by police\n  when warrant\n  unless d.1 arrest"})
    (r,) = of(found, "never applies")
    assert r.about == "always excused" and r.clauses == ("Code § 3(d)",)


def test_an_exception_that_is_never_needed(remarks: Made) -> None:
    section = HOLDING.replace("unless b.1 warrant", "unless b.1 warrant\n  unless b.3 warrant and ordered")
    (r,) = of(remarks({"1": section, "2": BOATS}), "exception never matters")
    assert r.clauses == ("Code § 1(b)(3)", "Code § 1(b)") and r.about == "not needed"
    assert r.proven_by == ("z3", "truth table")


def test_an_exception_to_an_exception_that_is_never_needed(remarks: Made) -> None:
    section = HOLDING.replace("but not if b.2-old ordered", "but not if b.2-old ordered and warrant")
    (r,) = of(remarks({"1": section, "2": BOATS}), "exception never matters")
    assert r.clauses[0] == "Code § 1(b)(2), old" and r.about == "not needed"


def test_an_exception_whose_act_is_barred_anyway(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d forbids lend by agency\n  when task_force"})
    (r,) = of(found, "exception never matters")
    assert r.clauses == ("Code § 2(c)(1)", "Code § 2(c)") and r.about == "barred anyway" and r.proven_by
    assert r.actors == ("police", "harbor")
    told = of(found, "idle fact")
    assert [x.facts for x in told] == [("task_force",)]  # the boat is barred with and without a task force


def test_barred_anyway_for_one_agency_only_is_not_reported(remarks: Made) -> None:
    found = remarks({**PLAIN, "3": "d forbids lend by police\n  when task_force"})
    assert not of(found, "exception never matters") and not of(found, "idle fact")


def test_an_idle_fact(remarks: Made) -> None:
    idle = "d forbids hold by agency\n  when detainer and hours more than 48 hours and ordered and not warrant and not conviction and task_force"
    found = remarks({"1": HOLDING, "3": idle})
    (r,) = of(found, "idle fact")  # whom `d` bars, `b` bars already
    assert r.facts == ("task_force",) and r.clauses == ("Code § 3(d)",) and r.proven_by == ("z3", "truth table")
    counts = idle.replace("ordered and", "not ordered and").replace(
        "not conviction", "conviction"
    )  # whom `b` lets pass
    assert not of(remarks({"1": HOLDING, "3": counts}), "idle fact")


def test_a_number_can_be_idle(remarks: Made) -> None:
    idle = "d forbids lend by agency\n  when task_force and hours more than 3 hours\n\ne forbids lend by agency\n  when task_force"
    (r,) = of(remarks({"3": idle}), "idle fact")
    assert r.facts == ("hours",)


def test_a_fact_on_which_only_the_words_of_a_verdict_depend_is_not_idle(remarks: Made) -> None:
    norms = "d forbids lend by agency\n  when task_force and ordered\n  unless d.1 ordered"
    found = remarks({"3": norms})
    assert of(found, "never applies") and not of(found, "idle fact")  # excepted with it, unreached without


# --- gaps -----------------------------------------------------------------------------------------------------------


def test_a_gap(remarks: Made) -> None:
    (r,) = [r for r in of(remarks({"1": HOLDING}), "gap") if r.actions == ("lend",)]
    assert r.actors == ("police", "harbor") and r.about == "not named" and judged(r) == "unreached"


def test_a_gap_of_one_agency(remarks: Made) -> None:
    found = of(remarks({**PLAIN, "2": "c forbids lend by police"}), "gap")
    assert [(r.actors) for r in found if r.actions == ("lend",)] == [("harbor",)]


def test_a_gap_that_norms_name(remarks: Made) -> None:
    found = of(remarks({"1": HOLDING, "2": "c forbids lend by agency\n  when warrant and not arrest"}), "gap")
    (r,) = [r for r in found if r.actions == ("lend",)]
    assert r.about == "cannot be reached" and r.proven_by == ("z3", "truth table")


def test_a_gap_of_the_town_that_the_state_fills_has_no_contact(remarks: Made) -> None:
    found = of(remarks({"1": HOLDING}, {"9": "z forbids lend by agency"}), "gap")
    (r,) = [r for r in found if r.actions == ("lend",)]
    assert r.witness is None


# --- silence --------------------------------------------------------------------------------------------------------


def test_a_silence(remarks: Made) -> None:
    police, harbor = HOLDING.replace("agency", "police"), HOLDING.replace("hold, tell by agency", "hold by harbor")
    (r,) = of(remarks({"1": police, "2": harbor}), "silence")
    assert r.clauses == ("Code § 2", "Code § 1(b)") and r.actors == ("harbor",) and r.actions == ("tell",)
    assert judged(r) == "unreached" and r.sister is not None and r.sister.actor == "police"
    assert {f for x in r.way for f in facts_of(x.atom)} >= {"detainer", "hours", "warrant"}


def test_two_sections_that_say_the_same_are_not_silent(remarks: Made) -> None:
    police, harbor = HOLDING.replace("agency", "police"), HOLDING.replace("agency", "harbor")
    assert not of(remarks({"1": police, "2": harbor}), "silence")


# --- honesty -----------------------------------------------------------------------------------------------------------


def test_a_solver_that_gives_up_makes_nothing_never(remarks: Made) -> None:
    class Tired(Prover):
        def _ask(self, *_: Any) -> Answer:
            return Answer(None)

    found = remarks({**PLAIN, "3": "d forbids lend by police\n  when warrant and not arrest"}, prover=Tired(()))
    kinds = {r.kind for r in found}
    assert "never applies" not in kinds and "exception never matters" not in kinds
    assert {r.about for r in of(found, "unknown")} >= {"never applies", "exception never matters"}
    assert not any(r.proven_by for r in of(found, "unknown"))


def test_what_decide_does_not_confirm_is_unknown(remarks: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = witness.decided
    monkeypatch.setattr(witness, "decided", lambda contact, s: honest(contact.model_copy(update={"facts": {}}), s))
    found = remarks({**PLAIN, "3": "d requires tell by agency\n  when arrest"})
    assert not of(found, "contradiction")
    assert [(r.about, r.witness) for r in of(found, "unknown")] == [("contradiction", None)]


def test_acts_and_agencies_can_be_chosen(remarks: Made) -> None:
    found = remarks({"1": HOLDING}, actors=["harbor"], actions=["lend", "share"])
    assert {a for r in found for a in r.actions} == {"lend", "share"}
    assert {a for r in found for a in r.actors} == {"harbor"}


def test_unknown_names(law: Law) -> None:
    for options in ({"actors": ["nobody"]}, {"actions": ["nothing"]}):
        with pytest.raises(LawError):
            check(law, ["us-tx"], DAY, **options)


# --- the law that is shipped -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(law: Law) -> list[Remark]:
    return check(law, ["us-ny-nyc"], DAY)


def test_release_dates_at_odds_inside_9_131(city: list[Remark]) -> None:
    cite = "N.Y.C. Admin. Code § 9-131"
    (r,) = [r for r in of(city, "tension") if r.clauses[0] == f"{cite}(h)(1)(i)"]
    assert r.clauses == (f"{cite}(h)(1)(i)", f"{cite}(h)(1)", f"{cite}(b)(1)")
    assert r.actions == ("notify_release",) and r.actors == ("nyc_doc",) and judged(r) == "barred"
    assert r.setting is not None and r.witness is not None
    findings = decide(r.witness, r.setting.judge).findings
    assert (f"{cite}(h)(1)", f"{cite}(h)(1)(i)") in {(f.clause, f.exception) for f in findings}


def test_probation_and_the_police_have_sections_that_are_silent(city: list[Remark]) -> None:
    told = {(r.clauses, r.actors) for r in of(city, "silence")}
    probation = ("N.Y.C. Admin. Code § 9-205", "N.Y.C. Admin. Code § 9-131(b)(1)")
    police = ("N.Y.C. Admin. Code § 14-154", "N.Y.C. Admin. Code § 9-131(h)(1)")
    assert (probation, ("nyc_probation",)) in told and (police, ("nypd",)) in told


def test_custody_decides_nothing_in_oregon(law: Law) -> None:
    """What ORS 181A.823(1)(c) bars for people in custody, 181A.826(2)(b)(A) bars for everybody, with its exceptions."""
    (r,) = of(check(law, ["us-or"], DAY), "idle fact")
    assert r.facts == ("person_in_custody",) and r.clauses == ("ORS 181A.823(1)(c)",)
    assert r.proven_by == ("z3", "truth table")


@pytest.mark.parametrize("pack", ["us-ny-nyc", "us-ca", "us-or", "us-tx"])
def test_shipped_packs(law: Law, pack: str) -> None:
    found = check(law, [pack], DAY)
    assert not of(found, "contradiction") and not of(found, "conflict")
    assert not of(found, "never applies") and not of(found, "exception never matters") and not of(found, "unknown")
    assert [KINDS.index(r.kind) for r in found] == sorted(KINDS.index(r.kind) for r in found)
    for r in found:
        if r.kind in ("tension", "silence"):
            assert r.way and (judged(r) == "barred") is (r.kind == "tension")
        if r.kind == "silence":
            assert judged(r) not in ("barred", "conflict", "unsettled")
        if r.kind == "gap" and r.witness is not None:
            assert judged(r) == "unreached"
        if r.kind == "idle fact":
            assert r.proven_by
