"""An agency with somebody of each role, and a browser without a window for each of them. Everybody is invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from brightline.service.gate.models import Request
from brightline.service.gate.receive import receive
from brightline.service.people.models import Agency, Person, Role

People = dict[str, Person]
STATED_CRIME: dict[str, Any] = {
    "request": {"value": "information_request", "basis": "verified", "shown_by": "the e-mail"},
    "stated_purpose": {"value": "other_criminal", "shown_by": "the requester: money laundering"},
    "civil_immigration_purpose": {"value": False, "shown_by": "the requester"},
    "offense_enforced": {"value": "other_offense", "shown_by": "the requester"},
    "crime_investigation": {"value": True, "shown_by": "the requester"},
    "federal_immigration_authority": {"value": True, "basis": "verified", "shown_by": "the requester's agency"},
    "nonlocal_law_enforcement": {"value": True, "basis": "verified", "shown_by": "the requester's agency"},
    "identifying_information": {"value": True, "basis": "verified", "shown_by": "the request"},
    "by_or_to_police": {"value": True, "basis": "verified", "shown_by": "the police are asked"},
}


@pytest.fixture
def agency(db: None) -> Agency:
    return Agency.objects.create(
        name="Example City Police (invented)", actor="nypd", packs=["us-ny-nyc"], address="1 Invented Plaza"
    )


@pytest.fixture
def people(agency: Agency) -> People:
    """One person of each role, with a second factor."""
    return {str(role): person_of(agency, str(role)) for role in Role}


@pytest.fixture
def elsewhere(db: None) -> People:
    """The people of another agency."""
    other = Agency.objects.create(name="Other Town Jail (invented)", actor="nyc_doc", packs=["us-ny-nyc"])
    return {str(role): person_of(other, str(role), "other") for role in Role}


def person_of(agency: Agency, role: str, at: str = "here") -> Person:
    person = Person.objects.create_user(
        f"{role}@{at}.example", "an invented password", name=f"{role.title()} Example", agency=agency, role=role
    )
    Authenticator.objects.create(user=person, type="totp", data={"secret": "invented"})
    return person


@pytest.fixture
def browser(people: People) -> Callable[[str], Client]:
    """`browser("officer")`: a client that is signed in as that role."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role], "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def request_made(people: People) -> Request:
    """A request from an invented HSI office that states money laundering, received on 14 March 2025."""
    return receive(
        people["officer"],
        received_at=datetime(2025, 3, 14, 15, tzinfo=UTC),
        channel="email",
        asked=["share_personal_information"],
        office=("ice_hsi", "HSI Example Office"),
        words={"asked": "all records on the person", "purpose": "money laundering"},
        subject={"name": "Pat Invented", "born": "1990-01-01"},
        facts=STATED_CRIME,
    )
