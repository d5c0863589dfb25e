"""What a line counts, what it keeps apart, and what is filed if there was nothing."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from brightline.report.about import ReportError
from brightline.report.statutory.event import FOLLOWS, GROUPS, Event, TaskForce
from brightline.report.statutory.fields import values
from brightline.report.statutory.make import Absent, Report, make
from brightline.report.statutory.period import Period, period_of
from brightline.report.statutory.told import told
from tests.report.statutory import made

MADE = date(2026, 11, 28)
YEAR = Period(date(2025, 7, 1), date(2026, 6, 30))
DETAINER: dict[str, Any] = {"request": "civil_detainer", "federal_immigration_authority": True}
AGENCIES = {
    "nyc-9-131-f": "nyc_doc", "nyc-9-205-f": "nyc_probation", "or-181a-826-3": "or_public_body",
    "ca-7284-6-c1": "ca_law_enforcement", "ca-7284-6-c2": "ca_law_enforcement",
    "il-805-25": "law_enforcement_agency", "dc-24-211-07-d": "law_enforcement_agency",
}  # fmt: skip


def police(*events: Event, period: Period = YEAR) -> Report:
    return make(made.definitions()["nyc-14-154-f"], events, period, agency="nypd", made=MADE)


def places(report: Report, line: str) -> tuple[int, int, int]:
    tally = report.line(line).tally
    return tally.count, tally.open, tally.unknown


# --- unknown is not no


def test_a_request_of_unknown_kind_is_counted_apart() -> None:
    report = police(made.event("R-1", **DETAINER), made.event("R-2", federal_immigration_authority=True))
    assert places(report, "f.1") == (1, 0, 1)
    assert report.line("f.1").tally.cannot_tell == ("R-2",)
    assert report.line("f.1").tally.missing == (("request", 1),)
    assert report.line("f.1").traced == ("R-1", "R-2")


def test_one_known_no_settles_what_else_is_unknown() -> None:
    assert places(police(made.event(federal_immigration_authority=False)), "f.1") == (0, 0, 0)


def test_an_open_request_is_neither_refused_nor_unknown() -> None:
    refused = made.event("R-1", **DETAINER, decision="refused", person="key-00000001")
    still_open = made.event("R-2", **DETAINER, person="key-00000002")
    assert places(police(refused, still_open), "f.4") == (1, 1, 0)


def test_an_open_request_of_unknown_kind_is_unknown() -> None:
    assert places(police(made.event(federal_immigration_authority=True, person="key-00000001")), "f.4") == (0, 0, 1)


def test_one_person_held_twice_is_one_person_in_two_requests() -> None:
    held = DETAINER | {"held_past_release": True, "release_due_at": datetime(2026, 2, 1, 12, tzinfo=UTC)}
    report = police(
        made.event("R-1", **held, person="key-00000001"),
        made.event("R-2", **held, person="key-00000001"),
        made.event("R-3", **held),
    )
    tally = report.line("f.2").tally
    assert (tally.count, tally.records, tally.unknown) == (1, 2, 1)
    assert tally.missing == (("person", 1),)


def test_a_transfer_counts_in_the_period_of_the_transfer_not_of_the_request() -> None:
    handed = DETAINER | {"transferred": True, "receiving_agency": "ice_ero", "person": "key-00000001"}
    late = made.event("R-1", **handed, transferred_at=datetime(2026, 8, 1, tzinfo=UTC))
    assert places(police(late), "f.3") == (0, 0, 0)
    assert places(police(late, period=Period(date(2026, 7, 1), date(2027, 6, 30))), "f.3") == (1, 0, 0)


def test_a_transfer_on_an_unknown_day_is_unknown_in_the_period_of_its_request_and_in_no_other() -> None:
    handed = made.event(**DETAINER, transferred=True, receiving_agency="ice_ero", person="key-00000001")
    assert places(police(handed), "f.3") == (0, 0, 1)
    assert places(police(handed, period=Period(date(2026, 7, 1), date(2027, 6, 30))), "f.3") == (0, 0, 0)


def test_the_request_about_a_sealed_record_is_in_the_quarterly_report_either_way() -> None:
    """A stated purpose of money laundering, the true one not known: the record duty of § 10-178(d) holds, and the
    report shows the request where nobody can tell, by requesting agency, and nowhere as "no"."""
    quarter = Period(date(2025, 1, 1), date(2025, 3, 31))
    asked = {
        "received_at": datetime(2025, 3, 20, 15, 0, tzinfo=UTC),
        "requester": "ice_hsi",
        "nonlocal_law_enforcement": True,
        "request": "information_request",
        "stated_purpose": "other_criminal",
    }
    definition = made.definitions()["nyc-10-178-d"]
    unsure = make(definition, [made.event(**asked)], quarter, agency="nyc_agency", made=MADE).line("d")
    assert (unsure.tally.count, unsure.tally.unknown) == (0, 1)
    assert [(g.values, g.tally.unknown) for g in unsure.breakdowns[0].groups] == [(("ice_hsi", "nypd"), 1)]
    proved = [made.event(**asked, civil_immigration_purpose=True)]
    assert make(definition, proved, quarter, agency="nyc_agency", made=MADE).line("d").tally.count == 1


def test_the_wider_definition_of_2026_does_not_reach_back() -> None:
    """Local Law 63 of 2026: failure to depart and the like are immigration enforcement since 29 January 2026."""
    asked = {"nonlocal_law_enforcement": True, "request": "other_request", "civil_immigration_purpose": False}
    wider = asked | {"offense_enforced": "registration_offense"}
    definition, zone = made.definitions()["nyc-10-178-d"], ZoneInfo("America/New_York")
    before = made.event("R-1", **wider, received_at=datetime(2026, 1, 28, 23, 59, tzinfo=zone))
    since = made.event("R-2", **wider, received_at=datetime(2026, 1, 29, 0, 0, tzinfo=zone))
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31))
    line = make(definition, [before, since], quarter, agency="nyc_agency", made=MADE).line("d")
    assert line.traced == line.tally.counted == ("R-2",)


# --- the edges of a period, by the clock of the agency


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2025-07-01T03:59:59+00:00", False),  # 30 June, 23:59:59 in New York
        ("2025-07-01T04:00:00+00:00", True),  # midnight
        ("2026-07-01T03:59:59+00:00", True),  # 30 June 2026 there, July here
        ("2026-07-01T04:00:00+00:00", False),
        ("2026-06-30T21:30:00-07:00", False),  # half past midnight in New York
    ],
)
def test_the_day_of_a_request_is_the_agencys_day(moment: str, inside: bool) -> None:
    report = police(made.event(**DETAINER, received_at=moment))
    assert places(report, "f.1") == (int(inside), 0, 0)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        made.event(received_at=datetime(2026, 1, 1, 12, 0))


# --- nil


@pytest.mark.parametrize("id", sorted(made.definitions()))
def test_a_period_without_requests_gives_a_nil_report(id: str) -> None:
    definition = made.definitions()[id]
    report = make(definition, [], period_of(definition, date(2026, 2, 3)), agency="nypd", made=MADE)
    assert report.nil
    assert report.needed is (definition.nil.rule != "none")
    assert all(line.tally.count == 0 for line in report.lines)
    content = told(report, "filed")
    assert content["nil_said"].startswith("Nil: nothing that this report counts is on record")
    assert all(line["said"] == "Nil." for line in content["lines"] if line["counts"] != "supplied")


def test_illinois_certifies_nothing_while_nobody_can_tell() -> None:
    definition = made.definitions()["il-805-25"]
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    empty = told(make(definition, [], year, agency="law_enforcement_agency", made=MADE), "filed")
    assert [line["certificate"] for line in empty["lines"]] == [
        "The agency certifies that it received no such requests during the reporting period.",
        "The agency certifies that it received no such detainers or warrants during the reporting period.",
    ]
    unsure = made.event(agency="law_enforcement_agency", requester="ice_ero", request="information_request", papers=())
    report = make(definition, [unsure], year, agency="law_enforcement_agency", made=MADE)
    assert not report.nil
    first, second = told(report, "filed")["lines"]
    assert first["certificate"].startswith("Not certified: for 1 request nobody can tell")
    assert second["certificate"].startswith("The agency certifies")


def test_unknown_alone_is_no_nil_report() -> None:
    report = police(made.event(federal_immigration_authority=True))
    assert not report.nil and told(report, "filed")["nil_said"] == ""
    assert told(report, "filed")["lines"][0]["said"] == "No requests; for 1 request it cannot be told."


# --- lists, and figures that no request holds


def test_what_does_not_apply_is_not_called_unknown() -> None:
    definition = made.definitions()["il-805-25"]
    event = made.event(agency="law_enforcement_agency", request="civil_detainer", bail_posted=False, released=True)
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    (row,) = make(definition, [event], year, agency="law_enforcement_agency", made=MADE).line("a.2").rows
    cells = dict(zip([c.field for c in definition.lines[1].columns], row.cells, strict=True))
    assert cells["bail_posted_at"] is Absent.NOT_APPLICABLE
    assert cells["released_at"] is None
    assert cells["transferred"] is None


def test_the_department_supplies_the_amount_of_federal_funding() -> None:
    definition = made.definitions()["nyc-9-131-f"]
    empty = make(definition, [], YEAR, agency="nyc_doc", made=MADE)
    assert empty.line("f.6").supplied is None
    given = make(definition, [], YEAR, agency="nyc_doc", made=MADE, supplied={"f.6": "requested 0, received 0"})
    assert given.line("f.6").supplied == "requested 0, received 0"
    with pytest.raises(ReportError, match=r"has no line `f\.1` that the agency fills in"):
        make(definition, [], YEAR, agency="nyc_doc", made=MADE, supplied={"f.1": "3"})


def test_two_records_with_one_number_are_refused() -> None:
    with pytest.raises(ReportError, match="two requests have the number R-1"):
        police(made.event("R-1"), made.event("R-1"))


def test_another_agencys_requests_are_not_counted() -> None:
    assert places(police(made.event(**DETAINER, agency="nyc_doc")), "f.1") == (0, 0, 0)


def test_the_order_of_the_events_has_no_part_in_the_report() -> None:
    events = made.many(300)
    shuffled = random.Random(1).sample(events, len(events))
    for id, definition in made.definitions().items():
        period = period_of(definition, date(2026, 2, 3))
        agency = AGENCIES.get(id, "nypd")
        first = make(definition, events, period, agency=agency, made=MADE)
        assert told(first, "internal") == told(make(definition, shuffled, period, agency=agency, made=MADE), "internal")


# --- for any events


def _figures(report: Report) -> dict[tuple[str, ...], int]:
    found = {}
    for line in report.lines:
        for name in ("count", "open", "unknown"):
            found[line.line.id, name] = getattr(line.tally, name)
            for n, b in enumerate(line.breakdowns):
                for g in b.groups:
                    found[line.line.id, name, str(n), *g.values] = getattr(g.tally, name)
    return found


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(made.definitions())), st.integers(0, 10**9), st.integers(1, 60), st.data())
def test_adding_an_event_never_lowers_a_figure(id: str, seed: int, count: int, data: st.DataObject) -> None:
    definition = made.definitions()[id]
    events = made.many(count, seed)
    added = made.one(random.Random(data.draw(st.integers(0, 10**9))), "R-new")
    period = period_of(definition, data.draw(st.dates(date(2025, 5, 1), date(2026, 12, 31))))
    agency = AGENCIES.get(id, "nypd")
    before = _figures(make(definition, events, period, agency=agency, made=MADE))
    after = _figures(make(definition, [*events, added], period, agency=agency, made=MADE))
    lowered = {key: (n, after.get(key)) for key, n in before.items() if after.get(key, -1) < n}
    assert not lowered


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(made.definitions())), st.integers(0, 10**9), st.data())
def test_learning_a_fact_never_takes_back_what_was_counted(id: str, seed: int, data: st.DataObject) -> None:
    """A record that is counted, or is not in a line, stays so whatever an unknown fact turns out to be."""
    definition = made.definitions()[id]
    event = made.one(random.Random(seed), "R-1").model_copy(update={"agency": AGENCIES.get(id, "nypd")})
    gaps = [f for f in Event.model_fields if getattr(event, f) is None and f not in FOLLOWS and not f.endswith("_at")]
    field = data.draw(st.sampled_from(gaps)) if gaps else None
    if field is None or Event.model_fields[field].json_schema_extra["holds"] not in ("yes_no", "word"):  # type: ignore[index,call-overload]
        return
    words = values(Event, field) or (True, False)
    word: Any = data.draw(st.sampled_from(words))
    if field in ("papers", "detainer_reasons", "information_released"):
        word = (word,)
    learned = event.model_copy(update={field: word})
    period = period_of(definition, event.received_at.date())
    before = make(definition, [event], period, agency=event.agency, made=MADE)
    after = make(definition, [learned], period, agency=event.agency, made=MADE)
    for old, new in zip(before.lines, after.lines, strict=True):
        if old.tally.counted or not old.traced:
            assert (old.tally.counted, old.traced) == (new.tally.counted, new.traced), (old.line.id, field, word)


# --- the record itself


def test_every_field_can_be_unknown_except_number_agency_and_time() -> None:
    assert {f for f, i in Event.model_fields.items() if i.is_required()} == {"number", "agency", "received_at"}
    generated = made.many()
    for field, info in Event.model_fields.items():
        if not info.is_required():
            assert info.default is None
            assert any(getattr(e, field) is None for e in generated), f"no event leaves `{field}` unknown"
            assert any(getattr(e, field) is not None for e in generated), f"every event leaves `{field}` unknown"


@pytest.mark.parametrize("model", [Event, TaskForce])
def test_every_field_has_a_label_and_a_group_for_the_form(model: type[Event] | type[TaskForce]) -> None:
    for field, info in model.model_fields.items():
        extra = info.json_schema_extra
        assert info.description and isinstance(extra, dict) and extra["group"] in GROUPS and extra["holds"], field


@pytest.mark.parametrize("field", ["request", "stated_purpose", "offense_enforced"])
def test_closed_lists_are_those_of_the_vocabulary(field: str) -> None:
    assert values(Event, field) == made.vocabulary().facts[field].values


@pytest.mark.parametrize(
    "told",
    [
        {"transferred": False, "transferred_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"held_past_release": False, "hold_ended": "expired_48_hours"},
        {"decided_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"offense": "Zebulon Quillfeather"},  # a citation has a number
        {"person": "Zebulon Quillfeather"},
        {"requester": "Zebulon Quillfeather"},
    ],
)
def test_a_record_that_contradicts_itself_or_holds_a_name_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made.event(**told)
