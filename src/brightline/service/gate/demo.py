"""Invented people and requests for a demonstration. Nothing here is about anybody."""

from __future__ import annotations

from brightline.service.gate import demo_requests
from brightline.service.people.models import Agency, Person, Role

PEOPLE = (
    ("Ada Example (invented)", Role.OFFICER),
    ("Ben Sample (invented)", Role.REVIEWER),
    ("Cleo Specimen (invented)", Role.RECORDS),
    ("Dana Placeholder (invented)", Role.AUDITOR),
    ("Eli Mockup (invented)", Role.ADMINISTRATOR),
)


def fill() -> None:
    """Fill an empty installation; one that has an agency is left as it is."""
    if Agency.objects.exists():
        return
    agency = Agency.objects.create(
        name="Police Department of Example City (invented)", actor="nypd", packs=["us-ny-nyc"], demo=True,
        address="1 Invented Plaza\nExample City, NY 10000", contact="records@example.org",
    )  # fmt: skip
    people = {
        str(role): Person.objects.create_user(f"{role}@example.org", name=name, agency=agency, role=role)
        for name, role in PEOPLE
    }
    demo_requests.fill(agency, people, count=80)
