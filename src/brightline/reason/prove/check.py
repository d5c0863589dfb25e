"""What is doubtful in the law of a pack: norms that contradict each other, that never apply, or that leave gaps.

Every remark that says "never" is a proof: z3 has shown it, and the truth table too where it is not too large. Where no
solver can say, the remark is `unknown`. Every remark of something that can be has a contact that `decide` confirms.

A remark is no finding of a mistake: two levels of law may conflict on purpose, and a law need not speak of every act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal as OneOfThese

from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.law.tree import Expr, Norm, exceptions
from brightline.reason.ground import Choice, Grounder, GroundException, GroundNorm, both, either, negation
from brightline.reason.program import Outcome
from brightline.reason.prove import witness
from brightline.reason.prove.loopholes import conditions, known_action, known_actor, silent_section, small_rest
from brightline.reason.prove.oracle import Background, Way, size_of
from brightline.reason.prove.pairs import agencies
from brightline.reason.prove.proofs import impossible, in_full, smallest, smallest_of
from brightline.reason.prove.prover import Prover
from brightline.reason.prove.setting import Setting, own_norms, reached_actions, settings
from brightline.reason.truth import facts_of

Kind = OneOfThese[
    "contradiction",
    "conflict",
    "tension",
    "never applies",
    "exception never matters",
    "idle fact",
    "silence",
    "gap",
    "unknown",
]
KINDS: tuple[Kind, ...] = (
    "contradiction", "conflict", "tension", "never applies", "exception never matters", "idle fact", "silence", "gap",
    "unknown",
)  # fmt: skip
About = OneOfThese[
    "",
    "not reached",  # a norm: what it is about cannot be
    "always excused",  # a norm: wherever it reaches, an exception holds
    "not needed",  # an exception: wherever it holds, the norm does not reach or another exception holds
    "barred anyway",  # an exception: wherever it is needed, another norm bars the act (or requires it, as the norm does)
    "not named",  # an act: no norm of the pack names it
    "cannot be reached",  # an act: norms of the pack name it, and none can reach it
]


@dataclass(frozen=True)
class Remark:
    """One doubt about the law, for these acts of these agencies."""

    kind: Kind
    clauses: tuple[str, ...]
    actions: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    about: About | Kind = ""  # more exactly; of an `unknown` one, what could not be shown either way
    norms: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    yields: str = ""  # conflict: the clause that gives way, if a norm says so
    way: Way = frozenset()  # the fewest conditions under which it is so
    witness: Contact | None = None
    setting: Setting | None = None  # of the witness
    sister: Contact | None = None  # silence: the same contact, put to an agency for which it is barred
    readings: tuple[Choice, ...] = ()  # under which it is so; none: under every one
    proven_by: tuple[str, ...] = ()  # who has shown what is said to be never so


def check(
    law: Law,
    packs: Sequence[str],
    day: date,
    actors: Sequence[str] = (),
    actions: Sequence[str] = (),
    readings: Sequence[str] = (),
    prover: Prover | None = None,
    progress: Callable[[str], None] = lambda kind: None,
) -> list[Remark]:
    """The remarks on these packs, in force on the day, with the levels above them. Raises Disagreement, LawError.

    Without `actors` the agencies of the first pack are asked about; with `actions` only these, and narrower kinds.
    """
    work = _Check(law, packs, day, actors, actions, readings, prover)
    found: list[Remark] = []
    for kind, part in work.parts():
        progress(kind)
        found += part()
    return sorted(found, key=lambda r: KINDS.index(r.kind))


class _Check:
    def __init__(
        self,
        law: Law,
        packs: Sequence[str],
        day: date,
        actors: Sequence[str],
        actions: Sequence[str],
        readings: Sequence[str],
        prover: Prover | None,
    ) -> None:
        self.law, self.day, self.fixed = law, day, readings
        self.levels = law.chosen(packs)
        self.packs = tuple(dict.fromkeys(x for p in packs for x in (p, *law.packs[p].amends)))
        v = law.vocabulary
        self.actors = [known_actor(v, a) for a in actors] or agencies(law, packs, day)
        named = {known_action(v, a) for a in actions}
        self.actions = [a for a in v.actions if not named or named & set(v.action_lineage(a))]
        reached = {x for a in self.actors for x in reached_actions(law, self.levels, day, a)}  # of any: see `silences`
        self.settings = [
            s
            for actor in self.actors
            for action in self.actions
            if action in reached
            for s in settings(law, self.levels, day, actor, action, readings)
        ]
        self.grounded = self._grounded()
        exprs = [e for n in self.grounded for g in self.grounded[n] for e in (g.reach, g.broken)]
        self.prover = prover or Prover(tuple(dict.fromkeys((*conditions(self.settings), *exprs))))
        self.ground = Background(v)

    def parts(self) -> list[tuple[Kind, Callable[[], list[Remark]]]]:
        return [
            ("contradiction", self.clashes),
            ("tension", self.tensions),
            ("never applies", self.never_applying),
            ("exception never matters", self.idle_exceptions),
            ("idle fact", self.idle_facts),
            ("silence", self.silences),
            ("gap", self.gaps),
        ]

    def mine(self, norm: Norm) -> bool:
        """Whether a norm is of the packs asked about, not of a level above them."""
        return norm.section.split("/")[0] in self.packs

    def _grounded(self) -> dict[Norm, list[GroundNorm]]:
        """The norms of the packs, for every act that they speak of and every choice of readings."""
        grounder, v = Grounder(self.law, self.levels, self.day), self.law.vocabulary
        found: dict[Norm, list[GroundNorm]] = {}
        for norm in (n for n in own_norms(self.law, self.levels, self.day) if self.mine(n)):
            acts = [a for a in self.actions if set(v.action_lineage(a)) & set(norm.actions)]
            choices = grounder.choices([norm], self.fixed)
            made = [g for a in acts for c in choices if (g := grounder.ground(norm, a, c)) is not None]
            if made:
                found[norm] = made
        return found

    # --- what can be, with a contact that shows it ------------------------------------------------------

    def clashes(self) -> list[Remark]:
        """Norms that bar and require the same act on the same contact: of one pack, or of two levels of law."""
        found: list[Remark] = []
        for s in self.settings:
            for one in (n for n in s.own if n.norm.modality == "requires"):
                for two in (n for n in s.own if n.norm.modality == "forbids"):
                    clash = self._clash(s, one, two)
                    found += [clash] if clash else []
        return self._merged(found)

    def _clash(self, s: Setting, one: GroundNorm, two: GroundNorm) -> Remark | None:
        yields = next((y.clause for y, o in ((one, two), (two, one)) if o.norm.id in y.norm.yields_to), "")
        same = _place(self.law, one.norm) == _place(self.law, two.norm)
        if same and yields:
            return None
        kind: Kind = "contradiction" if same else "conflict"
        told = Remark(kind, (one.clause, two.clause), norms=(one.norm.id, two.norm.id), yields=yields)

        def confirms(d: Outcome) -> bool:
            said = {(f.norm, f.verdict) for f in d.findings}
            return d.verdict == "conflict" and {(one.norm.id, "required"), (two.norm.id, "barred")} <= said

        return self._seen(told, s, both(one.broken, two.broken), confirms)

    def tensions(self) -> list[Remark]:
        """Exceptions that let pass what another norm of the same section bars all the same."""
        found: list[Remark] = []
        for s in self.settings:
            for norm in (n for n in s.own if n.norm.modality == "forbids" and self.mine(n.norm)):
                for other in s.own:
                    beside = other.norm.section == norm.norm.section and other.norm.label != norm.norm.label
                    if beside and other.norm.modality == "forbids":
                        found += [t for e in norm.exceptions if (t := self._tension(s, norm, e, other)) is not None]
        return self._merged(found)

    def _tension(self, s: Setting, norm: GroundNorm, e: GroundException, other: GroundNorm) -> Remark | None:
        told = Remark("tension", (e.clause, norm.clause, other.clause), norms=(norm.norm.id, other.norm.id))

        def confirms(d: Outcome) -> bool:
            passed = any(f.norm == norm.norm.id and e.clause in (f.exception or "") for f in d.findings)
            return passed and any(f.norm == other.norm.id and f.verdict == "barred" for f in d.findings)

        return self._seen(told, s, both(norm.reach, e.holds, other.broken), confirms)

    def _seen(self, told: Remark, s: Setting, goal: Expr, confirms: Callable[[Outcome], bool]) -> Remark | None:
        """The remark with a smallest contact on which it is so; None when it never is; `unknown` when nobody can say."""
        told = replace(told, actions=(s.action,), actors=(s.actor,), setting=s)
        answer = self.prover.ask(self.ground, [goal])
        if answer.holds is False:
            return None
        way = smallest_of(self.prover, self.ground, goal, answer.model) if answer.holds else None
        if way is None:
            return replace(told, kind="unknown", about=told.kind)
        try:
            made = witness.contact(s, witness.values(in_full(self.prover, self.ground, way), s.vocabulary))
            if confirms(witness.decided(made, s)):
                return replace(told, way=way, witness=made)
        except witness.NoContact:
            pass
        return replace(told, kind="unknown", about=told.kind, way=way)

    def _merged(self, found: Iterable[Remark]) -> list[Remark]:
        """One remark for all the acts, agencies and readings of which the same is so."""
        groups: dict[tuple[object, ...], list[Remark]] = {}
        for r in found:
            groups.setdefault((r.kind, r.about, r.clauses, r.norms), []).append(r)
        return [
            replace(
                min(same, key=lambda r: size_of(r.way)),
                actions=tuple(dict.fromkeys(a for r in same for a in r.actions)),
                actors=tuple(dict.fromkeys(a for r in same for a in r.actors)),
                readings=self._readings(same),
            )
            for same in groups.values()
        ]

    def _readings(self, same: Sequence[Remark]) -> tuple[Choice, ...]:
        """The readings under which it is so; none when it is so under every one of them."""
        so = {(s.actor, s.action, s.choice) for r in same if (s := r.setting) is not None}
        asked = {(s.actor, s.action, s.choice) for s in self.settings}
        if all((who, act, c) in so for who, act, _ in so for w, a, c in asked if (w, a) == (who, act)):
            return ()
        return tuple(sorted({c for _, _, c in so}))

    # --- what never is, with a proof ----------------------------------------------------------------------

    def _never(self, wholes: Sequence[Expr], told: Remark) -> Remark | None:
        """The remark, if none of these can ever be; None if one can; `unknown` when nobody can say."""
        proofs: list[tuple[str, ...]] = []
        unknown = False
        for whole in dict.fromkeys(wholes):
            never, shown_by = impossible(self.prover, self.ground, [whole])
            if never is False:
                return None
            unknown |= never is None
            proofs.append(shown_by)
        if unknown:
            return replace(told, kind="unknown", about=told.kind)
        return replace(told, proven_by=_all_agree(proofs))

    def never_applying(self) -> list[Remark]:
        """Norms that no contact breaks: their `when` cannot be, or an exception always holds."""
        found = []
        for norm, grounds in self.grounded.items():
            told = Remark("never applies", (grounds[0].clause,), norm.actions, norm.actors, norms=(norm.id,))
            never = self._never([either(g.reach for g in grounds)], replace(told, about="not reached"))
            never = never or self._never([either(g.broken for g in grounds)], replace(told, about="always excused"))
            found += [never] if never else []
        return found

    def idle_exceptions(self) -> list[Remark]:
        """Exceptions without which every verdict would be the same."""
        found = []
        for norm, grounds in self.grounded.items():
            for e in exceptions(norm.unless):
                clause = self.law.cite_exception(norm, e)
                told = Remark("exception never matters", (clause, grounds[0].clause), norms=(norm.id,))
                changes = [_changed_without(g, e.label, clause) for g in grounds]
                never = self._never(
                    [either(changes)],
                    replace(told, about="not needed", actions=norm.actions, actors=norm.actors),
                )
                never = never or self._barred_anyway(norm, e.label, clause, told)
                found += [never] if never else []
        return found

    def _barred_anyway(self, norm: Norm, label: str, clause: str, told: Remark) -> Remark | None:
        """Whether another norm gives the same verdict in every contact in which the exception is needed."""
        wholes, where = [], []
        for s in self.settings:
            for g in (n for n in s.own if n.norm == norm):
                others = [negation(n.broken) for n in s.own if n.norm.modality == norm.modality and n != g]
                wholes.append(both(_changed_without(g, label, clause), *others))
                where.append(s)
        if not wholes:  # it binds none of the agencies that are asked about
            return None
        acts, who = (tuple(dict.fromkeys(x)) for x in ((s.action for s in where), (s.actor for s in where)))
        return self._never(wholes, replace(told, about="barred anyway", actions=acts, actors=who))

    def idle_facts(self) -> list[Remark]:
        """Facts of which the packs' norms speak, and on which no verdict depends."""
        speaking: dict[str, dict[str, None]] = {}
        for s in self.settings:
            for n in (n for n in s.own if self.mine(n.norm)):
                for fact in (f for e in (n.reach, n.excused) for f in facts_of(e)):
                    speaking.setdefault(fact, {})[n.clause] = None
        names = sorted(speaking, key=lambda f: self.law.vocabulary.names.index(f))
        return [r for f in names if (r := self._idle(f, tuple(speaking[f]))) is not None]

    def _idle(self, fact: str, clauses: tuple[str, ...]) -> Remark | None:
        """Whether no two contacts that differ in this fact alone have different verdicts.

        The two contacts are the two values that a solver gives a fact which may be said falsely: one as it is said,
        and one as it is; all else is the same in both.
        """
        two = Background(self.law.vocabulary, stateable=frozenset({fact}))
        told = Remark("idle fact", clauses, facts=(fact,), actors=tuple(self.actors))
        proofs: list[tuple[str, ...]] = []
        unknown = False
        questions = dict.fromkeys(q for s in self.settings for q in _verdicts(s) if fact in facts_of(q))
        prover = Prover(tuple(questions), self.prover.seed, self.prover.timeout, self.prover.use_z3)
        for question in questions:
            never, shown_by = impossible(prover, two, [question], [negation(question)])
            if never is False:
                return None
            unknown |= never is None
            proofs.append(shown_by)
        if unknown:
            return replace(told, kind="unknown", about=told.kind)
        return replace(told, proven_by=_all_agree(proofs))

    # --- what the law does not say ------------------------------------------------------------------------

    def silences(self) -> list[Remark]:
        """Sections that bind an agency and say nothing of an act which a section like it bars for a sister agency."""
        found: list[Remark] = []
        for s in self.settings:
            for other in self.settings:
                if other.action != s.action or other.actor == s.actor or not _alike(s.choice, other.choice):
                    continue
                for norm in (n for n in other.forbidding if n in other.own and self.mine(n.norm)):
                    section = silent_section(self.law, norm, s, other)
                    if section is not None and norm.norm.id not in {n.norm.id for n in s.norms}:
                        silent = self._silent(s, other, norm, section)
                        found += [silent] if silent else []
        return self._merged(found)

    def _silent(self, s: Setting, other: Setting, norm: GroundNorm, section: str) -> Remark | None:
        for way in self.prover.ways(norm.broken, self.ground).ways:
            rest = small_rest(self.prover, s.forbidding, way, self.ground)
            if rest is None:
                continue
            whole = smallest(self.prover, self.ground, both(norm.broken, s.not_barred), way | rest) or way | rest
            try:
                known = witness.values(in_full(self.prover, self.ground, whole), s.vocabulary)
                mine, theirs = witness.contact(s, known), witness.contact(other, known)
                if not witness.passes(witness.decided(mine, s), s) or not witness.stops(witness.decided(theirs, other)):
                    continue
            except witness.NoContact:
                continue
            clauses = self.law.sections[section].citation, norm.clause
            return Remark(
                "silence", clauses, (s.action,), (s.actor,), norms=(norm.norm.id,), way=whole, witness=mine,
                setting=s, sister=theirs,
            )  # fmt: skip
        return None

    def gaps(self) -> list[Remark]:
        """Acts of the vocabulary that no norm of the packs reaches, each with the agencies of which that is so."""
        found = []
        for action in self.actions:
            missing: dict[About, list[tuple[str, tuple[str, ...]]]] = {}
            for actor in self.actors:
                gap = self._gap(actor, action)
                if gap is not None:
                    missing.setdefault(gap[0], []).append((actor, gap[1]))
            for about, who in missing.items():
                proven = _all_agree([p for _, p in who])
                told = Remark("gap", (), (action,), tuple(a for a, _ in who), about, proven_by=proven)
                found.append(self._shown_gap(told))
        return found

    def _gap(self, actor: str, action: str) -> tuple[About, tuple[str, ...]] | None:
        """Why no norm of the packs reaches the act of this agency; None if one does, or nobody can say."""
        own = [n for s in self.settings if (s.actor, s.action) == (actor, action) for n in s.own if self.mine(n.norm)]
        if not own:
            return "not named", ()
        never, shown_by = impossible(self.prover, self.ground, [either(n.reach for n in own)])
        return ("cannot be reached", shown_by) if never else None

    def _shown_gap(self, told: Remark) -> Remark:
        """The gap with a contact that no norm of any level reaches, if there is one without facts."""
        made = settings(self.law, self.levels, self.day, told.actors[0], told.actions[0], self.fixed)[0]
        contact = witness.contact(made, {})
        unreached = witness.decided(contact, made).verdict == "unreached"
        return replace(told, witness=contact, setting=made) if unreached else told


def _alike(one: Choice, two: Choice) -> bool:
    """Whether two choices of readings read alike what both speak of."""
    mine = dict(r.split(".", 1) for r in one)
    return all(mine.get(name, own) == own for name, own in (r.split(".", 1) for r in two))


def _place(law: Law, norm: Norm) -> str:
    """The pack of a norm; of a reform's norm, the pack that it amends."""
    pack = norm.section.split("/")[0]
    return next(iter(law.packs[pack].amends), pack)


def _verdicts(s: Setting) -> Iterator[Expr]:
    """The conditions that make up the verdict on the act itself."""
    barred, required = (
        either(n.broken for n in s.own if n.norm.modality == modality) for modality in ("forbids", "requires")
    )
    yield barred
    yield required
    yield both(either(n.reach for n in s.own), negation(barred), negation(required))  # excepted, and not unreached


def _changed_without(norm: GroundNorm, label: str, clause: str) -> Expr:
    """That the norm reaches, and excuses another contact than it would without one of its exceptions."""
    left = either(e.holds for e in _without(norm.exceptions, label, clause))
    return both(norm.reach, either((both(norm.excused, negation(left)), both(left, negation(norm.excused)))))


def _without(found: Sequence[GroundException], label: str, clause: str) -> tuple[GroundException, ...]:
    return tuple(
        replace(e, unless=_without(e.unless, label, clause)) for e in found if (e.label, e.clause) != (label, clause)
    )


def _all_agree(proofs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Who has shown every part."""
    return tuple(p for p in proofs[0] if all(p in q for q in proofs)) if proofs else ()


__all__ = ["KINDS", "Remark", "check"]
