"""What was read from one paper: its kind, the reasons, and what it states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from brightline.papers.errors import PaperError
from brightline.papers.kinds import JUDICIAL, KindName

Signed = Literal["yes", "no", "unknown"]
Issuer = Literal["judge", "officer", "clerk", "unknown"]
FileType = Literal["pdf", "image", "email", "text"]

FIELDS: dict[str, str] = {
    "edition": "Edition of the form",
    "subject_name": "Name of the person",
    "date_of_birth": "Date of birth",
    "a_number": "A-number",
    "case_number": "Case or docket number",
    "subpoena_number": "Number of the subpoena",
    "event_number": "Event number",
    "subject_id": "Subject ID",
    "requester_agency": "Agency that asks",
    "requester_office": "Office that asks",
    "requester_officer": "Officer who asks",
    "phone": "Telephone",
    "email": "E-mail address",
    "issued_on": "Date on the paper",
    "asked": "What is asked",
    "probable_cause": "Basis ticked for probable cause",
    "box": "Box ticked",
    "court": "Court",
    "judge": "Judge",
    "judge_title": "Title of the judge",
    "mail_from": "E-mail from",
    "mail_to": "E-mail to",
    "mail_date": "Date of the e-mail",
    "mail_subject": "Subject of the e-mail",
}


@dataclass(frozen=True)
class Reason:
    """Something seen on the paper that speaks for or against a kind."""

    kind: str  # a name in KINDS
    speaks: Literal["for", "against"]
    words: str  # a plain sentence without personal data
    quote: str = ""  # the few words of the paper themselves
    page: int | None = None  # from 1; None where there are no pages, or where something is missing


@dataclass(frozen=True)
class Stated:
    """A value that the paper states. Nobody has verified it."""

    field: str  # a name in FIELDS
    value: str  # as written on the paper; for `asked`: hold, notify, information, arrest, remove, appear or produce
    page: int | None  # from 1; None for a form field, and for the head of an e-mail
    where: str  # `text`, `form field …`, `picture` (read by OCR) or `e-mail header`


@dataclass(frozen=True)
class Reading:
    """One paper, read. Everything in it is only *stated*, the kind included: a forged form looks like a form."""

    name: str
    file_type: FileType
    kind: KindName
    sure: bool
    why: tuple[Reason, ...]
    stated: tuple[Stated, ...]
    signed: Signed
    issuer: Issuer
    notes: tuple[str, ...]
    papers: tuple[Reading, ...]  # the attachments of an e-mail, in their order
    text: str
    pages: int

    def as_json(self) -> dict[str, Any]:
        """The reading as what JSON can hold."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Reading:
        """The reading back from `as_json`, every type checked; PaperError if it is something else."""
        from pydantic import TypeAdapter, ValidationError  # slow to import, and only the parent needs it

        try:
            return TypeAdapter(Reading).validate_python(dict(data))
        except ValidationError as error:
            raise PaperError(f"this is not a stored reading: {error.error_count()} of its parts do not fit") from None

    def values(self, field: str) -> tuple[str, ...]:
        """Every value stated for a field, the first on the paper first."""
        return tuple(s.value for s in self.stated if s.field == field)

    def all(self) -> Iterator[Reading]:
        """This reading and those of every attachment, outermost first."""
        yield self
        for paper in self.papers:
            yield from paper.all()

    def foremost(self) -> Reading:
        """The paper that a person would call the request: the one form that is attached, or else this one.

        With a detainer and its warrants attached, the detainer. With forms of an officer and papers of a court
        side by side no choice is made: then it is this reading, and each attachment has to be looked at.
        """
        forms = [r for r in self.all() if r.kind not in ("letter", "unknown")]
        kinds = {r.kind for r in forms}
        if len(forms) == 1 or (len(kinds) == 1 and forms):
            return forms[0]
        if "i247a" in kinds and not kinds & JUDICIAL:
            return next(r for r in forms if r.kind == "i247a")
        return self
