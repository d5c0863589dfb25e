"""Place by place: each with its own denominator and definitions, below the primary test, and with intervals that cover."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from brightline.watch.placebo import Placebo
from brightline.watch.places import drawn, shared, shrunk, spread, together
from brightline.watch.problems import WatchError
from brightline.watch.result import Gate, Result
from brightline.watch.run import Standing, run
from brightline.watch.series import DefinitionChange, Series
from brightline.watch.single import Setting
from tests.watch.invented import AT, PERIODS, counts, loaded, plan, series

PLANNED = Standing(True, "", 3)
SETTING = Setting(60, 60, 5, "linear", 1, (12.0,), 0.95, None, None)
GATES = {"P1": "City", "P2": "City"}
PEOPLE = 1000 * np.where(np.arange(PERIODS) >= AT, 2.0, 1.0)


def gates_of(*made: Series, gates: dict[str, str] = GATES, **changes: Any) -> dict[str, Gate]:
    return {g.name: g for g in result_of(*made, gates=gates, **changes).gates}


def result_of(*made: Series, gates: dict[str, str] | None = None, **changes: Any) -> Result:
    told = {"data__place": "City", **changes}
    if gates:
        told["multiplicity__gates"] = gates
    return run(plan(**told), loaded(*made), standing=PLANNED)


def city(rates: dict[str, np.ndarray], **facts: Any) -> list[Series]:
    """Counts of these places and of the city that they make up."""
    rng = np.random.default_rng(4)
    parts = {name: rng.negative_binomial(60, 60 / (60 + rate)).astype(float) for name, rate in rates.items()}
    return [series(np.sum(list(parts.values()), axis=0), place="City", **facts)] + [
        series(values, place=name, **facts) for name, values in parts.items()
    ]


def flat(*names: str, mean: float = 60.0) -> dict[str, np.ndarray]:
    return {name: np.full(PERIODS, mean) for name in names}


def found(b: np.ndarray, error: np.ndarray, rng: np.random.Generator, common: float = 0.0) -> Placebo:
    """Steps with these errors, and 40 fake ones: `common` is the standard deviation that all places share."""
    k = len(b)
    fake = np.sqrt(error**2 - common**2)[:, None] * rng.normal(size=(k, 40)) + common * rng.normal(size=40)
    many = np.full(k, 60.0)
    return Placebo(
        at=AT, before=60, after=8, fake_dates=np.arange(40), log_ratio=b, model_error=error, fake_z=fake / error[:, None],
        scale=np.ones(k), df=many, rho=np.zeros(k), dispersion=np.ones(k), moderated=True,
    )  # fmt: skip


# --- intervals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("places", [3, 5, 8, 20])
@pytest.mark.parametrize("apart", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_intervals_hold_the_true_ratios_however_far_these_lie_apart(places: int, apart: float) -> None:
    rng = np.random.default_rng(places)
    held = []
    for _ in range(1600 // places):
        error = rng.uniform(0.06, 0.2, places)
        true = rng.normal(0.4, apart, places)
        _, low, high = shrunk(found(true + error * rng.normal(size=places), error, rng), np.ones(places), 0.95)
        held += ((low <= np.exp(true)) & (np.exp(true) <= high)).tolist()
    assert np.mean(held) >= 0.93


@pytest.mark.parametrize("apart", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_intervals_of_eight_precincts_cover_from_the_counts_on(apart: float) -> None:
    rng = np.random.default_rng(9)
    held = []
    for _ in range(100):
        true = np.exp(rng.normal(np.log(1.5), apart, 8))
        rate = 60 * np.where(np.arange(PERIODS) >= AT, true[:, None], 1.0)
        table = rng.negative_binomial(60, 60 / (60 + rate)).astype(float)
        _, low, high = shrunk(together(table, AT, SETTING, np.zeros_like(table)), np.ones(8), 0.95)
        held += ((low <= true) & (true <= high)).tolist()
    assert np.mean(held) >= 0.93


@pytest.mark.parametrize("apart", [0.0, 0.1, 0.4])
def test_what_moves_all_places_together_is_not_averaged_away(apart: float) -> None:
    rng = np.random.default_rng(3)
    held, error, common = [], np.full(20, 0.12), 0.1
    for _ in range(400):
        true = rng.normal(0.4, apart, 20)
        own = np.sqrt(error**2 - common**2) * rng.normal(size=20)
        one = found(true + own + common * rng.normal(), error, rng, common)
        _, low, high = shrunk(one, np.ones(20), 0.95)
        held.append(((low <= np.exp(true)) & (np.exp(true) <= high)).mean())
    assert np.mean(held) >= 0.92


def test_the_common_variance_is_found_in_the_fake_dates() -> None:
    rng = np.random.default_rng(1)
    error, all_ = np.full(12, 0.12), np.ones(12, dtype=bool)
    told = [[shared(found(np.zeros(12), error, rng, common), all_) for _ in range(60)] for common in (0.0, 0.06, 0.1)]
    assert np.mean(told, axis=1) == pytest.approx([0.0, 0.06**2, 0.1**2], abs=6e-4)


def test_an_interval_is_never_longer_than_the_places_own() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        error = rng.uniform(0.05, 0.4, 6)
        one = found(rng.normal(0, 0.3, 6), error, rng)
        low, high = one.interval()
        _, shrunk_low, shrunk_high = shrunk(one, np.ones(6), 0.95)
        assert (np.log(shrunk_high / shrunk_low) <= np.log(high / low) + 1e-12).all()


def test_a_ratio_is_drawn_within_its_level_and_of_three_places_none_is() -> None:
    rng = np.random.default_rng(5)
    b = np.array([0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2])
    one = found(b, np.full(7, 0.2), rng)
    middle, low, high = shrunk(one, np.array([1, 1, 1, 1, 2, 2, 2]), 0.95)
    assert (np.abs(np.log(middle[:4]) - 0.15) < np.abs(b[:4] - 0.15)).all()
    assert middle[4:] == pytest.approx(np.exp(b[4:]))
    assert (low[4:], high[4:]) == (pytest.approx(one.interval()[0][4:]), pytest.approx(one.interval()[1][4:]))


def test_a_place_without_an_estimate_stays_unknown_and_moves_no_other() -> None:
    rng = np.random.default_rng(6)
    b, error = np.array([0.0, 0.1, 0.2, 0.3]), np.full(4, 0.2)
    one = found(b, error, rng)
    gap = replace(one, log_ratio=np.append(b, np.nan), model_error=np.append(error, np.nan), scale=np.ones(5),
                  df=np.full(5, 60.0), fake_z=np.vstack([one.fake_z, np.full(40, np.nan)]))  # fmt: skip
    for whole, with_gap in zip(shrunk(one, np.ones(4), 0.95), shrunk(gap, np.ones(5), 0.95), strict=True):
        assert with_gap[:4] == pytest.approx(whole) and np.isnan(with_gap[4])


def test_equal_variances_give_the_closed_form_of_morris() -> None:
    b, v = np.array([0.1, 0.5, -0.4, 0.9, 0.2, -0.6]), 0.04
    square = ((b - b.mean()) ** 2).sum()
    assert spread(b, np.full(6, v)) == pytest.approx(square / 5 - v)
    pull = 3 * v / square
    middle, variance = drawn(b, np.full(6, v))
    assert middle == pytest.approx(b - pull * (b - b.mean()))
    assert variance == pytest.approx(v * (1 - 5 / 6 * pull) + 2 / 3 * pull**2 * (b - b.mean()) ** 2)


def test_degrees_of_freedom_are_no_more_than_the_places_have_together() -> None:
    rng = np.random.default_rng(7)
    apart = rng.poisson(60, (5, PERIODS)).astype(float)
    wave = np.zeros(PERIODS)
    for t in range(1, PERIODS):
        wave[t] = 0.6 * wave[t - 1] + rng.normal(0, 0.2)
    alike = rng.poisson(60 * np.exp(wave), (5, PERIODS)).astype(float)
    df_apart, df_alike = (together(y, AT, SETTING, np.zeros_like(y)).df for y in (apart, alike))
    assert np.isfinite(df_apart).all() and (df_apart < 5 * 15).all()
    assert df_alike.max() < df_apart.max() / 2


# --- denominators and definitions -------------------------------------------------------------------------------


def test_where_twice_as_many_people_make_twice_as_many_events_no_place_rose() -> None:
    rates = {name: 60 * PEOPLE / 1000 for name in ("P1", "P2", "P3", "P4")}
    made = city(rates, exposure=PEOPLE)
    told = gates_of(*made, gates=dict.fromkeys(rates, "City"), primary__offset="exposure")
    for name in rates:
        assert told[name].ratio == pytest.approx(1.0, abs=0.2)
        assert not told[name].found


@pytest.mark.parametrize("way", ["exposure", "people", "definition"])
def test_of_two_places_each_is_told_as_if_it_were_the_primary(way: str) -> None:
    growing = {"City": PEOPLE, "P1": np.linspace(1000, 3000, PERIODS), "P2": PEOPLE[::-1].copy()}
    change = DefinitionChange(date(2022, 11, 1), "another form")
    facts: dict[str, Any] = {"definition_changes": (change,)} if way == "definition" else {}
    step = np.where(np.arange(PERIODS) >= 90, 2.0, 1.0) if way == "definition" else 1.0
    rise = np.where(np.arange(PERIODS) >= AT, 1.6, 1.0)
    made = city({n: 60 * r * step for n, r in zip(("P1", "P2"), (rise, np.ones(PERIODS)), strict=True)}, **facts)
    changes: dict[str, Any] = {"primary__offset": "none" if way == "definition" else way}
    if way == "exposure":
        made = [replace(one, exposure=growing[one.place]) for one in made]
    elif way == "people":
        made += [series(growing[n], name="people", place=n) for n in growing]
    else:
        changes["data__definition_changes"] = "model"
    told = gates_of(*made, **changes)
    for name in ("P1", "P2"):
        alone = result_of(*made, **changes, data__place=name).primary
        assert alone is not None and told[name].p == pytest.approx(alone.p)
        assert (told[name].ratio, told[name].low, told[name].high) == (
            pytest.approx(alone.ratio), pytest.approx(alone.low), pytest.approx(alone.high),
        )  # fmt: skip


def test_a_place_without_a_denominator_is_named() -> None:
    city_, one, two = city(flat("P1", "P2"))
    with pytest.raises(WatchError, match=r"`P2`.* denominator"):
        gates_of(replace(city_, exposure=PEOPLE), replace(one, exposure=PEOPLE), two, primary__offset="exposure")
    people = [series(PEOPLE, name="people", place=n) for n in ("City", "P1")]
    with pytest.raises(WatchError, match=r"`P2`.* denominator `people`"):
        gates_of(city_, one, two, *people, primary__offset="people")


def test_a_place_whose_definition_changed_and_is_not_modelled_stays_unknown() -> None:
    whole, one, two = city(flat("P1", "P2"))
    changed = replace(two, definition_changes=(DefinitionChange(date(2024, 11, 1), "another form"),))
    told = gates_of(whole, one, changed)
    assert told["P1"].ratio is not None
    assert (told["P2"].tested, told["P2"].p, told["P2"].ratio, told["P2"].low) == (False, None, None, None)


def test_a_place_with_two_populations_is_not_told_by_one_of_them() -> None:
    whole, one, two = city(flat("P1", "P2"))
    with pytest.raises(WatchError, match="different populations"):
        gates_of(whole, one, replace(two, group="bicycles"), replace(two, group="cars"))


# --- the root ---------------------------------------------------------------------------------------------------


def test_the_root_is_the_primary_analysis() -> None:
    names = ("P1", "P2", "P3", "P4", "P5")
    result = result_of(*city(flat(*names)), gates=dict.fromkeys(names, "City"))
    root = next(g for g in result.gates if g.name == "City")
    assert result.primary is not None
    assert (root.p, root.ratio, root.low, root.high) == (
        result.primary.p, result.primary.ratio, result.primary.low, result.primary.high,
    )  # fmt: skip
    assert root.found == (root.p is not None and root.p <= 0.05)


def test_the_root_opens_by_the_p_that_the_family_adjusted() -> None:
    names = ("P1", "P2", "P3")
    made = city({n: 60 * np.where(np.arange(PERIODS) >= AT, 1.25, 1.0) for n in names})
    whole = series(made[0].values + counts(seed=8, mean=800), name="all", place="City")
    result = result_of(
        *made, whole, gates=dict.fromkeys(names, "City"), multiplicity__method="BY",
        multiplicity__family=["primary", "binomial_ratio"],
        secondary=[{"estimator": "binomial_ratio", "denominator": "all"}],
    )  # fmt: skip
    root = next(g for g in result.gates if g.name == "City")
    assert result.primary is not None and result.primary.adjusted is not None and result.primary.p is not None
    assert result.primary.adjusted > result.primary.p
    assert (root.p, root.adjusted) == (result.primary.p, result.primary.adjusted)


def test_a_root_that_is_not_the_primarys_place_is_tested_by_itself() -> None:
    made = city(flat("P1", "P2", "P3"))
    told = gates_of(*made, gates={"P1": "City", "P2": "City"}, data__place="P3")
    assert told["City"].tested and told["City"].ratio is not None
