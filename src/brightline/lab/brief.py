"""A brief for a legislator: two pages, set by Typst in memory. Lists are shortened until they fit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from brightline.lab.answers import Proven, Question
from brightline.law.pack import Law, Pack, Section
from brightline.reason import say
from brightline.reason.prove.closed import Fate
from brightline.reason.prove.loopholes import Loophole
from brightline.reason.prove.told import cost_sentence, fate_sentences, proof_lines, sentences, story, title
from brightline.reason.speech import _, language, number, several
from brightline.reason.speech import day as written_day
from brightline.report.about import ReportError

PAGES = 2


@dataclass(frozen=True)
class Room:
    """How much of each kind a page holds."""

    letters: int  # of one paragraph or block
    items: int  # of one list
    lines: int  # of a story, a proof, or the lines of encoded law


# From ample to bare: the first that fits is taken, each page for itself.
ROOMS = (
    Room(1100, 12, 14),
    Room(800, 9, 11),
    Room(560, 7, 9),
    Room(420, 5, 7),
    Room(300, 4, 5),
    Room(220, 3, 4),
    Room(150, 2, 3),
    Room(90, 1, 2),
    Room(45, 1, 1),
)


def render(p: Proven, q: Question, day: date, loophole: str = "") -> bytes:
    """The brief as PDF, always of two pages. `loophole` names the one to tell; else it is the gravest that changes."""
    chosen = _chosen(p, loophole)
    frame, last = _frame(p, q, day), len(ROOMS) - 1
    first = second = 0
    try:
        while True:
            one, two = _page_one(p, chosen, first), _page_two(p, chosen, ROOMS[second])
            told = {"brief": json.dumps({**frame, "one": one, "two": two}, ensure_ascii=False, default=str)}
            turn, end = _pages(told)
            # The first page has run over when the second begins late; the second when the end comes after it.
            shorter = min(first + (turn > PAGES), last), min(second + (end > turn), last)
            if end == PAGES or shorter == (first, second):
                return _set(told, day)
            first, second = shorter
    except RuntimeError as error:
        raise ReportError(f"the brief could not be set: {error}") from error


def _pages(told: dict[str, str]) -> tuple[int, int]:
    """On which page the second half begins, and which is the last."""
    found = json.loads(
        typst.query(_template(), "<pages>", field="value", one=True, ignore_system_fonts=True, sys_inputs=told)
    )
    return int(found[0]), int(found[1])


def _set(told: dict[str, str], day: date) -> bytes:
    made = datetime.combine(day, time(12), UTC)  # the same input gives the same bytes
    return bytes(typst.compile(_template(), ignore_system_fonts=True, sys_inputs=told, timestamp=made))


@cache
def _template() -> bytes:
    return (files("brightline.lab") / "brief.typ").read_bytes()


def _chosen(p: Proven, loophole: str) -> Fate | None:
    """The loophole asked for; else the gravest that the reform closes, moves, or leaves."""
    named = [f for f in p.closure.fates if loophole and f.loophole.name == loophole]
    order = ("closed", "moved", "open", "unknown")
    return next(iter(named or sorted(p.closure.fates, key=lambda f: order.index(f.status))), None)


# --- what stands on both pages ----------------------------------------------------------------------------


def _frame(p: Proven, q: Question, day: date) -> dict[str, Any]:
    v = p.law.vocabulary
    purpose = _cut(say.value(f"{q.purpose}_purpose", True, v), 120)
    return {
        "lang": language(),
        "title": _cut(_(p.reform.title), 110),
        "kicker": _("A brief on a proposed change of law"),
        "facts": [
            [_("Law"), _("{law}, in force on {day}").format(law=p.law.packs[q.pack].title, day=written_day(day))],
            [_("Act"), say.action(q.action, v)],
            [_("In truth"), purpose],
        ],
        "caution": _(
            "A proposal, not law. Not reviewed by counsel. Not legal advice. “Not barred” never means authorised."
        ),
        "page": _("Page {n} of {all}").format(n="%", all=PAGES),
        "made": _("Made with Brightline, on the law in force on {day}").format(day=written_day(day)),
    }


# --- the first page: the loophole and the amendment -----------------------------------------------------


def _page_one(p: Proven, f: Fate | None, step: int) -> dict[str, Any]:
    room, ample = ROOMS[step], ROOMS[max(step - 2, 0)]  # the loophole is what must be understood
    return {
        "loophole": _loophole(p.law, f.loophole, ample) if f else None,
        "none": "" if f else _("No loophole was found for this act and purpose in the law encoded here."),
        "amendment": {
            "title": _("The amendment"),
            "proposed": _("Proposed words"),
            "encoded": _("As encoded"),
            **_amendment(p.reform, room),
        },
    }


def _loophole(law: Law, x: Loophole, room: Room) -> dict[str, Any]:
    kind = _("Open by exception") if x.kind == "exception" else _("Open by misstatement")
    told = story(x.witness, x.setting, x.truth) if x.witness else []
    quotes = [{"cite": cite, "text": _cut(text, room.letters)} for cite, text in clause_quotes(law, x)]
    return {
        "title": _("The loophole"),
        "name": _cut(title(x), max(room.letters, 160)),
        "kind": kind,
        "said": _cut(" ".join(sentences(x)), room.letters),
        "quotes": quotes[: 2 if room.items > 2 else 1],
        "quoted": _("The law says"),
        "story_title": _("A story that shows it"),
        "story": _few([_cut(s, room.letters) for s in told], room.lines),
    }


def clause_quotes(law: Law, x: Loophole) -> list[tuple[str, str]]:
    """The text of the clauses that let it pass, and of the norm that they open."""
    wanted = [*x.through, x.clause]
    found: dict[str, str] = {}
    for section in law.sections.values():
        for clause in section.page.clauses:
            cited = law.cite(f"{section.id}:{clause.label}")
            if clause.label and clause.quote.strip() and cited in wanted:
                found.setdefault(cited, " ".join(clause.quote.split()))
    return [(c, found[c]) for c in dict.fromkeys(wanted) if c in found]


def _amendment(reform: Pack, room: Room) -> dict[str, Any]:
    """The reform's clauses: the words proposed, and what is encoded of them."""
    section = next(iter(reform.sections.values()))
    parts = [c for c in section.page.clauses if c.label and (c.quote.strip() or _norms(section, c.line))]
    told = [
        {
            "name": _cut(f"{c.label} — {c.title}" if c.title else c.label, 120),
            "quote": _cut(" ".join(c.quote.split()), room.letters),
            "code": _code(_norms(section, c.line), room.lines),
        }
        for c in parts[: room.items]
    ]
    return {"parts": told, "more": _more(len(parts) - len(told))}


def _norms(section: Section, line: int) -> str:
    clause = section.clause_at(line)
    return "\n\n".join(b.text.strip() for b in clause.blocks if b.kind == "norm") if clause else ""


def _code(text: str, most: int) -> str:
    lines = text.split("\n") if text else []
    shown = [_cut(line, 92) for line in lines[:most]]
    return "\n".join([*shown, "…"] if len(lines) > most else shown)


# --- the second page: what it does ----------------------------------------------------------------------


def _page_two(p: Proven, chosen: Fate | None, room: Room) -> dict[str, Any]:
    fates = p.closure.fates
    by = {s: [f for f in fates if f.status == s] for s in ("closed", "moved", "open", "unknown")}
    lists = [
        _list(
            _("What it closes"), [_fate(f, room) for f in by["closed"]], room, _("It closes no loophole of this act.")
        ),
        _list(_("What it moves"), [_fate(f, room) for f in by["moved"]], room, ""),
        _list(_("What it leaves open"), [_fate(f, room) for f in by["open"]], room, _("None of those found.")),
        _list(_("What could not be shown"), [_fate(f, room) for f in by["unknown"]], room, ""),
        _list(
            _("What it costs"), _costs(p, room), room, _("No act for another purpose was found that it bars besides.")
        ),
        _list(_("What it opens"), _openings(p, room), room, ""),
    ]
    proven = next((f for f in ([chosen] if chosen else []) + by["closed"] + by["moved"] if f.proof), None)
    return {
        "title": _("What the amendment does"),
        "counts": _counts(p),
        "lists": [one for one in lists if one["items"] or one["none"]],
        "proof": None if proven is None else _proof(proven, room),
        "complete": ""
        if p.closure.complete
        else _cut(_("The list is not complete: {why}").format(why=_(p.closure.why)), 200),
        "method": _(
            "A loophole is a smallest set of conditions under which the act is not barred although its true purpose is the one named. "
            "“Closed” and “moved” are proven by two runs of a solver, and no contact drawn at random contradicted them."
        ),
    }


def _counts(p: Proven) -> str:
    c = p.closure.counts
    parts = [
        _("{count} closed").format(count=number(c["closed"])),
        _("{count} moved").format(count=number(c["moved"])),
        _("{count} open").format(count=number(c["open"])),
    ]
    if c["unknown"]:
        parts.append(_("{count} not shown").format(count=number(c["unknown"])))
    now = several("{count} loophole now", "{count} loopholes now", len(p.closure.fates))
    return _("{now}; with the amendment {parts}.").format(now=now, parts=", ".join(parts))


def _list(title: str, items: Sequence[dict[str, str]], room: Room, none: str) -> dict[str, Any]:
    return {
        "title": title,
        "items": list(items[: room.items]),
        "more": _more(len(items) - room.items),
        "none": "" if items else none,
    }


def _fate(f: Fate, room: Room) -> dict[str, str]:
    kind = _("by exception") if f.loophole.kind == "exception" else _("by misstatement")
    return {
        "name": _cut(title(f.loophole), room.letters) + f" ({kind})",
        "said": _cut(" ".join(fate_sentences(f)), room.letters),
    }


def _costs(p: Proven, room: Room) -> list[dict[str, str]]:
    return [{"name": "", "said": _cut(cost_sentence(c), 2 * room.letters)} for c in p.closure.costs]


def _openings(p: Proven, room: Room) -> list[dict[str, str]]:
    v = p.law.vocabulary
    said = _("{clause} no longer bars {agency} to do this: {act}.")
    told = [
        said.format(clause=o.clause, agency=say.actor(o.setting.actor, v), act=say.action(o.setting.action, v))
        for o in p.closure.openings
    ]
    return [{"name": "", "said": _cut(s, room.letters)} for s in told]


def _proof(f: Fate, room: Room) -> dict[str, Any]:
    lines = [_cut(s, room.letters) for s in proof_lines(f)]
    return {
        "title": _("The proof for the gravest one: {name}").format(name=_cut(title(f.loophole), 160)),
        "lines": _few(lines, 2 * room.lines),
        "end": _("Together these leave no contact.") if len(lines) <= 2 * room.lines else "",
    }


# --- shortening ------------------------------------------------------------------------------------------


def _cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis; a word longer than a line is broken."""
    words = [w if len(w) <= 60 else w[:59] + "…" for w in text.split(" ")]
    text = " ".join(words)
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;.") + "…"


def _few(lines: Iterable[str], most: int) -> list[str]:
    told = list(lines)
    return told if len(told) <= most else [*told[:most], _more(len(told) - most)]


def _more(count: int) -> str:
    return several("and {count} more", "and {count} more", count) if count > 0 else ""
