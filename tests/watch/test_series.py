"""A series keeps what is missing missing, knows its calendar, and refuses what is no count."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from brightline.watch import Series, WatchError
from brightline.watch.series import check_question, from_records, records_of, stack


def monthly(values: list[float], **facts: object) -> Series:
    return Series(
        name="summonses", place="city", period="month", start=date(2025, 1, 1), values=np.array(values), **facts
    )


def test_a_month_without_a_row_is_missing_and_not_zero() -> None:
    told = from_records([(date(2025, 4, 1), 3), (date(2025, 1, 1), 5)], name="summonses", place="city", period="month")
    assert told.values[[0, 3]].tolist() == [5, 3] and told.missing == [1, 2]
    assert [row["value"] for row in records_of(told)] == [5.0, None, None, 3.0]


def test_the_first_whole_period_after_a_date_in_the_middle_of_one() -> None:
    told = monthly([1, 2, 3, 4, 5, 6])
    assert told.index(date(2025, 4, 28)) == 3
    assert told.first_after(date(2025, 4, 28)) == 4
    assert told.first_after(date(2025, 4, 1)) == 3
    assert told.end == date(2025, 6, 30)
    with pytest.raises(WatchError, match="outside the data, which run from 2025-01-01 to 2025-06-30"):
        told.index(date(2026, 1, 1))


def test_late_and_partial_periods_are_taken_out_by_name() -> None:
    told = monthly([1, 2, 3, 4, 5, 6], partial=frozenset({2}), lag=2)
    assert told.without_partial().missing == [2]
    assert len(told.without_late()) == 4
    assert told.slice(1, 4).partial == {1} and told.slice(1, 4).start == date(2025, 2, 1)


def test_quarters_and_weeks_have_their_days() -> None:
    quarters = Series(name="a", place="b", period="quarter", start=date(2024, 10, 1), values=np.ones(3))
    assert quarters.days == [date(2024, 10, 1), date(2025, 1, 1), date(2025, 4, 1)]
    weeks = Series(name="a", place="b", period="week", start=date(2024, 12, 30), values=np.ones(2))
    assert weeks.index(date(2025, 1, 12)) == 1


@pytest.mark.parametrize(
    "rows, says",
    [
        ([(date(2025, 1, 1), 1), (date(2025, 1, 1), 2)], "told twice"),
        ([(date(2025, 1, 1), 1), (date(2025, 1, 8), 2)], "mixes periods"),
        ([(date(2025, 1, 1), -1)], "cannot be negative"),
        ([], "no rows"),
    ],
)
def test_rows_that_make_no_series_are_a_sentence(rows: list, says: str) -> None:
    with pytest.raises(WatchError, match=says):
        from_records(rows, name="summonses", place="city", period="month")


def test_a_gap_is_refused_unless_it_is_said_to_be_left_out() -> None:
    values = np.ones(60)
    values[7] = np.nan
    with pytest.raises(WatchError, match=r"1 of 60 periods are missing \(number 8\)"):
        check_question(values, 48)
    check_question(values, 48, leave_out=True)


def test_series_of_other_months_are_not_stacked() -> None:
    with pytest.raises(WatchError, match="cut them to the same periods"):
        stack([monthly([1, 2, 3]), monthly([1, 2])])
    assert stack([monthly([1, 2, 3]), monthly([4, 5, 6])]).shape == (2, 3)


def test_the_values_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        monthly([1, 2, 3]).values[0] = 9
