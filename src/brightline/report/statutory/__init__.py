"""The reports that a law asks of an agency, made from records of contacts by definitions that are data."""

from brightline.report.statutory.calendar import feed
from brightline.report.statutory.definition import Definition, DefinitionError, read_all
from brightline.report.statutory.event import Arrests, Event, TaskForce
from brightline.report.statutory.make import Report, make
from brightline.report.statutory.period import Due, Period, due, period_of, periods

__all__ = [
    "Arrests",
    "Definition",
    "DefinitionError",
    "Due",
    "Event",
    "Period",
    "Report",
    "TaskForce",
    "due",
    "feed",
    "make",
    "period_of",
    "periods",
    "read_all",
]
