"""A client of Brightline's API, in one file. It needs `httpx` and Python 3.11.

Made from the schema by scripts/client.py; a change here is lost. Each method is one operation; what it answers is typed as
the schema says. An answer that is not the hoped-for one raises `Refused`, whose text is the sentence of the server.

    with Client("https://gate.example.org", token) as gate:
        made = gate.receive({"received_at": "2026-11-28T10:00:00-05:00", "asked": ["notify_release"]}, idempotency_key="a-1")
        print(made["number"], made["verdict"])
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal, NotRequired, Self, TypedDict

import httpx


class Refused(Exception):
    """The server did not do it: the status, the sentence, and the place of the first mistake."""

    def __init__(self, status: int, error: str, where: str = "") -> None:
        super().__init__(f"{status}: {error}")
        self.status, self.error, self.where = status, error, where


class AnswerShown(TypedDict):
    fact: str
    value: Any
    basis: Literal["verified", "stated", ""]
    shown_by: str
    by: str
    at: str


class AnswerTold(TypedDict):
    """An answer to a question. A value of null says that nobody knows."""

    fact: str
    value: NotRequired[bool | float | str | RecordsOfFact | None]
    basis: NotRequired[Literal["verified", "stated"] | None]
    shown_by: NotRequired[str]


class CameTold(TypedDict):
    """What came of a grant."""

    outcome: Literal["charge", "conviction", "civil_immigration_custody", "nothing", "unknown"]
    shown_by: NotRequired[str]


class CheckShown(TypedDict):
    """Why a look-up was answered as it was; for reviewers and auditors alone."""

    why: Literal["held", "sealed", "absent"]
    at: str


class Entries(TypedDict):
    receipts: list[EntryShown]


class EntryShown(TypedDict):
    """A record about a request. `index` is null while the ledger has not told it yet."""

    uid: str
    index: int | None
    kind: str
    what: str
    at: str


class FiguresTold(TypedDict):
    """Figures of a report that no request holds: line -> figure. An empty one is not known."""

    figures: dict[str, str]


class Filed(TypedDict):
    filed_on: str
    sha256: str


class FiledTold(TypedDict):
    """The day on which a report was filed."""

    filed_on: str


class FollowUpShown(TypedDict):
    due: str
    outcome: Literal["charge", "conviction", "civil_immigration_custody", "nothing", "unknown"] | None
    shown_by: str
    at: str | None


class FrameTold(TypedDict):
    """The frame of a request, and its facts."""

    received_at: str
    asked: list[str]
    channel: NotRequired[
        Literal["letter", "email", "telephone", "fax", "in_person", "database", "portal", "task_force", "other"] | None
    ]
    office: NotRequired[OfficeTold | None]
    reference: NotRequired[str]
    words: NotRequired[WordsTold | None]
    subject: NotRequired[SubjectTold | None]
    facts: NotRequired[dict[str, Any]]
    task_force: NotRequired[str | None]


class Happened(TypedDict):
    """What happened: custody, transfer, release, access."""

    information_released: NotRequired[list[str] | None]
    disclosed_at: NotRequired[str | None]
    identifying_information: NotRequired[bool | None]
    disclosed_in_violation: NotRequired[bool | None]
    person_notified: NotRequired[bool | None]
    in_custody: NotRequired[bool | None]
    custody_basis: NotRequired[Literal["local", "federal"] | None]
    violent_or_serious_conviction: NotRequired[bool | None]
    terrorist_screening_match: NotRequired[bool | None]
    release_due_at: NotRequired[str | None]
    held_past_release: NotRequired[bool | None]
    hold_ended: NotRequired[Literal["transferred", "expired_48_hours", "disavowed", "other"] | None]
    bail_posted: NotRequired[bool | None]
    bail_posted_at: NotRequired[str | None]
    released: NotRequired[bool | None]
    released_at: NotRequired[str | None]
    transferred: NotRequired[bool | None]
    transferred_at: NotRequired[str | None]
    transfer_facilitated: NotRequired[bool | None]
    receiving_agency: NotRequired[str | None]
    transfer_ground: NotRequired[
        Literal[
            "judicial_warrant",
            "judicial_probable_cause",
            "court_order",
            "conviction",
            "charge_with_probable_cause",
            "registry",
            "federal_felony_warrant",
            "terrorist_screening_match",
            "other",
        ]
        | None
    ]
    offense: NotRequired[str | None]
    access_given: NotRequired[bool | None]
    access_kind: NotRequired[Literal["interview", "premises", "office", "database", "other"] | None]
    facility: NotRequired[str | None]


class HashesTold(TypedDict):
    """Keyed hashes of record numbers, never the numbers: those that the agency holds, and the sealed ones."""

    held: NotRequired[list[str]]
    sealed: NotRequired[list[str]]


class HookMade(TypedDict):
    """A new webhook, with the secret that signs its messages. It is shown this once."""

    uid: str
    url: str
    events: list[
        Literal["request.received", "request.decided", "request.answered", "review.due", "follow_up.due", "report.due"]
    ]
    made: str
    ended: str | None
    waiting: int
    last: str
    secret: str


class HookShown(TypedDict):
    """A webhook. `ended`: its receiver said that it is gone for good, and is told nothing any more."""

    uid: str
    url: str
    events: list[
        Literal["request.received", "request.decided", "request.answered", "review.due", "follow_up.due", "report.due"]
    ]
    made: str
    ended: str | None
    waiting: int
    last: str


class HookTold(TypedDict):
    """Where to send, and what to tell of. https, or http on this machine."""

    url: str
    events: list[
        Literal["request.received", "request.decided", "request.answered", "review.due", "follow_up.due", "report.due"]
    ]


class Hooks(TypedDict):
    webhooks: list[HookShown]


class LetterShown(TypedDict):
    """The answer as it was signed; `sha256` is of its PDF."""

    sha256: str
    by: str
    at: str


class Me(TypedDict):
    """The person whose token this is, and what the token may do."""

    uid: str
    role: Literal["officer", "reviewer", "records", "auditor", "administrator"]
    title: str
    agency: str
    actor: str
    packs: list[str]
    scopes: list[str]
    expires: str


class NewTaskForceTold(TypedDict):
    """A task force that is new in the register."""

    name: str
    purpose: str
    starts: str
    ends: NotRequired[str | None]
    agreement: NotRequired[str]
    federal_agencies: NotRequired[list[str]]
    state_agencies: NotRequired[list[str]]
    local_agencies: NotRequired[list[str]]
    primarily_immigration: NotRequired[bool | None]
    certified_by: NotRequired[str]
    certified_on: NotRequired[str | None]
    certify_every_days: NotRequired[int]
    ongoing_resources: NotRequired[bool | None]
    roles: NotRequired[dict[str, int]]
    code: str


class NumberShown(TypedDict):
    """A look-up of a record number: whether that record may be spoken of."""

    may_be_disclosed: bool
    sentence: str


class NumberTold(TypedDict):
    """A record number of the agency, to look up."""

    number: str


class NumbersLoaded(TypedDict):
    held: int
    sealed: int


class OfficeNamed(TypedDict):
    actor: str
    name: str


class OfficeShown(TypedDict):
    """An office that asks, and what came of the grants to it on a criminal purpose. No grant: counts of zero, and nulls."""

    actor: str
    name: str
    grants: int
    charge: int
    conviction: int
    civil_immigration_custody: int
    nothing: int
    unknown: int
    share: float | None
    interval: list[Any] | None
    bounds: list[Any] | None


class OfficeTold(TypedDict):
    """The office that asks: its agency in the vocabulary, and its own name."""

    actor: str
    name: NotRequired[str]


class Offices(TypedDict):
    offices: list[OfficeShown]


class PaperShown(TypedDict):
    """A paper, and what was read in it. All of it is only stated."""

    id: int
    name: str
    kind: Literal[
        "i247a", "i200", "i205", "i138", "judicial_warrant", "judicial_subpoena", "court_order", "letter", "unknown"
    ]
    sure: bool
    sha256: str
    size: int
    signed: Literal["yes", "no", "unknown"]
    issuer: Literal["judge", "officer", "clerk", "unknown"]
    why: list[str]
    stated: list[Statement]
    notes: list[str]


class PeriodShown(TypedDict):
    """A period of a report. `due` null: the law sets no day."""

    first: str
    last: str
    name: str
    opens: str
    due: str | None
    filed_on: str | None
    overdue: bool
    running: bool


class ProposalShown(TypedDict):
    id: int
    outcome: Literal["granted", "partly", "refused"]
    reason: str
    release: dict[str, str]
    information: list[str]
    emergency: bool
    review_due: str | None
    by: str
    at: str
    seconded: bool | None
    seconded_by: str | None
    seconded_at: str | None
    second_reason: str


class ProposalTold(TypedDict):
    """What one person wants to decide. `release`: field -> value, what may be told and nothing else."""

    outcome: Literal["granted", "partly", "refused"]
    reason: str
    release: NotRequired[dict[str, str]]
    information: NotRequired[list[str]]
    emergency: NotRequired[bool]


class QuestionNow(TypedDict):
    """`question` is null when no answer can change the verdict, or when nothing is to be asked any more."""

    question: QuestionShown | None


class QuestionShown(TypedDict):
    """The next question that can change the verdict."""

    fact: str
    question: str
    help: str
    proof: str
    type: str
    values: list[str]
    unit: str
    because: list[str]
    still_open: int


class Receipt(TypedDict):
    """Where a record stands in the ledger."""

    uid: str
    index: int


class Received(TypedDict):
    """A request, taken in: what the law says of it, and its record in the ledger."""

    number: str
    state: Literal["open", "stopped", "proposed", "decided", "answered"]
    verdict: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    as_verified: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    sentence: str
    clauses: list[str]
    exceptions: list[str]
    rests_on: list[list[str]]
    receipt: Receipt


class RecordsOfFact(TypedDict):
    """The records of a list, such as the judgments of a person, and whether they are all."""

    records: NotRequired[list[dict[str, bool | float | str | None]]]
    complete: NotRequired[bool]


class ReportShown(TypedDict):
    id: str
    title: str
    citation: str
    recipient: str
    about: str
    due_rule: str
    lines_to_supply: list[str]
    periods: list[PeriodShown]


class Reports(TypedDict):
    reports: list[ReportShown]


class RequestLine(TypedDict):
    """A request in a list: nothing of it is personal."""

    number: str
    received_at: str
    state: Literal["open", "stopped", "proposed", "decided", "answered"]
    outcome: Literal["granted", "partly", "refused"] | None
    verdict: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    as_verified: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    asked: list[str]
    office: OfficeNamed | None
    task_force: str | None


class RequestPage(TypedDict):
    """Some requests, newest first. `next` is the cursor of the following ones; null at the end."""

    requests: list[RequestLine]
    next: str | None


class RequestShown(TypedDict):
    """A request with all that belongs to it. Who did something is told by the uid of the person."""

    number: str
    received_at: str
    state: Literal["open", "stopped", "proposed", "decided", "answered"]
    outcome: Literal["granted", "partly", "refused"] | None
    verdict: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    as_verified: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
    asked: list[str]
    office: OfficeNamed | None
    task_force: str | None
    made_at: str
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
    decided_at: str | None
    papers: list[PaperShown]
    answers: list[AnswerShown]
    waivers: list[WaiverShown]
    proposals: list[ProposalShown]
    follow_up: FollowUpShown | None
    letter: LetterShown | None
    number_checks: list[CheckShown] | None


class RequestTold(TypedDict):
    """A request across the line, as it came."""

    received_at: str
    asked: list[str]
    channel: NotRequired[
        Literal["letter", "email", "telephone", "fax", "in_person", "database", "portal", "task_force", "other"] | None
    ]
    office: NotRequired[OfficeTold | None]
    reference: NotRequired[str]
    words: NotRequired[WordsTold | None]
    subject: NotRequired[SubjectTold | None]
    facts: NotRequired[dict[str, Any]]
    task_force: NotRequired[str | None]
    records: NotRequired[dict[str, Any]]
    happened: NotRequired[Happened | None]


class SecondTold(TypedDict):
    """The second person's word."""

    agrees: bool
    reason: NotRequired[str]


class Statement(TypedDict):
    field: str
    value: str


class SubjectTold(TypedDict):
    """Who it is about. It is kept encrypted."""

    name: NotRequired[str]
    born: NotRequired[str]
    a_number: NotRequired[str]


class TaskForceShown(TypedDict):
    code: str
    name: str
    agreement: str
    federal_agencies: list[str]
    state_agencies: list[str]
    local_agencies: list[str]
    purpose: str
    primarily_immigration: bool | None
    certified_by: str
    certified_on: str | None
    certify_every_days: int
    certification_due: str | None
    starts: str
    ends: str | None
    ongoing_resources: bool | None
    roles: dict[str, int]


class TaskForceTold(TypedDict):
    """A task force or joint operation: its agreement, its purpose and who certified that, by role and not by name."""

    name: str
    purpose: str
    starts: str
    ends: NotRequired[str | None]
    agreement: NotRequired[str]
    federal_agencies: NotRequired[list[str]]
    state_agencies: NotRequired[list[str]]
    local_agencies: NotRequired[list[str]]
    primarily_immigration: NotRequired[bool | None]
    certified_by: NotRequired[str]
    certified_on: NotRequired[str | None]
    certify_every_days: NotRequired[int]
    ongoing_resources: NotRequired[bool | None]
    roles: NotRequired[dict[str, int]]


class TaskForces(TypedDict):
    task_forces: list[TaskForceShown]


class WaiverShown(TypedDict):
    fact: str
    why: str
    by: str
    at: str


class WaiverTold(TypedDict):
    """A reviewer's reason why a statement need not be verified."""

    fact: str
    why: str


class WordsTold(TypedDict):
    """The requester's own words. They are kept encrypted."""

    asked: NotRequired[str]
    purpose: NotRequired[str]


class Client:
    """The API of one Brightline, with one token."""

    def __init__(self, url: str, token: str, *, timeout: float = 60.0) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout, follow_redirects=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def _call(self, method: str, path: str, **told: Any) -> httpx.Response:
        query = {name: value for name, value in told.pop("params", {}).items() if value is not None}
        headers = {name: value for name, value in told.pop("headers", {}).items() if value is not None}
        answer = self._http.request(method, path, params=query, headers=headers, **told)
        if answer.is_success:
            return answer
        try:
            said = answer.json()
        except ValueError:
            said = {}
        raise Refused(answer.status_code, said.get("error", "the server said nothing"), said.get("where", ""))

    def receive(self, told: RequestTold, *, idempotency_key: str | None = None) -> Received:
        """Enter a request: it is judged, and in the ledger before the answer (201). Sent again with the same `Idempotency-Key` it is not entered again (200): the answer tells of the first one."""
        answer: Received = self._call(
            "POST", "/api/requests", json=told, headers={"Idempotency-Key": idempotency_key}
        ).json()
        return answer

    def list_requests(
        self,
        *,
        state: Literal["open", "stopped", "proposed", "decided", "answered"] | None = None,
        verdict: Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
        | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        office: str | None = None,
        task_force: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> RequestPage:
        """Requests of the agency, newest first. The days are the agency's own, both included; `office` is the agency that asks."""
        answer: RequestPage = self._call(
            "GET",
            "/api/requests",
            params={
                "state": state,
                "verdict": verdict,
                "received_from": received_from,
                "received_to": received_to,
                "office": office,
                "task_force": task_force,
                "cursor": cursor,
                "limit": limit,
            },
        ).json()
        return answer

    def me(self) -> Me:
        """The person of this token, the agency, and what the token may do. No name and no address is told."""
        answer: Me = self._call("GET", "/api/people/me").json()
        return answer

    def list_offices(self) -> Offices:
        """The offices that have asked, and what came of the grants to each on a criminal purpose; unknown is kept apart."""
        answer: Offices = self._call("GET", "/api/offices").json()
        return answer

    def list_task_forces(self) -> TaskForces:
        """The register of task forces, with the day on which each purpose must be certified again."""
        answer: TaskForces = self._call("GET", "/api/task-forces").json()
        return answer

    def enter_task_force(self, told: NewTaskForceTold) -> TaskForceShown:
        """Enter a task force in the register."""
        answer: TaskForceShown = self._call("POST", "/api/task-forces", json=told).json()
        return answer

    def change_task_force(self, code: str, told: TaskForceTold) -> TaskForceShown:
        """Replace what the register says of a task force."""
        answer: TaskForceShown = self._call("PUT", f"/api/task-forces/{code}", json=told).json()
        return answer

    def load_numbers(self, told: HashesTold) -> NumbersLoaded:
        """Replace the agency's keyed hashes by these: those of the records that it holds, and of the sealed ones."""
        answer: NumbersLoaded = self._call("POST", "/api/numbers", json=told).json()
        return answer

    def list_reports(self) -> Reports:
        """The reports that the law asks of the agency, with each period since its records begin and how it stands."""
        answer: Reports = self._call("GET", "/api/reports").json()
        return answer

    def get_report(
        self,
        id: str,
        *,
        period: str,
        format: Literal["json", "csv", "pdf"] | None = None,
        version: Literal["filed", "internal"] = "filed",
        table: str = "figures",
    ) -> bytes:
        """A report of the period that ends on the day `period`, made from the requests as they are now. The format is that of `format`, or of the header Accept; CSV is one table at a time. The filed version identifies nobody; the internal one names the requests behind each figure. What was filed is given as it was filed (JSON)."""
        answer: bytes = self._call(
            "GET", f"/api/reports/{id}", params={"period": period, "format": format, "version": version, "table": table}
        ).content
        return answer

    def supply_figures(self, id: str, told: FiguresTold, *, period: str) -> None:
        """Keep the figures of a report that no request holds, by line."""
        self._call("PUT", f"/api/reports/{id}/figures", json=told, params={"period": period})

    def file_report(self, id: str, told: FiledTold, *, period: str) -> Filed:
        """Note that a report was filed: its text is kept, and its SHA-256 is in the ledger."""
        answer: Filed = self._call("POST", f"/api/reports/{id}/filed", json=told, params={"period": period}).json()
        return answer

    def get_calendar(self) -> bytes:
        """The reports that are due, as an iCalendar feed (RFC 5545)."""
        answer: bytes = self._call("GET", "/api/calendar.ics").content
        return answer

    def show_request(self, number: str) -> RequestShown:
        """A request with its papers, answers, proposals and letter. That it was looked at is in the ledger."""
        answer: RequestShown = self._call("GET", f"/api/requests/{number}").json()
        return answer

    def amend(self, number: str, told: FrameTold) -> RequestShown:
        """Replace what was entered of a request while it is open, add these facts, and judge it again."""
        answer: RequestShown = self._call("PUT", f"/api/requests/{number}", json=told).json()
        return answer

    def list_receipts(self, number: str) -> Entries:
        """Every record about a request: its place in the ledger, its kind, the step, and when."""
        answer: Entries = self._call("GET", f"/api/requests/{number}/receipts").json()
        return answer

    def get_receipt(self, number: str, index: int, *, disclose: bool = False) -> bytes:
        """The receipt file of a record: the proof that the ledger holds it, which `brightline verify` checks alone. With `disclose` it also carries the fields of the record; that is a view of the request and recorded as one. The fields of a look-up of a record number are for reviewers and auditors alone."""
        answer: bytes = self._call(
            "GET", f"/api/requests/{number}/receipts/{index}", params={"disclose": disclose}
        ).content
        return answer

    def add_paper(self, number: str, name: str, data: bytes) -> PaperShown:
        """Add a paper, as a file of a multipart form: it is read in a worker that can do nothing else, and kept as it came."""
        answer: PaperShown = self._call("POST", f"/api/requests/{number}/papers", files={"file": (name, data)}).json()
        return answer

    def look_up_number(self, number: str, told: NumberTold) -> NumberShown:
        """Whether the record with this number may be spoken of. If not, the request is stopped; no answer says why."""
        answer: NumberShown = self._call("POST", f"/api/requests/{number}/numbers", json=told).json()
        return answer

    def next_question(self, number: str) -> QuestionNow:
        """The next question whose answer can change the verdict, with the clauses that turn on it."""
        answer: QuestionNow = self._call("GET", f"/api/requests/{number}/question").json()
        return answer

    def answer_question(self, number: str, told: AnswerTold) -> RequestShown:
        """Note an answer with its basis; the request is judged again."""
        answer: RequestShown = self._call("POST", f"/api/requests/{number}/answers", json=told).json()
        return answer

    def waive(self, number: str, told: WaiverTold) -> RequestShown:
        """A reviewer's signed reason why a statement on which the verdict rests need not be verified."""
        answer: RequestShown = self._call("POST", f"/api/requests/{number}/waivers", json=told).json()
        return answer

    def propose(self, number: str, told: ProposalTold) -> ProposalShown:
        """Propose a decision. A refusal is decided at once; a grant waits for a second person, unless it is an emergency."""
        answer: ProposalShown = self._call("POST", f"/api/requests/{number}/proposals", json=told).json()
        return answer

    def second(self, number: str, id: int, told: SecondTold) -> ProposalShown:
        """The second person's word on a grant, or the review of an emergency."""
        answer: ProposalShown = self._call("POST", f"/api/requests/{number}/proposals/{id}/second", json=told).json()
        return answer

    def tell_happened(self, number: str, told: Happened) -> RequestShown:
        """Note custody, transfer, release or access. Only what is sent is changed; null says that it is not known."""
        answer: RequestShown = self._call("POST", f"/api/requests/{number}/happened", json=told).json()
        return answer

    def follow_up(self, number: str, told: CameTold) -> FollowUpShown:
        """Note what came of a grant on a criminal purpose."""
        answer: FollowUpShown = self._call("POST", f"/api/requests/{number}/follow-up", json=told).json()
        return answer

    def sign_letter(self, number: str, *, language: Literal["en", "es"] = "en") -> LetterShown:
        """Sign the letter that answers the request: it is kept to the byte, and its digest is in the ledger."""
        answer: LetterShown = self._call("POST", f"/api/requests/{number}/letter", params={"language": language}).json()
        return answer

    def get_letter_pdf(self, number: str) -> bytes:
        """The letter as it was signed."""
        answer: bytes = self._call("GET", f"/api/requests/{number}/letter.pdf").content
        return answer

    def get_letter_docx(self, number: str) -> bytes:
        """The letter as it was signed, for a word processor."""
        answer: bytes = self._call("GET", f"/api/requests/{number}/letter.docx").content
        return answer

    def list_webhooks(self) -> Hooks:
        """The webhooks of the agency, and how the last message to each went."""
        answer: Hooks = self._call("GET", "/api/webhooks").json()
        return answer

    def make_webhook(self, told: HookTold) -> HookMade:
        """Make a webhook. Its secret is in this answer, and in no other."""
        answer: HookMade = self._call("POST", "/api/webhooks", json=told).json()
        return answer

    def change_webhook(self, uid: str, told: HookTold) -> HookShown:
        """Replace the address and the events of a webhook. One that had ended is told of events again; the secret stays."""
        answer: HookShown = self._call("PUT", f"/api/webhooks/{uid}", json=told).json()
        return answer

    def remove_webhook(self, uid: str) -> None:
        """Remove a webhook, and the messages that wait for it."""
        self._call("DELETE", f"/api/webhooks/{uid}")
