"""Every diagnostic of a result by its name, with its value and what it means, for the page, the PDF and the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from brightline.watch.result import Result
from brightline.watch.words_page import count, decimal, noun, ratio, say


@dataclass(frozen=True)
class Item:
    """One diagnostic: its name, its value, what it means."""

    name: str
    value: str
    meaning: str


def diagnostics(result: Result) -> list[Item]:
    """Every diagnostic, also those that could not be found out."""
    d, lang = result.diagnostics, result.language

    def whole(value: float | None) -> str:
        return say("unknown", lang) if value is None else count(value, lang)

    def times(value: float | None) -> str:
        return say("unknown", lang) if value is None else say("times", lang, ratio=ratio(value, lang))

    def span(value: tuple[float, float] | None) -> str:
        if value is None:
            return say("unknown", lang)
        return say("to_times", lang, low=ratio(value[0], lang), high=ratio(value[1], lang))

    def plain(value: float | None) -> str:
        return say("unknown", lang) if value is None else decimal(value, lang, 2)

    told = {
        "before": whole(d.before),
        "after": whole(d.after),
        "base": whole(d.base_count),
        "level_before": whole(d.level_before),
        "dispersion": plain(d.dispersion),
        "rho": plain(d.rho),
        "fakes": whole(d.placebo_windows),
        "df": plain(d.placebo_df),
        "mde": times(d.mde),
        "one_out": span(d.leave_one_out),
        "last": times(d.drop_last),
        "trends": span(d.trend_forms),
        "definition": whole(d.definition_changes),
        "partial": whole(d.partial_periods),
        "late": whole(d.late_periods),
        "missing": whole(d.missing_periods),
        "pretrend": times(d.pretrend),
        "pretrend_mde": times(d.pretrend_detectable),
        "breakdown": plain(d.breakdown_mbar),
        "controls": plain(d.effective_controls),
        "analyses": whole(d.analyses_so_far),
    }
    periods = noun(result.period, lang, 2)
    return [
        Item(say(f"d_{key}", lang, periods=periods), value, say(f"d_{key}_means", lang)) for key, value in told.items()
    ]
