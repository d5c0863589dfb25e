"""What a report says about itself: its title, its data, the law it applied, and how to make it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


class ReportError(Exception):
    """A report that cannot be made or written; the message is a sentence for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of the source that could not be read."""

    row: int | None
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """Where the findings come from. `made` is given, not taken from the clock, so that a report can be made again."""

    title: str
    data: str  # the data file, as the reader of the report would look for it
    reader: str
    packs: tuple[str, ...]
    made: date
    version: str  # of Brightline
    as_of: date | None = None  # the law of one day for every contact, or (None) the law of each contact's day
    rejected: int = 0
    rejected_rows: tuple[Rejected, ...] = ()  # examples, shown in the report
    rejected_file: str = ""  # where all of them are
    notes: tuple[str, ...] = ()
    command: str = ""
    noun: str = "contact"  # what one row is: "detainer", "arrest"; its plural takes an s
