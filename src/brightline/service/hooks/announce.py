"""Tell of an event: one message to each hook of the agency that wants to know, in the transaction of what it tells of.

A message holds nothing personal: what happened, and the number under which to look.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from brightline.service.hooks.models import Delivery, Hook
from brightline.service.people.models import Agency


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has become due. `key` names it, so that it is told once."""

    agency: Agency
    event: str
    key: str
    data: dict[str, Any]


Source = Callable[[], Iterable[Due]]
_sources: list[Source] = []


def announce(agency: Agency, event: str, data: dict[str, Any]) -> None:
    """Write the messages of an event. Call it in the transaction of the step."""
    if not _has_hooks(agency):
        return
    hooks = [h for h in Hook.objects.filter(agency_id=agency.pk, ended=None).only("events") if event in h.events]
    if hooks:
        body = message(event, timezone.now(), data)
        Delivery.objects.bulk_create([Delivery(hook=h, event=event, body=body) for h in hooks])


def _has_hooks(agency: Agency) -> bool:
    """Most agencies have none, and each request that comes asks: so it is asked without the mapper, which takes longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM hooks_hook WHERE agency_id = %s AND ended IS NULL LIMIT 1", [agency.pk])
        return cursor.fetchone() is not None


def message(event: str, at: datetime, data: dict[str, Any]) -> str:
    """The body: `type`, `timestamp` and `data`, as Standard Webhooks recommends."""
    return json.dumps({"type": event, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))


def offer(source: Source) -> None:
    """A face says how to find what has become due; it is asked again and again."""
    _sources.append(source)


def announce_dues() -> int:
    """Write the messages of everything that has become due and was not told before. Returns how many."""
    hooks = list(Hook.objects.filter(ended=None).select_related("agency"))
    wanted = {(h.agency_id, event) for h in hooks for event in h.events}
    if not wanted:
        return 0
    made = []
    for due in (d for source in _sources for d in source()):
        if (due.agency.pk, due.event) in wanted:
            body = message(due.event, timezone.now(), due.data)
            made += [
                Delivery(hook=h, event=due.event, once=f"{due.event}:{due.key}", body=body)
                for h in hooks
                if h.agency_id == due.agency.pk and due.event in h.events
            ]
    told = set(Delivery.objects.filter(once__in={d.once for d in made}).values_list("hook_id", "once"))
    new = [d for d in made if (d.hook_id, d.once) not in told]
    Delivery.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
