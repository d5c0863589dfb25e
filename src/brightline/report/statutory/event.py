"""One record of a contact, of which every statutory report is a projection.

A field that is None is unknown, and stays unknown to the last column of the last report. An empty list says
"none"; None says "nobody recorded it". The one exception is `decision`: None is a decision still open.

Each field carries `json_schema_extra` for the pages and for the definitions of reports:

- `group`: the part of a form in which it stands (a name of `GROUPS`);
- `holds`: what kind of value it is. `word` is a closed list, `vocabulary` a name that the vocabulary declares,
  `yes_no`, `moment` a time with its zone, `citation` a place in the law, `number_of_request`; and the two kinds that
  a report without identifying information never shows: `free_text`, which may say anything, and `person`.
"""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

GROUPS: dict[str, str] = {
    "frame": "The request",
    "decision": "The decision",
    "information": "Information that was released",
    "person": "What happened to the person",
    "access": "Access that was given",
    "task_force": "Task force",
}

# Field -> the yes/no field without which it has no meaning: beside a "no" it does not apply, and is not unknown.
FOLLOWS: dict[str, str] = {
    "hold_ended": "held_past_release",
    "bail_posted_at": "bail_posted",
    "released_at": "released",
    "transferred_at": "transferred",
    "receiving_agency": "transferred",
    "transfer_ground": "transferred",
}

Request = Literal[
    "civil_detainer", "notification_request", "information_request", "subpoena", "task_force_request",
    "access_request", "other_request", "none",
]  # fmt: skip
StatedPurpose = Literal["civil_immigration", "criminal_immigration", "other_criminal", "other", "none_given"]
OffenseEnforced = Literal[
    "ina_presence_offense", "other_presence_offense", "registration_offense", "mayor_proxy_law", "other_offense",
    "no_offense",
]  # fmt: skip
Channel = Literal["letter", "email", "telephone", "fax", "in_person", "database", "portal", "task_force", "other"]
Paper = Literal[
    "i247a", "i200", "i205", "i138", "judicial_warrant", "judicial_subpoena", "court_order", "letter", "unknown"
]
Verdict = Literal["barred", "required", "conflict", "contested", "unsettled", "excepted", "unreached"]
Decision = Literal["granted", "partly", "refused"]
Information = Literal[
    "incarceration_status", "release_date", "court_date", "appointment_date", "location", "home_address",
    "work_address", "contact_details", "country_of_birth", "immigration_status", "identifying_information",
    "photograph", "fingerprints", "criminal_history", "case_information", "medical_information", "other",
]  # fmt: skip
DetainerReason = Literal["removable", "proceedings_initiated", "warrant_served", "removal_order", "other"]
HoldEnd = Literal["transferred", "expired_48_hours", "disavowed", "other"]
TransferGround = Literal[
    "judicial_warrant", "judicial_probable_cause", "court_order", "conviction", "charge_with_probable_cause",
    "registry", "federal_felony_warrant", "terrorist_screening_match", "other",
]  # fmt: skip
AccessKind = Literal["interview", "premises", "office", "database", "other"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]  # of the vocabulary
Number = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
# A place in the law always has a number. A person's name has none, so that it cannot stand here by mistake.
Citation = Annotated[str, StringConstraints(pattern=r"^[^\r\n\t]*[0-9][^\r\n\t]*$", max_length=120)]
PersonKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,128}$")]


def _extra(group: str, holds: str) -> dict[str, Any]:
    return {"group": group, "holds": holds}


class Event(BaseModel):
    """One contact: who asked for what, what was decided, and what came of it. It names no person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # --- the request
    number: Number = Field(description="Number of the request", json_schema_extra=_extra("frame", "number_of_request"))
    agency: Name = Field(
        description="Which agency received the request?", json_schema_extra=_extra("frame", "vocabulary")
    )
    received_at: AwareDatetime = Field(
        description="When was the request received?", json_schema_extra=_extra("frame", "moment")
    )
    channel: Channel | None = Field(
        default=None, description="How did the request come?", json_schema_extra=_extra("frame", "word")
    )
    requester: Name | None = Field(
        default=None, description="Who asked?", json_schema_extra=_extra("frame", "vocabulary")
    )
    requester_office: str | None = Field(
        default=None,
        max_length=200,
        description="Which office of the requester asked?",
        json_schema_extra=_extra("frame", "free_text"),
    )
    federal_immigration_authority: bool | None = Field(
        default=None,
        description="Did it come from a federal immigration authority, as the law defines it?",
        json_schema_extra=_extra("frame", "yes_no"),
    )
    nonlocal_law_enforcement: bool | None = Field(
        default=None,
        description="Did it come from a law enforcement agency that is not local?",
        json_schema_extra=_extra("frame", "yes_no"),
    )
    request: Request | None = Field(
        default=None, description="What was asked for, and in which form?", json_schema_extra=_extra("frame", "word")
    )
    asked: tuple[Name, ...] | None = Field(
        default=None, description="Which actions were asked for?", json_schema_extra=_extra("frame", "vocabulary")
    )
    stated_purpose: StatedPurpose | None = Field(
        default=None, description="Which purpose did the requester state?", json_schema_extra=_extra("frame", "word")
    )
    civil_immigration_purpose: bool | None = Field(
        default=None,
        description="Was the request made to further civil immigration enforcement?",
        json_schema_extra=_extra("frame", "yes_no"),
    )
    offense_enforced: OffenseEnforced | None = Field(
        default=None,
        description="Which kind of federal offense, if any, was the request made to enforce?",
        json_schema_extra=_extra("frame", "word"),
    )
    papers: tuple[Paper, ...] | None = Field(
        default=None, description="Which papers came with the request?", json_schema_extra=_extra("frame", "word")
    )
    judicial_warrant: bool | None = Field(
        default=None,
        description="Did a warrant signed by a judge or magistrate come with it?",
        json_schema_extra=_extra("frame", "yes_no"),
    )
    detainer_reasons: tuple[DetainerReason, ...] | None = Field(
        default=None,
        description="Which reasons did the detainer give?",
        json_schema_extra=_extra("frame", "word"),
    )

    # --- the decision
    verdict: Verdict | None = Field(
        default=None, description="What does the law say of the request?", json_schema_extra=_extra("decision", "word")
    )
    clauses: tuple[Citation, ...] | None = Field(
        default=None, description="Which clauses decide it?", json_schema_extra=_extra("decision", "citation")
    )
    exception: Citation | None = Field(
        default=None, description="Which exception was used?", json_schema_extra=_extra("decision", "citation")
    )
    rests_on: tuple[Name, ...] | None = Field(
        default=None,
        description="Which facts that were only stated does the verdict rest on?",
        json_schema_extra=_extra("decision", "vocabulary"),
    )
    decision: Decision | None = Field(
        default=None,
        description="How was the request decided? Leave empty while it is open.",
        json_schema_extra=_extra("decision", "word"),
    )
    decided_at: AwareDatetime | None = Field(
        default=None, description="When was it decided?", json_schema_extra=_extra("decision", "moment")
    )
    exigent_circumstances: bool | None = Field(
        default=None,
        description="Were there exigent circumstances?",
        json_schema_extra=_extra("decision", "yes_no"),
    )

    # --- information that was released
    information_released: tuple[Information, ...] | None = Field(
        default=None,
        description="Which kinds of information were released? Tick none if nothing was.",
        json_schema_extra=_extra("information", "word"),
    )
    disclosed_at: AwareDatetime | None = Field(
        default=None,
        description="When was the information released?",
        json_schema_extra=_extra("information", "moment"),
    )
    identifying_information: bool | None = Field(
        default=None,
        description="Was identifying information about a person released?",
        json_schema_extra=_extra("information", "yes_no"),
    )
    disclosed_in_violation: bool | None = Field(
        default=None,
        description="Was the release against the privacy rules (Administrative Code, title 23, chapter 12)?",
        json_schema_extra=_extra("information", "yes_no"),
    )
    person_notified: bool | None = Field(
        default=None,
        description="Was the person told in writing of the release?",
        json_schema_extra=_extra("information", "yes_no"),
    )

    # --- what happened to the person
    person: PersonKey | None = Field(
        default=None,
        description="Key of the person, made by the application; never a name or a number of a record",
        json_schema_extra=_extra("person", "person"),
    )
    in_custody: bool | None = Field(
        default=None,
        description="Was the person in the agency's custody?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    custody_basis: Literal["local", "federal"] | None = Field(
        default=None,
        description="Was the person held on local or on federal charges?",
        json_schema_extra=_extra("person", "word"),
    )
    violent_or_serious_conviction: bool | None = Field(
        default=None,
        description="Did a search show a conviction for a violent or serious crime, as the law defines it?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    terrorist_screening_match: bool | None = Field(
        default=None,
        description="Did a search show a possible match in the terrorist screening database?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    release_due_at: AwareDatetime | None = Field(
        default=None,
        description="When would the person have been released without the request?",
        json_schema_extra=_extra("person", "moment"),
    )
    held_past_release: bool | None = Field(
        default=None,
        description="Was the person held past that time because of the request?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    hold_ended: HoldEnd | None = Field(
        default=None, description="How did the hold end?", json_schema_extra=_extra("person", "word")
    )
    bail_posted: bool | None = Field(
        default=None, description="Was criminal bail posted?", json_schema_extra=_extra("person", "yes_no")
    )
    bail_posted_at: AwareDatetime | None = Field(
        default=None, description="When was bail posted?", json_schema_extra=_extra("person", "moment")
    )
    released: bool | None = Field(
        default=None,
        description="Was the person released (not handed to another agency)?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    released_at: AwareDatetime | None = Field(
        default=None, description="When was the person released?", json_schema_extra=_extra("person", "moment")
    )
    transferred: bool | None = Field(
        default=None,
        description="Was the person handed over to another agency's custody?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    transferred_at: AwareDatetime | None = Field(
        default=None, description="When was the person handed over?", json_schema_extra=_extra("person", "moment")
    )
    transfer_facilitated: bool | None = Field(
        default=None,
        description="Did the agency help to bring about the transfer?",
        json_schema_extra=_extra("person", "yes_no"),
    )
    receiving_agency: Name | None = Field(
        default=None,
        description="Which agency received the person?",
        json_schema_extra=_extra("person", "vocabulary"),
    )
    transfer_ground: TransferGround | None = Field(
        default=None, description="What allowed the transfer?", json_schema_extra=_extra("person", "word")
    )
    offense: Citation | None = Field(
        default=None,
        description="Which offense allowed the transfer? Cite the section of the penal law.",
        json_schema_extra=_extra("person", "citation"),
    )

    # --- access
    access_given: bool | None = Field(
        default=None,
        description="Was access given to a place, a person or a database?",
        json_schema_extra=_extra("access", "yes_no"),
    )
    access_kind: AccessKind | None = Field(
        default=None, description="What kind of access was it?", json_schema_extra=_extra("access", "word")
    )
    facility: str | None = Field(
        default=None, max_length=200, description="To which facility?", json_schema_extra=_extra("access", "free_text")
    )

    # --- the task force through which it came
    task_force: Number | None = Field(
        default=None,
        description="Through which task force did it come, if any?",
        json_schema_extra=_extra("task_force", "number_of_request"),
    )

    # --- never in any report
    note: str | None = Field(
        default=None, max_length=4000, description="Notes of the agency", json_schema_extra=_extra("frame", "free_text")
    )

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        """A moment or a ground may not stand beside a "no": one of the two is wrong, and a report would repeat it."""
        for name, fact in FOLLOWS.items():
            if getattr(self, fact) is False and getattr(self, name) is not None:
                raise ValueError(f"`{fact}` is no, but `{name}` is given: change one of them")
        if self.decision is None and self.decided_at is not None:
            raise ValueError("`decided_at` is given, but `decision` is open: say how it was decided")
        return self


class Arrests(BaseModel):
    """Arrests that a task force made from one day to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Date = Field(description="From which day?")
    last: Date = Field(description="To which day, included?")
    total: int | None = Field(default=None, ge=0, description="How many arrests were made in all?")
    immigration: int | None = Field(
        default=None, ge=0, description="How many people were arrested for immigration enforcement purposes?"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("`last` lies before `first`")
        return self


class TaskForce(BaseModel):
    """One joint task force in which an agency takes part. Officers are told by role, never by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Number = Field(description="Number of the task force", json_schema_extra=_extra("task_force", "number"))
    name: str | None = Field(
        default=None,
        max_length=200,
        description="Name of the task force",
        json_schema_extra=_extra("task_force", "free_text"),
    )
    members: tuple[Name, ...] = Field(
        description="Which of our agencies take part?", json_schema_extra=_extra("task_force", "vocabulary")
    )
    purpose: str | None = Field(
        default=None,
        max_length=1000,
        description="What is the purpose of the task force? (Reported as written: name no person.)",
        json_schema_extra=_extra("task_force", "public_text"),
    )
    agencies: tuple[Annotated[str, StringConstraints(max_length=200)], ...] | None = Field(
        default=None,
        description="Which federal, state and local agencies take part? (Reported as written: name no person.)",
        json_schema_extra=_extra("task_force", "public_text"),
    )
    primarily_immigration: bool | None = Field(
        default=None,
        description="Is immigration enforcement its primary purpose?",
        json_schema_extra=_extra("task_force", "yes_no"),
    )
    certified_by_role: str | None = Field(
        default=None,
        max_length=200,
        description="Who certified the primary purpose? Give the role, not the name.",
        json_schema_extra=_extra("task_force", "free_text"),
    )
    certified_on: Date | None = Field(
        default=None, description="On which day was it certified?", json_schema_extra=_extra("task_force", "day")
    )
    start: Date | None = Field(
        default=None, description="From which day does it run?", json_schema_extra=_extra("task_force", "day")
    )
    end: Date | None = Field(
        default=None,
        description="On which day did it end? Leave empty while it runs.",
        json_schema_extra=_extra("task_force", "day"),
    )
    dedicated_resources: bool | None = Field(
        default=None,
        description="Has the agency agreed to dedicate personnel or resources on an ongoing basis?",
        json_schema_extra=_extra("task_force", "yes_no"),
    )
    designated_filer: Name | None = Field(
        default=None,
        description="Which agency was designated to report for all, if several take part?",
        json_schema_extra=_extra("task_force", "vocabulary"),
    )
    arrests: tuple[Arrests, ...] = Field(
        default=(),
        description="Arrests by period; what no entry covers is unknown",
        json_schema_extra=_extra("task_force", "arrests"),
    )
