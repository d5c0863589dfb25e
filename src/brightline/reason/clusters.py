"""Which truths the conditions on one fact can take together: a number is not at most 5 and more than 10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from brightline.law.tree import Atom, Compare, CompareDate, Some, Within
from brightline.law.vocabulary import Vocabulary
from brightline.reason.truth import Records, atoms, evaluate, facts_of, leaf

MOST_REPRESENTATIVES = 20_000  # beyond, every combination of truths counts as possible


@dataclass(frozen=True, slots=True)
class Cluster:
    """Facts that share conditions, and the combinations of truth that their conditions can take together.

    Truths are bit masks: bit n is the n-th condition of the program.
    """

    facts: tuple[str, ...]
    bits: int  # the conditions of this cluster
    masks: tuple[int, ...]  # every set of its conditions that can be true together


def completions(cluster: Cluster, true: int, false: int) -> Iterator[int]:
    """The truths that the cluster's conditions can take, given those already known."""
    yes, no = true & cluster.bits, false & cluster.bits
    for mask in cluster.masks:
        if mask & yes == yes and not mask & no:
            yield mask


def clusters(conditions: Sequence[Atom], vocabulary: Vocabulary) -> tuple[Cluster, ...]:
    """The conditions grouped by shared facts, in the order in which their facts first appear."""
    used = [facts_of(a) for a in conditions]
    groups: list[set[str]] = []
    for facts in used:
        joined = set(facts).union(*(g for g in groups if g & set(facts)))
        groups = [g for g in groups if not g & joined] + [joined]
    order = {f: n for n, f in enumerate(dict.fromkeys(f for facts in used for f in facts))}
    groups.sort(key=lambda g: min(order[f] for f in g))
    found = []
    for group in groups:
        facts = tuple(sorted(group, key=order.__getitem__))
        mine = {a: 1 << n for n, (a, f) in enumerate(zip(conditions, used, strict=True)) if group & set(f)}
        found.append(Cluster(facts, sum(mine.values()), tuple(sorted(_feasible(facts, mine, vocabulary)))))
    return tuple(found)


def _feasible(facts: tuple[str, ...], mine: dict[Atom, int], vocabulary: Vocabulary) -> set[int]:
    records = [f for f in facts if f in vocabulary.records]
    plain = [f for f in facts if f not in vocabulary.records]
    spaces = [representatives(f, mine, vocabulary) for f in plain]
    masks: set[int] = set()
    for n, values in enumerate(product(*spaces)):
        if n > MOST_REPRESENTATIVES:
            return _every_subset(sum(mine.values()))
        masks |= _with_records(records, mine, dict(zip(plain, values, strict=True)), vocabulary)
    return masks


def _with_records(records: list[str], mine: dict[Atom, int], known: dict[str, Any], vocabulary: Vocabulary) -> set[int]:
    """Truths that the conditions can take when the plain facts are `known` and the lists are anything.

    A list makes true what one of its records makes true: so the truths of lists are the unions of the truths of
    single records, the empty list included.
    """
    masks = {sum(bit for a, bit in mine.items() if not isinstance(a, Some) and leaf(a, known))}
    for record in records:
        about = {a: bit for a, bit in mine.items() if isinstance(a, Some) and a.record == record}
        closed = {0}
        for entry in _entries(record, about, vocabulary):
            facts = {**known, record: Records((entry,), complete=True)}
            one = sum(bit for a, bit in about.items() if evaluate(a, facts))
            closed |= {one | c for c in closed}
        masks = {m | c for m in masks for c in closed}
    return masks


def _entries(record: str, about: Iterable[Atom], vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    inner = [a for s in about if isinstance(s, Some) for a in atoms(s.body)]
    names = {a.fact for a in inner if not isinstance(a, Some)}
    used = [f.name for f in vocabulary.records[record].fields if f.name in names]
    spaces = [representatives(f, inner, vocabulary, record) for f in used]
    for values in product(*spaces):
        yield dict(zip(used, values, strict=True))


def representatives(name: str, mine: Iterable[Atom], vocabulary: Vocabulary, record: str = "") -> list[Any]:
    """Values of a fact that between them meet every truth its conditions can take."""
    declared = vocabulary.records[record].field(name) if record else vocabulary.facts.get(name)
    if declared is None or declared.type == "yes/no":
        return [True, False]
    if declared.type == "list":
        return list(declared.values)
    if declared.type == "number":
        marks = sorted({a.value for a in mine if isinstance(a, Compare) and a.fact == name})
        around = {m + d for m in marks for d in (-0.5, 0.0, 0.5)}
        return sorted(v for v in around if v >= 0) or [0.0]
    spans = [a for a in mine if isinstance(a, Within) and name in (a.fact, a.other)]
    near = {name, *(f for a in spans for f in (a.fact, a.other))}
    fixed = {a.value for a in mine if isinstance(a, CompareDate) and a.fact in near} or {_REFERENCE}
    days = {m + timedelta(d) for m in fixed for d in (-1, 0, 1)}
    for a in spans:
        days |= {m + timedelta(d) for m in fixed for d in _around(a)}
    return sorted(days)


_REFERENCE = date(2020, 6, 15)


def _around(a: Within) -> set[int]:
    """Days to go from a fixed day, back and on, to come to each side of the ends of a span of time."""
    length = {"days": 1, "weeks": 7, "months": 31, "years": 366}[a.unit] * a.number
    ahead = {2, length // 2, length, length + 31, 2 * length + 62}
    return ahead | {-d for d in ahead}


def _every_subset(bits: int) -> set[int]:
    found, sub = set(), bits
    while True:
        found.add(sub)
        if not sub:
            return found
        sub = (sub - 1) & bits
