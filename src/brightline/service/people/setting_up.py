"""Which agencies can be set up: those of the vocabulary that some pack binds."""

from __future__ import annotations

from collections.abc import Callable

Kinds = Callable[[], list[tuple[str, str, list[str]]]]
_kinds: list[Kinds] = []


def offer(kinds: Kinds) -> None:
    """A face says which kinds of agencies it knows: name in the vocabulary, title, packs."""
    _kinds.append(kinds)


def kinds() -> list[tuple[str, str, list[str]]]:
    return [k for made in _kinds for k in made()]
