"""All engines agree: decide, compiled code, Polars, DuckDB and Spark, on contacts made from the vocabulary.

CI judges a million contacts here, a third of them with most of their facts unknown. A disagreement prints the
contact as a file that `brightline decide` can run.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import polars as pl
import pytest

from brightline.law.pack import Law
from brightline.reason.audit import audit
from brightline.reason.columns import Columns
from brightline.reason.compiled import decider
from brightline.reason.patterns import OUTPUT, VERDICTS_ALONE
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner, reasoner
from tests.reason.random_contacts import facts_of_rows, program_of, random_frame, situations

JURISDICTIONS = ("us-ny-nyc", "us-ca", "us-or", "us-tx")
UNKNOWN = (0.0, 0.15, 0.6)
MILLION = int(os.environ.get("BRIGHTLINE_CONTACTS", "1_000_000"))
PARTS = 4  # each jurisdiction's contacts are judged in this many tests, so that several cores can share them


def slices(law: Law, pack: str) -> list[tuple[Any, str, str]]:
    return list(situations(law, law.levels(pack)))


def example(frame: pl.DataFrame, row: int, packs: Any) -> str:
    known = {k: v for k, v in frame.row(row, named=True).items() if v is not None}
    return f"--law {packs[0]}\n{json.dumps(known, default=str)}"


def rails_verdicts(frame: pl.DataFrame, program: Program) -> list[str | None]:
    """The verdicts by column expressions alone (one choice of readings), None where Kleene cannot tell."""
    columns = Columns.of(frame.columns)
    told: dict[Any, list[str | None]] = {}
    for scope in program.scopes:
        rails = {m: columns.rails(scope.broken(m)) for m in ("forbids", "requires")}
        found: dict[str, Any] = {}
        for m, (yes, no) in rails.items():
            for side, rail in (("yes", yes), ("no", no)):
                found[f"{m}_{side}"] = (
                    [rail] * frame.height
                    if isinstance(rail, bool)
                    else nw.from_native(frame).select(x=rail)["x"].to_list()
                )
        told[scope.choice] = [
            _said(by, bn, ry, rn)
            for by, bn, ry, rn in zip(
                found["forbids_yes"], found["forbids_no"], found["requires_yes"], found["requires_no"], strict=True
            )
        ]
    each = list(zip(*told.values(), strict=True)) if told else [("none",)] * frame.height
    return [row[0] if len(set(row)) == 1 else None for row in each]


def _said(barred: bool, not_barred: bool, required: bool, not_required: bool) -> str | None:
    if (barred or not_barred) and (required or not_required):
        return "conflict" if barred and required else "barred" if barred else "required" if required else "none"
    return None


def judge(frame: pl.DataFrame, program: Program, judge_: Reasoner) -> None:
    """Assert that every engine says the same of every row of the frame."""
    polars = audit(frame, judge_, columns=VERDICTS_ALONE).select(pl.col(VERDICTS_ALONE).cast(pl.String))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    on_duckdb = pl.from_arrow(
        audit(connection.from_arrow(frame.to_arrow()), judge_, columns=VERDICTS_ALONE).to_arrow_table()
    )
    assert isinstance(on_duckdb, pl.DataFrame)
    other = on_duckdb.sort("contact").select(pl.col(VERDICTS_ALONE).cast(pl.String))
    single, rails = decider(program), rails_verdicts(frame, program)
    rows = zip(polars.iter_rows(), other.iter_rows(), rails, facts_of_rows(frame, program), strict=True)
    for n, (of_polars, of_duckdb, of_rails, (facts, stated)) in enumerate(rows):
        exact = program.outcome(*program.masks(facts)).verdict
        verified = program.verdict(*program.masks({k: v for k, v in facts.items() if k not in stated}))
        same = of_polars == of_duckdb == (exact, verified) and single(facts)[0] == exact
        allowed = {"none": ("excepted", "unreached", "contested")}.get(of_rails or "", (of_rails,))
        if not same or (of_rails is not None and exact not in allowed):
            pytest.fail(
                f"exact {exact}/{verified}, Polars {of_polars}, DuckDB {of_duckdb}, rails {of_rails}, compiled {single(facts)}\n{example(frame, n, judge_.packs)}"
            )


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("pack", JURISDICTIONS)
def test_all_engines_agree_on_a_million_contacts(law: Law, pack: str, part: int) -> None:
    judge_ = reasoner(law, [pack])
    mine = slices(law, pack)[part::PARTS]
    rows = -(-MILLION // (len(JURISDICTIONS) * PARTS * len(mine)))
    rng = np.random.default_rng([len(pack), part])
    judged = 0
    for day, actor, action in mine:
        program = program_of(judge_, day, actor, action)
        unknown = rng.choice(UNKNOWN, rows)
        judge(random_frame(program, day, actor, action, rows, unknown, rng), program, judge_)
        judged += rows
    assert judged >= MILLION // (len(JURISDICTIONS) * PARTS)


def test_polars_and_duckdb_agree_in_every_output_column(law: Law) -> None:
    judge_ = reasoner(law, ["us-ny-nyc"])
    rng = np.random.default_rng(7)
    frames = [
        random_frame(program_of(judge_, d, a, x), d, a, x, 8, 0.4, rng) for d, a, x in slices(law, "us-ny-nyc")[::6]
    ]
    frame = pl.concat(frames, how="diagonal").with_columns(contact=pl.int_range(pl.len(), dtype=pl.Int64))
    here = audit(frame, judge_).select(pl.col(OUTPUT).cast(pl.String))
    there = pl.from_arrow(audit(duckdb.from_arrow(frame.to_arrow()), judge_).to_arrow_table())
    assert isinstance(there, pl.DataFrame)
    assert here.equals(there.sort("contact").select(OUTPUT))


@pytest.mark.spark
@pytest.mark.slow
def test_spark_with_two_workers_agrees(law: Law) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install brightline[spark]")
    if shutil.which("java") is None:
        pytest.skip("Java 17 is not on this machine: the Spark engine is not tested")
    from brightline.reason.engines import run_audit, spark_session

    spark_session("local-cluster[2,1,1024]")
    judge_ = reasoner(law, ["us-ny-nyc"])
    rng = np.random.default_rng(11)
    frames = [
        random_frame(program_of(judge_, d, a, x), d, a, x, 4, 0.4, rng) for d, a, x in slices(law, "us-ny-nyc")[::11]
    ]
    frame = pl.concat(frames, how="diagonal").with_columns(contact=pl.int_range(pl.len(), dtype=pl.Int64))
    here = audit(frame, judge_).select(pl.col(OUTPUT).cast(pl.String))
    there = run_audit(frame, judge_, "spark").select(OUTPUT)
    assert here.equals(there)
