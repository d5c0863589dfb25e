"""Many questions at once: false discovery rates, and the gates city -> borough -> precinct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.problems import WatchError

Floats = NDArray[np.float64]
Method = Literal["BH", "BY", "none"]


def adjusted(p: Floats, method: Method = "BH") -> Floats:
    """p-values that can be held against the wanted false discovery rate; NaN (not tested) stays NaN.

    BH: Benjamini & Hochberg 1995, JRSS B 57:289, for independent or positively dependent tests. BY: Benjamini &
    Yekutieli 2001, Ann Stat 29:1165, for any dependence; to be taken when the list itself is published.
    """
    p = np.asarray(p, dtype=np.float64)
    result = np.full(p.shape, np.nan)
    asked = np.flatnonzero(~np.isnan(p))
    if not len(asked):
        return result
    told = p[asked]
    if told.min() < 0 or told.max() > 1:
        outside = told[(told < 0) | (told > 1)]
        raise WatchError("A p-value lies between 0 and 1; {value:g} does not.", value=outside[0])
    if method == "none":
        result[asked] = told
        return result
    m = len(told)
    order = np.argsort(told)
    factor = float((1 / np.arange(1, m + 1)).sum()) if method == "BY" else 1.0
    raised = told[order] * m * factor / np.arange(1, m + 1)
    result[asked[order]] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return result


@dataclass(frozen=True)
class Unit:
    """One series of the tree: its p-value (NaN when it cannot be estimated) and the unit above it."""

    name: str
    p: float
    above: str | None = None


@dataclass(frozen=True)
class Gate:
    """What became of one unit. A unit below a closed gate is not tested, and nothing may be said of it."""

    name: str
    level: int
    tested: bool
    p: float
    adjusted: float
    found: bool


@dataclass(frozen=True)
class Level:
    """How many units of a level were tested, found, and would be found by chance if nothing had happened anywhere."""

    level: int
    units: int
    tested: int
    found: int
    by_chance: float


@dataclass(frozen=True)
class Gatekeeping:
    gates: tuple[Gate, ...]  # in the order given
    levels: tuple[Level, ...]

    @property
    def found(self) -> list[str]:
        return [gate.name for gate in self.gates if gate.found]


def gatekeep(units: Sequence[Unit], *, alpha: float = 0.05, method: Method = "BH") -> Gatekeeping:
    """Test level by level: a unit only when the one above it was found, adjusted within its level.

    Hierarchical false discovery control (Yekutieli 2008, JASA 103:309). Raises WatchError for a unit named twice, an
    unknown unit above, or a circle.
    """
    by_name = {unit.name: unit for unit in units}
    if len(by_name) != len(units):
        twice = next(u.name for i, u in enumerate(units) if any(v.name == u.name for v in units[:i]))
        raise WatchError("`{name}` is named twice; each unit has one p-value.", name=twice)
    depth = {unit.name: _depth(unit, by_name) for unit in units}
    gates: dict[str, Gate] = {}
    levels = []
    for level in sorted(set(depth.values())):
        here = [unit for unit in units if depth[unit.name] == level]
        open_ = [u for u in here if u.above is None or gates[u.above].found]
        raised = adjusted(np.array([u.p for u in open_], dtype=np.float64), method)
        for unit, value in zip(open_, raised, strict=True):
            tested = not np.isnan(unit.p)
            gates[unit.name] = Gate(unit.name, level, tested, unit.p, float(value), bool(tested and value <= alpha))
        for unit in here:
            gates.setdefault(unit.name, Gate(unit.name, level, False, unit.p, float("nan"), False))
        tested_here = sum(gates[u.name].tested for u in here)
        levels.append(
            Level(level, len(here), tested_here, sum(gates[u.name].found for u in here), by_chance=alpha * tested_here)
        )
    return Gatekeeping(tuple(gates[unit.name] for unit in units), tuple(levels))


def _depth(unit: Unit, by_name: dict[str, Unit]) -> int:
    depth = 0
    seen = {unit.name}
    while unit.above is not None:
        if unit.above not in by_name:
            raise WatchError(
                "`{name}` lies in `{above}`, which has no p-value of its own; add that series.",
                name=unit.name,
                above=unit.above,
            )
        unit = by_name[unit.above]
        if unit.name in seen:
            raise WatchError("`{name}` lies in itself; correct the units above.", name=unit.name)
        seen.add(unit.name)
        depth += 1
    return depth
