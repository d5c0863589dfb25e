"""A result as files: a page that opens offline, a PDF, the numbers as Parquet and JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup, escape

from brightline.watch.diagnostics import diagnostics
from brightline.watch.drawing import Figure
from brightline.watch.grid import Grid, plain_grid
from brightline.watch.plot_series import what_of
from brightline.watch.plots import figures
from brightline.watch.printed import printed
from brightline.watch.result import Estimate, Gate, Point, Result, Source
from brightline.watch.together import write_together
from brightline.watch.words import capital
from brightline.watch.words_page import count, interval, level, many, noun, p_value, ratio, said, say


def write(result: Result, folder: Path | str, *, pdf: bool = True) -> dict[str, Path]:
    """Write result.html, result.pdf, series.parquet, estimates.parquet and result.json into a folder.

    Each file is written beside its place and renamed when all are whole. Raises WatchError if one cannot be.
    """
    drawn = figures(result)
    makers: dict[str, Callable[[Path], object]] = {
        "result.html": lambda path: path.write_text(html(result, drawn), encoding="utf-8"),
        "series.parquet": lambda path: points_frame(result).write_parquet(path),
        "estimates.parquet": lambda path: estimates_frame(result).write_parquet(path),
        "result.json": lambda path: path.write_text(result.as_json() + "\n", encoding="utf-8"),
    }
    if pdf:
        makers["result.pdf"] = lambda path: path.write_bytes(pdf_of(result, drawn))
    return write_together(Path(folder), makers)


def html(result: Result, drawn: list[Figure] | None = None) -> str:
    """The whole page as one text. Every word of the data is escaped; only our own drawings go in as they are."""
    return filled("page.html.j2", content(result), figures(result) if drawn is None else drawn)


def filled(template: str, told: dict[str, Any], drawn: list[Figure]) -> str:
    """A template of the watch with what it says, in the language of `told`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("brightline.watch", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    language = told["language"]
    environment.filters["code"] = coded
    environment.globals["say"] = lambda key, **parts: say(key, language, **parts)
    environment.globals["rows_of"] = lambda n: many(n, "row", language)
    environment.globals["drawing"] = drawing
    style = Markup((files("brightline.watch") / "page.css").read_text(encoding="utf-8"))
    return environment.get_template(template).render(c=told, figures=drawn, style=style)


_PDF_WORDS = (
    "brand", "not_said", "care", "places", "trust", "sources", "again", "c_what", "c_value", "c_means", "plan", "seed", "logged",
    "plan_hash", "data_hash", "none",
)  # fmt: skip


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
    return printed("page.typ", content(result), figures(result) if drawn is None else drawn, _PDF_WORDS)


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
              "high": pl.Float64, "p": pl.Float64, "method": pl.String, "series": pl.String, "note": pl.String,
              "adjusted": pl.Float64}  # fmt: skip
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
    lang = result.language
    made = {"label": say(result.label, lang), "version": f"Brightline {result.version}".strip(), "made": result.made}
    day = said(result.policy.day, lang) if result.policy.day else ""
    return {
        **made,
        "title": result.question,
        "language": lang,
        "kind": result.label.lower(),
        "label_means": say(f"{result.label}_means", lang),
        "shouted": result.label in ("EXPLORATORY", "FRAGILE"),
        "headline": result.headline,
        "sentences": [s for s in result.sentences if s != result.headline],
        "asides": asides(result),
        "facts": facts(result),
        "refusals": [
            {"name": capital(r.name), "reason": r.reason, "needed": say("needed", lang, needed=r.needed)}
            for r in result.refusals
        ],
        "flags": [f for f in dict.fromkeys(f.sentence for f in result.flags) if f not in result.sentences],
        "diagnostics": [asdict(i) for i in diagnostics(result)],
        "gates": plain_grid(gates(result)) if result.gates else None,
        "people": result.exposure.sentence
        if result.exposure and result.exposure.sentence not in result.sentences
        else "",
        "sources": [
            {"name": s.name, "where": s.where, "link": s.where.startswith("https://"), "sha256": s.sha256}
            for s in (*result.sources, *published(result))
        ],
        "policy": {
            "name": result.policy.name,
            "source": result.policy.source,
            "link": result.policy.source.startswith("https://"),
            "listed": any(s.where == result.policy.source for s in result.sources),
        },
        "dek": say(
            "counted" if day else "counted_no_day", lang, what=what_of(result), day=day, policy=result.policy.name
        ),
        "made_with": say("with", lang, **made),
        "made_on": say("made_on", lang, **made),
        "foot": say("foot", lang, **made),
        "id": result.id,
        "plan_sha256": result.plan_sha256,
        "data_sha256": result.data_sha256,
        "seed": result.seed,
        "logged": result.logged,
        "planned": result.planned,
    }


def published(result: Result) -> list[Source]:
    """Where numbers come from that stand beside the series."""
    found = [(e.words, where) for e in result.forest if e.name == "two_counts" for where in e.note.split("; ") if where]
    return [Source(name, where) for name, where in found]


def asides(result: Result) -> list[str]:
    """What published numbers beside the series say, and how little two of them can say."""
    lang = result.language
    return [
        say(
            "aside", lang, what=f"{e.words} ({e.series})" if e.series else e.words, ratio=ratio(e.ratio, lang),
            low=ratio(e.low, lang), high=ratio(e.high, lang),
        )
        for e in result.forest
        if e.name == "two_counts" and e.ratio is not None
    ]  # fmt: skip


def facts(result: Result) -> list[dict[str, str]]:
    """The few numbers that stand at the top."""
    lang, first, told = result.language, result.primary, []

    def add(name: str, value: str, of: str) -> None:
        told.append({"name": name, "value": value, "of": of})

    if first is not None and first.ratio is not None:
        of = say("no_interval", lang)
        if first.low is not None and first.high is not None:
            ends = {"low": ratio(first.low, lang), "high": ratio(first.high, lang)}
            of = say("interval_of", lang, level=level(result.alpha, lang), **ends)
        name = say("fact_ratio_share", lang, against=result.against) if result.against else say("fact_ratio", lang)
        add(name, ratio(first.ratio, lang), of)
        if first.p is not None:
            add(say("fact_chance", lang), p_value(first.p, lang), say("p_by", lang, method=first.method))
    after = [p for p in result.points if p.after and p.count is not None and p.expected is not None and not p.note]
    if after:
        # a mean and no sum: of a list or of people held the same ones are counted again each time
        mean = {key: sum(getattr(p, key) for p in after) / len(after) for key in ("count", "expected")}
        periods = {"period": noun(result.period, lang), "periods": many(len(after), result.period, lang)}
        add(
            say("fact_counted", lang, **periods), count(mean["count"], lang),
            say("was_expected", lang, n=count(mean["expected"], lang)),
        )  # fmt: skip
    mde = result.diagnostics.mde
    if mde is not None and mde > 1:
        fell = first is not None and first.ratio is not None and first.ratio < 1
        add(
            say("fact_fall" if fell else "fact_rise", lang), say("times", lang, ratio=ratio(1 / mde if fell else mde, lang)),
            say("or_lower" if fell else "or_more", lang),
        )  # fmt: skip
    return told


def gates(result: Result) -> Grid:
    """The places from the whole down, each with what was found there."""
    lang = result.language

    def row(g: Gate) -> tuple[str, ...]:
        p = p_value(g.p, lang) if g.tested else say("not_tested", lang)
        found = say("yes" if g.found else "no", lang)
        if not g.tested:  # of what stands below a closed gate nothing is said
            return "\u2003" * g.level + g.name, p, "", "", "", ""
        ends = "" if g.low is None else interval(g.low, g.high, lang)
        return "\u2003" * g.level + g.name, p, p_value(g.adjusted, lang), found, ratio(g.ratio, lang), ends

    columns = ("c_place", "c_p", "c_adjusted", "c_found", "c_ratio", "c_interval")
    return Grid(tuple(say(c, lang) for c in columns), tuple(row(g) for g in result.gates), frozenset({1, 2, 4, 5}))
