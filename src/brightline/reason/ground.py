"""Norms of a day, an actor and an action -> conditions over facts alone.

What the date, the actor, the action and the chosen readings settle is settled here, once; what is left
is a tree over facts, and every reading of the law (decide, audit, prove, …) starts from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product

from brightline.law.pack import Law
from brightline.law.tree import (
    ActionIs,
    Always,
    Amendment,
    And,
    Defined,
    Definition,
    Exception_,
    Expr,
    Norm,
    Not,
    Or,
    Some,
    conditions,
    rewrite,
    walk,
)

Choice = tuple[str, ...]  # one "ambiguity.reading" for each ambiguity that matters, in order

YES, NO = Always(True), Always(False)


@dataclass(frozen=True)
class GroundException:
    label: str
    clause: str  # as lawyers cite it
    condition: Expr
    unless: tuple[GroundException, ...]

    @cached_property
    def holds(self) -> Expr:
        return both(self.condition, negation(either(u.holds for u in self.unless)))


@dataclass(frozen=True)
class GroundNorm:
    """A norm for one day, actor, action and choice of readings: conditions over facts only."""

    norm: Norm
    clause: str
    reading: str | None
    reach: Expr
    exceptions: tuple[GroundException, ...]

    @cached_property
    def excused(self) -> Expr:
        return either(e.holds for e in self.exceptions)

    @cached_property
    def broken(self) -> Expr:
        """Reached and not excused: barred if the norm forbids, required if it requires."""
        return both(self.reach, negation(self.excused))


def both(*parts: Expr) -> Expr:
    """The conjunction, simplified by constants."""
    kept: list[Expr] = []
    for part in parts:
        if part == NO:
            return NO
        if part != YES:
            kept.extend(part.parts if isinstance(part, And) else (part,))
    return YES if not kept else kept[0] if len(kept) == 1 else And(tuple(kept))


def either(parts: Iterable[Expr]) -> Expr:
    """The disjunction, simplified by constants."""
    kept: list[Expr] = []
    for part in parts:
        if part == YES:
            return YES
        if part != NO:
            kept.extend(part.parts if isinstance(part, Or) else (part,))
    return NO if not kept else kept[0] if len(kept) == 1 else Or(tuple(kept))


def negation(part: Expr) -> Expr:
    match part:
        case Always(value):
            return NO if value else YES
        case Not(inner):
            return inner
        case _:
            return Not(part, part.at)


def amended(law: Law, packs: Sequence[str], day: date | None) -> list[Norm]:
    """The norms of the packs in force on the day, with the changes that reforms among the packs make."""
    statements = [s for s in law.statements(packs) if day is None or s.span.holds(day)]
    changes = [s for s in statements if isinstance(s, Amendment)]
    found: list[Norm] = []
    for norm in (s for s in statements if isinstance(s, Norm)):
        mine = [a for a in changes if a.target == norm.id]
        if not any(a.change == "repeal" for a in mine):
            found.append(_with_changes(norm, mine, changes) if changes else norm)
    return list(dict.fromkeys(found))


def _with_changes(norm: Norm, mine: Sequence[Amendment], changes: Sequence[Amendment]) -> Norm:
    """The norm as amended. A new norm in its place keeps the exceptions that other clauses give to the old one."""
    for a in mine:
        if a.norm is not None:
            elsewhere = tuple(e for e in norm.unless if e.section)
            reading = a.norm.reading or norm.reading
            norm = replace(a.norm, unless=(*a.norm.unless, *elsewhere), reading=reading)
        elif a.exception is not None:
            norm = replace(norm, unless=(*norm.unless, replace(a.exception, section=a.section)))
    return replace(norm, unless=tuple(_exceptions_changed(norm.unless, norm.section, changes)))


def _exceptions_changed(
    unless: Iterable[Exception_], section: str, changes: Sequence[Amendment]
) -> Iterator[Exception_]:
    for e in unless:
        mine = [a for a in changes if a.target == f"{e.section or section}:{e.label}"]
        if any(a.change == "repeal" for a in mine):
            continue
        condition = next((a.condition for a in mine if a.condition is not None), e.condition)
        added = [replace(a.exception, section=a.section) for a in mine if a.change == "narrow" and a.exception]
        yield replace(e, condition=condition, unless=(*_exceptions_changed(e.unless, section, changes), *added))


def reaching(law: Law, packs: Sequence[str], day: date | None, actor: str, action: str | None) -> list[Norm]:
    """The norms that speak of this actor, and of this action (None: of any), on this day."""
    actors = set(law.vocabulary.actor_lineage(actor))
    acts = set(law.vocabulary.action_lineage(action)) if action is not None else None
    return [n for n in amended(law, packs, day) if actors & set(n.actors) and (acts is None or acts & set(n.actions))]


class Grounder:
    """Grounds the norms of one day: holds the definitions in force and looks them up by reading."""

    def __init__(self, law: Law, packs: Sequence[str], day: date | None) -> None:
        self.law = law
        self._definitions: dict[str, list[Definition]] = {}
        for s in law.statements(packs):
            if isinstance(s, Definition) and (day is None or s.span.holds(day)):
                self._definitions.setdefault(s.name, []).append(s)

    def choices(self, norms: Iterable[Norm], fixed: Sequence[str] = ()) -> list[Choice]:
        """Every combination of readings that matters for these norms; `fixed` ones are not varied."""
        names = dict.fromkeys(r.partition(".")[0] for n in norms for r in self._readings_used(n))
        options: list[list[str]] = []
        for name in names:
            chosen = [f for f in fixed if f.partition(".")[0] == name]
            ambiguity = self.law.ambiguity(name)
            options.append(chosen or [f"{name}.{r}" for r in (ambiguity.readings if ambiguity else ())])
        return list(product(*options))

    def _readings_used(self, norm: Norm) -> list[str]:
        found = [norm.reading] if norm.reading else []
        seen: set[str] = set()
        queue = [n.name for e in conditions(norm) for n in walk(e) if isinstance(n, Defined)]
        while queue:
            name = queue.pop()
            if name in seen:
                continue
            seen.add(name)
            for d in self._definitions.get(name, ()):
                found += [d.reading] if d.reading else []
                queue += [n.name for n in walk(d.condition) if isinstance(n, Defined)]
        return found

    def ground(self, norm: Norm, action: str, choice: Choice) -> GroundNorm | None:
        """The norm for one action under one choice of readings, or None when it belongs to another reading."""
        if not holds_under(norm.reading, choice):
            return None
        used = [r for r in self._readings_used(norm)]
        names = {r.partition(".")[0] for r in used}
        reading = ", ".join(c for c in choice if c.partition(".")[0] in names) or None
        reach = self.condition(norm.when, action, choice) if norm.when is not None else YES
        exceptions = tuple(self._exception(norm, e, action, choice) for e in norm.unless)
        kept = tuple(e for e in exceptions if e.condition != NO)
        return GroundNorm(norm, self.law.cite(norm.id), reading, reach, kept)

    def _exception(self, norm: Norm, e: Exception_, action: str, choice: Choice) -> GroundException:
        inner = tuple(self._exception(norm, u, action, choice) for u in e.unless)
        return GroundException(
            e.label, self.law.cite_exception(norm, e), self.condition(e.condition, action, choice), inner
        )

    def condition(self, expr: Expr, action: str, choice: Choice) -> Expr:
        """The condition over facts alone: definitions written out, `action is …` settled, constants gone."""
        acts = self.law.vocabulary.action_lineage(action)

        def change(node: Expr) -> Expr:
            match node:
                case ActionIs(actions):
                    return YES if set(actions) & set(acts) else NO
                case Defined(name):
                    return self.condition(self._definition(name, choice).condition, action, choice)
                case And(parts):
                    return both(*parts)
                case Or(parts):
                    return either(parts)
                case Not(part):
                    return negation(part)
                case Some(_, Always(value)):
                    return node if value else NO
                case _:
                    return node

        return rewrite(expr, change)

    def _definition(self, name: str, choice: Choice) -> Definition:
        found = [d for d in self._definitions.get(name, ()) if holds_under(d.reading, choice)]
        if not found:
            raise LookupError(f"the condition `{name}` is not defined on this day")
        return found[0]


def holds_under(reading: str | None, choice: Choice) -> bool:
    """Whether a statement of this reading belongs to the choice. `a.!b` is every reading of `a` but `b`."""
    if reading is None:
        return True
    name, _, own = reading.partition(".")
    chosen = next((c.partition(".")[2] for c in choice if c.partition(".")[0] == name), None)
    return chosen != own[1:] if own.startswith("!") else chosen == own
