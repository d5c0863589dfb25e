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
from brightline.watch.placebo import placebo
from brightline.watch.plan import Plan
from brightline.watch.plan_file import PlanError
from brightline.watch.problems import WatchError
from brightline.watch.result import Result, Source
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
    few = units([np.where(np.arange(MONTHS) >= FROM, 0.9, 0.12) if i < 3 else np.full(MONTHS, 80.0) for i in range(20)])
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
    where = {"files": ["invented.csv"], "place": ""}
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
        return plan({"id": name, "data.series": name, "sources": {name: {"files": ["invented.csv"], "offence": name}}})

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


# --- what the second expert tried


def shared(ratio: float, of: int = 24) -> tuple[list[Series], dict[str, float]]:
    """Places whose exposure is a share; one that is wholly exposed moves by the ratio."""
    share = {f"U{i:02d}": 0.0 if i < 6 else 0.02 + 0.28 * (i - 6) / (of - 7) for i in range(of)}
    after = np.arange(MONTHS) >= FROM
    return units([150.0 * np.where(after, ratio ** share[f"U{i:02d}"], 1.0) for i in range(of)], size=4000.0), share


def test_shares_give_no_more_people_than_calls() -> None:
    made, share = shared(4.5)
    asked = panel(exposure=PEOPLE, primary={"estimator": "ppml_event_study", "exposure": share})
    result = run(asked, loaded(*made), standing=PLANNED)
    exposed = np.sum([one.values for one in made if share[one.place] > 0], axis=0)
    rise = float(exposed[FROM:].sum() - exposed[:FROM].sum() / FROM * (MONTHS - FROM))
    assert result.primary is not None and result.primary.ratio is not None
    assert result.primary.ratio == pytest.approx(1 + rise / (exposed[FROM:].sum() - rise), rel=0.1)
    assert "shares" in flags(result)
    if result.exposure is not None:
        assert result.exposure.middle == pytest.approx(rise, rel=0.3)


def test_all_units_may_have_a_share() -> None:
    made, share = shared(4.5)
    asked = panel(primary={"estimator": "ppml_event_study", "exposure": {n: 0.05 + v for n, v in share.items()}})
    assert run(asked, loaded(*made), standing=PLANNED).events is not None


def test_units_that_were_parallel_are_not_said_to_have_moved_before() -> None:
    """That the bounds are wide is no sign of a movement before the date."""
    told = [run(panel(), loaded(*units(step(4, 20, 1.3), seed=s)), standing=PLANNED) for s in range(8)]
    said = [r for r in told if "They moved apart before" in r.headline]
    assert all(r.events is not None and r.events.pretrend_p is not None and r.events.pretrend_p < 0.05 for r in said)
    assert len(said) <= 2
    assert any("could explain as much" in r.headline for r in told)


@pytest.mark.parametrize("treated", [1, 2])
def test_p_and_interval_of_weighted_units_are_one_test(treated: int) -> None:
    for seed in range(6):
        made = units(step(treated, 26, 1.25), seed=seed)
        one = run(panel("sdid", treated), loaded(*made), standing=PLANNED).primary
        assert one is not None and one.p is not None and one.low is not None and one.high is not None
        assert (one.p < 0.05) == (not one.low <= 1 <= one.high)


def test_weighted_units_that_drift_are_no_effect() -> None:
    for seed in range(4):
        result = run(panel("sdid", 6), loaded(*units(drifting(), seed=seed)), standing=PLANNED)
        assert result.answer == "could not be told" and "moved apart before" in result.headline


def test_too_few_controls_for_any_p_are_said_to_be() -> None:
    with pytest.raises(WatchError, match="placebos are too few"):
        run(panel("sdid", 1), loaded(*units(step(1, 15, 3.0))), standing=PLANNED)


def test_a_treated_unit_without_counts_has_no_ratio() -> None:
    made = units(step(4, 20, 2.0))
    made[0] = replace(made[0], values=np.where(np.arange(MONTHS) < FROM, 0.0, made[0].values))
    with pytest.raises(WatchError, match="`U00` counted nothing on one side"):
        run(panel("sdid"), loaded(*made), standing=PLANNED)


@pytest.mark.parametrize(
    "name",
    [
        "calls for service", "reports of noise", "probable cause arrests", "causes of death", "crashes caused by speeding",
        "results of inspections", "overdose deaths due to fentanyl", "illegal stops", "causas penales", "heridos por impacto de bala",
        "mandatory reporting of child abuse",
    ],
)  # fmt: skip
def test_an_innocent_name_is_not_refused(name: str) -> None:
    result = run(plan({"data.counted": name}), loaded(series(counts(3.0))), standing=PLANNED)
    assert result.answer == "rose"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"policy.name": "the raids that scared people away"}, 1),
        ({"data.counted": "calls that fell because of the raids"}, 1),
        ({"data.counted": "underreporting by Latino victims"}, 4),
        ({"data.counted": "miedo a denunciar"}, 4),
    ],
)
def test_a_name_that_claims_is_refused(changes: dict[str, Any], rule: int) -> None:
    result = run(plan(changes), loaded(series(counts(3.0))), standing=PLANNED)
    assert result.answer == "refused" and rule in {r.rule for r in result.refusals}


def test_a_control_by_its_name_claims_nothing_either() -> None:
    asked = plan({"primary": {"estimator": "controlled_its", "control": "calls that fell because of the raids"}})
    other = series(counts(1.0, seed=3), "calls that fell because of the raids")
    assert run(asked, loaded(series(counts(2.0)), other), standing=PLANNED).answer == "refused"


def test_others_that_moved_are_no_control_that_stood_still() -> None:
    asked = panel("sdid", **{"hypothesis.claim": "causal"})
    result = run(asked, loaded(*units(step(4, 24, 1.0, 0.5))), standing=PLANNED)
    assert result.words == "coincides"
    assert any(r.rule == 1 and "control" in r.reason for r in result.refusals)


def test_people_are_told_only_of_an_answer() -> None:
    result = run(panel("sdid", 6, exposure=PEOPLE), loaded(*units(drifting())), standing=PLANNED)
    assert result.answer == "could not be told" and result.exposure is None


def test_the_same_counts_under_another_pattern_and_file_are_no_plan(tmp_path: Path) -> None:
    def of(name: str, pattern: str) -> Plan:
        where = {"files": [f"{name}.csv"], "offence": pattern}
        return plan({"id": name, "data.series": name, "sources": {name: where}})

    book = Log(tmp_path / "log.jsonl")
    first = loaded(series(counts(3.0), "theft"))
    book.register(of("theft", "theft"), "1")
    number = book.begin(of("theft", "theft"), "1")
    book.end(
        number, of("theft", "theft"), "1", "done", data_sha256="a", outcome_sha256=sorted(first.counts_of("theft"))
    )
    again = of("larceny", "Thef")
    book.register(again, "1")
    assert standing(again, book, loaded(series(counts(3.0), "larceny"))).why == "why_analysed"


def test_a_file_that_only_a_control_shares_is_not_the_same_question(tmp_path: Path) -> None:
    def of(name: str) -> Plan:
        people = {"files": ["people.csv"]}
        return plan({"id": name, "data.series": name, "sources": {name: {"files": [f"{name}.csv"]}, "people": people}})

    def data(name: str, seed: int) -> Any:
        sources = (Source("a", f"{name}.csv", name * 8), Source("b", "people.csv", "b" * 64))
        return replace(loaded(series(counts(3.0, seed=seed), name)), sources=sources)

    book = Log(tmp_path / "log.jsonl")
    book.register(of("arson"), "1")
    number = book.begin(of("arson"), "1")
    files = [s.sha256 for s in data("arson", 1).sources]
    book.end(number, of("arson"), "1", "done", data_sha256="a", files_sha256=files)
    book.register(of("fraud"), "1")
    assert standing(of("fraud"), book, data("fraud", 2)).planned


def test_a_unit_that_began_before_the_data_is_left_out_and_named() -> None:
    dates = {"U00": date(2019, 1, 1), **{f"U{i:02d}": date(2024, 1, 1) for i in range(1, 6)}}
    asked = panel(primary={"estimator": "callaway_santanna", "dates": dates})
    result = run(asked, loaded(*units(step(6, 30, 2.0))), standing=PLANNED)
    assert result.primary is not None and result.primary.series.startswith("5 of 30")
    assert any(f.code == "begun_before" and "U00" in f.sentence for f in result.flags)


def test_the_only_exposed_unit_is_not_left_out_of_its_own_comparison() -> None:
    made = [replace(one, start=date(2015, 1, 1)) for one in units(
        [np.where(LONG_AFTER, 300.0 * (2.0 if i == 0 else 1.0), 300.0) for i in range(6)], size=2000.0)]  # fmt: skip
    result = run(panel(exposed=1, **LONG), loaded(*made), standing=PLANNED)
    assert result.label != "FRAGILE"


def test_a_gap_before_the_date_is_in_the_fake_dates_too() -> None:
    """Six of the last quarters lack: without a gap of their own the fake dates made 17 of 100 quiet series look changed."""
    told = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        shock = np.zeros(40)
        for t in range(1, 40):
            shock[t] = 0.5 * shock[t - 1] + rng.normal(0, 0.15)
        y = rng.poisson(800 * np.exp(shock)).astype(float)
        y[32:38] = np.nan
        told.append(float(placebo(y, 39, before=12, step=1, trend="linear", harmonics=2, cycles=(4.0,)).p[0]))
    assert np.mean(np.array(told) < 0.05) < 0.12


def test_the_real_one_among_the_draws_is_theirs() -> None:
    """A second line of another kind has another ratio, and no place in the plot of the first one's draws."""
    dates = {f"U{i:02d}": date(2024, 1, 1) for i in range(4)}
    beside = [{"estimator": "ppml_event_study", "exposed": list(dates)}]
    asked = panel(primary={"estimator": "callaway_santanna", "dates": dates}, secondary=beside)
    result = run(asked, loaded(*units(step(4, 24, 2.0))), standing=PLANNED)
    assert result.events is not None and result.primary is not None
    assert result.events.real == pytest.approx(result.primary.ratio)


def test_a_trend_that_could_not_be_seen_is_said_to_be_unknown() -> None:
    """Without a block before the one of reference there is no trend: that is not known, and not that nothing moved."""
    asked = panel(primary={"estimator": "sdid", "exposed": ["U00", "U01", "U02", "U03"], "block": FROM})
    result = run(asked, loaded(*units(step(4, 26, 3.0))), standing=PLANNED)
    assert result.events is None and "not_run" in flags(result)
    assert result.words == "coincides"
