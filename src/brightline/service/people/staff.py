"""What an administrator does with people: invite, change a role, deactivate, give a new link, take away factors.

Nobody does any of it to themselves: another administrator must. So the last administrator cannot go, and none can take
another role alone. Every step is a record of kind `key`, which names people by uid and role, never by address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.service.people import sessions
from brightline.service.people.errors import PeopleError
from brightline.service.people.models import Agency, Person, Role, Token
from brightline.service.people.tokens import SCOPES
from brightline.service.record.write import Record, recording


class _Links(PasswordResetTokenGenerator):
    """The key of a link depends on the password that it replaces, so that it works once (Django's own scheme). It is valid
    for PASSWORD_RESET_TIMEOUT, 72 hours."""

    key_salt = "brightline.people.link"


_links = _Links()


def link_key(person: Person) -> str:
    """The secret part of the link with which this person sets a password, once, within 72 hours."""
    return str(_links.make_token(person))


def link_opens(person: Person | None, key: str) -> bool:
    """Whether the link is this person's newest one, unused, and not older than 72 hours."""
    if person is None or not person.is_active:
        return False
    return bool(_links.check_token(person, key))


def invite(by: Person, email: str, name: str, title: str, role: str) -> tuple[Person, str]:
    """A new person of the administrator's agency, and the key of their link. Raises PeopleError."""
    with _step(by) as record:
        person = Person(
            email=email.strip().lower(), name=name.strip(), title=title.strip(), agency=by.agency,
            role=_role(role), invited=timezone.now(),
        )  # fmt: skip
        person.set_unusable_password()
        if Person.objects.filter(email=person.email).exists():
            raise PeopleError(_("Somebody signs in with this address already; use another one."))
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            raise PeopleError(" ".join(error.messages)) from None
        person.save()
        record("key", "invite", person.uid, _told("invite", person, by))
    return person, link_key(person)


def change_role(by: Person, person: Person, role: str) -> None:
    """Give somebody another role. Their sessions end, and so do tokens that may do what the new role may not."""
    with _step(by, person) as record:
        before, person.role = person.role, _role(role)
        if before == person.role:
            raise PeopleError(_("This is the person's role already."))
        person.save(update_fields=["role"])
        for token in Token.objects.filter(person=person):
            if not set(token.scopes) <= SCOPES[Role(person.role)]:
                token.delete()
        sessions.end(person)
        record("key", "change_role", person.uid, {**_told("change_role", person, by), "before": before})


def deactivate(by: Person, person: Person) -> None:
    """Nobody signs in as this person from now on: sessions end at once, tokens are void, links too."""
    with _step(by, person) as record:
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        Token.objects.filter(person=person).delete()
        sessions.end(person)
        record("key", "deactivate", person.uid, _told("deactivate", person, by))


def activate(by: Person, person: Person) -> str:
    """Let a person sign in again; returns the key of their link, since the old password is gone."""
    with _step(by, person, active=False) as record:
        person.is_active = True
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        record("key", "activate", person.uid, _told("activate", person, by))
    return link_key(person)


def new_link(by: Person, person: Person) -> str:
    """Take the password away and return the key of a link to set a new one. The second factor stays; sessions end."""
    with _step(by, person) as record:
        person.set_unusable_password()
        person.save(update_fields=["password"])
        sessions.end(person)
        record("key", "new_link", person.uid, _told("new_link", person, by))
    return link_key(person)


def reset_factors(by: Person, person: Person) -> None:
    """Take away every second factor, as when a telephone is lost: the person sets up new ones at the next sign-in."""
    with _step(by, person) as record:
        gone, _by_model = Authenticator.objects.filter(user=person).delete()
        sessions.end(person)
        record("key", "reset_factors", person.uid, {**_told("reset_factors", person, by), "factors": gone})


def set_password(person: Person, key: str, password: str) -> None:
    """Use a link. Raises PeopleError when it was used in the meantime."""
    with recording() as record:
        now = Person.objects.select_for_update().get(pk=person.pk)
        if not link_opens(now, key):
            raise PeopleError(_("This link was used already, or is too old. Ask your administrator for a new one."))
        now.set_password(password)
        now.save(update_fields=["password"])
        record("key", "set_password", now.uid, _told("set_password", now, now))


@contextmanager
def _step(by: Person, person: Person | None = None, active: bool = True) -> Iterator[Record]:
    """One step at a time in an agency: what was read before waiting is read again, also who asks."""
    with recording() as record:
        Agency.objects.select_for_update().get(pk=by.agency_id)
        if not Person.objects.filter(pk=by.pk, is_active=True, role=Role.ADMINISTRATOR).exists():
            raise PeopleError(_("You are not an administrator any more, so this was not done."))
        if person is not None:
            if person.pk == by.pk:
                raise PeopleError(_("Nobody does this to themselves; another administrator must do it."))
            person.refresh_from_db()
            if person.is_active != active:
                raise PeopleError(_("This person is deactivated.") if active else _("This person is active already."))
        yield record


def _role(role: str) -> str:
    if role not in Role.values:
        raise PeopleError(_("There is no such role; choose one of the list."))
    return role


def _told(step: str, person: Person, by: Person) -> dict[str, Any]:
    return {"step": step, "person": str(person.uid), "role": str(person.role), "by": str(by.uid)}
