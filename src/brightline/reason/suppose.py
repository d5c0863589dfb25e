"""Suppositions: facts taken as known wherever no record tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from brightline.contact.frame import TYPES
from brightline.contact.problems import ContactError, did_you_mean
from brightline.law.vocabulary import Fact, Vocabulary
from brightline.reason.audit import AuditError

SUPPOSED = "a supposition, not a record"


@dataclass(frozen=True, slots=True)
class Supposition:
    """A fact taken as known wherever no record tells it. It is stated, never verified, and `contacts` counts them."""

    fact: str
    value: Any
    contacts: int = 0

    @property
    def text(self) -> str:
        """As it is written: `judicial_warrant=no`."""
        told = {True: "yes", False: "no"}.get(self.value) if isinstance(self.value, bool) else self.value
        return f"{self.fact}={told}"


def suppositions(texts: Iterable[str], vocabulary: Vocabulary) -> tuple[Supposition, ...]:
    """Each `fact=value` of a command. Raises ContactError with every mistake, and the nearest name that is declared."""
    found: dict[str, Supposition] = {}
    problems: list[str] = []
    for text in texts:
        try:
            one = _supposition(text, vocabulary)
        except ContactError as error:
            problems += error.problems
            continue
        if found.setdefault(one.fact, one) != one:
            problems.append(
                f"`{one.text}` and `{found[one.fact].text}` suppose two things of one fact; keep one of them"
            )
    if problems:
        raise ContactError(*problems)
    return tuple(found.values())


def _supposition(text: str, vocabulary: Vocabulary) -> Supposition:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise ContactError(f"`{text}` supposes nothing: write `fact=value`, as in `judicial_warrant=no`")
    if name in vocabulary.records:
        raise ContactError(f"`{name}` is a list of records; only a single fact can be supposed")
    fact = vocabulary.facts.get(name)
    if fact is None:
        raise ContactError(f"`{name}` is no fact of the vocabulary{did_you_mean(name, vocabulary.facts)}")
    return Supposition(name, _value(fact, value))


def _value(fact: Fact, text: str) -> Any:
    wrong = ""
    try:
        match fact.type:
            case "yes/no":
                return {"yes": True, "no": False}[text]
            case "number":
                return float(text)
            case "date":
                return date.fromisoformat(text)
            case _:
                if text in fact.values:
                    return text
                wrong = f"write one of {', '.join(fact.values)}{did_you_mean(text, fact.values)}"
    except (KeyError, ValueError):
        wrong = {"yes/no": "write yes or no", "number": f"write a number of {fact.unit}"}.get(
            fact.type, "write a day, as 2014-12-14"
        )
    raise ContactError(f"`{text}` is no value of the fact `{fact.name}`: {wrong}")


def suppose(
    contacts: pl.DataFrame, given: Sequence[Supposition], vocabulary: Vocabulary
) -> tuple[pl.DataFrame, tuple[Supposition, ...]]:
    """The contacts with each supposed fact filled in where it is unknown, and in how many contacts it was.

    Raises AuditError when the column of such a fact holds values of another kind.
    """
    told = []
    for s in given:
        kind = TYPES[vocabulary.facts[s.fact].type]
        column = contacts[s.fact] if s.fact in contacts.columns else pl.Series(s.fact, [None] * contacts.height)
        try:
            known = column.cast(kind)
        except pl.exceptions.PolarsError:
            raise AuditError(f"the column `{s.fact}` holds {column.dtype}, and cannot be supposed") from None
        unknown = known.is_null()
        beside = {
            f"{s.fact}{suffix}": pl.when(unknown).then(pl.lit(said)).otherwise(_text_of(contacts, s.fact + suffix))
            for suffix, said in (("__basis", "stated"), ("__shown_by", SUPPOSED))
        }
        filled = pl.Series(s.fact, known).to_frame().select(pl.col(s.fact).fill_null(pl.lit(s.value, dtype=kind)))
        contacts = contacts.with_columns(filled[s.fact], **beside)
        told.append(Supposition(s.fact, s.value, int(unknown.sum())))
    return contacts, tuple(told)


def _text_of(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, dtype=pl.String)
