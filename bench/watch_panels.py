"""The watch's panel estimators beside csdid, diff-diff and pyfixest: the same estimates from all, then their times.

Real panels are those of the tests (tests/watch/data), the counts of precincts are invented there. All start from the
same columns in memory. Each peer is called as its own documentation does, and no first call is timed.

All on one core: threads that share small products out wait for each other where another process runs, and then take
several times as long.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is imported

import io
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from functools import partial
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyfixest
from csdid.att_gt import ATTgt
from diff_diff import BaconDecomposition, CallawaySantAnna, SyntheticDiD
from measure import Results, Table, Target, one_core, part, seconds

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.watch.panels import DATA, medicaid
from tests.watch.precincts import BEFORE, city, dose, exposure

from brightline.watch.event import EventStudy, difference, event_study, over_units
from brightline.watch.panel import NEVER, from_columns
from brightline.watch.staggered import Staggered, bacon, callaway_santanna
from brightline.watch.weights import Synthetic, synthetic

DRAWS = 1000  # of a band that holds all estimates at once
WIDTH = 6  # months in a block of the event study
CLOSE = 1e-9
# diff-diff ends its search for weights before the minimum; this is a three-thousandth of the effect
CLOSE_TO_THE_MINIMUM = 0.005
Told = dict[tuple[Any, float], tuple[float, float]]  # a cell, or an average and which -> two numbers
CSDID, DIFF_DIFF, PYFIXEST = (f"{name} {version(name)}" for name in ("csdid", "diff-diff", "pyfixest"))


def main(quick: bool) -> Results:
    one_core()
    times = 1 if quick else 7  # turns, of three runs each
    parts = [
        _staggered(times),
        _poisson(times),
        _assignments(40 if quick else 500),
        _linear(times),
        _synthetic(times),
        _bacon(times),
    ]
    return Results([table for table, _ in parts], [target for _, targets in parts for target in targets])


def _staggered(times: int) -> tuple[Table, list[Target]]:
    rows = pd.read_csv(DATA / "mpdta" / "mpdta.csv.gz").rename(columns={"first.treat": "first"})

    def ours(draws: int, controls: Any = "not yet", seed: int = 0) -> Staggered:
        panel = from_columns(rows["countyreal"], rows["year"], rows["lemp"], rows["first"], never=0)
        return callaway_santanna(panel, controls=controls, draws=draws, seed=seed)

    seeds = count(1)  # draws are kept for the bands of one seed: each timing makes its own

    gap, widths = 0.0, []
    for controls, of_csdid, of_diff_diff in (
        ("never", "nevertreated", "never_treated"),
        ("not yet", "notyettreated", "not_yet_treated"),
    ):
        found = ours(DRAWS, controls)
        for theirs in (_of_csdid(_csdid(rows, of_csdid, 0)), _of_diff_diff(_diff_diff(rows, of_diff_diff, 0))):
            gap = max(gap, _gap(_of_brightline(found), theirs))
        # Each library draws for itself, so bands are near each other and not equal; csdid takes NumPy's seed
        np.random.seed(1)
        _, (event, *_) = _csdid(rows, of_csdid, DRAWS)
        _, (other, *_) = _diff_diff(rows, of_diff_diff, DRAWS)
        widths += [event["crit_val_egt"] / found.dynamic.critical, other.cband_crit_value / found.dynamic.critical]
    assert gap < CLOSE, f"group-time effects differ by {gap:g}"
    assert max(abs(w - 1) for w in widths) < 0.1, f"bands differ: {widths}"

    table = _table("Callaway–Sant'Anna on 500 counties (mpdta): 12 ATT(g,t), three averages, standard errors")
    plain = _rows(
        table,
        "",
        [
            ("Brightline", partial(ours, 1)),
            (CSDID, partial(_csdid, rows, "notyettreated", 0)),
            (DIFF_DIFF, partial(_diff_diff, rows, "not_yet_treated", 0)),
        ],
        times,
    )
    bands = _rows(
        table,
        f", with bands of {DRAWS:,} draws",
        [
            ("Brightline", lambda: ours(DRAWS, seed=next(seeds))),
            (CSDID, partial(_csdid, rows, "notyettreated", DRAWS)),
            (DIFF_DIFF, partial(_diff_diff, rows, "not_yet_treated", DRAWS)),
        ],
        times,
    )
    table.notes += [
        f"estimates and standard errors of cells, event times, groups and all cells together are equal to {gap:.0e}, "
        "with never treated and with not yet treated controls; the times are of the second",
        f"half-widths of the event study's band differ by {100 * max(abs(w - 1) for w in widths):.1f} % at most: "
        "each library draws for itself",
        "without bands Brightline still makes one draw, and always tests all effects before treatment together",
    ]
    targets = []
    for words, ratios in (
        ("Callaway–Sant'Anna, no bands: Brightline /", plain),
        (f"Callaway–Sant'Anna, {DRAWS:,} draws: Brightline /", bands),
    ):
        targets += [Target(f"{words} {name}", ratio, 1, True) for name, ratio in ratios.items()]
    return table, targets


def _csdid(rows: pd.DataFrame, group: str, draws: int) -> tuple[Any, list[Any]]:
    """Its cells, and its averages by event time, by group and over all."""
    fit = ATTgt(
        yname="lemp",
        gname="first",
        idname="countyreal",
        tname="year",
        data=rows,
        control_group=[group],
        panel=True,
        allow_unbalanced_panel=False,
        biters=draws or DRAWS,
    )
    averages = []
    with redirect_stdout(io.StringIO()):  # each average is printed
        fit.fit(est_method="reg", bstrap=bool(draws))
        for kind in ("dynamic", "group", "simple"):
            fit.aggte(typec=kind, bstrap=bool(draws), cband=bool(draws))
            averages.append(fit.atte)
    return fit.results, averages


def _diff_diff(rows: pd.DataFrame, group: str, draws: int) -> tuple[Any, list[Any]]:
    fit = CallawaySantAnna(control_group=group, estimation_method="reg", n_bootstrap=draws, seed=1).fit(
        rows, outcome="lemp", unit="countyreal", time="year", first_treat="first"
    )
    return fit, [fit.aggregate(kind) for kind in ("event_study", "group", "simple")]


def _of_brightline(found: Staggered) -> Told:
    told: Told = {(c.group, c.period): (c.estimate, c.error) for c in found.cells}
    for kind, some in (("event", found.dynamic), ("group", found.groups), ("simple", found.simple)):
        for at, value, error in zip(some.at, some.estimate, some.error, strict=True):
            told[kind, float(at)] = (float(value), float(error))
    return told


def _of_csdid(found: tuple[Any, list[Any]]) -> Told:
    cells, (event, groups, simple) = found
    told: Told = {
        (float(g), float(t)): (float(a), float(s))
        for g, t, a, s in zip(cells["group"], cells["year"], cells["att"], cells["se"], strict=True)
    }
    for kind, some in (("event", event), ("group", groups)):
        for at, a, s in zip(some["egt"], some["att_egt"], np.ravel(some["se_egt"]), strict=True):
            told[kind, float(at)] = (float(a), float(s))
    told["simple", 0.0] = (float(simple["overall_att"]), float(np.ravel(simple["overall_se"])[0]))
    return told


def _of_diff_diff(found: tuple[Any, list[Any]]) -> Told:
    cells, averages = found
    told: Told = {
        (float(g), float(t)): (float(cell["effect"]), float(cell["se"]))
        for (g, t), cell in cells.group_time_effects.items()
    }
    for kind, some in zip(("event", "group", "simple"), averages, strict=True):
        for row in some.to_dataframe().to_dict("records"):
            at = 0.0 if kind == "simple" else float(row["event_time" if kind == "event" else "label"])
            told[kind, at] = (float(row["att"]), float(row["se"]))
    return told


def _gap(ours: Told, theirs: Told) -> float:
    assert ours.keys() == theirs.keys(), f"different cells: {ours.keys() ^ theirs.keys()}"
    return max(abs(a - b) for key in ours for a, b in zip(ours[key], theirs[key], strict=True))


def _long(counts: np.ndarray, d: np.ndarray) -> pd.DataFrame:
    units, months = counts.shape
    rows = pd.DataFrame(
        {
            "y": counts.ravel(),
            "unit": np.repeat(np.arange(units), months),
            "month": np.tile(np.arange(months), units),
            "d": np.repeat(d, months),
        }
    )
    rows["x"] = rows.d * (rows.month >= BEFORE)
    for block in sorted(((rows.month - BEFORE) // WIDTH).unique()):
        if block != -1:
            rows[f"block{block + 100}"] = rows.d * ((rows.month - BEFORE) // WIDTH == block)
    return rows


def _fepois(rows: pd.DataFrame, columns: Iterable[str], **options: Any) -> Any:
    return pyfixest.fepois(
        f"y ~ {' + '.join(columns)} | unit + month", data=rows, **{"vcov": {"CRV1": "unit"}, **options}
    )


def _poisson(times: int) -> tuple[Table, list[Target]]:
    counts = city(1, 5)[0]
    start = time.perf_counter()
    _fepois(_long(counts, dose()), ["x"])
    first = time.perf_counter() - start
    gap = errors = 0.0
    for d in (exposure(), dose()):
        rows = _long(counts, d)
        blocks = [c for c in rows if c.startswith("block")]
        one, study = difference(counts, d, BEFORE), event_study(counts, d, BEFORE, width=WIDTH).estimates
        for columns, value, error in ((["x"], [one.estimate], [one.error]), (blocks, study.estimate, study.error)):
            # Its own tolerance leaves the errors a few millionths away
            fit = _fepois(rows, columns, iwls_tol=1e-12)
            gap = max(gap, float(np.abs(fit.coef()[columns].to_numpy() - value).max()))
            errors = max(errors, float(np.abs(fit.se()[columns].to_numpy() / error - 1).max()))
    assert gap < CLOSE and errors < 1e-8, f"differs from pyfixest by {gap:g}, errors by {errors:g}"
    table = _table(f"Poisson event study, {counts.shape[0]} precincts × {counts.shape[1]} months, exposure a share")
    # What Brightline does by itself: the months of one coefficient are summed first
    sums = np.stack([counts[:, :BEFORE].sum(axis=1), counts[:, BEFORE:].sum(axis=1)], axis=1)
    totals = pd.DataFrame({"y": sums.ravel(), "unit": np.repeat(np.arange(len(sums)), 2), "month": [0, 1] * len(sums)})
    totals["x"] = np.repeat(dose(), 2) * totals.month
    apart = abs(_fepois(totals, ["x"]).coef()["x"] - difference(counts, dose(), BEFORE).estimate)
    assert apart < CLOSE, f"the totals before and after differ from pyfixest by {apart:g}"
    _rows(
        table,
        ", after against before",
        [
            ("Brightline", partial(difference, counts, dose(), BEFORE)),
            (PYFIXEST, partial(_fepois, rows, ["x"])),
            (f"{PYFIXEST}, given the totals alone", partial(_fepois, totals, ["x"])),
        ],
        times,
    )
    seeds = count(1)
    ratios = _rows(
        table,
        f", {len(blocks)} blocks of {WIDTH} months",
        [
            (
                f"Brightline, with a band of {DRAWS:,} draws",
                lambda: event_study(counts, dose(), BEFORE, width=WIDTH, draws=DRAWS, seed=next(seeds)),
            ),
            (PYFIXEST, partial(_fepois, rows, blocks)),
        ],
        times,
    )
    table.notes += [
        f"coefficients are equal to {gap:.0e}, errors clustered by unit to {errors:.0e} of themselves (groups and "
        "shares; `iwls_tol` 1e-12); timed with pyfixest's own tolerance",
        f"the first fit of pyfixest took {first:.1f} s: its parts are loaded then",
        "Brightline takes a table of units × months, pyfixest a long one; making them is in neither time",
    ]
    return table, [
        Target(f"Poisson event study, {len(blocks)} blocks: Brightline / {PYFIXEST}", ratios[PYFIXEST], 1, True)
    ]


def _assignments(draws: int) -> tuple[Table, list[Target]]:
    counts, d, seed = city(1, 5)[0], dose(), 7
    rows = _long(counts, d)
    # The assignments that `over_units` makes of this seed
    chosen = np.random.default_rng(seed).permuted(np.tile(d, (draws, 1)), axis=1)
    after = (rows.month >= BEFORE).to_numpy()

    def one_by_one() -> list[float]:
        told = []
        for assigned in chosen:
            rows["x"] = np.repeat(assigned, counts.shape[1]) * after
            fit = _fepois(rows, ["x"], vcov="iid", lean=True, store_data=False, copy_data=False)
            told.append(float(fit.coef()["x"]))
        return told

    ours = partial(over_units, counts, d, BEFORE, draws=draws, seed=seed)
    start = time.perf_counter()
    theirs = one_by_one()
    their_time = time.perf_counter() - start
    gap = float(np.abs(ours().draws - theirs).max())
    assert gap < CLOSE, f"placebo assignments differ from pyfixest by {gap:g}"
    our_time = seconds(ours, 5)
    table = Table(
        f"{draws:,} placebo assignments of the exposure to precincts, one core",
        ["", "s for all", "ms a fit", "x Brightline's time"],
    )
    table.row("Brightline, all at once", f"{our_time:.4f}", f"{1000 * our_time / draws:.4f}", "1")
    ratio = their_time / our_time
    table.row(f"{PYFIXEST} in a loop", f"{their_time:.2f}", f"{1000 * their_time / draws:.2f}", f"{ratio:,.0f}")
    table.notes += [
        f"the estimates of all assignments are equal to {gap:.0e}",
        "pyfixest without clustered errors and without keeping its data; its `ritest` holds what it assigns constant "
        "within a unit, where it is collinear with the unit's effect",
    ]
    return table, [Target(f"{draws:,} placebo assignments: Brightline / {PYFIXEST} in a loop", ratio, 100, True)]


def _linear(times: int) -> tuple[Table, list[Target]]:
    y, expanded, at = medicaid()
    units, years = y.shape
    rows = pd.DataFrame(
        {
            "y": y.ravel(),
            "unit": np.repeat(np.arange(units), years),
            "year": np.tile(np.arange(years), units),
            "d": np.repeat(expanded, years),
        }
    )
    seeds = count(1)

    def ours() -> EventStudy:
        return event_study(y, expanded, at, link="identity", draws=DRAWS, seed=next(seeds))

    def theirs() -> Any:
        return pyfixest.feols(f"y ~ i(year, d, ref={at - 1}) | unit + year", data=rows, vcov={"CRV1": "unit"})

    found, fit = ours().estimates, theirs()
    gap = float(np.abs(fit.coef().to_numpy() - found.estimate).max())
    errors = float(np.abs(fit.se().to_numpy() / found.error - 1).max())
    assert gap < CLOSE and errors < 1e-8, f"differs from pyfixest by {gap:g}, errors by {errors:g}"
    table = _table(f"Linear event study, {units} states × {years} years (Medicaid)")
    ratios = _rows(table, "", [(f"Brightline, with a band of {DRAWS:,} draws", ours), (PYFIXEST, theirs)], times)
    table.notes.append(f"coefficients are equal to {gap:.0e}, errors clustered by state to {errors:.0e} of themselves")
    return table, [Target(f"linear event study: Brightline / {PYFIXEST}", ratios[PYFIXEST], 1, True)]


def _synthetic(times: int) -> tuple[Table, list[Target]]:
    rows = pd.read_csv(DATA / "prop99" / "prop99.csv.gz")
    rows["treated"] = (rows.State == "California").astype(int)
    first = np.where(rows.State == "California", 1989.0, NEVER)
    after = sorted(y for y in rows.Year.unique() if y >= 1989)

    def ours(errors: Any = "placebo") -> Synthetic:
        panel = from_columns(rows["State"], rows["Year"], rows["PacksPerCapita"], first, never=NEVER)
        return synthetic(panel, errors=errors)

    def theirs(placebos: int) -> Any:
        return SyntheticDiD(variance_method="placebo", n_bootstrap=placebos, seed=1).fit(
            rows, outcome="PacksPerCapita", treatment="treated", unit="State", time="Year", post_periods=after
        )

    found = ours()
    placebos = len(found.placebos)
    fit = theirs(placebos)
    gap = abs(found.effect - fit.att)
    assert gap < CLOSE_TO_THE_MINIMUM, f"synthetic differences differ by {gap:g}"
    weights = np.array([float(fit.unit_weights.get(name, 0.0)) for name in found.controls])
    one, other = _misfit(rows, found.unit_weights, fit.zeta_omega), _misfit(rows, weights, fit.zeta_omega)
    assert one <= other, f"diff-diff's weights are better: {other:g} against {one:g}"
    table = _table("Synthetic differences, 39 states × 31 years (Proposition 99)")
    ratios = _rows(
        table, f", with {placebos} placebos", [("Brightline", ours), (DIFF_DIFF, partial(theirs, placebos))], times
    )
    _rows(
        table,
        "",
        [
            ("Brightline, the effect alone", partial(ours, "none")),
            (f"{DIFF_DIFF}, 2 placebos, its fewest", partial(theirs, 2)),
        ],
        times,
    )
    table.notes += [
        f"effects {found.effect:.4f} and {fit.att:.4f}, {gap:.1g} apart: diff-diff stops before the minimum; what the "
        f"weights of the units minimise is {one:.2f} with Brightline's and {other:.2f} with diff-diff's",
        f"Brightline treats each of the {placebos} controls once, diff-diff draws as many: errors {found.error:.2f} "
        f"and {fit.se:.2f}",
    ]
    words = f"synthetic differences, {placebos} placebos: Brightline / {DIFF_DIFF}"
    return table, [Target(words, ratios[DIFF_DIFF], 1, True)]


def _misfit(rows: pd.DataFrame, weights: np.ndarray, zeta: float) -> float:
    """What the weights of the controls minimise (Arkhangelsky et al. 2021, equation 4)."""
    early = rows[rows.Year < 1989].pivot(index="Year", columns="State", values="PacksPerCapita")
    treated = early.pop("California").to_numpy()
    residual = early.to_numpy() @ weights - treated
    residual = residual - residual.mean()
    return float((residual**2).sum() + zeta**2 * len(early) * (weights**2).sum())


def _bacon(times: int) -> tuple[Table, list[Target]]:
    rows = pd.read_csv(DATA / "math_reform" / "math_reform.csv.gz")
    rows["first"] = rows.reformyr_math.fillna(0).astype(int)

    def ours() -> Any:
        return bacon(from_columns(rows["state"], rows["class"], rows["incearn_ln"], rows["first"], never=0))

    def theirs() -> Any:
        return BaconDecomposition(weights="exact").fit(
            rows, outcome="incearn_ln", unit="state", time="class", first_treat="first"
        )

    mine = {(c.treated, c.control): (c.weight, c.estimate) for c in ours().comparisons}
    told = {
        (float(c.treated_group), NEVER if c.control_group == "never_treated" else float(c.control_group)): (
            c.weight,
            c.estimate,
        )
        for c in theirs().comparisons
    }
    gap = _gap(mine, told)
    assert gap < CLOSE, f"the comparisons differ by {gap:g}"
    table = _table(f"Goodman-Bacon decomposition, {rows.state.nunique()} states × {rows['class'].nunique()} classes")
    ratios = _rows(table, "", [("Brightline", ours), (DIFF_DIFF, theirs)], times)
    table.notes.append(f"weights and estimates of all {len(mine)} comparisons are equal to {gap:.0e}")
    return table, [Target(f"Goodman-Bacon decomposition: Brightline / {DIFF_DIFF}", ratios[DIFF_DIFF], 1, True)]


def _table(title: str) -> Table:
    return Table(f"{title}, one core", ["", "ms", "x Brightline's time"])


def _rows(table: Table, words: str, works: list[tuple[str, Callable[[], object]]], times: int) -> dict[str, float]:
    """A row for each, the first is Brightline's; how many times its time the others take."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # In turns, so that a busy moment of the machine falls on all of them
        turns = [[seconds(work, 3) for _, work in works] for _ in range(times)]
    took = [median(turn) for turn in zip(*turns, strict=True)]
    for (name, _), t in zip(works, took, strict=True):
        table.row(name + words, f"{1000 * t:.2f}", "1" if t is took[0] else f"{t / took[0]:.3g}")
    slower = [name for (name, _), t in zip(works, took, strict=True) if t < took[0]]
    if slower:
        table.notes.append(f"**Brightline is slower here than {' and '.join(slower)}{words}**")
    return {name: t / took[0] for (name, _), t in zip(works[1:], took[1:], strict=True)}


if __name__ == "__main__":
    part(main)
