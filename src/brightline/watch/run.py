"""One planned analysis, from the plan and its counts to a result with every diagnostic."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from brightline.watch import refuse
from brightline.watch.compared import compare, outcome, units_beside
from brightline.watch.composition import composition
from brightline.watch.cut import Cut, Loaded, MixedPopulations, cut
from brightline.watch.exposure import Factor, chain, excess
from brightline.watch.interrupted import against_of, counts_beside, interrupted, share_beside
from brightline.watch.log import Log, now, series_of
from brightline.watch.multiple import Method, adjusted
from brightline.watch.partition import FEWEST, SHORTEST, partition, posteriors
from brightline.watch.places import gates
from brightline.watch.plan import PANEL, SHARES, Counted, Estimator, Plan, Step, period_day
from brightline.watch.problems import WatchError
from brightline.watch.ratio import pair
from brightline.watch.refuse import Facts
from brightline.watch.result import Answer, Change, Estimate, ExposureBar, Flag, Label, People, Policy, Result
from brightline.watch.series import Floats, Series
from brightline.watch.single import cycle_of, points
from brightline.watch.tell import told
from brightline.watch.words import check_language, number, percent
from brightline.watch.words_page import many
from brightline.watch.work import Work, answer_of, tried

_SHOWN_SPIKES = 3


@dataclass(frozen=True)
class Standing:
    """Whether the plan stood before the data were read, and if not the key of the sentence that says why."""

    planned: bool
    why: str
    analyses: int | None
    logged: str = ""


UNLOGGED = Standing(False, "why_no_log", None)


def standing(plan: Plan, log: Log, loaded: Loaded) -> Standing:
    """Planned only if the log had the plan before this series was ever analysed, and nobody had seen the counts."""
    seen = {loaded.sha256, *(s.sha256 for s in loaded.sources)}
    analyses = log.runs_on(series_of(plan))
    where = str(log.path)
    if plan.data.outcome_seen:
        return Standing(False, "why_seen", analyses, where)
    if plan.data.snapshot_sha256_seen and plan.data.snapshot_sha256_seen in seen:
        return Standing(False, "why_snapshot", analyses, where)
    own = (
        {Path(name).name for name in plan.sources[plan.data.series].files} if plan.data.series in plan.sources else None
    )
    files = {s.sha256 for s in loaded.sources if s.sha256 and (own is None or s.where in own)}  # not those of controls
    why = log.seen_before(plan, files, loaded.counts_of(plan.data.series, plan.data.place, plan.data.group))
    return Standing(not why, why, analyses, where)


def run(
    plan: Plan,
    loaded: Loaded,
    *,
    language: str = "en",
    standing: Standing = UNLOGGED,
    version: str = "",
    step: Callable[[str], None] = lambda name: None,
) -> Result:
    """Run the plan on its counts. WatchError when the data cannot answer it; a refused claim is in the result."""
    check_language(language)
    work = Work(plan, loaded, language, step)
    # What has no finite estimate is told as such, and not as a warning of NumPy's on somebody's terminal
    with np.errstate(all="ignore"):
        _analyse(work)
        return _finish(work, standing, version)


def _analyse(work: Work) -> None:
    """Everything that is found; it ends where something rules an answer out."""
    plan = work.plan
    work.refuse(refuse.by_plan(plan, work.language))
    try:
        series = outcome(work)
    except MixedPopulations as error:
        work.refuse([refuse.mixed(error.populations, work.language)])
        return
    work.part = part = cut(series, plan)
    work.step("change points")
    work.changes, work.spikes, work.drift = _changes(part)
    _data_flags(work, part, series)
    if work.refused:
        return
    work.step("primary")
    (compare if plan.primary.estimator in PANEL else interrupted)(work, part)
    if work.refused:
        return
    work.step("secondary")
    for estimator in plan.secondary:
        tried(work, estimator.estimator, _beside, work, estimator, part)
    _adjust(work)
    if plan.multiplicity.gates and work.single is not None and work.primary is not None:
        work.step("places")
        work.gates = gates(work.loaded, part, plan, work.single, work.primary)
    if work.spikes:
        days = ", ".join(work.when(d) for d in work.spikes[:_SHOWN_SPIKES])
        work.flag("spike", days=days + (" …" if len(work.spikes) > _SHOWN_SPIKES else ""))


# --- the counts by themselves -----------------------------------------------------------------------------------


def _changes(part: Cut) -> tuple[tuple[Change, ...], tuple[date, ...], bool | None]:
    """What the counts show by themselves, over the longest stretch without a gap."""
    usable = np.where(
        [part.notes.get(i) in ("partial", "late") for i in range(len(part.values))], np.nan, part.observed
    )
    first, end = _longest(~np.isnan(usable))
    if end - first < max(FEWEST, 2 * SHORTEST) or not usable[first:end].sum() > 0:
        return (), (), None
    values = usable[first:end]
    cycle = cycle_of(part.series.period)
    one = partition(values, cycle=cycle)[0]
    days = part.days[first:end]
    level = values / one.season
    made = []
    for at, told_date in zip(one.changes, posteriors(values, one), strict=True):
        probability = told_date.probability
        made.append(
            Change(
                mode=days[told_date.mode], low=days[told_date.low], high=days[told_date.high],
                before=_level_beside(level, one.changes, at, -1), after=_level_beside(level, one.changes, at, 1),
                days=tuple(days[told_date.first : told_date.first + len(probability)]),
                probability=tuple(float(v) for v in probability),
            )
        )  # fmt: skip
    return tuple(made), tuple(days[i] for i in one.spikes), one.drift


def _level_beside(level: Floats, changes: Sequence[int], at: int, side: int) -> float:
    cuts = [0, *changes, len(level)]
    k = cuts.index(at)
    a, b = (cuts[k - 1], at) if side < 0 else (at, cuts[k + 1])
    return float(level[a:b].mean())


def _longest(seen: Any) -> tuple[int, int]:
    best, start = (0, 0), None
    for i, one in enumerate([*seen.tolist(), False]):
        if one and start is None:
            start = i
        elif not one and start is not None:
            if i - start > best[1] - best[0]:
                best = (start, i)
            start = None
    return best


def _data_flags(work: Work, part: Cut, series: Series) -> None:
    plan = work.plan
    before, after = part.used
    work.know(
        before=before, after=after, partial_periods=part.partial, late_periods=part.late, missing_periods=part.missing,
        definition_changes=len(part.changes),
    )  # fmt: skip
    if part.partial:
        work.flag(
            "partial", n=part.partial, how=work.say("left_out" if plan.data.partial_periods == "drop" else "kept")
        )
    if part.late:
        work.flag("late", n=part.late)
    if series.lag > plan.data.late and len(series) - series.lag < series.index(plan.last_after) + 1:
        work.flag("lag", n=series.lag, late=plan.data.late)
    if part.missing:
        work.flag("missing", n=part.missing)
    between = sum(note == "between" for note in part.notes.values())
    if between:
        work.flag("between", n=between)
    days = (plan.policy.date - part.days[part.at]).days if plan.policy.date else 0
    if days > 0:
        work.flag("begun", days=many(days, "day", work.language))


# --- beside the primary -----------------------------------------------------------------------------------------


def _beside(work: Work, estimator: Estimator, part: Cut) -> None:
    """One of the plan's second lines."""
    if estimator.estimator in SHARES:
        share_beside(work, estimator, part)
    elif estimator.estimator == "its_quasipoisson":
        counts_beside(work, part)
    elif estimator.estimator == "composition":
        composition(work, estimator, part)
    elif estimator.estimator == "two_counts":
        work.forest.append(_two_counts(work, estimator))
    else:
        units_beside(work, estimator, part)


def _two_counts(work: Work, estimator: Estimator) -> Estimate:
    """Two published numbers, with the spread of a like series; said apart from everything else."""
    before, after = estimator.before, estimator.after
    assert before is not None and after is not None
    like = estimator.dispersion == "like_series"
    dispersion = work.diagnostics.dispersion if like else float(estimator.dispersion)
    if dispersion is None:
        raise WatchError("two published numbers need a dispersion, from a like series or in the plan.")
    two = pair(before.count, after.count, dispersion=max(dispersion, 1.0), level=1 - work.alpha)
    counts = {"before": _published(before, work), "after": _published(after, work)}
    return Estimate(
        name="two_counts", words=work.say("e_two_counts", **counts), role="secondary",
        ratio=two.ratio, low=two.low, high=two.high, p=two.p,
        method=work.say("how_dispersion", value=number(two.dispersion, work.language)),
        series=before.population, note="; ".join(dict.fromkeys(s for s in (before.source, after.source) if s)),
    )  # fmt: skip


def _published(one: Counted, work: Work) -> str:
    """A published number with its period, as people write it; a span that is no period of the plan's stays as written."""
    period = one.period
    with contextlib.suppress(WatchError):
        period = work.when(period_day(period, work.plan.data.period))
    return number(one.count, work.language, 6) + (f" ({period})" if period else "")


# --- several questions at once ----------------------------------------------------------------------------------


def _adjust(work: Work) -> None:
    """Raise the p-values of the plan's family of questions together, and those of the other second lines apart from them."""
    family = work.plan.multiplicity
    names = set(family.family)
    lines = [e for e in work.forest if e.role in ("primary", "secondary") and e.name != "two_counts"]
    asked = [e for e in lines if e.name in names]
    others = [e for e in lines if e.name not in names]
    if len(asked) > 1:
        _raise(work, asked, family.method)
        first = next(e for e in work.forest if e.role == "primary")
        work.primary = first
        if first.adjusted is not None:
            work.flag("family", n=len(asked), method=family.method, p=number(first.adjusted, work.language, 2))
    if others:
        method, rate = family.exploratory.split()
        _raise(work, others, "BY" if method == "BY" else "BH")
        found = sum(e.adjusted is not None and e.adjusted <= float(rate) for e in work.forest if e.name not in names)
        share = number(100 * float(rate), work.language, 2)
        work.flag("beside", n=len(others), method=method, rate=share, k=found)


def _raise(work: Work, lines: Sequence[Estimate], method: Method) -> None:
    raised = adjusted(np.array([math.nan if e.p is None else e.p for e in lines]), method)
    changed = {id(e): replace(e, adjusted=refuse.finite(float(v))) for e, v in zip(lines, raised, strict=True)}
    work.forest = [changed.get(id(e), e) for e in work.forest]


# --- the result -------------------------------------------------------------------------------------------------


def _finish(work: Work, standing: Standing, version: str) -> Result:
    plan, part = work.plan, work.part
    work.know(analyses_so_far=standing.analyses)
    work.flags += [Flag("reader", note) for note in work.loaded.notes]
    answer = _answer(work, standing)
    people = _exposure(work) if answer in ("rose", "fell") else None
    if answer != "refused":
        _moving_before(work)
    if answer == "refused":
        _take_back(work)
    causal = (
        answer in ("rose", "fell")
        and refuse.wants_cause(plan)
        and not refuse.lacking(plan, _facts(work, standing, answer), work.language)
    )
    label: Label = "FRAGILE" if work.turned is not None else "PLANNED" if standing.planned else "EXPLORATORY"
    series = part.series if part is not None else None
    result = Result(
        id=plan.id, question=plan.question, label=label, planned=standing.planned, answer=answer,
        words="causal" if causal else "coincides", headline="", sentences=(), language=work.language,
        series=series.label if series else plan.data.series,
        counted=_counted(plan),
        place=(series.place if series else plan.data.place), period=plan.data.period,
        policy=Policy(plan.policy.name, plan.policy.date, plan.policy.source),
        first_after=part.days[part.at] if part is not None else None,
        primary=work.primary, forest=tuple(work.forest),
        points=points(part, work.single) if part is not None else (),
        changes=work.changes, spikes=work.spikes, drift=work.drift, placebos=work.placebos, events=work.events,
        weights=work.weights, gates=work.gates, exposure=people, diagnostics=work.diagnostics,
        flags=tuple(dict.fromkeys(work.flags)), refusals=tuple(work.refusals), sources=work.loaded.sources,
        definition_days=tuple((c.day, c.what) for c in part.changes) if part is not None else (),
        alpha=plan.primary.alpha, smallest_effect=plan.hypothesis.smallest_effect_of_interest, plan_sha256=plan.sha256,
        data_sha256=work.loaded.sha256, seed=plan.seed, version=version, made=now(), logged=standing.logged,
        against=_compared_with(work),
    )  # fmt: skip
    turned = work.turned
    return told(
        result,
        None if turned is None else (turned.what, turned.which, turned.ratio, turned.only),
        "" if standing.planned else standing.why,
    )


def _moving_before(work: Work) -> None:
    """Whether it moved before the date already, or how much of a drift the test would have missed."""
    known = work.diagnostics
    if known.pretrend is not None and work.was_moving:
        work.flag("moving", percent=percent(known.pretrend, work.language))
    elif known.pretrend_detectable is not None:
        work.flag("pretrend", percent=percent(known.pretrend_detectable, work.language))


def _counted(plan: Plan) -> str:
    return plan.data.counted or plan.data.series.replace("_", " ")


def _compared_with(work: Work) -> str:
    estimator = work.plan.primary
    if estimator.estimator in SHARES:
        return against_of(work, estimator)
    return work.say("the_others") if estimator.estimator in PANEL else ""


def _answer(work: Work, standing: Standing) -> Answer:
    """The answer, and what may not be said of it."""
    plan, one = work.plan, work.primary
    if work.refused or one is None or one.ratio is None:
        return "refused" if work.refused else "could not be told"
    assert work.part is not None
    if plan.policy.source == "" and plan.data.outcome_seen and _found_in_data(work.part, work.changes):
        work.refuse([refuse.found_in_data(work.language)])
        return "refused"
    p = one.p if one.adjusted is None else one.adjusted
    answer = answer_of(plan, one.ratio, _or_nan(one.low), _or_nan(one.high), _or_nan(p))
    bounded = plan.primary.estimator in ("ppml_event_study", "callaway_santanna")
    if bounded and answer in ("rose", "fell") and not (work.breakdown is not None and work.breakdown >= 1):
        answer = "could not be told"  # a departure no larger than those before would explain it
    if plan.primary.estimator == "sdid" and answer in ("rose", "fell") and work.was_moving:
        answer = "could not be told"
    if answer == "could not be told" and (bounded or plan.primary.estimator == "sdid" or p != one.p):
        work.turned = None  # there is no claim to be fragile
    if work.refuse(refuse.by_result(plan, _facts(work, standing, answer), work.language)):
        return "refused"
    return "could not be told" if work.turned is not None else answer


def _take_back(work: Work) -> None:
    """Nothing of a refused result is shown that could be read as its answer."""
    work.primary, work.forest, work.events, work.placebos, work.turned = None, [], None, None, None
    work.single, work.weights, work.gates = None, None, ()
    work.know(mde=None, leave_one_out=None, drop_last=None, trend_forms=None, pretrend=None, pretrend_detectable=None)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _facts(work: Work, standing: Standing, answer: str) -> Facts:
    known, events = work.diagnostics, work.events
    return Facts(
        before=known.before or 0, after=known.after or 0, base_count=_fewest_events(work), dispersion=known.dispersion,
        placebo=work.placebos is not None or (events is not None and events.randomised_p is not None),
        controls=tuple(work.controls), moved=tuple(work.moved), blunt=tuple(work.blunt),
        pretrend=events is not None and events.pretrend is not None, breakdown=work.breakdown,
        planned=standing.planned, answer=answer, trend_forms_differ=work.differ, turned=work.turned,
        reporting_free=any(e.name == "reporting_free" and e.ratio is not None for e in work.forest),
    )  # fmt: skip


def _fewest_events(work: Work) -> float | None:
    """Events that a percentage would be of: what was expected, and of exposed units no more than there were before."""
    return min((n for n in (work.diagnostics.base_count, work.carried) if n is not None), default=None)


def _found_in_data(part: Cut, changes: Sequence[Change]) -> bool:
    """A date without a source, told by somebody who has seen the counts, that lies where the counts change by themselves."""
    first = part.days[part.at]
    return any(c.low <= first <= c.high for c in changes)


# --- people -----------------------------------------------------------------------------------------------------


def _exposure(work: Work) -> People | None:
    plan, one = work.plan, work.primary
    if plan.exposure is None or one is None or one.ratio is None:
        return None
    factors = [_factor(s) for s in plan.exposure.factors]
    if not any(f.kind == "count" for f in factors):
        known = work.diagnostics
        base = known.base_count
        if base is None or one.low is None or one.high is None:
            work.flag("no_people")
            return None
        if work.of_the_others:
            work.flag("no_people_rose")
            return None
        name, source = work.say("excess", counted=_counted(plan)), work.say("this_analysis", plan=plan.id)
        factors.insert(0, excess(base, one.ratio, one.low, one.high, source, name, level=1 - work.alpha))
    made = chain(
        factors,
        [[_factor(s) for s in route] for route in plan.exposure.routes],
        overlap=plan.exposure.overlap,
        seed=plan.seed,
    )
    return People(
        low=made.low, middle=made.middle, high=made.high, level=made.level, could_be_none=made.could_be_none,
        tornado=tuple(ExposureBar(b.factor, b.at_low, b.at_high, b.low, b.high, b.source) for b in made.tornado),
        sentence=made.sentence(work.language),
    )  # fmt: skip


def _factor(one: Step) -> Factor:
    return Factor(one.name, one.low, one.middle, one.high, one.source, one.shape, one.kind)
