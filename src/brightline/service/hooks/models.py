"""Where an agency is told of events, and each message on its way there."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from brightline.service.look.secret_text import SecretBytes
from brightline.service.people.models import Agency, Person


class Hook(models.Model):
    """An address that is told of some events. Its secret signs the messages; it is shown once, when the hook is made."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="hooks")
    url = models.CharField(max_length=500)
    events: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    secret = SecretBytes()
    made = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended = models.DateTimeField(null=True, blank=True)  # the receiver said that it is gone for good (410)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.uid)


class Delivery(models.Model):
    """A message to one hook: written with what it tells of, and kept until it is delivered or given up.

    `uid` is its `webhook-id`: the same in every attempt, so that a receiver can tell a repeat. `once` names what is told
    once, such as a day on which something is due.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    once = models.CharField(max_length=150, null=True, blank=True)
    event = models.CharField(max_length=40)
    body = models.TextField()  # to the byte, as it is signed
    made = models.DateTimeField(default=timezone.now)
    due: models.DateTimeField[datetime | None, Any] = models.DateTimeField(null=True, default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=200, blank=True)  # of the last attempt: a status, or why there was none
    delivered = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "once"], name="hooks_told_once")]
        indexes = [models.Index(fields=["due"], name="hooks_waiting", condition=models.Q(due__isnull=False))]
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.event} ({self.uid})"
