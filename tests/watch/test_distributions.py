"""Each function is the one that its name says, with its arguments in order: figures of scipy.stats, far into the tails."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from brightline.watch import distributions as d

FIGURES = json.loads((Path(__file__).parent / "oracle" / "figures.json").read_text())
NEAR_ZERO = {"log_gamma": 1e-13, "t_quantile": 1e-11}  # where the true value passes through zero
P = np.array([1e-200, 1e-12, 1e-4, 0.025, 0.2, 0.499, 0.6, 0.975, 0.999999])
X = np.array([0.001, 0.05, 0.5, 1.0, 2.5, 11.9, 12.1, 150.0, 1e6])
Z = np.array([-30.0, -8.0, -1.96, -0.1, 0.0, 0.7, 3.3, 7.0])
DF = np.array([[0.7], [1.0], [3.0], [13.1], [200.0]])
A, B = np.array([[0.3], [2.0], [561.0], [40.0]]), np.array([[0.5], [7.0], [6001.0], [0.5]])


@pytest.mark.parametrize(
    "name, ours",
    [
        ("log_gamma", d.log_gamma(X)),
        ("digamma", d.digamma(X)),
        ("trigamma", d.trigamma(X)),
        ("normal_cdf", d.normal_cdf(Z)),
        ("normal_quantile", d.normal_quantile(P)),
        ("t_two_sided", d.t_two_sided(Z, DF)),
        ("t_quantile", d.t_quantile(P[2:], DF)),
        ("beta_cdf", d.beta_cdf(np.array([0.01, 0.3, 0.914, 0.99]), A, B)),
        ("beta_quantile", d.beta_quantile(np.array([0.025, 0.5, 0.975]), A, B)),
    ],
)
def test_agrees_with_scipy(name: str, ours: np.ndarray) -> None:
    np.testing.assert_allclose(ours.reshape(-1), FIGURES[name], rtol=1e-10, atol=NEAR_ZERO.get(name, 0))


def test_infinite_degrees_of_freedom_are_the_normal() -> None:
    np.testing.assert_allclose(d.t_quantile(0.975, np.inf), 1.959963984540054, rtol=1e-12)
    np.testing.assert_allclose(d.t_two_sided(1.959963984540054, np.inf), 0.05, rtol=1e-12)


def test_unknown_stays_unknown() -> None:
    assert np.isnan(d.t_two_sided(np.nan, 5.0)) and np.isnan(d.t_quantile(0.975, np.nan))


def test_inverse_trigamma() -> None:
    for y in (1e-8, 1e-3, 0.1, 1.0, 50.0, 1e8):
        assert d.trigamma(d.trigamma_inverse(y)) == pytest.approx(y, rel=1e-6)
