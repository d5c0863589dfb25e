"""The workbench as a test sees it: the application called without a socket, and a server for the browser."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from brightline.lab.app import application
from brightline.lab.serve import address, server
from brightline.law.pack import Law

DAY = date(2026, 8, 20)

REPEAL = """---
title: No task force
citation: "Proposal: no task force"
amends: us-ny-nyc
in_force: ..
sources: [our own wording]
reviewed: not reviewed by counsel
---

### r.1 — clause (i) repealed

> Clause (i) of subdivision e of section 10-178 is repealed.

```norm
amends us-ny-nyc/10-178:e.i: repeal
```
"""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Reply]


def caller(app: Any) -> Call:
    """Calls the application as a server would."""

    def call(method: str, path: str, body: object = None, query: str = "", **more: Any) -> Reply:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "127.0.0.1:8377",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
        } | more
        got: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            got.update(status=int(status[:3]), headers=dict(headers))

        return Reply(body=b"".join(app(environ, start)), **got)

    return call


@pytest.fixture(scope="session")
def lab_app(law: Law) -> Any:
    return application(law, "us-ny-nyc", DAY)


@pytest.fixture(scope="session")
def call(lab_app: Any) -> Call:
    return caller(lab_app)


# --- the browser (see tests/browser.py) ------------------------------------------------------------------


@pytest.fixture(scope="session")
def lab_address(lab_app: Any) -> Iterator[str]:
    made = server(lab_app)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield address(made)
    made.shutdown()
    made.server_close()
