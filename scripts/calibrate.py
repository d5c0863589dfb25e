"""Calibration of the watch: false positives, coverage, dates, on worlds with a known truth and on real counts.

    python scripts/calibrate.py [--sample] [--out docs/calibration.md] [--json FILE]

The whole takes minutes and writes docs/calibration.md; the sample takes seconds and only prints. Exit code 1 when a
figure misses what is wanted of it (in the sample: by more than chance allows).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from calibrate_units import city, groups, units, weighted

from brightline.watch.benchmark import benchmark
from brightline.watch.cut import Loaded
from brightline.watch.distributions import t_two_sided
from brightline.watch.its import ar1_errors, design, quasi_poisson
from brightline.watch.multiple import adjusted
from brightline.watch.partition import partition
from brightline.watch.placebo import Windows, calibrated, windows
from brightline.watch.plan_file import plan_of
from brightline.watch.problems import WatchError
from brightline.watch.ratio import share_windows
from brightline.watch.run import run
from brightline.watch.series import Series
from brightline.watch.worlds import AT, DRIFTING, PERIODS, WORLDS, world

ROOT = Path(__file__).resolve().parent.parent
NYPD = ROOT / "tests" / "watch" / "data" / "nypd_moving" / "counts.npz"
SEED = 20250428
NYPD_DATES = range(7)  # the data end 0, 3, 6 … months earlier, with twelve months after each fake date
NYPD_AFTER, NYPD_BEFORE = 12, 48


@dataclass
class Page:
    parts: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def table(self, title: str, head: list[str], rows: list[list[str]], *notes: str) -> None:
        lines = [f"## {title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        self.parts.append("\n".join([*lines, *(f"\n{note}" for note in notes)]))

    def wanted(self, name: str, value: float, low: float, high: float, runs: int) -> None:
        """`low` .. `high` is wanted; three standard errors of the simulation are allowed to a sample."""
        self.figures[name] = value
        slack = 0.0 if runs == 0 else 3 * np.sqrt(max(value * (1 - value), 0.01) / runs)
        if not low - slack <= value <= high + slack:
            self.missed.append(f"{name}: {value:.4f}, wanted {low:g} to {high:g}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", action="store_true", help="few series, nothing written unless --out is given")
    parser.add_argument("--out", type=Path, help="where to write the page")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    series = 300 if options.sample else 4000
    page = Page()
    start = time.perf_counter()
    for part in PARTS:
        part(page, series, options.sample)
        print(f"{part.__name__}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    text = written(page, series)
    out = options.out or (None if options.sample else ROOT / "docs" / "calibration.md")
    if out is None:
        print(text)
    else:
        out.write_text(text)
        print(f"written: {out}", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(page.figures, indent=1))
    for miss in page.missed:
        print(f"MISSED {miss}", file=sys.stderr)
    return 1 if page.missed else 0


def fitted(counts: np.ndarray, at: int = AT, before: int = 60) -> Windows:
    return windows(counts, at, None, before, 5, "linear", 1, (12.0,))


def known_date(page: Page, series: int, sample: bool) -> None:
    """False positives and coverage at a date that is known."""
    rng = np.random.default_rng(SEED)
    rows = []
    for name in WORLDS:
        cells = [name]
        naive = world(name, series, rng)
        model = design(PERIODS, AT)
        fits = quasi_poisson(naive, model)
        b, e = fits.of("step")
        df = PERIODS - len(model.names)
        poisson = t_two_sided(b / e * np.sqrt(fits.dispersion), np.inf)
        few = naive[:1000]  # the sandwich is made one series at a time
        few_fits = quasi_poisson(few, model)
        chained = t_two_sided(few_fits.of("step")[0] / ar1_errors(few, few_fits, model), df)
        cells += [f"{np.mean(p < 0.05):.3f}" for p in (poisson, t_two_sided(b / e, df), chained)]
        for ratio in (1.0, 1.3, 2.0):
            found = fitted(naive if ratio == 1 else world(name, series, rng, ratio=ratio))
            for moderated in (False, True):
                result = calibrated(found, moderated=moderated)
                low, high = result.interval()
                covered = float(np.mean((low < ratio) & (ratio < high)))
                called = float(np.mean(result.p < 0.05))
                label = f"{name}, ratio {ratio:g}, {'moderated' if moderated else 'placebo-t'}"
                if not moderated:
                    if ratio == 1:
                        page.wanted(f"false positives: {label}", called, 0.03, 0.07, series if sample else 0)
                    page.wanted(f"coverage: {label}", covered, 0.93, 1.0, series if sample else 0)
                cells.append(f"{called:.3f}" + (f" / {covered:.3f}" if ratio > 1 else ""))
        rows.append(cells)
    hard = calibrated(fitted(world("nb+dip", series, rng, heals=12)))
    page.table(
        "A known date: false positives, then power / coverage of the 95 % interval",
        [
            "world", "Poisson", "quasi-Poisson", "QP × AR(1)",
            "**placebo-t**, no effect", "moderated, no effect",
            "placebo-t, ratio 1.3", "moderated, ratio 1.3", "placebo-t, ratio 2", "moderated, ratio 2",
        ],
        rows,
        f"{series:,} series of {PERIODS} months for each cell, {PERIODS - AT} months after the date; nominal 5 % and 95 %. "
        "Wanted of placebo-t: 3–7 % and at least 93 %.",
        f"With a dip that takes twelve months to heal instead of six, placebo-t calls {np.mean(hard.p < 0.05):.1%}: a long "
        "shock in the history makes it cautious, and it should.",
    )  # fmt: skip


def shares(page: Page, series: int, sample: bool) -> None:
    """A part of a whole at a known date: the odds ratio and its interval."""
    rng = np.random.default_rng(SEED + 4)
    rows = []
    for name in WORLDS:
        rest = world(name, series, rng)
        cells = [name]
        for ratio in (1.0, 2.0):
            part = world(name, series, rng, ratio=ratio)
            result = calibrated(share_windows(part, part + rest, AT, 60, 5, "linear", 1, (12.0,)))
            low, high = result.interval()
            called = float(np.mean(result.p < 0.05))
            covered = float(np.mean((low < ratio) & (ratio < high)))
            page.wanted(f"coverage: share, {name}, ratio {ratio:g}", covered, 0.93, 1.0, series if sample else 0)
            if ratio == 1:
                page.wanted(f"false positives: share, {name}", called, 0.0, 0.07, series if sample else 0)
            cells += [f"{called:.3f}", f"{covered:.3f}"]
        rows.append(cells)
    page.table(
        "A share at a known date: one series in the sum of two",
        ["world", "no effect: called", "covers 1", "ratio 2: called", "covers 2"],
        rows,
        f"{series:,} pairs of series for each cell. Wanted: at most 7 % called without an effect, and at least 93 % covered.",
    )


def whole_runs(page: Page, series: int, sample: bool) -> None:
    """Plans run from end to end, with everything that may turn a significant estimate into FRAGILE or into no answer."""
    runs = 12 if sample else 200
    rows = []
    with ProcessPoolExecutor(2) as pool:
        for name in WORLDS:
            cells = [name]
            for ratio in (1.0, 2.0):
                counts = world(name, runs, np.random.default_rng(SEED + 5), ratio=ratio)
                told = Counter(pool.map(answer_of_a_run, counts, chunksize=4))
                said = (told["rose"] + told["fell"]) / runs
                if ratio == 1:
                    page.wanted(f"false answers of whole runs: {name}", said, 0.0, 0.07, runs if sample else 0)
                cells += [f"{said:.3f}", f"{told['FRAGILE'] / runs:.3f}"]
            rows.append(cells)
    page.table(
        "Whole runs of a plan: what a reader would be told",
        ["world", "no effect: rose or fell", "FRAGILE", "ratio 2: rose or fell", "FRAGILE"],
        rows,
        f"{runs} runs for each cell, with the plan's defaults. Wanted: at most 7 % told to have moved where nothing did.",
    )


def answer_of_a_run(counts: np.ndarray) -> str:
    """The answer of `brightline watch run` for one series of months, or FRAGILE."""
    first = date(2006, 1, 1)
    series = Series(name="counts", place="Exampleville", period="month", start=first, values=counts)
    days = series.days
    plan = plan_of(
        {
            "plan": 1, "id": "calibration", "question": "Did the counts move?",
            "policy": {"name": "an invented order", "date": days[AT], "source": "https://example.org"},
            "data": {"series": "counts", "period": "month", "from": f"{first:%Y-%m}", "pre_until": f"{days[AT - 1]:%Y-%m}",
                     "post": [f"{days[AT]:%Y-%m}", f"{days[-1]:%Y-%m}"], "outcome_seen": False},
            "primary": {"estimator": "its_quasipoisson", "harmonics": 1},
        }
    )  # fmt: skip
    try:
        result = run(plan, Loaded((series,)))
    except WatchError:  # such counts are refused, as thin ones may be
        return "refused"
    return "FRAGILE" if result.label == "FRAGILE" else result.answer


def scan(page: Page, series: int, sample: bool) -> None:
    """Many series at once, some of which changed: the false discoveries that are left after adjustment."""
    rng = np.random.default_rng(SEED + 1)
    rows = []
    for name in ("nb", "nb+ar"):
        truth = rng.uniform(size=series) < 0.05
        counts = np.where(truth[:, None], world(name, series, rng, ratio=2.0), world(name, series, rng))
        found = fitted(counts)
        for moderated in (False, True):
            p = calibrated(found, moderated=moderated).p
            called = adjusted(p) <= 0.05
            wrong = float((called & ~truth).sum() / max(called.sum(), 1))
            rows.append(
                [name, "moderated" if moderated else "placebo-t", f"{np.mean(p[~truth] < 0.05):.3f}", f"{wrong:.3f}",
                 f"{np.mean(called[truth]):.2f}"]
            )  # fmt: skip
    page.table(
        "A scan in which one series in twenty doubled, Benjamini–Hochberg at 5 %",
        ["world", "test", "raw false positives", "share of the list that is false", "share of the true ones found"],
        rows,
    )


def fake_dates(page: Page, series: int, sample: bool) -> None:
    """Real counts at dates when nothing was decided."""
    counts = np.load(NYPD)["counts"].astype(np.float64)
    if sample:
        counts = counts[::8]
    called = {False: [0, 0], True: [0, 0]}
    rows = []
    for back in NYPD_DATES:
        cut = counts[:, : counts.shape[1] - 3 * back]
        found = fitted(cut, cut.shape[1] - NYPD_AFTER, NYPD_BEFORE)
        cells = [str(cut.shape[1] - NYPD_AFTER + 1)]
        for moderated in (False, True):
            p = calibrated(found, moderated=moderated).p
            asked = np.isfinite(p)
            called[moderated][0] += int((p[asked] < 0.05).sum())
            called[moderated][1] += int(asked.sum())
            cells.append(f"{np.mean(p[asked] < 0.05):.3f}")
            if not moderated:
                cells.insert(1, f"{asked.sum():,}")
            else:
                cells.append(f"{np.mean(adjusted(p)[asked] <= 0.05):.4f}")
        rows.append(cells)
    share = {m: n / max(of, 1) for m, (n, of) in called.items()}
    page.wanted("NYPD fake dates: placebo-t", share[False], 0.0, 0.07, called[False][1] if sample else 0)
    page.wanted("NYPD fake dates: moderated", share[True], 0.0, 0.07, called[True][1] if sample else 0)
    rows.append(["**all**", f"{called[False][1]:,}", f"**{share[False]:.3f}**", f"**{share[True]:.3f}**", ""])
    page.table(
        "Real counts at fake dates: moving violations in New York, precinct × violation, 100 months",
        [
            "month of the fake date",
            "series with an estimate",
            "placebo-t < 0.05",
            "moderated < 0.05",
            "moderated, after BH",
        ],
        rows,
        f"Twelve months after each date, windows of {NYPD_BEFORE} in front. Wanted: at most 7 %. Series that ended before a "
        "date have no estimate there. Not every date is free of real breaks: a slowdown of work fell into these years.",
    )


def unknown_date(page: Page, series: int, sample: bool) -> None:
    """The partition: changes found where there is none, and the month of a jump of 10.7 times."""
    rng = np.random.default_rng(SEED + 2)
    rows = []
    some = series // 2 if not sample else 150
    for name in WORLDS:
        null = partition(world(name, some, rng))
        jump = partition(world(name, some, rng, ratio=10.7))
        false = float(np.mean([len(p.changes) > 0 for p in null]))
        exact = float(np.mean([AT in p.changes for p in jump]))
        more = float(np.mean([len(set(p.changes) - {AT}) > 0 for p in jump]))
        drift = float(np.mean([bool(p.drift) or p.slope != 0 for p in null]))
        page.wanted(f"exact month: {name}", exact, 0.98, 1.0, some if sample else 0)
        if name not in DRIFTING:
            page.wanted(f"false changes: {name}", false, 0.0, 0.04, some if sample else 0)
            page.wanted(f"false changes beside a jump: {name}", more, 0.0, 0.04, some if sample else 0)
        rows.append([name, f"{false:.3f}", f"{drift:.3f}", f"{exact:.3f}", f"{more:.3f}"])
    page.table(
        "An unknown date: the negative binomial partition",
        [
            "world",
            "a change where there is none",
            "trend or drift told, no change there",
            "exact month of 10.7 ×",
            "another change beside it",
        ],
        rows,
        f"{some:,} series each. Wanted: exact month at least 98 %, false changes at most 4 % outside drift. In the two worlds "
        "that drift, steps are the wrong model: a trend beside them or the drift flag tells most of it, and a claim needs placebo-t.",
    )


def headline(page: Page, series: int, sample: bool) -> None:
    """187 to 2,001 a month, 84 months before and 8 after, autocorrelated: the shape of the cyclists' summonses."""
    rng = np.random.default_rng(SEED + 3)
    counts = world("nb+ar", series, rng, mean=187, periods=92, at=84, ratio=10.7)
    result = calibrated(fitted(counts, 84))
    low, high = result.interval()
    covered = float(np.mean((low < 10.7) & (high > 10.7)))
    model = design(92, 84)
    fits = quasi_poisson(counts, model)
    b, e = fits.of("step")
    naive = [np.mean(np.abs(b - np.log(10.7)) < 1.96 * error) for error in (e / np.sqrt(fits.dispersion), e)]
    page.wanted("coverage: headline", covered, 0.93, 1.0, series if sample else 0)
    page.table(
        "From 187 to 2,001 a month with 84 months before and 8 after",
        ["interval", "covers 10.7", "median interval"],
        [
            ["Poisson", f"{naive[0]:.3f}", ""],
            ["quasi-Poisson", f"{naive[1]:.3f}", ""],
            ["**placebo-t**", f"{covered:.3f}", f"{np.median(low):.1f} – {np.median(high):.1f}"],
        ],
    )


def scoreboard(page: Page, series: int, sample: bool) -> None:
    result = benchmark()
    page.wanted("TCPD F1", result.f1, 0.70, 1, 0)
    page.wanted("TCPD cover", result.cover, 0.70, 1, 0)
    page.wanted("TCPD quality control F1", result.f1_quality_control, 0.96, 1, 0)
    rows = [["**Brightline**", *(f"**{v:.3f}**" for v in (result.f1, result.cover, result.f1_quality_control))]]
    for method, told in sorted(result.peers.items(), key=lambda item: -item[1]["f1"]):
        rows.append([method, *(f"{told[k]:.3f}" for k in ("f1", "cover", "f1_quality_control"))])
    page.table(
        "Turing Change Point Dataset: one fixed setting for all series",
        ["method", "F1, 14 series", "cover, 14 series", "F1, quality control"],
        rows,
        "Others: published scores of their default settings (van den Burg & Williams 2020) over the same series. The setting "
        "here was chosen while looking at these series; with so few of them, read the figure as good manners, not as proof.",
    )


def written(page: Page, series: int) -> str:
    told = [
        "# Calibration of the watch",
        "How often the methods of `brightline.watch` are wrong when the truth is known. Made by `make calibrate` "
        f"(`scripts/calibrate.py`, seed {SEED}); continuous integration runs a sample of it.",
        "The five worlds are in `brightline/watch/worlds.py`: negative binomial counts with a mean of 20 and a season; with "
        "autocorrelation; with slow drift; with a deep dip that heals; with autocorrelation and a steady trend. Plans of many "
        "series are run in worlds of their own, which stand below each table (`scripts/calibrate_units.py`).",
        *page.parts,
        "## Missed\n\n" + ("\n".join(f"- {miss}" for miss in page.missed) if page.missed else "Nothing."),
    ]
    return "\n\n".join(told) + "\n"


PARTS = (
    known_date, shares, whole_runs, units, weighted, groups, city, scan, fake_dates, unknown_date, headline, scoreboard,
)  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
