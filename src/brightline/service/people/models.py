"""Agencies, the people who work there, and the tokens with which their programs sign in."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do. Nobody has two: who manages people reads no requests."""

    OFFICER = "officer", _("officer")
    REVIEWER = "reviewer", _("reviewer")
    RECORDS = "records", _("records officer")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class Agency(models.Model):
    """A local agency that is asked. `actor` is its name in the vocabulary, `packs` the law that binds it."""

    name = models.CharField(max_length=200)
    actor = models.CharField(max_length=80)
    packs: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    address = models.TextField(blank=True, max_length=1000)
    contact = models.CharField(max_length=200, blank=True)
    demo = models.BooleanField(default=False)
    started = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self) -> Any:
        """The day on which it is now where the agency is."""
        return timezone.now().astimezone(self.zone()).date()


class People(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = Person(email=email.strip().lower(), **fields)
        person.set_password(password) if password else person.set_unusable_password()
        person.full_clean(exclude=["password"])
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who signs in. `uid` is what the ledger and exports name; it is not the address."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=150, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=20, choices=Role)
    is_active = models.BooleanField(default=True)
    invited = models.DateTimeField(null=True, blank=True)
    seen = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[People] = People()

    # of Django's own permissions nothing is used: the role says all
    is_staff = False
    is_superuser = False

    def __str__(self) -> str:
        return self.name

    def may(self, *roles: str) -> bool:
        return self.is_active and self.role in roles

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Scope(models.TextChoices):
    """What a token may do; never more than the role of its person."""

    READ = "read", _("read requests, reports and task forces")
    RECEIVE = "receive", _("enter requests and papers")
    DECIDE = "decide", _("answer questions, propose and second")
    REPORT = "report", _("make statutory reports")
    MANAGE = "manage", _("load hashes of record numbers, keep task forces, set webhooks")


class Token(models.Model):
    """A key of a program. Only its hash is kept: a token has 256 random bits, so a plain SHA-256 is enough."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    made = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def hashed(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def make(cls, person: Person, label: str, scopes: list[str], days: int = 365) -> tuple[Token, str]:
        """The token, and its secret, which is shown once and kept nowhere."""
        secret = f"bl_{secrets.token_urlsafe(32)}"
        expires = timezone.now() + timedelta(days=days)
        return cls.objects.create(
            person=person, label=label, digest=cls.hashed(secret), scopes=scopes, expires=expires
        ), secret

    @classmethod
    def of(cls, secret: str, now: datetime | None = None) -> Token | None:
        """The token with this secret, when it is valid and its person may still sign in.

        Every call of a program asks this first, so it is one query without the mapper, which would take six times as long.
        """
        with connection.cursor() as cursor:
            cursor.execute(_OF, [cls.hashed(secret), now or timezone.now()])
            row = cursor.fetchone()
        if row is None:
            return None
        agency = Agency(
            pk=row[7], name=row[8], actor=row[9], packs=_json(row[10]), time_zone=row[11], address=row[12], contact=row[13],
            demo=bool(row[14]), started=_moment(row[15]),
        )  # fmt: skip
        person = Person(
            pk=row[2], uid=uuid.UUID(str(row[3])), name=row[4], title=row[5], role=row[6], email=row[16], agency=agency
        )  # fmt: skip
        return cls(pk=row[0], person=person, scopes=_json(row[1]), label=row[17], expires=_moment(row[18]))


_OF = """SELECT t.id, t.scopes, p.id, p.uid, p.name, p.title, p.role,
    a.id, a.name, a.actor, a.packs, a.time_zone, a.address, a.contact, a.demo, a.started,
    p.email, t.label, t.expires
  FROM people_token t JOIN people_person p ON p.id = t.person_id JOIN people_agency a ON a.id = p.agency_id
  WHERE t.digest = %s AND t.expires > %s AND p.is_active"""


def _json(value: Any) -> Any:
    """A column of JSON as the driver gives it: text, or already read."""
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: datetime) -> datetime:
    """A time as the driver gives it: SQLite's is in UTC, and does not say so."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
