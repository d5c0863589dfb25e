"""Schemathesis over the whole schema: no 5xx, no answer outside the schema, whatever is sent."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from brightline.service.gate import decide
from brightline.service.gate.models import Request
from brightline.service.gate.numbers import look_up
from brightline.service.gate.receive import receive
from brightline.service.people.models import Token
from brightline.service.wsgi import application
from tests.service.conftest import People

ALL = ["read", "receive", "decide", "report", "manage"]
SLOW = ("add_paper", "get_report", "sign_letter")  # a sandbox, or a PDF, for each
NUMBER = re.compile(r"[0-9]{4}-[0-9]{5,9}")
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
# a schema cannot say that one day lies before another, or that a fact is known: 422 with a sentence is an answer as well
schema.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "401", "403", "404", "409", "422"]
# every value at its bounds, in turn: thousands of calls for the hundred facts, so only in the long run
schema.config.phases.coverage.enabled = os.environ.get("BRIGHTLINE_LONG") == "1"
ROLES = ("records", "reviewer", "officer")


@schema.auth()
class Auth:
    """A token of one of three roles."""

    def get(self, case: Any, context: Any) -> str:
        return f"bl_fuzz_{random.Random(repr(case.path_parameters) + repr(case.body)).choice(ROLES)}"

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@pytest.fixture
def desk(request_made: Request, people: People) -> Iterator[list[str]]:
    """The numbers of requests that stand at different places: open, decided, stopped."""
    numbers = [request_made.number]
    for step in ("refuse", "stop"):
        other = receive(people["officer"], received_at=request_made.received_at, asked=request_made.asked)
        numbers.append(other.number)
        if step == "refuse":
            decide.propose(other, people["officer"], "refused", "an invented reason")
        else:
            look_up(other, people["officer"], "an invented number 1")
    for role in ROLES:
        token, _secret = Token.make(people[role], "fuzz", ALL)
        Token.objects.filter(pk=token.pk).update(digest=Token.hashed(f"bl_fuzz_{role}"))
    for signal in (request_started, request_finished):  # the connection holds the test's transaction
        signal.disconnect(close_old_connections)
    yield numbers
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def send(case: Any, desk: list[str]) -> None:
    """Send what was generated, with a number that exists for most numbers that could."""
    choose = random.Random(repr(case.path_parameters) + repr(case.body))
    if NUMBER.fullmatch(str((case.path_parameters or {}).get("number"))) and choose.random() < 0.8:
        case.path_parameters["number"] = choose.choice(desk)
    case.call_and_validate()


quick = schema.exclude(operation_id=list(SLOW))
slow = schema.include(operation_id=list(SLOW))
ANY: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@quick.parametrize()
@settings(max_examples=12, **ANY)
def test_whatever_is_sent_has_an_answer_within_the_schema(case: Any, desk: list[str]) -> None:
    send(case, desk)


@slow.parametrize()
@settings(max_examples=2, **ANY)
def test_files_and_letters_too(case: Any, desk: list[str]) -> None:
    send(case, desk)


@pytest.mark.long
@schema.parametrize()
@settings(max_examples=40, **ANY)
def test_much_more_of_it(case: Any, desk: list[str]) -> None:
    send(case, desk)
