"""Sealed records: what a look-up of a record number says to the officer, and why, to the reviewer alone.

An agency loads keyed hashes (HMAC-SHA256) of the numbers of its records: those it holds, and which of them are sealed. The
numbers themselves never come here. A number that is sealed and one that the agency does not hold have the same answer, by
the same path: the same queries, the same rows, the same words, so that neither the page nor its timing tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from brightline.service.gate.errors import GateError
from brightline.service.gate.models import KnownNumber, NumberCheck, Request, State
from brightline.service.gate.number_hash import number_hash
from brightline.service.gate.receive import claim, must_be_open
from brightline.service.home import home
from brightline.service.people.models import Agency, Person
from brightline.service.record.write import recording

NOTHING = "no record that may be disclosed"
NOTHING_SAID = lazy("no record that may be disclosed")  # the same, in the language of whoever reads it
_DIGEST = re.compile(r"[0-9a-f]{64}")


def digest(number: str, key: bytes | None = None) -> str:
    """The keyed hash of a record number: HMAC-SHA256 over its letters and digits in capitals, hexadecimal."""
    try:
        return number_hash(number, key or home().secret("numbers").encode())
    except GateError:  # which is made without Django, and so in English
        raise GateError(_("a record number has letters or digits; this one has none")) from None


def load(agency: Agency, person: Person, held: Iterable[str], sealed: Iterable[str]) -> tuple[int, int]:
    """Replace the hashes of an agency by these. Returns how many are held, and how many of all are sealed.

    Raises GateError for anything that is no hash, so that no number is kept by mistake.
    """
    sealed = {h.strip().lower() for h in sealed if h.strip()}
    every = {h.strip().lower() for h in held if h.strip()} | sealed
    if wrong := sum(not _DIGEST.fullmatch(h) for h in every):
        said = _("{n} lines are no hashes of 64 hexadecimal digits; hash the numbers first, they must not come here")
        raise GateError(said.format(n=f"{wrong:,}"))
    with recording() as record:
        KnownNumber.objects.filter(agency=agency).delete()
        KnownNumber.objects.bulk_create(
            [KnownNumber(agency=agency, digest=h, sealed=h in sealed) for h in sorted(every)], batch_size=2000
        )
        record("rule-change", "numbers", agency.pk, {"held": len(every), "sealed": len(sealed), "by": str(person.uid)})
    return len(every), len(sealed)


def look_up(request: Request, person: Person, number: str) -> bool:
    """Whether the record with this number may be spoken of. If not, the request is stopped. Raises GateError.

    Both outcomes write the same rows, and what the ledger keeps tells nothing without its salt.
    """
    must_be_open(request)
    hashed = digest(number)
    known = KnownNumber.objects.filter(agency=request.agency, digest=hashed).values_list("sealed", flat=True).first()
    why = {None: "absent", True: "sealed", False: "held"}[known]
    with recording() as record:
        claim(request)
        NumberCheck.objects.create(request=request, digest=hashed, why=why, by=person)
        request.stopped = request.stopped or why != "held"
        request.state = State.STOPPED if request.stopped else State.OPEN
        request.save(update_fields=["state", "stopped"])
        record(
            "access",
            "number",
            request.uid,
            {"request": request.number, "digest": hashed, "why": why, "by": str(person.uid)},
        )
    return not request.stopped
