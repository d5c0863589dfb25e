"""A result in plain words: a headline, and a few sentences whose wording depends on what was shown.

"Coincides with" is the rule. "Raised" and "lowered" need everything that `refuse.lacking` asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from brightline.watch.result import Estimate, Result
from brightline.watch.words import capital, number, percent, say, signed_percent, since, when

_SYNTAX = re.compile(r" \([^()]*`[^()]*\)")  # how a plan writes it: for the list of refusals, not for a summary
_ANY = 100.0  # an interval whose ends are so many times apart says nothing
_FEW_CONTROLS = 3
_AS_TIMES = 2.0  # from here a ratio is told in times and not in percent


def told(result: Result, turned: tuple[str, str, float | None, bool] | None = None, why: str = "") -> Result:
    """The result with its headline and sentences. `turned`: what turns it over (what, which, ratio without it, only one).

    `why` is the key of the sentence why it is exploratory.
    """
    headline = _headline(result, turned)
    sentences = [headline, *_rest(result, turned, why)]
    return replace(result, headline=headline, sentences=tuple(sentences))


def _headline(result: Result, turned: tuple[str, str, float | None, bool] | None) -> str:
    lang = result.language
    refused = next((r for r in result.refusals if r.whole), None)
    if refused is not None:
        return say("refused", lang, reason=refused.reason)
    if turned is not None:
        what, which, _, only = turned
        return say("fragile_only" if only else "fragile", lang, what=say(what, lang), which=which)
    place = say("in", lang, place=result.place) if result.place else ""
    policy, day = result.policy.name, _day(result)
    parts = {"counted": result.counted, "place": place, "day": day, "policy": policy, "against": _against(result)}
    match result.answer:
        case "rose" | "fell":
            assert result.primary is not None and result.primary.ratio is not None
            by = _by(result.primary.ratio, result)
            if result.words == "causal":
                key = "raised" if result.answer == "rose" else "lowered"
                return capital(say(key, lang, by=by, **parts))
            key = result.answer if policy else f"{result.answer}_no_cause"
            return capital(say(key, lang, by=by, **parts))
        case "no change larger than":
            assert result.smallest_effect is not None
            return capital(say("none", lang, limit=_limit(result.smallest_effect, lang), **parts))
        case _:
            if _moved_untold(result):
                assert result.primary is not None and result.primary.ratio is not None
                way = "up" if result.primary.ratio > 1 else "down"
                moving = result.events is not None and result.events.moving(result.alpha)
                key = f"moving_{way}" if moving else f"explained_{way}"
                return capital(say(key, lang, by=_by(result.primary.ratio, result), **parts))
            return capital(say("untold", lang, **parts))


def _moved_untold(result: Result) -> bool:
    """It moved, and what else moved before the date could explain that: whether the date changed anything is not told."""
    one, events = result.primary, result.events
    if result.answer != "could not be told" or result.label == "FRAGILE" or one is None or one.ratio is None:
        return False
    p = one.p if one.adjusted is None else one.adjusted
    weak = events is not None and (
        (events.breakdown is not None and events.breakdown < 1) or events.moving(result.alpha)
    )
    return p is not None and p < result.alpha and weak


def _day(result: Result) -> str:
    return when(result.policy.day, "day", result.language) if result.policy.day else ""


def _against(result: Result) -> str:
    """With what it was compared, where it was: a ratio to others is no count of its own."""
    return say("against", result.language, against=result.against) if result.against else ""


def _by(ratio: float, result: Result) -> str:
    lang = result.language
    if ratio >= _AS_TIMES:
        return say("by_times_against" if result.against else "by_times", lang, ratio=number(ratio, lang))
    key = "by_percent_against" if result.against else "by_percent_up" if ratio > 1 else "by_percent_down"
    return say(key, lang, percent=percent(ratio, lang))


def _limit(ratio: float, lang: str) -> str:
    if ratio >= _AS_TIMES:
        return say("limit_times", lang, ratio=number(ratio, lang))
    return say("limit_percent", lang, percent=percent(ratio, lang))


def _size(one: Estimate, result: Result) -> str:
    lang = result.language
    assert one.ratio is not None and one.low is not None and one.high is not None
    if one.ratio >= _AS_TIMES or one.high >= 2 * _AS_TIMES:
        return say("size_times", lang, low=number(one.low, lang), high=number(one.high, lang))
    return say("size_percent", lang, low=signed_percent(one.low, lang), high=signed_percent(one.high, lang))


def _rest(result: Result, turned: tuple[str, str, float | None, bool] | None, why: str) -> Iterable[str]:
    lang, primary = result.language, result.primary
    refused = next((r for r in result.refusals if r.whole), None)
    if refused is not None:
        yield say("needed", lang, needed=_SYNTAX.sub("", refused.needed))
        yield from _changes(result)
        return
    told_size = primary is not None and None not in (primary.ratio, primary.low, primary.high)
    if result.label == "EXPLORATORY" or why:
        key = "exploratory" if result.answer in ("rose", "fell", "no change larger than") else "exploratory_untold"
        yield say(key, lang, why=say(why or "why_no_log", lang))
    if turned is not None and turned[2] is not None and primary is not None and primary.ratio is not None:
        yield say(
            "without_fragile", lang, what=say(turned[0], lang), with_ratio=number(primary.ratio, lang),
            without_ratio=number(turned[2], lang),
        )  # fmt: skip
    if primary is not None and told_size:
        if result.answer in ("rose", "fell", "no change larger than") or _moved_untold(result):
            yield _size(primary, result)
        elif turned is None:
            yield _untold(primary, result)
    if result.answer == "could not be told" and result.diagnostics.mde is not None and not _moved_untold(result):
        mde = result.diagnostics.mde
        if mde > _ANY:
            pass  # it has been said that nothing can be seen
        elif mde >= _AS_TIMES:
            yield say("mde_times", lang, ratio=number(mde, lang, 2), inverse=number(1 / mde, lang, 2))
        else:
            yield say("mde_percent", lang, rise=percent(mde, lang), fall=percent(1 / mde, lang))
    yield from _chance(result)
    yield from _controls(result)
    yield from _groups(result)
    if result.answer in ("rose", "fell"):
        yield from _cause(result)
    yield from _trends(result)
    yield from _changes(result)
    for flag in result.flags:
        if flag.code in ("definition", "partial", "late", "missing"):
            yield flag.sentence
    if result.exposure is not None:
        yield result.exposure.sentence
    if not why and result.planned:
        yield say("planned", lang)
    if (result.diagnostics.analyses_so_far or 0) > 1:
        yield say("nth", lang, n=result.diagnostics.analyses_so_far)


def _chance(result: Result) -> Iterable[str]:
    """How often the same test moves as far where nothing was decided."""
    lang, fakes, events = result.language, result.placebos, result.events
    if fakes is not None and fakes.real is not None and fakes.z:
        far = sum(abs(z) >= abs(fakes.real) for z in fakes.z)
        yield say("placebo" if fakes.days else "placebo_units", lang, n=len(fakes.z), k=far)
    elif events is not None and events.as_far is not None:
        draws = events.draws or len(events.randomised)
        key = "randomised_dates" if events.over_dates else "randomised"
        yield say(key, lang, n=number(draws, lang, 5), k=number(events.as_far, lang, 5))


def _untold(one: Estimate, result: Result) -> str:
    lang = result.language
    assert one.ratio is not None and one.low is not None and one.high is not None
    if one.high > _ANY * one.low:
        return say("size_any", lang)
    return say(
        "size_untold", lang, against=_against(result) or say("from_expected", lang), percent=signed_percent(one.ratio, lang), low=signed_percent(one.low, lang),
        high=signed_percent(one.high, lang),
    )  # fmt: skip


def _controls(result: Result) -> Iterable[str]:
    """What the policy should not touch: few series one by one, many in one sentence."""
    controls = [e for e in result.forest if e.role == "control" and e.p is not None and e.name != "reporting_free"]
    moved = [e.series for e in controls if e.p is not None and e.p < result.alpha]
    of = result.primary.ratio if result.primary and result.answer in ("rose", "fell") else None
    blunt = [e.series for e in controls if e.series not in moved and e.holds(of)]
    if len(controls) <= _FEW_CONTROLS:
        for one in controls:
            key = (
                "control_moved" if one.series in moved else "control_blunt" if one.series in blunt else "control_still"
            )
            yield capital(say(key, result.language, control=one.series))
    elif moved:
        shown = ", ".join(moved[:_FEW_CONTROLS]) + (" …" if len(moved) > _FEW_CONTROLS else "")
        yield say("controls_moved", result.language, n=len(controls), moved=f"{len(moved)} ({shown})")
    else:
        yield say("controls_still", result.language, n=len(controls))


def _groups(result: Result) -> Iterable[str]:
    """For whom it moved, by the p-values that are adjusted for the number of groups."""
    groups = [e for e in result.forest if e.name == "composition" and e.adjusted is not None and e.ratio is not None]
    if not groups or result.label == "FRAGILE":
        return
    # a line with a note hangs on one period, and nothing is rested on that
    moved = [e for e in groups if e.adjusted is not None and e.adjusted < result.alpha and not e.note]
    for key, ways in (
        ("groups_up", [e for e in moved if (e.ratio or 0) > 1]),
        ("groups_down", [e for e in moved if (e.ratio or 0) < 1]),
    ):
        if ways:
            yield say(key, result.language, groups=", ".join(e.series for e in ways))
    if not moved:
        yield say("groups_still", result.language, n=len(groups))


def _cause(result: Result) -> Iterable[str]:
    lang, breakdown = result.language, result.diagnostics.breakdown_mbar
    if result.words == "causal":
        yield say("cause", lang, mbar=number(breakdown or 0.0, lang, 2))
        return
    yield say("not_cause", lang)
    if breakdown is not None:
        key = "bounds_none" if breakdown == 0 else "bounds_weak" if breakdown < 1 else "bounds"
        yield say(key, lang, mbar=number(breakdown, lang, 2))


def _trends(result: Result) -> Iterable[str]:
    """Whether the answer stands with another form of the trend: that it does not is said, also where it is only unsure."""
    if any(f.code == "trend_forms" for f in result.flags):
        yield say("trend_forms", result.language)
    elif result.answer in ("rose", "fell"):
        unsure = [
            e
            for e in result.forest
            if e.name in ("trend_spline", "no_trend")
            and e.low is not None
            and e.high is not None
            and e.low < 1 < e.high
        ]
        if unsure:
            ends = {"low": min(e.low or 0.0 for e in unsure), "high": max(e.high or 0.0 for e in unsure)}
            yield say("trend_wide", result.language, **{k: number(v, result.language) for k, v in ends.items()})


def _changes(result: Result) -> Iterable[str]:
    lang = result.language
    if not result.changes:
        if result.drift is not None:
            yield say("no_change", lang)
        return
    last = result.changes[-1]
    days = {
        name: since(day, result.period, lang)
        for name, day in (("day", last.mode), ("low", last.low), ("high", last.high))
    }
    way = say("higher" if last.after > last.before else "lower", lang)
    yield say("change" if last.low < last.high else "change_sure", lang, way=way, **days)
    if len(result.changes) > 1:
        yield say("more_changes", lang, n=len(result.changes) - 1)
    if result.drift:
        yield say("drift", lang)
