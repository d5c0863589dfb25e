"""The committed page tells of the faults that the tests make, of all of them, and of nothing else."""

from __future__ import annotations

from tests.ledger.faults import page


def test_the_page_has_every_fault_as_it_is_made() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")][:2]
        for line in page.PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| fault |", "| --- |"))
    ]
    assert rows == [list(row) for row in page.ROWS.values()], "make the page anew with scripts/faults.py"


def test_every_fault_has_an_outcome() -> None:
    assert all(outcomes for outcomes in page.committed().values())
    assert len(page.committed()) == len(page.ROWS)
