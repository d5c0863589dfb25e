"""What came of a grant: asked ninety days later, and counted by the office that had stated a criminal purpose."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.service.gate.errors import GateError
from brightline.service.gate.models import Came, FollowUp
from brightline.service.people.models import Person
from brightline.service.record.write import recording


def came(follow_up: FollowUp, person: Person, outcome: str, shown_by: str = "") -> None:
    """Note what came of it. Raises GateError."""
    if outcome not in Came.values:
        said = _("`{outcome}` is no outcome; use one of {known}")
        raise GateError(said.format(outcome=outcome, known=", ".join(Came.values)))
    if outcome not in (Came.UNKNOWN, Came.NOTHING) and not shown_by.strip():
        raise GateError(_("say what shows it: the docket, the court's answer, the notice"))
    follow_up.outcome, follow_up.shown_by = outcome, shown_by[:300]
    follow_up.by, follow_up.at = person, timezone.now()
    with recording() as record:
        follow_up.save()
        record(
            "evidence",
            "follow up",
            follow_up.request.uid,
            {"request": follow_up.request.number, "outcome": outcome, "shown_by": shown_by, "by": str(person.uid)},
        )
