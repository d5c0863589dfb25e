"""What can be wrong in the text of a pack, said so that the person who wrote it can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from brightline.law.tree import Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake (or doubt): where, what, and how to mend it."""

    place: Place
    message: str
    help: str = ""
    level: Literal["error", "warning"] = "error"
    source: str = ""  # the line of text that `place` points into

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column}" if self.place.line else self.place.file
        lines = [f"{where}: {self.level}: {self.message}"]
        if self.source:
            number = str(self.place.line)
            margin = " " * len(number)
            text = self.source.replace("\t", " ")
            room = max(len(text) - self.place.column + 1, 1)
            carets = "^" * max(min(self.place.length, room), 1)
            lines += [f"  {number} | {text}", f"  {margin} | {' ' * (self.place.column - 1)}{carets}"]
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)


class LawError(Exception):
    """The text of the law cannot be used: carries every problem found, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(str(p) for p in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """The declared name most like `word`, or "" when none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The help line for a name that nobody declared."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else otherwise
