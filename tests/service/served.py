"""Installations served as people serve them, for the tests in a browser: the demonstration, one for each run of the tests,
and empty ones."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser import follow

WAIT = 120  # tries, a quarter of a second apart at most: an empty installation is made and filled first
COMMAND = str(Path(sys.executable).with_name("brightline"))


_running: dict[Path, str] = {}


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration keeps its data."""
    return next(iter(_running), None) or tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="session")
def demo(demo_data: Path, pytestconfig: pytest.Config) -> str:
    """The address of `brightline serve --demo`. Each file of tests has this fixture for itself; they share the server."""
    if demo_data not in _running:
        stack = ExitStack()
        _running[demo_data] = stack.enter_context(serving(demo_data, "--demo"))
        pytestconfig.add_cleanup(stack.close)
    return _running[demo_data]


@contextmanager
def serving(data: Path, *options: str) -> Iterator[str]:
    """`brightline serve` with its data in this folder, until the block ends. Gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("BRIGHTLINE_", "DJANGO_"))}
    environment.pop("DATABASE_URL", None)
    log = data.with_suffix(".log")
    with log.open("w") as out:
        server = subprocess.Popen(
            [COMMAND, "serve", *options, "--port", str(port), "--data", str(data)],
            env=environment,
            stdout=out,
            stderr=out,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _ready(server, address, log)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def _ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _try in range(WAIT * 4):
        try:
            with urlopen(f"{address}/healthz", timeout=5):
                return
        except (URLError, OSError):
            try:
                server.wait(0.25)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the server ended: {log.read_text()[-2000:]}") from None
    raise AssertionError("the server does not answer")


def signed_in(context: Any, address: str, role: str) -> Any:
    """A page, signed in as the demonstration's person of this role."""
    page = context.new_page()
    page.goto(f"{address}/people/demo/")
    follow(page.locator("form button[name=person]", has_text=role).first)
    return page
