"""`brightline watch` as a person meets it: plan, run, scan, show, benchmark, and what stops them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner, Result

from brightline.cli_watch import LOG_NAME, watch_app
from brightline.ledger import Ledger
from brightline.watch.benchmark import dataset
from tests.watch.invented import counts, told


def watch(*words: str | Path, lines: str = "") -> Result:
    made = CliRunner().invoke(watch_app, [str(w) for w in words], input=lines)
    assert made.exception is None or isinstance(made.exception, SystemExit), made.exception
    return made


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan logs where it is called."""
    monkeypatch.chdir(tmp_path)


def table(path: Path, *columns: tuple[str, np.ndarray]) -> Path:
    rows = ["series,place,period,count"]
    for name, values in columns:
        for i, value in enumerate(values):
            month = 4 + i
            rows.append(f"{name},Exampleville,{2015 + month // 12}-{month % 12 + 1:02d},{value:g}")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, told())
    table(tmp_path / "data.csv", ("summonses", counts(10.7)), ("other", counts(seed=5)))
    return tmp_path


def write(folder: Path, values: dict[str, Any]) -> Path:
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False))
    return path


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LOG_NAME).read_text().splitlines()]


# --- plan


def test_a_plan_is_checked_hashed_and_logged(project: Path) -> None:
    made = watch("plan", project / "plan.yaml", "--json")
    assert made.exit_code == 0
    record = json.loads(made.stdout)
    assert record["logged"] and len(record["plan_sha256"]) == 64
    assert [r["what"] for r in records(project)] == ["note", "plan"]


def test_a_changed_plan_is_logged_with_its_difference(project: Path) -> None:
    watch("plan", project / "plan.yaml")
    write(project, told(data__lag_rule="drop_last_1"))
    assert 'changed: data.lag_rule: added "drop_last_1"' in watch("plan", project / "plan.yaml").output
    assert len([r for r in records(project) if r["what"] == "plan"]) == 2


def test_a_check_logs_nothing(project: Path) -> None:
    assert watch("plan", project / "plan.yaml", "--check").exit_code == 0
    assert not (project / LOG_NAME).exists()


def test_questions_write_a_plan_and_can_be_taken_up_again(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    first = ["asked", "Did summonses rise?", "an invented order", "28 April", "2025-04-28"]
    stopped = watch("plan", file, lines="".join(f"{x}\n" for x in first))
    assert stopped.exit_code == 2 and "no day of the calendar" in stopped.output and not file.exists()
    rest = ["https://example.org", "", "up", "1.5", "summonses", "", "month", "2015-05", "2025-04", "2025-05, 2025-12", "0",
            "practice", "no", "", "", ""]  # fmt: skip
    done = watch("plan", file, lines="".join(f"{x}\n" for x in rest))
    assert done.exit_code == 0, done.output
    assert yaml.safe_load(file.read_text())["policy"]["source"] == "https://example.org"
    assert not file.with_name("new.yaml.part").exists() and records(tmp_path)[1]["id"] == "asked"


def test_a_finished_plan_is_taken_without_questions(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.yaml"
    assert watch("plan", file, "--from", project / "plan.yaml").exit_code == 0
    assert file.read_text() == (project / "plan.yaml").read_text()
    write(project, told(id="another"))
    assert watch("plan", file, "--from", project / "plan.yaml").exit_code == 2


def test_a_broken_plan_is_a_sentence(project: Path) -> None:
    write(project, told(hypothesis__direction="upp"))
    made = watch("plan", project / "plan.yaml")
    assert made.exit_code == 2 and "did you mean `up`?" in made.output


# --- run


def run(folder: Path, *more: str | Path) -> Result:
    return watch("run", folder / "plan.yaml", "--data", folder / "data.csv", "--out", folder / "out", "--no-pdf", *more)


def test_a_planned_run_writes_a_result_and_logs_it(project: Path) -> None:
    watch("plan", project / "plan.yaml")
    made = run(project)
    assert made.exit_code == 0, made.output
    assert made.output.startswith("PLANNED\nSummonses in Exampleville rose after 28 April 2025, to 10.8 times")
    result = json.loads((project / "out" / "result.json").read_text())
    assert result["label"] == "PLANNED" and result["answer"] == "rose"
    assert [s["name"] for s in result["sources"]] == ["data.csv", "an invented order"]
    assert (project / "out" / "result.html").exists() and (project / "out" / "series.parquet").exists()
    begin, end = records(project)[-2:]
    assert begin["what"] == "begin" and end["outcome"] == "done" and end["answer"] == "rose"
    assert end["data_sha256"] == result["data_sha256"] and begin["plan_sha256"] == result["plan_sha256"]


def test_a_run_without_a_logged_plan_is_exploratory(project: Path) -> None:
    made = run(project, "--json")
    assert json.loads(made.stdout)["label"] == "EXPLORATORY"


def test_a_second_plan_after_a_look_at_the_series_is_exploratory(project: Path) -> None:
    watch("plan", project / "plan.yaml")
    assert json.loads(run(project, "--json").stdout)["label"] == "PLANNED"
    write(project, told(id="second-look"))
    watch("plan", project / "plan.yaml")
    second = json.loads(run(project, "--json").stdout)
    assert second["label"] == "EXPLORATORY" and second["diagnostics"]["analyses_so_far"] == 2


def test_a_refused_claim_has_its_exit_code_and_is_logged(project: Path) -> None:
    write(project, told(policy__date_chosen_from="data"))
    made = run(project)
    assert made.exit_code == 19 and "a date from the data (exit code 19)" in made.output
    end = records(project)[-1]
    assert end["outcome"] == "refused" and end["refused"] == [10]


def test_data_that_cannot_be_used_are_a_sentence_and_logged(project: Path) -> None:
    values = counts(10.7)
    values[3] = -1
    table(project / "data.csv", ("summonses", values))
    made = run(project)
    assert made.exit_code == 2 and "negative" in made.output and "Traceback" not in made.output
    end = records(project)[-1]
    assert end["outcome"] == "refused" and "negative" in end["reason"]


@pytest.mark.parametrize(
    "body, said",
    [("series,place,period\n", "a plain table has the columns"), ("", "cannot be read"),
     ("series,place,period,count\nsummonses,X,2015-05,1\nsummonses,X,2015-05,2\n", "told twice"),
     ("series,place,period,count\nsummonses,X,2015-05,1\nsummonses,X,2016Q1,2\n", "mixes periods")],
)  # fmt: skip
def test_bad_files_are_a_sentence(project: Path, body: str, said: str) -> None:
    (project / "data.csv").write_text(body)
    made = run(project)
    assert made.exit_code == 2 and said in made.output


def test_a_run_that_breaks_off_is_logged_as_abandoned(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("brightline.watch.run.run", stopped)
    assert run(project).exit_code == 2
    assert records(project)[-1]["outcome"] == "abandoned"


def test_the_ledger_records_the_plan_and_the_run(project: Path) -> None:
    Ledger.create(project / "city", "log.example.org/city").close()
    assert "in the ledger (city, entry 0)" in watch("plan", project / "plan.yaml", "--ledger", project / "city").output
    assert run(project, "--ledger", project / "city").exit_code == 0
    with Ledger.open(project / "city", read_only=True) as ledger:
        assert ledger.size == 3  # plan, begin, end
        shown = {f.name: f.value for f in ledger.disclose(0).fields}
    assert shown["plan_sha256"] == records(project)[1]["plan_sha256"]


def test_spanish(project: Path) -> None:
    assert "veces lo esperado" in run(project, "--lang", "es").output
    assert run(project, "--lang", "xx").exit_code == 2


# --- show


def test_a_result_is_shown_again(project: Path) -> None:
    first = run(project)
    again = watch("show", project / "out")
    assert again.exit_code == 0
    assert again.output.strip() == first.output.split("\n\nWritten to")[0].strip()
    assert json.loads(watch("show", project / "out", "--json").stdout)["answer"] == "rose"


def test_no_result_is_a_sentence(tmp_path: Path) -> None:
    assert "there is no result here" in watch("show", tmp_path).output
    (tmp_path / "result.json").write_text("{}")
    made = watch("show", tmp_path)
    assert made.exit_code == 2 and "This is no result of the watch" in made.output


# --- scan


def test_a_scan_of_a_plain_table(tmp_path: Path) -> None:
    columns = [(f"v{i}", counts(6.0 if i < 2 else 1.0, seed=i)) for i in range(12)]
    file = table(tmp_path / "many.csv", *columns)
    made = watch("scan", file, "--date", "2025-05-01", "--out", tmp_path / "scan.json")
    assert made.exit_code == 0 and made.output.startswith("EXPLORATORY")
    told_ = json.loads((tmp_path / "scan.json").read_text())
    assert {r["name"] for r in told_["rows"] if r["found"]} == {"v0", "v1"}
    assert "v0" in watch("show", tmp_path / "scan.json").output
    assert json.loads(watch("scan", file, "--date", "2025-05-01", "--publish", "--json").stdout)["method"] == "BY"


def test_a_plain_table_with_groups_says_for_whom(tmp_path: Path) -> None:
    rows = ["series,place,period,count,group"]
    every = {
        ("summonses", ""): counts(3.0) + counts(seed=7),
        ("by group", "A"): counts(3.0),
        ("by group", "B"): counts(seed=7),
    }
    for (name, group), values in every.items():
        for i, value in enumerate(values):
            month = 4 + i
            rows.append(f"{name},Exampleville,{2015 + month // 12}-{month % 12 + 1:02d},{value:g},{group or 'all'}")
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n")
    made = write(tmp_path, told(data__group="all", secondary=[{"estimator": "composition", "units": "by group"}]))
    done = watch("run", made, "--data", tmp_path / "data.csv", "--no-pdf", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "these groups became a larger share of all: A." in " ".join(done.output.split())
    assert "composition" in (tmp_path / "out" / "result.json").read_text()


def test_a_plan_made_after_a_scan_of_its_file_is_exploratory(project: Path) -> None:
    assert watch("scan", project / "data.csv", "--date", "2025-05-01").exit_code == 0
    (scan,) = [r for r in records(project) if r["what"] == "scan"]
    assert scan["series"] == 2 and scan["date"] == "2025-05-01" and len(scan["files_sha256"]) == 1
    assert watch("plan", project / "plan.yaml").exit_code == 0
    made = watch("run", project / "plan.yaml", "--data", project / "data.csv", "--no-pdf", "--out", project / "out")
    assert "EXPLORATORY" in made.output and "had been scanned" in " ".join(made.output.split())


@pytest.mark.parametrize(
    "more, said", [(["--date", "May"], "no day of the calendar"), (["--period", "moon"], "choose one")]
)
def test_bad_scans_are_a_sentence(tmp_path: Path, more: list[str], said: str) -> None:
    made = watch("scan", table(tmp_path / "a.csv", ("a", counts())), *more)
    assert made.exit_code == 2 and said in made.output


# --- benchmark


def test_the_benchmark_has_the_promised_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    few = dict(list(dataset().items())[:3]) | {k: v for k, v in dataset().items() if k.startswith("quality_control_1")}
    monkeypatch.setattr("brightline.watch.benchmark.dataset", lambda: few)
    told_ = json.loads(watch("benchmark", "--json").stdout)
    assert {"f1", "cover", "f1_quality_control", "peers"} <= set(told_)
    assert "brightline" in watch("benchmark").output


def test_help_has_examples_and_exit_codes() -> None:
    for command in ("plan", "run", "scan", "show", "benchmark"):
        assert "Example:" in watch(command, "--help").output
    assert "19 a date" in " ".join(watch("--help").output.replace("│", " ").split())
