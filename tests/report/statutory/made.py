"""Invented events for the reports: no agency received these requests, and no person in them exists."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

from brightline.law.pack import load, shipped_laws
from brightline.law.vocabulary import Vocabulary
from brightline.report.statutory.definition import Definition, read_all
from brightline.report.statutory.event import (
    AccessKind,
    Arrests,
    Channel,
    Decision,
    DetainerReason,
    Event,
    HoldEnd,
    Information,
    OffenseEnforced,
    Paper,
    Request,
    StatedPurpose,
    TaskForce,
    TransferGround,
    Verdict,
)

ROOT = Path(__file__).parents[3]
LAWS = ROOT / "laws"
AGENCIES = (
    "nypd", "nyc_doc", "nyc_probation", "nyc_other_agency", "law_enforcement_agency", "or_public_body",
    "ca_law_enforcement",
)  # fmt: skip
REQUESTERS = ("ice_ero", "ice_hsi", "ice", "cbp", "uscis", "us_marshals", "other_federal", "ny_county_jail")
PLANTED = ("Zebulon Quillfeather", '=HYPERLINK("Zebulon Quillfeather")', "@Zebulon Quillfeather")  # invented
NAME = "Quillfeather"
KEY = "zq-person-"


@cache
def vocabulary() -> Vocabulary:
    return load(shipped_laws()).vocabulary


@cache
def definitions() -> dict[str, Definition]:
    return read_all(LAWS / "reports", vocabulary())


def event(number: str = "R-1", **told: Any) -> Event:
    """One event with little in it: what a test does not tell is unknown."""
    frame = {"number": number, "agency": "nypd", "received_at": datetime(2026, 1, 15, 17, 0, tzinfo=UTC)}
    return Event.model_validate(frame | told)


def many(count: int = 1500, seed: int = 5) -> list[Event]:
    """Events over two years with every field sometimes unknown. The same seed gives the same events."""
    draw = random.Random(seed)
    return [one(draw, f"R-{n:04d}") for n in range(1, count + 1)]


def one(draw: random.Random, number: str) -> Event:
    def maybe(value: Any, unknown: float = 0.06) -> Any:
        return None if draw.random() < unknown else value

    def some(alias: Any, most: int) -> tuple[str, ...]:
        words = get_args(alias)
        return tuple(draw.sample(words, draw.randint(0, most)))

    def yes(chance: float = 0.6) -> Any:
        return maybe(draw.random() < chance)

    received = datetime(2025, 5, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(60 * 24 * 600))
    if draw.random() < 0.25:  # about midnight between two periods, as the clocks of the agencies and of UTC show it
        edge = draw.choice([date(2025, 7, 1), date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)])
        received = datetime(edge.year, edge.month, edge.day, tzinfo=UTC) + timedelta(minutes=draw.randrange(-60, 600))

    def later() -> datetime:
        return received + timedelta(minutes=draw.randrange(60 * 24 * 60))

    decision = maybe(draw.choice(get_args(Decision)), 0.2)
    transferred, released, bail, held = yes(0.5), yes(0.5), yes(0.4), yes(0.5)
    kinds = get_args(Request)
    return Event(
        number=number,
        agency=draw.choice(AGENCIES),
        received_at=received,
        channel=maybe(draw.choice(get_args(Channel))),
        requester=maybe(draw.choice(REQUESTERS)),
        requester_office=maybe(draw.choice(PLANTED)),
        federal_immigration_authority=yes(0.85),
        nonlocal_law_enforcement=yes(0.85),
        request=maybe(draw.choice((*kinds, *["civil_detainer"] * 5, *["information_request"] * 5))),
        asked=maybe(("share_custody_information",) if draw.random() < 0.5 else ()),
        stated_purpose=maybe(draw.choice(get_args(StatedPurpose))),
        civil_immigration_purpose=yes(0.5),
        offense_enforced=maybe(draw.choice(get_args(OffenseEnforced))),
        papers=maybe(some(Paper, 2)),
        judicial_warrant=yes(0.3),
        detainer_reasons=maybe(some(DetainerReason, 3)),
        verdict=maybe(draw.choice(get_args(Verdict))),
        clauses=maybe(("§ 14-154(b)(1)",)),
        exception=maybe("§ 14-154(b)(1)(i)"),
        rests_on=maybe(("civil_immigration_purpose",)),
        decision=decision,
        decided_at=maybe(later()) if decision else None,
        exigent_circumstances=yes(0.1),
        information_released=maybe(some(Information, 4)),
        disclosed_at=maybe(later()),
        identifying_information=yes(0.7),
        disclosed_in_violation=yes(0.5),
        person_notified=yes(0.5),
        person=maybe(f"{KEY}{draw.randrange(90):04d}"),
        in_custody=yes(0.8),
        custody_basis=maybe(draw.choice(("local", "federal"))),
        violent_or_serious_conviction=yes(0.4),
        terrorist_screening_match=yes(0.3),
        release_due_at=maybe(later()),
        held_past_release=held,
        hold_ended=None if held is False else maybe(draw.choice(get_args(HoldEnd))),
        bail_posted=bail,
        bail_posted_at=None if bail is False else maybe(later()),
        released=released,
        released_at=None if released is False else maybe(later()),
        transferred=transferred,
        transferred_at=None if transferred is False else maybe(later()),
        transfer_facilitated=yes(0.5),
        receiving_agency=None if transferred is False else maybe(draw.choice(REQUESTERS)),
        transfer_ground=None if transferred is False else maybe(draw.choice(get_args(TransferGround))),
        offense=maybe(draw.choice(("Penal Code § 187", "Penal Code § 211", "Penal Code § 459"))),
        access_given=yes(0.2),
        access_kind=maybe(draw.choice(get_args(AccessKind))),
        facility=maybe(draw.choice(PLANTED)),
        task_force=maybe("TF-1", 0.8),
        note=maybe(draw.choice(PLANTED)),
    )


def task_forces() -> list[TaskForce]:
    """Invented: one with whole figures, one with a gap, one over before, one that another agency reports."""

    def force(id: str, **told: Any) -> TaskForce:
        frame = {
            "id": id,
            "members": ("ca_law_enforcement",),
            "purpose": "Thefts from freight trains",
            "agencies": ("Invented County Sheriff", "Homeland Security Investigations"),
            "start": date(2024, 3, 1),
            "dedicated_resources": True,
            "certified_by_role": PLANTED[0],
        }
        return TaskForce.model_validate(frame | told)

    whole = Arrests(first=date(2025, 1, 1), last=date(2025, 6, 30), total=12, immigration=0)
    rest = Arrests(first=date(2025, 7, 1), last=date(2025, 12, 31), total=9, immigration=2)
    return [
        force("TF-1", arrests=(rest, whole)),
        force("TF-2", arrests=(whole,), purpose="=1+1"),
        force("TF-3", end=date(2024, 12, 31)),
        force("TF-4", members=("ca_law_enforcement", "other_local_agency"), designated_filer="other_local_agency"),
        force("TF-5", dedicated_resources=None, start=None),
        force("TF-6", dedicated_resources=False),
    ]
