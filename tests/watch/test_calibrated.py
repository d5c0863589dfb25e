"""Many controls weighted to have moved as the treated one did: the weights, the plan's way to them, and what cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from brightline.watch.calibrated import weighted_control
from brightline.watch.plan_file import PlanError, plan_of
from brightline.watch.problems import WatchError
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from tests.watch.invented import AT, PERIODS, loaded, series, told

PLANNED = Standing(True, "", 1)
WEIGHTED = {"estimator": "controlled_its", "weights": "calibrated", "harmonics": 1}


def city(ratio: float, seed: int = 3, places: int = 12) -> np.ndarray:
    """Row 0 is treated. All share a shock after the date; half of the others drift up more than it does, half down."""
    rng = np.random.default_rng(seed)
    t = np.arange(PERIODS)
    slope = np.where(np.arange(places) % 2 == 0, 0.5, -0.3) + rng.normal(0, 0.1, places)
    slope[0] = 0.2
    bend = rng.normal(0, 0.15, places) * (np.arange(places) > 0)
    drift = slope[:, None] * (t - AT) / AT + bend[:, None] * np.sin(np.pi * t / AT)
    shock = np.where(t >= AT, 0.7, 1.0)
    size = rng.uniform(80, 900, (places, 1))
    rate = size * np.exp(drift) * shock
    rate[0] *= np.where(t >= AT, ratio, 1.0)
    return rng.negative_binomial(200, 200 / (200 + rate)).astype(float)


def ran(table: np.ndarray, **changes: Any) -> Result:
    others = [series(row, name=f"place {i}") for i, row in enumerate(table[1:], 1)]
    controls = [{"series": o.name} for o in others]
    changes = {"primary": WEIGHTED, "controls": controls, "hypothesis__direction": "either", **changes}
    return run(plan_of(told(**changes)), loaded(series(table[0]), *others), standing=PLANNED)


def test_weights_make_the_controls_move_as_the_treated_did() -> None:
    table = city(1.0)
    found = weighted_control(table[0], table[1:], AT)
    assert found.weights.weights.sum() == pytest.approx(1) and (found.weights.weights >= 0).all()
    for a, b in ((0, 30), (30, 60), (60, 90), (90, 120)):
        assert found.series[a:b].mean() / found.series[:AT].mean() == pytest.approx(
            table[0, a:b].mean() / table[0, :AT].mean(), rel=1e-6
        )
    assert found.series[:AT].mean() == pytest.approx(table[0, :AT].mean(), rel=1e-9)


def test_what_came_after_the_date_does_not_move_the_weights() -> None:
    one, other = city(1.0), city(1.0)
    other[:, AT:] *= np.arange(1, 13)[:, None]
    weights = [weighted_control(t[0], t[1:], AT).weights.weights for t in (one, other)]
    np.testing.assert_allclose(*weights)


def test_a_shock_that_all_share_is_not_told_as_the_policys() -> None:
    """All counts fell by three tenths; only against the weighted controls is there nothing left."""
    alone = ran(city(1.0), primary={"estimator": "its_quasipoisson", "harmonics": 1}, controls=[])
    assert alone.primary is not None and alone.primary.ratio == pytest.approx(0.7, abs=0.1)
    result = ran(city(1.0))
    assert result.primary is not None and result.primary.ratio == pytest.approx(1.0, abs=0.1)
    assert result.answer in ("could not be told", "no change larger than")


def test_a_rise_against_them_is_told_with_the_weights() -> None:
    result = ran(city(2.0))
    assert result.answer == "rose" and result.label == "PLANNED"
    assert "rose against the weighted controls" in result.headline
    assert not any(
        e.role == "control" for e in result.forest
    )  # together they are the control: none is a test by itself
    assert result.primary is not None and result.primary.ratio == pytest.approx(2.0, rel=0.1)
    assert result.weights is not None and "alike in 4 stretches" in result.weights.method
    assert sum(w.weight for w in result.weights.rows) == pytest.approx(1, abs=1e-2)
    assert (result.diagnostics.effective_controls or 0) > 1
    span = result.diagnostics.leave_one_out
    assert span is not None and 1.7 < span[0] <= result.primary.ratio <= span[1] < 2.3


def test_places_of_one_series_can_be_weighted_too() -> None:
    table = city(2.0)
    places = [series(row, place=f"P{i}") for i, row in enumerate(table)]
    primary = {**WEIGHTED, "units": "summonses"}
    result = run(
        plan_of(told(primary=primary, data__place="P0", hypothesis__direction="either")), loaded(*places), standing=PLANNED
    )  # fmt: skip
    assert result.answer == "rose" and result.weights is not None
    assert not any("P0" in w.unit for w in result.weights.rows)


def test_controls_that_all_moved_otherwise_are_a_sentence() -> None:
    table = city(1.0)
    against = table[[0, *range(1, 12, 2)]]  # only those that drift the other way
    with pytest.raises(WatchError, match="No weights can do it: in `2015-05-01 to"):
        ran(against)


@pytest.mark.parametrize("control", [{}, {"control": "other", "weights": "calibrated"}])
def test_one_control_or_many(control: dict[str, str]) -> None:
    with pytest.raises(PlanError, match="needs `control`"):
        plan_of(told(primary={"estimator": "controlled_its", **control}))


def test_one_control_alone_has_nothing_to_weigh() -> None:
    with pytest.raises(WatchError, match="fewer than two controls"):
        ran(city(1.0)[:2])


def test_a_claim_that_needs_one_control_to_be_made_at_all_is_fragile() -> None:
    """One control alone drifts up; without it no weights make the others move as the treated one did."""
    table = city(2.0)
    needed = table[[0, 2, *range(1, 12, 2)]]
    result = ran(needed)
    assert result.label == "FRAGILE" and "place 1" in result.headline
    assert result.answer == "could not be told"


def test_weights_beside_do_not_take_the_place_of_those_of_the_primary() -> None:
    table = city(2.0, places=24)
    beside = [{"estimator": "controlled_its", "weights": "calibrated"}]
    alone, both = ({"primary": {"estimator": "sdid"}, "secondary": more} for more in ([], beside))
    one, two = (ran(table, **changes) for changes in (alone, both))
    assert one.weights is not None and one.weights == two.weights
    assert one.diagnostics.effective_controls == two.diagnostics.effective_controls
    assert any(e.name == "controlled_its" for e in two.forest)
