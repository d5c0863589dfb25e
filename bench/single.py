"""Decisions one by one, in process, on one core, from a Python dict: how many a second.

Every engine answers the same question, whether any of the three actions is barred, and is asserted to answer as the
plain evaluator does, before it is timed. Brightline also gives the verdict's name and its clause, and is given the
list of judgments as records; the peers are given a finished yes/no in its place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import contacts
import openfisca
import peers
import rules
from measure import Results, Table, Target, one_core, part, seconds

from brightline.contact.schema import Contact, RecordList
from brightline.reason.compiled import decider, explainer
from brightline.reason.decide import decide
from brightline.reason.truth import Records

BARRED = {"barred": True, "excepted": False, "unreached": False, "unsettled": None}


@dataclass
class Engine:
    """`ask` is timed over the first `count` contacts; `answer` reads what it says."""

    name: str
    ask: Callable[[Any], Any]
    answer: Callable[[Any], bool | None]
    contacts: Sequence[Any]
    count: int
    package: str = ""


def main(quick: bool) -> Results:
    one_core()
    scale = 10 if quick else 1
    full = contacts.facts(contacts.columns(20_000 // scale, missing=0.0))
    generator = random.Random(7)
    partial = [contacts.withhold(f, 0.1, generator) for f in full]
    plain = [rules.peer_facts(f) for f in full]
    engines = [*_brightline(full, scale), *_peers(plain, scale)]
    rates = {e.name: _timed(e, full) for e in engines}
    table = Table("Single decisions, one core, from a Python dict", ["engine", "decisions/s", "x Cedar"])
    base = rates.get("cedarpy is_authorized")
    for name, rate in rates.items():
        table.row(name, f"{rate:,.0f}", f"{rate / base:,.3g}" if base else "-")
    table.row("with 10 % of the facts withheld:", "", "")
    for engine in _brightline(partial, scale):
        rate = _timed(engine, partial)
        table.row(f"{engine.name} ", f"{rate:,.0f}", f"{rate / base:,.3g}" if base else "-")
    table.notes = [f"{p} is NOT INSTALLED and was not measured" for p in peers.absent()]
    results = Results([table])
    if base:
        results.targets = [
            Target("decide, verdict with clause / cedarpy allow or deny", rates[VERDICT] / base, 100, True),
            Target("decide, full explanation / cedarpy allow or deny", rates[EXPLAINED] / base, 9, True),
        ]
    return results


VERDICT = "Brightline, verdict with clause"
EXPLAINED = "Brightline, with the truth of every branch"


def _brightline(facts: list[dict[str, Any]], scale: int) -> list[Engine]:
    program = rules.program()
    told = [_contact(f) for f in facts[: 200 // scale]]

    def remembered(one: dict[str, Any]) -> str:
        return program.outcome(*program.masks(one)).verdict

    return [
        Engine(VERDICT, decider(program), lambda v: BARRED[v[0]], facts, len(facts)),
        Engine(EXPLAINED, explainer(program), lambda v: BARRED[v.verdict], facts, len(facts)),
        Engine(
            "Brightline, every finding, patterns remembered", remembered, lambda v: BARRED[v], facts, len(facts) // 5
        ),
        Engine(
            "Brightline, `decide` of the library, in sentences",
            lambda c: decide(c, rules.judge()),
            lambda d: BARRED[d.verdict],
            told,
            len(told),
        ),
    ]


def _contact(facts: dict[str, Any]) -> Contact:
    """The contact as a file would hold it: what the whole of `decide` starts from."""
    return Contact(
        date=rules.DAY,
        actor=rules.ACTOR,
        asked=list(rules.ACTIONS),
        basis="verified",
        facts={n: v for n, v in facts.items() if not isinstance(v, Records)},
        records={
            n: RecordList(records=list(v.known), complete=v.complete)
            for n, v in facts.items()
            if isinstance(v, Records)
        },
    )


def _peers(facts: list[dict[str, Any]], scale: int) -> list[Engine]:
    def same(answer: Any) -> Any:
        return answer

    made: list[tuple[str, str, Callable[[], Callable[[Any], Any]], int]] = [
        ("cedarpy is_authorized", "cedarpy", peers.cedar, 2_000),
        ("cedarpy partial evaluation", "cedarpy", peers.cedar_partial, 1_000),
        ("CEL in Rust (common-expression-language)", "common-expression-language", peers.cel_rust, 10_000),
        ("rego-cpp, prebuilt bundle (regopy)", "regopy", peers.rego, 1_000),
        ("cel-python, compiled", "cel-python", peers.cel_python, 500),
        ("OpenFisca-core, one situation", "OpenFisca-Core", lambda: openfisca.answer, 200),
    ]
    found = [Engine(n, make(), same, facts, count // scale, p) for n, p, make, count in made if peers.installed(p)]
    if peers.installed("cedarpy"):
        batch = peers.cedar_batch()
        together = facts[: 2_000 // scale]
        found.insert(1, Engine("cedarpy is_authorized_batch", batch, same, [together], 1, "cedarpy"))
    return found


def _timed(engine: Engine, full: list[dict[str, Any]]) -> float:
    """Decisions a second, after every answer was held against the plain evaluator."""
    asked = engine.contacts[: engine.count]
    said = [engine.answer(engine.ask(c)) for c in asked]
    if said and isinstance(said[0], list):  # a batch call
        said = said[0]
    for answer, facts in zip(said, full, strict=False):
        # Where Kleene's tables cannot tell, the exact engine may; where they can, nobody may differ.
        wanted = rules.answers(facts)[rules.OVERALL]
        assert answer == wanted or wanted is None, f"{engine.name} says {answer}, not {wanted}, of {facts}"
    ask = engine.ask

    def work() -> None:
        for c in asked:
            ask(c)

    return len(said) / seconds(work)


if __name__ == "__main__":
    part(main)
