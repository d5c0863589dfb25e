"""The error of this room: one sentence for the person who meets it."""

from __future__ import annotations


class LedgerError(Exception):
    """What is wrong, where, and how to mend it, as one clear sentence. It never carries personal data."""
