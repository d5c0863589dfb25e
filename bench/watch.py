"""The watch: a scan of 3,850 series x 240 months, and the same results from other libraries, with their time.

Needs statsmodels and ruptures, and for the panels csdid, diff-diff and pyfixest. Equal results are asserted before any
time is compared.
"""

from __future__ import annotations

import numpy as np
import ruptures
import statsmodels.api as sm
from measure import Results, Table, Target, clock, part, seconds
from run import run

from brightline.watch.benchmark import benchmark
from brightline.watch.its import design, quasi_poisson
from brightline.watch.measures import divide_measure
from brightline.watch.multiple import adjusted
from brightline.watch.partition import SHORTEST, divide, noise_of, partition, seasons
from brightline.watch.placebo import placebo
from brightline.watch.worlds import AT, PERIODS, world

SERIES = 3_850
SEED = 20250428


class NegativeBinomial(ruptures.base.BaseCost):  # type: ignore[misc]
    """The cost of the watch, as ruptures wants it: it has none for counts of its own."""

    model = "negative binomial"
    min_size = SHORTEST

    def __init__(self, size: float) -> None:
        self.size = size

    def fit(self, signal: np.ndarray) -> NegativeBinomial:
        self.signal = signal.reshape(-1, 1)
        self.total = np.concatenate([[0.0], np.cumsum(signal)])
        return self

    def error(self, start: int, end: int) -> float:
        if end - start < self.min_size:
            raise ruptures.exceptions.NotEnoughPoints
        events, n = self.total[end] - self.total[start], end - start
        mean = events / n
        first = events * np.log(mean) if events > 0 else 0.0
        return float(-2 * (first - (events + n * self.size) * np.log1p(mean / self.size)))


def main(quick: bool) -> Results:
    series, few = (200, 4) if quick else (SERIES, 12)
    rng = np.random.default_rng(SEED)
    changed = rng.uniform(size=series) < 0.05
    counts = np.where(changed[:, None], world("nb+ar", series, rng, ratio=2.0), world("nb+ar", series, rng))
    whole, time_of_all = _scan(counts)
    fits, time_of_fits = _interrupted(counts, 50 if quick else 400)
    dates, time_of_dates = _partitions(counts, few)
    results = Results([whole, fits, dates, _scores()])
    results.targets = [
        Target(
            f"scan of {series:,} × {PERIODS}: partition, moderated placebo-t, adjustment", time_of_all, 30, False, "s"
        ),
        Target("interrupted series, batched / statsmodels GLM one by one", time_of_fits, 5, True),
        Target("partition of counts / ruptures Pelt with the same cost", time_of_dates, 50, True),
    ]
    # In processes of their own: how long arrays of some megabytes take depends on what the process held before
    for name in ("watch_panels", "watch_reading"):
        more = run(name, quick)
        assert more is not None, f"{name} failed"
        results.tables += more.tables
        results.targets += more.targets
    return results


def _scan(counts: np.ndarray) -> tuple[Table, float]:
    table = Table(f"Scan of {len(counts):,} series × {PERIODS} months, one in twenty of them doubled", ["work", "s"])
    with clock() as passed:
        partition(counts)
        detection = passed()
        placebo(counts, AT)
        alone = passed() - detection
        result = placebo(counts, AT, moderated=True)
        moderated = passed() - detection - alone
        called = int((adjusted(result.p) <= 0.05).sum())
        everything = detection + moderated
    table.row("changes, dates, spikes, drift flag", f"{detection:.1f}")
    table.row("placebo-t, each series by itself", f"{alone:.1f}")
    table.row("placebo-t, moderated, and adjustment", f"{moderated:.1f}")
    table.row("**the scan: first and last line**", f"**{everything:.1f}**")
    table.notes.append(f"{called} series on the list after Benjamini–Hochberg at 5 %")
    return table, everything


def _interrupted(counts: np.ndarray, some: int) -> tuple[Table, float]:
    model = design(PERIODS, AT, harmonics=2)
    ours = quasi_poisson(counts, model)
    b, e = ours.of("step")

    def one_by_one() -> list[tuple[float, float]]:
        told = []
        for y in counts[:some]:
            fit = sm.GLM(y, model.matrix, family=sm.families.Poisson()).fit(scale="X2", tol=1e-12)
            told.append((fit.params[1], fit.bse[1]))
        return told

    theirs = np.array(one_by_one())
    gap = float(np.abs(theirs - np.stack([b, e], axis=1)[:some]).max())
    assert gap < 1e-6, f"differs from statsmodels by {gap:g}"
    ours_time = seconds(lambda: quasi_poisson(counts, model), 3) / len(counts)
    their_time = seconds(one_by_one, 1) / some
    table = Table("Quasi-Poisson interrupted series", ["", "ms a series", "x statsmodels"])
    table.row("Brightline, all series at once", f"{1000 * ours_time:.3f}", f"{their_time / ours_time:.1f}")
    table.row(f"statsmodels GLM, {some} of them in a loop", f"{1000 * their_time:.3f}", "1")
    table.notes.append(f"steps and standard errors are equal to {gap:.0e}")
    return table, their_time / ours_time


def _partitions(counts: np.ndarray, few: int) -> tuple[Table, float]:
    level = counts / seasons(counts, 12.0)
    noise = noise_of(level)
    price = 3 * np.log(PERIODS) * (1 + noise.rho) / (1 - noise.rho)
    # Those that changed come first: equality on series without a change would say little
    order = np.argsort([-len(cuts) for cuts in divide(level, noise.size, price)], kind="stable")[:few]
    ours = divide(level[order], noise.size[order], price[order])

    def with_ruptures() -> list[tuple[int, ...]]:
        told = []
        for i in order:
            found = ruptures.Pelt(custom_cost=NegativeBinomial(noise.size[i]), min_size=SHORTEST, jump=1)
            told.append(tuple(found.fit(level[i]).predict(pen=price[i])[:-1]))
        return told

    assert with_ruptures() == ours, "ruptures divides otherwise with the same cost"
    changes = sum(len(cuts) for cuts in ours)
    assert changes, "nothing to compare"
    ours_time = seconds(lambda: divide(level, noise.size, price), 1) / len(level)
    their_time = seconds(with_ruptures, 1) / few
    stable = 2 * np.sqrt(level + 0.375)

    def kernels() -> None:
        for row in stable[:100]:
            found = ruptures.KernelCPD(kernel="linear", min_size=SHORTEST).fit(row)
            found.predict(pen=3 * np.log(PERIODS))

    kernel_time = seconds(kernels, 1) / min(100, len(stable))
    table = Table("Partition of counts", ["", "ms a series", "x ruptures Pelt"])
    table.row(
        "Brightline, negative binomial, all series at once", f"{1000 * ours_time:.2f}", f"{their_time / ours_time:.0f}"
    )
    table.row(f"ruptures Pelt, the same cost, {few} series", f"{1000 * their_time:.1f}", "1")
    table.row("ruptures KernelCPD (C), another model", f"{1000 * kernel_time:.2f}", f"{their_time / kernel_time:.0f}")
    table.notes.append(f"the same {changes} changes in {few} series; KernelCPD knows no counts and finds others")
    flow = np.concatenate([rng_normal(0, 100), rng_normal(3, 100), rng_normal(1, 100)])
    dynp = ruptures.Dynp(model="l2", min_size=SHORTEST, jump=1).fit(flow)
    assert tuple(dynp.predict(n_bkps=2)[:-1]) == divide_measure(flow).changes, (
        "ruptures Dynp divides a measure otherwise"
    )
    return table, their_time / ours_time


def rng_normal(mean: float, periods: int) -> np.ndarray:
    return np.random.default_rng(SEED + int(mean)).normal(mean, 1, periods)


def _scores() -> Table:
    result = benchmark()
    table = Table(
        "Turing Change Point Dataset, one setting for all series", ["method", "F1", "cover", "F1, quality control"]
    )
    table.row("Brightline", f"{result.f1:.3f}", f"{result.cover:.3f}", f"{result.f1_quality_control:.3f}")
    for method in ("amoc", "binseg", "pelt", "bocpd", "prophet", "zero"):
        told = result.peers[method]
        table.row(f"{method} (published)", *(f"{told[k]:.3f}" for k in ("f1", "cover", "f1_quality_control")))
    return table


if __name__ == "__main__":
    part(main)
