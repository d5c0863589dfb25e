"""Every address with every role, for real: what is not marked open is refused, and another agency's things are not there.

The table in docs/service/roles.md is made of the same walk by scripts/roles.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.roles import table

from brightline.service.people.guard import CLOSED, OWN, SIGNING_IN
from brightline.service.people.models import Role, Token
from brightline.service.people.tokens import SCOPES
from tests.service.conftest import People
from tests.service.walk import (
    API_METHODS,
    OF_NO_AGENCY,
    PAGE_METHODS,
    SIGNED_OUT,
    WHO,
    Stage,
    Walk,
    ask,
    client_of,
    missing,
    patterns,
    stage,
    walk,
)

DOC = Path(__file__).parents[2] / "docs" / "service" / "roles.md"


@pytest.fixture
def at(people: People) -> Stage:
    return stage(people)


_walked: Walk = {}  # what was found, kept since the walk takes a while: plain figures, which no test changes


@pytest.fixture
def walked(request: pytest.FixtureRequest) -> Walk:
    if not _walked:
        _walked.update(walk(request.getfixturevalue("at")))
    return _walked


def test_every_address_can_be_walked() -> None:
    assert [sentence for pattern in patterns() for sentence in missing(pattern)] == []


def test_every_address_says_who_may_open_it() -> None:
    unmarked = [f"{p.route} ({p.name})" for p in patterns() if not p.marked]
    assert unmarked == [], (
        "mark the view with open_to(…) or public, or put allauth's page into a set of people/guard.py"
    )


def test_only_pages_of_allauth_are_opened_by_their_name() -> None:
    """A view that has the name of such a page by chance would be open to everybody."""
    named = SIGNING_IN | OWN | CLOSED
    assert [p.route for p in patterns() if p.name in named and not p.route.startswith("account/")] == []


@pytest.mark.long
def test_the_walk_agrees_with_the_marks_and_with_the_table(walked: Walk) -> None:
    wrong = []
    for pattern in patterns():
        if pattern.api:
            continue
        rows = {method: walked[pattern.route, method] for method in PAGE_METHODS if (pattern.route, method) in walked}
        for who in WHO:
            open_ = pattern.roles is None or who in pattern.roles
            for method, row in rows.items():
                if row[who].opened and not open_:
                    wrong.append(f"{method} {pattern.route} opens to {who}: {row[who]}")
            if open_ and not any(row[who].opened for row in rows.values()):
                wrong.append(f"{pattern.route} is marked open to {who}, and refuses: {rows}")
    assert wrong == []
    assert table(walked) == DOC.read_text(), "run scripts/roles.py, read what changed, and commit docs/service/roles.md"


@pytest.mark.long
def test_no_address_fails(walked: Walk) -> None:
    failed = [
        f"{m} {r} as {who}: {a.status}" for (r, m), row in walked.items() for who, a in row.items() if a.status >= 500
    ]
    assert [f for f in failed if "oidc" not in f] == []


@pytest.mark.long
def test_the_api_opens_to_nobody_without_a_token(walked: Walk) -> None:
    free = {r for (r, _), row in walked.items() if r.startswith("api/") and row[SIGNED_OUT].opened}
    assert free <= {"api/openapi.json", "api/"}


@pytest.mark.long
def test_an_administrator_reaches_no_request(walked: Walk) -> None:
    for (route, method), row in walked.items():
        if "<number>" in route and not route.startswith("tokens/"):
            assert not row["administrator"].opened, f"{method} {route}"


@pytest.mark.long
def test_an_auditor_changes_nothing(walked: Walk) -> None:
    """The answer to a form that changes something is a redirect, 200 or 201; an auditor gets none from an address of the gate."""
    for (route, method), row in walked.items():
        ours = route.startswith(("requests/", "task-forces/", "numbers/", "reports/", "offices/", "api/"))
        if ours and method != "GET":
            answer = row["auditor"]
            assert answer.status in (403, 405, 422, 200, 404), f"{method} {route}: {answer}"
            assert not (route.startswith("api/") and answer.opened), f"{method} {route}: {answer}"


@pytest.mark.long
def test_things_of_another_agency_are_not_there(at: Stage, elsewhere: People) -> None:
    found = []
    clients = {role: client_of(person) for role, person in elsewhere.items()}
    secrets = {r: Token.make(p, "walk", sorted(SCOPES[Role(r)]))[1] for r, p in elsewhere.items()}
    for pattern in patterns():
        if not pattern.ours or pattern.name in OF_NO_AGENCY:
            continue
        for role in elsewhere:
            for method in API_METHODS if pattern.api else PAGE_METHODS:
                answer = ask(pattern, at, role, method, clients[role], secrets[role])
                # 405: not taken at all. 415, 422: an object that is wrong is refused before anything is looked up
                absent = (401, 403, 404, 405, 415, 422) if pattern.api else (403, 404, 405)
                if answer.status not in absent:
                    found.append(f"{method} {pattern.route} as {role} of another agency: {answer}")
    assert found == []
