"""Text of a block -> tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from brightline.law.problems import Problem
from brightline.law.tree import Place

Kind = Literal["word", "number", "date", "string", "sign", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#.*)
  | (?P<string>"[^"\n]*"?)
  | (?P<sign><=|>=|!=|==|&&|\|\||[(){},:<>=!&|\[\]])
  | (?P<word>[A-Za-z0-9_§](?:[A-Za-z0-9_.\-:/§]*[A-Za-z0-9_])?)
  | (?P<odd>.)
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}$")
_NUMBER = re.compile(r"\d+(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    place: Place
    first: bool = False  # the first token of its line
    indent: int = 0  # columns before the line's first token


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    line: int


def tokens(text: str, file: str, first_line: int) -> tuple[list[Token], list[Comment], list[Problem]]:
    """The tokens of one block, its comments, and the characters that belong to no word of the language.

    `first_line` is the line of `file` on which the block's text begins.
    """
    found: list[Token] = []
    comments: list[Comment] = []
    problems: list[Problem] = []
    lines = text.split("\n")
    for offset, line in enumerate(lines):
        number = first_line + offset
        first = True
        indent = len(line) - len(line.lstrip())
        for match in _TOKEN.finditer(line):
            kind, word = match.lastgroup or "odd", match.group()
            place = Place(file, number, match.start() + 1, len(word))
            if kind == "space":
                continue
            if kind == "comment":
                comments.append(Comment(word[1:].strip(), number))
                continue
            if kind == "odd":
                problems.append(Problem(place, f"`{word}` has no meaning here", "delete it", source=line))
                continue
            if kind == "string":
                if not word.endswith('"') or len(word) == 1:
                    problems.append(Problem(place, "this quotation is not closed", 'add a `"`', source=line))
                word = word.strip('"')
            found.append(Token(_classify(kind, word), word, place, first, indent))
            first = False
    end = Place(file, first_line + len(lines) - 1, len(lines[-1]) + 1)
    found.append(Token("end", "", end, True, 0))
    return found, comments, problems


def _classify(kind: str, word: str) -> Kind:
    if kind == "word":
        if _DATE.match(word):
            return "date"
        return "number" if _NUMBER.match(word) else "word"
    return "string" if kind == "string" else "sign"
