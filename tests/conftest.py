"""What every test may use: the law that is shipped, loaded once."""

from pathlib import Path

import pytest

from brightline.law.pack import Law, load
from tests.browser import chromium as chromium

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def law() -> Law:
    return load(ROOT / "laws")
