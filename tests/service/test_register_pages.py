"""The pages of the registers: who may open them, what they show, and what a wrong entry says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from brightline.service.gate import decide, registers, statutory
from brightline.service.gate.errors import GateError
from brightline.service.gate.models import FollowUp, Request, TaskForce
from brightline.service.gate.models_reports import CalendarKey, PeriodReport
from brightline.service.gate.receive import receive
from brightline.service.people.models import Agency, Role
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from tests.service.conftest import STATED_CRIME, People, person_of

Browser = Callable[[str], Client]
PARCELS: dict[str, Any] = {
    "name": "Parcels (invented)",
    "purpose": "Fraud with parcels.",
    "federal_agencies": ["HSI Example Office"],
    "certified_by": "deputy commissioner",
    "certified_on": date(2026, 1, 10),
    "starts": date(2025, 1, 1),
    "ongoing_resources": True,
    "roles": {"detective": 2},
}


def last_record(what: str) -> dict[str, Any]:
    """What the ledger keeps of the last step of this name."""
    entry = Entry.objects.filter(what=what).latest("id")
    index = keeper().append([(str(entry.uid), entry.kind, entry.payload or {})])[0]
    shown = keeper().shown(index)
    assert shown is not None
    return shown


@pytest.fixture
def parcels(people: People) -> TaskForce:
    return registers.keep_task_force(people["records"], "parcels", dict(PARCELS))


@pytest.fixture
def through(people: People, parcels: TaskForce) -> Request:
    return receive(
        people["officer"],
        received_at=datetime(2026, 3, 2, 15, tzinfo=UTC),
        asked=["share_personal_information"],
        channel="task_force",
        office=("ice_hsi", "HSI Example Office"),
        subject={"name": "Pat Invented", "born": "1990-01-01"},
        facts=STATED_CRIME,
        task_force="parcels",
    )


# --- task forces ---------------------------------------------------------------------------------------------------------


def test_a_records_officer_enters_a_task_force(browser: Browser) -> None:
    page = browser("records").post(
        reverse("task_force_new"),
        {
            "name": "Parcels (invented)", "code": "parcels", "purpose": "Fraud", "starts": "2025-01-01",
            "certify_every_days": "365", "federal_agencies": "HSI Example Office\nPostal inspectors\n",
            "primarily_immigration": "", "ongoing_resources": "yes", "roles": "detective: 3\nsergeant: 1",
        },
    )  # fmt: skip
    assert page.status_code == 302
    row = TaskForce.objects.get(code="parcels")
    assert row.federal_agencies == ["HSI Example Office", "Postal inspectors"]
    assert (row.primarily_immigration, row.ongoing_resources, row.roles) == (
        None,
        True,
        {"detective": 3, "sergeant": 1},
    )
    assert last_record("task force")["task_force"] == "parcels"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("roles", "Jo Invented", "is no role with a number"),
        ("ends", "2024-01-01", "ends before it starts"),
        ("certified_by", "the chief", "give both"),
        ("code", "a b", "valid"),
    ],
)
def test_a_wrong_task_force_is_refused_with_a_sentence(browser: Browser, field: str, value: str, said: str) -> None:
    told = {"name": "X", "code": "x", "purpose": "y", "starts": "2025-01-01", "certify_every_days": "365", field: value}
    page = browser("records").post(reverse("task_force_new"), told)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not TaskForce.objects.exists()


def test_only_a_records_officer_changes_the_register(browser: Browser, people: People, parcels: TaskForce) -> None:
    for role in ("officer", "reviewer", "auditor"):
        assert browser(role).get(reverse("task_force", args=["parcels"])).status_code == 200
        assert browser(role).get(reverse("task_force_change", args=["parcels"])).status_code == 403
        answer = browser(role).post(reverse("task_force", args=["parcels"]), {"year": 2025, "total": 3})
        assert answer.status_code == 422
    assert browser("administrator").get(reverse("task_forces")).status_code == 403
    parcels.refresh_from_db()
    assert parcels.counts == {}


def test_a_year_without_a_figure_is_not_known_and_not_zero(browser: Browser, parcels: TaskForce) -> None:
    answer = browser("records").post(
        reverse("task_force", args=["parcels"]), {"year": 2025, "total": 3, "immigration": ""}
    )
    assert answer.status_code == 302
    parcels.refresh_from_db()
    assert parcels.counts == {"2025": {"total": 3, "immigration": None}}
    table = browser("auditor").get(reverse("task_forces_csv")).content.decode()
    assert "2025,3,not known" in table
    made = statutory.task_force(parcels)
    assert (made.arrests[0].total, made.arrests[0].immigration) == (3, None)


def test_the_export_runs_no_formula(browser: Browser, people: People) -> None:
    registers.keep_task_force(people["records"], "x", {**PARCELS, "name": "=1+1", "agreement": "@run"})
    table = browser("officer").get(reverse("task_forces_csv")).content.decode()
    assert "'=1+1" in table
    assert "'@run" in table


def test_the_history_counts_every_request_through_it(through: Request, people: People, parcels: TaskForce) -> None:
    decide.propose(through, people["officer"], "refused", "not shown")
    told = registers.history(parcels)
    assert (told.requests, told.open, told.by_outcome) == (1, 0, (("refused", 1),))
    assert told.certified == (date(2027, 1, 10) >= parcels.agency.today())


def test_an_overdue_certification_is_shown_and_on_the_desk(browser: Browser, people: People, agency: Agency) -> None:
    registers.keep_task_force(people["records"], "old", {**PARCELS, "certified_on": date(2025, 2, 1)})
    assert "overdue since 2026-02-01" in browser("officer").get(reverse("task_forces")).content.decode()
    due = [item for item in statutory.due_soon(agency, date(2026, 11, 28)) if item.kind == "certification"]
    assert [(item.day, item.overdue) for item in due] == [(date(2026, 2, 1), True)]


def test_another_agency_sees_no_task_force(parcels: TaskForce, elsewhere: People) -> None:
    other = Client()
    other.force_login(elsewhere["officer"], "allauth.account.auth_backends.AuthenticationBackend")
    assert other.get(reverse("task_force", args=["parcels"])).status_code == 404
    assert "parcels" not in other.get(reverse("task_forces_csv")).content.decode()


# --- follow-up, offices ----------------------------------------------------------------------------------------------------


@pytest.fixture
def granted(request_made: Request, people: People) -> FollowUp:
    """A grant on a stated crime, whose ninety days are over."""
    while decide.unverified(request_made) or request_made.verdict == "unsettled":
        from tests.service.test_steps import verified

        verified(request_made, people)
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case")
    decide.second(made, people["reviewer"], True)
    FollowUp.objects.update(due=date(2026, 1, 1))
    return FollowUp.objects.get()


def test_a_follow_up_is_due_until_it_is_told(browser: Browser, granted: FollowUp, agency: Agency) -> None:
    number = granted.request.number
    assert number in browser("officer").get(reverse("follow_ups")).content.decode()
    assert [i.title for i in statutory.due_soon(agency, date(2026, 1, 2)) if i.kind == "follow_up"]
    url = reverse("follow_up", args=[number])
    assert browser("officer").get(url).status_code == 200
    assert last_record("view")["page"] == "follow up"
    wrong = browser("officer").post(url, {"outcome": "charge", "shown_by": ""})
    assert wrong.status_code == 422
    assert "say what shows it" in wrong.content.decode()
    assert browser("auditor").post(url, {"outcome": "nothing"}).status_code == 403
    assert browser("officer").post(url, {"outcome": "charge", "shown_by": "the docket"}).status_code == 302
    granted.refresh_from_db()
    assert (granted.outcome, last_record("follow up")["outcome"]) == ("charge", "charge")
    assert not [i for i in statutory.due_soon(agency, date(2026, 1, 2)) if i.kind == "follow_up"]


def test_an_office_counts_what_is_due_and_untold_as_unknown(
    browser: Browser, granted: FollowUp, agency: Agency
) -> None:
    office = granted.request.office
    assert office is not None
    found = registers.reliability_of(office)
    assert (found.grants, found.unknown, found.share) == (1, 1, None)
    FollowUp.objects.update(due=agency.today() + timedelta(days=1))
    assert registers.reliability_of(office).grants == 0
    FollowUp.objects.update(outcome="conviction")
    found = registers.reliability_of(office)
    assert (found.grants, found.share) == (1, 1.0)
    page = browser("officer").get(reverse("offices")).content.decode()
    assert "100 % (21 to 100 %)" in page  # Wilson, 1 of 1
    assert "Of 1 grant to this office" in browser("officer").get(reverse("office", args=[office.pk])).content.decode()


# --- what happened -----------------------------------------------------------------------------------------------------------


def test_every_field_of_an_event_that_can_be_told_is_asked_for(browser: Browser, request_made: Request) -> None:
    from brightline.report.statutory import Event

    page = browser("officer").get(reverse("happened", args=[request_made.number])).content.decode()
    for name, field in Event.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        if extra["group"] in ("information", "person", "access") and name != "person":
            assert f'name="{name}"' in page


def test_unknown_stays_unknown_and_none_is_said(browser: Browser, request_made: Request) -> None:
    url = reverse("happened", args=[request_made.number])
    told = {
        "in_custody": "no", "transferred": "", "information_released": ["none_of_these"], "released": "yes",
        "released_at": "2025-03-20T17:30",
    }  # fmt: skip
    assert browser("officer").post(url, told).status_code == 302
    request_made.refresh_from_db()
    kept = request_made.happened
    assert (kept["in_custody"], kept["information_released"]) == (False, [])
    assert "transferred" not in kept
    assert kept["released_at"] == "2025-03-20T17:30:00-04:00"  # by the agency's clock
    before = Entry.objects.filter(what="tell").count()
    again = {**told, "information_released": ["none_of_these"]}
    assert browser("officer").post(url, again).status_code == 302
    assert Entry.objects.filter(what="tell").count() == before  # nothing was changed
    assert browser("officer").post(url, {**told, "in_custody": ""}).status_code == 302
    request_made.refresh_from_db()
    assert "in_custody" not in request_made.happened


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"released_at": "2025-03-09T02:30"}, "There was no such time"),
        ({"transferred": "no", "receiving_agency": "ice_ero"}, "`transferred` is no"),
        ({"information_released": ["none_of_these", "location"]}, "either the kinds, or none"),
        ({"offense": "no number here"}, "offense"),
    ],
)
def test_what_cannot_be_is_refused(browser: Browser, request_made: Request, told: dict[str, Any], said: str) -> None:
    page = browser("officer").post(reverse("happened", args=[request_made.number]), told)
    assert page.status_code == 422
    assert said in page.content.decode()
    request_made.refresh_from_db()
    assert request_made.happened == {}


def test_an_auditor_reads_what_happened_and_changes_nothing(browser: Browser, request_made: Request) -> None:
    url = reverse("happened", args=[request_made.number])
    page = browser("auditor").get(url)
    assert "<fieldset disabled>" in page.content.decode()
    assert browser("auditor").post(url, {"in_custody": "yes"}).status_code == 403


# --- reports, calendar, audit ---------------------------------------------------------------------------------------------------


def test_the_reports_of_an_agency_are_those_that_the_law_asks_of_it(browser: Browser, agency: Agency) -> None:
    assert {d.id for d in statutory.applying(agency)} == {"nyc-14-154-f", "nyc-10-178-d", "nyc-23-1202-c4"}
    assert browser("auditor").get(reverse("reports")).status_code == 200
    assert browser("officer").get(reverse("report", args=["or-181a-826-3", "2026-10-31"])).status_code == 404
    agency.demo = True
    agency.save()
    page = browser("officer").get(reverse("report", args=["or-181a-826-3", "2026-10-31"])).content.decode()
    assert "does not bind this agency" in page


@pytest.mark.parametrize("last", ["2025-03-30", "2025-13-01", "x", "9999-12-31", "2017-03-31"])
def test_there_is_no_report_for_a_day_on_which_no_period_ends(browser: Browser, last: str) -> None:
    assert browser("officer").get(f"/reports/nyc-10-178-d/{last}/").status_code == 404


def test_a_filed_report_stays_as_it_was_filed(browser: Browser, request_made: Request, people: People) -> None:
    address = ["nyc-10-178-d", "2025-03-31"]
    url = reverse("report", args=address)
    page = browser("officer").get(url).content.decode()
    assert f"/requests/{request_made.number}/" in page
    assert browser("officer").post(url, {"do": "file", "filed_on": "2025-04-10"}).status_code == 422
    early = browser("records").post(url, {"do": "file", "filed_on": "2025-03-31"})
    assert "is filed after 2025-03-31" in early.content.decode()
    assert browser("records").post(url, {"do": "file", "filed_on": "2025-04-10"}).status_code == 302
    kept = PeriodReport.objects.get()
    assert last_record("file")["json"] == f"sha256:{kept.sha256}"
    files = {
        f: browser("officer").get(reverse("report_file", args=[*address, "filed", f])).content
        for f in ("json", "pdf", "zip")
    }
    assert request_made.number not in files["json"].decode()
    assert files["pdf"].startswith(b"%PDF")
    decide.propose(request_made, people["officer"], "refused", "not shown")
    for f, before in files.items():
        assert browser("officer").get(reverse("report_file", args=[*address, "filed", f])).content == before
    after = browser("officer").get(url).content.decode()
    assert "Since it was filed" in after
    inside = browser("officer").get(reverse("report_file", args=[*address, "internal", "json"]))
    assert request_made.number in inside.content.decode()
    assert last_record("report")["report"] == "nyc-10-178-d"
    assert (
        "marked as filed on 2025-04-10 before"
        in browser("records").post(url, {"do": "file", "filed_on": "2025-04-11"}).content.decode()
    )


def test_a_nil_report_says_so(browser: Browser, agency: Agency) -> None:
    Agency.objects.update(started=datetime(2025, 1, 1, tzinfo=UTC))
    page = browser("officer").get(reverse("report", args=["nyc-10-178-d", "2025-06-30"])).content.decode()
    assert "Nil: nothing that this report counts is on record" in page


def test_the_agency_gives_the_figures_that_no_request_holds(elsewhere: People) -> None:
    records = Client()
    records.force_login(elsewhere["records"], "allauth.account.auth_backends.AuthenticationBackend")
    url = reverse("report", args=["nyc-9-131-f", "2026-06-30"])
    assert "to be filled in by the agency" in records.get(url).content.decode()
    assert records.post(url, {"do": "supply", "line-f-6": "$0 requested, $0 received"}).status_code == 302
    assert "$0 requested, $0 received" in records.get(url).content.decode()


def test_the_calendar_opens_by_its_key_alone(browser: Browser, people: People, request_made: Request) -> None:
    assert browser("officer").post(reverse("calendar_renew")).status_code == 403
    records = browser("records")
    page = records.post(reverse("calendar_renew"), follow=True).content.decode()
    address = re.search(r"/calendar/([\w-]+)/reports.ics", page)
    assert address is not None
    key = address[1]
    feed = Client().get(reverse("calendar_feed", args=[key]))
    assert feed.status_code == 200
    text = feed.content.decode()
    assert "BEGIN:VCALENDAR" in text
    assert "nyc-14-154-f" in text
    assert request_made.number not in text
    assert "Pat" not in text
    assert key not in records.get(reverse("calendar")).content.decode()  # shown once
    assert key not in str(list(CalendarKey.objects.values()))
    assert Client().get(reverse("calendar_feed", args=[key + "x"])).status_code == 404
    registers.renew_calendar(people["records"].agency, people["records"])
    assert Client().get(reverse("calendar_feed", args=[key])).status_code == 404


def test_a_filed_report_is_due_no_more(agency: Agency, people: People, request_made: Request) -> None:
    today = date(2025, 7, 15)
    before = {(d.report, d.period.last) for d in statutory.dues(agency, today)}
    assert ("nyc-10-178-d", date(2025, 3, 31)) in before
    definition = statutory.definitions()["nyc-10-178-d"]
    period = statutory.period_ending(definition, date(2025, 3, 31))
    assert period is not None
    registers.file_report(people["records"], definition, period, date(2025, 4, 2))
    assert ("nyc-10-178-d", date(2025, 3, 31)) not in {(d.report, d.period.last) for d in statutory.dues(agency, today)}


def test_the_audit_opens_the_files_of_one_folder_in_a_sandbox(browser: Browser, tmp_path: Any) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    (folder / "report.html").write_text("<h1>An invented audit</h1>")
    (folder / "notes.txt").write_text("not of a known type")
    (tmp_path / "secret.html").write_text("outside")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    with override_settings(AUDIT=str(folder)):
        assert "report.html" in browser("officer").get(reverse("audit")).content.decode()
        page = browser("auditor").get("/audit/report.html")
        policy = page["Content-Security-Policy"]
        assert "sandbox allow-scripts" in policy
        assert "default-src 'none'" in policy
        assert "allow-same-origin" not in policy
        for name in (
            "notes.txt",
            "link.html",
            "..%2Fsecret.html",
            "%2e%2e/secret.html",
            "../secret.html",
            "nothing.html",
        ):
            assert browser("officer").get(f"/audit/{name}").status_code == 404
        assert browser("administrator").get("/audit/report.html").status_code == 403
    with override_settings(AUDIT=None):
        assert browser("officer").get("/audit/report.html").status_code == 404


def test_a_person_with_two_requests_has_one_key(request_made: Request, people: People) -> None:
    from brightline.service.gate.events import person_key

    first = person_key(request_made)
    assert first is not None
    assert "Pat" not in first
    again = Request(subject={"name": "  pat   INVENTED", "born": "1990-01-01"})
    assert person_key(again) == first
    assert person_key(Request(subject={"name": "Pat Invented"})) is None


def test_steps_of_the_registers_need_the_role(people: People, agency: Agency) -> None:
    definition = statutory.definitions()["nyc-10-178-d"]
    period = statutory.period_ending(definition, date(2025, 3, 31))
    assert period is not None
    with pytest.raises(GateError, match="records officer"):
        registers.file_report(people["reviewer"], definition, period, date(2025, 4, 2))
    with pytest.raises(GateError, match="records officer"):
        registers.renew_calendar(agency, people["officer"])
    assert person_of(agency, str(Role.AUDITOR), "third").role == "auditor"
