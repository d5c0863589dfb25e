"""Every address with every role: what each one opens, found by asking.

`examples` holds a value for each argument of an address. A new pattern whose argument is not there yet cannot be walked;
`arguments` then says what to add. Every request is taken back afterwards, so that one step does not change what the next finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from brightline.service.gate import decide, letters, registers, statutory
from brightline.service.gate.models import Paper, Request, TaskForce
from brightline.service.gate.receive import attach, receive
from brightline.service.hooks.models import Hook
from brightline.service.people import staff
from brightline.service.people.guard import CLOSED, OWN, SIGNING_IN, allowed
from brightline.service.people.models import Agency, Person, Role, Token
from brightline.service.people.tokens import SCOPES
from brightline.service.record.models import Entry
from brightline.service.record.write import hand_over, settle
from tests.service.conftest import STATED_CRIME, People, person_of

SIGNED_OUT = "signed out"
WHO = (SIGNED_OUT, *(str(role) for role in Role))
API = "api/"
PAGE_METHODS = ("GET", "POST")
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MAIL = b"From: agent@hsi.example\r\nSubject: records\r\nDate: Fri, 14 Mar 2025 15:00:00 +0000\r\n\r\nPlease send all records.\r\n"


@dataclass(frozen=True)
class Pattern:
    """One address: its route as Django writes it, its name, and what its view is marked with."""

    route: str
    name: str
    arguments: tuple[str, ...]
    roles: frozenset[str] | None
    marked: bool

    @property
    def api(self) -> bool:
        return self.route.startswith(API)

    @property
    def ours(self) -> bool:
        """Whether it is about rows of an agency: those of allauth are about oneself, and a public one has a key of its own."""
        return bool(self.arguments) and not self.route.startswith("account/") and (self.api or self.roles is not None)


def patterns() -> list[Pattern]:
    """Every address that can be reached; of two with the same route the first is asked, so the second is left out."""
    found: dict[str, Pattern] = {}
    for route, name, pattern in _below(get_resolver(), "", ""):
        names = tuple(pattern.pattern.regex.groupindex)
        known = name in SIGNING_IN | OWN | CLOSED
        marked = known or hasattr(pattern.callback, "open_to") or route.startswith("account/social/")
        found.setdefault(route, Pattern(route, name, names, allowed(pattern.callback, name or None), marked))
    return list(found.values())


def _below(resolver: URLResolver, route: str, space: str) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in resolver.url_patterns:
        here = _plain(route + str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _below(pattern, here, inner)
        else:
            yield here, f"{space}{pattern.name}" if pattern.name else "", pattern


def _plain(route: str) -> str:
    """A regular expression written as a path: `^requests/(?P<number>[^/]+)/$` is `requests/<number>/`."""
    route = re.sub(r"\(\?P(<\w+>)(?:[^()\[\]]|\[[^\]]*\])*\)", r"\1", route)
    return re.sub(r"<\w+:(\w+)>", r"<\1>", route.replace("^", "").replace("$", "").replace("\\", ""))


# --- what there is to ask for ---------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """An agency with one of each thing."""

    people: People
    open: Request
    answered: Request
    paper: Paper
    task_force: TaskForce
    report: tuple[str, str]
    calendar: str
    hook: Hook
    guest: Person
    tokens: dict[str, Token] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def agency(self) -> Agency:
        return self.open.agency


def stage(people: People) -> Stage:
    """Make one of each thing in the agency of these people."""
    officer, records = people["officer"], people["records"]
    first, second = (_request(officer) for _ in range(2))
    paper = attach(first, officer, "invented.eml", MAIL)
    decide.propose(second, officer, "refused", "no warrant")
    letters.answer_letter(second, officer)
    task_force = TaskForce.objects.create(
        agency=officer.agency,
        code="joint",
        name="Joint Example (invented)",
        purpose="invented",
        starts=date(2025, 1, 1),
    )
    definition = statutory.applying(officer.agency)[0]
    last = statutory.standings(officer.agency, definition, officer.agency.today())[0].period.last.isoformat()
    hook = Hook.objects.create(
        agency=officer.agency,
        url="http://127.0.0.1:9/",
        events=["request.received"],
        secret=b"invented",
        made_by=records,
    )
    guest = person_of(officer.agency, "auditor", "guest")
    made = Stage(
        people, first, second, paper, task_force, (definition.id, last),
        registers.renew_calendar(officer.agency, records), hook, guest,
    )  # fmt: skip
    for role, person in people.items():
        made.tokens[role], made.secrets[role] = Token.make(person, "walk", sorted(SCOPES[Role(role)]))
    waiting = list(Entry.objects.filter(index=None))
    hand_over(waiting)
    settle({str(e.uid): e.index for e in waiting if e.index is not None})
    return made


def _request(officer: Person) -> Request:
    return receive(
        officer, received_at=datetime(2025, 3, 14, 15, tzinfo=UTC), channel="email", asked=["share_personal_information"],
        office=("ice_hsi", "HSI Example Office"), words={"asked": "all records"}, facts=STATED_CRIME,
    )  # fmt: skip


def _own_factor(at: Stage, role: str) -> int:
    return Authenticator.objects.get(user=at.people[role if role in at.people else "officer"], type="totp").pk


def _index(at: Stage, role: str) -> int:
    index = Entry.objects.filter(about=str(at.open.uid)).exclude(index=None).values_list("index", flat=True).first()
    assert index is not None
    return index


# The value of an argument, by `name of the pattern.argument`, else by the argument alone.
EXAMPLES: dict[str, Callable[[Stage, str], Any]] = {
    "number": lambda at, role: at.open.number,
    "letter.number": lambda at, role: at.answered.number,
    "letter_file.number": lambda at, role: at.answered.number,
    "letter_file.kind": lambda at, role: "pdf",
    "api:get_letter_pdf.number": lambda at, role: at.answered.number,
    "api:get_letter_docx.number": lambda at, role: at.answered.number,
    "token_revoke.number": lambda at, role: at.tokens[role if role in at.tokens else "officer"].pk,
    "uid": lambda at, role: at.guest.uid,
    "api:change_webhook.uid": lambda at, role: at.hook.uid,
    "api:remove_webhook.uid": lambda at, role: at.hook.uid,
    "welcome.key": lambda at, role: staff.link_key(at.guest),
    "calendar_feed.key": lambda at, role: at.calendar,
    "account_confirm_email.key": lambda at, role: "invented",
    "account_reset_password_from_key.key": lambda at, role: "invented",
    "uidb36": lambda at, role: "1",
    "provider_id": lambda at, role: "city",
    "mfa_remove_webauthn.pk": _own_factor,
    "mfa_edit_webauthn.pk": _own_factor,
    "office.pk": lambda at, role: at.open.office_id,
    "paper": lambda at, role: at.paper.pk,
    "index": _index,
    "code": lambda at, role: at.task_force.code,
    "report": lambda at, role: at.report[0],
    "last": lambda at, role: at.report[1],
    "version": lambda at, role: "internal",
    "format": lambda at, role: "json",
    "audit_file.name": lambda at, role: "report.html",
    "api:second.id": lambda at, role: at.answered.proposals.get().pk,
    "api:second.number": lambda at, role: at.answered.number,
    "id": lambda at, role: f"{at.report[0]}.{at.report[1]}",
}
# Addresses whose arguments name what the law or the installation has, not what an agency has.
OF_NO_AGENCY = {
    "report", "report_file", "audit_file", "api:get_report", "api:supply_figures", "api:file_report",
}  # fmt: skip


def missing(pattern: Pattern) -> list[str]:
    """The arguments for which there is no example, each with the sentence that says what to do."""
    return [
        f"`{pattern.route}` ({pattern.name}) has the argument `{name}`: add `{pattern.name}.{name}` to EXAMPLES in "
        "tests/service/walk.py, a function that returns the number or key of something in the walked agency; and `stage` "
        "must make that thing"
        for name in pattern.arguments
        if f"{pattern.name}.{name}" not in EXAMPLES and name not in EXAMPLES
    ]


def address(pattern: Pattern, at: Stage, role: str) -> str:
    """The address with a value in each place."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return str(EXAMPLES.get(f"{pattern.name}.{name}", EXAMPLES.get(name, lambda *_: "missing"))(at, role))

    return "/" + re.sub(r"<(\w+)>", value, pattern.route)


# --- asking ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """`opened`: not 403, nor the way to the page for signing in, nor, from the API, 401: what else comes is from behind the
    guard."""

    status: int
    where: str
    opened: bool


def ask(pattern: Pattern, at: Stage, role: str, method: str, client: Client, secret: str | None = None) -> Answer:
    """One request, with an empty form or object, taken back afterwards."""
    where = address(pattern, at, role)
    headers = {"Authorization": f"Bearer {secret}"} if secret and pattern.api else {}
    body = {"data": "{}", "content_type": "application/json"} if pattern.api and method != "GET" else {}
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        answer = client.generic(method, where, headers=headers, **body) if body else client.generic(
            method, where, headers=headers, content_type="application/x-www-form-urlencoded"
        )  # fmt: skip
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies.clear()  # signing out takes the cookie, which is taken back like the rows
    client.cookies.load(cookies)
    where = answer.get("Location", "")
    closed = (401, 403) if pattern.api else (403,)
    return Answer(
        answer.status_code, where, answer.status_code not in closed and not where.startswith("/account/login/?next=")
    )


def client_of(person: Person | None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


Walk = dict[tuple[str, str], dict[str, Answer]]  # route and method -> who -> the answer


def walk(at: Stage) -> Walk:
    """Ask for every address as everybody. Methods that an address does not take are left out."""
    clients = {who: client_of(at.people.get(who)) for who in WHO}
    found: Walk = {}
    for pattern in patterns():
        if missing(pattern):
            continue
        for method in API_METHODS if pattern.api else PAGE_METHODS:
            told = {who: ask(pattern, at, who, method, clients[who], at.secrets.get(who)) for who in WHO}
            if _taken(pattern, method, told, found.get((pattern.route, "GET"))):
                found[pattern.route, method] = told
    return found


def _taken(pattern: Pattern, method: str, told: dict[str, Answer], got: dict[str, Answer] | None) -> bool:
    """Whether the address takes the method, or is closed to everybody and so cannot be asked. A page that says nothing of
    methods takes POST like GET; the API says it, but for its schema and for the root, which is not there."""
    if method == "GET" and pattern.roles == frozenset():
        return True
    if pattern.api and ((method != "GET" and told == got) or {a.status for a in told.values()} == {404}):
        return False
    return any(a.opened and a.status != 405 for a in told.values())
