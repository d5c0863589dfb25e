"""Exactness: an answer is unknown only if two ways of filling the gaps differ. Checked by filling every gap."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from brightline.law.pack import Law
from brightline.reason.clusters import representatives
from brightline.reason.program import Program
from brightline.reason.reasoner import reasoner
from brightline.reason.truth import Facts, evaluate
from tests.reason.random_contacts import situations

MOST_COMPLETIONS = 600


def verdicts_of_completions(program: Program, facts: Facts) -> set[str]:
    """The verdict of every way of filling the gaps that the constraints allow, each by plain evaluation."""
    missing = [f for f in program.facts if facts.get(f) is None]
    found = set()
    for values in product(*(representatives(f, program.atoms, program.vocabulary) for f in missing)):
        whole = {**facts, **dict(zip(missing, values, strict=True))}
        if all(evaluate(c, whole) for c in program.constraints):
            found.add(plain_verdict(program, whole))
    return found


def plain_verdict(program: Program, facts: Facts) -> str:
    told: dict[Any, str] = {}
    for scope in program.scopes:
        broken = {
            m: any(evaluate(n.broken, facts) for n in scope.norms if n.norm.modality == m)
            for m in ("forbids", "requires")
        }
        reached = any(evaluate(n.reach, facts) for n in scope.norms)
        told[scope.choice] = (
            "conflict" if all(broken.values()) else "barred" if broken["forbids"] else "required" if broken["requires"]
            else "excepted" if reached else "unreached"
        )  # fmt: skip
    return told.popitem()[1] if len(set(told.values())) == 1 else "contested"


def coarse(verdicts: set[str]) -> set[str]:
    """Not barred is one answer, whether an exception holds or no norm reaches."""
    return {"not barred" if v in ("excepted", "unreached", "contested") else v for v in verdicts}


@pytest.mark.parametrize("pack", ["us-ny-nyc", "us-ca", "us-or", "us-tx"])
def test_unknown_only_where_two_completions_differ(law: Law, pack: str) -> None:
    judge = reasoner(law, [pack])
    rng = np.random.default_rng(5)
    checked = 0
    for day, actor, action in list(situations(law, law.levels(pack)))[::3]:
        program = judge.program(day, actor, (action,))
        plain = [f for f in program.facts if f not in program.vocabulary.records]
        spaces = {f: representatives(f, program.atoms, program.vocabulary) for f in plain}
        if len(plain) < len(program.facts) or not plain:
            continue  # lists of records have their own test
        for _ in range(12):
            facts = {f: s[rng.integers(len(s))] for f, s in spaces.items()}
            room = 1
            for f in rng.permutation(plain):
                if room * len(spaces[f]) <= MOST_COMPLETIONS and rng.random() < 0.7:
                    room *= len(spaces[f])
                    facts[str(f)] = None
            verdicts = verdicts_of_completions(program, facts)
            if not verdicts:
                continue  # the facts contradict each other
            said = program.outcome(*program.masks(facts)).verdict
            checked += 1
            if len(coarse(verdicts)) > 1:
                certain = {"conflict"} if said == "conflict" else {said, "conflict"}
                assert said in ("unsettled", "contested") or verdicts <= certain, (said, verdicts, facts)
            else:
                assert coarse({said}) == coarse(verdicts), (said, verdicts, facts)
    assert checked > 100


def test_a_conviction_within_five_years_is_a_conviction(law: Law) -> None:
    """Two conditions on one list: the narrower one settles the wider, and Kleene alone would not know it."""
    from datetime import date

    from brightline.reason.truth import Records

    program = reasoner(law, ["us-ny-nyc"]).program(date(2015, 1, 5), "nypd", ("hold_past_release",))
    robbery = {
        "offense_class": "violent_or_serious",
        "youthful_or_juvenile": False,
        "years_before_arrest_without_prison": None,
    }
    true, false = program.masks({"judgment": Records((robbery,), complete=False)})
    kinds = {str(a.body): 1 << n for n, a in enumerate(program.atoms) if hasattr(a, "body")}
    ever = next(bit for text, bit in kinds.items() if "years_before" not in text)
    five = next(bit for text, bit in kinds.items() if "years_before" in text)
    assert true & ever and not (true | false) & five
