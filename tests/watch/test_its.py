"""Interrupted series: the published analysis of Sicily, equality with statsmodels, trends that bend, bad input."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.its import Design, ar1_errors, autocorrelation, design, effect, local_level, quasi_poisson
from tests.watch.oracle.make_inputs import counts

HERE = Path(__file__).parent
FIGURES = json.loads((HERE / "oracle" / "figures.json").read_text())


@pytest.fixture(scope="module")
def sicily() -> tuple[np.ndarray, np.ndarray, int]:
    with gzip.open(HERE / "data" / "sicily_its" / "sicily.csv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines))
    ban = next(i for i, row in enumerate(rows) if row["smokban"] == "1")
    return np.array([float(r["aces"]) for r in rows]), np.log([float(r["stdpop"]) for r in rows]), ban


def test_sicily_as_published(sicily: tuple[np.ndarray, np.ndarray, int]) -> None:
    events, offset, ban = sicily
    fit = quasi_poisson(events, design(len(events), ban, harmonics=0), offset)
    b, e = (float(v[0]) for v in fit.of("step"))
    poisson = effect(b, e / float(np.sqrt(fit.dispersion[0])), np.inf, "Poisson")
    assert (poisson.ratio, poisson.low, poisson.high) == pytest.approx((0.894, 0.865, 0.925), abs=0.001)
    quasi = effect(b, e, np.inf, "quasi-Poisson")
    assert (quasi.low, quasi.high) == pytest.approx((0.839, 0.953), abs=0.001)
    assert fit.dispersion[0] == pytest.approx(3.56, abs=0.005)


def test_sicily_with_seasons_as_published(sicily: tuple[np.ndarray, np.ndarray, int]) -> None:
    events, offset, ban = sicily
    model = design(len(events), ban, harmonics=2)
    fit = quasi_poisson(events, model, offset)
    b, e = (float(v[0]) for v in fit.of("step"))
    seasonal = effect(b, e, np.inf, "quasi-Poisson")
    assert (seasonal.ratio, seasonal.low, seasonal.high) == pytest.approx((0.885, 0.839, 0.933), abs=0.001)
    trend = float(fit.of("trend")[0][0])
    assert np.exp(trend * 12 / len(events)) == pytest.approx(1.067, abs=0.001)
    sloped = quasi_poisson(events, design(len(events), ban, harmonics=2, slope=True), offset)
    assert np.exp(sloped.of("slope")[0][0] / len(events)) == pytest.approx(1.0015, abs=0.0005)


def test_a_trend_that_may_bend_moves_the_answer(sicily: tuple[np.ndarray, np.ndarray, int]) -> None:
    events, offset, ban = sicily
    ratios = {
        trend: float(np.exp(quasi_poisson(events, design(len(events), ban, trend=trend), offset).of("step")[0][0]))
        for trend in ("none", "linear", "bent")
    }
    assert ratios["bent"] > ratios["linear"] + 0.01
    assert ratios["none"] > 1  # without a trend the ban seems to have done harm
    log_ratio, error, walk = local_level(events, design(len(events), ban, harmonics=2), offset)
    assert np.exp(log_ratio) == pytest.approx(0.93, abs=0.03) and error > 0.03 and walk > 0


def test_equal_to_statsmodels() -> None:
    fit = quasi_poisson(counts(), design(75, 60, harmonics=2))
    b, e = fit.of("step")
    wanted = np.array(FIGURES["quasi_poisson"])
    np.testing.assert_allclose(np.stack([b, e, fit.dispersion], axis=1), wanted, rtol=0, atol=1e-6)
    assert fit.settled.all()


def test_equal_to_statsmodels_as_installed() -> None:
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed: committed figures only")
    model = design(75, 60, harmonics=2)
    b, e = quasi_poisson(counts(), model).of("step")
    for i, y in enumerate(counts()):
        fit = sm.GLM(y, model.matrix, family=sm.families.Poisson()).fit(scale="X2", tol=1e-13)
        assert (b[i], e[i]) == pytest.approx((fit.params[1], fit.bse[1]), abs=1e-6)


def test_missing_periods_are_left_out_and_not_zero() -> None:
    table = counts()[:3].copy()
    holes = table.copy()
    holes[:, [5, 40]] = np.nan
    model = design(75, 60)
    kept = np.delete(np.arange(75), [5, 40])
    short = quasi_poisson(table[:, kept], Design(model.matrix[kept], model.names))
    np.testing.assert_allclose(quasi_poisson(holes, model).of("step"), short.of("step"), atol=1e-9)
    zeroed = table.copy()
    zeroed[:, [5, 40]] = 0
    assert not np.allclose(quasi_poisson(zeroed, model).of("step")[0], short.of("step")[0], atol=1e-3)


def test_nothing_after_gives_no_number() -> None:
    table = counts()[:2].copy()
    table[0, 60:] = 0
    fit = quasi_poisson(table, design(75, 60))
    assert not fit.settled[0] and np.isnan(fit.of("step")[0][0]) and np.isnan(fit.dispersion[0])
    assert fit.settled[1]


def test_correlated_residuals_widen_the_interval() -> None:
    rng = np.random.default_rng(4)
    noise = np.zeros((40, 120))
    for i in range(1, 120):
        noise[:, i] = 0.7 * noise[:, i - 1] + rng.normal(0, 0.2, 40)
    table = rng.poisson(80 * np.exp(noise)).astype(float)
    model = design(120, 90)
    fit = quasi_poisson(table, model)
    wider = ar1_errors(table, fit, model) / fit.of("step")[1]
    assert np.median(autocorrelation(table, fit)) > 0.3
    assert np.median(wider) > 1.2
    white = rng.poisson(80, (40, 120)).astype(float)
    assert (
        np.median(ar1_errors(white, quasi_poisson(white, model), model) / quasi_poisson(white, model).of("step")[1])
        < 1.15
    )


def test_a_date_outside_the_data_is_a_sentence() -> None:
    with pytest.raises(WatchError, match="outside the data"):
        design(48, 48)


def test_a_negative_count_is_a_sentence() -> None:
    with pytest.raises(WatchError, match="cannot be negative"):
        quasi_poisson(np.array([[1.0, -2.0] * 20]), design(40, 20))


def test_a_denominator_of_zero_is_a_sentence() -> None:
    with np.errstate(divide="ignore"), pytest.raises(WatchError, match="denominator"):
        quasi_poisson(counts()[:1], design(75, 60), np.log(np.r_[0.0, np.ones(74)]))
