"""The same rules as an OpenFisca system: one input variable for each fact, one formula for each action."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import rules

PERIOD = rules.DAY.isoformat()


@cache
def system() -> Any:
    from openfisca_core.entities import Entity
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = Entity("person", "persons", "a contact", "")
    made = TaxBenefitSystem([person])
    lists: dict[str, Any] = {}

    def add(name: str, **parts: Any) -> None:
        made.add_variable(type(name, (Variable,), {"entity": person, "definition_period": DateUnit.DAY, **parts}))

    for name, fact in rules.inputs().items():
        if fact is None or fact.type == "yes/no":
            add(name, value_type=bool)
        elif fact.type == "number":
            add(name, value_type=int)
        else:
            # The last value of each list ("none", "no_offense") is the default, as an author would choose it.
            lists[name] = Enum(name, {v: v for v in fact.values})
            add(name, value_type=Enum, possible_values=lists[name], default_value=lists[name][fact.values[-1]])
    for name, source in rules.numpy_expressions().items():
        # Printed from the packs' own tree: names and numbers that the vocabulary declares, nothing else.
        formula = eval(f"lambda person, period: {source}", dict(lists))
        add(f"barred_{name}", value_type=bool, formula=formula)
    return made


def simulation(inputs: Mapping[str, Any], count: int) -> Any:
    """A simulation of this many contacts; what is not among the inputs has its default."""
    from openfisca_core.simulations import SimulationBuilder

    made = SimulationBuilder().build_default_simulation(system(), count)
    for name, values in inputs.items():
        made.set_input(name, PERIOD, values)
    return made


def answer(facts: Mapping[str, Any], question: str = rules.OVERALL) -> bool:
    """One situation, from a dict, as OpenFisca takes it."""
    from openfisca_core.simulations import SimulationBuilder

    told = {"c": {name: {PERIOD: value} for name, value in facts.items()}}
    made = SimulationBuilder().build_from_entities(system(), {"persons": told})
    return bool(made.calculate(f"barred_{question}", PERIOD)[0])


def verdicts(inputs: Mapping[str, Any], count: int) -> dict[str, Any]:
    """All answers for many contacts: those of the actions, and the overall one."""
    made = simulation(inputs, count)
    return {name: made.calculate(f"barred_{name}", PERIOD) for name in rules.barred()}


def arrays(frame: pl.DataFrame) -> dict[str, Any]:
    """A frame without unknowns, as the arrays that OpenFisca holds. Conditions on records are computed beforehand."""
    import narwhals as nw
    from openfisca_core.indexed_enums import EnumArray

    from brightline.reason.columns import Columns

    columns = Columns.of(frame.columns)
    found: dict[str, Any] = {}
    for atom, name in rules.record_names().items():
        truth = nw.to_native(nw.from_native(frame).select(columns.truth(atom).alias(name)))[name]
        assert not truth.null_count(), "OpenFisca has no third value"
        found[name] = truth.to_numpy()
    for name, fact in rules.inputs().items():
        if fact is None:
            continue
        if fact.type == "list":
            codes = frame[name].to_physical().to_numpy()
            found[name] = EnumArray(codes.astype(np.int16), system().get_variable(name).possible_values)
        else:
            found[name] = frame[name].cast(pl.Int32 if fact.type == "number" else pl.Boolean).to_numpy()
    return found
