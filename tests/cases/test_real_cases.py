"""Real contacts whose outcome somebody else has published, held against Brightline's verdicts (docs/cases.md)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import brightline
from brightline.contact.file import check, read_contact
from brightline.contact.schema import Contact, FactValue
from brightline.law.pack import Law
from brightline.reason.reasoner import reasoner

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "cases.md"
CASES: dict[str, dict[str, Any]] = {c["id"]: c for c in json.loads((HERE / "cases.json").read_text(encoding="utf-8"))}
FILES = sorted(p.stem for p in HERE.glob("*.yaml"))
PACKS = {"nyc": "us-ny-nyc", "ny": "us-ny", "ca": "us-ca", "or": "us-or", "tx": "us-tx"}

# Cases that the packs do not reach, and why.
NOT_REACHED = {
    "il-ogle-stephenson-2019": "no pack for Illinois",
    "il-mchenry-2018-dismissed": "no pack for Illinois",
    "ma-lunn-2017-02-06": "no pack for Massachusetts",
    "mn-minneapolis-2025-06-03": "no pack for Minnesota",
}


@dataclass(frozen=True)
class Expected:
    """The verdict, the norms that decide it, and (where it is unsettled) the facts that the sources leave open."""

    verdict: str
    by: set[str] = field(default_factory=set)
    settled_by: set[str] = field(default_factory=set)
    as_verified: str = ""


NYC, NY, US, CA, OR = "us-ny-nyc", "us-ny", "us", "us-ca", "us-or"
EXPECTED = {
    "nyc-nypd-doi-2024-11-21-alerts": Expected("barred", {f"{NYC}/10-178:c"}),
    "nyc-nypd-doi-2024-11-21-alerts.task-force": Expected("contested", {f"{NYC}/10-178:c"}),
    "nyc-nypd-kordia-2025-03-14": Expected("barred", {f"{NY}/cpl-160-50:1.c"}, as_verified="unsettled"),
    "nyc-doc-doi-2024-11-pmv": Expected("barred", {f"{NYC}/9-131:h.1"}),
    "nyc-doc-doi-2024-11-pmv.screenshot": Expected("barred", {f"{NYC}/9-131:h.1"}),
    "nyc-doc-emails-2015-2019": Expected(
        "unsettled", {f"{NYC}/9-131:b.1", f"{NYC}/9-131:h.1"}, {"judicial_warrant_with_detainer"}
    ),
    "nyc-nypd-2016-two-honored": Expected(
        "unsettled", {f"{NYC}/14-154:b.1"}, {"judgment", "terrorist_screening_match"}
    ),
    "nyc-nypd-fy2019-detainers": Expected("unsettled", {f"{NYC}/10-178:c"}, {"duty_under_state_or_local_law"}),
    "nyc-nypd-fy2019-detainers.refused": Expected("unreached"),
    "nyc-nypd-2017-q1-three-eligible": Expected(
        "unsettled", {f"{NYC}/14-154:b.1"}, {"hold_hours_without_weekends", "terrorist_screening_match"}
    ),
    "nyc-nypd-2017-q1-three-eligible.refused": Expected("unreached"),
    "nyc-ice-admin-subpoenas-2020-01-17": Expected(
        "unsettled", {f"{NYC}/9-131:h.1", f"{NYC}/10-178:c"}, {"required_by_federal_law"}
    ),
    "nyc-ice-admin-subpoenas-2020-01-17.refused": Expected("unreached"),
    "nyc-bronx-hsi-2025-01-28": Expected("unreached", as_verified="unsettled"),
    "nyc-precinct-2025-05-04-refused": Expected("unreached"),
    "nyc-precinct-2025-05-04-refused.asked": Expected(
        "unsettled", {f"{NYC}/10-178:c"}, {"allowed_by_detainer_sections", "judicial_warrant"}
    ),
    "nyc-row-hotel-2025-10-16": Expected("unsettled", settled_by={"actor", "action"}),
    "nyc-canal-street-2025-10-21": Expected("unsettled", settled_by={"action"}),
    "nyc-eo50-rikers-2025-09-08": Expected("unsettled", {f"{NYC}/9-131:h.2", f"{NYC}/10-178:c"}, {"offense_enforced"}),
    "nyc-onadia-1997-2012": Expected(
        "unsettled", {f"{NYC}/9-131:b.1", f"{US}/8-cfr-287-7:d"}, {"hold_hours_without_weekends", "judgment"}
    ),
    "nyc-onadia-1997-2012.first-day": Expected("unreached"),
    "ny-suffolk-wells-v-demarco-2017": Expected("barred", {f"{NY}/wells-v-demarco:holding"}),
    "ca-sf-2015-12-02": Expected("unreached"),
    "ca-orange-2018-release-dates": Expected("unsettled", {f"{CA}/gov-7284-6:a.1.C"}, {"conviction"}),
    "ca-orange-2018-release-dates.posted": Expected(
        "unsettled", {f"{CA}/gov-7282-5:a"}, {"violates_local_law_or_policy"}
    ),
    "ca-orange-2024-transfers": Expected("unsettled", {f"{CA}/gov-7284-6:a.1.C"}, {"information_public"}),
    "ca-el-cajon-alpr-2025": Expected("unsettled", {f"{CA}/gov-7284-6:a.1.D"}, {"civil_immigration_purpose"}),
    "or-marion-subpoenas-2025-08-01": Expected("required", {f"{OR}/ors-181a-826:3.a"}),
    "or-marion-subpoenas-2025-08-01.produced": Expected(
        "unsettled", {f"{OR}/ors-181a-826:2.b.A"}, {"judicial_subpoena", "further_exception_181a_823"}
    ),
}

# The time that a source gives where it gives no day; the file holds one day of it.
SPANS = {
    "nyc-doc-doi-2024-11-pmv": ("2024-11-01", "2024-11-30"),
    "nyc-doc-doi-2024-11-pmv.screenshot": ("2024-12-01", "2024-12-31"),
    "nyc-doc-emails-2015-2019": ("2015-11-01", "2015-11-30"),
    "nyc-nypd-2016-two-honored": ("2016-01-01", "2016-12-31"),
    "nyc-nypd-fy2019-detainers": ("2018-07-01", "2019-06-30"),
    "nyc-nypd-fy2019-detainers.refused": ("2018-07-01", "2019-06-30"),
    "nyc-nypd-2017-q1-three-eligible": ("2017-01-01", "2017-04-03"),
    "nyc-nypd-2017-q1-three-eligible.refused": ("2017-01-01", "2017-04-03"),
    "ca-orange-2018-release-dates": ("2018-01-01", "2018-12-31"),
    "ca-orange-2018-release-dates.posted": ("2018-04-01", "2018-12-31"),
    "ca-orange-2024-transfers": ("2024-01-01", "2024-12-31"),
    "or-marion-subpoenas-2025-08-01.produced": ("2025-11-01", "2025-11-30"),
}


@cache
def the_law() -> Law:
    return brightline.load_law()


def case_of(file: str) -> dict[str, Any]:
    return CASES[file.partition(".")[0]]


def pack_of(file: str) -> str:
    return PACKS[file.partition("-")[0]]


def grade(case: dict[str, Any]) -> str:
    found = re.match(r"\[grade ([ABC])", case["notes"])
    assert found, f"{case['id']} has no grade"
    return found[1]


def the_contact(file: str, without: set[str] = frozenset(), **facts: Any) -> Contact:
    """The contact of a file, with some facts taken out or put in (as verified)."""
    contact = read_contact(HERE / f"{file}.yaml", the_law().vocabulary)
    changed = {n: f for n, f in contact.facts.items() if n not in without}
    changed |= {n: FactValue(value=v, basis="verified") for n, v in facts.items()}
    records = {n: r for n, r in contact.records.items() if n not in without}
    contact = contact.model_copy(update={"facts": changed, "records": records})
    assert not check(contact, the_law().vocabulary)
    return contact


def decide(contact: Contact, pack: str, **how: Any) -> brightline.Judgment:
    return brightline.decide(contact, the_law(), pack, **how)


def judge(file: str, without: set[str] = frozenset(), readings: tuple[str, ...] = (), **facts: Any) -> Any:
    return decide(the_contact(file, without, **facts), pack_of(file), readings=readings)


def deciding(judgment: Any) -> set[str]:
    return {f.norm for f in judgment.deciding}


def named(judgment: Any) -> set[str]:
    """Every fact that is named among those that would settle the question."""
    return {fact for together in judgment.settled_by for fact in together}


def implied(file: str) -> set[str]:
    """The facts that no source gives but an official finding presupposes."""
    contact = the_contact(file)
    told = {**contact.facts, **contact.records}
    return {name for name, entry in told.items() if (entry.shown_by or "").startswith("implied")}


# --- every case is here -------------------------------------------------------------------------------


def test_every_documented_case_is_encoded_or_named_as_out_of_reach() -> None:
    encoded = {f.partition(".")[0] for f in FILES}
    assert encoded <= set(CASES), "a contact belongs to a case"
    assert encoded | set(NOT_REACHED) == set(CASES)
    assert not encoded & set(NOT_REACHED)
    assert set(EXPECTED) == set(FILES)


@pytest.mark.parametrize("case", NOT_REACHED)
def test_a_case_is_out_of_reach_only_if_no_pack_is_of_its_state(case: str) -> None:
    state = case.partition("-")[0]
    assert state not in PACKS and not any(p.startswith(f"us-{state}") for p in the_law().packs)


# --- the verdicts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_the_verdict_on_a_real_case_is_the_documented_one(file: str) -> None:
    expected, found = EXPECTED[file], judge(file)
    assert found.verdict == expected.verdict, found.sentence
    assert found.as_verified == (expected.as_verified or expected.verdict)
    assert expected.by <= deciding(found)


@pytest.mark.parametrize("file", [f for f in FILES if EXPECTED[f].verdict == "unsettled"])
def test_where_the_sources_leave_a_decisive_fact_open_it_is_named(file: str) -> None:
    found = judge(file)
    assert EXPECTED[file].settled_by and EXPECTED[file].settled_by <= named(found), found.sentence
    contact = the_contact(file)
    assert not named(found) & set(contact.facts), "nothing is asked that the file already answers"


@pytest.mark.parametrize(
    "file", [f for f in CASES if CASES[f]["official_finding"] == "violation" and f not in NOT_REACHED]
)
def test_a_violation_found_on_good_sources_is_barred(file: str) -> None:
    assert grade(CASES[file]) in "AB"
    found = judge(file)
    assert (found.verdict, found.as_verified) == ("barred", "barred")


@pytest.mark.parametrize("file", [f for f in FILES if case_of(f)["official_finding"] == "no_violation"])
def test_what_was_found_to_be_no_violation_is_not_barred(file: str) -> None:
    found = judge(file)
    assert found.verdict not in ("barred", "conflict", "contested")
    if found.verdict == "required":
        assert found.action in the_contact(file).done


@pytest.mark.parametrize("file", [f for f in FILES if case_of(f)["official_finding"] == "undetermined"])
def test_where_nobody_has_found_a_violation_only_the_sealing_law_is_broken_for_certain(file: str) -> None:
    barred = judge(file).verdict == "barred"
    assert barred == (file == "nyc-nypd-kordia-2025-03-14")


@pytest.mark.parametrize("file", [f for f in FILES if f.endswith(".refused") or f == "nyc-precinct-2025-05-04-refused"])
def test_declining_a_request_is_not_barred_in_new_york_city(file: str) -> None:
    assert the_contact(file).done == ["decline_request"]
    assert judge(file).verdict == "unreached"


# --- what a finding presupposes ----------------------------------------------------------------------


@pytest.mark.parametrize("file", [f for f in FILES if implied(f)])
def test_only_an_official_violation_implies_facts(file: str) -> None:
    assert case_of(file)["official_finding"] == "violation"
    assert grade(case_of(file)) == "A"


@pytest.mark.parametrize(
    "file",
    [
        "nyc-nypd-doi-2024-11-21-alerts",
        "nyc-doc-doi-2024-11-pmv",
        "nyc-doc-doi-2024-11-pmv.screenshot",
    ],
)
def test_without_what_the_finding_presupposes_the_question_is_open_and_asks_for_it(file: str) -> None:
    assert implied(file)
    found = judge(file, without=implied(file))
    assert found.verdict == "unsettled"
    assert named(found) & implied(file)


# --- imprecise days -----------------------------------------------------------------------------------


@pytest.mark.parametrize("file", SPANS)
def test_where_no_day_is_given_the_answer_is_the_same_on_every_day(file: str) -> None:
    first, last = (date.fromisoformat(d) for d in SPANS[file])
    contact = the_contact(file)
    assert contact.date is not None and first <= contact.date <= last
    changes = the_law().boundaries(reasoner(the_law(), [pack_of(file)]).packs)
    days = (
        {first, last}
        | {d for d in changes if first < d <= last}
        | {d - timedelta(days=1) for d in changes if first < d <= last}
    )
    answers = {
        (d.verdict, d.as_verified, tuple(d.deciding), d.settled_by)
        for d in (decide(contact.model_copy(update={"date": day}), pack_of(file)) for day in sorted(days))
    }
    assert len(answers) == 1


def test_a_date_that_is_not_a_day_has_a_span_or_is_explained() -> None:
    explained = {"ny-suffolk-wells-v-demarco-2017"}  # no date at all: the day of the decision
    imprecise = {i for i, c in CASES.items() if not re.fullmatch(r"\d{4}-\d\d-\d\d", c["date"] or "")}
    assert imprecise - set(NOT_REACHED) == {f for f in SPANS if f in CASES and f in imprecise} | explained


def test_for_holds_of_1997_to_2012_no_one_day_can_stand() -> None:
    last = the_contact("nyc-onadia-1997-2012")
    assert decide(last, "us-ny-nyc").verdict == "unsettled"
    assert decide(last.model_copy(update={"date": date(1997, 4, 1)}), "us-ny-nyc").verdict == "unreached"


# --- the pairs that matter most ---------------------------------------------------------------------

KORDIA = "nyc-nypd-kordia-2025-03-14"
PURPOSES = ("civil_immigration", "criminal_immigration", "other_criminal", "other", "none_given")


@pytest.mark.parametrize(("stated", "civil"), list(product(PURPOSES, (True, False))))
def test_a_sealed_record_is_barred_whatever_the_purpose(stated: str, civil: bool) -> None:
    found = judge(KORDIA, stated_purpose=stated, civil_immigration_purpose=civil, unsealing_order=False)
    assert (found.verdict, found.as_verified) == ("barred", "barred")
    assert f"{NY}/cpl-160-50:1.c" in deciding(found)


def test_the_sealing_law_needs_no_purpose_at_all() -> None:
    purpose = {"stated_purpose", "civil_immigration_purpose", "offense_enforced", "crime_investigation"}
    assert judge(KORDIA, without=purpose).verdict == "barred"


def test_the_sealing_law_is_state_law_and_stands_without_the_sanctuary_law() -> None:
    assert decide(the_contact(KORDIA), "us-ny").verdict == "barred"


def test_of_a_sealed_record_only_an_unsealing_order_can_change_the_verdict() -> None:
    assert judge(KORDIA).rests_on == (("unsealing_order",),)
    # With the order the sealing law is satisfied, and the stated purpose keeps the sanctuary law away.
    assert judge(KORDIA, unsealing_order=True).verdict == "excepted"


def test_the_word_money_laundering_carries_the_sanctuary_law_on_stated_facts_only() -> None:
    """The name and address alone, without the sealed summons: the criminal purpose is only the requester's word."""
    contact = the_contact(KORDIA).model_copy(update={"done": ["share_personal_information"]})
    found = decide(contact, "us-ny-nyc")
    assert found.verdict == "excepted"  # § 23-1202(c)(2)(c)(1): to investigate a crime; § 10-178 is not reached
    assert found.as_verified == "unsettled"
    assert {fact for together in found.rests_on for fact in together} >= {"civil_immigration_purpose"}


def test_were_the_report_for_civil_enforcement_the_sanctuary_law_would_bar_it_too() -> None:
    none_applies = dict.fromkeys(
        (
            "cooperative_arrangement",
            "duty_under_state_or_local_law",
            "required_by_federal_law",
            "allowed_by_detainer_sections",
        ),
        False,
    )
    found = judge(KORDIA, civil_immigration_purpose=True, **none_applies)
    assert found.verdict == "barred"
    broken = {f.norm for f in found.findings if f.verdict == "barred"}
    assert {f"{NYC}/10-178:c", f"{NY}/cpl-160-50:1.c"} <= broken, "each law is reported for itself"


ALERTS = "nyc-nypd-doi-2024-11-21-alerts"


def test_alerts_are_barred_although_nothing_was_shared_back() -> None:
    contact = the_contact(ALERTS)
    assert contact.done == ["place_alert"]
    assert deciding(judge(ALERTS)) == {f"{NYC}/10-178:c"}


@pytest.mark.parametrize("reading", ["of_arrangement", "of_contact"])
def test_alerts_outside_the_task_force_are_barred_under_either_reading(reading: str) -> None:
    assert judge(ALERTS, readings=(f"s10_178_e_primarily.{reading}",)).verdict == "barred"


def test_alerts_as_work_of_the_task_force_depend_on_how_the_exception_is_read() -> None:
    file = f"{ALERTS}.task-force"
    assert judge(file).verdict == "contested"
    assert judge(file, readings=("s10_178_e_primarily.of_contact",)).verdict == "barred"
    assert judge(file, readings=("s10_178_e_primarily.of_arrangement",)).verdict == "unsettled"
    # A task force against gangs is outside the bar on one reading; DOI's finding then needs the other.
    assert judge(file, arrangement_primarily_immigration=False).verdict == "contested"
    assert judge(file, arrangement_primarily_immigration=True).verdict == "barred"


def test_a_request_for_alerts_has_to_be_put_on_record() -> None:
    duties = {(d["action"], d["due"]) for d in judge(ALERTS).explanation["duties"]}
    assert ("record_request", "required") in duties


PMV = "nyc-doc-doi-2024-11-pmv"


@pytest.mark.parametrize("believed", PURPOSES)
def test_good_faith_does_not_lift_the_bar_on_telling_of_a_person_in_custody(believed: str) -> None:
    assert judge(PMV, stated_purpose=believed).verdict == "barred"
    assert judge(PMV, stated_purpose=believed, done_willfully=False).verdict == "barred"


def test_telling_of_a_person_in_custody_breaks_the_rule_on_resources_under_one_reading() -> None:
    found = judge(
        PMV, duty_under_state_or_local_law=False, allowed_by_detainer_sections=False, immigration_purpose_primary=True
    )
    both = {(f.norm, f.reading) for f in found.findings if f.verdict == "barred"}
    assert (f"{NYC}/10-178:c", "s10_178_e_primarily.of_contact") in both
    assert f"{NYC}/9-131:h.1" in {norm for norm, _ in both}


def test_a_sheriff_of_oregon_has_to_refuse_a_subpoena_that_no_court_issued() -> None:
    found = judge("or-marion-subpoenas-2025-08-01")
    assert (found.verdict, found.action) == ("required", "decline_request")


def test_handing_the_same_data_over_before_the_court_order_would_have_been_barred() -> None:
    contact = the_contact("or-marion-subpoenas-2025-08-01", further_exception_181a_823=False)
    given = contact.model_copy(update={"done": ["share_personal_information"], "not_done": []})
    found = decide(given, "us-or")
    assert found.verdict == "barred"
    assert f"{OR}/ors-181a-826:2.b.A" in deciding(found)


def test_after_the_court_order_one_state_statute_is_satisfied_and_the_other_breaks_off() -> None:
    file = "or-marion-subpoenas-2025-08-01.produced"
    assert judge(file).verdict == "unsettled"
    assert f"{OR}/ors-180-805:2.data" not in deciding(judge(file))
    assert judge(file, judicial_subpoena=True).verdict == "excepted"
    assert judge(file, further_exception_181a_823=True).verdict == "excepted"


WELLS = "ny-suffolk-wells-v-demarco-2017"


@pytest.mark.parametrize("reading", ["statewide", "second_department"])
def test_keeping_a_person_on_a_detainer_alone_is_barred_in_suffolk_county(reading: str) -> None:
    assert judge(WELLS, readings=(f"wells_reach.{reading}",)).verdict == "barred"


def test_before_the_decision_the_same_hold_was_not_yet_barred_by_it() -> None:
    before = decide(the_contact(WELLS), "us-ny", as_of=date(2018, 11, 13))
    assert before.verdict == "unsettled"  # what is left is the federal limit of 48 hours, and the hours are not given
    assert deciding(before) == {f"{US}/8-cfr-287-7:d"}
    kept_the_limit = decide(the_contact(WELLS, hold_hours_without_weekends=48), "us-ny", as_of=date(2018, 11, 13))
    assert kept_the_limit.verdict == "unreached"


def test_two_detainers_with_a_warrant_still_need_a_conviction_or_a_match() -> None:
    file = "nyc-nypd-2016-two-honored"
    only_a_warrant = judge(
        file, without={"judgment"}, terrorist_screening_match=True, judicial_warrant=True, otherwise_detained=True
    )
    assert only_a_warrant.verdict == "excepted"
    assert only_a_warrant.as_verified == "unsettled"  # the warrant is the department's own word


def test_forty_one_days_are_beyond_the_federal_limit_however_the_weekends_fall() -> None:
    # 41 days hold at least 25 that are neither Saturday, Sunday nor holiday.
    found = judge("nyc-onadia-1997-2012", hold_hours_without_weekends=25 * 24, otherwise_detained=False)
    assert found.verdict == "barred"
    assert f"{US}/8-cfr-287-7:d" in deciding(found)


def test_an_office_on_rikers_island_after_the_order_was_void_is_a_matter_of_reading() -> None:
    found = judge("nyc-eo50-rikers-2025-09-08", offense_enforced="other_offense", civil_immigration_purpose=False)
    assert found.verdict == "contested"
    assert {f.norm for f in found.deciding} >= {f"{NYC}/9-131:h.2"}


# --- the document says what the tests say -------------------------------------------------------------


def test_the_document_gives_every_case_its_finding_and_its_verdict() -> None:
    rows = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) >= 5 and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = cells
    assert set(rows) == set(FILES)
    for file, cells in rows.items():
        assert cells[1].startswith(case_of(file)["official_finding"].replace("_", " ")), file
        assert cells[2].startswith(EXPECTED[file].verdict), file


def test_the_document_explains_each_case_in_a_paragraph_of_its_own() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for case in CASES:
        assert f"`{case}`" in text, case
