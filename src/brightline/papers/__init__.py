"""Reads a paper that a federal agency sends: what kind it is and why, and what it states. It verifies nothing."""

from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.kinds import ADMINISTRATIVE, JUDICIAL, KINDS, Kind
from brightline.papers.limits import MOST_BYTES
from brightline.papers.read import can_read_pictures, read_paper
from brightline.papers.reading import FIELDS, Reading, Reason, Stated

__all__ = [
    "ADMINISTRATIVE",
    "FIELDS",
    "JUDICIAL",
    "KINDS",
    "MOST_BYTES",
    "DangerousPaper",
    "Kind",
    "PaperError",
    "Reading",
    "Reason",
    "Stated",
    "can_read_pictures",
    "read_paper",
]
