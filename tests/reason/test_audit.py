"""Audits of frames and of files: nothing is dropped, nothing is guessed, nothing is half-written."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from brightline.law.pack import Law
from brightline.reason.audit import AuditError, audit
from brightline.reason.patterns import OUTPUT
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.stream import audit_parquet


@pytest.fixture(scope="module")
def judge(law: Law) -> Reasoner:
    return reasoner(law, ["us-ny-nyc"])


def frame(**more: Any) -> pl.DataFrame:
    """Six detainers: one repeated, one without an agency, one without a day, one to a federal jail."""
    actors = ["nypd", "nypd", "nyc_doc", None, "nypd", "us_bureau_of_prisons"]
    days = [date(2015, 1, 5), date(2015, 1, 5), date(2014, 11, 1), date(2015, 1, 5), None, date(2015, 1, 5)]
    columns: dict[str, Any] = {
        "contact": range(1, 7), "date": days, "actor": actors, "asked": ["notify_release"] * 6, "done": [""] * 6,
        "request": ["civil_detainer"] * 6, "judicial_warrant_with_detainer": [False] * 6, "required_by_federal_law": [False] * 6,
    }  # fmt: skip
    return pl.DataFrame(columns | more, schema_overrides={"date": pl.Date})


def test_every_row_is_kept_in_its_order(judge: Reasoner) -> None:
    found = audit(frame(), judge)
    assert found["contact"].to_list() == [1, 2, 3, 4, 5, 6]
    assert found["verdict"].to_list() == ["barred", "barred", "unsettled", "unsettled", "unsettled", "unreached"]
    assert found["settled_by"].to_list()[3:5] == ["actor", "date"]


def test_a_fact_without_a_basis_is_only_stated(judge: Reasoner) -> None:
    assert audit(frame(), judge)["as_verified"].to_list()[0] == "unsettled"
    verified = {
        f"{f}__basis": ["verified"] * 6
        for f in ("request", "judicial_warrant_with_detainer", "required_by_federal_law")
    }
    assert audit(frame(**verified), judge)["as_verified"].to_list()[0] == "barred"


def test_a_fact_that_no_column_holds_is_unknown_in_every_row(judge: Reasoner) -> None:
    found = audit(frame().drop("judicial_warrant_with_detainer"), judge)
    assert found["verdict"].to_list()[0] == "unsettled"


def test_an_empty_frame_gives_an_empty_answer(judge: Reasoner) -> None:
    found = audit(frame().clear(), judge)
    assert found.height == 0 and set(OUTPUT) <= set(found.columns)


def test_a_missing_column_is_named(judge: Reasoner) -> None:
    with pytest.raises(AuditError, match="lack the column `actor`"):
        audit(frame().drop("actor"), judge)


def test_a_column_of_the_wrong_kind_is_named(judge: Reasoner) -> None:
    with pytest.raises(AuditError, match="judicial_warrant_with_detainer"):
        audit(frame(judicial_warrant_with_detainer=["no"] * 6), judge)
    with pytest.raises(AuditError, match="date"):
        audit(frame().with_columns(date=pl.lit("2015-01-05")), judge)


def test_a_file_is_audited_in_parts_as_the_whole_is(judge: Reasoner, tmp_path: Path) -> None:
    frame().write_parquet(tmp_path / "contacts.parquet")
    rows = audit_parquet(tmp_path / "contacts.parquet", judge, tmp_path / "findings.parquet", batch_rows=4)
    found = pl.read_parquet(tmp_path / "findings.parquet").select(pl.col(OUTPUT).cast(pl.String))
    assert rows == 6
    assert found.equals(audit(frame(), judge).select(pl.col(OUTPUT).cast(pl.String)))


def test_a_full_disk_leaves_nothing_half_written(
    judge: Reasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    frame().write_parquet(tmp_path / "contacts.parquet")
    target = tmp_path / "findings.parquet"
    target.write_text("the findings of last year")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(AuditError, match="No space left"):
        audit_parquet(tmp_path / "contacts.parquet", judge, target)
    assert target.read_text() == "the findings of last year"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["contacts.parquet", "findings.parquet"]


def test_a_file_that_is_no_parquet_is_refused_in_a_sentence(judge: Reasoner, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(AuditError, match="no Parquet file of contacts"):
        audit_parquet(path, judge, tmp_path / "y.parquet")


def test_a_group_of_acts_does_not_slip_through_the_norms_on_its_kinds(judge: Reasoner) -> None:
    """`honor_detainer` may be a hold or a notice: the record that does not say which cannot be "not reached"."""
    found = audit(frame(asked=["honor_detainer"] * 6), judge)
    assert found["verdict"].to_list()[0] == "unsettled"
    assert "action_is_" in found["settled_by"].to_list()[0]
