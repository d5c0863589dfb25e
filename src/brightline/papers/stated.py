"""What a paper states: names, numbers, dates, what is asked. What was not read with certainty is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from brightline.papers.evidence import edition
from brightline.papers.paper import Field, Paper
from brightline.papers.reading import Stated
from brightline.papers.words import UNREAD, Words, plain

_MOST_VALUE = 120
_MOST_OF_ONE = 4  # values of one field
_DATE = r"(?:\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]+ \d{1,2}, \d{4})"
_A_NUMBER = r"A[-# ]{0,2}\d{3}[- ]?\d{3}[- ]?\d{2,3}"
_NAME = r"[A-Z][A-Za-z'.-]*(?:,? [A-Z][A-Za-z'.-]*){1,5}"

# Labels with the value after them on the line. A value ends where the next label begins.
_AFTER: tuple[tuple[str, str, str], ...] = (
    (
        "subject_name",
        r"(?:name of (?:the )?(?:alien|subject|person)|subject name|\(?name of person to be arrested\)?)",
        _NAME,
    ),
    ("subject_name", r"^\W*(?:\d+\. )?(?:defendant|subject|regarding|re|in reference to|in re):", _NAME),
    ("subject_name", r"united states of america v\.?", _NAME),
    ("date_of_birth", r"(?:date of birth|d\.?o\.?b\.?|born(?: on)?)", _DATE),
    (
        "a_number",
        r"(?:file (?:no|number)|a-?number|alien (?:no|number)|a#)",
        r"(?:A[-# ]{0,2})?\d{3}[- ]?\d{3}[- ]?\d{2,3}",
    ),
    ("case_number", r"(?:case|docket|index|cause|grand jury) (?:no|number)", r"[A-Z0-9][\w:./-]*\d[\w:./-]*"),
    ("subpoena_number", r"subpoena (?:no|number)", r"[A-Z0-9][\w./-]*\d[\w./-]*"),
    ("event_number", r"event (?:#|no|number)", r"[A-Z0-9][\w./-]*\d[\w./-]*"),
    ("subject_id", r"subject id", r"[A-Z0-9][\w./-]*\d[\w./-]*"),
    ("issued_on", r"\bdate(?: (?:issued|of issue|and time issued))?|\bdated", _DATE),
    ("phone", r"(?:telephone|phone|call|contact|at|tel)(?: (?:no|number))?", r"\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}"),
    ("requester_officer", r"^\W*(?:issuing officer|officer|agent|special agent):", _NAME),
    (
        "requester_office",
        r"^\W*(?:office|field office|from):",
        r"[A-Z][^:\n]*\b(?:Field Office|Sub-Office|Office)\b[^:\n]{0,40}",
    ),
)
# Captions in brackets under the line that they name, as immigration forms have them.
_BELOW: tuple[tuple[str, str], ...] = (
    ("subject_name", r"\((?:full )?name of (?:the )?(?:alien|person|subject)\)"),
    (
        "requester_officer",
        r"\((?:printed )?name and title of (?:the )?(?:authorized )?(?:immigration|issuing) (?:officer|official)\)",
    ),
)
_ANYWHERE: tuple[tuple[str, str], ...] = (
    ("subject_name", rf"(?<=probable cause to believe that ){_NAME}(?= is removable)"),
    ("a_number", rf"(?<![\w-]){_A_NUMBER}(?![\w-])"),
    ("case_number", r"(?<![\w:])\d:\d{2}-(?:mj|cr|mc|cv|gj)-\d{3,6}(?:-[A-Z]{2,4})?(?![\w-])"),
    ("email", r"(?<![\w.])[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,30}){1,4}(?!\w)"),
    ("phone", r"(?<![\d-])\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?![\d-])"),
)
_AGENCIES: tuple[str, ...] = (
    "U.S. Immigration and Customs Enforcement",
    "Immigration and Customs Enforcement",
    "U.S. Customs and Border Protection",
    "Customs and Border Protection",
    "Homeland Security Investigations",
    "Federal Bureau of Investigation",
    "Drug Enforcement Administration",
    "United States Marshals Service",
    "Department of Homeland Security",
)
_OFFICE = re.compile(r"\b[A-Z][\w .'-]{2,40}(?:Field Office|Sub-Office)\b|\b(?:Enforcement and Removal Operations)\b")
_FEDERAL_COURT = re.compile(r"^\W*united states district court\b", re.I)
_DISTRICT = re.compile(
    r"\b(?:(?:northern|southern|eastern|western|central|middle) )?district of [A-Z][A-Za-z ]{2,30}", re.I
)
_JUDGE = re.compile(
    rf"(?:Hon\.? )?(?P<name>{_NAME})?,? ?(?P<title>(?:Chief |Senior )?United States (?:Magistrate|District) Judge"
    r"|Judge of the [A-Z][A-Za-z ]+ Court|Justice of the Supreme Court)"
)
_BASES: tuple[tuple[str, str], ...] = (
    ("final order of removal", r"final order of removal"),
    ("removal proceedings pending", r"pendency of ongoing removal proceedings"),
    ("charging document", r"execution of a charging document"),
    ("failure to establish admissibility", r"failure to establish admissibility"),
    ("biometric match and records", r"biometric confirmation"),
    ("statements or other evidence", r"statements made (?:voluntarily )?by the (?:alien|subject)"),
    ("transferred for a proceeding", r"transferred the alien to your custody"),
)
_ASKS: tuple[tuple[str, str], ...] = (
    (
        "hold",
        r"maintain custody of the (?:alien|subject|individual)|\bhold (?:the |this |him|her|them)|\bdetain (?:the|this|him|her)",
    ),
    ("notify", r"notify (?:dhs|this office|ice|us)|advance notice|tell us (?:when|before)|notice of (?:the )?release"),
    (
        "information",
        r"(?:provide|send|furnish|give) (?:us |this office )?(?:with )?(?:the |all |any |a )?(?:copy|copies|records?|information"
        r"|home address|address|booking|release date|criminal history)",
    ),
    ("arrest", r"you are (?:hereby )?commanded to arrest"),
    ("remove", r"take into custody and remove from the united states"),
    ("search", r"you are (?:hereby )?commanded to execute this warrant"),
)
_TICK = re.compile(r"(?P<box>\[ ?[xX✓] ?\]|☒|\(X\)|\[ ?_? ?\]|☐)\s*(?P<words>[^\[\n☒☐]{3,200})")


def stated(paper: Paper, pages: Sequence[Words], kind: str) -> tuple[Stated, ...]:
    """Everything that the paper states, each value once, form fields first, in the order of the paper."""
    found: dict[tuple[str, str], Stated] = {}
    counted: dict[str, int] = {}
    for one in (*_of_fields(paper.fields), *_of_pages(pages, kind)):
        value = " ".join(one.value.split()).strip(" .,;:_-")[:_MOST_VALUE]
        key = (one.field, value.casefold())
        if (
            not value
            or UNREAD in value
            or "__" in value
            or key in found
            or counted.get(one.field, 0) >= _most(one.field)
        ):
            continue
        counted[one.field] = counted.get(one.field, 0) + 1
        found[key] = Stated(one.field, value, one.page, one.where)
    return tuple(found.values())


def _most(field: str) -> int:
    return {"asked": 9, "probable_cause": 9, "box": 20}.get(field, _MOST_OF_ONE)


# --- form fields ------------------------------------------------------------------------------------

_FIELD_NAMES: tuple[tuple[str, str], ...] = (
    ("date_of_birth", r"birth|\bdob\b"),
    ("a_number", r"\ba[- ]?number|file (?:no|number)|alien (?:no|number)"),
    ("subject_id", r"subject id"),
    ("event_number", r"event"),
    ("subpoena_number", r"subpoena (?:no|number)"),
    ("case_number", r"(?:case|docket) (?:no|number)"),
    ("phone", r"phone|telephone"),
    ("email", r"e-?mail"),
    ("requester_officer", r"(?:name|title).*(?:officer|official)|officer.*name"),
    ("requester_office", r"\boffice\b"),
    ("judge_title", r"judge'?s? title"),
    ("judge", r"\bjudge\b"),
    ("court", r"\bcourt\b"),
    ("subject_name", r"name of (?:the )?(?:alien|subject|person|defendant)|subject name|\balien name|defendant"),
    ("issued_on", r"^date\b|date (?:issued|of issue|signed)"),
)


def _of_fields(fields: Sequence[Field]) -> Iterator[Stated]:
    for field in fields:
        where = "e-mail header" if field.name.startswith("mail_") else f"form field `{field.name[:80]}`"
        if field.name.startswith("mail_"):
            yield Stated(field.name, field.value, None, where)
            continue
        label = re.sub(r"[_.\[\]0-9]+", " ", plain(field.name))
        label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label).strip()
        if field.ticked is not None:
            if field.ticked:
                for name, value in _ticked(label):
                    yield Stated(name, value, None, where)
            continue
        for name, pattern in _FIELD_NAMES:
            if re.search(pattern, label, re.I):
                yield Stated(name, plain(field.value), None, where)
                break


def _ticked(words: str) -> Iterator[tuple[str, str]]:
    known = False
    for value, pattern in _BASES:
        if re.search(pattern, words, re.I):
            known = True
            yield "probable_cause", value
    for value, pattern in _ASKS:
        if re.search(pattern, words, re.I):
            known = True
            yield "asked", value
    if re.match(r"\W*(?:\([A-Z]\) )?appear\b", words, re.I):
        known = True
        yield "asked", "appear"
    if re.match(r"\W*(?:\([A-Z]\) )?produce\b", words, re.I):
        known = True
        yield "asked", "produce"
    if not known:
        yield "box", words


# --- text -------------------------------------------------------------------------------------------


def _of_pages(pages: Sequence[Words], kind: str) -> Iterator[Stated]:
    if kind == "i247a" and (form := edition(pages)):
        seen = any(p.seen for p in pages if p.page == form[1])
        yield Stated("edition", form[0], form[1], "picture" if seen else "text")
    for page in pages:
        where = "picture" if page.seen else "text"
        for name, value in _of_page(page, kind):
            yield Stated(name, value, page.page, where)


def _of_page(page: Words, kind: str) -> Iterator[tuple[str, str]]:
    lines = page.lines
    for at, line in enumerate(lines):
        for field, label, value in _AFTER:
            if found := re.search(rf"(?i:{label})\s*[.:#)]*\s*(?P<v>{value})", line):
                yield field, found["v"]
        for field, caption in _BELOW:
            if re.match(caption, line, re.I) and at and (above := _above(lines, at)):
                yield field, above
    for field, pattern in _ANYWHERE:
        for found in re.finditer(pattern, page.running):
            yield field, found[0]
    yield from _from_running(page, lines, kind)


def _above(lines: list[str], at: int) -> str | None:
    """The words right above a caption, if they are a name."""
    above = next((line for line in reversed(lines[max(0, at - 2) : at]) if line), "").strip(" _")
    return above if re.match(rf"{_NAME}", above) and not re.search(r"[:\[\]☐☒]", above) else None


def _from_running(page: Words, lines: list[str], kind: str) -> Iterator[tuple[str, str]]:
    agency = next((a for a in _AGENCIES if a.lower() in page.running.lower()), None)
    if agency and kind not in ("judicial_warrant", "court_order"):
        yield "requester_agency", agency
    for found in _OFFICE.finditer(page.text):
        yield "requester_office", found[0]
    if kind in ("judicial_warrant", "judicial_subpoena", "court_order"):
        yield from _of_court(page, lines)
    boxed: list[tuple[int, int]] = []
    for found in _TICK.finditer(page.text):
        boxed.append(found.span())
        if found["box"] in ("☒", "(X)") or "x" in found["box"].lower() or "✓" in found["box"]:
            following = page.text[found.start("words") : found.start("words") + 200].split("[")[0]
            for name, value in _ticked(" ".join(following.split())):
                if name != "box":
                    yield name, value
    if kind != "unknown":
        unboxed = " ".join(_without(page.text, boxed).split())
        for value, pattern in _ASKS:
            if re.search(pattern, unboxed, re.I):
                yield "asked", value


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without what stands beside boxes: that is asked only if the box is ticked."""
    out, last = [], 0
    for start, end in spans:
        out.append(text[last:start])
        last = end
    return " ".join((*out, text[last:]))


def _of_court(page: Words, lines: list[str]) -> Iterator[tuple[str, str]]:
    for at, line in enumerate(lines):
        if _FEDERAL_COURT.match(line):
            district = next((d for near in lines[at : at + 5] if (d := _DISTRICT.search(near))), None)
            yield "court", "United States District Court" + (f", {district[0]}" if district else "")
            break
        if re.match(r"^(?:SUPREME|SUPERIOR|CIRCUIT|COUNTY) COURT (?:OF|FOR)\b", line):
            yield "court", line
            break
    for found in _JUDGE.finditer(page.text):
        if found["name"]:
            yield "judge", re.sub(r"^Hon\.? ", "", found["name"])
        yield "judge_title", found["title"]
