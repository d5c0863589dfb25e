"""Weights that make the controls resemble the treated: calibrated, synthetic control, synthetic differences.

Entropy balancing: Hainmueller (2012, Political Analysis 20:25). Synthetic control: Abadie, Diamond & Hainmueller (2010,
JASA 105:493), here on the outcomes before the date alone. Synthetic difference-in-differences and its standard errors:
Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021, AER 111:4088), algorithms 1, 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import normal_quantile
from brightline.watch.panel import Floats, Panel
from brightline.watch.problems import Phrase, WatchError

Method = Literal["did", "sc", "sdid"]
Errors = Literal["placebo", "jackknife", "none"]
_ROUNDS = 200
_CLOSE = 1e-10
_RIDGE = 1e-6  # of the noise level: only to make the weights unique
_FEWEST_CONTROLS = 2


@dataclass(frozen=True)
class Calibrated:
    """Weights of the controls, positive and adding up to one, whose weighted means equal the target."""

    weights: Floats  # (N,)
    effective_controls: float  # 1 / sum of squares
    largest_gap: float  # between a weighted mean and its target, in standard deviations of the column


@dataclass(frozen=True)
class Synthetic:
    """The effect on the treated in the unit of the outcome, with what it was compared with."""

    method: Method
    effect: float
    error: float  # NaN where no standard error was asked for
    low: float
    high: float
    p: float  # rank of the effect among the placebos; NaN without them
    placebos: Floats  # effects where nothing was decided; empty with other errors
    groups: NDArray[np.int64]  # (placebos, treated): which controls each of them took for treated
    controls: tuple[str, ...]
    unit_weights: Floats  # (controls,)
    period_weights: Floats  # (periods before,)
    treated: Floats  # (T,), mean of the treated
    synthetic: Floats  # (T,), the weighted controls, shifted to the weighted level before the date for did and sdid
    effective_controls: float
    misfit: float  # root mean square gap before the date
    level: float


def effective_number(weights: Floats) -> float:
    """How many equal controls have the same noise: the square of the sum by the sum of squares (Kish)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def calibrate(
    controls: Floats, target: Floats, *, base: Floats | None = None, names: Sequence[str | Phrase] = ()
) -> Calibrated:
    """Entropy balancing: of all weights with these means the closest to `base` (equal unless given).

    `controls` is (units, columns), `target` (columns,). Raises WatchError when no positive weights can do it.
    """
    x, wanted = np.asarray(controls, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < _FEWEST_CONTROLS:
        raise WatchError("There are fewer than two controls, and nothing to weight. Add units without the policy.")
    if wanted.shape != (x.shape[1],):
        raise WatchError(
            "{columns} columns describe the controls and {wanted} the treated; they must match.",
            columns=x.shape[1],
            wanted=wanted.size,
        )
    if not (np.isfinite(x).all() and np.isfinite(wanted).all()):
        raise WatchError("A characteristic is missing for a unit; fill it, or leave the column or the unit out.")
    start = np.ones(len(x)) if base is None else np.asarray(base, dtype=np.float64)
    if start.shape != (len(x),) or not (start > 0).all():
        raise WatchError("Each control needs a base weight above zero.")
    labels = tuple(names) or tuple(Phrase("column {number}", number=i + 1) for i in range(x.shape[1]))
    for label, column, value in zip(labels, x.T, wanted, strict=True):
        if not column.min() <= value <= column.max():
            raise WatchError(
                "No weights can do it: in `{label}` the treated have {value:g}, and the controls lie between "
                "{low:g} and {high:g}. Leave `{label}` out, or find controls beyond it.",
                label=label,
                value=value,
                low=column.min(),
                high=column.max(),
            )
    spread = x.std(axis=0)
    varying = spread > 0
    z = (x[:, varying] - wanted[varying]) / spread[varying]
    start = start / start.sum()
    dual = np.zeros(z.shape[1])

    def at(value: Floats) -> tuple[Floats, float]:
        exponent = np.log(start) + z @ value
        top = exponent.max()
        size = np.exp(exponent - top)
        return size / size.sum(), float(top + math.log(size.sum()))

    w, now = at(dual)
    for _ in range(_ROUNDS):
        gradient = w @ z
        if np.abs(gradient).max(initial=0) < _CLOSE:
            break
        curvature = (z * w[:, None]).T @ z - np.outer(gradient, gradient)
        step = -np.linalg.lstsq(curvature, gradient, rcond=1e-12)[0]
        scale = 1.0
        while (tried := at(dual + scale * step))[1] > now + 1e-4 * scale * float(gradient @ step) and scale > 1e-8:
            scale /= 2
        dual = dual + scale * step
        w, now = tried
    gap = float(np.abs(w @ z).max(initial=0))
    if gap > 1e-6:
        raise WatchError(
            "No positive weights make the controls equal to the treated in all columns at once "
            "(the best differ by {gap:.2g} standard deviations). Use fewer columns or more controls.",
            gap=gap,
        )
    return Calibrated(w, effective_number(w), gap)


def simplex(a: Floats, b: Floats, ridge: float = 0.0) -> Floats:
    """Weights >= 0 with sum 1 that minimise |a w - b|^2 + ridge |w|^2, exactly, by an active set (as Lawson & Hanson
    1974, chapter 23, with the sum as a constraint)."""
    n = a.shape[1]
    scale = float((a * a).sum(axis=0).mean()) or 1.0
    gram = (a.T @ a) / scale + max(ridge / scale, 1e-12) * np.eye(n)
    right = (a.T @ b) / scale
    w = np.zeros(n)
    w[int(np.argmin(np.diag(gram) / 2 - right))] = 1.0
    free = w > 0
    for _ in range(20 * n):
        # The best on the free ones alone, then back to where the first of them would become negative
        k = int(free.sum())
        system = np.ones((k + 1, k + 1))
        system[:k, :k] = gram[np.ix_(free, free)]
        system[k, k] = 0
        solved = np.linalg.solve(system, np.append(right[free], 1.0))[:k]
        if (solved > 0).all():
            w = np.zeros(n)
            w[free] = solved
            gradient = gram @ w - right
            level = float(gradient[free].mean())
            gain = np.where(free, 0.0, level - gradient)
            if gain.max() <= 1e-11 * (1 + abs(level)):
                break
            free[int(gain.argmax())] = True
        else:
            now = w[free]
            falling = solved <= 0
            share = float((now[falling] / np.maximum(now[falling] - solved[falling], 1e-300)).min())
            moved = now + share * (solved - now)
            gone = falling & (moved <= 1e-14)
            if not gone.any():
                gone = falling & (moved <= moved[falling].min())
            at = np.flatnonzero(free)
            w = np.zeros(n)
            w[at] = np.where(gone, 0.0, np.maximum(moved, 0))
            free[at[gone]] = False
            w /= w.sum()
    return w


def synthetic(
    panel: Panel,
    *,
    method: Method = "sdid",
    errors: Errors = "placebo",
    draws: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> Synthetic:
    """The mean effect after the one date of the panel.

    Placebo errors give the treatment to controls: each in turn when one unit is treated, else `draws` groups by chance.
    The jackknife leaves one unit out with the weights as they are, and needs two treated units (not for sc).
    Raises WatchError when dates differ, nobody or everybody is treated, or controls are too few.
    """
    inside = panel.treated
    dates = np.unique(panel.first[inside])
    if not len(dates):
        raise WatchError("No unit is treated within the periods of the data.")
    if len(dates) > 1:
        raise WatchError(
            "The units are treated at {dates} different dates; a synthetic control needs one. "
            "Use the group-time estimator for staggered dates, or one date at a time.",
            dates=len(dates),
        )
    free = ~inside
    if free.sum() < _FEWEST_CONTROLS:
        raise WatchError(
            "All units are treated, and none is left as a control."
            if not free.any()
            else "There is one control only; a weighted comparison needs at least two."
        )
    before = int((panel.periods < dates[0]).sum())
    if before < 2:
        raise WatchError(
            "There are {before} periods before the date; weights need at least two, and better twenty.", before=before
        )
    control, treated = panel.outcome[free], panel.outcome[inside]
    n_treated = len(treated)
    # The noise level of the paper: first differences of controls before the date
    noise = float(np.diff(control[:, :before], axis=1).std(ddof=1)) if control[:, :before].size > before else 0.0
    after = panel.outcome.shape[1] - before
    zeta = noise * (n_treated * after) ** 0.25 if method == "sdid" else _RIDGE * noise
    omega, lam = _weights(control, treated.mean(axis=0), before, method, zeta, noise)
    effect = _effect(control, treated.mean(axis=0), before, omega, lam)
    error, placebos, p = math.nan, np.empty(0), math.nan
    groups = np.empty((0, n_treated), dtype=np.int64)
    if errors == "placebo":
        placebos, groups = _placebos(control, n_treated, before, method, zeta, noise, draws, seed)
        error = float(placebos.std())
        p = float((1 + (np.abs(placebos) >= abs(effect)).sum()) / (1 + len(placebos)))
    elif errors == "jackknife":
        error = _jackknife(control, treated, before, method, omega, lam)
    margin = float(normal_quantile(0.5 + level / 2)) * error
    path = omega @ control
    mean = treated.mean(axis=0)
    if method != "sc":
        path = path + float(lam @ (mean - path)[:before])
    gap = (mean - path)[:before]
    return Synthetic(
        method=method,
        effect=effect,
        error=error,
        low=effect - margin,
        high=effect + margin,
        p=p,
        placebos=placebos,
        groups=groups,
        controls=tuple(name for name, yes in zip(panel.units, free.tolist(), strict=True) if yes),
        unit_weights=omega,
        period_weights=lam,
        treated=mean,
        synthetic=path,
        effective_controls=effective_number(omega),
        misfit=float(np.sqrt((gap**2).mean())),
        level=level,
    )


def _weights(
    control: Floats, treated: Floats, before: int, method: Method, zeta: float, noise: float
) -> tuple[Floats, Floats]:
    """Weights of units and of the periods before; a synthetic control compares levels and so has none of periods."""
    n = len(control)
    if method == "did":
        return np.full(n, 1 / n), np.full(before, 1 / before)
    early, late = control[:, :before], control[:, before:].mean(axis=1)
    if method == "sc":
        return simplex(early.T, treated[:before], zeta**2 * before), np.zeros(before)
    # With a free intercept: everything less its mean
    units = early.T - early.T.mean(axis=0)
    omega = simplex(units, treated[:before] - treated[:before].mean(), zeta**2 * before)
    times = early - early.mean(axis=0)
    lam = simplex(times, late - late.mean(), (_RIDGE * noise) ** 2 * n)
    return omega, lam


def _effect(control: Floats, treated: Floats, before: int, omega: Floats, lam: Floats) -> float:
    gap = treated - omega @ control
    return float(gap[before:].mean() - lam @ gap[:before])


def _placebos(
    control: Floats, n_treated: int, before: int, method: Method, zeta: float, noise: float, draws: int, seed: int
) -> tuple[Floats, NDArray[np.int64]]:
    n = len(control)
    if n - n_treated < _FEWEST_CONTROLS:
        raise WatchError(
            "Placebos need more controls than treated units: there are {controls} controls and {treated} treated. "
            "Use the jackknife.",
            controls=n,
            treated=n_treated,
        )
    groups: list[NDArray[np.int64]]
    if n_treated == 1:
        groups = [np.array([i]) for i in range(n)]
    else:
        rng = np.random.default_rng(seed)
        groups = [rng.choice(n, n_treated, replace=False) for _ in range(draws)]
    found = []
    for group in groups:
        rest = np.delete(control, group, axis=0)
        mean = control[group].mean(axis=0)
        found.append(_effect(rest, mean, before, *_weights(rest, mean, before, method, zeta, noise)))
    return np.array(found), np.array(groups)


def _jackknife(control: Floats, treated: Floats, before: int, method: Method, omega: Floats, lam: Floats) -> float:
    if method == "sc" or len(treated) < 2:
        raise WatchError(
            "The jackknife needs at least two treated units and is not made for a synthetic control; use placebos."
        )
    if (omega > 0.999999).any():
        raise WatchError("One control has all of the weight, so it cannot be left out; use placebos.")
    mean = treated.mean(axis=0)
    found = []
    for i in range(len(control)):
        rest = np.delete(omega, i)
        found.append(_effect(np.delete(control, i, axis=0), mean, before, rest / rest.sum(), lam))
    for i in range(len(treated)):
        found.append(_effect(control, np.delete(treated, i, axis=0).mean(axis=0), before, omega, lam))
    told = np.array(found)
    n = len(told)
    return math.sqrt((n - 1) / n * float(((told - told.mean()) ** 2).sum()))
