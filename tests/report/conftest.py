"""What the tests of the report share: a small law, many findings, and the report made of them once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from brightline.law.pack import Law
from brightline.report.content import content
from brightline.report.files import write_report
from brightline.report.shapes import Content
from tests.report import made


@pytest.fixture(scope="session")
def small_law() -> Law:
    return made.small_law()


@pytest.fixture(scope="session")
def findings() -> pl.DataFrame:
    return made.many()


@pytest.fixture(scope="session")
def told(findings: pl.DataFrame, small_law: Law) -> Content:
    return content(findings, small_law, made.about())


@pytest.fixture(scope="session")
def written(findings: pl.DataFrame, small_law: Law, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_report(findings, small_law, made.PACKS, made.about(), tmp_path_factory.mktemp("report"))
