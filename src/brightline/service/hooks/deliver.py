"""Send messages to their receivers, again until they have them.

Each message is sent until the receiver answers 2xx, with pauses that grow, or is given up after about three days. It is marked
after the answer: when this process ends in between, the message is sent again, with the same `webhook-id`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from brightline.service.hooks.announce import announce_dues
from brightline.service.hooks.models import Delivery, Hook
from brightline.service.hooks.reach import Unreachable, post
from brightline.service.hooks.sign import headers

EVERY = 1.0  # seconds between two looks
DUES_EVERY = 300.0  # seconds between two looks at what has become due
PAUSES = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)  # seconds, as the specification recommends
AT_ONCE = 8  # receivers that are spoken to at the same time
MOST = 20  # messages to one receiver in one turn
KEPT = timedelta(days=30)  # that a message is kept after it was delivered or given up
log = logging.getLogger("brightline.hooks")
Result = tuple[Delivery, int | None, str]  # the status of the answer; None: there was none, and why


def send_due() -> int:
    """Send every message whose time has come. Returns how many were delivered."""
    waiting = Delivery.objects.filter(due__lte=timezone.now(), hook__ended=None).select_related("hook")
    by_hook: dict[int, list[Delivery]] = {}
    for delivery in waiting.order_by("id")[: MOST * AT_ONCE * 4]:
        mine = by_hook.setdefault(delivery.hook_id, [])
        if len(mine) < MOST:
            mine.append(delivery)
    delivered = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for results in pool.map(_send_all, by_hook.values()):
            delivered += sum(_note(*result) for result in results)
    return delivered


def _send_all(deliveries: Iterable[Delivery]) -> list[Result]:
    """To one receiver, in order. After one that got no answer the others wait for their next turn."""
    results: list[Result] = []
    for delivery in deliveries:
        results.append(_send(delivery))
        if results[-1][1] is None:
            break
    return results


def _send(delivery: Delivery) -> Result:
    body = delivery.body.encode()
    try:
        status = post(
            delivery.hook.url,
            body,
            headers(bytes(delivery.hook.secret), f"msg_{delivery.uid.hex}", int(time.time()), body),
        )
    except Unreachable as error:
        return delivery, None, str(error)
    return delivery, status, f"HTTP {status}"


def _note(delivery: Delivery, status: int | None, said: str) -> bool:
    """Note how an attempt went, and when the next one is."""
    delivery.attempts += 1
    delivery.said = said[:200]
    done = status is not None and 200 <= status < 300
    now = timezone.now()
    if done:
        delivery.delivered, delivery.due = now, None
    elif status == 410:
        Hook.objects.filter(pk=delivery.hook_id).update(ended=now)
        delivery.due = None
    elif delivery.attempts > len(PAUSES):
        delivery.due = None
        log.warning("a message was given up after %d attempts: %s", delivery.attempts, delivery.said)
    else:
        delivery.due = now + timedelta(seconds=PAUSES[delivery.attempts - 1])
    delivery.save(update_fields=["attempts", "said", "delivered", "due"])
    return done


def clear() -> None:
    """Let go of what was delivered or given up long ago."""
    Delivery.objects.filter(Q(due=None) & Q(made__lt=timezone.now() - KEPT) & Q(once=None)).delete()


def send_on(ended: threading.Event) -> None:
    """Send until the event is set. While the database does not answer, wait and try again."""
    dues_at = 0.0
    while not ended.is_set():
        try:
            if time.monotonic() >= dues_at:
                announce_dues()
                clear()
                dues_at = time.monotonic() + DUES_EVERY
            if send_due():
                continue
        except DatabaseError as error:
            from django.db import connection

            log.warning("the database did not answer: %s", type(error).__name__)
            connection.close()
            ended.wait(5)
        ended.wait(EVERY)
