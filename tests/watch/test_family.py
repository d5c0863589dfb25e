"""Several questions in one plan: adjusted together, and the lines beside them apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from brightline.watch.multiple import adjusted
from brightline.watch.plan_file import PlanError, plan_of
from brightline.watch.result import Result
from brightline.watch.run import Standing, run
from tests.watch.invented import counts, loaded, series, told

PLANNED = Standing(True, "", 1)
BESIDE = [{"estimator": "binomial_ratio", "denominator": "all"}, {"estimator": "controlled_its", "control": "other"}]


def ran(ratio: float, **changes: Any) -> Result:
    whole = series(counts(ratio) + 4 * counts(seed=9), name="all")
    return run(
        plan_of(told(secondary=BESIDE, **changes)),
        loaded(series(counts(ratio)), whole, series(counts(seed=5), name="other")),
        standing=PLANNED,
    )


def of(result: Result, name: str) -> tuple[float, float | None]:
    one = next(e for e in result.forest if e.name == name)
    assert one.p is not None
    return one.p, one.adjusted


def test_a_family_is_adjusted_together_and_the_rest_apart() -> None:
    result = ran(3.0, multiplicity={"family": ["primary", "controlled_its"], "method": "BH"})
    p = [of(result, name)[0] for name in ("primary", "controlled_its")]
    assert [of(result, name)[1] for name in ("primary", "controlled_its")] == pytest.approx(
        adjusted(np.array(p)).tolist()
    )
    alone = of(result, "binomial_ratio")
    assert alone[1] == pytest.approx(alone[0])  # one line beside the family: nothing to adjust for
    assert any("2 questions at once" in f.sentence for f in result.flags)
    assert any("other estimates: 1" in f.sentence for f in result.flags)


def test_alone_the_primary_is_not_adjusted() -> None:
    result = ran(3.0)
    assert of(result, "primary")[1] is None
    assert of(result, "binomial_ratio")[1] is not None and not any(f.code == "family" for f in result.flags)


def test_the_answer_follows_the_adjusted_p() -> None:
    """A ratio whose p is under 0.05 alone and over it when it is one of several questions."""
    lone = ran(1.35, hypothesis__smallest_effect_of_interest=None)
    together = ran(
        1.35, hypothesis__smallest_effect_of_interest=None,
        multiplicity={"family": ["primary", "binomial_ratio", "controlled_its"], "method": "BY"},
    )  # fmt: skip
    p, raised = of(together, "primary")
    assert p < 0.05 < (raised or 0)
    assert lone.answer == "rose"
    assert together.answer == "could not be told" and together.label == "PLANNED"


@pytest.mark.parametrize(
    "multiplicity, said",
    [
        ({"family": ["primary", "binomial_ratio"]}, "write `method: BH`"),
        ({"family": ["primary", "binomal_ratio"], "method": "BH"}, "did you mean `binomial_ratio`"),
        ({"family": ["binomial_ratio"], "method": "BH"}, "must hold `primary`"),
    ],
)
def test_a_family_that_cannot_be_is_a_sentence(multiplicity: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError, match=r"line \d+: .*`multiplicity.family`") as caught:
        plan_of(told(secondary=BESIDE, multiplicity=multiplicity))
    assert said in str(caught.value)
