"""One planned analysis as a whole: every diagnostic is there, other designs run, and a result is read back as it was."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brightline.watch.log import Log
from brightline.watch.plan_file import plan_of
from brightline.watch.problems import WatchError
from brightline.watch.result import Result, read_result, read_scan
from brightline.watch.run import Standing, run, standing
from brightline.watch.series import Series
from tests.watch.invented import AT, counts, loaded, plan, series, told

PLANNED = Standing(True, "", 3)


@pytest.fixture(scope="module")
def jump() -> Result:
    others = [series(counts(seed=s), name=f"other {s}") for s in (5, 6, 7)]
    whole = series(counts(10.7) + 4 * counts(seed=9), name="all")
    controls = [{"series": o.name} for o in others]
    made = plan(controls=controls, secondary=[{"estimator": "binomial_ratio", "denominator": "all"},
                                              {"estimator": "controlled_its", "control": "other 5"},
                                              {"estimator": "sdid"}])  # fmt: skip
    return run(made, loaded(series(counts(10.7)), whole, *others), standing=PLANNED, version="1.0")


def test_a_tenfold_jump_rose_with_an_honest_interval(jump: Result) -> None:
    assert jump.answer == "rose" and jump.label == "PLANNED" and jump.exit_code == 0
    assert jump.primary is not None and jump.primary.low is not None and jump.primary.high is not None
    assert jump.primary.low < 10.7 < jump.primary.high
    assert jump.primary.method == "placebo-t"


def test_every_diagnostic_is_printed(jump: Result) -> None:
    missing = [f.name for f in fields(jump.diagnostics) if getattr(jump.diagnostics, f.name) is None]
    assert missing == []
    assert (jump.diagnostics.before, jump.diagnostics.after) == (AT, 8)
    assert jump.diagnostics.analyses_so_far == 3
    assert jump.diagnostics.base_count == pytest.approx(8 * 200, rel=0.1)


def test_the_forest_has_every_specification(jump: Result) -> None:
    names = [e.name for e in jump.forest]
    assert names[0] == "primary"
    assert set(names) >= {
        "trend_spline", "no_trend", "ar1", "local_level", "leave_one_out", "drop_last", "negative_control", "placebo_units",
        "binomial_ratio", "controlled_its", "sdid",
    }  # fmt: skip
    controlled = next(e for e in jump.forest if e.name == "controlled_its")
    assert controlled.ratio == pytest.approx(10.7, rel=0.15)
    assert next(e for e in jump.forest if e.name == "sdid").ratio == pytest.approx(10.7, rel=0.15)


def test_the_counterfactual_has_a_band_after_the_date_only(jump: Result) -> None:
    before, after = jump.points[AT - 1], jump.points[AT]
    assert before.expected is None and not before.after and before.fitted is not None
    assert after.after and after.low is not None and after.high is not None and after.count is not None
    assert after.low < after.high < after.count


def test_the_data_date_the_change_themselves(jump: Result) -> None:
    (change,) = jump.changes
    assert change.low <= date(2025, 5, 1) <= change.high
    assert sum(change.probability) == pytest.approx(1.0, abs=1e-6)
    assert change.after / change.before == pytest.approx(10.7, rel=0.15)
    assert len(change.days) == len(change.probability)


def test_placebos_events_bounds_and_weights_are_there(jump: Result) -> None:
    assert jump.placebos is not None and len(jump.placebos.days) == len(jump.placebos.z)
    assert all(day < date(2025, 5, 1) for day in jump.placebos.days)
    assert jump.events is not None and [f.mbar for f in jump.events.fan] == [0, 0.5, 1, 1.5, 2]
    assert all(p.band_low <= p.low <= p.ratio <= p.high <= p.band_high for p in jump.events.points)
    assert jump.events.breakdown is not None and jump.events.breakdown > 1
    assert jump.weights is not None and sum(w.weight for w in jump.weights.rows) == pytest.approx(1, abs=1e-4)


def test_a_result_is_read_back_as_it_was(jump: Result) -> None:
    assert read_result(jump.as_json()) == jump


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"id": 3}'])
def test_what_is_no_result_is_a_sentence(text: str) -> None:
    for read in (read_result, read_scan):
        with pytest.raises(WatchError, match="This is no"):
            read(text)


def test_the_same_plan_and_data_give_the_same_numbers(jump: Result) -> None:
    one, two = (run(plan(), loaded(series(counts(2.0))), standing=PLANNED) for _ in range(2))
    assert replace(one, made="") == replace(two, made="")


# --- what is left out


def test_late_and_partial_periods_are_left_out_and_said() -> None:
    values = counts()
    values[-2:] = 3.0  # not yet all in
    made = series(values, partial=frozenset({AT + 2}))
    result = run(plan(data__lag_rule="drop_last_2"), loaded(made), standing=PLANNED)
    assert (result.diagnostics.late_periods, result.diagnostics.partial_periods, result.diagnostics.after) == (2, 1, 5)
    assert [p.note for p in result.points[-2:]] == ["late", "late"] and result.points[AT + 2].note == "partial"
    assert result.answer == "no change larger than"


def test_the_lag_rule_counts_from_the_end_of_the_data() -> None:
    longer = series(np.append(counts(), [210.0, 190.0, 5.0]))
    result = run(plan(data__lag_rule="drop_last_3"), loaded(longer), standing=PLANNED)
    assert result.diagnostics.late_periods == 0 and result.diagnostics.after == 8


def test_a_source_that_still_grows_is_flagged() -> None:
    result = run(plan(), loaded(series(counts(), lag=2)), standing=PLANNED)
    assert [f.code for f in result.flags if f.code == "lag"] == ["lag"]


def test_periods_between_before_and_after_are_left_out() -> None:
    result = run(plan(data__post=["2025-06", "2025-12"]), loaded(series(counts(3.0))), standing=PLANNED)
    assert result.points[AT].note == "between" and result.diagnostics.after == 7


# --- standing


def test_an_outcome_that_was_seen_is_exploratory(tmp_path: Path) -> None:
    made = loaded(series(counts()))
    log = Log(tmp_path / "log.jsonl")
    blind, seen = plan(), plan(data__outcome_seen=True)
    known = plan_of(told(data__snapshot_sha256_seen=made.sha256))
    for one in (blind, seen, known):
        log.register(one, "1.0")
    log.begin(blind, "1.0")
    assert standing(blind, log, made) == Standing(True, "", 1, str(log.path))
    assert standing(seen, log, made).why == "why_seen"
    assert standing(known, log, made).why == "why_snapshot"
    assert standing(plan(id="never-logged"), log, made).why == "why_no_log"


def test_a_file_that_was_scanned_before_the_plan_is_exploratory(tmp_path: Path) -> None:
    made = loaded(series(counts()))
    log = Log(tmp_path / "log.jsonl")
    early, late = plan(), plan(id="late")
    log.register(early, "1.0")
    log.scanned(["1" * 64], "1.0")  # another file
    log.scanned(["0" * 64], "1.0")
    log.register(late, "1.0")
    assert standing(early, log, made).planned
    assert standing(late, Log(tmp_path / "log.jsonl"), made).why == "why_scanned"


def test_a_run_that_was_broken_off_counts_as_seen(tmp_path: Path) -> None:
    """A process that is killed logs no end: nobody can say what it had shown."""
    made = loaded(series(counts()))
    log = Log(tmp_path / "log.jsonl")
    unread = log.begin(plan(id="unread"), "1.0")
    log.end(unread, plan(id="unread"), "1.0", "refused", reason="no such file")
    log.register(plan(id="second"), "1.0")
    assert standing(plan(id="second"), log, made).planned
    log.begin(plan(id="second"), "1.0")
    log.register(plan(id="third"), "1.0")
    assert standing(plan(id="third"), log, made).why == "why_analysed"


def test_the_data_hash_is_of_the_counts_and_not_of_the_order() -> None:
    a, b = series(counts(), name="a"), series(counts(seed=2), name="b")
    assert loaded(a, b).sha256 == loaded(b, a).sha256
    changed = a.values.copy()
    changed[5] += 1
    assert loaded(replace(a, values=changed), b).sha256 != loaded(a, b).sha256


# --- units


def units(effect: float, n: int = 24, exposed: int = 12, seed: int = 0) -> list[Series]:
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        ratio = effect if i < exposed else 1.0
        made.append(series(counts(ratio, mean=rng.uniform(60, 120), seed=100 + i), "calls", f"U{i}"))
    return made


def unit_plan(**primary: Any) -> Any:
    return plan_of(told(primary=primary, data__series="calls", hypothesis__direction="either"))


def test_staggered_dates_are_compared_with_those_not_yet_begun() -> None:
    dates = {f"U{i}": date(2025, 5, 1) if i < 6 else date(2025, 8, 1) for i in range(12)}
    rng = np.random.default_rng(1)
    made = []
    for i in range(24):
        start = AT if i < 6 else AT + 3
        values = rng.poisson(80 * np.where((np.arange(128) >= start) & (i < 12), 1.5, 1.0)).astype(float)
        made.append(series(values, "calls", f"U{i}"))
    result = run(unit_plan(estimator="callaway_santanna", dates=dates), loaded(*made), standing=PLANNED)
    assert result.primary is not None and result.primary.ratio == pytest.approx(1.5, abs=0.1)
    assert result.answer == "rose" and result.events is not None
    assert any(f.code == "forbidden" for f in result.flags)
    span = result.diagnostics.leave_one_out
    assert span is not None and 1.35 < span[0] <= result.primary.ratio <= span[1] < 1.65
    assert result.diagnostics.drop_last == pytest.approx(1.5, abs=0.1)


def test_units_with_an_exposure_are_told_by_randomisation() -> None:
    exposed = [f"U{i}" for i in range(12)]
    result = run(
        unit_plan(estimator="ppml_event_study", exposed=exposed, block=4), loaded(*units(1.6)), standing=PLANNED
    )
    assert result.answer == "rose" and result.primary is not None
    assert result.primary.method == "randomisation over units"
    assert result.events is not None and result.events.randomised_p is not None and result.events.randomised_p < 0.05


def test_units_weighted_by_a_synthetic_control_are_left_out_in_turn() -> None:
    exposed = [f"U{i}" for i in range(6)]
    result = run(unit_plan(estimator="sdid", exposed=exposed), loaded(*units(1.6, exposed=6)), standing=PLANNED)
    span = result.diagnostics.leave_one_out
    assert result.answer == "rose" and result.label == "PLANNED"
    assert result.primary is not None and result.primary.ratio is not None
    assert span is not None and 1.4 < span[0] <= result.primary.ratio <= span[1] < 1.9
    assert result.diagnostics.drop_last == pytest.approx(1.6, abs=0.2)


def test_a_comparison_that_rests_on_one_unit_is_fragile() -> None:
    """One of two exposed units rose thirtyfold and the other stood still."""
    made = units(1.0)
    made[0] = series(counts(30.0, mean=80, seed=100), "calls", "U0")
    result = run(unit_plan(estimator="sdid", exposed=["U0", "U1"]), loaded(*made), standing=PLANNED)
    assert result.label == "FRAGILE" and "U0" in result.headline
    span = result.diagnostics.leave_one_out
    assert span is not None and span[0] < 1.3 and span[1] > 20


def test_a_unit_without_an_exposure_is_unknown_and_not_zero() -> None:
    with pytest.raises(WatchError, match="unknown is not zero"):
        run(unit_plan(estimator="ppml_event_study", exposure={"U0": 0.5}), loaded(*units(1.0, 6, 3)), standing=PLANNED)


def test_a_precinct_below_a_closed_gate_is_not_tested() -> None:
    gates = {"North": "city", "South": "city", "P1": "North", "P2": "North", "P3": "South", "P4": "South"}
    made = [series(counts(3.0 if p in ("city", "North", "P1") else 1.0, seed=k, mean=300), place=p)
            for k, p in enumerate(["city", "North", "South", "P1", "P2", "P3", "P4"])]  # fmt: skip
    result = run(plan(multiplicity={"gates": gates}, data__place="city"), loaded(*made), standing=PLANNED)
    told_ = {g.name: g for g in result.gates}
    assert told_["North"].found and not told_["South"].found
    assert told_["P1"].found and not told_["P3"].tested and told_["P3"].adjusted is None


def test_exposure_counts_people_and_never_what_followed() -> None:
    chain = {"factors": [{"name": "people per summons", "low": 0.8, "middle": 0.9, "high": 1.0, "source": "invented"},
                         {"name": "share", "low": 0.1, "middle": 0.2, "high": 0.3, "source": "invented"}]}  # fmt: skip
    result = run(plan(exposure=chain), loaded(series(counts(10.7))), standing=PLANNED)
    assert result.exposure is not None and 0 < result.exposure.low < result.exposure.middle < result.exposure.high
    assert "deport" not in result.exposure.sentence
