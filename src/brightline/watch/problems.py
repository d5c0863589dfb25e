"""What the watch refuses to answer: one sentence that says where, what, and how to mend it."""

from __future__ import annotations


class WatchError(Exception):
    """The question cannot be answered from these data; the message is a sentence for the person who asked."""
