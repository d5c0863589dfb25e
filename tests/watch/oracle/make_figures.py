"""Makes figures.json: what scipy and statsmodels say of inputs that the tests make again (python make_figures.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy
import scipy.special as special
import scipy.stats as stats
import statsmodels
import statsmodels.api as sm
from make_inputs import counts
from statsmodels.stats.multitest import multipletests

HERE = Path(__file__).parent
P = [1e-200, 1e-12, 1e-4, 0.025, 0.2, 0.499, 0.6, 0.975, 0.999999]
X = [0.001, 0.05, 0.5, 1.0, 2.5, 11.9, 12.1, 150.0, 1e6]
Z = [-30.0, -8.0, -1.96, -0.1, 0.0, 0.7, 3.3, 7.0]
DF = [0.7, 1.0, 3.0, 13.1, 200.0]
AB = [(0.3, 0.5), (2.0, 7.0), (561.0, 6001.0), (40.0, 0.5)]


def functions() -> dict[str, list[float]]:
    return {
        "log_gamma": special.gammaln(X).tolist(),
        "digamma": special.digamma(X).tolist(),
        "trigamma": special.polygamma(1, X).tolist(),
        "normal_cdf": stats.norm.cdf(Z).tolist(),
        "normal_quantile": stats.norm.ppf(P).tolist(),
        "t_two_sided": [float(2 * stats.t.sf(abs(z), d)) for d in DF for z in Z],
        "t_quantile": [float(stats.t.ppf(p, d)) for d in DF for p in P[2:]],
        "beta_cdf": [float(special.betainc(a, b, x)) for a, b in AB for x in (0.01, 0.3, 0.914, 0.99)],
        "beta_quantile": [float(special.betaincinv(a, b, p)) for a, b in AB for p in (0.025, 0.5, 0.975)],
    }


def matrix(periods: int, at: int, harmonics: int) -> np.ndarray:
    t = np.arange(periods)
    columns = [np.ones(periods), (t >= at).astype(float), t]
    for h in range(1, harmonics + 1):
        columns += [np.cos(2 * np.pi * h * t / 12), np.sin(2 * np.pi * h * t / 12)]
    return np.stack(columns, axis=1)


def glm(y: np.ndarray, x: np.ndarray, offset: np.ndarray | None = None) -> tuple[float, float, float]:
    fit = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset).fit(scale="X2", tol=1e-13)
    return float(fit.params[1]), float(fit.bse[1]), float(fit.scale)


def share(y: np.ndarray, n: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    fit = sm.GLM(y / n, x, family=sm.families.Binomial(), var_weights=n).fit(scale="X2", tol=1e-13)
    return float(fit.params[1]), float(fit.bse[1])


def main() -> None:
    table = counts()
    whole = table + 30
    x = matrix(75, 60, 2)
    p = np.array([0.001, 0.8, 0.012, 0.03, 0.041, 0.2, 0.049, 0.0004])
    told = {
        "versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        **functions(),
        "quasi_poisson": [glm(y, x) for y in table],
        "quasi_binomial": [share(y, n, x) for y, n in zip(table, whole, strict=True)],
        "BH": multipletests(p, method="fdr_bh")[1].tolist(),
        "BY": multipletests(p, method="fdr_by")[1].tolist(),
    }
    (HERE / "figures.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
