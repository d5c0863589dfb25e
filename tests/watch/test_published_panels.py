"""Published results of panel studies, each within its tolerance."""

from __future__ import annotations

import numpy as np
import pytest

from brightline.watch.bounds import of_study
from brightline.watch.event import event_study, over_dates
from brightline.watch.staggered import bacon, callaway_santanna
from brightline.watch.weights import synthetic
from tests.watch.panels import LAPD_AFTER, LAPD_BEFORE, lapd, math_reform, medicaid, mpdta, prop99


@pytest.mark.parametrize(
    ("method", "published", "close"), [("did", -27.349, 1e-3), ("sc", -19.6, 0.2), ("sdid", -15.604, 0.05)]
)
def test_california_smoked_less_after_proposition_99(method, published, close):
    assert synthetic(prop99(), method=method, errors="none").effect == pytest.approx(published, abs=close)


@pytest.mark.parametrize(("method", "published"), [("did", 17.7), ("sc", 9.9), ("sdid", 8.4)])
def test_placebo_errors_of_proposition_99(method, published):
    assert synthetic(prop99(), method=method).error == pytest.approx(published, rel=0.25)


def test_minimum_wage_and_teen_employment():
    found = callaway_santanna(mpdta(), controls="never")
    assert found.cell(2004, 2006).estimate == pytest.approx(-0.1373, abs=1e-4)
    assert found.cell(2004, 2004).error == pytest.approx(0.0233, abs=1e-4)
    event = [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008]
    assert found.dynamic.at.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    np.testing.assert_allclose(found.dynamic.estimate, event, atol=1e-4)
    assert found.overall.estimate[0] == pytest.approx(-0.0772, abs=1e-4)
    assert found.overall.error[0] == pytest.approx(0.0219, rel=0.1)
    assert found.simple.estimate[0] == pytest.approx(-0.0400, abs=1e-4)
    assert found.pretest.p == pytest.approx(0.16812, abs=1e-4)


def test_mathematics_reform_taken_apart():
    found = bacon(math_reform())
    kinds = found.kinds()
    published = {
        "earlier v later": (0.06353, 0.02868),
        "later v earlier": (0.05265, 0.03375),
        "treated v never": (0.88382, -0.00129),
    }
    assert set(kinds) == set(published)
    for kind, pair in published.items():
        assert kinds[kind] == pytest.approx(pair, abs=1e-5), kind
    assert found.twoway == pytest.approx(0.0025, abs=5e-5)
    assert found.forbidden == pytest.approx(0.05265, abs=1e-5)


def test_medicaid_expansion_by_year():
    y, expanded, at = medicaid()
    found = event_study(y, expanded, at, link="identity").estimates
    assert found.of(0) == pytest.approx((0.0464, 0.0092), abs=1e-4)
    assert found.of(1) == pytest.approx((0.0692, 0.0104), abs=1e-4)


def test_medicaid_expansion_under_departures_from_parallel_trends():
    y, expanded, at = medicaid()
    found = of_study(event_study(y, expanded, at, link="identity"), average=False)
    for mbar, low, high in ((0.5, 0.0241, 0.0673), (1, 0.0171, 0.0720), (1.5, 0.00859, 0.0796), (2, -0.00107, 0.0883)):
        bound = found.at(mbar)
        assert (bound.low, bound.high) == pytest.approx((low, high), abs=0.0005), mbar
    assert found.breakdown == pytest.approx(2, abs=0.1)


def test_six_operations_in_los_angeles_cannot_be_told_from_chance():
    calls, high_share, starts = lapd()
    found = [over_dates(calls, high_share, at, before=LAPD_BEFORE, after=LAPD_AFTER) for at in starts]
    changes = [f.percent for f in found]
    assert min(changes) == pytest.approx(-4.4, abs=0.1)
    assert max(changes) == pytest.approx(0.2, abs=0.1)
    assert all(f.p > 0.2 for f in found), "none is significant, two-sided"
    assert all(0.05 < f.p_fall < 0.6 for f in found), "nor one-sided"
    # The same comparison with a Poisson standard error calls more than a third of ordinary dates significant
    assert all(0.33 < f.naive_rejects < 0.42 for f in found)
