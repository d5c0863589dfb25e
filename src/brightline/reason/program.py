"""The norms for one actor and its actions on one day, as Boolean functions over numbered conditions.

A contact is then two bit masks: the conditions that are true and those that are false; what is in neither is
unknown. Contacts differ in far fewer ways than there are contacts, so every answer is kept by its masks.

Answers are exact (supervaluation): unknown only if two completions differ that the facts' types and the
vocabulary's constraints allow. Kleene's tables answer first; where they cannot tell, the completions are searched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import combinations, product
from typing import Any

from brightline.law.tree import (
    Always,
    And,
    Atom,
    Compare,
    CompareDate,
    Expr,
    Not,
    Or,
    Some,
    Within,
)
from brightline.law.vocabulary import Vocabulary
from brightline.reason.ground import Choice, GroundNorm, both, either, negation
from brightline.reason.truth import Facts, Records, Truth, atoms, evaluate, facts_of, leaf

# Conflict, barred and required are certain; the first that one action of a contact gets is the contact's verdict.
VERDICTS = ("conflict", "barred", "required", "contested", "unsettled", "excepted", "unreached")
STRICTNESS = {v: n for n, v in enumerate(VERDICTS)}
MOST_SETTLING_FACTS = 3
MOST_TRIED = 3_000
MOST_REPRESENTATIVES = 20_000

Rail = Callable[[int, int], Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """The norms for one action under one choice of readings."""

    action: str
    choice: Choice
    norms: tuple[GroundNorm, ...]

    def broken(self, modality: str) -> Expr:
        return either(n.broken for n in self.norms if n.norm.modality == modality)


@dataclass(frozen=True, slots=True)
class Finding:
    """A norm applied to a contact's action."""

    norm: str
    clause: str
    exception: str | None
    reading: str | None
    action: str
    verdict: str  # of this norm alone
    yields_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the law says on one pattern of known conditions."""

    verdict: str
    action: str | None
    findings: tuple[Finding, ...]
    by_choice: tuple[tuple[Choice, str], ...]  # the contact's verdict under each choice of readings

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that give the verdict."""
        wanted = {"conflict": ("barred", "required"), "contested": VERDICTS}.get(self.verdict, (self.verdict,))
        return tuple(f for f in self.findings if f.verdict in wanted and f.action == self.action)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Facts that share conditions, and the combinations of truth that their conditions can take together."""

    facts: tuple[str, ...]
    bits: int  # the conditions of this cluster
    masks: tuple[int, ...]  # every set of its conditions that can be true together


@dataclass(frozen=True, slots=True)
class Settling:
    """A set of unknown facts and answers to them that would give a verdict."""

    facts: tuple[str, ...]
    verdict: str
    true: int  # the conditions that the answers make true
    false: int


class Program:
    """See the module. `outcome(true, false)` is the heart; both arguments are bit masks over `atoms`."""

    def __init__(self, scopes: Sequence[Scope], vocabulary: Vocabulary) -> None:
        self.scopes = tuple(scopes)
        self.vocabulary = vocabulary
        exprs = [e for s in scopes for n in s.norms for e in (n.reach, *(x.holds for x in n.exceptions))]
        self.constraints = _connected(exprs, vocabulary)
        found: dict[Atom, int] = {}
        for expr in (*exprs, *self.constraints):
            for atom in atoms(expr):
                found.setdefault(atom, len(found))
        self.atoms: tuple[Atom, ...] = tuple(found)
        self.index = found
        self.atom_facts: tuple[tuple[str, ...], ...] = tuple(facts_of(a) for a in self.atoms)
        self._rails: dict[Expr, tuple[Rail, Rail]] = {}
        self._exact: dict[tuple[Expr, int, int], Truth] = {}
        self._outcomes: dict[tuple[int, int], Outcome] = {}
        self._settling: dict[tuple[int, int], tuple[Settling, ...]] = {}

    # --- from facts to masks ----------------------------------------------------------------

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Every fact that some condition of this program speaks of."""
        return tuple(dict.fromkeys(f for facts in self.atom_facts for f in facts))

    def masks(self, facts: Facts) -> tuple[int, int]:
        true = false = 0
        for bit, atom in enumerate(self.atoms):
            value = evaluate(atom, facts) if isinstance(atom, Some) else leaf(atom, facts)
            if value is True:
                true |= 1 << bit
            elif value is False:
                false |= 1 << bit
        return true, false

    def bits_of(self, facts: Iterable[str]) -> int:
        """The conditions that speak of any of these facts."""
        wanted = set(facts)
        return sum(1 << bit for bit, used in enumerate(self.atom_facts) if wanted & set(used))

    # --- the answer -------------------------------------------------------------------------

    def outcome(self, true: int, false: int) -> Outcome:
        """The verdict and its findings for one pattern."""
        key = (true, false)
        found = self._outcomes.get(key)
        if found is None:
            found = self._outcomes[key] = self._decide(true, false)
        return found

    def _decide(self, true: int, false: int) -> Outcome:
        choices: dict[Choice, list[tuple[str, str]]] = {}
        findings: dict[Finding, None] = {}
        for scope in self.scopes:
            mine = [self._finding(scope, n, true, false) for n in scope.norms]
            kept = [f for f in mine if f is not None]
            findings.update(dict.fromkeys(kept))
            choices.setdefault(scope.choice, []).append((self._verdict(scope, kept, true, false), scope.action))
        strictest = {c: min(pairs, key=lambda p: STRICTNESS[p[0]]) for c, pairs in choices.items()}
        by_choice = tuple((c, verdict) for c, (verdict, _) in strictest.items())
        verdicts = {v for v, _ in strictest.values()}
        if not strictest:
            return Outcome("unreached", None, (), ())
        verdict, action = min(strictest.values(), key=lambda p: STRICTNESS[p[0]])
        if len(verdicts) > 1:
            verdict = "contested"
        order = {v: n for n, v in enumerate((verdict, *VERDICTS))}
        ranked = sorted(findings, key=lambda f: (f.action != action, order.get(f.verdict, 99)))
        return Outcome(verdict, action, tuple(ranked), by_choice)

    def _verdict(self, scope: Scope, findings: Sequence[Finding], true: int, false: int) -> str:
        barred = self.exact(scope.broken("forbids"), true, false)
        required = self.exact(scope.broken("requires"), true, false)
        if barred and required:
            return "conflict"
        if barred or required:
            return "barred" if barred else "required"
        if barred is None or required is None:
            return "unsettled"
        return "excepted" if findings else "unreached"

    def verdict(self, true: int, false: int) -> str:
        """The verdict alone."""
        return self.quick(true, false) or self.outcome(true, false).verdict

    def quick(self, true: int, false: int) -> str | None:
        """The verdict where Kleene's tables alone give one, without its reasons; None where they cannot tell."""
        by_choice: dict[Choice, str] = {}
        for choice, barred, not_barred, required, not_required, reached, unreached in self._scope_rails:
            b, r = barred(true, false), required(true, false)
            if b or r:
                verdict = "conflict" if b and r else "barred" if b else "required"
                if not (b or not_barred(true, false)) or not (r or not_required(true, false)):
                    return None  # one is certain and the other open: leave it to the exact search
            elif not (not_barred(true, false) and not_required(true, false)):
                return None
            elif unreached(true, false):
                verdict = "unreached"
            elif reached(true, false):
                verdict = "excepted"
            else:
                return None
            if choice not in by_choice or STRICTNESS[verdict] < STRICTNESS[by_choice[choice]]:
                by_choice[choice] = verdict
        verdicts = set(by_choice.values())
        return verdicts.pop() if len(verdicts) == 1 else "contested" if verdicts else "unreached"

    @cached_property
    def _scope_rails(self) -> list[tuple[Choice, Rail, Rail, Rail, Rail, Rail, Rail]]:
        found = []
        for s in self.scopes:
            barred, not_barred = self.rails(s.broken("forbids"))
            required, not_required = self.rails(s.broken("requires"))
            reached, unreached = self.rails(either(n.reach for n in s.norms))
            found.append((s.choice, barred, not_barred, required, not_required, reached, unreached))
        return found

    def _finding(self, scope: Scope, norm: GroundNorm, true: int, false: int) -> Finding | None:
        if self.exact(norm.reach, true, false) is False:
            return None
        broken = self.exact(norm.broken, true, false)
        exception = None
        if broken:
            verdict = "barred" if norm.norm.modality == "forbids" else "required"
        elif broken is None:
            verdict = "unsettled"
        else:
            verdict = "excepted"
            exception = self._exception(norm, true, false)
        return Finding(norm.norm.id, norm.clause, exception, norm.reading, scope.action, verdict, norm.norm.yields_to)

    def _exception(self, norm: GroundNorm, true: int, false: int) -> str:
        """The first exception that certainly holds; where only one of several does, all that may."""
        for exception in norm.exceptions:
            if self.exact(exception.holds, true, false):
                return exception.clause
        return " or ".join(e.clause for e in norm.exceptions if self.exact(e.holds, true, false) is not False)

    # --- exactness --------------------------------------------------------------------------

    def exact(self, expr: Expr, true: int, false: int) -> Truth:
        """The truth of a condition in every completion of the pattern that can be; None if two differ."""
        if isinstance(expr, Always):
            return expr.value
        certainly, certainly_not = self.rails(expr)
        if certainly(true, false):
            return True
        if certainly_not(true, false):
            return False
        key = (expr, true, false)
        if key not in self._exact:
            self._exact[key] = self._search(expr, true, false)
        return self._exact[key]

    def _search(self, expr: Expr, true: int, false: int) -> Truth:
        can_be = self.possible(expr, true, false)
        can_not_be = self.possible(negation(expr), true, false)
        if can_be == can_not_be:  # both ways, or the facts contradict the constraints: nothing follows
            return None
        return can_be

    def possible(self, expr: Expr, true: int, false: int) -> bool:
        """Whether some completion of the pattern, allowed by the constraints, makes the condition true."""
        goal = both(expr, *self.constraints)
        if isinstance(goal, Always):
            return goal.value
        certainly, certainly_not = self.rails(goal)
        used = sum({1 << self.index[a] for a in atoms(goal)})  # a set: a condition may stand in several places
        relevant = [c for c in self.clusters if c.bits & used]
        return self._complete(certainly, certainly_not, relevant, true, false)

    def _complete(
        self, certainly: Rail, certainly_not: Rail, clusters: Sequence[Cluster], true: int, false: int
    ) -> bool:
        if certainly_not(true, false):
            return False
        if certainly(true, false):
            return True
        for n, cluster in enumerate(clusters):
            if cluster.bits & ~(true | false):
                rest = clusters[n + 1 :]
                return any(
                    self._complete(certainly, certainly_not, rest, true | mask, false | (cluster.bits & ~mask))
                    for mask in completions(cluster, true, false)
                )
        return False

    def rails(self, expr: Expr) -> tuple[Rail, Rail]:
        """Two functions of the masks: whether the condition is certainly true, and whether certainly false."""
        found = self._rails.get(expr)
        if found is None:
            yes, no = self._rail_source(expr)
            found = self._rails[expr] = (_compiled(yes), _compiled(no))
        return found

    def _rail_source(self, expr: Expr) -> tuple[str, str]:
        match expr:
            case Always(value):
                return ("1", "0") if value else ("0", "1")
            case Not(part):
                yes, no = self._rail_source(part)
                return no, yes
            case And(parts):
                rails = [self._rail_source(p) for p in parts]
                return _joined(" and ", (y for y, _ in rails)), _joined(" or ", (n for _, n in rails))
            case Or(parts):
                rails = [self._rail_source(p) for p in parts]
                return _joined(" or ", (y for y, _ in rails)), _joined(" and ", (n for _, n in rails))
            case _:
                bit = 1 << self.index[expr]  # type: ignore[index]
                return f"T & {bit}", f"F & {bit}"

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """The facts grouped by shared conditions, each group with the truth that its conditions can take."""
        groups: list[set[str]] = []
        for facts in self.atom_facts:
            joined = set(facts).union(*(g for g in groups if g & set(facts)))
            groups = [g for g in groups if not g & joined] + [joined]
        order = {f: n for n, f in enumerate(self.facts)}
        found = []
        for group in groups:
            facts = tuple(sorted(group, key=order.__getitem__))
            mine = [a for a, used in zip(self.atoms, self.atom_facts, strict=True) if group & set(used)]
            bits = sum(1 << self.index[a] for a in mine)
            found.append(Cluster(facts, bits, tuple(sorted(self._feasible(facts, mine)))))
        return tuple(found)

    def _feasible(self, facts: tuple[str, ...], mine: list[Atom]) -> set[int]:
        plain = [f for f in facts if f not in self.vocabulary.records]
        spaces = [representatives(f, mine, self.vocabulary) for f in plain]
        masks: set[int] = set()
        for n, values in enumerate(product(*spaces)):
            if n > MOST_REPRESENTATIVES:
                return _every_subset(sum(1 << self.index[a] for a in mine))
            known = dict(zip(plain, values, strict=True))
            masks |= self._with_records([f for f in facts if f in self.vocabulary.records], mine, known)
        return masks

    def _with_records(self, records: list[str], mine: list[Atom], known: dict[str, Any]) -> set[int]:
        """Truths that the conditions can take when the plain facts are `known` and the lists are anything."""
        base = sum(1 << self.index[a] for a in mine if not isinstance(a, Some) and leaf(a, known))
        masks = {base}
        for record in records:
            one = {self._record_mask(record, entry, mine, known) for entry in self._entries(record, mine)}
            closed = {0}
            for mask in one:
                closed |= {mask | c for c in closed}
            masks = {m | c for m in masks for c in closed}
        return masks

    def _entries(self, record: str, mine: list[Atom]) -> Iterator[dict[str, Any]]:
        fields = self.vocabulary.records[record].fields
        inner = [a for s in mine if isinstance(s, Some) and s.record == record for a in atoms(s.body)]
        used = [f for f in fields if any(a.fact == f.name for a in inner if not isinstance(a, Some))]
        spaces = [representatives(f.name, inner, self.vocabulary, record) for f in used]
        for values in product(*spaces):
            yield dict(zip([f.name for f in used], values, strict=True))

    def _record_mask(self, record: str, entry: dict[str, Any], mine: list[Atom], known: dict[str, Any]) -> int:
        facts = {**known, record: Records((entry,), complete=True)}
        return sum(
            1 << self.index[a] for a in mine if isinstance(a, Some) and a.record == record and evaluate(a, facts)
        )

    # --- what it rests on, what would settle it ----------------------------------------------

    def settled_by(self, true: int, false: int) -> tuple[tuple[str, ...], ...]:
        """The smallest sets of unknown facts that can decide an unsettled pattern, the best question first."""
        return tuple(dict.fromkeys(s.facts for s in self.settling(true, false)))

    def settling(self, true: int, false: int) -> tuple[Settling, ...]:
        """For each verdict that is still open, the smallest sets of facts, with the answers, that would give it.

        Sets of up to three facts are looked for; fewer where a pattern has very many unknown facts.
        """
        key = (true, false)
        if key not in self._settling:
            open_ = self.outcome(true, false).verdict == "unsettled"
            self._settling[key] = tuple(self._settle(true, false)) if open_ else ()
        return self._settling[key]

    def _settle(self, true: int, false: int) -> list[Settling]:
        unknown = [c for c in self.clusters if c.bits & ~(true | false) and self._matters(c)]
        found: dict[str, dict[tuple[str, ...], Settling]] = {}
        tried = 0
        for size in range(1, MOST_SETTLING_FACTS + 1):
            smaller = set(found)
            for group in combinations(unknown, size):
                for t, f in self._answers(group, true, false):
                    tried += 1
                    verdict = self.quick(t, f)
                    if verdict is None or verdict in smaller:
                        continue
                    facts = tuple(x for c in group for x in c.facts)
                    if facts not in found.setdefault(verdict, {}):
                        found[verdict][facts] = Settling(facts, verdict, t & ~true, f & ~false)
                if tried > MOST_TRIED:
                    return self._ranked(found)
        return self._ranked(found)

    def _ranked(self, found: dict[str, dict[tuple[str, ...], Settling]]) -> list[Settling]:
        """Fewest facts first; then those that appear in most sets; then the cheapest to learn; then the page's order."""
        everything = [s for sets in found.values() for s in sets.values()]
        count = Counter(f for s in everything for f in s.facts)
        cost = self.vocabulary.cost
        everything.sort(key=lambda s: (len(s.facts), -sum(count[f] for f in s.facts), sum(cost(f) for f in s.facts)))
        return everything

    def _matters(self, cluster: Cluster) -> bool:
        return bool(cluster.bits & self._norm_bits)

    @cached_property
    def _norm_bits(self) -> int:
        exprs = [e for s in self.scopes for n in s.norms for e in (n.reach, n.excused)]
        return sum(1 << bit for bit in {self.index[a] for e in exprs for a in atoms(e)})

    def _answers(self, group: Sequence[Cluster], true: int, false: int) -> Iterator[tuple[int, int]]:
        """Every way in which these facts can be answered together."""
        for masks in product(*(list(completions(c, true, false)) for c in group)):
            t, f = true, false
            for cluster, mask in zip(group, masks, strict=True):
                t, f = t | mask, f | (cluster.bits & ~mask)
            if self._consistent(t, f):
                yield t, f

    def _consistent(self, true: int, false: int) -> bool:
        return not self.constraints or self.possible(Always(True), true, false)

    def contradicted(self, true: int, false: int) -> bool:
        """Whether the known facts cannot all be true, by the vocabulary's constraints."""
        return not self._consistent(true, false)

    def rests_on(self, stated: Sequence[str], true: int, false: int) -> tuple[tuple[str, ...], ...]:
        """The smallest sets of stated facts without which the verdict would not hold."""
        verdict = self.outcome(true, false).verdict
        stated = [f for f in stated if self.bits_of([f]) & (true | false)]
        for size in range(1, len(stated) + 1):
            found = [
                group
                for group in combinations(stated, size)
                if self.outcome(true & ~self.bits_of(group), false & ~self.bits_of(group)).verdict != verdict
            ]
            if found:
                return tuple(found)
        return ()


def completions(cluster: Cluster, true: int, false: int) -> Iterator[int]:
    """The truths that the cluster's conditions can take, given those already known."""
    yes, no = true & cluster.bits, false & cluster.bits
    for mask in cluster.masks:
        if mask & yes == yes and not mask & no:
            yield mask


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
    days = {a.value + timedelta(d) for a in mine if isinstance(a, CompareDate) and a.fact == name for d in (-1, 0, 1)}
    for a in mine:
        if isinstance(a, Within) and name in (a.fact, a.other):
            days |= _around(a)
    return sorted(days) or [_REFERENCE]


_REFERENCE = date(2020, 6, 15)


def _around(a: Within) -> set[date]:
    """Days on each side of the ends of a span of time that is counted from a day of reference."""
    length = {"days": 1, "weeks": 7, "months": 31, "years": 366}[a.unit] * a.number
    sign = -1 if a.direction == "before" else 1
    return {_REFERENCE + timedelta(sign * d) for d in (-1, 0, 1, length // 2, length + 31)}


def _every_subset(bits: int) -> set[int]:
    found, sub = set(), bits
    while True:
        found.add(sub)
        if not sub:
            return found
        sub = (sub - 1) & bits


def _connected(exprs: Sequence[Expr], vocabulary: Vocabulary) -> tuple[Expr, ...]:
    """The constraints that bear on these conditions, directly or through one another."""
    facts = {f for e in exprs for f in facts_of(e)}
    kept: list[Expr] = []
    waiting = [c.condition for c in vocabulary.constraints]
    while True:
        more = [c for c in waiting if facts & set(facts_of(c))]
        if not more:
            return tuple(kept)
        kept += more
        waiting = [c for c in waiting if c not in more]
        facts |= {f for c in more for f in facts_of(c)}


def _joined(joint: str, parts: Iterable[str]) -> str:
    return "(" + joint.join(parts) + ")"


@lru_cache(maxsize=100_000)
def _compiled(source: str) -> Rail:
    # The text is made of bit tests alone (see `_rail_source`): nothing from a pack reaches it.
    return eval(f"lambda T, F: {source}", {"__builtins__": {}})  # type: ignore[no-any-return]


__all__ = ["VERDICTS", "Cluster", "Finding", "Outcome", "Program", "Scope", "Settling"]
