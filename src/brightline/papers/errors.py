"""The errors of this room: one sentence for the person who handed in the paper. They never quote the paper."""

from __future__ import annotations


class PaperError(Exception):
    """What is wrong with the file and what to do about it, as one sentence. It never carries personal data."""


class DangerousPaper(PaperError):
    """The file could act on the machine that opens it. As an attachment it refuses the whole e-mail."""
