"""Says what kind a paper is from what was seen on it. A paper of an officer is never called a judge's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from brightline.papers import evidence
from brightline.papers.evidence import Mark
from brightline.papers.kinds import KINDS, KindName
from brightline.papers.paper import Paper
from brightline.papers.reading import Issuer, Reason, Signed
from brightline.papers.words import UNREAD, Words, plain, quote

LEGIBLE = 0.85  # of the words of a picture: below it, too much is unread to say that nothing on it speaks of an officer


@dataclass(frozen=True)
class Told:
    """The kind of a paper, with everything that was weighed."""

    kind: KindName
    sure: bool
    why: tuple[Reason, ...]
    signed: Signed
    issuer: Issuer
    notes: tuple[str, ...] = ()


def words_of(paper: Paper) -> list[Words]:
    """Every page in every layer: what the file says, then what its picture shows."""
    out: list[Words] = []
    for page in paper.pages:
        if page.text.strip():
            out.append(Words(page.number, plain(page.text), seen=False))
        if page.seen is not None:
            out.append(Words(page.number, plain(page.seen), seen=True))
    return out


def shown(paper: Paper) -> list[Words]:
    """Every page as a person sees it: of a page that is a picture what was read from it, of another its text.

    The text under a picture that was not read stands in for it; it may be another, so nothing is then sure.
    """
    pages = words_of(paper)
    pictured = {page.number: page.seen is not None for page in paper.pages if page.is_picture}
    return [p for p in pages if p.seen == pictured.get(p.page, False)]


def tell(paper: Paper) -> Told:
    """Say the kind.

    1. A file of which a page was not read, or not enough of it, is no paper of a court.
    2. Officers' forms: title with number, or one of them with the statute, the text or the officer's signature line.
    3. Papers of a court: court, title, number or rule, and a signature line of who may issue it; and nothing at all
       that speaks of an immigration officer. In each layer by itself, where a page has a text and a picture.
    4. Letters: no form, and the words of a letter.
    5. Everything else is unknown, with what is missing.
    """
    every = words_of(paper)
    pages = shown(paper)
    form_values = [Words(0, plain(f"{f.name}: {f.value}"), seen=False) for f in paper.fields]
    officers = _strongest(evidence.officers_marks(pages))
    against = _first_of_each(evidence.no_judge([*every, *form_values]))
    officer_kind = _officers_kind(officers, _greeted(pages))
    court = _court(paper, every)
    notes: list[str] = []

    if court.kind is not None and officer_kind is None and not against:
        return _of_a_court(court, paper, every)
    if officer_kind is not None and court.whole:
        why = (*_reasons(officers), *court.why)
        notes.append(
            "the file seems to hold a paper of an officer and a paper of a court: separate them and hand in each"
        )
        return Told("unknown", False, why, "unknown", "unknown", tuple(notes))
    if officer_kind is not None:
        return _of_an_officer(officer_kind, officers, court, paper, pages)
    return _of_neither(officers, against, court, paper, pages)


# --- officers' forms --------------------------------------------------------------------------------


def _strongest(marks: Iterator[Mark]) -> list[Mark]:
    """Each thing once, where it was first seen."""
    kept: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        kept.setdefault((mark.what, mark.kind), mark)
    return list(kept.values())


def _greeted(pages: Sequence[Words]) -> bool:
    return any(m.what == "greeting" for m in evidence.letters_marks(pages))


def _officers_kind(marks: list[Mark], greeted: bool) -> str | None:
    """The officer's form that the marks make whole; of several the one whose title or number stands first."""
    signer = any(m.what == "signer" for m in marks)
    for first in sorted((m for m in marks if m.what in ("title", "number")), key=lambda m: (m.page, m.what != "title")):
        has = {m.what for m in marks if m.kind == first.kind}
        more = bool(has & {"statute", "body"}) or signer
        if {"title", "number"} <= has and (more or not greeted):
            return first.kind
        if more and not greeted and has & {"title", "number"} and ({"statute", "body"} <= has or "title" in has):
            return first.kind
        if "number" in has and more and not greeted:
            return first.kind
    return None


def _of_an_officer(kind: str, marks: list[Mark], court: _Court, paper: Paper, pages: list[Words]) -> Told:
    mine = [m for m in marks if m.kind in (kind, "")]
    others = [m for m in marks if m.kind not in (kind, "") and m.what in ("title", "number")]
    has = {m.what for m in mine}
    courtly = [r for r in court.why if r.speaks == "for"]
    why = [*_reasons(mine), *(_reason(m, m.kind, "for") for m in others)]
    why += [
        Reason(
            kind, "against", f"words of a court are on it, which do not make it a judge's: {r.words}", r.quote, r.page
        )
        for r in courtly
    ]
    for page in pages:
        if found := evidence.JUDGE_NAMED.search(page.running):
            named = quote(page.running, *found.span(), around=25)
            why.append(
                Reason(
                    kind, "against", "a judge or a court is named in its text; it does not sign it", named, page.page
                )
            )
            break
    sure = {"title", "number"} <= has and bool(has & {"statute", "body", "signer"}) and not others and not courtly
    sure = sure and not _unread_any(paper)
    notes: list[str] = []
    forms = sorted({KINDS[m.kind].title for m in others if m.kind in KINDS and m.kind != "unknown"})
    if forms:
        notes.append("the file also holds: " + "; ".join(forms))
    if kind == "unknown":
        notes.append(
            "this is Form I-203, an order between federal offices and jails: none of the kinds told apart here"
        )
        sure = False
    name: KindName = kind  # type: ignore[assignment]
    return Told(name, sure, tuple(why), _signed(paper, pages, evidence.OFFICER_LABEL), "officer", tuple(notes))


# --- papers of a court ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Court:
    kind: KindName | None  # whole, and nothing is missing
    whole: bool  # a form of a court is there, whatever else is
    issuer: Issuer
    why: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    signed: Signed


def _court(paper: Paper, pages: list[Words]) -> _Court:
    """Weigh what speaks for a court, in the text of the file and in its pictures each by itself."""
    layers = [[p for p in pages if not p.seen], [p for p in pages if p.seen]]
    # A page that is a picture counts by what the picture shows: what a text under it says, nobody sees.
    pictured = {page.number for page in paper.pages if page.is_picture}
    layers[0] = [p for p in layers[0] if p.page not in pictured]
    told = [_layer(layer) for layer in layers if layer]
    if not told:
        return _Court(None, False, "unknown", (), (), "unknown")
    best = max(told, key=lambda c: (c.kind is not None, len(c.why)))
    both = {p.page for p in layers[0]} & {p.page for p in layers[1]}
    missing = list(best.missing)
    kind = best.kind
    if kind is not None and both and any(c.kind != kind for c in told):
        kind = None
        missing.append(
            Reason(
                best.kind or "unknown", "against", "the text of the file and what its pages show do not say the same"
            )
        )
    for reason in _unread(paper, pages):
        missing.append(reason)
        kind = None
    if paper.file_type == "email" and kind is not None:
        missing.append(Reason(kind, "against", "these are the words of an e-mail, and no paper"))
        kind = None
    signed = "unknown" if kind is None else _signed_by_court(best, paper, pages)
    if kind in ("judicial_warrant", "court_order") and signed == "no":
        missing.append(Reason(kind, "against", "the line for the judge's signature is empty"))
        kind = None
    return _Court(kind, best.whole, best.issuer, best.why, tuple(missing), signed)


def _unread(paper: Paper, pages: list[Words]) -> Iterator[Reason]:
    """What was not read might say that an officer signed it."""
    for page in paper.pages:
        if page.is_picture and page.seen is None:
            yield Reason("unknown", "against", "this page is a picture that was not read", page=page.number)
    for words in pages:
        if words.seen and evidence.legible(words) < LEGIBLE:
            yield Reason("unknown", "against", "too much of this page could not be read", page=words.page)


def _layer(pages: list[Words]) -> _Court:
    """One layer: what is there of each kind of paper of a court, and what the fullest of them lacks."""
    marks = list(evidence.courts_marks(pages))
    of: dict[str, list[Mark]] = {}
    for mark in marks:
        of.setdefault(mark.what, []).append(mark)
    found: list[_Court] = []
    for kind in ("judicial_warrant", "judicial_subpoena", "court_order"):
        mine = [m for m in marks if m.kind == kind]
        if not mine:
            continue
        has = {m.what for m in mine}
        lacks: list[str] = []
        # A judge named above the title is the one before whom the case is; who issues the paper stands below it.
        start = min(((m.page, m.line) for m in mine if m.what == "title"), default=(0, -1))
        signing = [m for m in of.get("signer", ()) if (m.page, m.line) > start]
        signers = {m.kind for m in signing}
        heads = [m for m in of.get("court", ()) if (m.page, m.line) <= start or "title" not in has]
        if "title" not in has:
            lacks.append("no title of such a paper is on a line of its own")
        if kind == "court_order" and "rule" not in has:
            lacks.append("nothing on it is ordered")
        if kind != "court_order" and not has & {"number", "rule"}:
            lacks.append("neither the number of a court's form nor a rule of procedure is on it")
        if not heads:
            lacks.append("no court is named at its head")
        elif kind == "judicial_warrant" and all(m.kind != "federal" for m in heads):
            lacks.append("the court at its head is not a federal one")
        if kind != "judicial_subpoena" and "judge" not in signers:
            by = " (a clerk's is)" if "clerk" in signers else ""
            lacks.append(f"no signature line of a judge or magistrate judge is on it{by}")
        if kind == "judicial_subpoena" and not signers:
            lacks.append("no signature line of a clerk, an attorney or a judge is on it")
        weighed = _strongest(iter([*mine, *heads, *signing]))
        why = tuple(_reason(m, kind, "for") for m in weighed)
        issuer: Issuer = "clerk" if kind == "judicial_subpoena" and "judge" not in signers else "judge"
        found.append(
            _Court(
                kind if not lacks else None,
                "title" in has and bool(of.get("court")),
                issuer,
                why,
                tuple(Reason(kind, "against", words) for words in lacks),
                "unknown",
            )
        )
    if not found:
        court = tuple(_reason(m, "court_order", "for") for m in _strongest(iter(of.get("court", ()))))
        return _Court(None, False, "unknown", court, (), "unknown")
    whole = [c for c in found if c.kind is not None]
    if len(whole) > 1:  # a warrant also orders; the form with a number is what it is
        whole.sort(key=lambda c: -len(c.why))
    return whole[0] if whole else min(found, key=lambda c: (len(c.missing), -len(c.why)))


def _signed_by_court(court: _Court, paper: Paper, pages: list[Words]) -> Signed:
    label = evidence.CLERK_LABEL if court.issuer == "clerk" else evidence.JUDGE_LABEL
    return _signed(paper, pages, label)


def _of_a_court(court: _Court, paper: Paper, pages: list[Words]) -> Told:
    assert court.kind is not None
    notes: list[str] = []
    looked = paper.file_type != "text" and not (paper.file_type == "pdf" and not any(p.seen for p in pages))
    if paper.file_type == "text":
        notes.append("this is typed text, which bears no signature: ask for the paper itself")
    elif not looked:
        notes.append(
            "only the text of the PDF was read, not what its pages show (Tesseract did not read them): look at it"
        )
    if court.signed != "yes":
        notes.append("whether it is signed could not be read: look at the signature line")
    sure = court.signed == "yes" and looked and not any(UNREAD in p.text for p in shown(paper))
    return Told(court.kind, sure, (*court.why, *court.missing), court.signed, court.issuer, tuple(notes))


# --- neither ----------------------------------------------------------------------------------------


def _of_neither(officers: list[Mark], against: list[Reason], court: _Court, paper: Paper, pages: list[Words]) -> Told:
    letters = _strongest(evidence.letters_marks(pages))
    has = {m.what for m in letters}
    mailed = paper.file_type == "email"
    own_number = any(m.what == "number" for m in officers)
    title = any(m.what == "title" for m in officers)
    claims = [r for r in court.why if r.speaks == "for"]
    courtly = court.whole or any(r.kind == "judicial_warrant" for r in claims if "court" not in r.words)
    lettered = "request" in has and (mailed or {"greeting", "closing"} & has) and not (own_number and title)
    if lettered and not court.whole and not _unread_any(paper):
        why = [_reason(m, "letter", "for") for m in letters]
        if mailed:
            why.insert(0, Reason("letter", "for", "it is an e-mail without a form in its own words"))
        for mark in _first_mentions(pages):
            why.append(_reason(mark, "letter", "against"))
        why += [Reason("letter", "against", f"it uses words of a court: {r.words}", r.quote, r.page) for r in claims]
        notes: tuple[str, ...] = ()
        if claimed := _first_claim(pages):
            why.append(claimed)
            notes = (
                "it speaks of a warrant, a judge or a court: a letter is no warrant, and only the paper itself counts",
            )
        sure = not courtly and not own_number and not title
        return Told("letter", sure, tuple(why), _signed(paper, pages, evidence.CLOSING), "unknown", notes)
    why = [*_reasons(officers), *claims, *court.missing, *against]
    if officers and not court.whole:
        why.append(Reason("unknown", "against", "too little of an officer's form was read to say which it is"))
    if not why:
        why = [Reason("unknown", "against", "neither a form, nor a court, nor the words of a letter were found on it")]
    return Told("unknown", False, tuple(why), "unknown", "unknown")


def _unread_any(paper: Paper) -> bool:
    return any(page.is_picture and page.seen is None for page in paper.pages)


def _first_claim(pages: list[Words]) -> Reason | None:
    for page in pages:
        if found := evidence.CLAIM.search(page.running):
            words = quote(page.running, *found.span(), around=20)
            return Reason("letter", "against", "it speaks of a warrant, a judge or a court", words, page.page)
    return None


def _first_mentions(pages: list[Words]) -> list[Mark]:
    return _strongest(evidence.mentions(pages))


# --- reasons ----------------------------------------------------------------------------------------

_WORDS = {
    "number": "the number of the form",
    "title": "the title",
    "statute": "the law that it cites",
    "body": "the text of the form",
    "signer": "the signature line",
    "house": "the department at its head",
    "court": "the court at its head",
    "rule": "the rule that it cites or the words of an order",
    "greeting": "the greeting of a letter",
    "closing": "the close of a letter",
    "request": "a request in its own words",
    "mention": "it names a form, but is not that form",
}


def _reason(mark: Mark, kind: str, speaks: str) -> Reason:
    words = _WORDS[mark.what]
    if mark.what == "signer" and mark.kind in ("judge", "clerk"):
        words = f"the signature line of a {mark.kind}"
    elif mark.what == "signer":
        words = "the signature line of an officer"
    return Reason(kind, "for" if speaks == "for" else "against", words, mark.quote, mark.page or None)


def _reasons(marks: list[Mark]) -> list[Reason]:
    first = next((m.kind for m in marks if m.kind), "unknown")
    return [_reason(m, m.kind or first, "for") for m in marks]


def _first_of_each(found: Iterator[tuple[str, Mark]]) -> list[Reason]:
    kept: dict[str, Reason] = {}
    for why, mark in found:
        kept.setdefault(why, Reason("unknown", "against", f"no paper of a judge: {why}", mark.quote, mark.page or None))
    return list(kept.values())


def _signed(paper: Paper, pages: list[Words], label: re.Pattern[str]) -> Signed:
    """From a signature field, or from what stands by the signature line."""
    if paper.signature != "unknown":
        return paper.signature
    told = evidence.signature(pages, label)
    return "unknown" if told == "no" and paper.marks else told  # what is drawn on it may be a signature by hand
