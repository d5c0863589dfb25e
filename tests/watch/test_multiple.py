"""Many tests: adjustments equal to statsmodels, and gates that stay shut below what was not found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.multiple import Unit, adjusted, gatekeep

FIGURES = json.loads((Path(__file__).parent / "oracle" / "figures.json").read_text())
P = np.array([0.001, 0.8, 0.012, 0.03, 0.041, 0.2, 0.049, 0.0004])


@pytest.mark.parametrize("method", ["BH", "BY"])
def test_equal_to_statsmodels(method: str) -> None:
    np.testing.assert_allclose(adjusted(P, method), FIGURES[method], rtol=1e-12)


def test_what_was_not_tested_does_not_count() -> None:
    told = adjusted(np.r_[np.nan, P, np.nan])
    assert np.isnan(told[[0, -1]]).all()
    np.testing.assert_allclose(told[1:-1], FIGURES["BH"], rtol=1e-12)


def test_a_precinct_below_a_closed_gate_is_not_tested() -> None:
    units = [
        Unit("city", 0.01),
        Unit("Bronx", 0.004, "city"),
        Unit("Queens", 0.4, "city"),
        Unit("040", 0.02, "Bronx"),
        Unit("041", float("nan"), "Bronx"),
        Unit("100", 0.0001, "Queens"),
    ]
    told = gatekeep(units)
    assert told.found == ["city", "Bronx", "040"]
    by_name = {gate.name: gate for gate in told.gates}
    assert not by_name["100"].tested and np.isnan(by_name["100"].adjusted)
    assert not by_name["041"].tested and not by_name["041"].found
    assert [(level.units, level.tested, level.found) for level in told.levels] == [(1, 1, 1), (2, 2, 1), (3, 1, 1)]
    assert told.levels[1].by_chance == pytest.approx(0.1)


def test_nothing_is_found_below_a_city_that_did_not_change() -> None:
    assert gatekeep([Unit("city", 0.3), Unit("Bronx", 1e-9, "city")]).found == []


def test_gates_keep_false_findings_rare_when_nothing_happened() -> None:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(300):
        units = [Unit("city", rng.uniform())] + [Unit(str(i), rng.uniform(), "city") for i in range(70)]
        wrong += bool(gatekeep(units).found)
    assert wrong / 300 <= 0.09


@pytest.mark.parametrize(
    "units, says",
    [
        ([Unit("a", 0.1), Unit("a", 0.2)], "named twice"),
        ([Unit("a", 0.1, "b")], "no p-value of its own"),
        ([Unit("a", 0.1, "b"), Unit("b", 0.1, "a")], "lies in itself"),
        ([Unit("a", 1.5)], "between 0 and 1"),
    ],
)
def test_a_tree_that_is_none_is_a_sentence(units: list[Unit], says: str) -> None:
    with pytest.raises(WatchError, match=says):
        gatekeep(units)
