"""Plans: what is written, how mistakes are told, what a hash covers, and how questions make one."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
import yaml

from brightline.watch.log import NOTE, Log
from brightline.watch.plan import differences, period_day
from brightline.watch.plan_file import PlanError, parse_plan, plan_of, read_plan
from brightline.watch.problems import WatchError
from brightline.watch.questions import QUESTIONS, answer, open_questions, write_questions
from tests.watch.invented import plan, told

DESIGN = """\
plan: 1
id: nyc-cyclist-criminal-summons
question: Did criminal summonses to cyclists rise after 2025-04-28?
hypothesis: {direction: up, estimand: rate_ratio, smallest_effect_of_interest: 1.5}
policy: {name: Criminal summonses, date: 2025-04-28, source: "https://example.org", evidence_sha256: ""}
data: {series: c_summons_cyclist, unit: city, period: month, from: 2018-01, pre_until: 2025-04,
       post: [2025-05, 2025-12], partial_periods: drop, lag_rule: drop_last_2, outcome_seen: false}
primary: {estimator: its_quasipoisson, trend: linear, harmonics: 2, offset: none,
          inference: placebo_t, alpha: 0.05, placebo: {window: 60, step: 5}}
secondary: [{estimator: binomial_ratio, denominator: b_summons_cyclist}]
controls: [{series: c_summons_noncyclist, role: negative_control}]
robustness: [trend_spline, local_level, leave_one_out, drop_last, placebo_units]
multiplicity: {family: [primary], method: none, exploratory: BH 0.05}
claims: {if_significant: "They rose.", if_not: "It could not be told."}
"""


def test_the_plan_of_the_documentation_is_read() -> None:
    made = parse_plan(DESIGN)
    assert (made.first, made.last_before, made.first_after, made.last_after) == (
        date(2018, 1, 1), date(2025, 4, 1), date(2025, 5, 1), date(2025, 12, 1),
    )  # fmt: skip
    assert made.data.late == 2
    assert made.controls[0].role == "negative_control"


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("trend: linear", "tred: linear", r"line 8: `primary.tred` is not known here \(did you mean `trend`\?\)"),
        ("direction: up", "direction: upp", r"line 4: `hypothesis.direction` is `upp` \(did you mean `up`\?\)"),
        (", outcome_seen: false", "", r"line 6: `data.outcome_seen` is missing. Say true if anybody"),
        ("drop_last_2", "drop 2", r"line 7: `data.lag_rule` is `drop 2`; write `none`, or `drop_last_2`"),
        ("pre_until: 2025-04", "pre_until: 2025-14", r"line 6: `data.pre_until`: `2025-14` is no month"),
        ("2025-05, 2025-12", "2025-12, 2025-05", r"line 7: `data.post` ends before it begins"),
        ("date: 2025-04-28", "date: 2021-04-28", r"line 5: the policy's date 2021-04-28 lies neither"),
        ("date: 2025-04-28", "date: spring", r"line 5: `policy.date` is `spring`, which is no day of the calendar"),
        (", denominator: b_summons_cyclist", "", r"line 10: .*`binomial_ratio` needs `denominator`"),
        ("interest: 1.5", "interest: 0.5", r"line 4: .*which is no effect in the direction `up`"),
        ("alpha: 0.05", "alpha: 2", r"line 9: `primary.alpha` is 2"),
        ("post: [2025-05, 2025-12]", "post: 2025-05", r"line 7: `data.post` is `2025-05`; write a list"),
        ("outcome_seen: false", "outcome_seen: maybe", r"`data.outcome_seen` is `maybe`; write true or false"),
        ("policy: {name", "policy: {name: y, name", r"line 5: `name` is written twice"),
        ("plan: 1", "plan: 2", r"line 1: `plan` is `2`; it is one of 1"),
        ("data: {", "data: [", r"line \d+: this is not YAML"),
    ],
)  # fmt: skip
def test_every_mistake_is_a_sentence_with_its_line(old: str, new: str, said: str) -> None:
    assert old in DESIGN
    with pytest.raises(PlanError, match=said):
        parse_plan(DESIGN.replace(old, new, 1))


def test_all_mistakes_are_told_at_once() -> None:
    broken = DESIGN.replace("direction: up", "direction: upp").replace("alpha: 0.05", "alpha: 2")
    with pytest.raises(PlanError) as error:
        parse_plan(broken)
    assert [problem.split(":")[0] for problem in error.value.problems] == ["plan.yaml, line 4", "plan.yaml, line 9"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "plan: 1\n"])
def test_what_is_no_plan_is_said_so(text: str) -> None:
    with pytest.raises(PlanError):
        parse_plan(text)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="brightline watch plan"):
        read_plan(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("id: ñ".encode("latin-1"))
    with pytest.raises(PlanError, match="UTF-8"):
        read_plan(tmp_path / "latin.yaml")


# --- the hash


def test_the_hash_is_of_what_was_written_and_not_of_its_order_or_comments() -> None:
    assert parse_plan("# a comment\n" + DESIGN).sha256 == parse_plan(DESIGN).sha256
    lines = yaml.safe_load(DESIGN)
    turned = yaml.safe_dump(dict(reversed(list(lines.items()))), sort_keys=False)
    assert parse_plan(turned).sha256 == parse_plan(DESIGN).sha256
    assert parse_plan(DESIGN.replace("1.5", "1.6")).sha256 != parse_plan(DESIGN).sha256


def test_the_canonical_json_is_that_of_rfc_8785() -> None:
    body = plan().canonical.decode()
    assert body.startswith('{"data":{"counted":"summonses","from":"2015-05"')
    assert '","harmonics":1,"inference":"placebo_t"}' in body and '": ' not in body


def test_what_changed_is_said_by_part() -> None:
    old, new = plan().written, plan(data__lag_rule="drop_last_2", hypothesis__smallest_effect_of_interest=2.0).written
    assert differences(old, new) == [
        'data.lag_rule: added "drop_last_2"',
        "hypothesis.smallest_effect_of_interest: 1.5 -> 2",
    ]


@pytest.mark.parametrize(
    "text, period, day",
    [("2018", "year", date(2018, 1, 1)), ("2018-Q3", "quarter", date(2018, 7, 1)), ("2018Q3", "quarter", date(2018, 7, 1)),
     ("2018-02", "month", date(2018, 2, 1)), ("2018-02-07", "day", date(2018, 2, 7))],
)  # fmt: skip
def test_periods_are_written_as_people_write_them(text: str, period: str, day: date) -> None:
    assert period_day(text, period) == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, period", [("2018-Q5", "quarter"), ("2018-13", "month"), ("18", "year"), ("2018-02-30", "day")]
)
def test_what_is_no_period_is_a_sentence(text: str, period: str) -> None:
    with pytest.raises(WatchError, match=f"is no {period}; write it as"):
        period_day(text, period)  # type: ignore[arg-type]


# --- by questions


ANSWERS = {
    "id": "exampleville",
    "question": "Did summonses rise?",
    "policy.name": "an invented order",
    "policy.date": "2025-04-28",
    "policy.source": "https://example.org",
    "hypothesis.direction": "up",
    "hypothesis.smallest_effect_of_interest": "1,5",
    "data.series": "summonses",
    "data.period": "month",
    "data.from": "2015-05",
    "data.pre_until": "2025-04",
    "data.post": "2025-05, 2025-12",
    "data.lag_rule": "2",
    "data.outcome_seen": "no",
    "controls": "other, third",
}


def test_questions_make_a_plan_that_is_sound() -> None:
    draft: dict[str, object] = {}
    for question in QUESTIONS:
        draft = answer(draft, question, ANSWERS.get(".".join(question.where), ""))
    assert open_questions(draft) == []
    made = parse_plan(write_questions(draft))
    assert made.hypothesis.smallest_effect_of_interest == 1.5
    assert made.data.late == 2 and made.data.outcome_seen is False
    assert [c.series for c in made.controls] == ["other", "third"]


def test_a_draft_is_taken_up_where_it_was_left() -> None:
    draft = answer({}, QUESTIONS[0], "exampleville")
    again = yaml.safe_load(yaml.safe_dump(draft))
    assert open_questions(again) == list(QUESTIONS[1:])


@pytest.mark.parametrize(
    "where, text, said",
    [("policy.date", "April", "no day of the calendar"), ("data.outcome_seen", "perhaps", "yes or no"),
     ("hypothesis.smallest_effect_of_interest", "1", "1 is no change"), ("data.period", "mont", "did you mean `month`"),
     ("data.post", "2025", "first and the last"), ("id", " ", "needed"), ("data.lag_rule", "two", "how many")],
)  # fmt: skip
def test_an_answer_that_is_none_is_asked_again(where: str, text: str, said: str) -> None:
    question = next(q for q in QUESTIONS if ".".join(q.where) == where)
    with pytest.raises(WatchError, match=said):
        answer({}, question, text)


# --- the log


def test_a_plan_is_logged_once_and_a_changed_one_again_with_what_is_different(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    first = log.register(plan(), "1.0")
    assert log.register(plan(), "1.0") is first
    second = log.register(plan(data__lag_rule="drop_last_1"), "1.0")
    assert second["replaces"] == plan().sha256
    assert second["changes"] == ['data.lag_rule: added "drop_last_1"']
    again = Log(tmp_path / "log.jsonl")
    assert [r["plan_sha256"] for r in again.records("plan")] == [first["plan_sha256"], second["plan_sha256"]]
    assert NOTE in (tmp_path / "log.jsonl").read_text().splitlines()[0]
    assert "proves less than a ledger" in NOTE


def test_every_run_is_logged_and_one_that_never_ended_was_abandoned(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    one = plan()
    first = log.begin(one, "1.0")
    second = log.begin(one, "1.0")
    log.end(second, one, "1.0", "refused", reason="no data")
    again = Log(tmp_path / "log.jsonl")
    assert again.runs_on("summonses") == 2
    assert [r["run"] for r in again.abandoned()] == [first]
    assert again.records("end")[0]["reason"] == "no data"


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WatchError, match=r"the log cannot be written .* with --log"):
        Log(tmp_path / "file" / "log.jsonl").begin(plan(), "1.0")


def test_a_full_disk_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(tmp_path / "log.jsonl")
    log.register(plan(), "1.0")
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, body: write(handle, body[:40]))
    with pytest.raises(WatchError, match="No space left"):
        log.begin(plan(), "1.0")
    monkeypatch.undo()
    assert [r["what"] for r in Log(tmp_path / "log.jsonl").records()] == ["plan"]


def test_two_runs_that_begin_at_the_same_time_are_told_apart(tmp_path: Path) -> None:
    one, other = Log(tmp_path / "log.jsonl"), Log(tmp_path / "log.jsonl")
    first, second = one.begin(plan(), "1.0"), other.begin(plan(), "1.0")
    one.end(first, plan(), "1.0", "done")
    assert [r["run"] for r in Log(tmp_path / "log.jsonl").abandoned()] == [second]


def test_a_plan_logged_after_the_series_was_analysed_is_not_blind(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    early, late = plan(), plan_of(told(id="second-try"))
    assert log.seen_before(early) == "why_no_log"
    log.register(early, "1.0")
    log.end(log.begin(early, "1.0"), early, "1.0", "done", data_sha256="d")
    log.register(late, "1.0")
    assert log.seen_before(early) == ""
    assert log.seen_before(late) == "why_analysed"


def test_a_ledger_takes_the_same_records_without_the_words_of_the_plan(tmp_path: Path) -> None:
    seen: list[dict[str, object]] = []

    def ledger(record: dict[str, object]) -> str:
        seen.append(record)
        return f"city, entry {len(seen) - 1}"

    log = Log(tmp_path / "log.jsonl", ledger)
    record = log.register(plan(), "1.0")
    assert record["ledger"] == "city, entry 0"
    assert seen[0]["plan_sha256"] == plan().sha256 and "plan" not in seen[0]


def test_a_damaged_log_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"what": "note", "says": ""}\n{broken\n')
    with pytest.raises(WatchError, match=r"line 2: this is no record"):
        Log(tmp_path / "log.jsonl")
