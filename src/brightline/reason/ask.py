"""Which question to ask next about a contact: only one whose answer can change the verdict, the most telling first.

"Not barred" is one verdict here, whether an exception holds or no norm reaches: no question is asked only to tell the
two apart. A bar that may still turn out to be a conflict is not yet settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from brightline.contact.schema import Basis, Contact, FactValue, RecordList
from brightline.law.tree import Some, exceptions
from brightline.law.vocabulary import MEANT, Record
from brightline.reason.choosing import Chosen, choose, first_in_order
from brightline.reason.decide import unknown_frame
from brightline.reason.ground import GroundException, GroundNorm, reaching
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner
from brightline.reason.speech import _
from brightline.reason.truth import atoms, facts_of
from brightline.reason.ways import State, state_of, ways_of

Kind = Literal["frame", "act", "fact", "record"]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next, and why. Text is in the language that is spoken (`speech.speaking`)."""

    name: str  # a fact, a list of records, `action_is_…`, or `date`, `actor`, `action`
    kind: Kind
    question: str
    type: str  # yes/no, list, number, date, records; of the frame: date, actor, action
    help: str = ""
    proof: str = ""  # what would prove it
    stated_by: str = ""  # who may say so without proof, if anybody
    values: tuple[str, ...] = ()  # to choose from; of a list of records, its fields that matter
    unit: str = ""
    because: tuple[str, ...] = ()  # the clauses that turn on it, as lawyers cite them
    texts: tuple[tuple[str, str], ...] = ()  # each clause to read, norms and their exceptions, with its text
    still_open: int = 0  # how many facts can at most still be asked, this one included


# --- the next question --------------------------------------------------------------------------------------


def next_question(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> Question | None:
    """The best question about a contact, or None when the verdict is settled or no answer could change it.

    `skip` names facts that the person does not know. What the contact itself holds as null, and a list of records
    that may be incomplete, has been asked before and is not asked again.
    """
    missing = unknown_frame(contact.date or reasoner.as_of, contact.actor, contact.actions)
    if missing:
        return None if missing[0] in skip else _frame_question(missing[0], contact, reasoner)
    state = state_of(contact, reasoner, skip)
    chosen = choose(state)
    return None if chosen is None else _worded(chosen, state, reasoner)


def form(contact: Contact, reasoner: Reasoner) -> tuple[str, ...]:
    """The fixed form: every fact of which some norm for this contact speaks, in the order of the law's text."""
    state = state_of(contact.model_copy(update={"facts": {}, "records": {}}), reasoner, ())
    return tuple(f for f in state.program.facts if state.program.bits_of([f]) & ways_of(state.program).norm_bits)


def in_order(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> str | None:
    """The first fact in the order of the law's text that can still change the verdict: for comparison."""
    return first_in_order(state_of(contact, reasoner, skip))


def settling_sets(contact: Contact, reasoner: Reasoner, skip: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of unknown facts, up to three together, whose answers can settle the verdict."""
    missing = unknown_frame(contact.date or reasoner.as_of, contact.actor, contact.actions)
    if missing:
        return (missing,)
    state = state_of(contact, reasoner, skip)
    return tuple(s for s in state.program.settled_by(state.true, state.false) if not state.given_up & set(s))


def answered(
    contact: Contact,
    reasoner: Reasoner,
    name: str,
    value: Any,
    basis: Basis | None = None,
    shown_by: str | None = None,
) -> Contact:
    """The contact with one answer. `value` None: the person does not know, and is not to be asked again.

    Of a list of records the value is a RecordList. That a narrower act was meant replaces the act of the contact.
    """
    vocabulary = reasoner.law.vocabulary
    if name in ("date", "actor"):
        return contact.model_copy(update={name: value})
    if name == "action":
        return contact.model_copy(update={"asked": [value]})
    if name in vocabulary.records:
        records = RecordList(records=[], complete=False) if value is None else value
        return contact.model_copy(update={"records": {**contact.records, name: records}})
    if not name.startswith(MEANT):
        told = {name: FactValue(value=value, basis=basis, shown_by=shown_by)}
        return contact.model_copy(update={"facts": {**contact.facts, **told}})
    act = name.removeprefix(MEANT)
    if value:
        narrowed = {
            key: list(dict.fromkeys(act if a in vocabulary.action_lineage(act) else a for a in getattr(contact, key)))
            for key in ("asked", "done")
        }
        facts = {f: v for f, v in contact.facts.items() if f != name}
        return contact.model_copy(update={**narrowed, "facts": facts})
    # What was not this act was none of the acts below it. The act has no basis, so neither has what it was not.
    below = [a for a in vocabulary.actions if act in vocabulary.action_lineage(a)]
    told = {
        MEANT + a: FactValue(value=value, basis="verified", shown_by=None) for a in ([act] if value is None else below)
    }
    return contact.model_copy(update={"facts": {**contact.facts, **told}})


def interview(truth: Contact, reasoner: Reasoner) -> list[str]:
    """The facts that are asked, in order, of somebody who knows everything about a contact."""
    return [question.name for question, _contact in steps(truth, reasoner)]


def steps(truth: Contact, reasoner: Reasoner) -> Iterator[tuple[Question, Contact]]:
    """An interview answered from a contact that is fully known: each question, and the contact after its answer."""
    contact = truth.model_copy(update={"facts": {}, "records": {}})
    while (question := next_question(contact, reasoner)) is not None:
        contact = _told(contact, truth, question.name, reasoner)
        yield question, contact


def _told(contact: Contact, truth: Contact, name: str, reasoner: Reasoner) -> Contact:
    """The contact with the answer that another one, which is fully known, gives to a question."""
    if name in reasoner.law.vocabulary.records:
        return answered(contact, reasoner, name, truth.records.get(name))
    entry = truth.facts.get(name, FactValue(value=None, basis=None, shown_by=None))
    return answered(contact, reasoner, name, entry.value, entry.basis, entry.shown_by)


# --- the question in words ----------------------------------------------------------------------------------------


def _frame_question(name: str, contact: Contact, reasoner: Reasoner) -> Question:
    """The day, the agency or the act: without them no law can be chosen."""
    vocabulary = reasoner.law.vocabulary
    if name == "date":
        return Question(name, "frame", _("On which day was it?"), "date")
    if name == "actor":
        local = (a.name for a in vocabulary.actors.values() if not a.federal and a.jurisdiction in reasoner.packs)
        return Question(name, "frame", _("Which agency was asked?"), "actor", values=tuple(local))
    return Question(name, "frame", _("What was asked or done?"), "action", values=_acts(contact, reasoner))


def _acts(contact: Contact, reasoner: Reasoner) -> tuple[str, ...]:
    """The acts of which the law in force speaks for this agency; every act, where it speaks of none."""
    day, actor = contact.date or reasoner.as_of, contact.actor or ""
    vocabulary = reasoner.law.vocabulary
    spoken = {a for a in vocabulary.actions if reaching(reasoner.law, reasoner.packs, day, actor, a)}
    broader = {b for a in spoken for b in vocabulary.action_lineage(a)}
    return tuple(a for a in vocabulary.actions if a in spoken | broader) or tuple(vocabulary.actions)


def _worded(chosen: Chosen, state: State, reasoner: Reasoner) -> Question:
    vocabulary, name = reasoner.law.vocabulary, chosen.fact
    because = tuple(dict.fromkeys(n.clause for n in chosen.norms))
    texts = tuple(dict.fromkeys(t for n in chosen.norms for t in _texts(n, name, reasoner)))
    asked = Question(name, "fact", "", "yes/no", because=because, texts=texts, still_open=chosen.still_open)
    if name.startswith(MEANT):
        act = vocabulary.actions[name.removeprefix(MEANT)]
        return replace(asked, kind="act", question=_("Was it: {act}?").format(act=_(act.title)))
    declared = vocabulary.records.get(name) or vocabulary.facts[name]
    asked = replace(
        asked,
        question=_(vocabulary.question(name)),
        help=_(declared.help),
        proof=_(declared.proof),
        stated_by=_(declared.stated_by),
    )
    if isinstance(declared, Record):
        used = _fields(state.program, name)
        return replace(
            asked, kind="record", type="records", values=tuple(f.name for f in declared.fields if f.name in used)
        )
    return replace(asked, type=declared.type, values=declared.values, unit=declared.unit)


def _fields(program: Program, record: str) -> set[str]:
    """The fields of a list of records of which some condition speaks."""
    bodies = [a.body for a in program.atoms if isinstance(a, Some) and a.record == record]
    return {inner.fact for body in bodies for inner in atoms(body) if not isinstance(inner, Some)}


def _texts(norm: GroundNorm, fact: str, reasoner: Reasoner) -> Iterator[tuple[str, str]]:
    """The clause of a norm, and those of its exceptions in which a fact stands, each with the text of the law."""
    yield norm.clause, _quoted(norm.norm.section, norm.norm.at.line, reasoner)
    named = {e.clause for e in _speaking(norm.exceptions, fact)}
    for e in exceptions(norm.norm.unless):
        clause = reasoner.law.cite_exception(norm.norm, e)
        if clause in named:
            yield clause, _quoted(e.section or norm.norm.section, e.at.line, reasoner)


def _speaking(ground: Iterable[GroundException], fact: str) -> Iterator[GroundException]:
    for e in ground:
        if fact in facts_of(e.condition):
            yield e
        yield from _speaking(e.unless, fact)


def _quoted(section: str, line: int, reasoner: Reasoner) -> str:
    found = reasoner.law.sections.get(section)
    clause = found.clause_at(line) if found else None
    return clause.quote.strip() if clause else ""
