"""The engines that are compared, each behind the same function: facts of a contact -> barred, not barred, or unknown.

Each is prepared once (rules parsed, compiled, bundled) and then asked. `None` stands for "cannot tell". An engine that
is not installed is absent, and said to be.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import rules

Facts = Mapping[str, Any]
Answer = bool | None
Engine = Callable[[Facts], Answer]

PACKAGES = ("cedarpy", "common-expression-language", "regopy", "cel-python", "OpenFisca-Core")


def installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def absent() -> list[str]:
    return [p for p in PACKAGES if not installed(p)]


def _request(facts: Facts, question: str) -> dict[str, Any]:
    return {
        "principal": f'Agency::"{rules.ACTOR}"',
        "action": f'Action::"{question}"',
        "resource": 'Contact::"c"',
        "context": facts,
    }


def _cedar_parsed() -> tuple[Any, Any]:
    """Policies and entities, parsed once. Partial evaluation takes an action for unknown that is no entity."""
    import cedarpy

    uids = [{"type": "Action", "id": q} for q in rules.barred()]
    entities = [{"uid": uid, "attrs": {}, "parents": []} for uid in uids]
    return cedarpy.PolicySet.from_str(rules.cedar_policies()), cedarpy.Entities.from_json_str(json.dumps(entities))


def cedar(question: str = rules.OVERALL) -> Engine:
    """Cedar's plain answer, without a schema: a policy that fails to evaluate is skipped."""
    import cedarpy

    policies, entities = _cedar_parsed()
    return lambda facts: not cedarpy.is_authorized(_request(facts, question), policies, entities).allowed


def cedar_batch(question: str = rules.OVERALL) -> Callable[[Sequence[Facts]], list[Answer]]:
    import cedarpy

    policies, entities = _cedar_parsed()

    def ask(many: Sequence[Facts]) -> list[Answer]:
        found = cedarpy.is_authorized_batch([_request(f, question) for f in many], policies, entities)
        return [not f.allowed for f in found]

    return ask


def cedar_careful(question: str = rules.OVERALL) -> Engine:
    """Cedar, and "cannot tell" whenever some policy failed to evaluate."""
    import cedarpy

    policies, entities = _cedar_parsed()

    def ask(facts: Facts) -> Answer:
        found = cedarpy.is_authorized(_request(facts, question), policies, entities)
        return None if found.diagnostics.errors else not found.allowed

    return ask


def cedar_partial(question: str = rules.OVERALL) -> Engine:
    """Cedar's partial evaluation: withheld facts are marked as unknown in the context."""
    import cedarpy

    policies, entities = _cedar_parsed()
    names = list(rules.inputs())

    def ask(facts: Facts) -> Answer:
        context = {n: facts.get(n, {"__extn": {"fn": "unknown", "arg": n}}) for n in names}
        found = cedarpy.is_authorized_partial(_request(context, question), policies, entities)
        return None if found.decision == cedarpy.Decision.NoDecision else not found.allowed

    return ask


def cel_rust(question: str = rules.OVERALL) -> Engine:
    import cel

    program = cel.compile(rules.cel_expressions()[question])

    def ask(facts: Facts) -> Answer:
        try:
            return program.execute(facts)  # type: ignore[no-any-return]
        except Exception:  # an undeclared variable, under whichever class the version raises
            return None

    return ask


def cel_python(question: str = rules.OVERALL) -> Engine:
    import celpy

    logging.getLogger("celpy").setLevel(logging.CRITICAL + 1)  # it prints every variable that is missing
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    program = environment.program(environment.compile(rules.cel_expressions()[question]))

    def ask(facts: Facts) -> Answer:
        try:
            return bool(program.evaluate({n: celpy.json_to_cel(v) for n, v in facts.items()}))
        except celpy.CELEvalError:
            return None

    return ask


def rego(question: str = rules.OVERALL) -> Engine:
    """rego-cpp, from a prebuilt bundle."""
    import regopy

    made = regopy.Interpreter()
    made.add_module("law", rules.rego_module())
    entry = f"law/{question}"
    bundle = made.build(None, [entry])
    interpreter = regopy.Interpreter()

    def ask(facts: Facts) -> Answer:
        interpreter.set_input(dict(facts))
        return bool(interpreter.query_bundle_entrypoint(bundle, entry).results[0].expressions[0])

    return ask
