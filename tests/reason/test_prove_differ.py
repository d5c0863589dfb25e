"""Where two laws differ: the differences found are true, they are all there are, and each has a contact that shows it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from brightline.law.pack import Law, load
from brightline.law.problems import LawError
from brightline.law.reform import lay_over
from brightline.law.tree import And, FactIs, Not, Or, Some
from brightline.reason.clusters import representatives
from brightline.reason.decide import decide
from brightline.reason.form import all_constraints, connected
from brightline.reason.prove import witness
from brightline.reason.prove.differ import SAME_NORMS, Difference, Differences, differ
from brightline.reason.prove.loopholes import conditions
from brightline.reason.prove.oracle import Answer, Background, Way, all_atoms, fact
from brightline.reason.prove.pairs import sides_settings
from brightline.reason.prove.proofs import impossible, smallest
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.setting import Setting, settings
from brightline.reason.sides import side
from brightline.reason.truth import Facts, Records, atoms, evaluate, facts_of

DAY = date(2026, 3, 1)
BEFORE, AFTER = "us-ny-nyc@2014-12-13", "us-ny-nyc@2014-12-14"
HOLD = {"actors": ["nypd"], "actions": ["hold_past_release"]}


def compared(law: Law, a: str, b: str, most: int = 50, **options: Any) -> Differences:
    return differ(*sides_settings(side(law, a), side(law, b), DAY, **options), most=most)


@pytest.fixture(scope="module")
def change(law: Law) -> Differences:
    """The amendment of § 14-154 of 14 December 2014, for a hold by the police."""
    return compared(law, BEFORE, AFTER, **HOLD)


# --- random contacts, and what the engine that judges contacts says of them ------------------------------


def drawn(one: Setting, two: Setting, count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Contacts of which everything is known that either law asks about; all constraints hold."""
    v, random_ = one.vocabulary, random.Random(seed)
    told = [e for s in (one, two) for e in s.expressions]
    constraints = connected(told, all_constraints(v))
    conditions = all_atoms([*told, *constraints])
    spaces: dict[str, list[Any]] = {}
    for name in dict.fromkeys(f for a in conditions for f in facts_of(a)):
        if name in v.records:
            inner = [x for a in conditions if isinstance(a, Some) and a.record == name for x in atoms(a.body)]
            fields = {f.name: representatives(f.name, inner, v, name) for f in v.records[name].fields}
            entries = [{f: random_.choice(x) for f, x in fields.items()} for _ in range(40)]
            lists = [tuple(random_.choices(entries, k=random_.randrange(3))) for _ in range(60)]
            spaces[name] = [Records(entry, complete=True) for entry in lists]
        else:
            spaces[name] = representatives(name, conditions, v)
    # without this nine of ten contacts would be about no detainer, and barred by nobody
    spaces["request"] = ["civil_detainer", "civil_detainer", *spaces.get("request", [])]
    found = 0
    while found < count:
        facts = {f: random_.choice(values) for f, values in spaces.items()}
        if all(evaluate(c, facts) for c in constraints):
            found += 1
            yield facts


def said(setting: Setting, facts: Facts) -> tuple[str, set[str]]:
    """The verdict under the setting's law, and the clauses that bar or require."""
    program = setting.judge.program(setting.day, setting.actor, (setting.action,))
    outcome = program.outcome(*program.masks(facts))
    return outcome.verdict, {f.clause for f in outcome.findings if f.verdict in ("barred", "required")}


def holds(way: Way, facts: Facts) -> bool:
    return all(evaluate(x.atom, facts) is x.value for x in way)


def covered(found: Differences, count: int, verdicts: tuple[str, ...] = ("barred", "conflict")) -> tuple[int, int]:
    """How many drawn contacts the two laws judge differently, and how many the same; each as the list foretells."""
    pair = found.pairs[0]
    kind = "bars" if "barred" in verdicts else "requires"
    ways = {only: [x for x in found.found if x.only == only and x.kind == kind] for only in ("a", "b")}
    counts = [0, 0]
    for facts in drawn(pair.a, pair.b, count):
        (a, by_a), (b, by_b) = said(pair.a, facts), said(pair.b, facts)
        does = {"a": a in verdicts, "b": b in verdicts}
        for only, other in (("a", "b"), ("b", "a")):
            foretold = any(holds(x.way, facts) and not set(x.shared) & by_a & by_b for x in ways[only])
            assert (does[only] and not does[other]) is foretold, facts
        counts[does["a"] is does["b"]] += 1
    return counts[0], counts[1]


def confirmed(x: Difference) -> bool:
    """Whether `decide` says of both contacts what the difference says."""
    bad = ("barred", "conflict") if x.kind == "bars" else ("required", "conflict")
    verdicts = tuple(decide(c, s.judge).verdict for c, s in zip(x.contacts, (x.pair.a, x.pair.b), strict=True))
    first, second = verdicts if x.only == "a" else verdicts[::-1]
    return verdicts == x.verdicts and first in bad and second not in bad


# --- the law that is shipped ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["us-ny-nyc", "us-ca", "us-or", "us-tx", "us", AFTER, "us-ny-nyc+no-ice-task-force"])
def test_a_law_does_not_differ_from_itself(law: Law, text: str) -> None:
    found = compared(law, text, text)
    assert found.found == () and found.complete and found.same
    assert found.pairs and found.proven_by == (SAME_NORMS,)


def test_the_change_of_2014_is_described(change: Differences) -> None:
    assert change.complete and change.proven_by == ("z3", "truth table"), change.why
    assert {(x.kind, x.only) for x in change.found} == {("bars", "a"), ("bars", "b")}
    newly = [{f for y in x.way if y.value for f in facts_of(y.atom)} for x in change.found if x.only == "b"]
    old_grounds = {"warrant_of_removal", "final_order_of_removal", "known_gang_member", "pending_covered_case"}
    assert old_grounds <= set().union(*newly)  # on these grounds the old text let a hold pass
    no_more = [x for x in change.found if x.only == "a"]
    assert all(any("N.Y.C. Admin. Code § 14-154(b)" in c for c in x.clauses[1]) for x in no_more)
    assert {c for x in change.found for c in x.shared} == {"8 C.F.R. § 287.7(d)"}
    assert [len(x.way) for x in change.found] == sorted(len(x.way) for x in change.found)


def test_each_difference_is_confirmed_by_decide_on_both_sides(change: Differences) -> None:
    assert change.found and all(confirmed(x) for x in change.found)
    x = change.found[0]
    assert [c.date for c in x.contacts] == [date(2014, 12, 13), date(2014, 12, 14)]
    assert x.contacts[0].facts == x.contacts[1].facts


def test_each_difference_is_as_small_as_can_be(change: Differences) -> None:
    pair = change.pairs[0]
    prover, ground = Prover((*pair.a.expressions, *pair.b.expressions)), Background(pair.a.vocabulary)
    shared = {n.broken for n in pair.a.own} & {n.broken for n in pair.b.own}
    for x in change.found:
        one, two = (pair.a, pair.b) if x.only == "a" else (pair.b, pair.a)
        mine = Or(tuple(n.broken for n in one.own if n.norm.modality == "forbids" and n.broken not in shared))
        others = tuple(Not(n.broken) for n in two.own if n.norm.modality == "forbids" and n.broken not in shared)
        goal = And((mine, *others))
        assert prover.ask(ground, [*x.way, Not(goal)]).holds is False
        assert all(prover.ask(ground, [*(x.way - {y}), Not(goal)]).holds for y in x.way)
        whole = And((one.barred, two.not_barred))
        assert prover.ask(ground, [*x.way, *x.rest, Not(whole)]).holds is False  # with the rest it is certain


def test_the_list_foretells_the_difference_on_20000_contacts(change: Differences) -> None:
    differing, same = covered(change, 20_000)
    assert differing > 1_000 and same > 1_000


def test_the_list_foretells_a_change_of_duties(law: Law) -> None:
    found = compared(law, BEFORE, AFTER, actors=["nypd"], actions=["release_person"])
    assert [(x.kind, x.only, x.clauses) for x in found.found] == [
        ("requires", "b", ((), ("N.Y.C. Admin. Code § 14-154(b)(2), release",)))
    ]
    assert found.complete and all(confirmed(x) for x in found.found)
    assert min(covered(found, 2_000, ("required", "conflict"))) > 100


def test_a_limit_is_said(law: Law) -> None:
    found = compared(law, BEFORE, AFTER, most=1, **HOLD)
    assert len(found.found) == 2  # one for each side
    assert not found.complete and not found.proven_by
    assert found.why.startswith("at least these") and "1, the limit" in found.why


def test_a_list_that_just_fits_is_complete(law: Law, change: Differences) -> None:
    newly = sum(x.only == "b" for x in change.found)
    assert compared(law, BEFORE, AFTER, most=newly, **HOLD).complete
    assert not compared(law, BEFORE, AFTER, most=newly - 1, **HOLD).complete


def test_without_z3_it_is_the_same_or_it_says_so(law: Law, change: Differences) -> None:
    a, b = sides_settings(side(law, BEFORE), side(law, AFTER), DAY, **HOLD)
    alone = differ(a, b, Prover(conditions([*a, *b]), use_z3=False))
    assert alone.complete and alone.proven_by == ("truth table",)
    assert {(x.only, x.way) for x in alone.found} == {(x.only, x.way) for x in change.found}


def test_a_solver_without_time_claims_nothing(law: Law) -> None:
    a, b = sides_settings(side(law, BEFORE), side(law, AFTER), DAY, **HOLD)

    class Tired(Prover):
        def _ask(self, *_: Any) -> Answer:
            return Answer(None)

    found = differ(a, b, Tired(conditions([*a, *b])))
    assert not found.complete and not found.same and "reached its limit" in found.why


@pytest.mark.parametrize(
    "a, b",
    [
        ("us-or@2015-01-01", "us-or"),
        ("us-ca", "us-ca~s7282_5_a_6_misdemeanor.offense_only"),
        ("us-ny-nyc", "us-ny-nyc+no-disclosure-without-warrant"),
        ("us-tx", "us"),
        ("us", "us@2000-01-01"),
    ],
)
def test_whole_laws(law: Law, a: str, b: str) -> None:
    found = compared(law, a, b)
    assert found.found and found.complete, found.why
    assert all(confirmed(x) for x in found.found)


def test_both_ways_round_it_is_the_same(law: Law) -> None:
    there, back = compared(law, "us-tx", "us"), compared(law, "us", "us-tx")
    turned = {(x.kind, {"a": "b", "b": "a"}[x.only], x.action, x.way) for x in back.found}
    assert {(x.kind, x.only, x.action, x.way) for x in there.found} == turned


# --- readings, reforms, jurisdictions ------------------------------------------------------------------------


def test_a_difference_under_one_reading_names_it(law: Law) -> None:
    found = compared(law, "us-ny-nyc", "us-ny-nyc~s10_178_e_primarily.of_contact", actors=["nypd"],
                     actions=["place_alert"])  # fmt: skip
    assert found.complete and found.found
    assert {x.readings for x in found.found} == {(("s10_178_e_primarily.of_arrangement",),)}


def test_a_reading_that_changes_nothing_is_not_named(law: Law) -> None:
    found = compared(law, BEFORE, "us-ny-nyc@2026-02-01", actors=["nypd"], actions=["place_alert"])
    named = {r for x in found.found for c in x.readings for r in c}
    assert named <= {"s10_178_e_primarily.of_arrangement", "s10_178_e_primarily.of_contact"}
    always = [x for x in found.found if not x.readings]
    assert any("cooperative_arrangement" in {f for y in x.way for f in facts_of(y.atom)} for x in always)


def test_a_reform_with_new_facts(law: Law) -> None:
    found = compared(law, "us-ny-nyc", "us-ny-nyc+no-ice-task-force", actors=["nypd"],
                     actions=["participate_joint_operation"])  # fmt: skip
    assert found.complete and found.found and all(x.only == "b" for x in found.found)
    assert all(confirmed(x) for x in found.found)
    assert all(fact("ice_takes_part_in_arrangement") in x.way for x in found.found)


def test_two_reforms_are_compared_in_one_law(law: Law) -> None:
    found = compared(law, "us-ny-nyc+no-ice-task-force", "us-ny-nyc+no-disclosure-without-warrant", actors=["nypd"],
                     actions=["accept_federal_direction"])  # fmt: skip
    assert found.complete and [x.only for x in found.found] == ["a"]
    assert confirmed(found.found[0])


def test_a_wide_act_and_its_kinds_are_each_spoken_of(law: Law) -> None:
    a, _ = sides_settings(side(law, BEFORE), side(law, AFTER), DAY, ["nypd"], ["honor_detainer"])
    assert {s.action for s in a} == {"hold_past_release", "notify_release"}  # no norm of that time names the wide one
    found = compared(law, BEFORE, "us-ny-nyc@2018-02-01", actors=["nypd"], actions=["honor_detainer"])
    assert {x.action for x in found.found} == {"honor_detainer", "hold_past_release", "notify_release"}
    assert all(confirmed(x) for x in found.found)


def test_two_places_need_an_agency_each(law: Law) -> None:
    with pytest.raises(LawError) as error:
        sides_settings(side(law, "us-ca"), side(law, "us-or"), DAY)
    told = str(error.value)
    assert "ca_law_enforcement" in told and "or_law_enforcement" in told
    assert "--actor ca_law_enforcement --actor-b or_law_enforcement" in told


def test_two_places_with_an_agency_each(law: Law) -> None:
    found = compared(law, "us-tx", "us-or", actors=["tx_county_jail"], actors_b=["or_law_enforcement"])
    assert found.complete and found.found and all(confirmed(x) for x in found.found)
    assert {(c.actor) for x in found.found for c in x.contacts} == {"tx_county_jail", "or_law_enforcement"}
    assert {x.actors for x in found.found} == {(("tx_county_jail", "or_law_enforcement"),)}


def test_a_city_and_its_state_have_agencies_in_common(law: Law) -> None:
    a, b = sides_settings(side(law, "us-ny"), side(law, "us-ny-nyc"), DAY)
    assert {s.actor for s in a} == {s.actor for s in b} == {"nypd", "nyc_doc", "nyc_probation", "nyc_other_agency"}


@pytest.mark.parametrize("options", [{"actors": ["nobody"]}, {"actions": ["hold_past_relase"]}])
def test_unknown_names(law: Law, options: dict[str, list[str]]) -> None:
    with pytest.raises(LawError):
        sides_settings(side(law, "us-tx"), side(law, "us-tx"), DAY, **options)


# --- small laws ------------------------------------------------------------------------------------------------

VOCABULARY = """
```vocabulary
actor police "the town's police" in us-harbor
action hold "hold a person"
fact detainer: yes or no
fact warrant: yes or no
fact hours: number of hours
fact wanted: one of thief, robber, nobody
```
"""
SECTION = """---
title: Code § 1
citation: Code § 1
in_force: 2015-01-01 ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
---

### b — a clause

> Text of the clause.

```norm
b forbids hold by police
  when detainer and hours more than 48 hours
  unless b.1 warrant
```
"""
REFORM = """---
title: A reform
citation: "Proposal"
amends: us-harbor
in_force: ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
---

### r — a clause

> Text.

```norm
{norms}
```
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Law:
    root = tmp_path_factory.mktemp("town") / "laws"
    (root / "us-harbor").mkdir(parents=True)
    (root / "vocabulary.md").write_text(VOCABULARY)
    (root / "us-harbor" / "pack.md").write_text("---\npack: us-harbor\ntitle: Harbor Town\n---\n")
    (root / "us-harbor" / "1.md").write_text(SECTION)
    return load(root)


def reformed(town: Law, norms: str) -> Differences:
    whole, _ = lay_over(town, REFORM.format(norms=norms), "reform.md", "reform")
    a = settings(town, ["us-harbor"], DAY, "police", "hold")
    b = settings(whole, whole.levels("reform"), DAY, "police", "hold")
    return differ(a, b)


def ways(found: Differences) -> list[tuple[str, set[str]]]:
    return [(x.only, {("" if y.value else "not ") + str(facts_of(y.atom)[0]) for y in x.way}) for x in found.found]


def test_a_threshold_that_moves(town: Law) -> None:
    stricter = "amends us-harbor/1:b: replace\n  b forbids hold by police\n  when detainer and hours more than 24 hours\n  unless b.1 warrant"
    found = reformed(town, stricter)
    assert found.complete and ways(found) == [("b", {"detainer", "hours", "not hours", "not warrant"})]
    x = found.found[0]
    assert 24 < x.contacts[0].facts["hours"].value <= 48 and x.verdicts == ("unreached", "barred")


def test_an_exception_repealed(town: Law) -> None:
    found = reformed(town, "amends us-harbor/1:b.1: repeal")
    assert found.complete and ways(found) == [("b", {"detainer", "hours", "warrant"})]
    assert found.found[0].clauses == (("Code § 1(b)(1)",), ("Code § 1(b)",))


def test_a_new_fact_is_known_to_both_sides(town: Law) -> None:
    new = 'fact boat: yes or no\n  ask "Was there a boat?"\n  say yes "there was"\n  say no "there was none"\n'
    text = REFORM.format(norms="r forbids hold by police\n  when boat") + f"\n```vocabulary\n{new}```\n"
    whole, _ = lay_over(town, text, "reform.md", "reform")
    a = settings(town, ["us-harbor"], DAY, "police", "hold")
    found = differ(a, settings(whole, whole.levels("reform"), DAY, "police", "hold"))
    assert found.complete and ways(found) == [("b", {"boat"})], found.why
    assert confirmed(found.found[0]) and found.found[0].rest  # what passes the clause that both have
    before, after = found.found[0].contacts
    assert before.facts == after.facts and "boat" in before.facts


def test_what_decide_does_not_confirm_is_not_shown(town: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = witness.decided
    monkeypatch.setattr(witness, "decided", lambda contact, s: honest(contact.model_copy(update={"facts": {}}), s))
    found = reformed(town, "amends us-harbor/1:b.1: repeal")
    assert not found.found and not found.complete and "not confirmed by `decide`" in found.why


def test_the_same_law_in_other_words(town: Law) -> None:
    words = "amends us-harbor/1:b: replace\n  b forbids hold by police\n  when detainer and not warrant and not (hours at most 48 hours)"
    found = reformed(town, words)
    assert found.same and found.proven_by == ("z3", "truth table")


def test_no_condition_at_all(town: Law) -> None:
    found = reformed(town, "amends us-harbor/1:b: repeal\nr forbids hold by police")
    assert sorted(ways(found), key=repr) == [("b", {"not detainer"}), ("b", {"not hours"}), ("b", {"warrant"})]
    nothing = differ(
        settings(town, ["us-harbor"], date(2014, 1, 1), "police", "hold"),
        [replace(s) for s in settings(town, ["us-harbor"], date(2014, 1, 1), "police", "hold")],
    )
    assert nothing.same


# --- proofs ------------------------------------------------------------------------------------------------------


def test_impossible_names_who_has_shown_it(town: Law) -> None:
    warrant = FactIs("warrant")
    prover, ground = Prover((warrant,)), Background(town.vocabulary)
    assert impossible(prover, ground, [warrant, Not(warrant)]) == (True, ("z3", "truth table"))
    assert impossible(prover, ground, [warrant]) == (False, ())


def test_smallest_says_when_the_goal_is_not_certain(town: Law) -> None:
    warrant, detainer = FactIs("warrant"), FactIs("detainer")
    prover, ground = Prover((warrant, detainer)), Background(town.vocabulary)
    both = {fact("warrant"), fact("detainer")}
    assert smallest(prover, ground, warrant, both) == {fact("warrant")}
    assert smallest(prover, ground, And((warrant, detainer)), [fact("warrant")]) is None


def test_the_same_answer_every_time(law: Law, change: Differences) -> None:
    again = compared(law, BEFORE, AFTER, **HOLD)
    assert [(x.only, x.way, x.rest) for x in again.found] == [(x.only, x.way, x.rest) for x in change.found]
