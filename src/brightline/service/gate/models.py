"""What the gate keeps: requests, their papers, answers, proposals, releases and what came of them.

The words of the law are JSON here (facts, actions, clauses), checked by `brightline.contact` before they are saved: a new
fact in the vocabulary needs no migration. What is personal is encrypted.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brightline.service.look.secret_text import SecretBytes, SecretJson
from brightline.service.people.models import Agency, Person
from brightline.service.record.models import Entry

REVIEW_WITHIN = timedelta(hours=72)  # of an emergency
FOLLOW_UP_AFTER = timedelta(days=90)  # of a grant on a criminal purpose


class State(models.TextChoices):
    """Where a request stands. `stopped`: nothing may be said of the record that it asks for."""

    OPEN = "open", _("open")
    STOPPED = "stopped", _("stopped")
    PROPOSED = "proposed", _("waits for a second person")
    DECIDED = "decided", _("decided, to be answered")
    ANSWERED = "answered", _("answered")


class Outcome(models.TextChoices):
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")


class Office(models.Model):
    """An office that asks. `actor` is its agency in the vocabulary, such as `ice_hsi`."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="offices")
    actor = models.CharField(max_length=80)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "actor", "name"], name="gate_office_once")]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TaskForce(models.Model):
    """A task force or joint operation with federal agencies: its agreement, its purpose and who certified that."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="task_forces")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    agreement = models.CharField(max_length=500, blank=True)
    federal_agencies: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    state_agencies: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    local_agencies: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    purpose = models.TextField(max_length=2000)
    primarily_immigration = models.BooleanField(null=True, blank=True)
    certified_by = models.CharField(max_length=150, blank=True)  # a role, not a name
    certified_on = models.DateField(null=True, blank=True)
    certify_every_days = models.PositiveIntegerField(default=365)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    ongoing_resources = models.BooleanField(null=True, blank=True)
    roles: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(default=dict, blank=True)
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="gate_task_force_once")]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def certification_due(self) -> Any:
        """The day by which the primary purpose must be certified again; None: it never was."""
        return self.certified_on + timedelta(days=self.certify_every_days) if self.certified_on else None


class Request(models.Model):
    """A request across the line. Its `number` counts within the agency, its `uid` is what the ledger names."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="requests", db_index=False)
    number = models.CharField(max_length=20)
    key = models.CharField(max_length=80, null=True, blank=True)  # of the program that sent it: sent twice, kept once
    made = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=20, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    reference = models.CharField(max_length=120, blank=True)  # the requester's own number
    asked: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    words = SecretJson(null=True, blank=True)  # the requester's own words: what is asked, and why
    subject = SecretJson(null=True, blank=True)  # who it is about: name, born, a_number
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    records: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    happened: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    # what the law says, kept so that lists and reports need not judge again
    verdict = models.CharField(max_length=20, blank=True)
    as_verified = models.CharField(max_length=20, blank=True)
    clauses: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    exceptions: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # by which it is allowed
    rests_on: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(default=list)

    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    stopped = models.BooleanField(default=False)  # for good: nothing may be said of a record that it asks for
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)  # counts the steps: two people do not overwrite each other's

    # of the object in hand, not kept: what was said when it was judged, and its record when it was just taken in
    sentence = ""
    entry: Entry | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="gate_number_once"),
            models.UniqueConstraint(fields=["agency", "key"], name="gate_key_once"),
        ]
        indexes = [models.Index(fields=["agency", "state", "-received_at"], name="gate_by_state")]
        ordering = ("-received_at", "-id")

    def __str__(self) -> str:
        return self.number

    @property
    def day(self) -> Any:
        """The day of the request where the agency is: that day's law judges it."""
        return self.received_at.astimezone(self.agency.zone()).date()


class Counter(models.Model):
    """The last number that a year's requests of an agency have reached."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "year"], name="gate_counter_once")]


class Paper(models.Model):
    """A paper that came with a request, as it came, and what was read in it (all of it only stated)."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="papers")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    original = SecretBytes()
    reading = SecretJson()
    added = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """An answer to one question, kept also when a later one replaces it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="answers")
    fact = models.CharField(max_length=80)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    basis = models.CharField(max_length=10, blank=True)  # verified, stated; empty: nobody knows
    shown_by = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)


class Waiver(models.Model):
    """A reviewer's signed reason why a statement need not be verified."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="waivers")
    fact = models.CharField(max_length=80)
    why = models.CharField(max_length=1000)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "fact"], name="gate_waiver_once")]


class Proposal(models.Model):
    """What one person wants to decide, and what the second one said of it. `seconded` None: nobody has looked yet.

    In an emergency the first decides alone, and the second reviews it by `review_due`.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="proposals")
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason = models.CharField(max_length=2000)
    release = SecretJson(default=dict)  # field -> value: what may be told, and nothing else
    information: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # kinds of what is released
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    emergency = models.BooleanField(default=False)
    review_due = models.DateTimeField(null=True, blank=True)
    seconded = models.BooleanField(null=True, blank=True)
    seconded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seconded_at = models.DateTimeField(null=True, blank=True)
    second_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ("id",)


class Letter(models.Model):
    """The answer as it was signed: PDF and docx, to the byte."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="letter")
    pdf = SecretBytes()
    docx = SecretBytes()
    sha256 = models.CharField(max_length=64)  # of the PDF
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Came(models.TextChoices):
    """What came of a grant on a criminal purpose."""

    CHARGE = "charge", _("a criminal charge")
    CONVICTION = "conviction", _("a conviction")
    CIVIL_CUSTODY = "civil_immigration_custody", _("civil immigration custody")
    NOTHING = "nothing", _("nothing")
    UNKNOWN = "unknown", _("not known")


class FollowUp(models.Model):
    """Ninety days after a grant on a criminal purpose: what came of it? `outcome` empty: not asked yet."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="follow_up")
    due = models.DateField()
    outcome = models.CharField(max_length=30, choices=Came, blank=True)
    shown_by = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)


class KnownNumber(models.Model):
    """The keyed hash of a record number of the agency, and whether that record is sealed. Never the number."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    sealed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "digest"], name="gate_number_known_once")]


class NumberCheck(models.Model):
    """A look-up of a record number. `why` (held, sealed, absent) is encrypted, and for reviewers alone."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="number_checks")
    digest = models.CharField(max_length=64)
    why = SecretJson()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)


from brightline.service.gate.models_reports import CalendarKey, PeriodReport  # noqa: E402, F401  Django finds them here
