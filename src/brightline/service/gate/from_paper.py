"""What a paper says of the request that it brings: a first filling of the form, all of it only stated.

Nothing is guessed: a word that is not understood fills no field. That a judge has signed something is never taken from a
paper; it is asked in the interview, of somebody who looks at it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from brightline.papers import KINDS, Reading
from brightline.service.gate.frame import EARLIEST, Frame

MOST_WORDS = 6000  # characters of the requester's own words that are taken over
# Words of an agency or office, and its name in the vocabulary; the first that is met counts.
OFFICES = (
    (r"homeland security investigations|\bhsi\b", "ice_hsi"),
    (r"enforcement and removal|\bero\b", "ice_ero"),
    (r"customs and border protection|border patrol|\bcbp\b", "cbp"),
    (r"citizenship and immigration services|\buscis\b", "uscis"),
    (r"immigration and customs enforcement|\bice\b", "ice"),
    (r"marshals service", "us_marshals"),
    (r"bureau of prisons", "us_bureau_of_prisons"),
    (r"federal bureau of investigation|drug enforcement administration|\bfbi\b|\bdea\b", "other_federal"),
)
ACTS = {
    "hold": "hold_past_release",
    "notify": "notify_release",
    "information": "share_information",
    "produce": "share_information",
    "appear": "share_information",
    "arrest": "transfer_custody",
    "remove": "transfer_custody",
}
FORMS = {"i247a": "civil_detainer", "i138": "subpoena", "judicial_subpoena": "subpoena"}
DAYS = ("%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y")


def first_filling(reading: Reading, now: datetime) -> Frame:
    """What the paper gives of the frame, `received_at` being `now` unless an e-mail has a date of its own."""
    paper = reading.foremost()
    told: Frame = {
        "received_at": _sent(reading, now),
        "channel": "email" if reading.file_type == "email" else "",
        "asked": list(dict.fromkeys(ACTS[v] for v in paper.values("asked") if v in ACTS)),
        "reference": _first(paper, "subpoena_number", "case_number", "event_number")[:120],
        "subject": _subject(paper),
        "words": _words(reading),
    }
    actor = _actor(paper)
    if actor:
        office = next((v for v in paper.values("requester_office")), "") or _first(paper, "requester_agency")
        told["office"] = (actor, office)
    if paper.kind in FORMS:
        told["facts"] = {
            "request": {"value": FORMS[paper.kind], "basis": "stated", "shown_by": KINDS[paper.kind].title}
        }
    return told


def _sent(reading: Reading, now: datetime) -> datetime:
    for value in reading.values("mail_date"):
        try:
            sent = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            continue
        if sent.tzinfo is not None and EARLIEST <= sent <= now + timedelta(minutes=5):
            return sent
    return now


def _first(paper: Reading, *fields: str) -> str:
    return next((v for f in fields for v in paper.values(f)), "")


def _actor(paper: Reading) -> str:
    said = " ".join([*paper.values("requester_office"), *paper.values("requester_agency")]).lower()
    return next((name for pattern, name in OFFICES if re.search(pattern, said)), "")


def _subject(paper: Reading) -> dict[str, str]:
    told = {
        "name": _first(paper, "subject_name")[:200],
        "born": _day(_first(paper, "date_of_birth")),
        "a_number": _first(paper, "a_number")[:40],
    }
    return {name: value for name, value in told.items() if value}


def _day(said: str) -> str:
    for form in DAYS:
        try:
            return datetime.strptime(said, form).date().isoformat()
        except ValueError:
            continue
    return ""


def _words(reading: Reading) -> dict[str, str]:
    """An e-mail or a letter speaks in its writer's own words; a form does not."""
    return {"asked": reading.text.strip()[:MOST_WORDS]} if reading.kind == "letter" and reading.text.strip() else {}
