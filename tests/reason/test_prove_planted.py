"""Holes that were dug on purpose are found, mended ones are not, and a reform that mends one is seen to close it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brightline.reason.decide import decide
from brightline.reason.prove import smt
from brightline.reason.prove.loopholes import Loophole, Loopholes

from .planted import VARIANTS, Planted, Text, asked, conditions_of, plant

SEEDS = range(20)
MORE_SEEDS = range(20, 60)
needs_z3 = pytest.mark.skipif(not smt.available(), reason="z3 is not installed: no reform was proven to close a hole")


def each(variant: str, seeds: range) -> Iterator[tuple[Planted, str]]:
    for seed in seeds:
        yield plant(variant, seed), f"{variant}, seed {seed}"


def found_in(text: Text, planted: Planted, folder: Path) -> Loopholes:
    return asked(text.law(folder), planted.purpose)


def holes(found: Loopholes, planted: Planted) -> list[Loophole]:
    return [x for x in found.found if planted.hole.matches(x)]


def finds_the_hole(planted: Planted, found: Loopholes, told: str) -> None:
    hole, mine = planted.hole, holes(found, planted)
    assert found.complete, told
    assert {x.compared or x.clause for x in mine} == set(hole.clauses), told
    for x in mine:
        assert any(c in hole.through for c in x.through), (told, x.through)
        assert x.misstated == hole.misstated, told
        assert x.readings == hole.readings, told
        assert not x.judge, told
        if hole.actors:
            assert x.actors == hole.actors, told
        assert x.witness is not None, told
        assert decide(x.witness, x.setting.judge).verdict not in ("barred", "unsettled", "contested", "conflict"), told
        if hole.value is not None:
            name, value = hole.value
            assert x.witness.facts[name].value == value, told
        if x.kind == "misstatement":
            assert x.truth is not None and decide(x.truth, x.setting.judge).verdict == "barred", told


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_is_found_with_its_clause_and_its_facts(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, SEEDS)):
        finds_the_hole(planted, found_in(planted.open, planted, tmp_path / str(n)), told)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_that_is_mended_is_not_reported(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, SEEDS)):
        found = found_in(planted.mended, planted, tmp_path / str(n))
        assert found.complete, told
        assert not [(x.clause, conditions_of(x.door)) for x in found.found if planted.hole.near(x)], told


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_more_holes_are_found_and_more_mended_ones_are_not(variant: str, tmp_path: Path) -> None:
    for n, (planted, told) in enumerate(each(variant, MORE_SEEDS)):
        finds_the_hole(planted, found_in(planted.open, planted, tmp_path / f"open {n}"), told)
        found = found_in(planted.mended, planted, tmp_path / f"mended {n}")
        assert found.complete and not [x for x in found.found if planted.hole.near(x)], told
