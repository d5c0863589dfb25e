"""For whom: each group's share of the counts, together with those of whom nobody wrote the group down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brightline.watch.gather import load
from brightline.watch.plan_file import PlanError, plan_of
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from tests.watch.invented import AT, PERIODS, loaded, plan, series, told

PLANNED = Standing(True, "", 1)
BESIDE = [{"estimator": "composition", "units": "by group"}]


def groups(ratio: float, seed: int = 4) -> dict[str, np.ndarray]:
    """Three groups of about 60, 120 and 20 a month; from AT on the first is multiplied."""
    rng = np.random.default_rng(seed)
    after = np.arange(PERIODS) >= AT
    return {
        "A": rng.poisson(60 * np.where(after, ratio, 1.0)).astype(float),
        "B": rng.poisson(np.full(PERIODS, 120.0)).astype(float),
        "not recorded": rng.poisson(np.full(PERIODS, 20.0)).astype(float),
    }


def ran(made: dict[str, np.ndarray], **changes: Any) -> Result:
    whole = series(np.sum(list(made.values()), axis=0))
    parts = [series(values, name="by group", group=name) for name, values in made.items()]
    return run(plan_of(told(secondary=BESIDE, **changes)), loaded(whole, *parts), standing=PLANNED)


def lines(result: Result) -> dict[str, Any]:
    return {e.series: e for e in result.forest if e.name == "composition"}


def test_the_group_that_rose_is_the_one_that_is_told() -> None:
    result = ran(groups(3.0))
    found = lines(result)
    assert "For whom: these groups became a larger share of all: A." in result.sentences
    assert any(
        s.startswith("These became a smaller share") and s.endswith(": B, not recorded.") for s in result.sentences
    )
    assert set(found) == {"A", "B", "not recorded"}
    assert found["A"].ratio == pytest.approx(3.0, rel=0.1) and found["A"].adjusted < 0.05
    assert found["B"].ratio < 1  # what is not A has a smaller share of a larger whole


def test_a_rise_of_all_alike_moves_no_share() -> None:
    made = {name: np.where(np.arange(PERIODS) >= AT, np.round(3 * v), v) for name, v in groups(1.0).items()}
    result = ran(made)
    assert result.answer == "rose"
    assert any(s.startswith("For whom: no group clearly moved") for s in result.sentences)
    assert all(e.ratio == pytest.approx(1.0, abs=0.15) and e.adjusted > 0.05 for e in lines(result).values())


def test_the_groups_are_adjusted_together() -> None:
    found = lines(ran(groups(1.0)))
    p = sorted(e.p for e in found.values())
    assert min(e.adjusted for e in found.values()) >= p[0]
    assert [e.adjusted for e in found.values() if e.p == p[-1]] == pytest.approx([p[-1]])


def test_a_group_of_very_few_is_not_told_by_itself() -> None:
    made = groups(1.0)
    made["C"] = np.zeros(PERIODS)
    made["C"][::20] = 1
    result = ran(made)
    assert "C" not in lines(result)
    assert any(f.code == "few_in_group" and "C" in f.sentence for f in result.flags)


def test_one_group_alone_is_noted_and_the_rest_stands() -> None:
    result = run(
        plan(secondary=BESIDE), loaded(series(groups(3.0)["A"]), series(groups(3.0)["A"], name="by group", group="A")),
        standing=PLANNED,
    )  # fmt: skip
    assert result.answer == "rose" and not lines(result)
    assert any("needs two" in f.sentence for f in result.flags if f.code == "not_run")


def test_it_is_no_primary_analysis() -> None:
    with pytest.raises(PlanError, match="write it under `secondary`"):
        plan_of(told(primary={"estimator": "composition", "units": "by group"}))


def test_groups_are_read_from_a_file_and_the_unrecorded_are_one(tmp_path: Path) -> None:
    rows = ["apprehension_date,apprehension_state,apprehension_method,apprehension_criminality"]
    for month in range(1, 13):
        for day in range(1, 29):
            for group, times in (("Convicted", 2), ("Pending", 1), ("", 1)):
                rows += [f"2025-{month:02d}-{day:02d},NEW YORK,CAP,{group}"] * times
    (tmp_path / "arrests.csv").write_text("\n".join(rows))
    source = {"files": ["arrests.csv"], "level": "state", "place": "NEW YORK"}
    made = plan_of(
        told(
            sources={
                "summonses": source,
                "by group": {**source, "each_group": True},
                "convicted": {**source, "group": "conv"},
            }
        )
    )
    found = load(made, tmp_path)
    told_ = {s.group: s.values.tolist() for s in found.named("by group")}
    assert told_ == {"Convicted": [56.0] * 12, "Pending": [28.0] * 12, "not recorded": [28.0] * 12}
    assert found.one("convicted").values.tolist() == [56.0] * 12
