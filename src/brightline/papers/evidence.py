"""What can be seen on a paper that tells its kind: form numbers, titles, statutes, courts, signature lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from brightline.papers.reading import Signed
from brightline.papers.words import UNREAD, Words, quote, squeezed


@dataclass(frozen=True)
class Mark:
    what: str  # `number`, `title`, `statute`, `signer`, `house`, `court`, `rule`, `request`, `greeting`, `words`
    kind: str  # the kind that it speaks of; "" where it fits several
    quote: str
    page: int
    line: int = -1


# --- officers' forms --------------------------------------------------------------------------------
# A picture gives I as 1, l or |, and the dash as a dot or nothing; in a form's own number line that does no harm.

_I = r"[I1l|!\]]"
_OWN = re.compile(
    rf"(?<![\w-]){_I}\s?[-~_.]\s?(?P<n>247\s?[ADNXG]?|200|205|203|138)\s?\(\s?[^)\n]{{0,12}}\d\s?/\s?\d{{2}}[^)\n]{{0,6}}\)?"
    rf"|^\W*(?:(?:DHS|ICE|U\.?S\.? DHS)\s+)?Form\s+{_I}\s?[-~_.]\s?(?P<m>247\s?[ADNXG]?|200|205|203|138)\W*$",
    re.I | re.M,
)
_MENTIONED = re.compile(r"(?<![\w-])I\s?-?\s?(247\s?[ADNXG]?|200|205|203|138)(?![\w-]|[.,]\d)", re.I)
_KIND_OF = {"247": "i247a", "200": "i200", "205": "i205", "203": "unknown", "138": "i138"}

_TITLES: tuple[tuple[str, str], ...] = (
    ("i247a", r"IMMIGRATION DETAINER"),
    ("i247a", r"REQUEST FOR VOLUNTARY (?:NOTIFICATION|TRANSFER|ACTION)"),
    ("i200", r"WARRANT (?:FOR|OF) ARREST OF (?:AN )?ALIEN"),
    ("i205", r"WARRANT OF (?:REMOVAL|DEPORTATION)"),
    ("i138", r"IMMIGRATION ENFORCEMENT SUBPOENA|ADMINISTRATIVE (?:IMMIGRATION )?SUBPOENA"),
    ("unknown", r"ORDER TO DETAIN OR RELEASE (?:AN )?ALIEN"),
)
_STATUTES: tuple[tuple[str, str], ...] = (
    ("i247a", r"8 C\.?F\.?R\.? ?(?:§|S|\$|Part)? ?287\.7"),
    ("i200", r"sections? 236 and 287 of the Immigration and Nationality Act"),
    ("i200", r"8 C\.?F\.?R\.? ?(?:§|S|\$)? ?(?:236\.1|287\.5)"),
    ("i205", r"8 C\.?F\.?R\.? ?(?:§|S|\$)? ?241\.[23]"),
    ("i205", r"subject to removal ?/ ?deportation from the United States"),
    ("i138", r"8 U\.?S\.?C\.? ?(?:§|S|\$)? ?1225 ?\(d\)|8 C\.?F\.?R\.? ?(?:§|S|\$)? ?287\.4|section 235 ?\(d\)"),
)
_BODIES: tuple[tuple[str, str], ...] = (
    ("i247a", r"maintain custody of the alien|before the alien is released from your custody"),
    ("i247a", r"DHS HAS DETERMINED THAT PROBABLE CAUSE EXISTS|reason to believe the individual is an alien"),
    ("i200", r"serve warrants of arrest for immigration violations"),
    ("i205", r"take into custody and remove from the United States the above-named alien"),
    (
        "i138",
        r"failure to comply with this subpoena may subject you to an order of contempt by a federal District Court",
    ),
)
_OFFICER_SIGNS = re.compile(
    r"\b(?:signature|name and title|printed name|title) of (?:the )?(?:authorized )?immigration (?:officer|official)"
    r"|\(?signature of issuing (?:official|officer)\)?|\bissuing official\b",
    re.I,
)
_HOUSE = re.compile(
    r"department of homeland security|immigration and customs enforcement|customs and border protection"
    r"|enforcement and removal operations|homeland security investigations",
    re.I,
)

# Words that a paper of a judge has no use for. One of them anywhere, however it is spaced, and no paper is called a
# judge's. This costs some real papers of a judge, which are then `unknown`; the other mistake would cost a person.
_NO_JUDGE: tuple[tuple[str, str], ...] = (
    ("immigrationofficer", "it speaks of an immigration officer"),
    ("immigrationofficial", "it speaks of an immigration official"),
    ("deportationofficer", "it speaks of a deportation officer"),
    ("warrantofremoval", "it holds the title of Form I-205"),
    ("warrantofdeportation", "it holds the title of Form I-205"),
    ("arrestofalien", "it holds the title of Form I-200"),
    ("immigrationdetainer", "it holds the title of Form I-247"),
    ("immigrationenforcementsubpoena", "it holds the title of Form I-138"),
    ("administrativesubpoena", "it calls itself an administrative subpoena"),
    ("administrativewarrant", "it calls itself an administrative warrant"),
    ("detainorreleasealien", "it holds the title of Form I-203"),
    ("immigrationjudge", "it speaks of an immigration judge, who is an officer and no judge here"),
    ("immigrationcourt", "it speaks of an immigration court, which is no court here"),
    ("boardofimmigrationappeals", "it speaks of the Board of Immigration Appeals"),
    ("executiveofficeforimmigrationreview", "it speaks of the immigration courts' office"),
    ("warrantsofarrestforimmigrationviolations", "it holds the text of Form I-200"),
    ("immigrationviolation", "it speaks of immigration violations"),
    ("removablefromtheunitedstates", "it holds the text of Form I-200"),
    ("removablealien", "it holds the text of Form I-247"),
    ("removaldeportation", "it holds the text of Form I-205"),
    ("abovenamedalien", "it holds the text of an immigration form"),
    ("sections236and287", "it cites the law for immigration officers' warrants"),
    ("8cfr", "it cites title 8 of the Code of Federal Regulations, the rules for immigration officers"),
    ("title8codeoffederalregulations", "it cites the rules for immigration officers"),
    ("8usc1225", "it cites the law for immigration officers' subpoenas"),
    ("8usc1226", "it cites the law for immigration officers' warrants"),
    ("8usc1231", "it cites the law for immigration officers' warrants"),
    ("8usc1357", "it cites the law for immigration officers' powers"),
    ("dhsform", "it bears the number of a form of the Department of Homeland Security"),
)


def officers_marks(pages: Iterable[Words]) -> Iterator[Mark]:
    """What speaks for an officer's form."""
    for page in pages:
        for found in _OWN.finditer(page.text):
            number = (found["n"] or found["m"]).replace(" ", "").upper()
            yield Mark("number", _KIND_OF[number[:3]], quote(page.text, *found.span()), page.page)
        for at, line in enumerate(page.lines):
            for kind, title in _TITLES:
                if (titled := re.search(title, line)) and _is_title(line):
                    yield Mark("title", kind, quote(line, *titled.span()), page.page, at)
            if signs := _OFFICER_SIGNS.search(line):
                yield Mark("signer", "", quote(line, *signs.span()), page.page, at)
        for what, patterns in (("statute", _STATUTES), ("body", _BODIES)):
            for kind, pattern in patterns:
                if said := re.search(pattern, page.running, re.I):
                    yield Mark(what, kind, quote(page.running, *said.span()), page.page)
        if house := _HOUSE.search(page.running):
            yield Mark("house", "", quote(page.running, *house.span()), page.page)


def edition(pages: Iterable[Words]) -> tuple[str, int] | None:
    """The number of the detainer form, such as `I-247D`, with its page."""
    for page in pages:
        for found in _OWN.finditer(page.text):
            number = (found["n"] or found["m"]).replace(" ", "").upper()
            if number.startswith("247"):
                return f"I-{number}", page.page
    return None


def mentions(pages: Iterable[Words]) -> Iterator[Mark]:
    """Form numbers anywhere, a sentence of a letter included."""
    for page in pages:
        for found in _MENTIONED.finditer(page.text):
            yield Mark("mention", _KIND_OF[found[1][:3]], quote(page.text, *found.span(), around=15), page.page)


def no_judge(pages: Iterable[Words]) -> Iterator[tuple[str, Mark]]:
    """Each thing on the pages that keeps them from being a judge's paper, as a sentence with its mark."""
    for page in pages:
        thin, where = squeezed(page.text)
        for phrase, why in _NO_JUDGE:
            if (at := thin.find(phrase)) >= 0:
                seen = quote(page.text, where[at], where[at + len(phrase) - 1] + 1)
                yield why, Mark("words", "", seen, page.page)
        for mark in mentions([page]):
            yield "it names a form of the Department of Homeland Security", mark
        for found in _OWN.finditer(page.text):
            yield (
                "it bears the number of an immigration form",
                Mark("words", "", quote(page.text, *found.span()), page.page),
            )


# --- papers of a court ------------------------------------------------------------------------------

_FEDERAL_COURT = re.compile(r"^\W*(?:in the )?united states district court\b.{0,60}$", re.I)
_STATE_COURT = re.compile(
    r"^\W*(?:in the )?(?:supreme|superior|circuit|district|county|criminal|family|municipal) court (?:of|for) .{3,60}$",
    re.I,
)
_JUDGE_TITLE = re.compile(
    r"\b(?:(?:chief |senior )?(?:united states|u\.? ?s\.?) (?:magistrate|district) judge|(?:magistrate|district) judge"
    r"|judge of the [a-z ]{3,40}court|justice of the supreme court)\b",
    re.I,
)
_JUDGE_LABEL = re.compile(r"\bjudge'?s signature|issuing officer'?s signature|signature of (?:the )?judge", re.I)
_CLERK_LABEL = re.compile(
    r"signature of clerk or deputy clerk|\b(?:deputy )?clerk of (?:the )?court\b|attorney'?s signature", re.I
)
_SLASH_S = re.compile(r"(?<!\w)/?s/ ?[A-Z]|\bdigitally signed by\b|\belectronically signed by\b", re.I)

_COURT_NUMBERS: tuple[tuple[str, str], ...] = (
    ("judicial_warrant", r"\bA[O0] ?(?:442|93 ?[AC]?)\b"),
    ("judicial_subpoena", r"\bA[O0] ?(?:88 ?[AB]?|89 ?[AB]?|110)\b"),
)
_COURT_TITLES: tuple[tuple[str, str], ...] = (
    ("judicial_warrant", r"^\W*ARREST WARRANT\W*$|^\W*SEARCH (?:AND SEIZURE )?WARRANT\W*$"),
    ("judicial_warrant", r"^\W*WARRANT BY TELEPHONE OR OTHER RELIABLE ELECTRONIC MEANS\W*$"),
    ("judicial_subpoena", r"^\W*SUBPOENA TO (?:TESTIFY|PRODUCE|APPEAR)\b[^a-z]{0,120}$"),
    ("court_order", r"^\W*(?:[A-Z][A-Z' ]{2,40} )?ORDER(?: (?:TO|FOR|OF|GRANTING|DIRECTING)\b[A-Z' ,-]{0,80})?\W*$"),
)
_RULES: tuple[tuple[str, str], ...] = (
    ("judicial_warrant", r"Fed\. ?R\. ?Crim\. ?P\. ?(?:4(?:\.1)?|9|41)(?!\d)"),
    ("judicial_subpoena", r"Fed\. ?R\. ?Crim\. ?P\. ?17|Fed\. ?R\. ?Civ\. ?P\. ?45"),
    ("court_order", r"\b(?:(?i:it is (?:hereby |therefore |further )?ordered)|HEREBY ORDERED|SO ORDERED)\b"),
)
_COMMANDS: tuple[tuple[str, str], ...] = (
    ("judicial_warrant", r"to: ?any authorized law enforcement officer"),
    ("judicial_warrant", r"YOU ARE (?:HEREBY )?COMMANDED to (?:arrest and bring before|execute)"),
    ("judicial_subpoena", r"YOU ARE COMMANDED to (?:appear|produce)"),
)


def courts_marks(pages: Iterable[Words]) -> Iterator[Mark]:
    """What speaks for a paper of a court."""
    for page in pages:
        lines = page.lines
        for at, line in enumerate(lines):
            if _FEDERAL_COURT.match(line):
                yield Mark("court", "federal", quote(line, 0, 80), page.page, at)
            elif _STATE_COURT.match(line) and line.upper() == line:
                yield Mark("court", "state", quote(line, 0, 80), page.page, at)
            for kind, title in _COURT_TITLES:
                if re.search(title, line):
                    yield Mark("title", kind, quote(line, 0, 80), page.page, at)
            if (found := _JUDGE_TITLE.search(line)) and _by_a_signature(lines, at):
                yield Mark("signer", "judge", quote(line, 0, 80), page.page, at)
            if found := _CLERK_LABEL.search(line):
                yield Mark("signer", "clerk", quote(line, *found.span()), page.page, at)
        for what, patterns in (("number", _COURT_NUMBERS), ("rule", _RULES), ("body", _COMMANDS)):
            for kind, pattern in patterns:
                if found := re.search(pattern, page.running, re.I if what != "rule" or kind != "court_order" else 0):
                    yield Mark(what, kind, quote(page.running, *found.span()), page.page)


def _by_a_signature(lines: list[str], at: int) -> bool:
    """A short line with a judge's title, if it holds nothing else, or a line for a signature is right by it."""
    if len(lines[at].split()) > 14 or "immigration" in lines[at].lower():
        return False
    if _JUDGE_TITLE.fullmatch(re.sub(r"^\W*hon\. [^,]{3,40}, ", "", lines[at].strip(" ."), flags=re.I)):
        return True
    near = lines[max(0, at - 4) : at + 3]
    return any(
        _JUDGE_LABEL.search(line) or _SLASH_S.search(line) or "____" in line or re.fullmatch(r"SO ORDERED\W*", line)
        for line in near
    )


def signature(pages: Iterable[Words], label: re.Pattern[str]) -> Signed:
    """What stands by the signature lines that the label names: `yes` if one bears a name, `no` if one is seen empty."""
    told: set[Signed] = set()
    for page in pages:
        lines = page.lines
        for at, line in enumerate(lines):
            if label.search(line) and len(line.split()) <= 14:
                told.add(_signed(lines, at, page.seen))
    return "yes" if "yes" in told else "no" if "no" in told else "unknown"


def _signed(lines: list[str], at: int, seen: bool) -> Signed:
    if any(_SLASH_S.search(line) for line in lines[max(0, at - 3) : at + 2]):
        return "yes"
    if seen:
        return "unknown"  # ink cannot be told from its absence
    above = [line for line in lines[max(0, at - 4) : at] if line][-2:]  # a printed name may stand between
    empty = "____" in lines[at] or any(re.fullmatch(r"[\W_]*_{5,}[\W_]*(?:date\W*)?", line, re.I) for line in above)
    return "no" if empty else "unknown"


OFFICER_LABEL = _OFFICER_SIGNS
JUDGE_LABEL = re.compile(f"{_JUDGE_LABEL.pattern}|{_JUDGE_TITLE.pattern}", re.I)
CLERK_LABEL = _CLERK_LABEL

JUDGE_NAMED = re.compile(
    r"\b(?:(?:immigration|magistrate|district) )?judge\b|\bdistrict (?:or magistrate )?court\b", re.I
)

# --- letters ----------------------------------------------------------------------------------------

_GREETING = re.compile(r"^\W*(?:dear|hello|hi|good (?:morning|afternoon)|to whom it may concern)\b", re.I)
CLOSING = re.compile(r"^\W*(?:sincerely|respectfully|regards|best regards|thank you|kind regards|thanks)\b", re.I)
_REQUEST = re.compile(
    r"\b(?:request(?:s|ing|ed)?|please (?:provide|send|notify|advise|hold|see|honor|find|confirm|release|call|contact|let)"
    r"|asks? (?:that|you|for)|would like|attached|we need|i need)\b",
    re.I,
)

CLAIM = re.compile(r"\b(?:warrant|judge|magistrate|court order|subpoena)s?\b", re.I)


def letters_marks(pages: Iterable[Words]) -> Iterator[Mark]:
    """What speaks for a letter."""
    for page in pages:
        for at, line in enumerate(page.lines):
            for what, pattern in (("greeting", _GREETING), ("closing", CLOSING)):
                if found := pattern.match(line):
                    yield Mark(what, "letter", quote(line, *found.span()), page.page, at)
        if found := _REQUEST.search(page.running):
            yield Mark("request", "letter", quote(page.running, *found.span(), around=20), page.page)


def _is_title(line: str) -> bool:
    """Mostly capitals, and not longer than a title."""
    letters = [c for c in line if c.isalpha()]
    return bool(letters) and len(line.split()) <= 14 and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def legible(page: Words) -> float:
    """The share of the words of a picture that Tesseract was sure of."""
    words = page.text.split()
    return sum(UNREAD not in w for w in words) / len(words) if words else 0.0
