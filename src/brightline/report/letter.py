"""The letter that answers a request: its words, as one list of blocks from which the PDF and the docx are both set.

The wording functions (`refusal`, `grant`, `nothing_found`) speak the language that is spoken now, see
`brightline.reason.speech`. What people wrote is carried as data to the last step, so that it is set as text and never
read as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

import typst

from brightline.reason.speech import LANGUAGES, N_, _, day, listed, speaking
from brightline.report.about import ReportError

Decision = Literal["granted", "partly", "refused", "nothing_found"]
DECIDED: dict[Decision, str] = {
    "granted": N_("Our decision: granted"),
    "partly": N_("Our decision: granted in part"),
    "refused": N_("Our decision: refused"),
    "nothing_found": N_("Our answer"),
}
DAMAGED = "the letter could not be set: the logo is damaged; save it as PNG and load it again"
LOGO_BYTES = 1_000_000
LOGO_SIDE = 4_000  # pixels; a small file can unpack to gigabytes, and its head says so before anything is unpacked

# Words by which a letter could tell that something is there: N.Y. Crim. Proc. Law §§ 160.50 to 160.59 and Family Court
# Act § 375.1 are the sealing sections.
_TELLTALE = re.compile(r"\b(?:(?:un)?sealed|sealing|expung\w*|sellad[oa]s?|160\.5\d|375\.1)\b", re.IGNORECASE)
# What XML cannot carry and no font can show, and the marks that turn a line of text around.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The agency that writes. `logo` is a PNG of at most 1 MB and 4,000 pixels a side; ReportError for another."""

    agency: str
    address: tuple[str, ...]
    phone: str = ""
    email: str = ""
    logo: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.agency.strip():
            raise ReportError("the letterhead has no name of an agency; write it in the agency's settings")
        if self.logo is not None:
            logo_size(self.logo)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who asked."""

    name: str
    office: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One answer to one request. ReportError where it contradicts itself.

    `clauses` are pairs of citation and verbatim text. `released` has only what is granted, in the order in which it is
    to be read; a value of None is said to be not recorded. A letter that finds nothing is held to `nothing_found`:
    see there.
    """

    letterhead: Letterhead
    dated: date
    number: str
    to: Recipient
    their_reference: str | None
    received: date
    subject: str
    decision: Decision
    paragraphs: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]
    released: Mapping[str, str | None]
    signed: Signer
    second: Signer | None = None
    language: str = "en"

    def __post_init__(self) -> None:
        # A copy, so that nobody adds a field to a letter that was checked.
        object.__setattr__(self, "released", MappingProxyType(dict(self.released)))
        if self.language not in LANGUAGES:
            raise ReportError(f"no letter can be written in `{self.language}`; there are {', '.join(LANGUAGES)}")
        if self.decision not in get_args(Decision):
            raise ReportError(f"`{self.decision}` is no decision; there are {', '.join(get_args(Decision))}")
        for what, text in (("number", self.number), ("subject", self.subject), ("name of a signer", self.signed.name)):
            if not text.strip():
                raise ReportError(f"the letter has no {what}; write it before the letter is made")
        if not any(p.strip() for p in self.paragraphs):
            raise ReportError("the letter says nothing about the decision; give it at least one paragraph")
        if self.dated < self.received:
            raise ReportError(f"the letter is dated {self.dated}, before the request was received on {self.received}")
        for label, value in self.released.items():
            if not label.strip() or (value is not None and not value.strip()):
                raise ReportError(f"`{label}` is to be released and is empty; leave it out, or say that it is unknown")
        if self.decision in ("refused", "nothing_found") and self.released:
            raise ReportError("a letter that grants nothing must release nothing; take out the released fields")
        if self.decision == "nothing_found":
            _finds_nothing(self)


def _finds_nothing(letter: Letter) -> None:
    """The one shape of a letter that finds nothing: whatever could differ with the record's state is refused."""
    with speaking(letter.language):
        if letter.paragraphs != nothing_found():
            raise ReportError("a letter that finds nothing has one wording, that of `nothing_found`; use it unchanged")
    if letter.clauses:
        raise ReportError("a letter that finds nothing must quote no clause: a clause would tell why nothing was found")
    if letter.second is not None:
        raise ReportError(
            "a letter that finds nothing has one signer: a second would tell that there was more to decide"
        )
    for text in _all_text(letter):
        if found := _TELLTALE.search(text):
            raise ReportError(f"a letter that finds nothing must not say “{found.group()}”; write it in other words")


def _all_text(letter: Letter) -> list[str]:
    head, to = letter.letterhead, letter.to
    lines = [head.agency, *head.address, head.phone, head.email, letter.number, to.name, to.office, *to.address]
    return [*lines, letter.their_reference or "", letter.subject, letter.signed.name, letter.signed.title]


# --- the wording


def refusal(cites: Sequence[str] = (), missing: Sequence[str] = ()) -> tuple[str, ...]:
    """The paragraphs of a refusal. `cites`: the clauses that bar it, or under whose conditions alone it may be done.

    `missing`: what the requester's papers do not show and a clause asks for ("a warrant signed by a judge"). With
    neither, the agency refuses because nothing requires it to do otherwise.
    """
    said = [_("We refuse your request.")]
    if cites and missing:
        conditions = _("The law lets us do what you ask only under conditions: {cites}. The text is quoted below.")
        said.append(conditions.format(cites=listed(cites)))
    elif cites:
        barred = _("The law does not let us do what you ask: {cites}. The text is quoted below.")
        said.append(barred.format(cites=listed(cites)))
    if missing:
        said.append(_("Your papers do not show this: {missing}.").format(missing=listed(missing)))
    if not cites and not missing:
        said.append(_("No law that we know of requires us to do what you ask, and we have decided not to do it."))
    said.append(
        _(
            "If you hold a paper that may change this, such as a warrant signed by a judge, send it to us and give our "
            "number. We will then decide again."
        )
    )
    return tuple(said)


def grant(
    *,
    partly: bool = False,
    releases: bool = True,
    purpose: str = "",
    cites: Sequence[str] = (),
    follow_up: date | None = None,
) -> tuple[str, ...]:
    """The paragraphs of a grant, whole or in part. `releases`: whether fields are listed in the letter.

    `purpose` is what the requester stated. `follow_up` is the day from which the agency will ask what came of it.
    """
    said = [_("We grant your request in part.") if partly else _("We grant your request.")]
    said.append(
        _("We release only what is listed below.") if releases else _("We release no information with this letter.")
    )
    if partly:
        said.append(_("We refuse the rest."))
    opening = " ".join(said)
    rest = []
    if purpose:
        alone = _("You stated this purpose: {purpose}. We grant the request for this purpose alone.")
        rest.append(alone.format(purpose=purpose.strip().rstrip(".")))
    if cites:
        rest.append(_("We decided under {cites}. The text is quoted below.").format(cites=listed(cites)))
    if follow_up:
        ask = _(
            "From {day} on we will ask you what came of it: a charge, a conviction, civil immigration custody or nothing."
        )
        rest.append(ask.format(day=day(follow_up)))
    return (opening, *rest)


def nothing_found() -> tuple[str, ...]:
    """The paragraph of a letter that finds nothing, the same whether a record is sealed, expunged or was never there.

    It takes no argument, because an argument could differ. `Letter` refuses any other paragraph, every clause, every
    released field and a second signer, so that the record's state has no way into the letter.
    """
    return (_("We hold no record that may be disclosed in answer to this request."),)


# --- the content, the same for both kinds of file


@dataclass(frozen=True, slots=True)
class Head:
    """The letterhead: the agency's name, and small lines under it."""

    agency: str
    lines: tuple[str, ...]
    logo_alt: str  # empty where there is no logo


@dataclass(frozen=True, slots=True)
class Lines:
    """The requester's address, line by line."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class References:
    """Date and numbers: name and value."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the subject, once) or 2."""

    level: Literal[1, 2]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Law, verbatim: in the language in which it was enacted, English, whatever the letter's own is."""

    cite: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """What is released: a table with a head."""

    head: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    signers: tuple[tuple[str, str], ...]  # name and title


Block = Head | Lines | References | Heading | Paragraph | Clause | Fields | Signatures


@dataclass(frozen=True, slots=True)
class Told:
    """All words of a letter, clean, in reading order. `page` has `{page}` and `{pages}` for the two numbers."""

    title: str
    author: str
    number: str
    page: str
    language: str
    blocks: tuple[Block, ...]


def told(letter: Letter) -> Told:
    """The letter's words in its own language."""
    with speaking(letter.language):
        return Told(
            title=_clean(letter.subject).replace("\n", " "),
            author=_clean(letter.letterhead.agency),
            number=_clean(letter.number),
            page=_("Page {page} of {pages}"),
            language=letter.language,
            blocks=_blocks(letter),
        )


def _blocks(letter: Letter) -> tuple[Block, ...]:
    head, to = letter.letterhead, letter.to
    reached = " · ".join(t for t in (head.phone.strip(), head.email.strip()) if t)
    alt = _("Emblem of {agency}").format(agency=head.agency) if head.logo else ""
    blocks: list[Block] = [
        Head(_clean(head.agency), _all_clean((*head.address, reached)), _clean(alt)),
        Lines(_all_clean((to.name, to.office, *to.address))),
        References(
            (
                (_("Date"), day(letter.dated)),
                (_("Our number"), _clean(letter.number)),
                (_("Your reference"), _clean(letter.their_reference or _("not given"))),
                (_("Request received on"), day(letter.received)),
            )
        ),
        Heading(1, _clean(letter.subject).replace("\n", " ")),
        Heading(2, _(DECIDED[letter.decision])),
        *(Paragraph(p) for p in _all_clean(letter.paragraphs)),
    ]
    if letter.released:
        rows = tuple((_clean(k), _("not recorded") if v is None else _clean(v)) for k, v in letter.released.items())
        blocks += [Heading(2, _("What we release")), Fields((_("Field"), _("Released")), rows)]
    if letter.clauses:
        blocks.append(Heading(2, _("The law")))
        blocks += [Clause(_clean(cite), _all_clean(re.split(r"\n\s*\n", text))) for cite, text in letter.clauses]
    signers = (letter.signed, letter.second) if letter.second else (letter.signed,)
    blocks.append(Signatures(tuple((_clean(s.name), _clean(s.title)) for s in signers)))
    return tuple(blocks)


def _clean(text: str) -> str:
    """Text that a file can carry: what cannot be printed becomes a visible mark, and a section sign keeps its number."""
    even = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNPRINTABLE.sub("\ufffd", even.replace("\t", " ")).replace("§ ", "§\u00a0").strip()


def _all_clean(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(c for t in texts if (c := _clean(t)))


def logo_size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, from its IHDR (RFC 2083 § 4.1.1). ReportError where it is none or too big."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR" or len(png) < 24:
        raise ReportError("the logo is no PNG picture; save it as PNG and load it again")
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    if len(png) > LOGO_BYTES or not (0 < width <= LOGO_SIDE and 0 < height <= LOGO_SIDE):
        raise ReportError(
            f"the logo has {len(png):,} bytes and {width:,} by {height:,} pixels; "
            f"at most {LOGO_BYTES:,} bytes and {LOGO_SIDE:,} pixels a side are taken, so make it smaller"
        )
    return width, height


def logo_inches(png: bytes) -> tuple[float, float]:
    """Width and height at which the logo is set: as large as 1.7 by 0.85 inches take it, undistorted."""
    width, height = logo_size(png)
    high = min(0.85, 1.7 * height / width)
    return high * width / height, high


# --- the PDF


def letter_pdf(letter: Letter) -> bytes:
    """The letter as tagged PDF (PDF/UA-1), dated by the letter: the same letter gives the same bytes.

    Set with the fonts that Typst brings, and with the machine's only where those lack a sign that the letter needs.
    Raises ReportError where no font has it: a name with a hole in it must not go out.
    """
    content = told(letter)
    plain = asdict(content)
    plain["blocks"] = [{"kind": type(b).__name__.lower(), **asdict(b)} for b in content.blocks]
    logo = letter.letterhead.logo
    plain["logo"] = list(logo or b"")
    plain["logo_inches"] = logo_inches(logo) if logo else None
    template = (files("brightline.report") / "letter.typ").read_bytes()
    made = datetime.combine(letter.dated, time(12), UTC)
    lacking = ""
    for own_fonts in (True, False):
        try:
            # Bytes in, bytes out: what is in a letter is never written to a folder on the way.
            return bytes(
                typst.compile(
                    template,
                    sys_inputs={"told": json.dumps(plain)},
                    ignore_system_fonts=own_fonts,
                    pdf_standards=["ua-1"],
                    timestamp=made,
                )
            )
        except RuntimeError as error:
            sign = re.search(r'the text `"(.+?)"` could not be displayed', str(error))
            if sign is None:
                raise ReportError(_unset(str(error))) from None
            lacking = sign.group(1)
    raise ReportError(
        f"the PDF could not be set: no font on this machine has “{lacking}”; "
        "install a font that has it, such as Noto, or send the letter as docx"
    )


def _unset(error: str) -> str:
    """Typst's own message may quote the letter, which has no place in an error."""
    if "image" in error.lower():
        return DAMAGED
    return "the PDF could not be set; the letter can be made as docx"
