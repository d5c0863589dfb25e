"""The engines that an audit can run on, chosen by name: Polars here, DuckDB and PySpark through their own frames."""

from __future__ import annotations

from typing import Any

import polars as pl

from brightline.reason.audit import AuditError, Step, audit
from brightline.reason.reasoner import Reasoner

ENGINES = ("polars", "duckdb", "spark")


def run_audit(
    contacts: pl.DataFrame, reasoner: Reasoner, engine: str = "polars", progress: Step = lambda done, total: None
) -> pl.DataFrame:
    """Audit a Polars frame on an engine, and give the findings back as Polars, in the order of `contact`.

    Raises AuditError where the engine is not installed.
    """
    match engine:
        case "polars":
            return audit(contacts, reasoner, progress)  # type: ignore[no-any-return]
        case "duckdb":
            import duckdb

            connection = duckdb.connect()
            relation = connection.from_arrow(contacts.to_arrow())
            return _ordered(pl.from_arrow(audit(relation, reasoner, progress).to_arrow_table()))
        case "spark":
            session = spark_session()
            frame = session.createDataFrame(contacts.rows(), schema=spark_schema(contacts))
            return _ordered(pl.from_arrow(audit(frame, reasoner, progress).toArrow()))
    raise AuditError(f"there is no engine `{engine}`; choose {', '.join(ENGINES)}")


def _ordered(frame: Any) -> pl.DataFrame:
    return frame.sort("contact") if "contact" in frame.columns else frame  # type: ignore[no-any-return]


def spark_session(master: str = "local[2]") -> Any:
    """A Spark session. Raises AuditError when PySpark or Java is missing."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise AuditError("the engine spark needs PySpark: pip install brightline[spark], and Java 17") from None
    try:
        builder = SparkSession.builder.appName("brightline").master(master).config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        session = builder.config("spark.sql.shuffle.partitions", "8").getOrCreate()
    except Exception as error:
        raise AuditError(f"Spark does not start ({type(error).__name__}); it needs Java 17 on this machine") from None
    session.sparkContext.setLogLevel("ERROR")
    return session


def spark_schema(frame: pl.DataFrame) -> str:
    """The columns of a frame as Spark names their types."""
    names = {pl.Date: "date", pl.Boolean: "boolean", pl.Float64: "double", pl.Int64: "bigint", pl.Int32: "int"}
    return ", ".join(
        f"`{name}` {next((s for t, s in names.items() if dtype == t), 'string')}"
        for name, dtype in frame.schema.items()
    )
