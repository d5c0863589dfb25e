"""The law's own tests: `cases` tables -> typed rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from brightline.law.markdown import Block, Clause
from brightline.law.pack import Law, Section
from brightline.law.problems import Problem, did_you_mean
from brightline.law.tree import Norm, Place
from brightline.law.vocabulary import Fact, Vocabulary

VERDICTS = ("barred", "required", "conflict", "unsettled", "excepted", "unreached", "contested")
_PLAIN = ("contact", "action", "actor", "date", "verdict", "by", "reading")
_UNKNOWN = ("-", "unknown", "")


@dataclass(frozen=True)
class Case:
    """One row: a small contact, and what the section alone must say of it."""

    title: str
    section: str
    clause: str
    actor: str
    action: str
    day: date | None
    facts: Mapping[str, Any]
    records: Mapping[str, tuple[Mapping[str, Any], ...]]  # complete lists
    verdict: str
    by: str
    readings: tuple[str, ...]
    at: Place


def cases(section: Section, law: Law) -> tuple[list[Case], list[Problem]]:
    """Every case of a section, and what is wrong with its tables."""
    found: list[Case] = []
    problems: list[Problem] = []
    last: Norm | None = None
    for clause in section.page.clauses:
        norms = [s for s in section.by_clause.get(clause.line, ()) if isinstance(s, Norm)]
        last = norms[0] if norms else last
        for block in clause.blocks:
            if block.kind == "cases":
                reader = _Table(block, clause, section, law.vocabulary, last)
                found += reader.rows()
                problems += reader.problems
    return found, problems


class _Table:
    def __init__(
        self, block: Block, clause: Clause, section: Section, vocabulary: Vocabulary, norm: Norm | None
    ) -> None:
        self.block, self.clause, self.section, self.vocabulary = block, clause, section, vocabulary
        before = [s for s in section.norms if s.at.line < block.line]
        self.norm = before[-1] if before else norm
        if before:  # the first norm of the block of norms just above the table
            self.norm = next((s for s in before if self._just_above(s, before[-1])), before[-1])
        self.problems: list[Problem] = []

    def _just_above(self, one: Norm, last: Norm) -> bool:
        return self._fence(one.at.line) == self._fence(last.at.line)

    def _fence(self, line: int) -> int:
        return max((b.line for b in self.section.page.blocks if b.kind == "norm" and b.line <= line), default=0)

    def rows(self) -> list[Case]:
        always: dict[str, str] = {}
        header: list[str] = []
        found: list[Case] = []
        for offset, line in enumerate(self.block.text.split("\n")):
            place = Place(self.section.page.file, self.block.line + offset, 1, max(len(line), 1))
            if line.startswith("always:"):
                always |= self._always(line.removeprefix("always:"), place, line)
            elif line.startswith("|"):
                cells = [c.strip() for c in line.strip().strip("|").split("|")]
                if header and any(cells) and set("".join(cells)) <= set("-: "):
                    continue  # the rule under the header
                if not header:
                    header = cells
                    self._check_header(header, place, line)
                elif len(cells) != len(header):
                    self.problems.append(
                        Problem(
                            place, f"this row has {len(cells)} cells, and the table {len(header)} columns", source=line
                        )
                    )
                else:
                    case = self._case({**always, **dict(zip(header, cells, strict=True))}, place, line)
                    found += [case] if case else []
            elif line.strip():
                self.problems.append(
                    Problem(
                        place, "this line is no row of the table", "begin it with `|`, or with `always:`", source=line
                    )
                )
        return found

    def _always(self, text: str, place: Place, line: str) -> dict[str, str]:
        found = {}
        for item in text.split(","):
            name, _, value = item.strip().partition(" ")
            if name:
                self._check_name(name, place, line)
                found[name] = value.strip()
        return found

    def _check_header(self, header: list[str], place: Place, line: str) -> None:
        for name in header:
            self._check_name(name, place, line)

    def _check_name(self, name: str, place: Place, line: str) -> None:
        record, _, field = name.partition(".")
        v = self.vocabulary
        known = (
            name in _PLAIN or name in v.facts or (record in v.records and v.records[record].field(field) is not None)
        )
        if not known and name not in v.records:
            names = [*_PLAIN, *v.facts, *(f"{r}.{f.name}" for r in v.records.values() for f in r.fields)]
            self.problems.append(
                Problem(place, f"the column `{name}` is no fact", did_you_mean(name, names), source=line)
            )

    def _case(self, row: dict[str, str], place: Place, line: str) -> Case | None:
        before = len(self.problems)
        facts = {
            name: value
            for name, cell in row.items()
            if name in self.vocabulary.facts
            and (value := self._value(self.vocabulary.facts[name], cell, place, line)) is not None
        }
        records = self._records(row, place, line)
        verdict = row.get("verdict", "")
        if verdict not in VERDICTS:
            self.problems.append(
                Problem(
                    place,
                    f"`{verdict}` is no verdict",
                    did_you_mean(verdict, VERDICTS, "verdicts: " + ", ".join(VERDICTS)),
                    source=line,
                )
            )
        day = self._day(row.get("date", ""), place, line)
        actor = row.get("actor") or (self.norm.actors[0] if self.norm else "")
        action = row.get("action") or (self.norm.actions[0] if self.norm else "")
        for kind, name, declared in (
            ("actor", actor, self.vocabulary.actors),
            ("action", action, self.vocabulary.actions),
        ):
            if name not in declared:
                self.problems.append(
                    Problem(place, f"`{name}` is no declared {kind}", did_you_mean(name, declared), source=line)
                )
        if len(self.problems) > before:
            return None
        readings = tuple(r.strip() for r in row.get("reading", "").split(";") if r.strip() not in _UNKNOWN)
        by = row.get("by", "")
        return Case(
            row.get("contact", ""),
            self.section.id,
            self.clause.label,
            actor,
            action,
            day,
            facts,
            records,
            verdict,
            "" if by in _UNKNOWN else by,
            readings,
            place,
        )

    def _day(self, cell: str, place: Place, line: str) -> date | None:
        if cell in _UNKNOWN:
            return self.norm.span.start if self.norm else None
        try:
            return date.fromisoformat(cell)
        except ValueError:
            self.problems.append(Problem(place, f"`{cell}` is no day", "write the day as 2014-12-14", source=line))
            return None

    def _records(self, row: dict[str, str], place: Place, line: str) -> dict[str, tuple[Mapping[str, Any], ...]]:
        found: dict[str, tuple[Mapping[str, Any], ...]] = {}
        for record in self.vocabulary.records.values():
            cells = {f: row[f"{record.name}.{f.name}"] for f in record.fields if f"{record.name}.{f.name}" in row}
            whole = row.get(record.name, "")
            if whole == "none" or "none" in cells.values():
                found[record.name] = ()
            elif cells and not all(c in _UNKNOWN for c in cells.values()) and whole not in ("-", "unknown"):
                values = {f.name: self._value(f, cell, place, line) for f, cell in cells.items()}
                found[record.name] = ({k: v for k, v in values.items() if v is not None},)
        return found

    def _value(self, fact: Fact, cell: str, place: Place, line: str) -> Any:
        if cell in _UNKNOWN:
            return None
        wrong = ""
        match fact.type:
            case "yes/no":
                if cell in ("yes", "no"):
                    return cell == "yes"
                wrong = "write `yes`, `no` or `-`"
            case "list":
                if cell in fact.values:
                    return cell
                wrong = did_you_mean(cell, fact.values, "values: " + ", ".join(fact.values))
            case "number":
                figure = re.match(r"^-?\d+(\.\d+)?", cell)
                if figure:
                    return float(figure.group())
                wrong = f"write a number of {fact.unit}"
            case "date":
                try:
                    return date.fromisoformat(cell)
                except ValueError:
                    wrong = "write the day as 2014-12-14"
        self.problems.append(Problem(place, f"`{cell}` is no value of `{fact.name}`", wrong, source=line))
        return None
