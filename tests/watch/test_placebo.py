"""The calibrated test is right about how often it is wrong, in invented worlds and at fake dates in real counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.its import design, quasi_poisson
from brightline.watch.multiple import adjusted
from brightline.watch.placebo import degrees, placebo, shrink
from brightline.watch.worlds import AT, PERIODS, WORLDS, world

NYPD = Path(__file__).parent / "data" / "nypd_moving" / "counts.npz"
SERIES = 400
CHANCE = 3 * np.sqrt(0.05 * 0.95 / SERIES)  # three standard errors of a share of 5 %


@pytest.mark.parametrize("name", WORLDS)
def test_false_positives_are_as_many_as_said(name: str) -> None:
    result = placebo(world(name, SERIES, np.random.default_rng(21)), AT)
    assert 0.03 - CHANCE <= np.mean(result.p < 0.05) <= 0.07 + CHANCE


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("ratio", [1.3, 2.0])
def test_the_interval_covers_the_truth(name: str, ratio: float) -> None:
    result = placebo(world(name, SERIES, np.random.default_rng(22), ratio=ratio), AT)
    low, high = result.interval()
    assert np.mean((low < ratio) & (ratio < high)) >= 0.93 - CHANCE


def test_the_usual_errors_are_not_right_where_this_is() -> None:
    counts = world("nb+ar", SERIES, np.random.default_rng(23))
    fits = quasi_poisson(counts, design(PERIODS, AT))
    b, e = fits.of("step")
    assert np.mean(np.abs(b / e) * np.sqrt(fits.dispersion) > 1.96) > 0.35  # Poisson
    assert np.mean(placebo(counts, AT).p < 0.05) < 0.09


def test_fake_dates_in_real_counts() -> None:
    counts = np.load(NYPD)["counts"].astype(float)[::6]
    called = []
    for end in range(100, 79, -3):
        for moderated in (False, True):
            p = placebo(counts[:, :end], end - 12, before=48, moderated=moderated).p
            called.append((moderated, p[np.isfinite(p)]))
    for moderated in (False, True):
        p = np.concatenate([q for m, q in called if m == moderated])
        assert len(p) > 1000
        assert np.mean(p < 0.05) <= 0.07
        assert np.mean(adjusted(p) <= 0.05) <= 0.005


def test_a_doubling_is_found_and_the_moderated_form_finds_more() -> None:
    counts = world("nb+ar", SERIES, np.random.default_rng(24), ratio=2.0)
    alone, together = placebo(counts, AT), placebo(counts, AT, moderated=True)
    assert 0.7 < np.mean(alone.p < 0.05) < np.mean(together.p < 0.05)


def test_the_smallest_detectable_effect_is_found_as_often_as_said() -> None:
    rng = np.random.default_rng(25)
    told = float(np.median(placebo(world("nb", SERIES, rng), AT).smallest_detectable()))
    assert 1.3 < told < 2.2
    assert 0.7 <= np.mean(placebo(world("nb", SERIES, rng, ratio=told), AT).p < 0.05) <= 0.9


def test_a_denominator_that_doubles_explains_counts_that_double() -> None:
    counts = world("nb", 1, np.random.default_rng(26), ratio=2.0)[0]
    people = np.where(np.arange(PERIODS) >= AT, np.log(2000.0), np.log(1000.0))
    bare, rate = placebo(counts, AT).effect(), placebo(counts, AT, offset=people).effect()
    assert bare.low > 1 and bare.ratio == pytest.approx(2 * rate.ratio, rel=0.02)
    assert rate.low < 1 < rate.high


def test_degrees_of_freedom_of_windows() -> None:
    contrast = tuple(np.linalg.pinv(design(75, 60).matrix)[1].tolist())
    far = tuple(range(0, 75 * 8, 75))
    assert degrees(contrast, far, 0.0) == pytest.approx(8)  # windows that do not touch count one each
    near = tuple(range(0, 155, 5))
    assert degrees(contrast, near, 0.0) == pytest.approx(13.14, abs=0.01)
    assert degrees(contrast, near, 0.6) < degrees(contrast, near, 0.0)


def test_shrinking_pulls_variances_together_and_no_further() -> None:
    rng = np.random.default_rng(27)
    same = rng.chisquare(8, 2000) / 8
    pulled, prior = shrink(same, np.full(2000, 8.0))
    assert prior > 60 and np.std(pulled) < 0.15 * np.std(same)
    different = rng.chisquare(8, 4000) / 8 * 10 / rng.chisquare(10, 4000)
    _, found = shrink(different, np.full(4000, 8.0))
    assert found == pytest.approx(10, rel=0.25)  # the prior the variances were drawn from
    assert np.isnan(shrink(np.r_[np.nan, same], np.full(2001, 8.0))[0][0])


def test_missing_months_are_left_out() -> None:
    counts = world("nb", 3, np.random.default_rng(28), ratio=2.0)
    holes = counts.copy()
    holes[:, [20, 170, 230]] = np.nan
    np.testing.assert_allclose(placebo(holes, AT).log_ratio, placebo(counts, AT).log_ratio, atol=0.25)


def test_in_many_series_one_without_an_answer_has_none() -> None:
    counts = world("nb", 4, np.random.default_rng(29))
    counts[2, AT:] = 0
    result = placebo(counts, AT)
    assert np.isnan(result.p).tolist() == [False, False, True, False]
    assert np.isnan(result.rank()[2])


def one() -> np.ndarray:
    return world("nb", 1, np.random.default_rng(30))[0]


@pytest.mark.parametrize(
    "counts, at, says",
    [
        (np.where(np.arange(PERIODS) < AT, one(), 0.0), AT, "every count after the date is zero"),
        (np.where(np.arange(PERIODS) < AT, 0.0, one()), AT, "no level to compare"),
        (one(), PERIODS, "outside the data"),
        (one(), 70, "fake dates"),
        (one()[:40], 20, "periods before the date"),
        (-one(), AT, "cannot be negative"),
        (np.full(PERIODS, np.nan), AT, "0 periods before"),
    ],
)
def test_a_question_without_an_answer_is_a_sentence(counts: np.ndarray, at: int, says: str) -> None:
    with pytest.raises(WatchError, match=says):
        placebo(counts, at)


def test_many_series_are_read_in_pieces_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = world("nb", 50, np.random.default_rng(31))
    whole = placebo(counts, AT)
    monkeypatch.setattr("brightline.watch.placebo._CHUNK", 40_000)
    np.testing.assert_allclose(placebo(counts, AT).p, whole.p, rtol=1e-6)
