"""One contact: the form in which a person writes it, and every reader gives it."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Basis = Literal["verified", "stated"]
Scalar = bool | float | Date | str


def _plain(value: Any) -> Any:
    """Let a person write `warrant: yes` for `warrant: {value: yes}`."""
    return value if isinstance(value, dict | BaseModel) else {"value": value}


def _plain_records(value: Any) -> Any:
    return {"records": value} if isinstance(value, list) else value


class FactValue(BaseModel):
    """One fact: what is known, and who shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Scalar | None = Field(
        description="yes/no, a value of the list, a number in the fact's unit, or a day; null is unknown"
    )
    basis: Basis | None = Field(
        None, description="verified (a record or a court shows it) or stated (only the requester says so)"
    )
    shown_by: str | None = Field(None, description="the paper, database or person that shows or states it")


class RecordList(BaseModel):
    """A list of records, such as the person's judgments. A list is complete only if somebody says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    records: list[dict[str, Scalar | None]] = Field(default_factory=list)
    complete: bool = Field(False, description="whether the list is known to hold every record")
    basis: Basis | None = None
    shown_by: str | None = None


class Source(BaseModel):
    """Where a contact was read from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    row: int | None = None


class Contact(BaseModel):
    """One event across the line between local and federal agencies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: Date | None = Field(None, description="the day of the contact, as 2014-12-14")
    actor: str | None = Field(None, description="the agency that is asked or acts; a name of the vocabulary")
    counterpart: str | None = Field(None, description="the agency on the other side")
    channel: str | None = Field(None, description="letter, e-mail, telephone, database, task force, in person, …")
    asked: list[str] = Field(default_factory=list, description="the actions asked for")
    done: list[str] = Field(default_factory=list, description="the actions known to have been done")
    not_done: list[str] = Field(default_factory=list, description="the actions known not to have been done")
    basis: Basis = Field("stated", description="the basis of every fact that names none of its own")
    facts: dict[str, Annotated[FactValue, BeforeValidator(_plain)]] = Field(default_factory=dict)
    records: dict[str, Annotated[RecordList, BeforeValidator(_plain_records)]] = Field(default_factory=dict)
    note: str | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Contact:
        both = set(self.done) & set(self.not_done)
        if both:
            raise ValueError(f"`{sorted(both)[0]}` stands under both `done` and `not_done`")
        return self

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions to judge: those asked for and those done, each once, in order."""
        return tuple(dict.fromkeys([*self.asked, *self.done]))

    def basis_of(self, name: str) -> Basis:
        entry = self.facts.get(name) or self.records.get(name)
        return (entry.basis if entry else None) or self.basis
