"""The clock of the ledger: an entry is never earlier than the one before, and a clock that goes back is told or stops the log.

Times are POSIX seconds (UTC; no zone and no summer time come into it). A step back of up to five seconds (a leap second, the
time service) is taken silently: the entry has the time of the one before. More is written down as an entry of the kind `clock`;
more than a minute stops the ledger, because then nobody can say what time it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from brightline.ledger.errors import LedgerError

Clock = Callable[[], float]  # POSIX seconds

SILENT = 5.0  # seconds back that need no word
MOST = 60.0  # seconds back after which nothing is written any more
LATEST = 253_402_300_799.0  # the last second of the year 9999: later hours have no four digits


def system_clock() -> float:
    return time.time()


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of the next entry. `lag`: the seconds by which the clock is known to be behind the last entry.

    `noted`: the clock went back further than was known before, so an entry of the kind `clock` comes first.
    """

    time: float
    lag: float
    noted: bool


def moment(now: float, last: float, lag: float) -> Moment:
    """The time of the next entry, after one at `last`, when `lag` seconds are noted already. Raises LedgerError."""
    if not 0.0 <= now <= LATEST:  # NaN too
        raise LedgerError(f"the clock says {now!r} seconds since 1970, which is no time; set it right, then open again")
    behind = last - now
    if behind <= max(SILENT, lag):
        return Moment(max(now, last), max(0.0, min(lag, behind)), False)
    if behind > MOST and behind > lag + SILENT:
        raise LedgerError(
            f"the clock is {behind:,.0f} seconds behind the last entry ({said(last)}), so nothing is written; set it "
            "right and open the ledger again (or, if it was ahead before, say so with `accept_clock`)"
        )
    return Moment(last, behind, True)


def accepted(now: float, last: float) -> Moment:
    """The same when a person has said that the clock is right now, however far behind the last entry it is."""
    return Moment(max(now, last), max(0.0, last - now), True)


@lru_cache(maxsize=4)
def hour(seconds: int) -> str:
    """`2026-11-23T19Z`: all that the public entry tells of its time."""
    told = time.gmtime(seconds)
    return f"{told.tm_year:04}-{told.tm_mon:02}-{told.tm_mday:02}T{told.tm_hour:02}Z"


def hour_of(seconds: float) -> str:
    return hour(int(seconds // 3600) * 3600)


def said(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
