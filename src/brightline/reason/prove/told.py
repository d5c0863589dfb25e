"""Loopholes and what becomes of them, told in plain words and as data: templates over what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from brightline.contact.schema import Contact
from brightline.law.vocabulary import Vocabulary
from brightline.reason import say
from brightline.reason.explain import plain_verdict
from brightline.reason.prove.closed import Closure, Cost, Fate, Opening, Step
from brightline.reason.prove.loopholes import Loophole, Loopholes
from brightline.reason.prove.oracle import Literal, in_order
from brightline.reason.prove.setting import Setting
from brightline.reason.prove.witness import as_data, as_yaml, decided
from brightline.reason.speech import _, day, listed
from brightline.reason.truth import Records, facts_of

# --- loopholes ---------------------------------------------------------------------------------------


def title(x: Loophole) -> str:
    """One line: what opens it."""
    v = x.setting.vocabulary
    if x.how == "silence":
        return _("{section} says nothing of it").format(section=x.clause)
    if not x.door:
        return _("{clause} leaves this act out").format(clause=x.clause)
    return say.sentence(in_words(x.door, v)).rstrip(".")


def sentences(x: Loophole) -> list[str]:
    """A loophole in a few plain sentences."""
    v = x.setting.vocabulary
    told = [_opening(x)]
    if x.kind == "misstatement":
        told += _unchecked(x.misstated, v)
    if x.rest:
        told.append(_("The other rules let it pass: {why}.").format(why=in_words(x.rest, v)))
    if x.at_odds:
        told.append(
            _("It is at odds with {clauses}, which may bar the same act.").format(clauses=listed(list(x.at_odds)))
        )
    if x.judge:
        told.append(_("It takes a paper that only a judge can sign."))
    if x.readings:
        told.append(_("It is open only if the law is read in one way: {reading}").format(reading=_readings(x)))
    return told


def _opening(x: Loophole) -> str:
    v = x.setting.vocabulary
    door = in_words(x.door, v)
    if x.how == "silence":
        return _("{section} says nothing of this act. {clause} bars it for a sister agency.").format(
            section=x.clause, clause=x.compared
        )
    if x.kind == "misstatement":
        lies = [y for y in in_order(x.door) if set(x.misstated) & set(facts_of(y.atom))]
        true = [y for y in in_order(x.door) if y not in lies]
        told = _("It is enough to say that {what}. {clause} cannot tell this from the truth.").format(
            what=in_words(lies, v), clause=listed(list(x.through))
        )
        also = _("It must also be so that {what}.").format(what=in_words(true, v)) if true else ""
        return f"{told} {also}".strip()
    if not x.door:
        return _("{clause} leaves this act out: it bars no contact of this kind.").format(clause=x.clause)
    if x.how == "scope":
        return _("{clause} does not reach it when {what}.").format(clause=x.clause, what=door)
    return _("{clause} does not stop it when {what}. {exception} lets it pass.").format(
        clause=x.clause, what=door, exception=listed(list(x.through))
    )


def _unchecked(misstated: Sequence[str], v: Vocabulary) -> list[str]:
    told = []
    for name in misstated:
        declared = v.facts.get(name) or v.records.get(name)
        if declared is not None and declared.stated_by:
            told.append(
                _("This is only said by {who}. What would show it: {proof}.").format(
                    who=_(declared.stated_by), proof=_(declared.proof)
                )
            )
    return list(dict.fromkeys(told))


def _readings(x: Loophole) -> str:
    told = []
    for reading in x.readings:
        ambiguity = x.setting.law.ambiguity(reading)
        own = reading.partition(".")[2]
        told.append(_(ambiguity.readings[own]) if ambiguity and own in ambiguity.readings else reading)
    return " ".join(told)


def in_words(literals: Iterable[Literal], v: Vocabulary) -> str:
    """Conditions as one clause: what is so first, then what is not."""
    order = {n: k for k, n in enumerate(v.names)}
    ranked = sorted(in_order(literals), key=lambda x: (not x.value, [order.get(f, 0) for f in facts_of(x.atom)]))
    return say.conditions([x.expr for x in ranked], v)


def story(contact: Contact, setting: Setting, truth: Contact | None = None) -> list[str]:
    """A witness as a story: who was asked for what, what was said, what the law says; and what was true."""
    v = setting.vocabulary
    when = day(contact.date) if contact.date else ""
    told = [
        _("On {day} {agency} is asked to do this: {act}.").format(
            day=when, agency=say.actor(contact.actor or "", v), act=say.action(contact.actions[0], v)
        )
    ]
    stated = [n for n in (*contact.facts, *contact.records) if contact.basis_of(n) == "stated"]
    if stated:
        told.append(_("What is only said: {facts}.").format(facts=_facts(contact, v, stated)))
    shown = [n for n in (*contact.facts, *contact.records) if n not in stated]
    if shown:
        told.append(_("What is shown: {facts}.").format(facts=_facts(contact, v, shown)))
    told.append(_verdict(contact, setting))
    if truth is not None and truth.actor == contact.actor:
        changed = [n for n in (*truth.facts, *truth.records) if _value(truth, n) != _value(contact, n)]
        told.append(_("What is true: {facts}.").format(facts=_facts(truth, v, changed)))
        told.append(_("On the truth it would be stopped: {verdict}").format(verdict=_verdict(truth, setting)))
    elif truth is not None:
        told.append(
            _("The same contact, put to {agency}, would be barred.").format(agency=say.actor(truth.actor or "", v))
        )
    return told


def _verdict(contact: Contact, setting: Setting) -> str:
    d = decided(contact, setting)
    return plain_verdict(d.verdict, d.deciding, d.findings, d.by_choice)


def _value(contact: Contact, name: str) -> object:
    entry = contact.facts.get(name) or contact.records.get(name)
    return None if entry is None else entry.model_dump(exclude={"basis", "shown_by"})


def _facts(contact: Contact, v: Vocabulary, names: Sequence[str]) -> str:
    told = []
    for name in names:
        if name in contact.records:
            entries = contact.records[name]
            told.append(_listing(name, Records(tuple(entries.records), entries.complete), v))
        elif contact.facts[name].value is not None:
            told.append(say.value(name, contact.facts[name].value, v))
    return "; ".join(told)


def _listing(name: str, records: Records, v: Vocabulary) -> str:
    declared = v.records[name]
    named = _(declared.name_said) if declared.name_said else name.replace("_", " ")
    if not records.known:
        return _("the list is complete and empty: {what}").format(what=named)
    entries = [
        listed([_field(name, f, known, v) for f, known in entry.items() if known is not None])
        for entry in records.known
    ]
    return _("{what}: {entries}").format(what=named, entries="; ".join(entries))


def _field(record: str, name: str, known: object, v: Vocabulary) -> str:
    from brightline.law.tree import Compare, FactIs, Not, OneOf

    if isinstance(known, bool):
        return say.condition(FactIs(name) if known else Not(FactIs(name)), v, record)
    if isinstance(known, str):
        return say.condition(OneOf(name, (known,)), v, record)
    field = v.records[record].field(name)
    return say.condition(Compare(name, "=", float(str(known)), field.unit if field else ""), v, record)


# --- what becomes of them ------------------------------------------------------------------------------


def fate_sentences(f: Fate) -> list[str]:
    """What a reform does to one loophole, in plain sentences."""
    v = f.vocabulary or f.loophole.setting.vocabulary
    if f.status == "unknown":
        return [_("Not shown either way: {why}.").format(why=f.why)]
    if f.status == "open":
        told = (
            [_("Still open: the reform bars none of these contacts.")]
            if not f.more
            else [_("Still open when {what}.").format(what=_either(f.more, v))]
        )
        return told
    if f.status == "moved" and all(not y.value for w in f.more for y in w):
        shut = listed([listed([say.condition(y.atom, v) for y in in_order(w)], "or") for w in f.more])
        return [
            _("Closed when {what}: {clauses} bars it then.").format(what=shut, clauses=listed(list(f.by))),
            _("Still open when {what}.").format(what=_either(f.more, v)),
        ]
    if f.status == "moved":
        return [
            _("Moved: it now also takes that {what}.").format(what=_either(f.more, v)),
            _("Without this it is barred by {clauses}.").format(clauses=listed(list(f.by))),
        ]
    told = [_("Closed by {clauses}.").format(clauses=listed(list(f.by)))]
    if f.unless_judge:
        papers = listed([say.value(p, True, v) for p in f.unless_judge], "or")
        told.append(_("It opens again only if {papers}.").format(papers=papers))
    return told


def proof_lines(f: Fate) -> list[str]:
    """The premises of a proof, each as a plain sentence; together they leave no contact."""
    v = f.vocabulary or f.loophole.setting.vocabulary
    return list(dict.fromkeys(say.sentence(_step(s, v)) for s in f.proof))


def _step(s: Step, v: Vocabulary) -> str:
    said = say.condition(s.condition, v) if s.condition is not None else ""
    match s.what:
        case "clause":
            return _("{clause} bars it in every such contact").format(clause=s.clause)
        case "constraint":
            return _("it cannot be otherwise: {text}").format(text=_(s.text))
        case "truth":
            return _("in truth {what}").format(what=said)
        case "no judge":
            return _("no judge's paper: {what}").format(what=said)
        case "no other way":
            return _("it does not come through another way: {what}").format(what=said)
        case "no more":
            return _("without what more it would take: {what}").format(what=said)
        case _:
            return _("the contact is so: {what}").format(what=said)


def _either(ways: Iterable[Iterable[Literal]], v: Vocabulary) -> str:
    return listed([in_words(w, v) for w in ways], "or")


def cost_sentence(c: Cost) -> str:
    """What else the reform bars, in one sentence."""
    v = c.setting.vocabulary
    return _("{clause} also bars {agency} to do this for another purpose: {act}, when {what}.").format(
        clause=c.clause,
        agency=say.actor(c.setting.actor, v),
        act=say.action(c.setting.action, v),
        what=in_words(c.way, v),
    )


# --- as data ---------------------------------------------------------------------------------------------


def loopholes_json(found: Loopholes, purpose: str) -> dict[str, Any]:
    """What `prove loopholes --json` prints."""
    first = found.settings[0] if found.settings else None
    return {
        "law": list(first.packs) if first else [],
        "date": first.day if first else None,
        "true_purpose": purpose,
        "loopholes": [loophole_json(x) for x in found.found],
        "complete": found.complete,
        "why": found.why,
        "shut_by_other_norms": found.shut,
    }


def loophole_json(x: Loophole) -> dict[str, Any]:
    """One loophole as data, with its sentences."""
    v = x.setting.vocabulary
    return {
        "id": x.name,
        "kind": x.kind,
        "how": x.how,
        "action": x.action,
        "actors": list(x.actors),
        "norm": x.norm,
        "clause": x.clause,
        "through": list(x.through),
        "compared_with": x.compared or None,
        "door": [literal_json(y, v) for y in in_order(x.door)],
        "rest": [literal_json(y, v) for y in in_order(x.rest)],
        "misstated": list(x.misstated),
        "stated_by": {f: _stated_by(f, v) for f in x.misstated},
        "smallest": x.smallest,
        "needs_judge": x.judge,
        "at_odds_with": list(x.at_odds),
        "readings": list(x.readings),
        "title": title(x),
        "sentences": sentences(x),
        "witness": as_data(x.witness) if x.witness else None,
        "witness_file": as_yaml(x.witness) if x.witness else None,
        "truth": as_data(x.truth) if x.truth else None,
        "story": story(x.witness, x.setting, x.truth) if x.witness else [],
    }


def _stated_by(fact: str, v: Vocabulary) -> str:
    declared = v.facts.get(fact) or v.records.get(fact)
    return declared.stated_by if declared else ""


def literal_json(x: Literal, v: Vocabulary) -> dict[str, Any]:
    """One condition as data, with its words."""
    return {"facts": list(facts_of(x.atom)), "holds": x.value, "said": say.condition(x.expr, v)}


def closure_json(c: Closure) -> dict[str, Any]:
    """What `prove closed --json` prints."""
    return {
        "reform": c.reform.id,
        "title": _(c.reform.title),
        "counts": c.counts,
        "loopholes": [fate_json(f) for f in c.fates],
        "cost": [_cost_json(x) for x in c.costs],
        "opened": [_opening_json(x) for x in c.openings],
        "complete": c.complete,
        "why": c.why,
    }


def fate_json(f: Fate) -> dict[str, Any]:
    """One loophole with what becomes of it."""
    v = f.vocabulary or f.loophole.setting.vocabulary
    return {
        **{k: w for k, w in loophole_json(f.loophole).items() if k not in ("witness_file",)},
        "status": f.status,
        "closed_by": list(f.by) if f.status in ("closed", "moved") else [],
        "proof": proof_lines(f),
        "now_also_takes": [[literal_json(y, v) for y in in_order(w)] for w in f.more],
        "unless_judge": list(f.unless_judge),
        "contacts_searched": f.searched,
        "said": fate_sentences(f),
        "why": f.why,
    }


def _cost_json(c: Cost) -> dict[str, Any]:
    return {
        "clause": c.clause,
        "actor": c.setting.actor,
        "action": c.setting.action,
        "said": cost_sentence(c),
        "witness": as_data(c.witness),
    }


def _opening_json(o: Opening) -> dict[str, Any]:
    return {"clause": o.clause, "actor": o.setting.actor, "action": o.setting.action, "witness": as_data(o.witness)}
