"""The confusion tables of docs/papers.md are what the made papers give today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from brightline.papers import can_read_pictures
from tests.papers.made import MADE_KINDS, text_papers

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("papers_script", ROOT / "scripts" / "papers.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["papers_script"] = module
    spec.loader.exec_module(module)
    return module


def test_there_are_eight_papers_of_each_of_eight_kinds() -> None:
    assert {k: sum(m.kind == k for m in text_papers()) for k in MADE_KINDS} == dict.fromkeys(MADE_KINDS, 8)
    assert len({m.data for m in text_papers()}) == 64


def test_the_table_of_papers_with_text(script: ModuleType) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    assert script.fill(page, "text", script.text_part()) == page, "run `python scripts/papers.py`"


@pytest.mark.long
def test_the_table_of_scans(script: ModuleType) -> None:
    if not can_read_pictures():
        pytest.skip("TESSERACT IS NOT INSTALLED: the table of scans was not compared")
    page = script.PAGE.read_text(encoding="utf-8")
    if script.tesseract() not in page:
        pytest.skip(f"{script.tesseract()} reads other words than the version that the table names")
    assert script.fill(page, "scans", script.scan_part()) == page, "run `python scripts/papers.py`"
