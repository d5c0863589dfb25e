"""For whom: did one group's share of the counts move at the date? Each group against all the others together."""

from __future__ import annotations

import numpy as np

from brightline.watch.cut import Cut, beside
from brightline.watch.its import Effect
from brightline.watch.plan import Estimator
from brightline.watch.portion import Portion
from brightline.watch.problems import Phrase, WatchError
from brightline.watch.single import estimate, setting
from brightline.watch.work import Work, tried

FEWEST = 10  # events of a group before the date, to be told by itself


def composition(work: Work, estimator: Estimator, part: Cut) -> None:
    """A line of the forest for each group: the odds ratio of its share, calibrated on earlier dates.

    Groups are series of one name and place that differ in `group`, and together they are the whole; one whose group nobody
    wrote down counts among them. Raises WatchError when there are fewer than two.
    """
    found = [s for s in work.loaded.named(estimator.units) if s.group and s.place in ("", part.series.place)]
    if len(found) < 2:
        raise WatchError(
            "the series `{series}` has {n} groups in {place}, and a comparison of "
            "groups needs two; read it with `each_group: true`, or give a plain table with a column `group`.",
            series=estimator.units,
            n=len(found),
            place=part.series.place or Phrase("this place"),
        )
    groups = [(s.group, beside(s, part, work.plan, zeros=True)) for s in found]
    whole = np.sum([one.values for _, one in groups], axis=0)
    sett = work.single.setting if work.single else setting(part, work.plan)
    few, hangs = [], []
    for name, one in groups:
        if not np.nansum(one.values[: part.at]) >= FEWEST:
            few.append(name)
            continue
        portion = Portion(one.values, whole, part.at, sett)
        odds = tried(work, name, portion.estimate)
        if odds is None:
            continue
        told = odds.effect(level=sett.level)
        alone = _hangs_on(work, portion, told, part)
        hangs += [f"{name} ({alone})"] if alone else []
        note = work.say("note_one_period", which=alone) if alone else ""
        work.forest.append(estimate("composition", work.say("e_composition"), told, "secondary", name, note))
    if hangs:
        work.flag("group_hangs", groups=", ".join(hangs))
    if few:
        work.flag("few_in_group", n=FEWEST, groups=", ".join(few))


def _hangs_on(work: Work, portion: Portion, told: Effect, part: Cut) -> str:
    """The period without which a group's move is none, or goes the other way; empty where there is no such period."""
    if not told.p < work.alpha:
        return ""
    rows = portion.without_each()
    with np.errstate(invalid="ignore"):
        turns = ~((rows.p < work.alpha) & (np.log(rows.ratio) * told.log_ratio > 0))
    if not turns.any():
        return ""
    moved = np.where(turns, np.nan_to_num(np.abs(np.log(rows.ratio) - told.log_ratio), nan=np.inf), -1.0)
    return work.when(part.days[int(rows.periods[int(np.argmax(moved))])])
