"""What is refused about people, as a sentence for the person who asked for it."""

from __future__ import annotations


class PeopleError(Exception):
    """The step cannot be taken; the message says why and what to do."""
