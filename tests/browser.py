"""A real Chromium for the tests of pages: one for each process, since Playwright allows no second."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def arriving(page: Any) -> Iterator[None]:
    """What is done in the block leads to another page; after it, the whole of that page is there.

    A click comes back when the first bytes of an answer came. What asks at once, as `count()` does, would ask half a page.
    """
    with page.expect_navigation():
        yield


def follow(what: Any) -> None:
    """Click a link, or a button that sends a form, and be on the whole page to which it leads."""
    with arriving(what.page):
        what.click()


def _skip(reason: str) -> None:
    warnings.warn(f"no page was tested in a browser: {reason}", stacklevel=2)
    pytest.skip(reason)
