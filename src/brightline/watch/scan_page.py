"""A scan as files: a page that opens offline, a PDF, all rows as Parquet, and the whole as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from brightline.watch.drawing import Figure
from brightline.watch.grid import plain_grid
from brightline.watch.page import filled
from brightline.watch.printed import printed
from brightline.watch.result import Scan
from brightline.watch.scan_plots import scan_figures
from brightline.watch.scan_rows import ordered, rows_grid
from brightline.watch.together import write_together
from brightline.watch.words import say as sentence
from brightline.watch.words_page import count, figure, named, noun, percent, said, say

MOST_ROWS = 200  # on the page and in the PDF; the whole is in scan.parquet
_PDF_WORDS = (
    "s_brand", "care", "s_rows", "s_how", "again", "s_source", "s_span", "s_date", "data_hash", "none", "seed", "made", "s_took",
)  # fmt: skip


def write_scan(scan: Scan, folder: Path | str) -> dict[str, Path]:
    """Write scan.html, scan.pdf, scan.parquet and scan.json into a folder.

    Each file is written beside its place and renamed when all are whole. Raises WatchError if one cannot be.
    """
    drawn = scan_figures(scan)
    makers: dict[str, Callable[[Path], object]] = {
        "scan.html": lambda path: path.write_text(scan_html(scan, drawn), encoding="utf-8"),
        "scan.pdf": lambda path: path.write_bytes(scan_pdf(scan, drawn)),
        "scan.parquet": lambda path: rows_frame(scan).write_parquet(path),
        "scan.json": lambda path: path.write_text(scan.as_json() + "\n", encoding="utf-8"),
    }
    return write_together(Path(folder), makers)


def scan_html(scan: Scan, drawn: list[Figure] | None = None) -> str:
    """The whole page as one text. Every word of the data is escaped; only our own drawings go in as they are."""
    return filled("scan.html.j2", scan_content(scan), scan_figures(scan) if drawn is None else drawn)


def scan_pdf(scan: Scan, drawn: list[Figure] | None = None) -> bytes:
    """The PDF, set by Typst. The same scan gives the same bytes."""
    return printed("scan.typ", scan_content(scan), scan_figures(scan) if drawn is None else drawn, _PDF_WORDS)


def rows_frame(scan: Scan) -> pl.DataFrame:
    """Every series of the scan, and what the numbers come from: a file that travels alone still says it."""
    schema: dict[str, Any] = {
        "name": pl.String, "place": pl.String, "events": pl.Float64, "changes": pl.List(pl.Date), "change_low": pl.Date,
        "change_high": pl.Date, "level_ratio": pl.Float64, "spikes": pl.Int64, "drift": pl.Boolean, "ratio": pl.Float64,
        "low": pl.Float64, "high": pl.Float64, "p": pl.Float64, "adjusted": pl.Float64, "found": pl.Boolean, "note": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame([{**asdict(row), "changes": list(row.changes)} for row in scan.rows], schema=schema)
    return frame.with_columns(
        pl.lit(scan.label).alias("label"),
        pl.lit(scan.day, dtype=pl.Date).alias("day"),
        pl.lit(scan.data_sha256).alias("data_sha256"),
    )


# --- what the page says -----------------------------------------------------------------------


def scan_content(scan: Scan) -> dict[str, Any]:
    """What stands on the page and in the PDF, as plain values."""
    lang = scan.language
    made = {"label": say(scan.label, lang), "version": f"Brightline {scan.version}".strip(), "made": scan.made}
    first, last = (named(d, scan.period, lang) for d in (scan.first, scan.last))
    span = {"first": first, "last": last, "period": noun(scan.period, lang)}
    # the label's own sentence stands in the box above them
    told = [s for s in scan.sentences if s != sentence("scan_label", lang)]
    shown = ordered(scan)[:MOST_ROWS]
    return {
        **made,
        "language": lang,
        "kind": scan.label.lower(),
        "shouted": True,
        "label_means": say("s_means", lang),
        "title": say("s_title_day", lang, day=said(scan.day, lang)) if scan.day else say("s_title", lang),
        "dek": say("s_dek", lang, source=scan.source, **span),
        "headline": told[0] if told else "",
        "sentences": told[1:],
        "facts": scan_facts(scan),
        "flags": [
            say(f"s_care_{key}", lang) for key in (("cause", "best", "few", "same") if scan.day else ("cause", "same"))
        ],
        "grid": plain_grid(rows_grid(scan, shown)),
        "rows_how": say("s_rows_how" if scan.day else "s_rows_how_no_day", lang),
        "rows_some": say("s_rows_some", lang, shown=count(len(shown), lang), n=count(len(scan.rows), lang))
        if len(shown) < len(scan.rows)
        else "",
        "how": how(scan),
        "source": scan.source,
        "span": say("s_span_told", lang, **span),
        "day": said(scan.day, lang) if scan.day else say("s_no_date", lang),
        "data_sha256": scan.data_sha256,
        "seed": scan.seed,
        "took": say("s_seconds", lang, seconds=figure(scan.seconds, lang)),
        "made_with": say("with", lang, **made),
        "made_on": say("made_on", lang, **made),
        "foot": say("foot", lang, **made),
    }


def scan_facts(scan: Scan) -> list[dict[str, str]]:
    """The few numbers that stand at the top: how many were asked, how many were found, how many chance would give."""
    lang = scan.language
    changed = sum(bool(row.changes) for row in scan.rows)
    of = say("s_fact_tested", lang, n=count(scan.tested, lang)) if scan.day else say("s_fact_untested", lang)
    told = [("s_fact_series", count(scan.series, lang), of)]
    if scan.day:
        rate = percent_of(scan.rate, lang)
        chance = figure(scan.by_chance, lang, 2) if scan.by_chance < 100 else count(scan.by_chance, lang)
        told += [
            ("s_fact_found", count(scan.found, lang), say("s_fact_rate", lang, rate=rate) if scan.found else ""),
            ("s_fact_chance", chance, say("s_fact_chance_of", lang, rate=rate, n=count(scan.tested, lang))),
        ]
    told.append(("s_fact_changed", count(changed, lang), say("s_fact_changed_of", lang, n=count(scan.series, lang))))
    return [{"name": say(name, lang), "value": value, "of": of} for name, value, of in told]


def how(scan: Scan) -> list[str]:
    """How the scan dated, tested and judged."""
    lang = scan.language
    told = [say("s_how_change", lang)]
    if scan.day:
        told.append(say("s_how_test", lang))
        told.append(say(f"s_how_{scan.method}", lang, n=count(scan.tested, lang), rate=percent_of(scan.rate, lang)))
    return told


def percent_of(rate: float, language: str) -> str:
    return percent(rate, language, 0 if round(100 * rate, 6).is_integer() else 1)
