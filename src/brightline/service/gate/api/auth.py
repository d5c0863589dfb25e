"""Who asks: a token in the header, its scopes and the role of its person. No session is accepted here, so no form can be forged."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from brightline.service.gate.api.errors import Refused
from brightline.service.people.models import Person, Token
from brightline.service.people.tokens import SCOPES


class Bearer(HttpBearer):  # type: ignore[misc]
    """A token with a scope, of a person who has one of these roles."""

    def __init__(self, scope: str | None, roles: tuple[str, ...]) -> None:
        super().__init__()
        self.scope, self.roles = scope, frozenset(roles)

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = Token.of(token)
        if found is None:
            return None
        role = found.person.role
        if role not in self.roles:
            raise Refused(403, _("Your role does not open this. Ask the administrator if it should."))
        if self.scope is not None and not (self.scope in found.scopes and self.scope in scopes_of(role)):
            raise Refused(403, _("This token has no scope `{scope}`.").format(scope=self.scope))
        return found


def needs(scope: str | None, *roles: str) -> Bearer:
    """Mark an operation: which scope its token needs, and which roles may have it."""
    return Bearer(scope, roles)


def asker(request: HttpRequest) -> Person:
    """The person whose token came with the request."""
    person: Person = request.auth.person  # type: ignore[attr-defined]
    return person


_TABLE = {str(role): frozenset(str(s) for s in held) for role, held in SCOPES.items()}


def scopes_of(role: str) -> frozenset[str]:
    """What a token of this role may do at the most."""
    return _TABLE.get(role, frozenset())
