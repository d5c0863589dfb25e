"""What a hostile expert would try in court: a claim from the wrong comparison, a name that claims, a control that is none.

Each test is an attempt that once went through.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brightline.watch import page
from brightline.watch.log import Log
from brightline.watch.plan import Plan
from brightline.watch.plan_file import PlanError
from brightline.watch.problems import WatchError
from brightline.watch.result import Result
from brightline.watch.run import Standing, run, standing
from brightline.watch.series import Series
from tests.watch.invented import AT, PERIODS, counts, loaded, plan, series, with_value

PLANNED = Standing(True, "", 1)
MONTHS, FROM = 48, 36
PEOPLE = {"factors": [{"name": "people per call", "low": 0.9, "middle": 0.95, "high": 1.0, "source": "invented"}]}


def units(rates: list[np.ndarray], name: str = "calls", size: float = 200.0, seed: int = 3) -> list[Series]:
    """Monthly counts of places U00, U01 … with these rates, four years from January 2021."""
    rng = np.random.default_rng(seed)
    made = [rng.negative_binomial(size, size / (size + rate)).astype(float) for rate in rates]
    return [series(y, name, f"U{i:02d}", start=date(2021, 1, 1)) for i, y in enumerate(made)]


def step(exposed: int, of: int, inside: float, outside: float = 1.0, level: float = 150.0) -> list[np.ndarray]:
    """Rates of `of` places, of which the first `exposed` move by the ratio `inside` in January 2024, the others by `outside`."""
    after = np.arange(MONTHS) >= FROM
    return [np.where(after, level * (inside if i < exposed else outside), level) for i in range(of)]


def panel(estimator: str = "ppml_event_study", exposed: int = 4, **changes: Any) -> Plan:
    told = {
        "data.series": "calls", "data.counted": "calls", "data.from": "2021-01", "data.pre_until": "2023-12",
        "data.post": ["2024-01", "2024-12"], "policy.date": date(2024, 1, 1), "policy.name": "an invented order",
        "question": "Did calls change?", "hypothesis.direction": "either", "hypothesis.smallest_effect_of_interest": 1.2,
        "primary": {"estimator": estimator, "exposed": [f"U{i:02d}" for i in range(exposed)]},
    }  # fmt: skip
    return plan({**told, **changes})


def flags(result: Result) -> set[str]:
    return {f.code for f in result.flags}


@pytest.mark.parametrize("estimator", ["ppml_event_study", "sdid"])
def test_nobody_is_newly_exposed_where_only_the_others_fell(estimator: str) -> None:
    result = run(panel(estimator, exposure=PEOPLE), loaded(*units(step(4, 20, 1.0, 0.5))), standing=PLANNED)
    assert result.primary is not None and result.primary.ratio == pytest.approx(2.0, rel=0.1)
    assert result.exposure is None and "no_people_rose" in flags(result)
    assert "against the others" in result.headline


def test_people_are_told_from_what_the_others_led_one_to_expect() -> None:
    result = run(panel(exposure=PEOPLE), loaded(*units(step(4, 20, 3.0, 1.5))), standing=PLANNED)
    # 4 places x 12 months x 150 calls, half as many again expected, twice that seen
    assert result.diagnostics.base_count == pytest.approx(4 * 12 * 150 * 1.5, rel=0.1)
    assert result.exposure is not None and result.exposure.middle == pytest.approx(4 * 12 * 150 * 1.5 * 0.95, rel=0.2)


def drifting() -> list[np.ndarray]:
    t = np.arange(MONTHS) - FROM
    return [120 * np.exp(-0.02 * t) if i < 6 else np.full(MONTHS, 120.0) for i in range(24)]


def test_a_clean_break_of_another_outcome_lifts_no_bound() -> None:
    calls, visits = units(drifting()), units(step(6, 24, 0.5), "visits", seed=4)
    alone = run(panel(exposed=6), loaded(*calls), standing=PLANNED)
    second = {"estimator": "ppml_event_study", "units": "visits", "exposed": [f"U{i:02d}" for i in range(6)]}
    beside = run(panel(exposed=6, secondary=[second]), loaded(*calls, *visits), standing=PLANNED)
    assert alone.answer == beside.answer == "could not be told"
    assert alone.diagnostics.breakdown_mbar == beside.diagnostics.breakdown_mbar
    assert not any("would have to move" in s for s in beside.sentences)


LONG = {"data.from": "2015-01", "data.pre_until": "2023-12", "data.post": ["2024-01", "2024-06"]}
LONG_AFTER = np.arange(114) >= 108


def long_units(exposed: int, of: int, ratio: float) -> list[Series]:
    """Nine years before the date and six months after it."""
    made = units([np.where(LONG_AFTER, 150.0 * (ratio if i < exposed else 1.0), 150.0) for i in range(of)])
    return [replace(one, start=date(2015, 1, 1)) for one in made]


def test_a_control_that_moved_is_seen_beside_a_comparison_of_units_too() -> None:
    halved = np.where(LONG_AFTER, 0.5, 1.0) * counts(mean=600.0, periods=114)
    accidents = series(np.round(halved), "accidents", "all", start=date(2015, 1, 1))
    control = {"series": "accidents", "role": "negative_control"}
    asked = panel(exposed=6, controls=[control], **LONG, **{"hypothesis.claim": "causal"})
    result = run(asked, loaded(*long_units(6, 24, 0.5), accidents), standing=PLANNED)
    assert result.answer == "fell" and result.words == "coincides"
    assert any("Accidents" in s and "moved as well" in s for s in result.sentences)
    assert any(r.rule == 1 and "accidents · all moved" in r.reason for r in result.refusals)


def test_a_control_with_too_little_history_has_not_stood_still() -> None:
    accidents = series(counts(mean=600.0, periods=MONTHS), "accidents", "all", start=date(2021, 1, 1))
    control = {"series": "accidents", "role": "negative_control"}
    asked = panel(exposed=6, controls=[control], **{"hypothesis.claim": "causal"})
    result = run(asked, loaded(*units(step(6, 24, 0.5)), accidents), standing=PLANNED)
    assert result.answer == "fell" and result.words == "coincides"
    assert any(r.rule == 1 and "accidents" in r.reason for r in result.refusals)


def test_a_measure_that_needs_no_report_has_to_be_there() -> None:
    asked = panel(controls=[{"series": "deaths", "role": "reporting_free"}], question="Did reporting of crime fall?",
                  **{"data.measures": "reported_crime"})  # fmt: skip
    with pytest.raises(WatchError, match="deaths"):
        run(asked, loaded(*units(step(4, 20, 0.5))), standing=PLANNED)


def test_an_uneven_control_has_not_stood_still() -> None:
    """It rose as much as the outcome, and its counts are too wild to show it: an unknown is not a no."""
    wild = series(counts(2.2, mean=30.0, size=1.2, seed=4), "warnings")
    asked = plan({"controls": [{"series": "warnings", "role": "negative_control"}], "hypothesis.claim": "causal"})
    result = run(asked, loaded(series(counts(2.2)), wild), standing=PLANNED)
    assert result.answer == "rose" and result.words == "coincides"
    assert any("too uneven to tell" in s for s in result.sentences)
    assert any(r.rule == 1 and "warnings" in r.reason for r in result.refusals)


def test_a_percentage_of_very_few_is_refused_for_units_too() -> None:
    few = units([np.where(np.arange(MONTHS) >= FROM, 0.7, 0.03) if i < 3 else np.full(MONTHS, 80.0) for i in range(20)])
    result = run(panel("sdid", 3), loaded(*few), standing=PLANNED)
    assert result.answer == "refused" and result.exit_code == 15


@pytest.mark.parametrize("estimator", ["ppml_event_study", "sdid"])
def test_one_wild_month_in_the_middle_makes_no_claim_of_units(estimator: str) -> None:
    rates = step(4, 24, 1.0)
    made = units(rates, size=2000.0)
    made[:4] = [with_value(one, FROM + 5, 6 * one.values[FROM + 5]) for one in made[:4]]
    result = run(panel(estimator), loaded(*made), standing=PLANNED)
    assert result.label == "FRAGILE" or result.answer == "could not be told"
    if result.label == "FRAGILE":
        assert "June 2024" in result.headline


def test_a_misspelt_unit_is_no_control() -> None:
    asked = panel("sdid", primary={"estimator": "sdid", "exposed": ["U00", "U1"]})
    with pytest.raises(WatchError, match="names the unit `U1`"):
        run(asked, loaded(*units(step(2, 12, 0.5))), standing=PLANNED)


def calibrated(*controls: tuple[str, str]) -> Plan:
    primary = {"estimator": "controlled_its", "weights": "calibrated", "harmonics": 1, "inference": "placebo_t"}
    named = [{"series": s, "place": p} for s, p in controls]
    return plan({"primary": primary, "controls": named, "data.place": "City"})


def test_a_series_is_not_its_own_control() -> None:
    places = [series(counts(1.6, seed=k), place=f"Precinct {k}") for k in range(3)]
    city = series(np.sum([p.values for p in places], axis=0), place="City")
    with pytest.raises(WatchError, match="add up to the series"):
        run(calibrated(*((p.name, p.place) for p in places)), loaded(city, *places), standing=PLANNED)
    with pytest.raises(WatchError, match="same counts as the series"):
        run(calibrated(("summonses", "City"), ("summonses", "Precinct 0")), loaded(city, *places), standing=PLANNED)


@pytest.mark.parametrize(
    ("part", "words", "rule"),
    [
        ("policy.name", "the raids, because of which people stayed at home", 1),
        ("data.counted", "Willingness of undocumented immigrants to report crime", 9),
        ("policy.name", "the raids, after which people stopped calling", 4),
    ],
)
def test_a_name_claims_nothing(part: str, words: str, rule: int) -> None:
    result = run(plan({part: words}), loaded(series(counts(0.4))), standing=PLANNED)
    assert result.answer == "refused"
    assert rule in {r.rule for r in result.refusals if r.whole}


@pytest.mark.parametrize("renamed", [{"data.series": "tickets"}, {"data.place": None}])
def test_another_name_for_the_same_rows_is_no_plan(renamed: dict[str, Any], tmp_path: Path) -> None:
    where = {"files": ["file.csv"], "place": ""}
    first = plan({"data.place": "Exampleville", "sources": {"summonses": where}})
    told = {"id": "again", "data.place": "Exampleville", "sources": {"summonses": where, "tickets": where}, **renamed}
    data = loaded(series(counts(3.0)), series(counts(3.0), "tickets"))
    book = Log(tmp_path / "log.jsonl")
    book.register(first, "1")
    number = book.begin(first, "1")
    book.end(number, first, "1", "done", data_sha256="a", files_sha256=[s.sha256 for s in data.sources])
    again = plan(told)
    book.register(again, "1")
    found = standing(again, book, data)
    assert (found.planned, found.why) == (False, "why_analysed")


def test_other_rows_of_a_file_are_another_question(tmp_path: Path) -> None:
    def of(name: str) -> Plan:
        return plan({"id": name, "data.series": name, "sources": {name: {"files": ["file.csv"], "offence": name}}})

    data = loaded(series(counts(3.0)))
    book = Log(tmp_path / "log.jsonl")
    book.register(of("theft"), "1")
    number = book.begin(of("theft"), "1")
    book.end(number, of("theft"), "1", "done", data_sha256="a", files_sha256=[s.sha256 for s in data.sources])
    book.register(of("assault"), "1")
    assert standing(of("assault"), book, data).planned


def test_a_group_that_moves_with_one_month_only_is_not_told() -> None:
    made = {name: counts(mean=60.0, seed=k, size=400.0) for k, name in enumerate("ABCD")}
    made["B"][AT + 3] *= 8
    parts = [series(y, "by group", group=name) for name, y in made.items()]
    whole = series(np.sum(list(made.values()), axis=0))
    asked = plan({"secondary": [{"estimator": "composition", "units": "by group"}]})
    result = run(asked, loaded(whole, *parts), standing=PLANNED)
    assert not any(s.startswith("For whom: these groups") for s in result.sentences)


def test_the_bounds_of_a_share_are_of_that_share() -> None:
    part, other = series(counts(1.8)), series(counts(1.0, mean=900.0, seed=5), "stops")
    primary = {"estimator": "controlled_its", "control": "stops", "harmonics": 1}
    alone = run(plan({"primary": primary}), loaded(part, other), standing=PLANNED)
    again = run(
        plan({"primary": primary, "controls": [{"series": "stops", "role": "negative_control"}]}), loaded(part, other),
        standing=PLANNED,
    )  # fmt: skip
    assert alone.events is not None and again.events is not None
    assert "stops" in alone.events.words
    assert alone.diagnostics.breakdown_mbar == again.diagnostics.breakdown_mbar


def test_a_month_that_is_left_out_is_left_out_of_the_fake_dates_too() -> None:
    made = long_units(4, 9, 1.0)
    # between before and after, and wild
    made[:4] = [with_value(one, 108, 9 * one.values[108]) for one in made[:4]]
    told = {**LONG, "data.post": ["2024-02", "2024-06"], "policy.date": date(2024, 1, 15)}
    result = run(panel(**told), loaded(*made), standing=PLANNED)
    one = result.primary
    assert one is not None and one.p is not None and one.low is not None and one.high is not None
    assert (one.p < 0.05) == (not one.low <= 1 <= one.high)
    assert result.answer == "could not be told" or result.answer.startswith("no change")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"primary": {"estimator": "controlled_its", "control": "stops", "offset": "people"}}, "`primary.offset` is not read"),
        ({"primary": {"estimator": "its_quasipoisson", "inference": "randomisation"}}, "does not offer"),
        ({"policy.other_dates": [date(2024, 1, 1)]}, "`policy.other_dates` is read by `ppml_event_study`"),
        ({"primary": {"estimator": "sdid", "exposed": ["U00"], "trend": "bent"}}, "`primary.trend` is not read"),
    ],
)  # fmt: skip
def test_what_would_not_be_read_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(PlanError, match=told):
        plan(changes)


def test_an_interval_of_another_level_is_stretched_for_the_people() -> None:
    def people(alpha: float) -> float:
        made = run(plan({"exposure": PEOPLE, "primary.alpha": alpha}), loaded(series(counts(3.0))), standing=PLANNED)
        assert made.exposure is not None
        return made.exposure.high - made.exposure.low

    assert people(0.2) == pytest.approx(people(0.05), rel=0.35)


def test_a_model_without_fake_dates_is_left_out_of_by_its_own_errors() -> None:
    """Otherwise the answer without a month is another test's answer, and some month is blamed for it."""
    rng = np.random.default_rng(5)
    shock = np.zeros(PERIODS)
    for t in range(1, PERIODS):
        shock[t] = 0.7 * shock[t - 1] + rng.normal(0, 0.08)
    y = rng.poisson(300 * np.exp(shock) * np.where(np.arange(PERIODS) >= AT, 1.35, 1.0)).astype(float)
    result = run(
        plan({"primary.inference": "quasi_poisson", "primary.harmonics": 0}), loaded(series(y)), standing=PLANNED
    )
    without = next(e for e in result.forest if e.name == "leave_one_out")
    one = result.primary
    assert one is not None and one.high is not None and without.high is not None and one.low and without.low
    assert np.log(without.high / without.low) == pytest.approx(np.log(one.high / one.low), rel=0.2)
    assert result.label == "PLANNED"


def test_few_staggered_units_are_not_told_by_a_cluster_error() -> None:
    """With one treated unit the error of its cluster is of nothing, and seven runs of ten found what was not there."""
    told = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rates = [150 * np.exp(np.cumsum(rng.normal(0, 0.05, MONTHS))) for _ in range(24)]
        asked = panel(
            "callaway_santanna", primary={"estimator": "callaway_santanna", "dates": {"U00": date(2024, 1, 1)}}
        )
        result = run(asked, loaded(*units(rates, seed=seed)), standing=PLANNED)
        assert result.primary is not None and result.primary.p is not None
        told.append(result.primary.p < 0.05)
    assert sum(told) <= 2


def test_of_a_place_below_a_closed_gate_nothing_is_said() -> None:
    places = [series(counts(mean=60.0, seed=k), place=f"Precinct {k}") for k in range(4)]
    city = series(np.sum([p.values for p in places], axis=0), place="City")
    above = {p.place: "City" for p in places}
    result = run(plan({"data.place": "City", "multiplicity.gates": above}), loaded(city, *places), standing=PLANNED)
    assert result.gates and not any(g.tested for g in result.gates if g.above)
    below = [row for row in page.gates(result).rows if "Precinct" in row[0]]
    assert len(below) == 4 and all(set(row[2:]) == {""} for row in below)
