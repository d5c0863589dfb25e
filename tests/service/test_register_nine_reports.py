"""One set of requests -> every statutory report, each number counted a second time in SQL, written from the law's text.

The requests are made through the steps. They are exported as plain rows, and DuckDB counts them: neither the events nor
`report.statutory` have a part in that. SQL's NULL is unknown, and its logic of three values is the one that the reports owe
to the law: what nobody recorded is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from brightline.papers import read_paper
from brightline.report.statutory import Period, Report
from brightline.service.gate import decide, registers, statutory
from brightline.service.gate.demo_requests import SETTLED
from brightline.service.gate.errors import GateError
from brightline.service.gate.models import Outcome, Request, State, TaskForce
from brightline.service.gate.receive import keep_paper, receive
from brightline.service.people.models import Agency
from brightline.service.record.write import recording
from tests.service.conftest import People

pytestmark = pytest.mark.django_db  # makes the database; the requests are there before each test, and stay
HOW_MANY = 170
FIRST, LAST = date(2024, 7, 1), date(2026, 6, 30)
YEAR = Period(date(2025, 7, 1), date(2026, 6, 30))
CALENDAR_YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
MONTH = Period(date(2025, 10, 1), date(2025, 10, 31))
REASONS = ("removable", "proceedings_initiated", "warrant_served", "removal_order", "other")
KINDS = ("incarceration_status", "release_date", "court_date", "appointment_date", "home_address", "immigration_status")
REQUESTS = ("civil_detainer", "information_request", "notification_request", "access_request", "none")
OFFICES = ("ice_ero", "ice_hsi", "cbp", "us_marshals", "ny_local_police", None)
# every field outside of the request that a report asks for, and the fact of the request, kept as plain columns
YES_NO = (
    "in_custody", "violent_or_serious_conviction", "terrorist_screening_match", "held_past_release", "bail_posted", "released",
    "transferred", "transfer_facilitated", "identifying_information", "disclosed_in_violation", "person_notified",
    "judicial_warrant",
)  # fmt: skip
WORDS = ("custody_basis", "hold_ended", "receiving_agency", "transfer_ground", "offense")
MOMENTS = ("disclosed_at", "release_due_at", "bail_posted_at", "released_at", "transferred_at")
PAPERS = ("letter", "i200")
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: invented\r\nContent-Type: text/plain\r\n\r\nPlease send the record.\r\n"


# --- the requests ----------------------------------------------------------------------------------------------------------


def fact(value: Any, verified: bool) -> dict[str, Any]:
    return {"value": value, "basis": "verified" if verified else "stated", "shown_by": "an invented file"}


def moment(chance: Random, first: date = FIRST) -> str:
    """Some hour of some day; often near midnight, where two time zones have two days."""
    day = first + timedelta(days=chance.randrange(max((LAST - first).days, 1)))
    return datetime(day.year, day.month, day.day, chance.choice([3, 5, 7, 16]), 30, tzinfo=UTC).isoformat()


def happened(chance: Random, received: datetime, kind: str) -> dict[str, Any]:
    """Anything that can be told; a third of it nobody noted."""

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.3 else value

    told: dict[str, Any] = {n: maybe(chance.random() < 0.6) for n in YES_NO if n != "judicial_warrant"}
    told["custody_basis"] = maybe(chance.choice(["local", "federal"]))
    for name in ("disclosed_at", "release_due_at"):
        told[name] = maybe(moment(chance, received.date()))
    if told["held_past_release"] is not False:
        told["hold_ended"] = maybe(chance.choice(["transferred", "expired_48_hours", "disavowed"]))
    if told["bail_posted"] is not False:
        told["bail_posted_at"] = maybe(moment(chance, received.date()))
    if told["released"] is not False:
        told["released_at"] = maybe(moment(chance, received.date()))
    if told["transferred"] is not False:
        told["transferred_at"] = maybe(moment(chance, received.date()))
        told["receiving_agency"] = maybe(chance.choice(["ice_ero", "ice", "us_marshals"]))
        told["transfer_ground"] = maybe(chance.choice(["judicial_warrant", "conviction"]))
        told["offense"] = maybe(chance.choice(["Penal Code § 187", "Penal Code § 211"]))
    told["information_released"] = maybe(chance.sample(KINDS, chance.randrange(4)))
    if kind == "civil_detainer":
        told["detainer_reasons"] = maybe(chance.sample(REASONS, chance.randrange(1, 3)))
    return {n: v for n, v in told.items() if v is not None}


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Agency]:
    """The agency with its requests: made once, and taken away with the transaction."""
    from django.db import transaction

    from brightline.service.people.models import Role
    from tests.service.conftest import person_of

    with django_db_blocker.unblock(), transaction.atomic():
        agency = Agency.objects.create(name="One Set (invented)", actor="nypd", packs=["us-ny-nyc"])
        people = {str(role): person_of(agency, str(role), "nine") for role in Role}
        build(agency, people)
        yield agency
        transaction.set_rollback(True)


def build(agency: Agency, people: People) -> None:
    chance = Random(7284)
    read = read_paper(MAIL, "an-invented.eml")
    readings = {
        kind: replace(read, kind=kind) for kind in PAPERS
    }  # what the reader makes of papers is tested elsewhere
    officer, reviewer = people["officer"], people["reviewer"]
    for _ in range(HOW_MANY):
        kind, office = chance.choice(REQUESTS[:3] * 3 + REQUESTS), chance.choice(OFFICES)
        crime = chance.random() < 0.55
        facts = {name: fact(value, True) for name, value in SETTLED.items()} | {
            "request": fact(kind, True),
            "nonlocal_law_enforcement": fact(office != "ny_local_police", True),
            "federal_immigration_authority": fact(chance.random() < 0.85, True),
            "stated_purpose": fact("other_criminal" if crime else "civil_immigration", False),
            "civil_immigration_purpose": fact(not crime, chance.random() < 0.75),
            "offense_enforced": fact(
                chance.choice(["other_offense"] * 6 + ["no_offense", "ina_presence_offense", "registration_offense"]),
                chance.random() < 0.75,
            ),
            "judicial_warrant": fact(chance.random() < 0.3, chance.random() < 0.7),
            "crime_investigation": fact(True, True),
            "identifying_information": fact(True, True),
        }
        for name in ("request", "federal_immigration_authority", "nonlocal_law_enforcement", "civil_immigration_purpose",
                     "offense_enforced"):  # fmt: skip
            if chance.random() < 0.1:
                del facts[name]
        received = datetime.fromisoformat(moment(chance))
        who = {"name": f"Example {chance.randrange(45)} (invented)", "born": "1990-01-01"}
        request = receive(
            officer, received_at=received, asked=["share_personal_information"], facts=facts,
            channel=chance.choice(["email", "letter", ""]), office=(office, f"An office of {office}") if office else None,
            subject=who if chance.random() < 0.85 else {},
        )  # fmt: skip
        for name in chance.choice([(), ("letter",), ("letter",), ("i200",), ("letter", "i200")]):
            with recording() as record:
                keep_paper(request, officer, f"{name}.eml", MAIL, readings[name], record)
        settle(request, people, chance)
        if request.state != State.PROPOSED:
            decide.tell(request, officer, happened(chance, received, kind))
    assert reviewer.agency == agency
    records = people["records"]
    for code, resources, counts in (
        ("one", True, (5, 2)),
        ("two", True, (4, None)),
        ("three", False, (9, 9)),
        ("four", None, None),
    ):
        force = registers.keep_task_force(records, code, {
            "name": f"{code} (invented)", "purpose": "An invented purpose.", "federal_agencies": ["HSI (invented)"],
            "starts": date(2025, 3, 1), "ongoing_resources": resources,
        })  # fmt: skip
        if counts:
            registers.count_arrests(force, records, 2025, *counts)


def settle(request: Request, people: People, chance: Random) -> None:
    """Decided as the law and chance have it: refused, granted by two, stopped, still open."""
    way = chance.random()
    if way < 0.1:
        return
    if way < 0.7:
        try:
            for name in decide.unverified(request):
                decide.waive(request, people["reviewer"], name, "an invented reason")
            proposal = decide.propose(
                request, people["reviewer"], chance.choice(["granted", "partly"]), "an invented reason",
                information=chance.sample(KINDS, chance.randrange(1, 3)),
            )  # fmt: skip
            decide.second(proposal, people["records"], True)
        except GateError:
            decide.propose(request, people["officer"], "refused", "the law does not allow it")
    else:
        decide.propose(request, people["officer"], "refused", "an invented reason")


# --- the same rows, exported ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(made: Agency) -> duckdb.DuckDBPyConnection:
    """A table with one row a request, straight from the rows of the application."""
    known = duckdb.connect()
    columns = [
        "number VARCHAR", "requester VARCHAR", "request VARCHAR", "nonlocal BOOLEAN", "fia BOOLEAN", "civil BOOLEAN",
        "offense_enforced VARCHAR", "purpose VARCHAR", "decision VARCHAR", "papers VARCHAR[]", "person VARCHAR",
        "information VARCHAR[]", "reasons VARCHAR[]", *(f"{n} BOOLEAN" for n in YES_NO), *(f"{n} VARCHAR" for n in WORDS),
        *(f"{n}_{z} DATE" for n in ("received", *MOMENTS) for z in ("ny", "la", "ch")),
    ]  # fmt: skip
    known.execute(f"CREATE TABLE r ({', '.join(columns)})")
    for request in Request.objects.filter(agency=made).select_related("office"):
        known.execute(f"INSERT INTO r VALUES ({', '.join('?' * len(columns))})", export(request))
    return known


def export(request: Request) -> list[Any]:
    facts, told = request.facts, request.happened

    def value(name: str) -> Any:
        return facts.get(name, {}).get("value")

    def true_purpose(name: str, denials: tuple[Any, ...]) -> Any:
        """The law asks what the request was made for: a requester's own word that it was nothing of the kind is none."""
        verified = facts.get(name, {}).get("basis") == "verified"
        return None if value(name) in denials and not verified else value(name)

    warrant = facts.get("judicial_warrant", {})
    who = request.subject or {}
    yes_no = {n: told.get(n) for n in YES_NO} | {
        "judicial_warrant": warrant.get("value") if warrant.get("basis") == "verified" else None
    }
    days: list[Any] = []
    for text in (request.received_at.isoformat(), *(told.get(n) for n in MOMENTS)):
        for zone in ("America/New_York", "America/Los_Angeles", "America/Chicago"):
            days.append(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).date() if text else None)
    return [
        request.number, request.office.actor if request.office else None, value("request"), value("nonlocal_law_enforcement"),
        value("federal_immigration_authority"), true_purpose("civil_immigration_purpose", (False,)),
        true_purpose("offense_enforced", ("other_offense", "no_offense")), value("stated_purpose"), request.outcome or None,
        sorted({p.kind for p in request.papers.all()}) or None, who.get("name"), told.get("information_released"),
        told.get("detainer_reasons"), *yes_no.values(), *(told.get(n) for n in WORDS), *days,
    ]  # fmt: skip


@dataclass(frozen=True)
class Law:
    """One line of a report, as the law's words ask for it. `decision` is a further condition on how it was decided."""

    report: str
    line: str
    where: str
    day: str = "received"
    persons: bool = False
    decision: str = "TRUE"


FEDERAL = "('federal_agency', 'ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis', 'us_marshals', 'us_bureau_of_prisons', 'other_federal')"
TO_IMMIGRATION = "transferred AND receiving_agency IN ('ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis')"
DETAINER = "request = 'civil_detainer' AND fia"  # "civil immigration detainers … from federal immigration authorities"
ASKS = "request IN ('information_request', 'notification_request') AND fia"
HONORED = "decision IN ('granted', 'partly')"
# § 10-178(a) until 28 January 2026, and since
ENFORCEMENT = """nonlocal AND NOT request = 'none' AND (civil OR offense_enforced = 'ina_presence_offense' OR
    (received_ny >= DATE '2026-01-29' AND
     offense_enforced IN ('other_presence_offense', 'registration_offense', 'mayor_proxy_law')))"""
TOLD = "len(information) > 0"
DHS = "requester IN ('ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis')"
FORMS = "list_has_any(papers, ['i247a', 'i200', 'i205'])"
NYPD = [
    Law("nyc-14-154-f", "f.1", DETAINER),
    Law("nyc-14-154-f", "f.2", f"{DETAINER} AND held_past_release", "release_due_at", persons=True),
    Law("nyc-14-154-f", "f.3", f"{DETAINER} AND {TO_IMMIGRATION}", "transferred_at", persons=True),
    Law("nyc-14-154-f", "f.4", DETAINER, persons=True, decision="decision = 'refused'"),
    Law("nyc-14-154-f", "f.5", f"{ASKS} AND in_custody"),
    Law("nyc-14-154-f", "f.5.responses", f"{ASKS} AND in_custody", decision=HONORED),
    Law("nyc-14-154-f", "f.5.i", f"{ASKS} AND in_custody AND NOT violent_or_serious_conviction", decision=HONORED),
    Law("nyc-14-154-f", "f.5.ii", f"{ASKS} AND in_custody AND violent_or_serious_conviction", decision=HONORED),
    Law("nyc-14-154-f", "f.5.iii", f"{ASKS} AND in_custody AND NOT violent_or_serious_conviction AND terrorist_screening_match",
        decision=HONORED),
]  # fmt: skip
DOC = [
    Law("nyc-9-131-f", "f.1", DETAINER),
    Law("nyc-9-131-f", "f.2", f"{DETAINER} AND held_past_release", "release_due_at", persons=True),
    Law("nyc-9-131-f", "f.3", f"{DETAINER} AND {TO_IMMIGRATION}", "transferred_at", persons=True),
    Law("nyc-9-131-f", "f.4", f"{DETAINER} AND {TO_IMMIGRATION} AND violent_or_serious_conviction", "transferred_at", persons=True),
    Law("nyc-9-131-f", "f.5", f"{DETAINER} AND {TO_IMMIGRATION} AND NOT violent_or_serious_conviction AND terrorist_screening_match",
        "transferred_at", persons=True),
    Law("nyc-9-131-f", "f.7", DETAINER, persons=True, decision="decision = 'refused'"),
    Law("nyc-9-131-f", "f.8", f"{DETAINER} AND held_past_release AND hold_ended IN ('expired_48_hours', 'disavowed')",
        "release_due_at", persons=True),
    Law("nyc-9-131-f", "f.9", f"{ASKS} AND in_custody"),
    Law("nyc-9-131-f", "f.9.responses", f"{ASKS} AND in_custody", decision=HONORED),
    Law("nyc-9-131-f", "f.9.i", f"{ASKS} AND in_custody AND NOT violent_or_serious_conviction", decision=HONORED),
    Law("nyc-9-131-f", "f.9.ii", f"{ASKS} AND in_custody AND violent_or_serious_conviction", decision=HONORED),
    Law("nyc-9-131-f", "f.9.iii", f"{ASKS} AND in_custody AND NOT violent_or_serious_conviction AND terrorist_screening_match",
        decision=HONORED),
]  # fmt: skip
PROBATION = [
    Law("nyc-9-205-f", "f.1", DETAINER),
    Law("nyc-9-205-f", "f.2", f"{DETAINER} AND held_past_release", "release_due_at", persons=True),
    Law("nyc-9-205-f", "f.3", f"{DETAINER} AND {TO_IMMIGRATION}", "transferred_at", persons=True),
    Law("nyc-9-205-f", "f.4", DETAINER, persons=True, decision="decision = 'refused'"),
    Law("nyc-9-205-f", "f.5", ASKS),
    Law("nyc-9-205-f", "f.5.responses", ASKS, decision=HONORED),
    Law("nyc-9-205-f", "f.5.i", f"{ASKS} AND NOT violent_or_serious_conviction", decision=HONORED),
    Law("nyc-9-205-f", "f.5.ii", f"{ASKS} AND violent_or_serious_conviction", decision=HONORED),
    Law(
        "nyc-9-205-f",
        "f.5.iii",
        f"{ASKS} AND NOT violent_or_serious_conviction AND terrorist_screening_match",
        decision=HONORED,
    ),
]
OTHERS = [
    Law("nyc-10-178-d", "d", ENFORCEMENT),
    Law("nyc-10-178-d", "d.released", f"{ENFORCEMENT} AND {TOLD}"),
    Law("nyc-23-1202-c4", "c.4", "identifying_information AND disclosed_in_violation", "disclosed_at"),
    Law("or-181a-826-3", "3.a", f"""requester IN {FEDERAL} AND NOT (list_contains(papers, 'judicial_subpoena') OR request = 'none')
        AND (civil OR offense_enforced IN ('ina_presence_offense', 'other_presence_offense'))"""),
    Law("il-805-25", "a.1", f"{DHS} AND civil AND NOT (request IN ('civil_detainer', 'none') OR {FORMS})"),
    Law("il-805-25", "a.2", f"request = 'civil_detainer' OR {FORMS}"),
    Law("ca-7284-6-c2", "c.2", TO_IMMIGRATION, "transferred_at"),
    Law("dc-24-211-07-d", "d.1", "fia AND request IN ('civil_detainer', 'information_request', 'notification_request')"),
    Law("dc-24-211-07-d", "d.2", TO_IMMIGRATION, "transferred_at", persons=True),
    Law("dc-24-211-07-d", "d.3.requested", f"fia AND {TOLD} AND NOT request = 'none'", "disclosed_at"),
    Law("dc-24-211-07-d", "d.3.unrequested", f"fia AND {TOLD} AND request = 'none'", "disclosed_at"),
]  # fmt: skip
LINES = [*NYPD, *DOC, *PROBATION, *OTHERS]
FILERS = {
    "nyc-14-154-f": ("nypd", YEAR), "nyc-9-131-f": ("nyc_doc", YEAR), "nyc-9-205-f": ("nyc_probation", YEAR),
    "nyc-10-178-d": ("nypd", QUARTER), "nyc-23-1202-c4": ("nypd", QUARTER), "or-181a-826-3": ("or_public_body", MONTH),
    "il-805-25": ("nypd", CALENDAR_YEAR), "ca-7284-6-c1": ("ca_law_enforcement", CALENDAR_YEAR),
    "ca-7284-6-c2": ("ca_law_enforcement", CALENDAR_YEAR), "dc-24-211-07-d": ("nypd", CALENDAR_YEAR),
}  # fmt: skip
ZONES = {"or": "la", "ca": "la", "il": "ch"}


@pytest.fixture(scope="module")
def report(made: Agency, django_db_blocker: Any) -> Callable[[str], Report]:
    """A report of the one set, as the agency that files it would make it."""
    known: dict[str, Report] = {}

    def of(id: str) -> Report:
        if id not in known:
            actor, period = FILERS[id]
            with django_db_blocker.unblock():
                Agency.objects.filter(pk=made.pk).update(actor=actor)
                known[id] = statutory.report_of(Agency.objects.get(pk=made.pk), statutory.definitions()[id], period)
        return known[id]

    return of


def in_the_line(law: Law) -> str:
    """SQL for the rows that may stand in the line: c is the condition without the decision, k with it, both of three values."""
    zone = ZONES.get(law.report.split("-")[0], "ny")
    period = FILERS[law.report][1]
    day = f"{law.day}_{zone}"
    return f"""
      SELECT *, ({law.where}) AS c, ({law.where}) AND ({law.decision}) AS k, {day} IS NULL AS dayless FROM r
      WHERE coalesce({day}, received_{zone}) BETWEEN DATE '{period.first}' AND DATE '{period.last}'"""


@pytest.mark.parametrize("law", LINES, ids=lambda law: f"{law.report} {law.line}")
def test_each_number_is_what_the_rows_say(
    rows: duckdb.DuckDBPyConnection, report: Callable[[str], Report], law: Law
) -> None:
    """Counted, open (only the decision is wanting) and unknown; of persons those whose key is known, each once."""
    person = "person IS NOT NULL" if law.persons else "TRUE"
    sure = f"k AND NOT dayless AND {person}"
    still = "c AND k IS NULL AND NOT dayless"
    count = "count(DISTINCT person)" if law.persons else "count(*)"
    found = rows.execute(f"""
      SELECT {count} FILTER ({sure}), count(*) FILTER ({still}),
             count(*) FILTER ((k IS NOT FALSE) AND NOT coalesce({sure}, FALSE) AND NOT coalesce({still}, FALSE)),
             list(number ORDER BY number) FILTER ({sure}), list(number ORDER BY number) FILTER (k IS NOT FALSE)
      FROM ({in_the_line(law)})""").fetchone()
    assert found is not None
    line = report(law.report).line(law.line)
    tally = line.tally
    assert (tally.count, tally.open, tally.unknown) == found[:3]
    assert list(tally.counted) == (found[3] or [])
    assert list(line.traced) == (found[4] or [])


def test_the_set_is_no_easy_one(report: Callable[[str], Report]) -> None:
    """Nearly every line has something to count, and in most something is unknown: zeros would prove nothing."""
    tallies = [report(law.report).line(law.line).tally for law in LINES]
    assert sum(t.count > 0 for t in tallies) >= len(tallies) - 3
    assert sum(t.unknown > 0 for t in tallies) >= len(tallies) * 2 // 3
    assert any(t.open for t in tallies)
    assert any(0 < t.count < t.records for t in tallies)  # somebody is in two requests, and counted once


def test_every_line_of_every_report_is_counted_again(report: Callable[[str], Report]) -> None:
    told = {(law.report, law.line) for law in LINES} | {("ca-7284-6-c1", "c.1"), ("nyc-9-131-f", "f.6")}
    assert told == {(d.id, line.id) for d in statutory.definitions().values() for line in d.lines}


# a breakdown, its line, and the SQL for the group
GROUPS = [
    (DOC[0], ("detainer_reasons",), "unnest(coalesce(list_transform(reasons, lambda x: CASE x WHEN 'other' THEN 'rest' ELSE x END), ['unknown']))"),
    (NYPD[6], ("transfer_facilitated",), "CASE transfer_facilitated WHEN TRUE THEN 'yes' WHEN FALSE THEN 'no' ELSE 'unknown' END"),
    (OTHERS[0], ("request",), "coalesce(request, 'unknown')"),
    (OTHERS[0], ("stated_purpose",), "coalesce(purpose, 'unknown')"),
    (OTHERS[2], ("person_notified",), "CASE person_notified WHEN TRUE THEN 'yes' WHEN FALSE THEN 'no' ELSE 'unknown' END"),
    (OTHERS[6], ("offense",), "coalesce(offense, 'unknown')"),
    (OTHERS[7], ("judicial_warrant",), "CASE judicial_warrant WHEN TRUE THEN 'yes' WHEN FALSE THEN 'no' ELSE 'unknown' END"),
    (OTHERS[7], ("custody_basis",), "coalesce(custody_basis, 'unknown')"),
    (OTHERS[7], ("decision",), "coalesce(decision, 'open')"),
    (OTHERS[9], ("information_released",), "unnest(information)"),
]  # fmt: skip


@pytest.mark.parametrize(("law", "fields", "group"), GROUPS, ids=lambda x: x.line if isinstance(x, Law) else None)
def test_each_breakdown_is_what_the_rows_say(
    rows: duckdb.DuckDBPyConnection, report: Callable[[str], Report], law: Law, fields: tuple[str, ...], group: str
) -> None:
    found = rows.execute(f"""
      SELECT g, count(*) FROM (SELECT {group} AS g FROM ({in_the_line(law)}) WHERE k AND NOT dayless) GROUP BY g""").fetchall()
    made = next(b for b in report(law.report).line(law.line).breakdowns if b.by.fields == fields)
    assert {g.values[0]: g.tally.count for g in made.groups if g.tally.count} == dict(found)
    assert found


def test_requests_are_told_by_who_asked_and_what_was_done(
    rows: duckdb.DuckDBPyConnection, report: Callable[[str], Report]
) -> None:
    """§ 10-178(d): "disaggregated by the requesting … agency and the agency receiving such a request"."""
    law = OTHERS[0]
    found = rows.execute(f"""
      SELECT coalesce(requester, 'unknown'), coalesce(decision, 'open'), count(*)
      FROM ({in_the_line(law)}) WHERE k GROUP BY ALL""").fetchall()
    made = next(b for b in report(law.report).line("d").breakdowns if "decision" in b.by.fields)
    told = {(g.values[0], g.values[2]): g.tally.count for g in made.groups if g.tally.count}
    assert told == {(who, done): n for who, done, n in found}
    assert {g.values[1] for g in made.groups} == {"nypd"}


def test_the_list_of_detainers_has_what_illinois_asks_for(
    rows: duckdb.DuckDBPyConnection, report: Callable[[str], Report]
) -> None:
    """805/25(a)(2)(A)-(E): received, bail, released or transferred, when, to whom."""
    made = {row.number: row.cells for row in report("il-805-25").line("a.2").rows}
    found = rows.execute(f"""
      SELECT number, received_ch, bail_posted, released, transferred, receiving_agency
      FROM ({in_the_line(OTHERS[5])}) WHERE k IS NOT FALSE""").fetchall()
    assert made.keys() == {row[0] for row in found}
    for number, received, bail, released, transferred, to in found:
        cells = made[number]
        assert cells[0].astimezone(ZoneInfo("America/Chicago")).date() == received  # type: ignore[attr-defined]
        assert (cells[1], cells[3], cells[4]) == (bail, released, transferred)
        assert cells[7] == to or (to is None and transferred is False)


def test_californias_task_forces(made: Agency, report: Callable[[str], Report], django_db_blocker: Any) -> None:
    """7284.6(c)(1): those with resources "on an ongoing basis"; "the following information, if known"."""
    line = report("ca-7284-6-c1").line("c.1")
    with django_db_blocker.unblock():
        rows = {t.code: t for t in TaskForce.objects.filter(agency=made, starts__lte=CALENDAR_YEAR.last)}
    assert set(line.tally.counted) == {c for c, t in rows.items() if t.ongoing_resources is True}
    assert set(line.tally.cannot_tell) == {c for c, t in rows.items() if t.ongoing_resources is None}
    told = {row.number: row.cells[2:] for row in line.rows if row.status == "counted"}
    assert told == {
        c: (t.counts["2025"]["total"], t.counts["2025"]["immigration"]) for c, t in rows.items() if t.ongoing_resources
    }
    assert told["two"] == (4, None)


def test_the_requests_went_every_way(made: Agency, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        outcomes = list(Request.objects.filter(agency=made).values_list("outcome", flat=True))
    assert {"", *Outcome.values} == set(outcomes)
    assert len(outcomes) == HOW_MANY
