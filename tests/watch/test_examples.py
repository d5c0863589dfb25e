"""The shipped examples give the answers that their data bear, no more, in words that people can read."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from brightline.watch import page
from brightline.watch.gather import load
from brightline.watch.plan_file import read_plan
from brightline.watch.result import Result
from brightline.watch.run import run
from tests.watch.reading import age

EXAMPLES = Path(str(files("brightline.watch") / "examples"))
ANSWERS = {
    "cyclists-2025": "could not be told",
    "cyclists-2014": "refused",
    "detainers-new-york-2014": "could not be told",
    "jail-arrests-california-2018": "fell",
    "arrest-forms-washington-2025": "could not be told",
    "agreements-287g-2025": "rose",
    **{
        f"calls-los-angeles-{month}": "could not be told"
        for month in ("2017-02", "2017-05", "2017-09", "2018-02", "2018-06", "2018-09")
    },
}


@cache
def result(name: str) -> Result:
    plan = read_plan(EXAMPLES / f"{name}.yaml")
    return run(plan, load(plan, EXAMPLES))


def test_each_shipped_plan_is_tested_here() -> None:
    assert {p.stem for p in EXAMPLES.glob("*.yaml")} == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_example_gives_the_answer_that_its_data_bear(name: str) -> None:
    assert result(name).answer == ANSWERS[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_no_example_says_that_a_policy_was_the_cause(name: str) -> None:
    assert result(name).words == "coincides"


@pytest.mark.parametrize("name", ANSWERS)
def test_whoever_has_seen_the_counts_explores(name: str) -> None:
    found = result(name)
    assert not found.planned
    assert found.label == ("FRAGILE" if name == "cyclists-2025" else "EXPLORATORY")  # one quarter after is one too few
    assert f'<p class="word">{found.label}</p>' in page.html(found, [])


@pytest.mark.parametrize("name", ANSWERS)
def test_the_summary_of_an_example_reads_at_sixteen(name: str) -> None:
    assert age(result(name).sentences) <= 16


@pytest.mark.parametrize("name", [n for n in ANSWERS if n.startswith("calls")])
def test_calls_in_los_angeles_could_have_shown_only_a_larger_fall_than_any_that_was_seen(name: str) -> None:
    found = result(name)
    assert found.primary is not None and found.primary.ratio is not None and found.diagnostics.mde is not None
    assert abs(math.log(found.primary.ratio)) < math.log(found.diagnostics.mde)
    assert found.primary.p is not None and found.primary.p > 0.1


def test_two_published_numbers_bear_a_wide_interval_and_not_a_narrow_one() -> None:
    (two,) = [e for e in result("cyclists-2025").forest if e.name == "two_counts"]
    assert two.role == "secondary"
    assert two.ratio == pytest.approx(10.7, abs=0.05)
    assert two.low == pytest.approx(4.7, abs=0.1)
    assert two.high == pytest.approx(24.3, abs=0.3)
    assert "10.7 times, but anything from 4.71 to 24.3 times fits" in page.html(result("cyclists-2025"), [])


def test_the_fall_of_2014_is_refused_as_a_change_of_form() -> None:
    (refusal,) = result("cyclists-2014").refusals
    assert refusal.rule == 7
    assert "traffic ticket" in refusal.reason


def test_the_date_of_the_fall_in_new_york_is_found_without_being_told() -> None:
    change = result("detainers-new-york-2014").changes[-1]
    assert change.mode.isoformat() == "2014-12-15"
    assert (change.low.isoformat(), change.high.isoformat()) <= ("2014-12-15", "2015-01-31")
    assert change.low <= change.mode <= change.high


def test_missing_quarters_are_left_out_and_told() -> None:
    found = result("cyclists-2025")
    assert found.diagnostics.missing_periods == 6
    assert [p.count for p in found.points if p.note == "missing"] == [None] * 6
