"""How a report writes verdicts, dates, numbers and shares, so that it writes them the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from brightline.law.tree import Span
from brightline.law.vocabulary import Vocabulary
from brightline.reason.speech import N_, _

SAID: dict[str, str] = {
    "conflict": "barred and required",
    "barred": "barred",
    "required": "required",
    "contested": "depends on the reading",
    "unsettled": "cannot tell",
    "excepted": "not barred, by an exception",
    "unreached": "not reached",
}
MEANING: dict[str, str] = {
    "conflict": "One law barred what was asked or done, and another required it.",
    "barred": "The law in force that day forbade what was asked or done.",
    "required": "The law in force that day required it.",
    "contested": "The law can be read in several defensible ways, and they give different answers.",
    "unsettled": "The records leave out a fact on which the answer depends. It may have been barred; it may not.",
    "excepted": "A law restricts it, and an exception in that law holds. That is not the same as authorised.",
    "unreached": "No clause encoded here speaks about it. A law that is not encoded may.",
}
NOT_AUTHORISED = N_(
    "“Not barred” never means authorised. These laws say what an agency may not do; "
    "whether it had the power to act is another question."
)
FRAME_QUESTIONS = {"date": "On which day was it?", "actor": "Which agency was it?", "action": "What was asked or done?"}

_NB = "\u00a0"  # a space at which no line breaks
EFFORT = {1: "on the desk", 2: "a look-up", 3: "a call or a letter", 4: "a court"}


def day(d: date) -> str:
    """14 December 2014"""
    return f"{d.day} {d:%B %Y}"


def month(name: str) -> str:
    """`2014-12` as December 2014; any other word as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}", name):
        return name
    return f"{date.fromisoformat(name + '-01'):%B %Y}"


def span(when: Span) -> str:
    """Time in force, with its last day named: the law's own spans are half-open."""
    last = when.end - timedelta(days=1) if when.end else None
    if when.start and last:
        return f"in force from {day(when.start)} to {day(last)}"
    if when.start:
        return f"in force since {day(when.start)}"
    return f"in force until {day(last)}" if last else "in force; no first or last day is recorded"


def number(n: int) -> str:
    return f"{n:,}"


def many(n: int, noun: str) -> str:
    """`1 detainer`, `834 detainers`."""
    return f"{number(n)} {noun}" if n == 1 else f"{number(n)} {noun}s"


def percent(part: int, whole: int) -> str:
    """A percentage that is 0% or 100% only when it is exactly that."""
    if whole == 0:
        return "–"
    share = 100 * part / whole
    if part == 0 or part == whole:
        return f"{share:.0f}%"
    if share < 0.1:
        return _("under 0.1%")
    if share > 99.9:
        return _("over 99.9%")
    return f"{share:.1f}%" if share < 10 or share > 99 else f"{share:.0f}%"


def share(part: int, whole: int, unknown: int = 0, untold: str = "nobody can tell for") -> str:
    """`12 of 834 (1.4%; nobody can tell for 812)`: a count never goes without its denominator.

    Where nobody can tell for more than are counted, the same line says so.
    """
    beside = f"; {untold}{_NB}{number(unknown)}" if unknown > part else ""
    return f"{number(part)}{_NB}of{_NB}{number(whole)} ({percent(part, whole)}{beside})"


def rate(part: int, whole: int, unknown: int = 0) -> str:
    """A percentage for a table cell whose count stands next to it, with the same warning as `share`."""
    beside = f"; unknown:{_NB}{percent(unknown, whole)}" if unknown > part else ""
    return f"{percent(part, whole)}{beside}"


def listed(items: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def plain(name: str) -> str:
    return name.replace("_", " ")


def actor(name: str | None, vocabulary: Vocabulary) -> str:
    """An agency by its full name."""
    if not name or name == "unknown":
        return "agency unknown"
    declared = vocabulary.actors.get(name)
    return declared.title if declared else plain(name)


def action(name: str | None, vocabulary: Vocabulary) -> str:
    if not name:
        return "action unknown"
    declared = vocabulary.actions.get(name)
    return declared.title if declared else plain(name)


def question(fact: str, vocabulary: Vocabulary) -> str:
    return FRAME_QUESTIONS.get(fact) or vocabulary.question(fact)


def proof(fact: str, vocabulary: Vocabulary) -> str:
    """The record that shows a fact: "the warrant"."""
    declared = vocabulary.facts.get(fact) or vocabulary.records.get(fact)
    return declared.proof if declared else ""


def facts(joined: str, vocabulary: Vocabulary) -> str:
    """Names of facts joined by `and`, as their questions."""
    return " ".join(question(f, vocabulary) for f in joined.split(" and "))


def citations(found: Iterable[str]) -> str:
    """Citations in a list, the common part written once: `Admin. Code § 9-131(b)(1), § 14-154(b)(1)`."""
    kept: list[str] = []
    before = ""
    for citation in found:
        head, sign, rest = citation.partition("§")
        same = bool(sign) and head == before
        kept.append(f"§{rest}" if same else citation)
        before = head if sign else ""
    return ", ".join(kept)


def short(citation: str) -> str:
    """A citation without the name of its code, for a label in a plot."""
    _, sign, rest = citation.partition("§")
    return f"§{rest}" if sign else citation
