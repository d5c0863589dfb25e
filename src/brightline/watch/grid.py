"""A table as a page, the PDF and the terminal take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Grid:
    """Words and numbers in rows. Columns in `numeric` stand to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


def plain_grid(grid: Grid) -> dict[str, Any]:
    """A grid as a template takes it."""
    return {"columns": list(grid.columns), "rows": [list(r) for r in grid.rows], "numeric": sorted(grid.numeric)}
