"""A real Chromium for the tests of pages: one for each process, since Playwright allows no second."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real Chromium; the tests are skipped, and say what is missing, where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((p for n in names if (p := shutil.which(n))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _skip("the package playwright is not installed")
    if path is None:
        _skip("there is no Chromium (scripts/chromium.sh installs it)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _skip(reason: str) -> None:
    warnings.warn(f"no page was tested in a browser: {reason}", stacklevel=2)
    pytest.skip(reason)
