"""Invented requests for a demonstration, made through the steps, so that each of them is in the ledger.

Nobody here exists: the names are put together from lists of things. The same agency and day give the same requests. The
steps stamp what they do with the present; afterwards the rows are given the days on which it would have been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from brightline.service.gate import decide, follow, letters, numbers
from brightline.service.gate.models import FOLLOW_UP_AFTER, FollowUp, Proposal, Request, State
from brightline.service.gate.receive import receive
from brightline.service.gate.registers import count_arrests, file_report, keep_task_force
from brightline.service.gate.statutory import applying, standings
from brightline.service.people.models import Agency, Person, Role

SEED = 20261128
DAYS = 912  # thirty months
FIRST = ("Amber", "Basil", "Cedar", "Clover", "Coral", "Fern", "Hazel", "Indigo", "Juniper", "Linden", "Maple", "Olive")
LAST = ("Bookcase", "Doorstep", "Inkwell", "Lampshade", "Notepad", "Paperclip", "Signpost", "Teacup")
OFFICES = (
    ("ice_ero", "ERO Example Field Office"),
    ("ice_hsi", "HSI Example Office"),
    ("ice_hsi", "HSI Sample Harbor Unit"),
    ("cbp", "CBP Example Airport"),
    ("us_marshals", "Marshals, Example District"),
)
SHOWN = "an invented file"
SETTLED = {
    "nonlocal_law_enforcement": True, "by_or_to_police": True, "duty_under_state_or_local_law": False,
    "required_by_federal_law": False, "cooperative_arrangement": False, "arrangement_primarily_immigration": False,
    "court_order": False, "court_safety_duty": False, "attending_court": False, "restriction_barred_by_federal_law": False,
    "homeland_security_direction": False, "assists_civil_arrest": False, "allowed_by_detainer_sections": False,
    "immigration_purpose_primary": True,
}  # fmt: skip
CRIME = {
    "stated_purpose": "other_criminal", "civil_immigration_purpose": False, "offense_enforced": "other_offense",
    "crime_investigation": True, "identifying_information": True, "judicial_warrant": False,
}  # fmt: skip
CIVIL = {
    "stated_purpose": "civil_immigration", "civil_immigration_purpose": True, "offense_enforced": "no_offense",
    "identifying_information": True, "judicial_warrant": False,
}  # fmt: skip
WARRANT = {
    "stated_purpose": "criminal_immigration", "civil_immigration_purpose": True, "offense_enforced": "ina_presence_offense",
    "judicial_warrant_with_detainer": True, "terrorist_screening_match": True, "allowed_by_detainer_sections": True,
    "held_only_for_search": False, "held_before_warrant": False, "reentered_after_removal": False,
}  # fmt: skip
PURPOSES = {
    "other_criminal": ("money laundering", "stolen cargo", "a forged passport", "fraud with parcels"),
    "criminal_immigration": ("re-entry after removal",),
    "civil_immigration": ("removal proceedings", "a final order of removal"),
}
INFORMATION = ("identifying_information", "contact_details", "home_address", "case_information", "criminal_history")
TOLD_OF_CUSTODY = ("incarceration_status", "release_date", "court_date")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request, and how often it comes. `facts` are told with it; `stated`: nobody has verified them yet."""

    weight: int
    offices: tuple[int, ...]
    request: str
    asked: str
    facts: dict[str, Any]
    stated: bool = False
    channels: tuple[str, ...] = ("email", "letter", "fax")
    task_force: str = ""


KINDS = (
    Kind(24, (0,), "civil_detainer", "honor_detainer", {**CIVIL, "judicial_warrant_with_detainer": False}),
    Kind(5, (0, 3), "civil_detainer", "transfer_custody", WARRANT),
    Kind(14, (0,), "notification_request", "notify_release", CIVIL),
    Kind(12, (0, 3), "information_request", "share_personal_information", CIVIL, channels=("email", "telephone", "portal")),
    Kind(20, (1, 2), "information_request", "share_personal_information", CRIME, channels=("email", "database", "portal")),
    Kind(12, (1, 2, 3), "information_request", "share_personal_information", CRIME, stated=True),
    Kind(5, (4,), "notification_request", "share_custody_information", CRIME, channels=("telephone", "fax", "in_person")),
    Kind(5, (0, 3), "access_request", "allow_premises_access", CIVIL, channels=("in_person", "telephone")),
    Kind(4, (0,), "subpoena", "share_personal_information", CIVIL, channels=("letter", "other")),
    Kind(7, (1,), "task_force_request", "operational_support", CRIME, channels=("task_force",), task_force="border-parcels"),
    Kind(6, (2,), "information_request", "share_personal_information", CRIME, channels=("task_force",),
         task_force="dock-watch"),
    Kind(4, (1, 3), "information_request", "share_personal_information", {"stated_purpose": "none_given"}),
)  # fmt: skip


def fill(agency: Agency, people: Mapping[str, Person], count: int = 120) -> int:
    """Invent requests of the last thirty months for an agency without any. Returns how many there are.

    `people` has somebody for each of the roles officer, reviewer and records.
    """
    chance = Random(SEED)
    officer, reviewer, records = people[Role.OFFICER], people[Role.REVIEWER], people[Role.RECORDS]
    today = agency.today()
    _task_forces(records, today)
    numbers.load(
        agency,
        records,
        [numbers.digest(f"M-{n:06d}") for n in range(40)],
        [numbers.digest(f"M-{n:06d}") for n in range(900, 912)],
    )
    kinds = chance.choices(KINDS, [k.weight for k in KINDS], k=count)
    days = sorted(today - timedelta(days=chance.randrange(1, DAYS)) for _ in range(count))
    for n, (kind, day) in enumerate(zip(kinds, days, strict=True)):
        received = datetime.combine(day, time(chance.randrange(13, 22), chance.randrange(60)), UTC)
        request = _received(kind, officer, received, chance, f"demo-{n}")
        _goes_on(request, kind, officer, reviewer, today, chance)
    _file(records, today)
    _stopped(officer, today)
    _emergency(officer, today)
    return Request.objects.filter(agency=agency).count()


def _told(value: Any, stated: bool) -> dict[str, Any]:
    return {
        "value": value,
        "basis": "stated" if stated else "verified",
        "shown_by": "the requester" if stated else SHOWN,
    }


def _person(chance: Random) -> dict[str, str]:
    told = {"name": f"{chance.choice(FIRST)} {chance.choice(LAST)} (invented)"}
    if chance.random() < 0.85:  # of some nobody noted when they were born, so that it is not known who they are
        told["born"] = date(1960 + chance.randrange(45), chance.randrange(1, 13), chance.randrange(1, 29)).isoformat()
    return told


def _received(kind: Kind, officer: Person, received: datetime, chance: Random, key: str) -> Request:
    actor, office = OFFICES[chance.choice(kind.offices)]
    immigration = actor != "us_marshals"
    facts = {name: _told(value, False) for name, value in SETTLED.items()}
    facts |= {name: _told(value, kind.stated) for name, value in kind.facts.items()}
    facts["request"] = _told(kind.request, False)
    if chance.random() < 0.94:  # of the others nobody has looked whose officers they are
        facts["federal_immigration_authority"] = _told(immigration, False)
    purpose = chance.choice(PURPOSES.get(str(kind.facts.get("stated_purpose")), ("",)))
    return receive(
        officer,
        received_at=received,
        channel=chance.choice(kind.channels),
        asked=[kind.asked],
        office=(actor, office),
        reference=f"EX-{chance.randrange(10000, 99999)}",
        words={"asked": "what the form says (invented)", "purpose": purpose},
        subject=_person(chance),
        facts=facts,
        task_force=kind.task_force or None,
        key=key,
    )


def _goes_on(request: Request, kind: Kind, officer: Person, reviewer: Person, today: date, chance: Random) -> None:
    """What is done about a request: decided, answered, told of, followed up, as far as the days that have passed allow."""
    age = (today - request.day).days
    if request.verdict == "unsettled" or chance.random() < (0.7 if age < 8 else 0.03):
        return
    decided = request.received_at + timedelta(days=min(chance.randrange(1, 6), max(age - 1, 0)), hours=1)
    grants = request.verdict in ("excepted", "unreached", "required")
    if kind.stated and grants:
        if chance.random() < 0.45:
            _propose(request, officer, "refused", "the stated purpose could not be verified", decided)
        else:
            for fact in decide.unverified(request):
                decide.waive(request, reviewer, fact, "the docket was read over the telephone (invented)")
            _grant(request, officer, reviewer, kind, decided, chance)
    elif grants:
        _grant(request, officer, reviewer, kind, decided, chance)
    else:
        _propose(request, officer, "refused", "the law bars it", decided)
    request.refresh_from_db()
    if request.state == State.DECIDED and (told := _happened(request, kind, decided, chance)):
        decide.tell(request, officer, told)
    if request.state == State.DECIDED and age > 12:
        letters.answer_letter(request, officer)
        request.letter.at = decided + timedelta(days=1)
        request.letter.save(update_fields=["at"])
    _follow(request, officer, decided, today, chance)


def _propose(request: Request, officer: Person, outcome: str, reason: str, at: datetime, **more: Any) -> Proposal:
    made = decide.propose(request, officer, outcome, reason, **more)
    Proposal.objects.filter(pk=made.pk).update(at=at - timedelta(hours=2))
    _dated(request, at)
    return made


def _grant(request: Request, officer: Person, reviewer: Person, kind: Kind, at: datetime, chance: Random) -> None:
    information, release = [], {}
    if kind.asked == "share_custody_information":
        information = chance.sample(TOLD_OF_CUSTODY, 2)
        release = {"Release date": (at.date() + timedelta(days=9)).isoformat()}
    elif kind.asked == "share_personal_information":
        information = chance.sample(INFORMATION, chance.randrange(1, 4))
        release = {"Name": str((request.subject or {}).get("name", ""))}
    outcome = "partly" if chance.random() < 0.25 else "granted"
    made = _propose(request, officer, outcome, "a criminal case, shown by the docket (invented)", at,
                    release=release, information=information)  # fmt: skip
    if (timezone.now() - at) < timedelta(days=3):
        return  # waits for the second person
    decide.second(made, reviewer, True)
    Proposal.objects.filter(pk=made.pk).update(seconded_at=at)
    _dated(request, at)


def _dated(request: Request, at: datetime) -> None:
    """The rows say when it would have been decided."""
    request.refresh_from_db()
    if request.decided_at is None:
        return
    happened = dict(request.happened)
    if "disclosed_at" in happened:
        happened["disclosed_at"] = at.isoformat()
    Request.objects.filter(pk=request.pk).update(decided_at=at, happened=happened, made=request.received_at)
    due = at.astimezone(request.agency.zone()).date() + FOLLOW_UP_AFTER
    FollowUp.objects.filter(request=request).update(due=due)
    request.refresh_from_db()


def _happened(request: Request, kind: Kind, decided: datetime, chance: Random) -> dict[str, Any]:
    """What would be known afterwards; some of it nobody noted."""
    told: dict[str, Any] = {}
    if kind.request == "civil_detainer":
        told["detainer_reasons"] = chance.sample(
            ["removable", "proceedings_initiated", "removal_order"], chance.choice([1, 1, 2])
        )
        released = decided + timedelta(days=chance.randrange(1, 20))
        told |= {"in_custody": True, "custody_basis": "local", "release_due_at": released.isoformat()}
        if request.outcome == "refused":
            told["held_past_release"] = False
            if released < timezone.now():
                told |= {"released": True, "released_at": released.isoformat(), "transferred": False}
        elif released < timezone.now():
            told |= {
                "held_past_release": chance.random() < 0.6, "transferred": True, "transferred_at": released.isoformat(),
                "receiving_agency": "ice_ero", "transfer_ground": "judicial_warrant", "released": False,
                "terrorist_screening_match": True,
            }  # fmt: skip
        if chance.random() < 0.8:
            told["violent_or_serious_conviction"] = chance.random() < 0.3
    elif kind.request in ("notification_request", "information_request"):
        if chance.random() < 0.85:
            told["in_custody"] = kind.request == "notification_request" or chance.random() < 0.4
        if chance.random() < 0.75:
            told["violent_or_serious_conviction"] = chance.random() < 0.4
            told["terrorist_screening_match"] = chance.random() < 0.1
        if request.outcome != "refused" and chance.random() < 0.8:
            told["transfer_facilitated"] = False
    if request.happened.get("information_released"):
        told["identifying_information"] = True
        told["disclosed_in_violation"] = chance.random() < 0.12
        if chance.random() < 0.7:
            told["person_notified"] = chance.random() < 0.5
    if kind.request == "access_request":
        told |= {"access_given": request.outcome != "refused", "access_kind": "premises"}
    return told


def _follow(request: Request, officer: Person, decided: datetime, today: date, chance: Random) -> None:
    found = FollowUp.objects.filter(request=request).first()
    if found is None or found.due > today or chance.random() < 0.12:  # some are overdue
        return
    reliable = request.office is not None and "Harbor" not in request.office.name
    weights = (30, 25, 8, 12, 25) if reliable else (8, 6, 34, 22, 30)
    outcome = chance.choices(["charge", "conviction", "civil_immigration_custody", "nothing", "unknown"], weights)[0]
    shown = {"unknown": "", "nothing": "the office, by e-mail (invented)"}.get(outcome, "the docket (invented)")
    follow.came(found, officer, outcome, shown)
    at = datetime.combine(min(found.due + timedelta(days=chance.randrange(15)), today), time(16), UTC)
    FollowUp.objects.filter(pk=found.pk).update(at=at)


def _task_forces(records: Person, today: date) -> None:
    parcels = keep_task_force(records, "border-parcels", {
        "name": "Border Parcels Task Force (invented)", "agreement": "Memorandum of understanding, signed (invented)",
        "federal_agencies": ["HSI Example Office", "Postal inspectors (invented)"], "state_agencies": [],
        "local_agencies": [records.agency.name], "purpose": "Fraud and contraband in parcels.",
        "primarily_immigration": False, "certified_by": "deputy commissioner, legal matters",
        "certified_on": today - timedelta(days=120), "starts": today - timedelta(days=1300), "ongoing_resources": True,
        "roles": {"detective": 3, "sergeant": 1},
    })  # fmt: skip
    keep_task_force(records, "dock-watch", {
        "name": "Dock Watch (invented)", "agreement": "", "federal_agencies": ["HSI Sample Harbor Unit"],
        "local_agencies": [records.agency.name], "purpose": "Cargo theft at the harbor.", "primarily_immigration": None,
        "certified_by": "chief of detectives", "certified_on": today - timedelta(days=420),
        "starts": today - timedelta(days=800), "ongoing_resources": True, "roles": {"detective": 2},
    })  # fmt: skip
    count_arrests(parcels, records, today.year - 2, 14, 0)
    count_arrests(parcels, records, today.year - 1, 11, None)


def _file(records: Person, today: date) -> None:
    """The reports of the periods that ended more than nine months ago were filed."""
    for definition in applying(records.agency):
        for s in standings(records.agency, definition, today):
            if s.period.last < today - timedelta(days=270):
                file_report(records, definition, s.period, s.day or s.period.last + timedelta(days=20))


def _stopped(officer: Person, today: date) -> None:
    """A request for a record of which nothing may be said."""
    facts = {name: _told(value, False) for name, value in SETTLED.items()}
    facts |= {name: _told(value, True) for name, value in CRIME.items()}
    facts |= {"request": _told("information_request", False), "federal_immigration_authority": _told(True, False)}
    request = receive(
        officer,
        received_at=datetime.combine(today - timedelta(days=2), time(15), UTC),
        channel="email",
        asked=["share_personal_information"],
        office=OFFICES[1],
        words={"asked": "the whole record M-000905 (invented)", "purpose": "money laundering"},
        subject={"name": "Juniper Teacup (invented)", "born": "1990-01-01"},
        facts=facts,
        key="demo-stopped",
    )
    numbers.look_up(request, officer, "M-000905")


def _emergency(officer: Person, today: date) -> None:
    """A grant that one person decided, and that waits for its review."""
    facts = {name: _told(value, False) for name, value in {**SETTLED, **CRIME}.items()}
    facts |= {"request": _told("information_request", False), "federal_immigration_authority": _told(True, False)}
    request = receive(
        officer,
        received_at=datetime.combine(today - timedelta(days=1), time(20), UTC),
        channel="telephone",
        asked=["share_personal_information"],
        office=OFFICES[4],
        words={"asked": "an address, at once (invented)", "purpose": "a kidnapping"},
        subject={"name": "Basil Signpost (invented)", "born": "1985-05-05"},
        facts=facts | {"federal_immigration_authority": _told(False, False)},
        key="demo-emergency",
    )
    decide.propose(
        request, officer, "granted", "a life is in danger (invented)", emergency=True,
        release={"Address": "1 Invented Street"}, information=["home_address"],
    )  # fmt: skip
