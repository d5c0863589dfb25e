"""A control made of many: series weighted so that together they moved as the treated one did before the date.

Entropy balancing (Hainmueller 2012, Political Analysis 20:25) of the level in two to four blocks of periods, by the series' own mean:
what is made equal is how the series moved, and not how large they are. The weights know nothing of what came after the date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from brightline.watch.problems import Phrase, WatchError
from brightline.watch.series import Floats
from brightline.watch.weights import Calibrated, calibrate

_MOST_BLOCKS = 4
_SHORTEST_BLOCK = 6  # periods


@dataclass(frozen=True)
class Weighted:
    """The weighted control (periods,), at the level of the treated before the date, and its weights."""

    series: Floats
    weights: Calibrated
    blocks: int  # stretches before the date in which they are alike


def weighted_control(treated: Floats, controls: Floats, at: int, *, days: Sequence[date] = ()) -> Weighted:
    """Weigh controls (units, periods) to the treated (periods,) over the periods before `at`; NaN is a missing period.

    A control that counted nothing before the date has no weight. Raises WatchError where no positive weights make them move alike.
    """
    kept = np.array([np.nansum(row[:at]) > 0 for row in controls], dtype=bool)
    level = np.nanmean(controls[kept, :at], axis=1)
    found, blocks = _balanced(treated, controls[kept], at, days)
    weights = np.zeros(len(controls))
    weights[kept] = found.weights
    whole = Calibrated(weights, found.effective_controls, found.largest_gap)
    moved = controls[kept] / level[:, None]
    return Weighted(found.weights @ moved * float(np.nanmean(treated[:at])), whole, blocks)


def _balanced(treated: Floats, controls: Floats, at: int, days: Sequence[date]) -> tuple[Calibrated, int]:
    """Alike in as many blocks as can be: few controls, each with its own noise, cannot be made equal in every one."""
    most = max(2, min(_MOST_BLOCKS, at // _SHORTEST_BLOCK))
    for number in range(most, 1, -1):
        cuts = _blocks(at, number)
        labels = (
            tuple(Phrase("{first} to {last}", first=days[a], last=days[b - 1]) for a, b in cuts[:-1])
            if len(days)
            else ()
        )
        try:
            return calibrate(_profile(controls, cuts), _profile(treated[None], cuts)[0], names=labels), number
        except WatchError:
            if number == 2:
                raise
    raise AssertionError


def _blocks(at: int, number: int) -> list[tuple[int, int]]:
    """Stretches of about the same length that end before the date."""
    ends = np.linspace(0, at, number + 1).astype(int).tolist()
    return list(pairwise(ends))


def _profile(rows: Floats, cuts: Sequence[tuple[int, int]]) -> Floats:
    """The level in each block but the last by that of all: the last follows from the others."""
    whole = np.nanmean(rows[:, : cuts[-1][1]], axis=1)
    blocks: Floats = np.stack([np.nanmean(rows[:, a:b], axis=1) / whole for a, b in cuts[:-1]], axis=1)
    return blocks
