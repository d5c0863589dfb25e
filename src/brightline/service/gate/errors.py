"""What the gate refuses, as a sentence for the person who asked for it."""

from __future__ import annotations


class GateError(Exception):
    """The step cannot be taken; the message says why and what to do."""


class NotYours(GateError):
    """The person's role does not take this step."""
