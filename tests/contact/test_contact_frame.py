"""The table form of contacts: what it holds, and that it comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightline.contact.frame import from_row, join_actions, to_frame
from brightline.contact.problems import ContactError
from brightline.contact.schema import Contact, FactValue, RecordList, Source
from brightline.law.pack import load
from brightline.law.vocabulary import Fact

VOCABULARY = load(Path(__file__).parents[2] / "laws", check=False).vocabulary
DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))
BASES = st.sampled_from([None, "verified", "stated"])
WORDS = st.sampled_from([None, "letter", "ICE by telephone", "naïve — words"])


def values(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.type:
        case "yes/no":
            return st.booleans()
        case "list":
            return st.sampled_from(fact.values)
        case "number":
            return st.floats(-1e6, 1e6)
        case _:
            return DAYS


ONE_FACT = {
    name: st.builds(FactValue, value=st.none() | values(fact), basis=BASES, shown_by=WORDS)
    for name, fact in VOCABULARY.facts.items()
}


def facts() -> st.SearchStrategy[dict[str, FactValue]]:
    def some(names: set[str]) -> st.SearchStrategy[dict[str, FactValue]]:
        return st.fixed_dictionaries({name: ONE_FACT[name] for name in sorted(names)})

    return st.sets(st.sampled_from(sorted(ONE_FACT)), max_size=6).flatmap(some)


def records() -> st.SearchStrategy[dict[str, RecordList]]:
    one = {
        name: st.builds(
            RecordList,
            records=st.lists(
                st.fixed_dictionaries({}, optional={f.name: st.none() | values(f) for f in record.fields}), max_size=3
            ),
            complete=st.booleans(),
            basis=BASES,
            shown_by=WORDS,
        )
        for name, record in VOCABULARY.records.items()
    }
    return st.fixed_dictionaries({}, optional=one)


ACTIONS = st.sets(st.sampled_from(sorted(VOCABULARY.actions)), max_size=4)


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    done = draw(ACTIONS)
    actors = st.none() | st.sampled_from(sorted(VOCABULARY.actors))
    return Contact(
        date=draw(st.none() | DAYS),
        actor=draw(actors),
        counterpart=draw(actors),
        channel=draw(WORDS),
        asked=sorted(draw(ACTIONS)),
        done=sorted(done),
        not_done=sorted(draw(ACTIONS) - done),
        basis=draw(st.sampled_from(["verified", "stated"])),
        facts=draw(facts()),
        records=draw(records()),
        note=draw(WORDS),
        source=draw(st.none() | st.builds(Source, file=st.just("a.csv"), row=st.none() | st.integers(1, 10**6))),
    )


def known(contact: Contact) -> Contact:
    """The contact without what says nothing, and with every basis written out: what a table can hold."""
    return Contact(
        date=contact.date,
        actor=contact.actor,
        counterpart=contact.counterpart,
        channel=contact.channel,
        asked=contact.asked,
        done=contact.done,
        not_done=contact.not_done,
        basis="stated",
        facts={
            name: entry.model_copy(update={"basis": contact.basis_of(name)})
            for name, entry in contact.facts.items()
            if entry.value is not None
        },
        records={
            name: entry.model_copy(
                update={
                    "basis": contact.basis_of(name),
                    "records": [{k: v for k, v in r.items() if v is not None} for r in entry.records],
                }
            )
            for name, entry in contact.records.items()
        },
        note=contact.note,
        source=contact.source,
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(contacts(), min_size=1, max_size=4))
def test_a_contact_comes_back_from_its_row(many: list[Contact]) -> None:
    frame = to_frame(many, VOCABULARY)
    back = [from_row(row, VOCABULARY) for row in frame.rows(named=True)]
    assert back == [known(c) for c in many]
    again = to_frame(back, VOCABULARY)
    assert again.equals(frame.select(again.columns))


@settings(max_examples=50, deadline=None)
@given(st.lists(contacts(), min_size=1, max_size=4))
def test_the_columns_have_the_types_that_the_engines_count_on(many: list[Contact]) -> None:
    frame = to_frame(many, VOCABULARY)
    assert frame["contact"].to_list() == list(range(1, len(many) + 1))
    for column in ("asked", "done", "not_done"):
        assert frame[column].null_count() == 0
    for name in VOCABULARY.records:
        if f"{name}__count" in frame.columns:
            assert frame[f"{name}__count"].dtype == pl.Int64
            assert frame[f"{name}__count"].null_count() == 0
            assert frame[f"{name}__more"].drop_nulls().any() is False
    for name, fact in VOCABULARY.facts.items():
        if name in frame.columns:
            assert frame[name].dtype == {"yes/no": pl.Boolean, "list": pl.String, "number": pl.Float64}.get(
                fact.type, pl.Date
            )


def test_a_fact_nobody_names_has_no_column() -> None:
    frame = to_frame([Contact(facts={"request": FactValue(value="none")})], VOCABULARY)  # type: ignore[call-arg]
    assert "request" in frame.columns and "judicial_warrant" not in frame.columns


def test_a_list_that_may_be_longer_is_not_a_complete_one() -> None:
    one = RecordList(records=[{"offense_class": "other"}])  # type: ignore[call-arg]
    whole = RecordList(records=[], complete=True)  # type: ignore[call-arg]
    many = [Contact(records={"judgment": r}) for r in (one, whole)]  # type: ignore[call-arg]
    frame = to_frame([*many, Contact()], VOCABULARY)  # type: ignore[call-arg]
    assert frame["judgment__count"].to_list() == [1, 0, 0]
    assert frame["judgment__more"].to_list() == [None, False, None]


def test_actions_are_sorted_and_stand_once() -> None:
    assert join_actions(["notify_release", "hold_past_release", "notify_release"]) == "hold_past_release notify_release"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ContactError, match="did you mean `request`"):
        to_frame([Contact(facts={"reqest": FactValue(value="none")})], VOCABULARY)  # type: ignore[call-arg]
