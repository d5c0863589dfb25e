"""The vocabulary of the laws, and the records that the tests of this room read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from brightline.contact.read import Reading, read
from brightline.contact.samples import sample
from brightline.law.pack import load
from brightline.law.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
ARRESTS = ROOT / "tests" / "data" / "ice-arrests-fy2016-2019" / "arrests_fy2016_2019.parquet"


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load(ROOT / "laws", check=False).vocabulary


@pytest.fixture(scope="session")
def detainers(vocabulary: Vocabulary) -> Reading:
    return read(sample("ice-detainers-fy2015"), "ice-detainers-fy2015", vocabulary)


@pytest.fixture(scope="session")
def arrests(vocabulary: Vocabulary) -> Reading:
    return read(ARRESTS, "ice-arrests", vocabulary)


@pytest.fixture(scope="session")
def i213(vocabulary: Vocabulary) -> Reading:
    return read(sample("ice-i213"), "ice-i213", vocabulary)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Two hundred detainers as a clerk would send them: without the row numbers of the release."""
    return pl.read_parquet(sample("ice-detainers-fy2015")).drop("source_row").head(200)
