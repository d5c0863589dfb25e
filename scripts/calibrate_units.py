"""The parts of the calibration that run whole plans of many series: units, weighted controls, groups, places.

`calibrate.py` puts them on its page. Each world is invented, with shocks that last, places of very unequal size, and
counts more uneven than Poisson, because these are what makes a comparison of units wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from brightline.watch.cut import Loaded
from brightline.watch.plan_file import plan_of
from brightline.watch.problems import WatchError
from brightline.watch.result import Result
from brightline.watch.run import run
from brightline.watch.series import Series
from brightline.watch.words import say

if TYPE_CHECKING:
    from calibrate import Page

Floats = NDArray[np.float64]

SEED = 20250428
RATIO, LARGE, DOUBLED = 1.5, 3.0, 2.0
RUNS = {1.0: 400, RATIO: 200, LARGE: 60, DOUBLED: 200}  # of each cell, by the ratio after the date
SAMPLE = 80  # a sample makes one run for so many of them
MOST_P, MOST_SAID, LEAST_COVERED = 0.07, 0.05, 0.93
RHO, SD = 0.6, 0.22  # of the log rate, as in brightline/watch/worlds.py; RHO is of months and of days
SIZE = 10.0  # of the negative binomial
APART = 1.0  # standard deviation of the log size of places: the largest of 40 is some 70 times the smallest
MEDIAN = 60.0  # events of the middle place in a month
MONTHS, AT = 48, 36  # twelve months after the date
DATES = (30, 34, 38)  # of a policy that begins at different dates
LONG, LONG_AT = 132, 120  # months of one series beside others
GROUPS = {"A": 60.0, "B": 120.0, "C": 30.0, "D": 20.0}
PLACES = 8
PLACES_APART = 0.2  # standard deviation of the log ratio of places that did change
BEGUN = date(2021, 1, 1)


@dataclass(frozen=True)
class Cell:
    """One row of a table: how many units are treated, of how many, and which."""

    estimator: str
    units: int
    treated: int
    which: str = "by chance"  # or the smallest, or the largest


CELLS = (
    *(Cell("ppml_event_study", 40, n) for n in (1, 2, 3, 6, 15)),
    Cell("ppml_event_study", 40, 3, "the smallest"),
    *(Cell("callaway_santanna", 30, n) for n in (1, 2, 3, 6, 15)),
    Cell("callaway_santanna", 30, 3, "the smallest"),
    *(Cell("sdid", 30, n) for n in (1, 2, 3, 6)),
    Cell("sdid", 30, 3, "the smallest"),
)
DAYS = (365, 1095)


@dataclass(frozen=True)
class Told:
    """What one run says. A run that is refused says nothing, is not significant, and has no interval."""

    p: float = np.nan
    low: float = np.nan
    high: float = np.nan
    said: str = ""  # rose, fell, or nothing

    def covers(self, ratio: float) -> float:
        return np.nan if np.isnan(self.p) else float(self.low <= ratio <= self.high)


# --- worlds -----------------------------------------------------------------------------------------------------


def shocks(series: int, periods: int, rng: np.random.Generator) -> Floats:
    """Autocorrelated deviations of the log rate, (series, periods)."""
    noise = rng.normal(0, SD, (series, periods))
    for t in range(1, periods):
        noise[:, t] = RHO * noise[:, t - 1] + np.sqrt(1 - RHO**2) * noise[:, t]
    return noise


def counted(log_rate: Floats, rng: np.random.Generator) -> Floats:
    """Negative binomial counts at these log rates."""
    counts: Floats = rng.poisson(np.exp(log_rate) * rng.gamma(SIZE, 1 / SIZE, log_rate.shape)).astype(np.float64)
    return counts


def season(periods: int, rng: np.random.Generator, cycle: float = 12.0) -> Floats:
    return 0.15 * np.cos(2 * np.pi * (np.arange(periods) / cycle + rng.uniform()))


def unequal_places(cell: Cell, firsts: Sequence[int], ratio: float, rng: np.random.Generator) -> Floats:
    """Monthly counts of unequal places that share a season and shocks, with shocks of their own; the first are treated."""
    size = np.log(MEDIAN) + APART * rng.normal(size=cell.units)
    if cell.which != "by chance":
        size = np.sort(size) if cell.which == "the smallest" else -np.sort(-size)
    log = size[:, None] + season(MONTHS, rng) + shocks(1, MONTHS, rng) + shocks(cell.units, MONTHS, rng)
    for i, first in enumerate(firsts):
        log[i, first:] += np.log(ratio)
    return counted(log, rng)


# --- runs -------------------------------------------------------------------------------------------------------


def month(at: int, begun: date = BEGUN) -> date:
    return date(begun.year + at // 12, at % 12 + 1, 1)


def plan_from(first: int, last: int, begun: date = BEGUN, **more: Any) -> dict[str, Any]:
    """A plan of months as values: the date is the first day of month `first`."""
    return {
        "plan": 1, "id": "calibration", "question": "Did the counts move?",
        "policy": {"name": "an invented order", "date": month(first, begun), "source": "https://example.org"},
        "data": {"series": "counts", "period": "month", "from": f"{begun:%Y-%m}", "pre_until": f"{month(first - 1, begun):%Y-%m}",
                 "post": [f"{month(first, begun):%Y-%m}", f"{month(last, begun):%Y-%m}"], "outcome_seen": False},
        **more,
    }  # fmt: skip


def monthly(
    values: Floats, name: str = "counts", place: str = "Exampleville", begun: date = BEGUN, group: str = ""
) -> Series:
    return Series(name=name, place=place, group=group, period="month", start=begun, values=values)


def result_of(plan: dict[str, Any], series: Sequence[Series]) -> Result | None:
    """The result of a whole run, or None where the data are refused."""
    try:
        return run(plan_of(plan), Loaded(tuple(series)))
    except WatchError:
        return None


def told(result: Result | None) -> Told:
    """What a reader is told: a FRAGILE result is no claim."""
    one = None if result is None else result.primary
    if result is None or one is None or one.p is None:
        return Told()
    said = result.answer if result.label != "FRAGILE" and result.answer in ("rose", "fell") else ""
    return Told(one.p, 0.0 if one.low is None else one.low, np.inf if one.high is None else one.high, said)


def run_of_units(cell: Cell, task: tuple[float, int]) -> Told:
    """Places of which the first are treated: all at one date, or in turn at three."""
    ratio, number = task
    staggered = cell.estimator == "callaway_santanna"
    firsts = [DATES[i % len(DATES)] if staggered else AT for i in range(cell.treated)]
    table = unequal_places(cell, firsts, ratio, np.random.default_rng([SEED, number]))
    series = [monthly(values, place=f"U{i:02d}") for i, values in enumerate(table)]
    primary: dict[str, Any] = {"estimator": cell.estimator}
    if staggered:
        primary["dates"] = {f"U{i:02d}": month(first) for i, first in enumerate(firsts)}
    else:
        primary["exposed"] = [f"U{i:02d}" for i in range(cell.treated)]
    return told(result_of(plan_from(min(firsts), MONTHS - 1, primary=primary), series))


def run_over_dates(days: int, task: tuple[float, int]) -> Told:
    """Two places by the day: 28 days before the date and 14 after, three quarters into the data."""
    ratio, number = task
    rng = np.random.default_rng([SEED, number])
    at = days * 3 // 4
    log = np.log([[40.0], [120.0]]) + season(days, rng, 7.0) + shocks(1, days, rng) + shocks(2, days, rng)
    log[0, at:] += np.log(ratio)
    day = [BEGUN + timedelta(days=k) for k in range(days)]
    plan = plan_from(1, 2, primary={"estimator": "ppml_event_study", "exposed": ["U00"], "placebo": {"window": 28}})
    plan["policy"]["date"] = day[at]
    plan["data"] |= {
        "period": "day", "from": f"{day[0]}", "pre_until": f"{day[at - 1]}", "post": [f"{day[at]}", f"{day[at + 13]}"],
    }  # fmt: skip
    series = [
        Series(name="counts", place=f"U{i:02d}", period="day", start=BEGUN, values=values)
        for i, values in enumerate(counted(log, rng))
    ]
    return told(result_of(plan, series))


def run_weighted(controls: int, task: tuple[float, int]) -> Told:
    """One series against ten others: all share a drift and shocks, and each has shocks of its own."""
    ratio, number = task
    rng = np.random.default_rng([SEED, number])
    begun = date(2014, 1, 1)
    drift = np.cumsum(rng.normal(0, 0.03, LONG)) + season(LONG, rng) + shocks(1, LONG, rng)
    size = np.log(MEDIAN) + APART * rng.normal(size=(controls + 1, 1))
    log = size + drift + shocks(controls + 1, LONG, rng)
    log[0, LONG_AT:] += np.log(ratio)
    table = counted(log, rng)
    others = [monthly(values, f"control {i}", begun=begun) for i, values in enumerate(table[1:])]
    plan = plan_from(
        LONG_AT, LONG - 1, begun,
        primary={"estimator": "controlled_its", "weights": "calibrated", "harmonics": 1},
        controls=[{"series": one.name} for one in others],
    )  # fmt: skip
    return told(result_of(plan, [monthly(table[0], begun=begun), *others]))


def run_groups(task: tuple[float, int]) -> tuple[set[str], set[str]]:
    """Four groups that make up a whole: the groups that a reader is told became a larger share, and a smaller one."""
    ratio, number = task
    rng = np.random.default_rng([SEED, number])
    begun = date(2014, 1, 1)
    mean = np.array(list(GROUPS.values()))[:, None]
    log = np.log(mean) + season(LONG, rng) + shocks(1, LONG, rng) + shocks(len(GROUPS), LONG, rng)
    log[0, LONG_AT:] += np.log(ratio)
    table = counted(log, rng)
    parts = [monthly(values, "by group", group=name, begun=begun) for name, values in zip(GROUPS, table, strict=True)]
    plan = plan_from(
        LONG_AT, LONG - 1, begun,
        primary={"estimator": "its_quasipoisson", "harmonics": 1},
        secondary=[{"estimator": "composition", "units": "by group"}],
    )  # fmt: skip
    result = result_of(plan, [monthly(table.sum(axis=0), begun=begun), *parts])
    return (set(), set()) if result is None else (named(result, "groups_up"), named(result, "groups_down"))


def named(result: Result, key: str) -> set[str]:
    """The groups that the sentence of this key names."""
    start, end = say(key, "en", groups="|").split("|")
    found = [s for s in result.sentences if s.startswith(start) and s.endswith(end)]
    return set(found[0].removeprefix(start).removesuffix(end).split(", ")) if found else set()


def run_places(apart: float, task: tuple[float, int]) -> tuple[bool, bool, list[float]]:
    """A city of eight places: whether any place is found, the city too, and whether each place's interval holds its ratio."""
    ratio, number = task
    rng = np.random.default_rng([SEED, number])
    begun = date(2014, 1, 1)
    true = ratio * np.exp(apart * rng.normal(size=(PLACES, 1)))
    log = np.log(MEDIAN) + APART / 2 * rng.normal(size=(PLACES, 1)) + season(LONG, rng)
    log = log + shocks(1, LONG, rng) / 2 + shocks(PLACES, LONG, rng)
    log[:, LONG_AT:] += np.log(true)
    table = counted(log, rng)
    names = [f"P{i}" for i in range(PLACES)]
    parts = [monthly(values, place=name, begun=begun) for name, values in zip(names, table, strict=True)]
    plan = plan_from(
        LONG_AT, LONG - 1, begun,
        primary={"estimator": "its_quasipoisson", "harmonics": 1},
        multiplicity={"gates": {name: "City" for name in names}},
    )  # fmt: skip
    plan["data"]["place"] = "City"
    result = result_of(plan, [monthly(table.sum(axis=0), place="City", begun=begun), *parts])
    gates = {} if result is None else {gate.name: gate for gate in result.gates}
    held = [
        float(gate.low <= float(one) <= gate.high)
        for name, one in zip(names, true[:, 0], strict=True)
        if (gate := gates.get(name)) and gate.low is not None and gate.high is not None
    ]
    city = any(gate.found for gate in gates.values())
    return city, any(gates[name].found for name in names if name in gates), held


# --- sections of the page ---------------------------------------------------------------------------------------


def units(page: Page, series: int, sample: bool) -> None:
    """Plans that compare units, run from end to end."""
    rows = []
    with ProcessPoolExecutor(2) as pool:
        for cell in CELLS:
            large = cell.estimator != "sdid"  # which no bounds hold back
            head = [f"`{cell.estimator}`", f"{cell.treated} of {cell.units}, {cell.which}"]
            rows.append(
                head + figures(page, pool.map, partial(run_of_units, cell), " ".join(head), sample, large=large)
            )
        for days in DAYS:
            head = ["`ppml_event_study` over dates", f"1 of 2, {days:,} days"]
            rows.append(
                head + figures(page, pool.map, partial(run_over_dates, days), " ".join(head), sample, large=True)
            )
    page.table(
        "Whole runs of a plan that compares units",
        [
            "comparison", "treated", "no effect: p < 0.05", "told", "covers 1",
            f"ratio {RATIO:g}: p < 0.05", "told", f"covers {RATIO:g}", f"ratio {LARGE:g}: told",
        ],
        rows,
        f"Invented places of very unequal size (half have fewer than {MEDIAN:g} events a month, one in six fewer than 22, one "
        "in six more than 163), with a season and shocks that all share, shocks of their own that last (autocorrelation "
        f"{RHO:g}), and counts more uneven than Poisson. Three years before the date and one after it; `callaway_santanna`: "
        "three dates, four months apart. Over dates: two places by the day, windows of 28 days before and 14 after, and as "
        "many days of data as are named.",
        f"{runs_of(1.0, sample)} runs for each cell without an effect, {runs_of(RATIO, sample)} at {RATIO:g} and "
        f"{runs_of(LARGE, sample)} at {LARGE:g}. **p < 0.05** is the test alone; **told** is what a reader is told, that the "
        "counts rose or fell, and with an effect that they rose. A result that is FRAGILE tells nothing, nor does one of "
        "`ppml_event_study` or `callaway_santanna` that a departure as large as the largest one before the date would explain. "
        "With counts as uneven as these such departures are large, so that little is told even of a real change of a half: "
        "these two are made to claim nothing false, and they claim little. One treated place alone is FRAGILE there at best. "
        "`sdid` is held back by FRAGILE, and by a trend in front of the date that is more than chance gives. Its placebos are put "
        "into the noise of the treated, because small places jump more than large ones.",
        f"{WANTED} `sdid` draws its placebos from the controls and needs more of these than there are treated, so that 15 of "
        "30 are refused.",
    )  # fmt: skip


def weighted(page: Page, series: int, sample: bool) -> None:
    """One series against ten that are weighted to have moved as it did."""
    with ProcessPoolExecutor(2) as pool:
        row = figures(page, pool.map, partial(run_weighted, 10), "weighted controls", sample, none=True)
    page.table(
        "Whole runs of a plan with weighted controls",
        [
            "comparison", "no effect: p < 0.05", "told", "covers 1", f"ratio {RATIO:g}: p < 0.05", "told",
            f"covers {RATIO:g}", "refused",
        ],
        [["`controlled_its`, `weights: calibrated`, 10 controls", *row]],
        f"Series of {LONG_AT} months before the date and {LONG - LONG_AT} after it, of unequal size, which share a slow drift, "
        "a season and shocks, and have shocks of their own. Where no positive weights make the controls move as the series "
        f"did, the plan is refused, and the coverage is of the rest. {runs_of(1.0, sample)} runs without an "
        f"effect, {runs_of(RATIO, sample)} with one. {WANTED}",
    )  # fmt: skip


def groups(page: Page, series: int, sample: bool) -> None:
    """For whom: the groups that a run names."""
    runs = runs_of(1.0, sample)
    with ProcessPoolExecutor(2) as pool:
        still = list(pool.map(run_groups, tasks(1.0, runs), chunksize=2))
        moved = list(pool.map(run_groups, tasks(DOUBLED, runs_of(DOUBLED, sample)), chunksize=2))
    false = float(np.mean([bool(up | down) for up, down in still]))
    page.wanted("false answers of whole runs: a group is named", false, 0.0, MOST_SAID, runs)
    first = next(iter(GROUPS))
    cells = [
        false,
        np.mean([first in up for up, _ in moved]),
        np.mean([up == {first} for up, _ in moved]),
        np.mean([bool(up - {first}) or first in down for up, down in moved]),
    ]
    page.figures["power: the group that doubled, alone"] = float(cells[2])
    page.table(
        "Whole runs of a plan that asks for whom",
        [
            "groups", "nothing happened: a group is named", "one doubled: named as larger", "it alone as larger",
            "another as larger, or it as smaller",
        ],
        [[f"{len(GROUPS)}", *(f"{v:.3f}" for v in cells)]],
        f"`composition` of groups of {', '.join(f'{v:g}' for v in GROUPS.values())} a month, each with shocks of its own, over "
        f"the same months as above; the first doubles. {runs} runs without a change, {runs_of(DOUBLED, sample)} with one. Wanted: at most {MOST_SAID:.0%} in which a group is "
        "named where nothing happened. That the others became a smaller share is true where one doubled, and not counted.",
    )  # fmt: skip


def city(page: Page, series: int, sample: bool) -> None:
    """A city and its places: found from the whole down, ratios drawn to their mean."""
    rows = []
    with ProcessPoolExecutor(2) as pool:
        for name, ratio, apart in (("nothing happened", 1.0, 0.0), ("ratios around 1.5", RATIO, PLACES_APART)):
            runs = runs_of(ratio, sample)
            made = list(pool.map(partial(run_places, apart), tasks(ratio, runs), chunksize=2))
            whole, some = (float(np.mean([one[k] for one in made])) for k in (0, 1))
            covered = [held for one in made for held in one[2]]
            page.wanted(f"coverage: places, {name}", float(np.mean(covered)), LEAST_COVERED, 1.0, runs)
            if ratio == 1:
                page.wanted("false answers of whole runs: the city or a place is found", whole, 0.0, MOST_P, runs)
                page.wanted("false answers of whole runs: a place is found", some, 0.0, MOST_SAID, runs)
            rows.append([name, f"{runs}", f"{whole:.3f}", f"{some:.3f}", f"{np.mean(covered):.3f}"])
    page.table(
        "Whole runs of a plan with a city and its places",
        ["world", "runs", "the city or a place is found", "a place is found", "intervals of places cover"],
        rows,
        f"`gates` of one city and {PLACES} places that add up to it, with shocks of their own and some that all share, over the "
        f"same months as above. Where they changed, the log ratios of the places lie {PLACES_APART:g} apart (a standard "
        f"deviation). Wanted: at most {MOST_P:.0%} found by the test of the city, at most {MOST_SAID:.0%} in which a place is "
        f"found where nothing happened, and at least {LEAST_COVERED:.0%} covered by the intervals, which are drawn to their "
        "mean. Three standard errors of the simulation are allowed.",
    )  # fmt: skip


WANTED = (
    f"Wanted: p < 0.05 in at most {MOST_P:.0%} without an effect, at most {MOST_SAID:.0%} told, and at least "
    f"{LEAST_COVERED:.0%} covered; three standard errors of the simulation are allowed."
)


def runs_of(ratio: float, sample: bool) -> int:
    return max(2, RUNS[ratio] // SAMPLE) if sample else RUNS[ratio]


def tasks(ratio: float, runs: int) -> list[tuple[float, int]]:
    return [(ratio, number) for number in range(runs)]


def figures(
    page: Page, mapped: Callable[..., Iterable[Told]], one_run: Callable[[tuple[float, int]], Told], name: str, sample: bool,
    *, large: bool = False, none: bool = False,
) -> list[str]:  # fmt: skip
    """p < 0.05, told, and coverage without an effect and with one; what is told of a large one, or how many say nothing."""
    cells, silent = [], []
    for ratio in (1.0, RATIO):
        runs = runs_of(ratio, sample)
        made = list(mapped(one_run, tasks(ratio, runs), chunksize=2))
        called = float(np.mean([one.p < 0.05 for one in made]))
        said = float(np.mean([one.said == "rose" if ratio > 1 else one.said != "" for one in made]))
        held = np.array([one.covers(ratio) for one in made])
        covered, silent = float(np.nanmean(held)), [*silent, *np.isnan(held)]
        page.wanted(f"coverage: {name}, ratio {ratio:g}", covered, LEAST_COVERED, 1.0, runs)
        if ratio == 1:
            page.wanted(f"false positives: {name}", called, 0.0, MOST_P, runs)
            page.wanted(f"false answers of whole runs: {name}", said, 0.0, MOST_SAID, runs)
        else:
            page.figures[f"power: {name}, ratio {ratio:g}"] = said
        cells += [f"{called:.3f}", f"{said:.3f}", f"{covered:.3f}"]
    if large:
        made = list(mapped(one_run, tasks(LARGE, runs_of(LARGE, sample)), chunksize=2))
        cells.append(f"{np.mean([one.said == 'rose' for one in made]):.3f}")
    elif none:
        cells.append(f"{np.mean(silent):.3f}")
    else:
        cells.append("")
    return cells
