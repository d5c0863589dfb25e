"""What can be wrong with a contact or a file of contacts: the error of this room, and how it names the nearest word."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ContactError(Exception):
    """Everything that is wrong, at once, each problem one sentence for the person who wrote the file."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems: tuple[str, ...] = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `word`, if any looks like it at all."""
    names = list(known)
    folded = {name.lower().replace("-", "_").replace(" ", "_"): name for name in reversed(names)}
    found = get_close_matches(word.lower().replace("-", "_").replace(" ", "_"), folded, n=1, cutoff=0.5)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean `x`?)`, or nothing."""
    found = nearest(word, known)
    return f" (did you mean `{found}`?)" if found else ""


def listed(words: Iterable[str], limit: int = 12) -> str:
    """`a`, `b` and 3 more: names in a sentence."""
    names = [f"`{w}`" for w in words]
    if len(names) > limit:
        return ", ".join(names[:limit]) + f" and {len(names) - limit} more"
    return ", ".join(names)
