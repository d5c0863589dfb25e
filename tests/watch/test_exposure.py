"""The chain from excess summonses to people exposed. All numbers here are invented."""

from __future__ import annotations

import numpy as np
import pytest

from brightline.watch.exposure import Factor, chain, excess
from brightline.watch.problems import WatchError

SOURCE = "invented for a test"


def share(name: str, low: float, middle: float, high: float, shape: str = "triangular") -> Factor:
    return Factor(name, low, middle, high, SOURCE, shape)


def fixed(name: str, value: float) -> Factor:
    return Factor(name, value, value, value, SOURCE, "fixed")


COUNT = Factor("excess summonses", 1000, 1000, 1000, SOURCE, "fixed", "count")
LONG = excess(600, 10.7, 4.7, 24, SOURCE)


def test_fixed_factors_multiply():
    found = chain([COUNT, fixed("people per summons", 0.8), fixed("noncitizens", 0.25)])
    assert (found.low, found.middle, found.high) == pytest.approx((200, 200, 200))
    assert found.tornado == ()


@pytest.mark.parametrize(("overlap", "people"), [("independent", 280), ("nested", 200), ("disjoint", 300)])
def test_routes_are_joined_as_declared(overlap, people):
    routes = [[fixed("fingerprint", 0.2)], [fixed("missed court", 0.2), fixed("warrant", 0.5)]]
    assert chain([COUNT], routes, overlap=overlap).middle == pytest.approx(people)


def test_a_wide_ratio_stays_wide():
    found = chain([LONG])
    assert (found.low, found.middle, found.high) == pytest.approx((600 * 3.7, 600 * 9.7, 600 * 23), rel=0.03)


def test_each_shape_covers_its_range():
    u = np.linspace(0.0005, 0.9995, 4001)
    assert share("s", 0.2, 0.4, 0.9, "uniform").at(u).mean() == pytest.approx(0.55, abs=1e-3)
    triangle = share("s", 0.2, 0.4, 0.9).at(u)
    assert triangle.mean() == pytest.approx((0.2 + 0.4 + 0.9) / 3, abs=1e-3)
    assert 0.2 <= triangle.min() < triangle.max() <= 0.9
    beta = share("s", 0.1, 0.15, 0.2, "interval").at(u)
    assert beta.mean() == pytest.approx(0.15, abs=1e-3)
    assert beta.std() == pytest.approx(0.1 / 3.92, rel=0.02)
    tails = Factor("n", 100, 200, 500, SOURCE, "interval", "count").at(np.array([0.025, 0.5, 0.975]))
    assert tails == pytest.approx([100, 200, 500])
    around_zero = Factor("n", -50, 10, 60, SOURCE, "interval", "count").at(np.array([0.025, 0.5, 0.975]))
    assert around_zero == pytest.approx([-50, 10, 60])


def test_the_tornado_puts_the_widest_factor_first():
    found = chain([LONG, share("people", 0.8, 0.9, 1), share("noncitizens", 0.1, 0.15, 0.2)])
    assert [bar.factor for bar in found.tornado] == ["excess summonses", "noncitizens", "people"]
    assert found.tornado[0].width > found.tornado[1].width > found.tornado[2].width
    assert all(bar.source == SOURCE for bar in found.tornado)


def test_the_same_seed_gives_the_same_people():
    one, two, other = (chain([LONG], seed=s) for s in (1, 1, 2))
    assert one.draws.tolist() == two.draws.tolist()
    assert one.middle != other.middle


def test_an_excess_that_may_be_nothing_may_expose_nobody():
    found = chain([excess(600, 1.1, 0.9, 1.3, SOURCE), share("noncitizens", 0.1, 0.15, 0.2)])
    assert found.could_be_none
    assert found.low == 0
    assert found.sentence().startswith("Between none and about ")


def test_the_words_are_exposed_and_never_more_than_that():
    text = chain([LONG, share("noncitizens", 0.1, 0.15, 0.2)]).sentence()
    assert "may be newly exposed" in text
    assert "deport" not in text.lower()
    assert "remov" not in text.lower()


def test_people_are_told_in_spanish_too():
    text = chain([LONG, share("noncitizens", 0.1, 0.15, 0.2)]).sentence("es")
    assert text.startswith("Entre ") and "people" not in text and "deport" not in text.lower()


def test_a_factor_on_two_routes_is_drawn_once():
    court = share("missed court", 0.1, 0.3, 0.5)
    found = chain([COUNT], [[court], [court]], overlap="nested")
    assert len(found.factors) == 2
    alone = chain([COUNT], [[court]])
    assert found.middle == pytest.approx(alone.middle, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Factor("noncitizens", 0.1, 0.2, 0.3, "  "), "`noncitizens` has no source"),
        (lambda: Factor(" ", 0.1, 0.2, 0.3, SOURCE), "has no name"),
        (lambda: share("noncitizens", 0.3, 0.2, 0.4), "low, middle and high in this order"),
        (lambda: share("noncitizens", 0.1, 0.2, 1.4), "from 0 to 1"),
        (lambda: share("noncitizens", 0.1, float("nan"), 0.4), "low, middle and high"),
        (lambda: share("noncitizens", 0.2, 0.2, 0.2), "any other needs a range"),
        (lambda: share("noncitizens", 0.1, 0.2, 0.3, "fixed"), "a fixed factor is one number"),
        (lambda: share("noncitizens", 0.1, 0.2, 0.3, "normal"), "the shape is"),
        (lambda: excess(0, 2, 1, 3, SOURCE), "count above zero"),
        (lambda: excess(10, 4, 1, 3, SOURCE), "ratio inside its interval"),
        (lambda: chain([share("noncitizens", 0.1, 0.2, 0.3)]), "begins with a count"),
        (lambda: chain([]), "begins with a count"),
        (lambda: chain([COUNT], [[]]), "no steps"),
        (lambda: chain([COUNT], [[COUNT]]), "share of people"),
        (lambda: chain([COUNT, fixed("a", 0.5), fixed("a", 0.4)]), "Two factors are called `a`"),
        (lambda: chain([COUNT], draws=10), "too few for an interval"),
    ],
)
def test_a_chain_that_nobody_can_stand_behind_is_refused(make, said):
    with pytest.raises(WatchError, match=said):
        make()
