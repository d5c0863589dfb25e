"""The text of a reform as somebody types it: its mistakes, its name, and where it stands on the law."""

from __future__ import annotations

import re
from typing import Any

import yaml

from brightline.law.pack import Law, Pack
from brightline.law.problems import LawError, Problem
from brightline.law.reform import lay_over, shipped_reforms
from brightline.law.tree import Place
from brightline.reason.speech import _

FILE = "reform.md"
NAME = "draft"
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title:\s*(.+)$", re.M)
_ID = re.compile(r"^id:\s*([a-z0-9][a-z0-9-]*)/", re.M)


def laid_over(law: Law, text: str) -> tuple[Law, Pack]:
    """The law with this text laid over it, and the reform. Raises LawError, whatever is wrong with the text."""
    text = text.replace("\r\n", "\n")
    if _repeats_itself(text):
        # A value that stands for many others can grow without end when it is written out.
        help = "write the value out instead of a name for it (`&name`, `*name`)"
        raise LawError([Problem(Place(FILE, 1, 1, 3), "the front matter refers to itself", help)])
    try:
        return lay_over(law, text, FILE, name_of(law, text))
    except LawError:
        raise
    except Exception as error:  # a person types: every half-written text must get an answer
        help = "look at the front matter first: lines such as `title: …` between two lines `---`"
        said = f"this text cannot be read as a reform ({type(error).__name__})"
        raise LawError([Problem(Place(FILE, 1, 1), said, help)]) from error


def name_of(law: Law, text: str) -> str:
    """The name that the front matter gives the reform, unless a pack of the law already has it."""
    front = _FRONT.match(text)
    named = _ID.search(front.group(1)) if front else None
    return named.group(1) if named and named.group(1) not in law.packs else NAME


def _repeats_itself(text: str) -> bool:
    front = _FRONT.match(text)
    try:
        tokens = yaml.scan(front.group(1)) if front else iter(())
        return any(isinstance(t, yaml.AliasToken | yaml.AnchorToken) for t in tokens)
    except yaml.YAMLError:
        return False


def checked(law: Law, text: str) -> dict[str, Any]:
    """Every mistake of the text with its place, and the reform's title when there is none."""
    try:
        _whole, reform = laid_over(law, text)
    except LawError as error:
        return {"problems": [problem_json(p) for p in error.problems], "title": "", "amends": ""}
    section = next(iter(reform.sections.values()))
    return {
        "problems": [problem_json(p) for p in section.page.problems],
        "title": reform.title,
        "amends": reform.under,
        "changes": len(section.statements),
    }


def problem_json(p: Problem) -> dict[str, Any]:
    return {
        "line": max(p.place.line, 1),
        "column": max(p.place.column, 1),
        "length": max(p.place.length, 1),
        "level": p.level,
        "message": _(p.message),
        "help": _(p.help),
    }


def starts(law: Law) -> dict[str, str]:
    """The texts to start from, by name: the reforms that come with the law."""
    return {name: path.read_text(encoding="utf-8") for name, path in shipped_reforms(law).items()}


def titles(law: Law) -> list[dict[str, str]]:
    """The texts to start from, by name and by the title that each gives itself."""
    found = []
    for name, text in starts(law).items():
        front = _FRONT.match(text)
        told = _TITLE.search(front.group(1)) if front else None
        found.append({"name": name, "title": told.group(1).strip("\"' ") if told else name})
    return found


def empty(pack: str) -> str:
    """A reform that changes nothing yet, with the front matter that the checker asks for."""
    return f"""---
title: My reform
citation: "Proposal: my reform"
kind: proposal
amends: {pack}
in_force: ..
sources: [our own wording]
reviewed: not reviewed by counsel
---

# My reform
"""
