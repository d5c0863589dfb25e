"""Differences between laws, and remarks about a pack, told in plain words and as data."""

from __future__ import annotations

from typing import Any

from brightline.law.vocabulary import Vocabulary
from brightline.reason import say
from brightline.reason.prove.check import Remark
from brightline.reason.prove.differ import Difference, Differences
from brightline.reason.prove.oracle import in_order
from brightline.reason.prove.told import in_words, literal_json, story
from brightline.reason.prove.witness import as_data
from brightline.reason.speech import _, listed


def difference_sentence(d: Difference) -> str:
    """On which contacts two laws differ, in one sentence; A and B are the two laws."""
    first, second = ("A", "B") if d.only == "a" else ("B", "A")
    v = d.pair.a.vocabulary
    ours, theirs = (d.clauses[0], d.clauses[1]) if d.only == "a" else (d.clauses[1], d.clauses[0])
    text = {
        "bars": _("{first} bars it and {second} does not when {what}: {clauses}."),
        "requires": _("{first} requires it and {second} does not when {what}: {clauses}."),
    }[d.kind]
    when = in_words(d.way | d.rest, v) if d.way | d.rest else _("always")
    clauses = listed([*ours, *theirs]) if ours or theirs else _("no clause")
    return text.format(first=first, second=second, what=when, clauses=clauses)


def differences_json(found: Differences, a: str, b: str) -> dict[str, Any]:
    """What `prove differ --json` prints."""
    return {
        "a": a,
        "b": b,
        "differences": [_difference_json(d) for d in found.found],
        "same": found.same,
        "complete": found.complete,
        "why": found.why,
        "proven_by": list(found.proven_by),
    }


def _difference_json(d: Difference) -> dict[str, Any]:
    v = d.pair.a.vocabulary
    return {
        "action": d.action,
        "actors": [list(pair) for pair in d.actors],
        "kind": d.kind,
        "only": d.only,
        "when": [literal_json(x, v) for x in in_order(d.way | d.rest)],
        "verdicts": list(d.verdicts),
        "clauses": [list(c) for c in d.clauses],
        "readings": [list(c) for c in d.readings],
        "said": difference_sentence(d),
        "witnesses": [as_data(c) for c in d.contacts],
    }


def kind_words(kind: str) -> str:
    """What kind of remark it is, as people say it."""
    return {
        "contradiction": _("contradiction"),
        "conflict": _("conflict of levels"),
        "tension": _("tension"),
        "never applies": _("never applies"),
        "exception never matters": _("exception that never matters"),
        "idle fact": _("question without effect"),
        "silence": _("silence"),
        "gap": _("gap"),
        "unknown": _("not shown either way"),
    }[kind]


def remark_sentence(r: Remark, v: Vocabulary) -> str:
    """A remark in one sentence."""
    clauses = listed(list(r.clauses))
    acts = listed([say.action(a, v) for a in r.actions])
    facts = listed([say.question(f, v) for f in r.facts])
    text = {
        "contradiction": _("{clauses} bar and require the same act: {acts}."),
        "conflict": _("Laws of different levels bar and require the same act: {clauses}; {acts}."),
        "tension": _("{first} lets pass what {last} bars all the same: {acts}."),
        "never applies": _("{clauses} can never apply."),
        "exception never matters": _("The exception {first} can never matter."),
        "idle fact": _("No verdict depends on this question, which {clauses} asks: {facts}"),
        "silence": _("{first} says nothing of this act, and {last} bars it for a sister agency: {acts}."),
        "gap": _("No rule of this law speaks of these acts: {acts}."),
        "unknown": _("It could not be shown either way whether this is so: {clauses} {acts}."),
    }[r.kind]
    first, last = (r.clauses[0], r.clauses[-1]) if r.clauses else ("", "")
    told = text.format(clauses=clauses, first=first, last=last, acts=acts, facts=facts)
    if r.yields:
        told += " " + _("{clause} gives way.").format(clause=r.yields)
    return told


def remark_json(r: Remark, v: Vocabulary) -> dict[str, Any]:
    """One remark as data."""
    return {
        "kind": r.kind,
        "about": r.about,
        "clauses": list(r.clauses),
        "norms": list(r.norms),
        "actions": list(r.actions),
        "actors": list(r.actors),
        "facts": list(r.facts),
        "when": [literal_json(x, v) for x in in_order(r.way)],
        "readings": [list(c) for c in r.readings],
        "proven_by": list(r.proven_by),
        "said": remark_sentence(r, v),
        "witness": as_data(r.witness) if r.witness else None,
        "story": story(r.witness, r.setting, r.sister) if r.witness and r.setting else [],
    }
