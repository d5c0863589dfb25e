"""Write panel_*.json: what other libraries say of the same panels. Run by hand, in an environment that has them:

    pip install csdid==0.4.3 diff-diff==3.13.0 "moderndid[didhonest]==0.2.0" pyfixest==0.60.0
    python -m tests.watch.oracle.panel [staggered bacon synthetic poisson linear bounds]

`bounds` takes minutes: it is moderndid's C-LF.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.watch.precincts import BEFORE, city, dose, exposure

HERE = Path(__file__).parent
DATA = HERE.parent / "data"


def write(name: str, told: dict[str, Any]) -> None:
    text = json.dumps(told, indent=1, default=lambda v: np.asarray(v).tolist())
    (HERE / f"panel_{name}.json").write_text(text + "\n")
    print(name, "written")


def medicaid() -> pd.DataFrame:
    rows = pd.read_csv(DATA / "ehec_medicaid" / "ehec.csv.gz")
    rows = rows[(rows.year < 2016) & (rows.yexp2 != 2015)].copy()
    rows["d"] = (rows.yexp2 == 2014).astype(float)
    return rows


def staggered() -> None:
    from csdid.att_gt import ATTgt

    rows = pd.read_csv(DATA / "mpdta" / "mpdta.csv.gz").rename(columns={"first.treat": "first"})
    told: dict[str, Any] = {}
    for ours, theirs in (("never", "nevertreated"), ("not yet", "notyettreated")):
        fit = ATTgt(
            yname="lemp",
            gname="first",
            idname="countyreal",
            tname="year",
            data=rows,
            control_group=[theirs],
            panel=True,
            allow_unbalanced_panel=False,
        ).fit(est_method="reg", bstrap=False)
        result = fit.results
        fit.aggte(typec="dynamic", bstrap=False, cband=False)
        dynamic = fit.atte
        told[ours] = {
            "group": result["group"],
            "year": result["year"],
            "att": result["att"],
            "se": result["se"],
            "event": dynamic["egt"],
            "dynamic": dynamic["att_egt"],
            "dynamic_se": np.ravel(dynamic["se_egt"]),
            "overall": float(dynamic["overall_att"]),
            "overall_se": float(np.ravel(dynamic["overall_se"])[0]),
        }
    write("staggered", {"library": "csdid 0.4.3", "mpdta": told})


def bacon() -> None:
    from diff_diff import BaconDecomposition

    rows = pd.read_csv(DATA / "math_reform" / "math_reform.csv.gz")
    rows["first"] = rows.reformyr_math.fillna(0).astype(int)
    fit = BaconDecomposition(weights="exact").fit(
        rows, outcome="incearn_ln", unit="state", time="class", first_treat="first"
    )
    write(
        "bacon",
        {
            "library": "diff-diff 3.13.0",
            "twoway": fit.twfe_estimate,
            "comparisons": [
                {
                    "kind": c.comparison_type,
                    "treated": float(c.treated_group),
                    "control": str(c.control_group),
                    "weight": c.weight,
                    "estimate": c.estimate,
                }
                for c in fit.comparisons
            ],
        },
    )


def synthetic() -> None:
    from diff_diff import SyntheticDiD

    rows = pd.read_csv(DATA / "prop99" / "prop99.csv.gz")
    rows["is_treated"] = (rows.State == "California").astype(int)
    years = sorted(y for y in rows.Year.unique() if y >= 1989)
    fit = SyntheticDiD(variance_method="placebo", n_bootstrap=50, seed=1).fit(
        rows, outcome="PacksPerCapita", treatment="is_treated", unit="State", time="Year", post_periods=years
    )
    write(
        "synthetic",
        {
            "library": "diff-diff 3.13.0",
            "sdid": fit.att,
            "unit_weights": {str(k): float(v) for k, v in fit.unit_weights.items()},
            "period_weights": {str(k): float(v) for k, v in fit.time_weights.items()},
        },
    )


def _long(counts: Any, d: Any) -> pd.DataFrame:
    n, t = counts.shape
    return pd.DataFrame(
        {
            "y": counts.ravel(),
            "unit": np.repeat(np.arange(n), t),
            "period": np.tile(np.arange(t), n),
            "d": np.repeat(d, t),
            "after": np.tile(np.arange(t) >= BEFORE, n).astype(float),
        }
    )


def poisson() -> None:
    import pyfixest as pf

    told: dict[str, Any] = {"library": "pyfixest 0.60.0"}
    for name, d in (("groups", exposure()), ("dose", dose())):
        rows = _long(city(1, 5)[0], d)
        rows["x"] = rows.d * rows.after
        one = pf.fepois("y ~ x | unit + period", data=rows, vcov={"CRV1": "unit"}, iwls_tol=1e-12, fixef_tol=1e-12)
        rows["block"] = (rows.period - BEFORE) // 6
        names = []
        for b in sorted(rows.block.unique()):
            if b != -1:
                names.append(f"b{b + 10}")
                rows[names[-1]] = rows.d * (rows.block == b)
        study = pf.fepois(
            f"y ~ {' + '.join(names)} | unit + period",
            data=rows,
            vcov={"CRV1": "unit"},
            iwls_tol=1e-12,
            fixef_tol=1e-12,
        )
        told[name] = {
            "estimate": one.coef()["x"],
            "se": one.se()["x"],
            "blocks": study.coef()[names].to_numpy(),
            "blocks_se": study.se()[names].to_numpy(),
        }
    write("poisson", told)


def linear() -> None:
    import pyfixest as pf

    rows = medicaid()
    fit = pf.feols("dins ~ i(year, d, ref=2013) | stfips + year", data=rows, vcov={"CRV1": "stfips"})
    write("linear", {"library": "pyfixest 0.60.0", "estimate": fit.coef().to_numpy(), "covariance": fit._vcov})


def bounds() -> None:
    from moderndid import create_sensitivity_results_rm

    told = json.loads((HERE / "panel_linear.json").read_text())
    result = create_sensitivity_results_rm(
        betahat=np.array(told["estimate"]),
        sigma=np.array(told["covariance"]),
        num_pre_periods=5,
        num_post_periods=2,
        m_bar_vec=np.array([0.5, 1.0, 1.5, 2.0]),
        method="C-LF",
    )
    frame = result.to_pandas() if hasattr(result, "to_pandas") else pd.DataFrame(result)
    write("bounds", {"library": "moderndid 0.2.0", "rows": json.loads(frame.to_json(orient="records"))})


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for job in sys.argv[1:] or ["staggered", "bacon", "synthetic", "poisson", "linear", "bounds"]:
        globals()[job]()
