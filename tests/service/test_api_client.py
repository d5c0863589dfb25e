"""The client in the docs is what the schema makes of it, and it works; the examples in the docs are real."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from brightline.service.hooks.sign import headers, new_secret, shown
from brightline.service.people.models import Agency, Token
from tests.service.conftest import person_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "service" / "api.md"
ALL = ["read", "receive", "decide", "report", "manage"]


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def token(transactional_db: None) -> str:
    call_command("createcachetable", verbosity=0)
    agency = Agency.objects.create(name="Example City Police (invented)", actor="nypd", packs=["us-ny-nyc"])
    return Token.make(person_of(agency, "records"), "a program", ALL)[1]


def test_the_client_is_what_the_schema_makes_of_it() -> None:
    from brightline.service.gate.api.mount import api

    made = module(ROOT / "scripts" / "client.py")
    text = made.formatted(made.client(json.loads(json.dumps(api.get_openapi_schema(), default=str))))
    assert text == made.OUT.read_text(encoding="utf-8"), "run python scripts/client.py"


def test_the_client_takes_a_request_to_its_letter(live_server: Any, token: str) -> None:
    client = module(ROOT / "docs" / "service" / "client.py")
    with client.Client(live_server.url, token) as gate:
        told = {"received_at": "2025-03-14T15:00:00Z", "asked": ["honor_detainer"], "subject": {"name": "Pat Invented"}}
        made = gate.receive(told, idempotency_key="one")
        assert gate.receive(told, idempotency_key="one") == made
        number = made["number"]
        assert gate.add_paper(number, "letter.txt", b"an invented letter")["size"] == 18
        with pytest.raises(client.Refused) as refused:
            gate.propose(number, {"outcome": "granted", "reason": "because"})
        assert refused.value.status == 409
        gate.propose(number, {"outcome": "refused", "reason": "no warrant"})
        gate.sign_letter(number)
        assert gate.get_letter_pdf(number).startswith(b"%PDF")
        assert [r["number"] for r in gate.list_requests(state="answered")["requests"]] == [number]
        assert {r["what"] for r in gate.list_receipts(number)["receipts"]} >= {"receive", "paper", "propose", "decide"}
        with pytest.raises(client.Refused, match="404"):
            gate.show_request("2026-99999")


def test_the_examples_of_the_page_are_real(live_server: Any, token: str) -> None:
    examples = [
        e for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S) for e in split(block)
    ]
    assert len(examples) >= 9
    year = str(timezone.now().year)  # numbers begin with it
    for command, told in examples:
        command, told = re.sub(r"\b2026(?=-\d{5})", year, command), re.sub(r"\b2026(?=-\d{5})", year, told)
        environment = {**os.environ, "URL": live_server.url, "TOKEN": token}
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=True)
        assert alike(json.loads(told), json.loads(done.stdout)), f"{command}\n{done.stdout}"


def split(block: str) -> list[tuple[str, str]]:
    """Commands after `$ `, each with the answer that stands below it; a command may go on over lines in its quotes."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        end = re.search(r"^\{\"", part, re.M)
        assert end is not None, part
        found.append((part[: end.start()], part[end.start() :]))
    return found


def alike(told: Any, came: Any) -> bool:
    """Whether an answer is the one in the page, where `…` stands for anything that is there."""
    if told == "…":
        return came is not None
    if isinstance(told, dict) and isinstance(came, dict):
        return told.keys() == came.keys() and all(alike(told[k], came[k]) for k in told)
    if isinstance(told, list) and isinstance(came, list):
        return len(told) == len(came) and all(map(alike, told, came))
    return bool(told == came)


def test_the_verification_in_the_page_works() -> None:
    import time

    code = next(
        c for c in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S) if "def genuine" in c
    )
    scope: dict[str, Any] = {}
    exec(code, scope)
    secret = new_secret()
    now = int(time.time())
    head = headers(secret, "msg_1", now, b"{}")
    assert scope["genuine"](shown(secret), head, b"{}")
    assert not scope["genuine"](shown(secret), head, b"{ }")
    assert not scope["genuine"](shown(new_secret()), head, b"{}")
    assert not scope["genuine"](shown(secret), headers(secret, "msg_1", now - 1000, b"{}"), b"{}")
