"""Brightline: accountability for the line between local government and federal civil immigration enforcement.

A notebook needs four names: `load_law`, `contact`, `decide` and `audit`.
"""

from brightline.api import Findings, Judgment, audit, contact, decide, load_law

__all__ = ["Findings", "Judgment", "audit", "contact", "decide", "load_law"]
