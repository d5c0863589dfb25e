"""A task force as one report sees it: with the arrests of the report's period."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta
from itertools import pairwise

from pydantic import Field

from brightline.report.statutory.event import Arrests, TaskForce


class TaskForceInPeriod(TaskForce):
    """A task force with the figures of one period, which are unknown unless its entries cover the whole period."""

    arrests_total: int | None = Field(
        default=None,
        description="How many arrests were made in the period?",
        json_schema_extra={"group": "task_force", "holds": "figure"},
    )
    arrests_immigration: int | None = Field(
        default=None,
        description="How many people were arrested for immigration enforcement purposes in the period?",
        json_schema_extra={"group": "task_force", "holds": "figure"},
    )


def in_period(task_force: TaskForce, first: Date, last: Date) -> TaskForceInPeriod:
    """The task force with its arrests from `first` to `last`, both included."""
    inside = sorted((a for a in task_force.arrests if first <= a.first and a.last <= last), key=lambda a: a.first)
    # Days on which the task force did not exist need no entry.
    begins = max(first, task_force.start or first)
    ends = min(last, task_force.end or last)
    whole = _tile(inside, begins, ends)
    return TaskForceInPeriod(
        **task_force.model_dump(exclude={"arrests"}),
        arrests=task_force.arrests,
        arrests_total=_sum([a.total for a in inside]) if whole else None,
        arrests_immigration=_sum([a.immigration for a in inside]) if whole else None,
    )


def _sum(figures: list[int | None]) -> int | None:
    """The sum; unknown if one of the figures is."""
    known = [n for n in figures if n is not None]
    return sum(known) if len(known) == len(figures) else None


def _tile(entries: list[Arrests], first: Date, last: Date) -> bool:
    """Whether the entries cover every day from `first` to `last`, and none twice."""
    if not entries or entries[0].first > first or entries[-1].last < last:
        return False
    return all(b.first == a.last + timedelta(days=1) for a, b in pairwise(entries))
