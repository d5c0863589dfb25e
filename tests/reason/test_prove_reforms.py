"""What the shipped reforms close, move, cost and leave: every claim shown once more by another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from brightline.contact.schema import Contact
from brightline.law.pack import Law, Pack
from brightline.law.reform import read_reform, shipped_reforms
from brightline.law.tree import Expr, FactIs
from brightline.law.vocabulary import Vocabulary
from brightline.reason.decide import Decision, decide
from brightline.reason.ground import both, negation
from brightline.reason.prove import smt, witness
from brightline.reason.prove.closed import Closure, Fate, closed
from brightline.reason.prove.loopholes import (
    Loophole,
    Loopholes,
    backgrounds,
    conditions,
    loopholes,
    places,
    true_purpose,
)
from brightline.reason.prove.oracle import Background, Literal, Way
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.search import Search
from brightline.reason.prove.setting import Setting, settings
from brightline.reason.prove.table import Table
from brightline.reason.truth import facts_of

pytestmark = pytest.mark.skipif(
    not smt.available(), reason="z3 is not installed: no reform was proven to close anything"
)

DAY = date(2026, 8, 1)
PACK = "us-ny-nyc"
ACTIONS = ("share_custody_information", "place_alert", "participate_joint_operation")
NAMES = ["int-209-2026", "no-disclosure-without-warrant", "no-ice-task-force", "shown-criminal-purpose"]
OTHER_SEED = 4_711
CITY = "N.Y.C. Admin. Code § "


@dataclass(frozen=True)
class Answer:
    """One reform, and what is said of it."""

    name: str
    law: Law
    reform: Pack
    closure: Closure
    purpose: FactIs
    known: dict[tuple[str, str, tuple[str, ...]], Setting] = field(default_factory=dict)

    def fates(self, *statuses: str) -> list[Fate]:
        return [f for f in self.closure.fates if f.status in statuses]

    def ground(self, f: Fate) -> Background:
        return backgrounds(self.law.vocabulary, self.purpose)[f.loophole.kind]

    def after(self, x: Loophole | Setting) -> Setting:
        """The same act of the same agency under the law with the reform."""
        s = x.setting if isinstance(x, Loophole) else x
        key = (s.actor, s.action, s.choice)
        if key not in self.known:
            self.known[key] = settings(self.law, self.law.levels(self.reform.id), s.day, *key)[0]
        return self.known[key]


@pytest.fixture(scope="module")
def before(law: Law) -> Loopholes:
    found = places(law, [PACK], DAY, ACTIONS)
    return loopholes(found, true_purpose(law.vocabulary, "civil_immigration"))


@pytest.fixture(scope="module")
def answers(law: Law, before: Loopholes) -> dict[str, Answer]:
    told = {}
    purpose = true_purpose(law.vocabulary, "civil_immigration")
    for name, path in shipped_reforms(law).items():
        whole, reform = read_reform(law, path)
        told[name] = Answer(name, whole, reform, closed(before, whole, reform, purpose), purpose)
    return told


each_reform = pytest.mark.parametrize("name", NAMES)


def test_every_shipped_reform_is_judged_and_every_loophole_gets_an_answer(
    answers: dict[str, Answer], before: Loopholes
) -> None:
    assert list(answers) == NAMES
    for answer in answers.values():
        assert answer.closure.complete, (answer.name, answer.closure.why)
        assert [f.loophole for f in answer.closure.fates] == list(before.found)
        assert not answer.fates("unknown")
        assert sum(answer.closure.counts.values()) == len(before.found)


def test_a_summary_without_the_text_of_the_bill_closes_nothing(answers: dict[str, Answer]) -> None:
    found = answers["int-209-2026"].closure
    assert {f.status for f in found.fates} == {"open"}
    assert not found.costs and not found.openings


def test_without_a_warrant_no_stated_purpose_opens_an_answer(answers: dict[str, Answer]) -> None:
    mine = [
        f
        for f in answers["no-disclosure-without-warrant"].closure.fates
        if "civil_immigration_purpose" in f.loophole.misstated
        and f.loophole.action in ("share_custody_information", "place_alert")
    ]
    assert len(mine) >= 3
    assert {f.status for f in mine} == {"closed"}
    answer = answers["no-disclosure-without-warrant"]
    assert {c for f in mine for c in f.by} == {answer.law.cite(f"{answer.reform.id}/proposal:r.1")}


def test_no_task_force_closes_joint_operations_with_ice_only(answers: dict[str, Answer]) -> None:
    mine = [
        f
        for f in answers["no-ice-task-force"].closure.fates
        if f.loophole.action == "participate_joint_operation" and CITY + "10-178(e)(i)" in f.loophole.through
    ]
    assert mine and {f.status for f in mine} == {"moved"}
    for f in mine:
        assert all("ice_takes_part_in_arrangement" in {x for y in w for x in facts_of(y.atom)} for w in f.more)


@each_reform
def test_no_shipped_reform_opens_anything(answers: dict[str, Answer], name: str) -> None:
    assert not answers[name].closure.openings


# --- closed ----------------------------------------------------------------------------------------------------


def sides(f: Fate, prover: Prover, ground: Background) -> tuple[list[Expr], list[Expr]] | None:
    """The premises of a proof, split where those of what is true begin; None when no split makes a proof of them."""
    steps = [s.condition for s in f.proof if s.condition is not None]
    splits = [len(steps)] if f.loophole.kind == "exception" else range(len(steps), -1, -1)
    for n in splits:
        if stands(prover, ground, steps[:n], steps[n:]) is False:
            return steps[:n], steps[n:]
    return None


def bare(answer: Answer, f: Fate) -> Background:
    """No constraint, no true purpose: whatever a proof needs it must name."""
    return Background(answer.law.vocabulary, (), answer.ground(f).stateable, (), bare=True)


def stands(prover: Prover, ground: Background, said: list[Expr], true: list[Expr]) -> bool | None:
    return prover.ask(ground, said, true).holds


@pytest.fixture(scope="module")
def provers(answers: dict[str, Answer], before: Loopholes) -> dict[str, Prover]:
    """A solver of our own for each reform, with another seed."""
    return {
        name: Prover(conditions([*before.settings, *(a.after(s) for s in before.settings)]), seed=OTHER_SEED)
        for name, a in answers.items()
    }


@each_reform
def test_every_proof_holds_for_another_solver_run_on_its_premises_alone(
    answers: dict[str, Answer], provers: dict[str, Prover], name: str
) -> None:
    for f in answers[name].fates("closed", "moved"):
        if f.status == "closed" or f.proof:
            assert sides(f, provers[name], bare(answers[name], f)) is not None, f.loophole.name


@each_reform
def test_no_premise_of_a_proof_can_be_left_out(
    answers: dict[str, Answer], provers: dict[str, Prover], name: str
) -> None:
    for f in answers[name].fates("closed"):
        ground = bare(answers[name], f)
        said, true = sides(f, provers[name], ground) or ([], [])
        for n in range(len(said)):
            assert stands(provers[name], ground, said[:n] + said[n + 1 :], true) is True, (f.loophole.name, "said", n)
        for n in range(len(true)):
            assert stands(provers[name], ground, said, true[:n] + true[n + 1 :]) is True, (f.loophole.name, "true", n)


@each_reform
def test_every_proof_names_a_clause_of_the_reform_and_nothing_that_is_not_so(
    answers: dict[str, Answer], name: str
) -> None:
    answer = answers[name]
    constraints = {c.condition for c in answer.law.vocabulary.constraints}
    for f in answer.fates("closed"):
        assert f.by and all(f.by), f.loophole.name
        assert {s.clause for s in f.proof if s.what == "clause"} == set(f.by)
        changed = {n.broken for n in answer.after(f.loophole).forbidding} - {
            n.broken for n in f.loophole.setting.forbidding
        }
        for s in f.proof:
            if s.what == "constraint":
                assert s.condition in constraints
            if s.what == "clause":
                assert any(s.condition == negation(b) for b in changed), f.loophole.name


def searched(answer: Answer, f: Fate) -> tuple[bool, int]:
    """Whether a contact drawn at random came through by this loophole alone, and would under the reform.

    And how many were looked at. Papers of a judge with which it would be open are not there.
    """
    x, after, ground = f.loophole, answer.after(f.loophole), answer.ground(f)
    exprs = [*conditions([x.setting, after]), *(y.expr for y in (*x.context, *x.door, *x.rest))]
    search = Search(ground, exprs, OTHER_SEED)
    papers = [Literal(FactIs(p), False) for p in f.unless_judge]
    lies = [y.opposite for y in x.door if ground.splits(y.atom)]
    norm = [n.broken for n in x.setting.forbidding if n.norm.id == x.norm]
    true = [*lies, *norm] if lies else []
    others = [] if x.how == "silence" else [negation(both(*(y.expr for y in w))) for w in other_doors(answer, f)]
    fixed = [*x.door, *x.rest, *x.context, *papers]
    return search.find(fixed, [*others, after.not_barred, x.setting.not_barred], true)


def other_doors(answer: Answer, f: Fate) -> list[Way]:
    """Every other way through the loophole's norm, as a truth table lists them."""
    norm = next(n for n in f.loophole.setting.forbidding if n.norm.id == f.loophole.norm)
    goal = negation(norm.broken)
    ground = backgrounds(f.loophole.setting.vocabulary, answer.purpose)[f.loophole.kind]
    return [w for w in Table(ground, [goal]).ways(goal, 10_000)[0] if w != f.loophole.door]


@pytest.mark.slow
@each_reform
def test_a_hundred_thousand_contacts_drawn_with_another_seed_do_not_come_through(
    answers: dict[str, Answer], name: str
) -> None:
    for f in answers[name].fates("closed"):
        found, looked = searched(answers[name], f)
        assert not found, f.loophole.name
        assert looked >= 100_000, (f.loophole.name, looked)


def test_some_contacts_drawn_with_another_seed_do_not_come_through(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        for f in answer.fates("closed")[::9]:
            found, looked = searched(answer, f)
            assert (found, looked >= 100_000) == (False, True), (f.loophole.name, looked)


@each_reform
def test_what_is_open_comes_through_among_contacts_drawn_at_random(answers: dict[str, Answer], name: str) -> None:
    """The same search finds what is there: else its silence would say nothing."""
    seen = [searched(answers[name], f)[0] for f in answers[name].fates("open", "moved")[::6]]
    assert seen and all(seen)


@each_reform
def test_every_proof_was_searched_for_a_counterexample(answers: dict[str, Answer], name: str) -> None:
    for f in answers[name].fates("closed"):
        assert f.searched >= 100_000, (f.loophole.name, f.searched)


# --- open and moved -----------------------------------------------------------------------------------------------


def new_facts(answer: Answer, before: Vocabulary) -> list[str]:
    return [f for f in answer.law.vocabulary.facts if f not in before.facts]


def judged(answer: Answer, contact: Contact, setting: Setting) -> Decision:
    return decide(contact, answer.after(setting).judge)


def bars(answer: Answer, decision: Decision, setting: Setting) -> bool:
    """Whether some norm that forbids bars the contact, or may, under the law with the reform."""
    forbidding = {n.norm.id for n in answer.after(setting).forbidding}
    return any(f.norm in forbidding and f.verdict in ("barred", "unsettled") for f in decision.findings)


def certainly_bars(answer: Answer, decision: Decision, setting: Setting) -> bool:
    forbidding = {n.norm.id for n in answer.after(setting).forbidding}
    return any(f.norm in forbidding and f.verdict == "barred" for f in decision.findings)


def with_values(contact: Contact, known: dict[str, Any], setting: Setting) -> Contact:
    made = witness.contact(setting, known)
    return contact.model_copy(
        update={"facts": {**contact.facts, **made.facts}, "records": {**contact.records, **made.records}}
    )


@each_reform
def test_what_is_open_still_passes_with_what_the_reform_asks_for_left_out_or_no(
    answers: dict[str, Answer], law: Law, name: str
) -> None:
    answer = answers[name]
    new = new_facts(answer, law.vocabulary)
    for f in answer.fates("open"):
        x = f.loophole
        assert x.witness is not None
        assert not certainly_bars(answer, judged(answer, x.witness, x.setting), x.setting), x.name
        no = with_values(x.witness, dict.fromkeys(new, False), answer.after(x))
        assert not certainly_bars(answer, judged(answer, no, x.setting), x.setting), x.name


def extended(answer: Answer, f: Fate, way: Way) -> Contact | None:
    """The loophole's own contact with what more it takes; None where both cannot be said of one contact."""
    x, after = f.loophole, answer.after(f.loophole)
    assert x.witness is not None
    whole = {*x.door, *x.rest, *x.context, *way}
    if x.kind == "exception":
        whole.add(Literal(answer.purpose, True))
    try:
        known = witness.values(whole, answer.law.vocabulary)
    except witness.NoContact:
        return None
    return witness.contact(after, known, x.misstated)


@each_reform
def test_what_is_moved_passes_with_what_more_it_takes(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]
    for f in answer.fates("moved"):
        assert f.more, f.loophole.name
        for way in f.more:
            made = extended(answer, f, way)
            assert made is not None, (f.loophole.name, "the conditions contradict the loophole's own")
            assert not bars(answer, judged(answer, made, f.loophole.setting), f.loophole.setting), f.loophole.name


@each_reform
def test_what_is_moved_does_not_surely_pass_without_what_more_it_takes(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]
    for f in answer.fates("moved"):
        if all(f.more):
            assert f.loophole.witness is not None
            assert bars(answer, judged(answer, f.loophole.witness, f.loophole.setting), f.loophole.setting), (
                f.loophole.name
            )


@each_reform
def test_what_is_closed_passes_with_no_contact_of_its_own(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]
    for f in answer.fates("closed"):
        assert f.loophole.witness is not None
        decision = judged(answer, f.loophole.witness, f.loophole.setting)
        assert bars(answer, decision, f.loophole.setting), f.loophole.name


@pytest.mark.slow
@each_reform
def test_what_is_closed_is_closed_for_every_agency_and_under_every_reading(
    answers: dict[str, Answer], before: Loopholes, name: str
) -> None:
    """The claim is made for all agencies of a loophole: it is looked at for each."""
    answer = answers[name]
    for f in answer.fates("closed"):
        x = f.loophole
        assert x.witness is not None
        for s in before.settings:
            if s.action == x.action and s.actor in x.actors and x.how != "silence":
                same = x.witness.model_copy(update={"actor": s.actor})
                assert bars(answer, decide(same, answer.after(s).judge), s), (x.name, s.actor, s.choice)


# --- what it costs ---------------------------------------------------------------------------------------------------


@each_reform
def test_every_cost_passes_before_and_is_barred_after(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]
    for cost in answer.closure.costs:
        old = Setting(
            answer.law, (PACK, *answer.law.levels(PACK)[1:]), cost.setting.day, cost.setting.actor,
            cost.setting.action, cost.setting.choice, (),
        )  # fmt: skip
        passed = decide(cost.witness, old.judge)
        forbidding = {n.id for n in answer.law.norms if n.modality == "forbids"}
        assert not [f for f in passed.findings if f.norm in forbidding and f.verdict in ("barred", "unsettled")]
        assert decide(cost.witness, cost.setting.judge).verdict in ("barred", "conflict")
        assert cost.clause
        assert cost.witness.facts.get(answer.purpose.fact) is None or not cost.witness.facts[answer.purpose.fact].value


def test_a_rule_without_regard_to_purpose_costs_lawful_cooperation(answers: dict[str, Answer]) -> None:
    assert {n: bool(a.closure.costs) for n, a in answers.items()} == {
        "int-209-2026": False,
        "no-disclosure-without-warrant": True,
        "no-ice-task-force": True,
        "shown-criminal-purpose": True,
    }
