"""One interrupted share: a part of a whole, or a series against its control. The estimate, other trends, without each period.

What `single` does for the counts of one series. The estimate is an odds ratio: of the criminal among all summonses, or of the
series against its control, where the odds are the ratio of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brightline.watch.its import Design, Floats, Trend, design
from brightline.watch.placebo import Placebo, calibrated
from brightline.watch.ratio import quasi_binomial, share, share_windows
from brightline.watch.single import Setting, Without, blanked, periods_to_leave_out, without

_MOST_HARMONICS = 2


@dataclass(frozen=True)
class Portion:
    """Part and whole over the periods of the plan, (periods,) each; NaN is a period that is not used."""

    part: Floats
    whole: Floats
    at: int
    setting: Setting

    @property
    def harmonics(self) -> int:
        return min(self.setting.harmonics, _MOST_HARMONICS)

    def estimate(self, trend: Trend | None = None) -> Placebo:
        """The calibrated log odds ratio. WatchError where the share has no finite one."""
        sett = self.setting
        told = share(
            self.part, self.whole, self.at, before=sett.before, step=sett.step, trend=trend or sett.trend,
            harmonics=self.harmonics, cycles=sett.cycles,
        )  # fmt: skip
        return told.odds

    def without_each(self) -> Without:
        """Leave out each period after the date, and those before it that lie furthest from the model."""
        sett = self.setting
        first = self.at - sett.before
        y, n = self.part[first:], self.whole[first:]
        model = design(len(y), sett.before, trend=sett.trend, harmonics=self.harmonics, cycles=sett.cycles)
        expected = quasi_binomial(y[None], n[None], model).fitted[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = np.abs(y - expected) / np.sqrt(expected * (1 - expected / n))
        periods = first + periods_to_leave_out(np.where(np.isnan(rest), np.nan, y), rest, sett.before)
        part, whole = blanked(self.part, periods), blanked(self.whole, periods)
        found = calibrated(
            share_windows(part, whole, self.at, sett.before, sett.step, sett.trend, self.harmonics, sett.cycles)
        )
        return without(found, periods, self._away(part, whole, periods - first, model), sett.level)

    def _away(self, part: Floats, whole: Floats, left: NDArray[np.int64], model: Design) -> Floats:
        """How far each period lies from what the share without it expects, in standard deviations."""
        first = self.at - self.setting.before
        fits = quasi_binomial(part[:, first:], whole[:, first:], model)
        y, n = self.part[first:][left], self.whole[first:][left]
        eta = np.einsum("sc,sc->s", model.matrix[left], fits.coefficients)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            chance = 1 / (1 + np.exp(-eta))
            spread = np.sqrt(n * chance * (1 - chance) * np.maximum(fits.dispersion, 1.0))
            distance: Floats = np.abs(y - n * chance) / spread
        return distance
