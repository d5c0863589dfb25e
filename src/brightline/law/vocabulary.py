"""The declared actors, actions and facts: the words in which every pack speaks.

`laws/vocabulary.md` is literate Markdown with `vocabulary` blocks; `docs/language.md` describes them.
Everything outside `law/` reads names and types from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from brightline.law.cursor import Cursor, Wrong
from brightline.law.tree import NOWHERE, Expr, Place

FactType = Literal["yes/no", "list", "number", "date"]


MEANT = "action_is_"  # begins the name of the implied fact that a narrower act was meant


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    title: str
    parents: tuple[str, ...]
    jurisdiction: str = ""  # the pack whose law binds it first
    federal: bool = False
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    title: str
    parents: tuple[str, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed statement about a contact. `record` names the list whose entries carry this field, if any."""

    name: str
    type: FactType
    values: tuple[str, ...] = ()  # of a closed list
    unit: str = ""  # of a number
    question: str = ""
    help: str = ""
    proof: str = ""
    stated_by: str = ""
    personal: bool = False
    cost: int = 2  # of learning it: 1 on the desk, 2 a look-up, 3 a call or a letter, 4 a court
    judicial: bool = False  # a judge's own act: it is there only if a court made it
    name_said: str = ""  # a number or a date: "the hours past release"
    said: dict[str, str] = field(default_factory=dict, hash=False)  # value -> a plain sentence; "yes" and "no"
    record: str = ""
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """A list of records about a contact, such as a person's judgments."""

    name: str
    fields: tuple[Fact, ...]
    question: str = ""
    help: str = ""
    proof: str = ""
    stated_by: str = ""
    personal: bool = False
    cost: int = 2
    judicial: bool = False
    name_said: str = ""  # "a conviction that a search shows"
    said: dict[str, str] = field(default_factory=dict, hash=False)
    at: Place = field(default=NOWHERE, compare=False)

    def field(self, name: str) -> Fact | None:
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Constraint:
    """What cannot be otherwise between facts: "an administrative warrant is not a judicial warrant"."""

    name: str
    text: str
    condition: Expr
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Vocabulary:
    actors: dict[str, Actor]
    actions: dict[str, Action]
    facts: dict[str, Fact]
    records: dict[str, Record]
    constraints: tuple[Constraint, ...] = ()

    def actor_lineage(self, name: str) -> tuple[str, ...]:
        """The actor and everything it is a kind of, nearest first."""
        return _lineage(name, lambda n: self.actors[n].parents if n in self.actors else ())

    def action_lineage(self, name: str) -> tuple[str, ...]:
        return _lineage(name, lambda n: self.actions[n].parents if n in self.actions else ())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every fact and record, in the order of the page (which is the order of asking)."""
        return tuple(self.facts) + tuple(self.records)

    def fact(self, name: str) -> Fact | None:
        """The declared fact; or, for `action_is_…` and a declared action, the implied one that this act was meant."""
        implied = name.startswith(MEANT) and name.removeprefix(MEANT) in self.actions
        return self.facts.get(name) or (Fact(name, "yes/no") if implied else None)

    def question(self, name: str) -> str:
        """The plain question that a person is asked about a fact or a list of records."""
        declared = self.facts.get(name) or self.records.get(name)
        asked = declared.question if declared else ""
        return asked or name.replace("_", " ") + "?"

    def cost(self, name: str) -> int:
        declared = self.facts.get(name) or self.records.get(name)
        return declared.cost if declared else 1


def _lineage(name: str, parents: object) -> tuple[str, ...]:
    found: list[str] = []
    queue = [name]
    while queue:
        current = queue.pop(0)
        if current not in found:
            found.append(current)
            queue.extend(parents(current))  # type: ignore[operator]
    return tuple(found)


# --- reading the blocks -----------------------------------------------------------------------

_STATEMENTS = ["actor", "action", "fact", "record", "constraint"]
_FACT_LINES = ["ask", "help", "name", "say", "proven", "stated", "cost", "personal", "judicial"]
_UNITS = ("days", "weeks", "months", "years", "hours", "persons", "records", "times")


class VocabularyReader:
    """Reads `vocabulary` blocks one after another, and gives the whole at the end; `known` is declared before."""

    def __init__(self, known: Vocabulary | None = None) -> None:
        self.actors: dict[str, Actor] = dict(known.actors) if known else {}
        self.actions: dict[str, Action] = dict(known.actions) if known else {}
        self.facts: dict[str, Fact] = dict(known.facts) if known else {}
        self.records: dict[str, Record] = dict(known.records) if known else {}
        self.constraints: list[Constraint] = list(known.constraints) if known else []

    def read(self, cursor: Cursor) -> None:
        while not cursor.done:
            try:
                self._statement(cursor)
            except Wrong:
                cursor.to_next_statement()

    def _statement(self, c: Cursor) -> None:
        token = c.word("`actor`, `action`, `fact`, `record` or `constraint`")
        match token.text:
            case "actor":
                self._actor(c)
            case "action":
                self._action(c)
            case "fact":
                self._fact(c)
            case "record":
                self._record(c)
            case "constraint":
                self._constraint(c)
            case _:
                raise c.unknown_word(token, "statement of the vocabulary", _STATEMENTS)

    def _new_name(self, c: Cursor, what: str, taken: Iterable[str]) -> tuple[str, Place]:
        token = c.word(f"the name of the {what}")
        if not token.text.replace("_", "").isalnum() or token.text != token.text.lower():
            raise c.wrong(token, f"`{token.text}` cannot be a name", "use small letters, figures and `_`")
        if token.text in taken:
            raise c.wrong(token, f"the {what} `{token.text}` is declared twice", "keep one of the two")
        return token.text, token.place

    def _actor(self, c: Cursor) -> None:
        name, place = self._new_name(c, "actor", self.actors)
        title = c.string("the actor's name as people write it")
        parents = tuple(t.text for t in c.names("an actor")) if c.skip("is") else ()
        jurisdiction = c.word("the pack whose law binds it").text if c.skip("in") else ""
        federal = c.skip("federal")
        self.actors[name] = Actor(name, title, parents, jurisdiction, federal, place)

    def _action(self, c: Cursor) -> None:
        name, place = self._new_name(c, "action", self.actions)
        title = c.string("what the action is, as people say it")
        parents = tuple(t.text for t in c.names("an action")) if c.skip("is") else ()
        self.actions[name] = Action(name, title, parents, place)

    def _fact(self, c: Cursor) -> None:
        name, place = self._new_name(c, "fact", self.names())
        c.expect(":", "and the type after the name of a fact")
        type, values, unit = self._type(c)
        details = self._details(c)
        self.facts[name] = Fact(name, type, values, unit, at=place, **details)

    def _record(self, c: Cursor) -> None:
        name, place = self._new_name(c, "record", self.names())
        details = self._details(c)
        fields: list[Fact] = []
        while not c.done and c.next.indent > 0 and c.next.first and c.ahead(1).text == ":":
            token = c.take()
            c.expect(":", "and the type after the name of a field")
            type, values, unit = self._type(c)
            told = self._details(c)
            fields.append(Fact(token.text, type, values, unit, record=name, at=token.place, **told))
        if not fields:
            raise c.wrong(c.next, f"the record `{name}` has no fields", "add lines such as `  year: number of years`")
        self.records[name] = Record(name, tuple(fields), at=place, **details)

    def _type(self, c: Cursor) -> tuple[FactType, tuple[str, ...], str]:
        if c.skip("yes", "or", "no"):
            return "yes/no", (), ""
        if c.skip("date"):
            return "date", (), ""
        if c.skip("number", "of"):
            unit = c.word("a unit")
            if unit.text not in _UNITS:
                raise c.unknown_word(unit, "unit", list(_UNITS))
            return "number", (), unit.text
        if c.skip("one", "of"):
            values = tuple(t.text for t in c.names("a value"))
            if len(set(values)) < len(values):
                raise c.wrong(c.next, "a value stands twice in this list")
            return "list", values, ""
        raise c.wrong(
            c.next,
            f"`{c.next.text}` begins no type",
            "write `yes or no`, `one of a, b, c`, `number of days` or `date`",
        )

    def _details(self, c: Cursor) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not c.done and c.next.first and c.next.indent > 0 and c.ahead(1).text != ":":
            token = c.take()
            match token.text:
                case "ask":
                    found["question"] = c.string("the question")
                case "help":
                    found["help"] = c.string("the help text")
                case "name":
                    found["name_said"] = c.string("what it is, as people say it")
                case "say":
                    value = c.word("`yes`, `no`, or a value of the list").text
                    found.setdefault("said", {})[value] = c.string("a plain sentence")
                case "proven":
                    c.skip("by")
                    found["proof"] = c.string("what proves it")
                case "stated":
                    c.skip("by")
                    found["stated_by"] = c.string("who can state it")
                case "cost":
                    found["cost"] = int(c.number("the cost of learning it (1 to 4)"))
                case "personal":
                    found["personal"] = True
                case "judicial":
                    found["judicial"] = True
                case _:
                    raise c.unknown_word(token, "line of a fact", _FACT_LINES)
        return found

    def _constraint(self, c: Cursor) -> None:
        from brightline.law.parse import expression  # the grammar of conditions is the norms' own

        name, place = self._new_name(c, "constraint", [k.name for k in self.constraints])
        text = c.string("the constraint in plain words")
        c.expect(":", "before the condition")
        self.constraints.append(Constraint(name, text, expression(c), place))

    def names(self) -> Iterator[str]:
        yield from self.facts
        yield from self.records

    def whole(self) -> Vocabulary:
        """Everything declared so far."""
        return Vocabulary(self.actors, self.actions, self.facts, self.records, tuple(self.constraints))
