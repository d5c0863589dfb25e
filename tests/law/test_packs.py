"""The packs that are shipped: read without errors, tested by their own cases, honest about what they lack."""

from collections.abc import Iterator
from datetime import date

import pytest

from brightline.law.check import doubts
from brightline.law.pack import Law, Section
from brightline.law.tree import cite
from brightline.reason.lawtest import LawTest, run
from brightline.reason.reasoner import reasoner


@pytest.fixture(scope="module")
def tested(law: Law) -> LawTest:
    return run(law)


def sections(law: Law) -> Iterator[Section]:
    yield from law.sections.values()


def test_the_packs_have_no_errors_and_no_doubts(law: Law) -> None:
    assert not law.problems
    assert not doubts(law)


def test_every_case_of_the_law_is_met(tested: LawTest) -> None:
    assert not [str(f) for f in tested.failures]


def test_every_condition_is_shown_to_matter_and_small_changes_are_noticed(tested: LawTest) -> None:
    total = tested.as_json()["total"]
    assert total["clauses_without_cases"] == []
    assert total["mcdc"] == 100
    assert total["mutation"] >= 95


def test_every_norm_stands_under_the_text_of_its_clause(law: Law) -> None:
    assert not [n.id for s in sections(law) for n in s.norms if len(s.quote(n)) < 20]


def test_every_section_cites_its_source_and_says_that_counsel_has_not_reviewed_it(law: Law) -> None:
    for section in sections(law):
        assert section.meta["sources"], section.id
        assert "not reviewed by counsel" in section.meta["reviewed"], section.id


def test_after_may_2026_no_new_york_verdict_is_plain(law: Law) -> None:
    missing = " ".join(g.law for g in reasoner(law, ["us-ny-nyc"]).horizon(date(2026, 7, 1)))
    assert "996-a" in missing


def test_the_law_changed_on_the_day_local_laws_58_and_59_took_effect(law: Law) -> None:
    assert date(2014, 12, 14) in law.boundaries(["us-ny-nyc"])


@pytest.mark.parametrize(
    ("label", "cited"),
    [
        ("b.1.i-ii", "§ 1(b)(1)(i)-(ii)"),
        ("b.2-proviso", "§ 1(b)(2), proviso"),
        ("1.c", "§ 1(1)(c)"),
        ("h.1.iii", "§ 1(h)(1)(iii)"),
    ],
)
def test_labels_are_cited_as_lawyers_cite_them(label: str, cited: str) -> None:
    assert cite("§ 1", label) == cited
