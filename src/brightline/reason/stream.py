"""The audit of a Parquet file of contacts of any size: part by part, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brightline.reason.audit import AuditError, Step, check_columns
from brightline.reason.audit_polars import findings
from brightline.reason.patterns import OUTPUT, Patterns
from brightline.reason.reasoner import Reasoner

BATCH_ROWS = 2_000_000


def audit_parquet(
    path: Path | str,
    reasoner: Reasoner,
    to: Path | str,
    batch_rows: int = BATCH_ROWS,
    progress: Step = lambda done, total: None,
) -> int:
    """Write the findings of a Parquet file of contacts (see docs/contacts.md) to another; returns the rows judged.

    The findings are written beside the target and renamed when they are whole: out of disk, nothing half-written
    stays. Raises AuditError when the file is no Parquet file of contacts, or the disk is full.
    """
    target = Path(to)
    beside = target.with_name(target.name + ".part")
    try:
        with pq.ParquetFile(path) as source:
            return _write(source, Patterns(reasoner), beside, target, batch_rows, progress)
    except pa.ArrowInvalid as error:
        raise AuditError(f"{path}: this is no Parquet file of contacts: {error}") from None
    except OSError as error:
        raise AuditError(f"{target}: it cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _write(
    source: pq.ParquetFile, patterns: Patterns, beside: Path, target: Path, batch_rows: int, progress: Step
) -> int:
    check_columns(source.schema_arrow.names)
    total, done = source.metadata.num_rows, 0
    writer: pq.ParquetWriter | None = None
    try:
        for part in _parts(source, batch_rows):
            found = part.hstack(findings(part, patterns, lambda _done, _total: None))
            table = _portable(found)
            writer = writer or pq.ParquetWriter(beside, table.schema, compression="zstd")
            writer.write_table(table)
            done += part.height
            progress(done, total)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise AuditError("the file has no rows")
    beside.replace(target)
    return done


def _parts(source: pq.ParquetFile, batch_rows: int) -> Iterator[pl.DataFrame]:
    for batch in source.iter_batches(batch_size=batch_rows):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield frame


def _portable(frame: pl.DataFrame) -> pa.Table:
    """The findings as dictionary columns, whose type is the same in every part."""
    return frame.with_columns(pl.col(OUTPUT).cast(pl.Categorical)).to_arrow()
