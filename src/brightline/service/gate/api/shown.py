"""What is shown of a request and of all that belongs to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal, cast

from pydantic import BaseModel, Field

from brightline.papers.kinds import KindName
from brightline.report.reliability import Reliability
from brightline.report.statutory import Definition
from brightline.report.statutory.event import Verdict
from brightline.service.gate.api.shapes import CameName, OutcomeName
from brightline.service.gate.models import FollowUp, Letter, Office, Proposal, Request, TaskForce
from brightline.service.gate.statutory import Standing
from brightline.service.people.models import Person, Role
from brightline.service.record.models import Entry

StateName = Literal["open", "stopped", "proposed", "decided", "answered"]
RoleName = Literal["officer", "reviewer", "records", "auditor", "administrator"]


class Receipt(BaseModel):
    """Where a record stands in the ledger."""

    uid: str
    index: int


class Received(BaseModel):
    """A request, taken in: what the law says of it, and its record in the ledger."""

    number: str
    state: StateName
    verdict: Verdict
    as_verified: Verdict = Field(description="the verdict if nothing counted that is only stated")
    sentence: str
    clauses: list[str]
    exceptions: list[str]
    rests_on: list[list[str]] = Field(
        description="smallest sets of statements without which the verdict would not hold"
    )
    receipt: Receipt


class OfficeNamed(BaseModel):
    actor: str
    name: str


class RequestLine(BaseModel):
    """A request in a list: nothing of it is personal."""

    number: str
    received_at: datetime
    state: StateName
    outcome: OutcomeName | None
    verdict: Verdict
    as_verified: Verdict
    asked: list[str]
    office: OfficeNamed | None
    task_force: str | None


class RequestPage(BaseModel):
    """Some requests, newest first. `next` is the cursor of the following ones; null at the end."""

    requests: list[RequestLine]
    next: str | None


class PaperShown(BaseModel):
    """A paper, and what was read in it. All of it is only stated."""

    id: int
    name: str
    kind: KindName
    sure: bool
    sha256: str
    size: int
    signed: Literal["yes", "no", "unknown"]
    issuer: Literal["judge", "officer", "clerk", "unknown"]
    why: list[str]
    stated: list[Statement]
    notes: list[str]


class Statement(BaseModel):
    field: str
    value: str


class AnswerShown(BaseModel):
    fact: str
    value: Any
    basis: Literal["verified", "stated", ""]
    shown_by: str
    by: str
    at: datetime


class WaiverShown(BaseModel):
    fact: str
    why: str
    by: str
    at: datetime


class ProposalShown(BaseModel):
    id: int
    outcome: OutcomeName
    reason: str
    release: dict[str, str]
    information: list[str]
    emergency: bool
    review_due: datetime | None
    by: str
    at: datetime
    seconded: bool | None
    seconded_by: str | None
    seconded_at: datetime | None
    second_reason: str


class FollowUpShown(BaseModel):
    due: date
    outcome: CameName | None
    shown_by: str
    at: datetime | None


class LetterShown(BaseModel):
    """The answer as it was signed; `sha256` is of its PDF."""

    sha256: str
    by: str
    at: datetime


class NumberShown(BaseModel):
    """A look-up of a record number: whether that record may be spoken of."""

    may_be_disclosed: bool
    sentence: str


class CheckShown(BaseModel):
    """Why a look-up was answered as it was; for reviewers and auditors alone."""

    why: Literal["held", "sealed", "absent"]
    at: datetime


class RequestShown(RequestLine):
    """A request with all that belongs to it. Who did something is told by the uid of the person."""

    made_at: datetime
    channel: str
    reference: str
    words: dict[str, str]
    subject: dict[str, str]
    facts: dict[str, Any]
    records: dict[str, Any]
    happened: dict[str, Any]
    clauses: list[str]
    exceptions: list[str]
    rests_on: list[list[str]]
    unverified: list[str]
    decided_at: datetime | None
    papers: list[PaperShown]
    answers: list[AnswerShown]
    waivers: list[WaiverShown]
    proposals: list[ProposalShown]
    follow_up: FollowUpShown | None
    letter: LetterShown | None
    number_checks: list[CheckShown] | None = Field(description="null for whom they are not shown")


class QuestionShown(BaseModel):
    """The next question that can change the verdict."""

    fact: str
    question: str
    help: str
    proof: str
    type: str
    values: list[str]
    unit: str
    because: list[str] = Field(description="the clauses that turn on it")
    still_open: int


class QuestionNow(BaseModel):
    """`question` is null when no answer can change the verdict, or when nothing is to be asked any more."""

    question: QuestionShown | None


class EntryShown(BaseModel):
    """A record about a request. `index` is null while the ledger has not told it yet."""

    uid: str
    index: int | None
    kind: str
    what: str
    at: datetime


class Entries(BaseModel):
    receipts: list[EntryShown]


class TaskForceShown(BaseModel):
    code: str
    name: str
    agreement: str
    federal_agencies: list[str]
    state_agencies: list[str]
    local_agencies: list[str]
    purpose: str
    primarily_immigration: bool | None
    certified_by: str
    certified_on: date | None
    certify_every_days: int
    certification_due: date | None
    starts: date
    ends: date | None
    ongoing_resources: bool | None
    roles: dict[str, int]


class TaskForces(BaseModel):
    task_forces: list[TaskForceShown]


class OfficeShown(BaseModel):
    """An office that asks, and what came of the grants to it on a criminal purpose. No grant: counts of zero, and nulls."""

    actor: str
    name: str
    grants: int
    charge: int
    conviction: int
    civil_immigration_custody: int
    nothing: int
    unknown: int
    share: float | None = Field(description="charges and convictions among the known outcomes, 0 to 1")
    interval: tuple[float, float] | None = Field(description="95 % Wilson interval of the share")
    bounds: tuple[float, float] | None = Field(
        description="of the share among all grants, whatever the unknown ones were"
    )


class Offices(BaseModel):
    offices: list[OfficeShown]


class NumbersLoaded(BaseModel):
    held: int
    sealed: int


class PeriodShown(BaseModel):
    """A period of a report. `due` null: the law sets no day."""

    first: date
    last: date
    name: str
    opens: date
    due: date | None
    filed_on: date | None
    overdue: bool
    running: bool


class ReportShown(BaseModel):
    id: str
    title: str
    citation: str
    recipient: str
    about: str
    due_rule: str
    lines_to_supply: list[str]
    periods: list[PeriodShown]


class Reports(BaseModel):
    reports: list[ReportShown]


class Filed(BaseModel):
    filed_on: date
    sha256: str


class Me(BaseModel):
    """The person whose token this is, and what the token may do."""

    uid: str
    role: RoleName
    title: str
    agency: str
    actor: str
    packs: list[str]
    scopes: list[str]
    expires: datetime


PaperShown.model_rebuild()


def line(request: Request) -> RequestLine:
    return RequestLine.model_construct(**_line(request))


def _line(request: Request) -> dict[str, Any]:
    office = request.office
    return {
        "number": request.number,
        "received_at": request.received_at,
        "state": request.state,
        "outcome": request.outcome or None,
        "verdict": request.verdict,
        "as_verified": request.as_verified,
        "asked": request.asked,
        "office": OfficeNamed(actor=office.actor, name=office.name) if office else None,
        "task_force": request.task_force.code if request.task_force else None,
    }


def whole(request: Request, person: Person) -> RequestShown:
    """Everything about a request that this person may see."""
    from brightline.service.gate.decide import unverified

    followed, signed = getattr(request, "follow_up", None), getattr(request, "letter", None)
    sees_why = person.role in (Role.REVIEWER, Role.AUDITOR)
    return RequestShown(
        **_line(request),
        made_at=request.made,
        channel=request.channel,
        reference=request.reference,
        words=request.words or {},
        subject=request.subject or {},
        facts=request.facts,
        records=request.records,
        happened=request.happened,
        clauses=request.clauses,
        exceptions=request.exceptions,
        rests_on=request.rests_on,
        unverified=unverified(request),
        decided_at=request.decided_at,
        papers=[paper(p) for p in request.papers.defer("original").order_by("id")],
        answers=[
            AnswerShown(
                fact=a.fact, value=a.value, basis=cast(Any, a.basis), shown_by=a.shown_by, by=str(a.by.uid), at=a.at
            )
            for a in request.answers.select_related("by")
        ],
        waivers=[
            WaiverShown(fact=w.fact, why=w.why, by=str(w.by.uid), at=w.at)
            for w in request.waivers.select_related("by").order_by("id")
        ],
        proposals=[proposal(p) for p in request.proposals.select_related("by", "seconded_by")],
        follow_up=follow_up(followed) if followed else None,
        letter=letter(signed) if signed else None,
        number_checks=[CheckShown(why=c.why, at=c.at) for c in request.number_checks.all()] if sees_why else None,
    )


def paper(kept: Any) -> PaperShown:
    read = kept.reading
    return PaperShown(
        id=kept.pk,
        name=kept.name,
        kind=kept.kind,
        sure=read["sure"],
        sha256=kept.sha256,
        size=kept.size,
        signed=read["signed"],
        issuer=read["issuer"],
        why=[f"speaks {r['speaks']} {r['kind']}: {r['words']}" for r in read["why"]],
        stated=[Statement(field=s["field"], value=s["value"]) for s in read["stated"]],
        notes=list(read["notes"]),
    )


def proposal(made: Proposal) -> ProposalShown:
    return ProposalShown(
        id=made.pk,
        outcome=cast(OutcomeName, made.outcome),
        reason=made.reason,
        release=made.release or {},
        information=made.information,
        emergency=made.emergency,
        review_due=made.review_due,
        by=str(made.by.uid),
        at=made.at,
        seconded=made.seconded,
        seconded_by=str(made.seconded_by.uid) if made.seconded_by else None,
        seconded_at=made.seconded_at,
        second_reason=made.second_reason,
    )


def entry(kept: Entry) -> EntryShown:
    return EntryShown(uid=str(kept.uid), index=kept.index, kind=kept.kind, what=kept.what, at=kept.at)


def follow_up(kept: FollowUp) -> FollowUpShown:
    return FollowUpShown(due=kept.due, outcome=cast(CameName, kept.outcome) or None, shown_by=kept.shown_by, at=kept.at)


def letter(kept: Letter) -> LetterShown:
    return LetterShown(sha256=kept.sha256, by=str(kept.by.uid), at=kept.at)


def office(kept: Office, counted: Reliability | None) -> OfficeShown:
    counted = counted or Reliability(str(kept.pk))
    return OfficeShown(
        actor=kept.actor, name=kept.name, grants=counted.grants, charge=counted.charge, conviction=counted.conviction,
        civil_immigration_custody=counted.civil_immigration_custody, nothing=counted.nothing, unknown=counted.unknown,
        share=counted.share, interval=counted.interval, bounds=counted.bounds,
    )  # fmt: skip


def definition(known: Definition, standing: list[Standing]) -> ReportShown:
    return ReportShown(
        id=known.id,
        title=known.title,
        citation=known.citation,
        recipient=known.recipient,
        about=" ".join(known.about.split()),
        due_rule=" ".join(known.due.why.split()),
        lines_to_supply=[line.id for line in known.lines if line.count == "supplied"],
        periods=[
            PeriodShown(
                first=s.period.first, last=s.period.last, name=s.period.name, opens=s.period.last + timedelta(days=1),
                due=s.day, filed_on=s.kept.filed_on if s.kept else None, overdue=s.overdue, running=s.running,
            )
            for s in standing
        ],
    )  # fmt: skip


def task_force(kept: TaskForce) -> TaskForceShown:
    names = [n for n in TaskForceShown.model_fields]
    return TaskForceShown(**{n: getattr(kept, n) for n in names})
