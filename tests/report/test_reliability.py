"""The reliability of stated purposes: counts, the interval, and unknown kept apart."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightline.report.about import ReportError
from brightline.report.reliability import OUTCOMES, Reliability, Z, bounds_sentence, reliability, sentence, wilson

OFFICE = "Example Field Office"  # invented


def test_it_works() -> None:
    rows = [(OFFICE, "charge"), (OFFICE, None), (OFFICE, "nothing"), (OFFICE, "unknown"), (OFFICE, "conviction")]
    assert reliability(rows) == (Reliability(OFFICE, charge=1, conviction=1, nothing=1, unknown=2),)
    (found,) = reliability(rows)
    assert (found.grants, found.known, found.criminal) == (5, 3, 2)
    assert found.share == pytest.approx(2 / 3)
    assert found.unknown_share == pytest.approx(2 / 5)
    assert found.bounds == (2 / 5, 4 / 5)


def test_unknown_is_not_no() -> None:
    (found,) = reliability([(OFFICE, None)] * 4)
    assert (found.share, found.interval, found.nothing) == (None, None, 0)
    assert found.bounds == (0, 1)


def test_an_office_without_grants_has_no_share_of_anything() -> None:
    none = Reliability(OFFICE)
    assert (none.share, none.interval, none.unknown_share, none.bounds) == (None, None, None, None)
    assert reliability([]) == ()


def test_offices_are_sorted_and_kept_apart() -> None:
    rows = [("zeta", "charge"), ("Alpha", "nothing"), ("beta", None), ("zeta ", "nothing")]
    found = reliability(rows)
    assert [(r.office, r.grants) for r in found] == [("Alpha", 1), ("beta", 1), ("zeta", 2)]


def test_an_outcome_that_nobody_knows_of_is_not_taken_for_unknown() -> None:
    with pytest.raises(ReportError, match="`chrage` is no outcome"):
        reliability([(OFFICE, "chrage")])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([*OUTCOMES, None]))))
def test_no_grant_is_lost_or_counted_twice(rows: list[tuple[str, str | None]]) -> None:
    found = reliability(rows)
    assert sum(r.grants for r in found) == len(rows)
    for r in found:
        assert r.known + r.unknown == r.grants
        if r.share is not None and r.bounds is not None and r.interval is not None:
            assert r.bounds[0] <= r.share <= r.bounds[1]
            assert r.interval[0] <= r.share <= r.interval[1]


# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3.
@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(found: int, of: int, low: float, high: float) -> None:
    assert wilson(found, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_bound_is_the_share_that_the_score_test_just_rejects(drawn: tuple[int, int]) -> None:
    found, of = drawn
    low, high = wilson(found, of)
    assert 0 <= low <= found / of <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:
            assert abs(found / of - bound) == pytest.approx(Z * sqrt(bound * (1 - bound) / of), rel=1e-6)
    assert (low == 0) == (found == 0) and (high == 1) == (found == of)
    mirrored = wilson(of - found, of)
    assert mirrored == (pytest.approx(1 - high, abs=1e-12), pytest.approx(1 - low, abs=1e-12))


@pytest.mark.parametrize(("found", "of"), [(0, 0), (3, 2), (-1, 2)])
def test_there_is_no_share_of_nothing(found: int, of: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(found, of)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            {"charge": 2, "conviction": 1, "civil_immigration_custody": 5, "nothing": 1, "unknown": 5},
            "Of 14 grants to this office for a stated crime, 9 outcomes are known: 3 ended in a charge or a conviction "
            "(33 %, 95 % interval 12 to 65 %); 5 in civil immigration custody; 1 in nothing. 5 are not known.",
        ),
        (
            {"charge": 1, "unknown": 1},
            "Of 2 grants to this office for a stated crime, 1 outcome is known: 1 ended in a charge or a conviction "
            "(100 %, 95 % interval 21 to 100 %); 0 in civil immigration custody; 0 in nothing. 1 is not known.",
        ),
        (
            {"nothing": 1},
            "Of 1 grant to this office for a stated crime, 1 outcome is known: 0 ended in a charge or a conviction "
            "(0 %, 95 % interval 0 to 79 %); 0 in civil immigration custody; 1 in nothing.",
        ),
        ({"unknown": 3}, "Of 3 grants to this office for a stated crime, no outcome is known."),
        ({}, "No grant to this office for a stated crime is recorded."),
    ],
)
def test_the_sentence_of_the_decision_page(counts: dict[str, int], said: str) -> None:
    assert sentence(Reliability(OFFICE, **counts)) == said


def test_a_percentage_is_0_or_100_only_when_it_is_exactly_that() -> None:
    assert "(under 1 %, 95 % interval under 1 to under 1 %)" in sentence(Reliability(OFFICE, charge=1, nothing=9999))
    assert "(over 99 %," in sentence(Reliability(OFFICE, charge=999, nothing=1))


def test_what_the_unknown_outcomes_could_change() -> None:
    found = Reliability(OFFICE, charge=3, nothing=6, unknown=5)
    assert "between 21 % and 57 % of the grants" in bounds_sentence(found)
    assert bounds_sentence(Reliability(OFFICE, charge=3)) == ""
