"""The norms for one actor and its actions on one day, as functions of numbered conditions.

A contact is then two bit masks: the conditions that are true and those that are false; what is in neither is
unknown. Contacts differ in far fewer ways than there are contacts, so every answer is kept by its masks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from brightline.law.tree import Atom, Expr, Some
from brightline.law.vocabulary import Vocabulary
from brightline.reason.clusters import Cluster, clusters, completions
from brightline.reason.form import Form, all_constraints, connected
from brightline.reason.ground import Choice, GroundException, GroundNorm, either
from brightline.reason.truth import Facts, Truth, atoms, evaluate, facts_of, leaf

# Conflict, barred and required are certain; the first that one action of a contact gets is the contact's verdict.
VERDICTS = ("conflict", "barred", "required", "contested", "unsettled", "excepted", "unreached")
STRICTNESS = {v: n for n, v in enumerate(VERDICTS)}
MOST_SETTLING_FACTS = 3
MOST_TRIED = 3_000  # answers tried for one pattern: beyond, larger sets are not looked for


@dataclass(frozen=True, slots=True)
class Scope:
    """The norms for one action under one choice of readings."""

    action: str
    choice: Choice
    norms: tuple[GroundNorm, ...]

    def broken(self, modality: str) -> Expr:
        """That some norm which forbids (requires) the action is reached and not excused."""
        return either(n.broken for n in self.norms if n.norm.modality == modality)

    @property
    def reached(self) -> Expr:
        return either(n.reach for n in self.norms)


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
        return tuple(f for f in self.findings if f.verdict in wanted)


@dataclass(frozen=True, slots=True)
class Settling:
    """A set of unknown facts and answers to them that would give a verdict."""

    facts: tuple[str, ...]
    verdict: str
    true: int  # the conditions that the answers make true
    false: int


@dataclass(frozen=True, slots=True)
class _Norm:
    """A ground norm with its conditions ready to be asked."""

    ground: GroundNorm
    reach: Form
    broken: Form
    exceptions: tuple[tuple[GroundException, Form], ...]


@dataclass(frozen=True, slots=True)
class _Scope:
    action: str
    choice: Choice
    norms: tuple[_Norm, ...]
    barred: Form
    required: Form
    reached: Form


class Program:
    """See the module. `outcome(true, false)` is the heart; both arguments are bit masks over `atoms`."""

    def __init__(self, scopes: Sequence[Scope], vocabulary: Vocabulary) -> None:
        self.scopes = tuple(scopes)
        self.vocabulary = vocabulary
        exprs = [e for s in scopes for n in s.norms for e in (n.reach, *(x.holds for x in n.exceptions))]
        self.constraints = tuple(connected(exprs, all_constraints(vocabulary)))
        self.index: dict[Atom, int] = {}
        for expr in (*exprs, *self.constraints):
            for atom in atoms(expr):
                self.index.setdefault(atom, len(self.index))
        self.atoms: tuple[Atom, ...] = tuple(self.index)
        self.atom_facts: tuple[tuple[str, ...], ...] = tuple(facts_of(a) for a in self.atoms)
        self._forms: dict[Expr, Form] = {}
        self._outcomes: dict[tuple[int, int], Outcome] = {}
        self._settling: dict[tuple[int, int], tuple[Settling, ...]] = {}

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """The facts grouped by shared conditions, each group with the truths that its conditions can take."""
        return clusters(self.atoms, self.vocabulary)

    def form(self, expr: Expr) -> Form:
        """A condition of this program, ready to be asked for its exact truth."""
        found = self._forms.get(expr)
        if found is None:
            found = self._forms[expr] = Form(expr, self.atoms, self.constraints, self.clusters, self._propagated)
        return found

    def exact(self, expr: Expr, true: int, false: int) -> Truth:
        """The truth of a condition in every completion of the pattern that can be; None if two differ."""
        return self.form(expr).truth(true, false)

    @cached_property
    def _ready(self) -> tuple[_Scope, ...]:
        def ready(norm: GroundNorm) -> _Norm:
            holds = tuple((e, self.form(e.holds)) for e in norm.exceptions)
            return _Norm(norm, self.form(norm.reach), self.form(norm.broken), holds)

        return tuple(
            _Scope(
                s.action,
                s.choice,
                tuple(ready(n) for n in s.norms),
                self.form(s.broken("forbids")),
                self.form(s.broken("requires")),
                self.form(s.reached),
            )
            for s in self.scopes
        )

    # --- from facts to masks ----------------------------------------------------------------

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Every fact that some condition of this program speaks of."""
        return tuple(dict.fromkeys(f for facts in self.atom_facts for f in facts))

    def masks(self, facts: Facts) -> tuple[int, int]:
        """The conditions that the facts make true, and those they make false."""
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
        bits = 0
        for fact in facts:
            bits |= self._bits.get(fact, 0)
        return bits

    @cached_property
    def _bits(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for bit, used in enumerate(self.atom_facts):
            for fact in used:
                found[fact] = found.get(fact, 0) | 1 << bit
        return found

    # --- the answer -------------------------------------------------------------------------

    def outcome(self, true: int, false: int) -> Outcome:
        """The verdict and its findings for one pattern."""
        key = (true, false)
        found = self._outcomes.get(key)
        if found is None:
            found = self._outcomes[key] = self._decide(true, false)
        return found

    def _decide(self, true: int, false: int) -> Outcome:
        choices: dict[Choice, tuple[str, str]] = {}
        findings: dict[Finding, None] = {}
        for scope in self._ready:
            kept = [f for n in scope.norms if (f := _finding(scope, n, true, false)) is not None]
            findings.update(dict.fromkeys(kept))
            told = (_verdict(scope, true, false) or ("excepted" if kept else "unreached"), scope.action)
            choices[scope.choice] = min(choices.get(scope.choice, told), told, key=lambda t: STRICTNESS[t[0]])
        if not choices:
            return Outcome("unreached", None, (), ())
        verdict, action = min(choices.values(), key=lambda t: STRICTNESS[t[0]])
        if len({v for v, _ in choices.values()}) > 1:
            verdict = "contested"
        order = {v: n for n, v in enumerate((verdict, *(v for v in VERDICTS if v != verdict)))}
        ranked = sorted(findings, key=lambda f: (f.action != action, order[f.verdict]))
        return Outcome(verdict, action, tuple(ranked), tuple((c, v) for c, (v, _) in choices.items()))

    def verdict(self, true: int, false: int) -> str:
        """The verdict alone: as `outcome` gives it, without the findings."""
        by_choice: dict[Choice, str] = {}
        for s in self._ready:
            verdict = _verdict(s, true, false)
            if verdict is None:
                unreached = all(n.reach.truth(true, false) is False for n in s.norms)
                verdict = "unreached" if unreached else "excepted"
            kept = by_choice.get(s.choice, verdict)
            by_choice[s.choice] = verdict if STRICTNESS[verdict] < STRICTNESS[kept] else kept
        verdicts = set(by_choice.values())
        return verdicts.pop() if len(verdicts) == 1 else "contested" if verdicts else "unreached"

    def quick(self, true: int, false: int) -> str | None:
        """The verdict where Kleene's tables alone give one, without its reasons; None where they cannot tell."""
        by_choice: dict[Choice, str] = {}
        for s in self._ready:
            verdict = _kleene(s, true, false)
            if verdict is None:
                return None
            kept = by_choice.get(s.choice, verdict)
            by_choice[s.choice] = verdict if STRICTNESS[verdict] < STRICTNESS[kept] else kept
        verdicts = set(by_choice.values())
        if "unsettled" in verdicts:
            return None
        return verdicts.pop() if len(verdicts) == 1 else "contested" if verdicts else "unreached"

    # --- what would settle it, what it rests on ----------------------------------------------

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
        unknown = [c for c in self.clusters if c.bits & ~(true | false) and c.bits & self._norm_bits]
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
        """Fewest facts first; then in the order of the law's text, which people follow when they ask."""
        place = {f: n for n, f in enumerate(self.facts)}
        everything = [s for sets in found.values() for s in sets.values()]
        return sorted(everything, key=lambda s: (len(s.facts), [place[f] for f in s.facts]))

    def next_question(self, true: int, false: int) -> str | None:
        """The unknown fact to ask for first: in most of the smallest sets, the cheapest to learn on a tie."""
        sets = [s.facts for s in self.settling(true, false)]
        count = Counter(f for facts in sets for f in facts)
        return min(count, key=lambda f: (-count[f], self.vocabulary.cost(f)), default=None)

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
            t, f = self._propagated(t, f)
            if not t & f:
                yield t, f

    def _propagated(self, true: int, false: int) -> tuple[int, int]:
        """The masks with what the constraints plainly add; a condition in both when they contradict each other."""
        changed = True
        while changed:
            changed = False
            for form, bits in self._constraint_bits:
                for bit in bits:
                    if bit & (true | false):
                        continue
                    if form.no(true | bit, false):
                        false, changed = false | bit, True
                    elif form.no(true, false | bit):
                        true, changed = true | bit, True
                if form.no(true, false):
                    return true | 1, false | 1
        return true, false

    @cached_property
    def _constraint_bits(self) -> tuple[tuple[Form, tuple[int, ...]], ...]:
        return tuple((self.form(c), tuple({1 << self.index[a] for a in atoms(c)})) for c in self.constraints)

    @cached_property
    def _consistent(self) -> tuple[Form, ...]:
        return tuple(self.form(c) for c in self.constraints)

    def contradicted(self, true: int, false: int) -> bool:
        """Whether the known facts plainly cannot all be true, by one of the vocabulary's constraints."""
        return any(c.no(true, false) for c in self._consistent)

    def rests_on(self, stated: Sequence[str], true: int, false: int) -> tuple[tuple[str, ...], ...]:
        """The smallest sets of stated facts without which the verdict would not hold."""
        verdict = self.outcome(true, false).verdict
        stated = [f for f in stated if self.bits_of([f]) & (true | false)]
        for size in range(1, len(stated) + 1):
            found = [
                group
                for group in combinations(stated, size)
                if self.verdict(true & ~self.bits_of(group), false & ~self.bits_of(group)) != verdict
            ]
            if found:
                return tuple(found)
        return ()


def _kleene(scope: _Scope, true: int, false: int) -> str | None:
    """The verdict on one scope by Kleene's tables; None where the exact search might say more.

    A scope that is open is "unsettled" only if another action's bar would outweigh whatever it turns out to be.
    """
    barred, required = bool(scope.barred.yes(true, false)), bool(scope.required.yes(true, false))
    not_barred, not_required = bool(scope.barred.no(true, false)), bool(scope.required.no(true, false))
    if (barred or not_barred) and (required or not_required):
        if barred or required:
            return "conflict" if barred and required else "barred" if barred else "required"
        if scope.reached.no(true, false):
            return "unreached"
        return "excepted" if scope.reached.yes(true, false) else None
    return "unsettled" if not_required and not barred else None


def _verdict(scope: _Scope, true: int, false: int) -> str | None:
    """What is certain or open of one scope; None when nothing is barred or required."""
    barred = scope.barred.truth(true, false)
    required = scope.required.truth(true, false)
    if barred and required:
        return "conflict"
    if barred or required:
        return "barred" if barred else "required"
    return "unsettled" if barred is None or required is None else None


def _finding(scope: _Scope, norm: _Norm, true: int, false: int) -> Finding | None:
    if norm.reach.truth(true, false) is False:
        return None
    broken = norm.broken.truth(true, false)
    law, exception = norm.ground.norm, None
    if broken:
        verdict = "barred" if law.modality == "forbids" else "required"
    elif broken is None:
        verdict = "unsettled"
    else:
        verdict, exception = "excepted", _exception(norm, true, false)
    return Finding(law.id, norm.ground.clause, exception, norm.ground.reading, scope.action, verdict, law.yields_to)


def _exception(norm: _Norm, true: int, false: int) -> str:
    """The first exception that certainly holds; where only one of several does, all that may."""
    held = [(e.clause, form.truth(true, false)) for e, form in norm.exceptions]
    certain = next((clause for clause, truth in held if truth), None)
    return certain or " or ".join(clause for clause, truth in held if truth is not False)


__all__ = ["VERDICTS", "Cluster", "Finding", "Outcome", "Program", "Scope", "Settling"]
