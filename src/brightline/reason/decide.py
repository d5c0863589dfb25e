"""The verdict on one contact, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from brightline.contact.schema import Contact
from brightline.law.vocabulary import Vocabulary
from brightline.reason import say
from brightline.reason.explain import norm_tree, sentence
from brightline.reason.program import Finding, Outcome, Program
from brightline.reason.reasoner import Reasoner
from brightline.reason.speech import _
from brightline.reason.truth import Records

Facts = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """What the law says of a contact. `as_json()` has the keys that `brightline decide --json` prints."""

    verdict: str
    as_verified: str
    action: str | None
    findings: tuple[Finding, ...]
    deciding: tuple[Finding, ...]
    rests_on: tuple[tuple[str, ...], ...]
    settled_by: tuple[tuple[str, ...], ...]
    horizon: tuple[str, ...]
    sentence: str
    by_choice: tuple[tuple[tuple[str, ...], str], ...] = ()
    explanation: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        keys = ("norm", "clause", "exception", "reading")
        return {
            "verdict": self.verdict,
            "as_verified": self.as_verified,
            "findings": [
                dict(zip(keys, f, strict=True))
                for f in dict.fromkeys((f.norm, f.clause, f.exception, f.reading) for f in self.findings)
            ],
            "rests_on": [list(s) for s in self.rests_on],
            "settled_by": [list(s) for s in self.settled_by],
            "horizon": list(self.horizon),
            "explanation": self.explanation,
        }


def decide(contact: Contact, reasoner: Reasoner) -> Decision:
    """The verdict on a contact, with its full explanation.

    The contact must have passed `brightline.contact.file.check`: unknown names are not looked for here.
    """
    decision = judge(contact, reasoner)
    day, actor = contact.date or reasoner.as_of, contact.actor
    if day is None or not actor or not contact.actions:
        return decision
    program = reasoner.program(day, actor, contact.actions)
    facts, _stated = facts_of_contact(contact)
    duties = reasoner.duties(day, actor, contact.actions)
    told = explain(decision, program, program.masks(facts), contact, duties, facts, reasoner)
    return replace(decision, explanation=told)


def judge(contact: Contact, reasoner: Reasoner) -> Decision:
    """The verdict on a contact as `decide` gives it, without the tree that explains it: a third of the time."""
    gaps = horizon(reasoner, contact.date)
    day, actor = contact.date or reasoner.as_of, contact.actor
    if missing := unknown_frame(day, actor, contact.actions):
        return undecided(missing, gaps)
    assert day is not None and actor is not None
    program = reasoner.program(day, actor, contact.actions)
    facts, stated = facts_of_contact(contact)
    verified = program.masks({k: v for k, v in facts.items() if k not in stated})
    return decide_pattern(program, program.masks(facts), verified, stated, reasoner, gaps)


def decide_pattern(
    program: Program,
    known: tuple[int, int],
    verified: tuple[int, int],
    stated: Sequence[str],
    reasoner: Reasoner,
    gaps: tuple[str, ...],
) -> Decision:
    """The decision on a pattern of known conditions: all that `audit` needs of a contact."""
    outcome = program.outcome(*known)
    as_verified = outcome if known == verified else program.outcome(*verified)
    rests_on = program.rests_on(stated, *known) if as_verified.verdict != outcome.verdict else ()
    settled_by = program.settled_by(*known)
    said = sentence(outcome, program, program.settling(*known), gaps)
    return Decision(
        outcome.verdict,
        as_verified.verdict,
        outcome.action,
        outcome.findings,
        outcome.deciding,
        rests_on,
        settled_by,
        gaps,
        said,
        outcome.by_choice,
    )


def unknown_frame(day: date | None, actor: str | None, actions: Sequence[str]) -> tuple[str, ...]:
    """What is missing of the contact's own frame, without which no law can be chosen."""
    return tuple(n for n, v in (("date", day), ("actor", actor), ("action", actions)) if not v)


def undecided(missing: tuple[str, ...], gaps: tuple[str, ...]) -> Decision:
    """The decision on a contact whose date, agency or action nobody recorded."""
    asked = {
        "date": _("On which day was it?"),
        "actor": _("Which agency was asked?"),
        "action": _("What was asked or done?"),
    }
    said = _("Cannot tell. It would be settled by: {questions}").format(questions=" ".join(asked[m] for m in missing))
    return Decision(
        "unsettled",
        "unsettled",
        None,
        (),
        (),
        (),
        (missing,),
        gaps,
        said,
        (),
        {"sentence": said, "actions": [], "duties": []},
    )


def horizon(reasoner: Reasoner, day: date | None) -> tuple[str, ...]:
    """The names of the laws that are not encoded and may bear on a contact of this day."""
    return tuple(g.law for g in reasoner.horizon(day))


def facts_of_contact(contact: Contact) -> tuple[Facts, tuple[str, ...]]:
    """The facts as the evaluator reads them, and the names of those that are only stated."""
    facts: Facts = {}
    for name, entry in contact.facts.items():
        if entry.value is not None:
            facts[name] = entry.value
    for name, entries in contact.records.items():
        facts[name] = Records(tuple(entries.records), entries.complete)
    stated = tuple(n for n in facts if contact.basis_of(n) == "stated")
    return facts, stated


def explain(
    decision: Decision,
    program: Program,
    known: tuple[int, int],
    contact: Contact,
    duties: Program,
    facts: Facts,
    reasoner: Reasoner,
) -> dict[str, Any]:
    """The explanation as a tree: for each action its norms, for each norm its conditions with their truth."""
    vocabulary = reasoner.law.vocabulary
    actions = []
    for action in contact.actions:
        norms: dict[tuple[str, str | None], dict[str, Any]] = {}
        for scope in program.scopes:
            if scope.action == action:
                for norm in scope.norms:
                    norms.setdefault((norm.norm.id, norm.reading), norm_tree(norm, program, *known))
        actions.append({"action": action, "said_as": say.action(action, vocabulary), "norms": list(norms.values())})
    told: dict[str, Any] = {"sentence": decision.sentence}
    question = program.next_question(*known)
    if question is not None:
        told["ask_next"] = say.question(question, vocabulary)
    if decision.by_choice and decision.verdict == "contested":
        told["readings"] = [{"reading": list(c), "verdict": v} for c, v in decision.by_choice]
    if program.contradicted(*known):
        texts = [_(c.text) for c in vocabulary.constraints if c.condition in program.constraints]
        told["contradiction"] = _("The facts of this contact cannot all be true: {why}.").format(why="; ".join(texts))
    told["actions"] = actions
    told["duties"] = _duties(duties, facts, contact, vocabulary)
    return told


def _duties(program: Program, facts: Facts, contact: Contact, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What the law requires of the agency because of this contact, and whether it was done."""
    if not program.scopes:
        return []
    outcome: Outcome = program.outcome(*program.masks(facts))
    found = []
    for f in outcome.findings:
        if f.verdict in ("required", "unsettled"):
            done = "yes" if f.action in contact.done else "no" if f.action in contact.not_done else "unknown"
            found.append(
                {
                    "action": f.action,
                    "said_as": say.action(f.action, vocabulary),
                    "clause": f.clause,
                    "due": f.verdict,
                    "done": done,
                }
            )
    return found
