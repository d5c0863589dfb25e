"""Weights that make controls resemble the treated."""

from __future__ import annotations

import numpy as np
import pytest

from brightline.watch.panel import NEVER, Panel
from brightline.watch.problems import WatchError
from brightline.watch.weights import calibrate, effective_number, simplex, synthetic
from tests.watch.panels import oracle, prop99


def made(units: int = 8, periods: int = 12, treated: int = 2, effect: float = -3.0, seed: int = 1) -> Panel:
    rng = np.random.default_rng(seed)
    outcome = rng.normal(20, 4, (units, 1)) + np.cumsum(rng.normal(0, 0.3, (1, periods)), axis=1)
    outcome = outcome + rng.normal(0, 0.5, (units, periods))
    outcome[:treated, 8:] += effect
    first = np.where(np.arange(units) < treated, 8.0, NEVER)
    return Panel(tuple(f"unit {i}" for i in range(units)), np.arange(periods, dtype=float), outcome, first)


def test_calibrated_weights_meet_the_target_exactly():
    x = np.random.default_rng(2).normal(size=(40, 3))
    target = np.array([0.3, -0.2, 0.1])
    found = calibrate(x, target)
    np.testing.assert_allclose(found.weights @ x, target, atol=1e-9)
    assert found.weights.min() > 0
    assert found.weights.sum() == pytest.approx(1)
    assert found.effective_controls == pytest.approx(1 / (found.weights**2).sum())
    assert found.effective_controls < 40


def test_of_all_weights_that_meet_the_target_entropy_balancing_is_log_linear():
    # The first-order condition: log w is linear in the columns
    x = np.random.default_rng(3).normal(size=(30, 2))
    w = calibrate(x, np.array([0.2, 0.4])).weights
    design = np.column_stack([np.ones(30), x])
    fitted = design @ np.linalg.lstsq(design, np.log(w), rcond=None)[0]
    np.testing.assert_allclose(fitted, np.log(w), atol=1e-9)


def test_a_target_beyond_all_controls_is_refused_by_name():
    with pytest.raises(WatchError, match=r"`income`.*between"):
        calibrate(np.random.default_rng(0).uniform(size=(9, 2)), np.array([0.5, 3]), names=("age", "income"))


def test_a_target_within_each_range_but_outside_their_hull_is_refused():
    line = np.linspace(0, 1, 20)
    with pytest.raises(WatchError, match="No positive weights"):
        calibrate(np.column_stack([line, line]), np.array([0.1, 0.9]))


@pytest.mark.parametrize("seed", range(5))
def test_simplex_weights_cannot_be_improved(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(15, 30)), rng.normal(size=15)
    w = simplex(a, b, 0.5)
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1)
    slope = a.T @ (a @ w - b) + 0.5 * w
    used = w > 0
    assert np.ptp(slope[used]) < 1e-7, "used weights have the same slope"
    assert (slope[~used] >= slope[used].mean() - 1e-7).all(), "and no unused one a better"


def test_synthetic_differences_equal_another_library():
    told = oracle("synthetic")
    found = synthetic(prop99(), errors="none")
    assert found.effect == pytest.approx(told["sdid"], abs=0.005)
    ours = dict(zip(found.controls, found.unit_weights, strict=True))
    assert max(abs(ours[name] - told["unit_weights"].get(name, 0.0)) for name in ours) < 0.005


def test_effective_number_of_equal_weights_is_their_number():
    assert effective_number(np.full(7, 0.3)) == pytest.approx(7)
    assert synthetic(prop99(), method="did", errors="none").effective_controls == pytest.approx(38)
    assert synthetic(prop99(), method="sc", errors="none").effective_controls < 5


def test_placebos_rank_the_effect():
    found = synthetic(prop99(), method="sc")
    assert len(found.placebos) == 38
    assert found.p == pytest.approx((1 + (np.abs(found.placebos) >= abs(found.effect)).sum()) / 39)
    assert found.low < found.effect < found.high


@pytest.mark.parametrize("method", ["did", "sdid"])
@pytest.mark.parametrize("errors", ["placebo", "jackknife"])
def test_a_known_effect_is_found(method, errors):
    found = synthetic(made(units=20, treated=4), method=method, errors=errors, draws=60)
    assert found.low < -3 < found.high
    assert found.high < 0


def test_the_same_seed_gives_the_same_placebos():
    one, two = (synthetic(made(), draws=20, seed=5) for _ in range(2))
    assert one.placebos.tolist() == two.placebos.tolist()
    assert one.placebos.tolist() != synthetic(made(), draws=20, seed=6).placebos.tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"treated": 8}, "none is left as a control"),
        ({"treated": 7}, "one control only"),
        ({"treated": 0}, "No unit is treated"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, said):
    with pytest.raises(WatchError, match=said):
        synthetic(made(**change))


def test_two_dates_are_sent_to_the_staggered_estimator():
    panel = made()
    with pytest.raises(WatchError, match="2 different dates"):
        synthetic(Panel(panel.units, panel.periods, panel.outcome, np.r_[7.0, panel.first[1:]]))


def test_too_few_periods_before():
    panel = made()
    with pytest.raises(WatchError, match="1 periods before"):
        synthetic(Panel(panel.units, panel.periods, panel.outcome, np.where(panel.first == 8, 1.0, NEVER)))


def test_a_synthetic_control_has_no_jackknife():
    with pytest.raises(WatchError, match="use placebos"):
        synthetic(made(), method="sc", errors="jackknife")
