"""A result as files: a page that opens offline, a PDF, the numbers as Parquet and JSON."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jinja2
import polars as pl
import typst
import vl_convert
from markupsafe import Markup, escape

from brightline.watch.drawing import number, p_value, ratio, said
from brightline.watch.plots import Figure, Grid, figures
from brightline.watch.problems import WatchError
from brightline.watch.result import Diagnostics, Estimate, People, Point, Result

LABELS = {
    "EXPLORATORY": "Nobody wrote down a plan before the counts were seen, or the counts after the date were known. "
    "Take this as a question for new data, not as an answer.",
    "FRAGILE": "The answer hangs on one period or one unit. Do not rest anything on it.",
    "PLANNED": "The question and the method were written down before the counts were read.",
}
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Item:
    """One diagnostic: its name, its value, what it means."""

    name: str
    value: str
    meaning: str


def write(result: Result, folder: Path | str, *, pdf: bool = True) -> dict[str, Path]:
    """Write result.html, result.pdf, series.parquet, estimates.parquet and result.json into a folder.

    Each file is written beside its place and renamed when all are whole. Raises WatchError if one cannot be.
    """
    folder = Path(folder)
    drawn = figures(result)
    makers: dict[str, Callable[[Path], object]] = {
        "result.html": lambda path: path.write_text(html(result, drawn), encoding="utf-8"),
        "series.parquet": lambda path: points_frame(result).write_parquet(path),
        "estimates.parquet": lambda path: estimates_frame(result).write_parquet(path),
        "result.json": lambda path: path.write_text(result.as_json() + "\n", encoding="utf-8"),
    }
    if pdf:
        makers["result.pdf"] = lambda path: path.write_bytes(pdf_of(result, drawn))
    fresh = {name: folder / f".{name}.{os.getpid()}.part" for name in makers}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, make in makers.items():
            make(fresh[name])
        for name, path in fresh.items():
            path.replace(folder / name)
    except OSError as error:
        raise WatchError(f"{folder}: the result cannot be written: {error.strerror or error}.") from error
    finally:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return {name: folder / name for name in makers}


def html(result: Result, drawn: list[Figure] | None = None) -> str:
    """The whole page as one text. Every word of the data is escaped; only our own drawings go in as they are."""
    folder = files("brightline.watch")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["code"] = coded
    template = environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        c=content(result),
        figures=figures(result) if drawn is None else drawn,
        drawing=drawing,
        style=Markup((folder / "page.css").read_text(encoding="utf-8")),
    )


def coded(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def drawing(svg: str, alt: str, kind: str) -> Markup:
    """A plot inside the page, named for people who do not see it; `kind` is wide or narrow."""
    head = Markup('<svg class="plot {0}" role="img" aria-label="{1}"').format(kind, alt)
    return Markup(svg.replace("<svg", str(head), 1).replace(' class="marks"', "", 1))


def pdf_of(result: Result, drawn: list[Figure] | None = None) -> bytes:
    """The PDF, set by Typst. The same result gives the same bytes."""
    told = content(result)
    shown = figures(result) if drawn is None else drawn
    with TemporaryDirectory(prefix="brightline-") as name:
        root = Path(name)
        template = files("brightline.watch") / "page.typ"
        (root / "page.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        told["figures"] = []
        for figure in shown:
            if figure.plot is not None:
                (root / f"{figure.name}.pdf").write_bytes(vl_convert.svg_to_pdf(figure.plot.wide))
            plain = asdict(figure)
            plain["file"] = f"{figure.name}.pdf" if figure.plot is not None else None
            plain["grid"] = _plain_grid(figure.grid)
            del plain["plot"]
            told["figures"].append(plain)
        (root / "page.json").write_text(json.dumps(told, ensure_ascii=False, default=_plain), encoding="utf-8")
        try:
            made = typst.compile(root / "page.typ", root=root, ignore_system_fonts=True, timestamp=_made(result))
        except RuntimeError as error:
            raise WatchError(f"the PDF could not be set: {error}") from error
    return bytes(made)


def points_frame(result: Result) -> pl.DataFrame:
    """The series as it is drawn, a row for each period."""
    rows = [asdict(p) for p in result.points]
    schema = {"day": pl.Date, "count": pl.Float64, "after": pl.Boolean, "fitted": pl.Float64, "expected": pl.Float64,
              "low": pl.Float64, "high": pl.Float64, "note": pl.String}  # fmt: skip
    assert set(schema) == {f.name for f in fields(Point)}
    return _signed(pl.DataFrame(rows, schema=schema), result)


def estimates_frame(result: Result) -> pl.DataFrame:
    """Every specification, the primary one first."""
    schema = {"name": pl.String, "words": pl.String, "role": pl.String, "ratio": pl.Float64, "low": pl.Float64,
              "high": pl.Float64, "p": pl.Float64, "method": pl.String, "series": pl.String, "note": pl.String}  # fmt: skip
    assert set(schema) == {f.name for f in fields(Estimate)}
    return _signed(pl.DataFrame([asdict(e) for e in result.forest], schema=schema), result)


def _signed(frame: pl.DataFrame, result: Result) -> pl.DataFrame:
    """With what the numbers come from, so that a file that travels alone still says it."""
    return frame.with_columns(
        pl.lit(result.id).alias("plan"),
        pl.lit(result.label).alias("label"),
        pl.lit(result.plan_sha256).alias("plan_sha256"),
        pl.lit(result.data_sha256).alias("data_sha256"),
    )


# --- what the page says -----------------------------------------------------------------------


def content(result: Result) -> dict[str, Any]:
    """What stands on the page and in the PDF, as plain values."""
    return {
        "title": result.question,
        "language": result.language or "en",
        "label": result.label,
        "label_means": LABELS[result.label],
        "shouted": result.label in ("EXPLORATORY", "FRAGILE"),
        "refused": result.answer == "refused",
        "headline": result.headline,
        "sentences": [s for s in result.sentences if s != result.headline],
        "asides": asides(result),
        "facts": facts(result),
        "refusals": [{**asdict(r), "name": r.name[:1].upper() + r.name[1:]} for r in result.refusals],
        "flags": list(dict.fromkeys(f.sentence for f in result.flags)),
        "diagnostics": [asdict(i) for i in diagnostics(result.diagnostics, result)],
        "gates": _plain_grid(gates(result)) if result.gates else None,
        "people": _people(result.exposure) if result.exposure else None,
        "sources": [
            {"name": s.name, "where": s.where, "link": s.where.startswith("https://"), "sha256": s.sha256}
            for s in result.sources
        ],
        "policy": {
            "name": result.policy.name,
            "day": said(result.policy.day) if result.policy.day else "no day",
            "source": result.policy.source,
            "link": result.policy.source.startswith("https://"),
            "listed": any(s.where == result.policy.source for s in result.sources),
        },
        "what": f"{result.counted} by {result.period}, {result.place}",
        "made": result.made,
        "version": f"Brightline {result.version}".strip(),
        "id": result.id,
        "plan_sha256": result.plan_sha256,
        "data_sha256": result.data_sha256,
        "seed": result.seed,
        "logged": result.logged,
        "planned": result.planned,
    }


def asides(result: Result) -> list[str]:
    """What published numbers beside the series say, and how little two of them can say."""
    return [
        f"{e.words}{f' ({e.series})' if e.series else ''}: {ratio(e.ratio)} times, but anything from {ratio(e.low)} to "
        f"{ratio(e.high)} times fits. Two numbers do not show how much such counts move by themselves."
        for e in result.forest
        if e.name == "two_counts" and e.ratio is not None
    ]


def facts(result: Result) -> list[dict[str, str]]:
    """The few numbers that stand at the top."""
    told = []
    first = result.primary
    if first is not None and first.ratio is not None:
        interval = f"{ratio(first.low)} to {ratio(first.high)}" if first.low is not None else "no interval"
        told.append({"name": "Times the earlier level", "value": ratio(first.ratio), "of": f"95 % interval {interval}"})
        if first.p is not None:
            told.append(
                {
                    "name": "How often chance alone gives as much",
                    "value": p_value(first.p),
                    "of": f"p, by {first.method}",
                }
            )
    after = [p for p in result.points if p.after and p.count is not None and p.expected is not None and not p.note]
    if after:
        counted, expected = sum(p.count or 0 for p in after), sum(p.expected or 0 for p in after)
        told.append(
            {
                "name": f"Counted after the date, in {len(after)} {result.period}{'s' if len(after) != 1 else ''}",
                "value": number(counted),
                "of": f"{number(expected)} would have been expected",
            }
        )
    mde = result.diagnostics.mde
    if mde is not None and mde > 1:
        falls = first is not None and first.ratio is not None and first.ratio < 1
        told.append(
            {
                "name": f"Smallest {'fall' if falls else 'rise'} that would have been found",
                "value": f"{ratio(1 / mde if falls else mde)} ×",
                "of": f"or {'lower' if falls else 'more'}, four times in five",
            }
        )
    return told


def diagnostics(d: Diagnostics, result: Result) -> list[Item]:
    """Every diagnostic, also those that could not be found out."""

    def whole(value: float | None) -> str:
        return _UNKNOWN if value is None else number(value)

    def times(value: float | None) -> str:
        return _UNKNOWN if value is None else f"{ratio(value)} ×"

    def span(value: tuple[float, float] | None) -> str:
        return _UNKNOWN if value is None else f"{ratio(value[0])} to {ratio(value[1])} ×"

    def plain(value: float | None) -> str:
        return _UNKNOWN if value is None else f"{value:.2f}"

    by = result.period
    return [
        Item(f"{by}s before", whole(d.before), "How long the history is."),
        Item(f"{by}s after", whole(d.after), "How long the new time is."),
        Item("events before, in as long a stretch", whole(d.base_count), "Under 20, a percentage says nothing."),
        Item(
            "dispersion", plain(d.dispersion), "1 is pure chance. The larger, the more the counts jump by themselves."
        ),
        Item("rho", plain(d.rho), f"How much one {by} is like the next. Near 0: not at all."),
        Item("fake dates", whole(d.placebo_windows), "How often the same test was tried when nothing was decided."),
        Item(
            "degrees of freedom",
            plain(d.placebo_df),
            "How much the fake dates are worth. Under 3, the interval is very wide.",
        ),
        Item("smallest rise found", times(d.mde), "A smaller one would be missed more than one time in five."),
        Item("leave one out", span(d.leave_one_out), "The result without each period after, or each unit."),
        Item("drop the last", times(d.drop_last), f"The result without the last {by}."),
        Item("other trends", span(d.trend_forms), "The result with other forms of the trend."),
        Item(
            "changes of definition", whole(d.definition_changes), "Days from which the same name counts something else."
        ),
        Item("partial periods", whole(d.partial_periods), "Not counted to their end."),
        Item("late periods", whole(d.late_periods), "Left out, because records still arrive."),
        Item("missing periods", whole(d.missing_periods), "Missing is not zero."),
        Item("trend before", times(d.pretrend), "How much the two moved apart by step, before the date."),
        Item("smallest trend found before", times(d.pretrend_detectable), "A smaller one would have been missed."),
        Item(
            "breakdown Mbar",
            plain(d.breakdown_mbar),
            "So much drift would undo the result. 1: as much as before the date.",
        ),
        Item(
            "effective controls",
            plain(d.effective_controls),
            "What the comparison is worth, in places of equal weight.",
        ),
        Item(
            "analyses so far",
            whole(d.analyses_so_far),
            "Runs on this series in the log, with this one. Many tries find something.",
        ),
    ]


def gates(result: Result) -> Grid:
    rows = tuple(
        (
            "\u2003" * g.level + g.name,
            p_value(g.p) if g.tested else "not tested",
            p_value(g.adjusted),
            "yes" if g.found else "no" if g.tested else "",
            ratio(g.ratio),
            f"{ratio(g.low)} to {ratio(g.high)}" if g.low is not None else "",
        )
        for g in result.gates
    )
    return Grid(("Place", "p", "Adjusted", "Found", "Ratio", "Interval"), rows, frozenset({1, 2, 4, 5}))


def _people(found: People) -> dict[str, str]:
    return {
        "sentence": found.sentence,
        "range": f"{number(found.low)} to {number(found.high)}",
        "middle": number(found.middle),
        "level": f"{found.level:.0%}",
    }


def _plain_grid(grid: Grid) -> dict[str, Any]:
    return {"columns": list(grid.columns), "rows": [list(r) for r in grid.rows], "numeric": sorted(grid.numeric)}


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def _made(result: Result) -> datetime:
    try:
        return datetime.fromisoformat(result.made.replace("Z", "+00:00"))
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)
