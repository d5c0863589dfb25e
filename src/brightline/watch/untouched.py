"""The same test on what the policy should not touch, beside the primary analysis."""

from __future__ import annotations

from dataclasses import replace

from brightline.watch.cut import Cut, definitions_within
from brightline.watch.plan import SHARES
from brightline.watch.result import Estimate
from brightline.watch.single import Setting, estimate, of_control
from brightline.watch.words import when
from brightline.watch.work import Work, tried

_ENOUGH_CONTROLS = 3  # for a rank among them


def controls_beside(work: Work, part: Cut, sett: Setting) -> None:
    """The same test where the policy should not reach, and where the outcome stands among them.

    Raises WatchError for a control that is not in the data: what is not there has not stood still.
    """
    z: list[float] = []
    together = bool(work.plan.primary.weights) and not work.plan.primary.units  # what moves all of them is taken out
    for control in work.plan.controls:
        other = work.beside(control.series, part, control.place)
        label = other.series.label
        if together and control.role != "reporting_free":
            work.controls.append(label)
            continue
        if broken := definitions_within(other, sett.before):
            day = when(broken[0].day, "day", work.language)
            work.not_run(label, work.say("share_definition", day=day, what=broken[0].what))
            work.blunt.append(label)
            continue
        effect = tried(work, label, of_control, other.values, part, sett)
        if effect is None:
            work.blunt.append(label)
            continue
        words = work.say("e_reporting_free" if control.role == "reporting_free" else "e_untouched")
        told = estimate(control.role, words, effect, "control", label)
        work.forest.append(told)
        if control.role != "reporting_free":
            z.append(abs(effect.log_ratio / effect.error))
            _sort(work, told)
    if work.plan.primary.estimator not in SHARES and len(z) >= _ENOUGH_CONTROLS:
        _rank(work, z)


def _sort(work: Work, control: Estimate) -> None:
    """Moved, stood still, or too uneven to tell: one that may have moved as much as the outcome has not stood still."""
    if control.p is not None and control.p < work.alpha:
        work.moved.append(control.series)
    elif control.p is None or control.holds(work.primary.ratio if work.primary else None):
        work.blunt.append(control.series)
    else:
        work.controls.append(control.series)


def _rank(work: Work, z: list[float]) -> None:
    """Where the series stands among its controls."""
    if work.primary is None or work.single is None:
        return
    real = abs(work.single.effect.log_ratio / work.single.effect.error)
    rank = (1 + sum(one >= real for one in z)) / (1 + len(z))
    work.forest.append(
        replace(
            work.primary, name="placebo_units", role="robustness", words=work.say("e_placebo_units"), low=None,
            high=None, p=rank, method=work.say("how_rank", n=len(z) + 1),
        )
    )  # fmt: skip
