"""A literate file of law -> its front matter, its clauses and its fenced blocks, each with its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from brightline.law.problems import Problem
from brightline.law.tree import Place

_FENCE = re.compile(r"^```(\w*)\s*$")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
_LABEL = re.compile(r"^([A-Za-z0-9]+(?:[.\-_][A-Za-z0-9_]+)*)(?:\s*[—–:]\s*(.*)|\s*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `line` is the line of the file on which its text begins."""

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class Clause:
    """A heading `### b.1 — title`, the law quoted under it, and what is encoded of it or why nothing is."""

    label: str
    title: str
    line: int
    quote: str = ""
    reason: str = ""  # "Not encoded: …"
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    file: str
    meta: dict[str, Any]
    clauses: list[Clause]
    problems: list[Problem]

    @property
    def blocks(self) -> list[Block]:
        return [b for clause in self.clauses for b in clause.blocks]


def read(text: str, file: str) -> Page:
    """Split a literate file. The clause before the first `###` heading has an empty label."""
    problems: list[Problem] = []
    lines = text.split("\n")
    meta, at = _front_matter(lines, file, problems)
    clauses = [Clause("", "", 1)]
    while at < len(lines):
        line = lines[at]
        fence, heading = _FENCE.match(line), _HEADING.match(line)
        clause = clauses[-1]
        if fence and fence.group(1):
            end = at + 1
            while end < len(lines) and not lines[end].startswith("```"):
                end += 1
            if end == len(lines):
                place = Place(file, at + 1, 1, len(line))
                problems.append(
                    Problem(place, "this block is never closed", "add a line with three backticks", source=line)
                )
            clause.blocks.append(Block(fence.group(1), "\n".join(lines[at + 1 : end]), at + 2))
            at = end
        elif heading and len(heading.group(1)) == 3:
            named = _LABEL.match(heading.group(2))
            label, title = (named.group(1), named.group(2) or "") if named else ("", heading.group(2))
            clauses.append(Clause(label, title, at + 1))
        elif heading and len(heading.group(1)) < 3:
            clauses.append(Clause("", heading.group(2), at + 1))
        elif line.startswith(">"):
            clause.quote += line.lstrip("> ").rstrip() + "\n" if line.strip("> ") else "\n"
        elif line.startswith("Not encoded:"):
            clause.reason = line.removeprefix("Not encoded:").strip()
            while at + 1 < len(lines) and lines[at + 1].strip() and not lines[at + 1].startswith(("#", "`", ">")):
                at += 1
                clause.reason += " " + lines[at].strip()
        at += 1
    return Page(file, meta, clauses, problems)


def _front_matter(lines: list[str], file: str, problems: list[Problem]) -> tuple[dict[str, Any], int]:
    if not lines or lines[0].strip() != "---":
        return {}, 0
    for end in range(1, len(lines)):
        if lines[end].strip() == "---":
            break
    else:
        problems.append(
            Problem(Place(file, 1, 1, 3), "the front matter is never closed", "add a line with `---`", source=lines[0])
        )
        return {}, len(lines)
    try:
        meta = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        message = f"the front matter cannot be read: {error.problem}"
        source = lines[line - 1] if line <= len(lines) else ""
        problems.append(
            Problem(
                Place(file, line, 1, max(len(source), 1)), message, "put the value in quotation marks", source=source
            )
        )
        meta = {}
    if not isinstance(meta, dict):
        problems.append(
            Problem(Place(file, 2, 1), "the front matter must be lines such as `title: …`", source=lines[1])
        )
        meta = {}
    return meta, end + 1
