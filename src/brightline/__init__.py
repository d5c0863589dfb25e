"""Brightline: accountability for the line between local government and federal civil immigration enforcement.

A notebook needs four names: `load_law`, `make_contact`, `decide` and `audit`. They are fetched when they are asked for, so that
a command that needs none of them starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brightline.api import Findings, Judgment, audit, decide, load_law, make_contact

__all__ = ["Findings", "Judgment", "audit", "decide", "load_law", "make_contact"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module `brightline` has no `{name}`; it has {', '.join(__all__)}")
    from brightline import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
