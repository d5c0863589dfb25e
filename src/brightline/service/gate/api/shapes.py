"""What comes in with each operation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    create_model,
    model_validator,
)  # fmt: skip

from brightline.report.statutory.event import Channel, Event, Information
from brightline.service.gate.api.words import (
    Action,
    Actor,
    Basis,
    Code,
    Day,
    FactName,
    FactsIn,
    Line,
    Moment,
    Reason,
    RecordsIn,
    Release,
    Text,
    bounded,
)

OutcomeName = Literal["granted", "partly", "refused"]
CameName = Literal["charge", "conviction", "civil_immigration_custody", "nothing", "unknown"]


class Told(BaseModel):
    """What a program tells: nothing that is not known by name, and no number where text is meant."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class OfficeTold(Told):
    """The office that asks: its agency in the vocabulary, and its own name."""

    actor: Actor
    name: Line = ""


class WordsTold(Told):
    """The requester's own words. They are kept encrypted."""

    asked: Text = ""
    purpose: Text = ""


class SubjectTold(Told):
    """Who it is about. It is kept encrypted."""

    name: Line = ""
    born: Line = ""
    a_number: Line = ""


def _happened_fields() -> dict[str, Any]:
    """Of an event, what may be told after the request came: custody, transfer, release, access."""
    found: dict[str, Any] = {}
    for name, field in Event.model_fields.items():
        group = dict(field.json_schema_extra or {}).get("group")  # type: ignore[arg-type]
        if group in ("information", "person", "access") and name != "person":
            annotation = Moment | None if dict(field.json_schema_extra or {})["holds"] == "moment" else field.annotation  # type: ignore[arg-type]
            if annotation == bool | None:
                annotation = StrictBool | None
            found[name] = (Annotated[annotation, *field.metadata] if field.metadata else annotation, Field(None, description=field.description))  # fmt: skip
    return found


Happened: Any = create_model(
    "Happened", __base__=Told, __doc__="What happened: custody, transfer, release, access.", **_happened_fields()
)


class FrameTold(Told):
    """The frame of a request, and its facts."""

    received_at: Moment = Field(description="when the agency received it, with the time zone")
    asked: list[Action] = Field(max_length=40, description="the actions that are asked for")
    channel: Channel | None = None
    office: OfficeTold | None = None
    reference: Annotated[str, StringConstraints(max_length=120)] = ""
    words: WordsTold | None = None
    subject: SubjectTold | None = None
    facts: FactsIn = {}
    task_force: Code | None = None


class RequestTold(FrameTold):
    """A request across the line, as it came."""

    records: RecordsIn = {}
    happened: Happened | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        """What happened must make sense together: a report would repeat what does not."""
        if self.happened is not None:
            coherent(self.happened)
        return self


def coherent(happened: Any) -> None:
    """Raise ValueError when two of the things that happened exclude each other."""
    frame = {"number": "0", "agency": "agency", "received_at": "2000-01-01T00:00:00Z"}
    try:
        Event.model_validate({**frame, **happened.model_dump(exclude_none=True)})
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


class NumberTold(Told):
    """A record number of the agency, to look up."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"[0-9A-Za-z]")]


class AnswerTold(Told):
    """An answer to a question. A value of null says that nobody knows."""

    fact: FactName
    value: StrictBool | StrictFloat | StrictStr | RecordsOfFact | None = None
    basis: Basis | None = None
    shown_by: Annotated[str, StringConstraints(max_length=300)] = ""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        value = self.value.records if isinstance(self.value, RecordsOfFact) else self.value
        bounded({"value": value})
        return self


class RecordsOfFact(Told):
    """The records of a list, such as the judgments of a person, and whether they are all."""

    records: Annotated[list[dict[str, StrictBool | StrictFloat | StrictStr | None]], Field(max_length=100)] = []
    complete: StrictBool = False


class WaiverTold(Told):
    """A reviewer's reason why a statement need not be verified."""

    fact: FactName
    why: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]


class ProposalTold(Told):
    """What one person wants to decide. `release`: field -> value, what may be told and nothing else."""

    outcome: OutcomeName
    reason: Reason
    release: Release = {}
    information: list[Information] = Field([], max_length=20)
    emergency: StrictBool = False

    @model_validator(mode="after")
    def _a_refusal_releases_nothing(self) -> Self:
        if self.outcome == "refused" and (self.release or self.information or self.emergency):
            raise ValueError("a refusal releases nothing, and needs no second person, so it is no emergency")
        return self


class SecondTold(Told):
    """The second person's word."""

    agrees: StrictBool
    reason: Annotated[str, StringConstraints(max_length=2000)] = ""

    @model_validator(mode="after")
    def _a_no_has_a_reason(self) -> Self:
        if not self.agrees and not self.reason.strip():
            raise ValueError("write why you do not agree")
        return self


class CameTold(Told):
    """What came of a grant."""

    outcome: CameName
    shown_by: Annotated[str, StringConstraints(max_length=300)] = ""


class HashesTold(Told):
    """Keyed hashes of record numbers, never the numbers: those that the agency holds, and the sealed ones."""

    held: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]] = Field([], max_length=1_000_000)
    sealed: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]] = Field([], max_length=1_000_000)


class FiguresTold(Told):
    """Figures of a report that no request holds: line -> figure. An empty one is not known."""

    figures: dict[Line, Line] = Field(max_length=50)


class FiledTold(Told):
    """The day on which a report was filed."""

    filed_on: Day


class TaskForceTold(Told):
    """A task force or joint operation: its agreement, its purpose and who certified that, by role and not by name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
    purpose: Annotated[str, StringConstraints(max_length=1000)]
    starts: Day
    ends: Day | None = None
    agreement: Annotated[str, StringConstraints(max_length=500)] = ""
    federal_agencies: list[Line] = Field([], max_length=50)
    state_agencies: list[Line] = Field([], max_length=50)
    local_agencies: list[Line] = Field([], max_length=50)
    primarily_immigration: StrictBool | None = None
    certified_by: Annotated[str, StringConstraints(max_length=150)] = ""
    certified_on: Day | None = None
    certify_every_days: StrictInt = Field(365, ge=1, le=3660)
    ongoing_resources: StrictBool | None = None
    roles: dict[Line, Annotated[StrictInt, Field(ge=0, le=100_000)]] = Field({}, max_length=50)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends is not None and self.ends < self.starts:
            raise ValueError("`ends` lies before `starts`")
        return self


class NewTaskForceTold(TaskForceTold):
    """A task force that is new in the register."""

    code: Code


AnswerTold.model_rebuild()
