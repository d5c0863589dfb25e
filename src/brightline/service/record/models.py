"""What the application hands to the ledger: an outbox in the transaction of its rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from brightline.service.look.secret_text import SecretJson


class Entry(models.Model):
    """A record on its way into the ledger, or in it.

    `uid` is the request key in the ledger, so that handing it over twice writes nothing twice. Once the entry has its
    `index`, the payload is here no more: it is sealed in the ledger, where it can be erased. Until then it is encrypted. `about` is the uid of what it
    concerns, `what` the step in a word.
    """

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=40)
    about = models.CharField(max_length=36, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    payload = SecretJson(null=True)
    index = models.BigIntegerField(null=True, unique=True)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["id"], name="record_waiting", condition=models.Q(index=None))]

    def __str__(self) -> str:
        return f"{self.what} ({self.uid})"
