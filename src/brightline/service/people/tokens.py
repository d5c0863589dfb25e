"""What the token of a role may do at the most, and making and revoking one's own tokens."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.service.people.errors import PeopleError
from brightline.service.people.models import Person, Role, Scope, Token
from brightline.service.record.write import recording

_WORK = frozenset({Scope.READ, Scope.RECEIVE, Scope.DECIDE})
SCOPES: dict[Role, frozenset[str]] = {
    Role.OFFICER: _WORK,
    Role.REVIEWER: _WORK,
    Role.RECORDS: _WORK | {Scope.REPORT, Scope.MANAGE},
    Role.AUDITOR: frozenset({Scope.READ}),
    Role.ADMINISTRATOR: frozenset(),
}
MOST_DAYS = 365
MOST_TOKENS = 20  # of one person, that have not expired


def make(person: Person, label: str, scopes: Sequence[str], days: int) -> tuple[Token, str]:
    """A token, and its secret, which is shown once and kept nowhere. It expires after `days`. Raises PeopleError."""
    beyond = set(scopes) - SCOPES[Role(person.role)]
    if beyond or not scopes:
        raise PeopleError(_("Choose at least one right for the token, and none that your role does not have."))
    if not 1 <= days <= MOST_DAYS:
        raise PeopleError(_("A token is valid for 1 to {most} days.").format(most=MOST_DAYS))
    with recording() as record:
        mine = Token.objects.filter(person=person, expires__gt=timezone.now())
        if mine.filter(label=label).exists():
            raise PeopleError(_("You have a token of this name already; revoke it, or choose another name."))
        if mine.count() >= MOST_TOKENS:
            raise PeopleError(_("You have {most} tokens; revoke one that is not used.").format(most=MOST_TOKENS))
        token, secret = Token.make(person, label, sorted(scopes), days)
        about = {"person": str(person.uid), "token": token.digest[:12], "scopes": sorted(scopes), "days": days}
        record("key", "make_token", person.uid, {"step": "make_token", **about})
    return token, secret


def revoke(person: Person, token: Token) -> None:
    """End one of the person's own tokens; the next call with it is refused."""
    with recording() as record:
        record("key", "revoke_token", person.uid, _revoked(person, token))
        token.delete()


def _revoked(person: Person, token: Token) -> dict[str, str]:
    return {"step": "revoke_token", "person": str(person.uid), "token": token.digest[:12]}
