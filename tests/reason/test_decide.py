"""Verdicts on single contacts: what is barred, what is excepted, on what it rests, and what would settle it."""

from typing import Any

import pytest

from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.reason.decide import Decision, decide
from brightline.reason.reasoner import reasoner


def detainer(**facts: Any) -> dict[str, Any]:
    """A detainer sent to the NYPD on 5 January 2015, with what is known of it."""
    known = {
        "request": {"value": "civil_detainer", "basis": "verified"},
        "required_by_federal_law": {"value": False, "basis": "verified"},
    }
    return {"date": "2015-01-05", "actor": "nypd", "asked": ["notify_release"], "facts": {**known, **facts}}


def judged(law: Law, parts: dict[str, Any], pack: str = "us-ny-nyc", readings: tuple[str, ...] = ()) -> Decision:
    return decide(Contact(**parts), reasoner(law, [pack], readings))


def test_a_detainer_without_a_warrant_bars_the_notice(law: Law) -> None:
    told = judged(law, detainer(judicial_warrant_with_detainer={"value": False, "basis": "verified"}))
    assert told.verdict == told.as_verified == "barred"
    assert "14-154(b)(1)" in told.sentence


def test_an_unknown_warrant_is_not_no_warrant(law: Law) -> None:
    told = judged(law, detainer())
    assert told.verdict == "unsettled"
    assert ("judicial_warrant_with_detainer",) in told.settled_by


def test_a_verdict_rests_on_what_only_the_requester_states(law: Law) -> None:
    told = judged(law, detainer(judicial_warrant_with_detainer={"value": False, "basis": "stated"}))
    assert (told.verdict, told.as_verified) == ("barred", "unsettled")
    assert told.rests_on == (("judicial_warrant_with_detainer",),)


def test_an_exception_is_named_by_its_clause_and_never_authorises(law: Law) -> None:
    told = judged(law, detainer(judicial_warrant_with_detainer=True, terrorist_screening_match=True))
    assert told.verdict == "excepted"
    assert told.findings[0].exception == "N.Y.C. Admin. Code § 14-154(b)(1)(i)-(ii)"
    assert "authori" not in told.sentence.lower() and "allowed" not in told.sentence


def test_the_law_in_force_on_the_day_decides(law: Law) -> None:
    """Before Local Law 59 took effect no judicial warrant was asked for."""
    facts = {"judicial_warrant_with_detainer": False, "convicted_of_covered_crime": True}
    before = judged(law, {**detainer(**facts), "date": "2014-12-13"})
    after = judged(law, {**detainer(**facts), "date": "2014-12-14"})
    assert (before.verdict, after.verdict) == ("excepted", "barred")


def test_a_contact_without_an_agency_is_not_guessed(law: Law) -> None:
    told = judged(law, {**detainer(), "actor": None})
    assert told.verdict == "unsettled"
    assert told.settled_by == (("actor",),)


def test_a_federal_jail_is_not_reached(law: Law) -> None:
    assert judged(law, {**detainer(), "actor": "us_bureau_of_prisons"}).verdict == "unreached"


def test_after_the_state_package_of_2026_no_verdict_is_plain(law: Law) -> None:
    told = judged(
        law,
        {
            **detainer(request="information_request"),
            "date": "2026-07-01",
            "actor": "nyc_other_agency",
            "asked": ["allow_interview"],
        },
    )
    assert any("996-a" in gap for gap in told.horizon)
    if told.verdict in ("excepted", "unreached"):
        assert "996-a" in told.sentence


def test_readings_that_differ_make_the_verdict_contested(law: Law) -> None:
    alert = {
        "date": "2024-11-21", "actor": "nypd", "asked": ["place_alert"],
        "facts": {
            "civil_immigration_purpose": True, "cooperative_arrangement": True, "arrangement_primarily_immigration": False,
            "immigration_purpose_primary": True, "duty_under_state_or_local_law": False, "required_by_federal_law": False,
        },
    }  # fmt: skip
    assert judged(law, alert).verdict == "contested"
    assert judged(law, alert, readings=("s10_178_e_primarily.of_contact",)).verdict == "barred"
    assert judged(law, alert, readings=("s10_178_e_primarily.of_arrangement",)).verdict == "excepted"


def test_texas_requires_what_new_york_bars(law: Law) -> None:
    texas = {
        "date": "2020-01-05",
        "actor": "tx_county_jail",
        "asked": ["comply_with_detainer"],
        "facts": {"request": "civil_detainer"},
    }
    told = judged(law, texas, "us-tx")
    assert told.verdict in ("required", "unsettled")
    assert any("2A.060" in f.clause for f in told.findings)


def test_the_json_has_exactly_the_published_keys(law: Law) -> None:
    told = judged(law, detainer()).as_json()
    assert list(told) == ["verdict", "as_verified", "findings", "rests_on", "settled_by", "horizon", "explanation"]
    assert all(list(f) == ["norm", "clause", "exception", "reading"] for f in told["findings"])


def test_each_settling_set_can_settle(law: Law) -> None:
    """For every set named there are answers that give a verdict."""
    judge = reasoner(law, ["us-ny-nyc"])
    from datetime import date

    program = judge.program(date(2015, 1, 5), "nypd", ("hold_past_release", "notify_release"))
    true, false = program.masks({"request": "civil_detainer"})
    for way in program.settling(true, false):
        assert program.outcome(true | way.true, false | way.false).verdict != "unsettled"


@pytest.mark.parametrize("actor", ["nypd", "nyc_doc"])
def test_duties_are_told_beside_the_verdict_and_do_not_change_it(law: Law, actor: str) -> None:
    parts = {
        "date": "2019-01-05", "actor": actor, "asked": ["notify_release"],
        "facts": {"request": "civil_detainer", "civil_immigration_purpose": True, "judicial_warrant_with_detainer": False, "required_by_federal_law": False, "offense_enforced": "no_offense"},
    }  # fmt: skip
    told = judged(law, parts)
    assert told.verdict == "barred"
    assert any(d["action"] == "record_request" for d in told.explanation["duties"])
