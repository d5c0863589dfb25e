"""The words in which a report says its values: closed lists, moments, agencies, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

SAID = {
    "open": "still open",
    "unknown": "not recorded",
    "nothing": "none",
    "yes": "yes",
    "no": "no",
    "none": "no request",
    # papers
    "i247a": "Form I-247A (detainer)",
    "i200": "Form I-200 (warrant of an officer)",
    "i205": "Form I-205 (warrant of removal by an officer)",
    "i138": "Form I-138 (administrative subpoena)",
    # requests and purposes
    "civil_detainer": "civil detainer",
    "notification_request": "notice of a release",
    "information_request": "information",
    "task_force_request": "joining a task force",
    "access_request": "access",
    "other_request": "something else",
    "civil_immigration": "civil immigration enforcement",
    "criminal_immigration": "an immigration crime",
    "other_criminal": "another crime",
    "none_given": "none stated",
    # detainers and holds
    "removable": "reason to believe that the person is subject to removal",
    "proceedings_initiated": "removal proceedings initiated, charging document served",
    "warrant_served": "warrant of arrest for removal proceedings served",
    "removal_order": "order of deportation or removal obtained",
    "expired_48_hours": "the 48 hours expired",
    "disavowed": "federal authorities disavowed an intention to take custody",
    # information
    "incarceration_status": "incarceration status",
    "release_date": "release date",
    "court_date": "court appearance date",
    "appointment_date": "scheduled appointment",
    # decisions and verdicts
    "partly": "granted in part",
    "unsettled": "cannot tell",
    "excepted": "not barred, by an exception",
    "unreached": "no rule reaches it",
    # grounds of a transfer
    "judicial_probable_cause": "a judge's finding of probable cause",
    "charge_with_probable_cause": "a charge with probable cause",
    "email": "e-mail",
}
HEADS = {
    "agency": "agency asked",
    "requester": "requested by",
    "decision": "decision",
    "request": "what was asked",
    "stated_purpose": "stated purpose",
    "information_released": "information given",
    "detainer_reasons": "reason given for the detainer",
    "transfer_facilitated": "transfer facilitated",
    "person_notified": "person told in writing",
    "custody_basis": "charges on which the person was held",
    "judicial_warrant": "judicial warrant",
    "transfer_ground": "what allowed the transfer",
    "offense": "offense",
}
NAMELESS = "an agency that the vocabulary does not name"
COUNTED = {
    "events": ("request", "requests"),
    "persons": ("person", "persons"),
    "task_forces": ("task force", "task forces"),
    "supplied": ("figure", "figures"),
}


def head(field: str) -> str:
    return HEADS.get(field, field.replace("_", " "))


def word(value: str, rest: str = "") -> str:
    """A value of a closed list, in words."""
    if value == "rest":
        return rest
    return SAID.get(value, value.replace("_", " "))


def cell(value: object, kind: str, show: str, zone: ZoneInfo, titles: Mapping[str, str], filed: bool) -> str:
    """One value of a record, as a reader of the report sees it. What is filed names no actor of its own making."""
    match value:
        case None:
            return "not recorded"
        case bool():
            return "yes" if value else "no"
        case datetime():
            local = value.astimezone(zone)
            return f"{local:%Y-%m-%d}" if show == "day" else f"{local:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case tuple():
            return "; ".join(cell(v, kind, show, zone, titles, filed) for v in value) or "none"
        case int():
            return str(value)
    text = str(value)
    if kind == "vocabulary":
        return titles.get(text) or (NAMELESS if filed else text)
    return word(text) if kind == "word" else text


def number(count: int, counted: str) -> str:
    """A count with what it counts: "1 person", "no requests"."""
    one, more = COUNTED[counted]
    if count == 0:
        return f"no {more}"
    return f"{count} {one if count == 1 else more}"


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
