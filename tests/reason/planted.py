"""Little laws with a hole that is known, the same laws with the hole mended, and reforms that mend it.

Everything that does not make the hole (names, numbers, other norms, other exceptions) is drawn by a seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from brightline.law.pack import Law, Pack, load
from brightline.law.reform import lay_over
from brightline.law.tree import FactIs, cite
from brightline.reason.prove.closed import Closure, closed
from brightline.reason.prove.loopholes import Loophole, Loopholes, loopholes, places, true_purpose
from brightline.reason.prove.oracle import Way
from brightline.reason.truth import facts_of

DAY = date(2024, 3, 1)
PACK = "us-cove"
_FIRST = [
    "amber",
    "broad",
    "calm",
    "distant",
    "early",
    "faint",
    "green",
    "hollow",
    "idle",
    "jagged",
    "keen",
    "late",
    "mild",
    "narrow",
    "open",
    "pale",
    "quick",
    "rough",
    "still",
    "tidal",
]
_SECOND = [
    "anchor",
    "barge",
    "chart",
    "dock",
    "entry",
    "ferry",
    "gate",
    "harbor",
    "inlet",
    "jetty",
    "keel",
    "lantern",
    "mooring",
    "net",
    "oar",
    "pier",
    "quay",
    "rope",
    "sail",
    "tide",
]

SECTION = """---
title: {title}
citation: {title}
in_force: 2015-01-01 ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
{readings}---

### a — a clause

> Text of the clause.

```norm
{norms}
```
"""
REFORM = """---
title: A reform
citation: Proposal
amends: us-cove
in_force: ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
{readings}---

### r.1 — a clause

> Text of the proposal.

```norm
{norms}
```
"""


@dataclass(frozen=True)
class Text:
    """The words of a little law: what it declares, and the norms of each section."""

    declared: tuple[str, ...]
    sections: dict[str, tuple[str, ...]]
    readings: dict[str, str] = field(default_factory=dict)  # section -> lines of its front matter

    def with_norms(self, **changed: str | tuple[str, ...]) -> Text:
        new = {k.removeprefix("s"): (v,) if isinstance(v, str) else v for k, v in changed.items()}
        return replace(self, sections={**self.sections, **new})

    def law(self, folder: Path) -> Law:
        root = folder / "laws"
        (root / PACK).mkdir(parents=True)
        vocabulary = "\n".join(self.declared)
        (root / "vocabulary.md").write_text(f"# The words\n\n```vocabulary\n{vocabulary}\n```\n", encoding="utf-8")
        (root / PACK / "pack.md").write_text(f"---\npack: {PACK}\ntitle: The Cove\n---\n", encoding="utf-8")
        for name, norms in self.sections.items():
            told = SECTION.format(
                title=f"Code § {name}", norms="\n\n".join(norms), readings=self.readings.get(name, "")
            )
            (root / PACK / f"{name}.md").write_text(told, encoding="utf-8")
        return load(root)


@dataclass(frozen=True)
class Hole:
    """What is to be found: through which clauses, of what kind, by which conditions on which facts."""

    action: str
    clauses: tuple[str, ...]  # of the norms that it leads through, each a finding of its own
    through: tuple[str, ...]  # the clause that lets it pass, for each of these
    facts: frozenset[tuple[str, bool]]
    kind: str = "exception"
    how: str = "exception"
    actors: tuple[str, ...] = ()
    misstated: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    value: tuple[str, object] | None = None  # what the contact must have where the hole is

    def matches(self, x: Loophole) -> bool:
        """Whether a loophole leads through one of these clauses by these facts, whatever else is said of it."""
        place = x.compared if self.how == "silence" else x.clause
        same = x.action == self.action and x.kind == self.kind and place in self.clauses
        return same and conditions_of(x.door) == self.facts and x.how == self.how

    def near(self, x: Loophole) -> bool:
        """Whether a loophole leads through one of these clauses by any of these facts."""
        place = x.compared if self.how == "silence" else x.clause
        touches = {f for f, _ in conditions_of(x.door)} & {f for f, _ in self.facts}
        return x.action == self.action and place in self.clauses and (bool(touches) or self.how == "silence")


@dataclass(frozen=True)
class Planted:
    """A law with a hole, the same with the hole mended, and reforms."""

    variant: str
    purpose: str
    open: Text
    mended: Text
    hole: Hole
    mends: str  # norms of a reform that mends the hole, in the clause `r.1`
    mended_by: str  # how that clause is cited
    undone: str  # the reform, with what mends the hole taken out


def conditions_of(way: Way) -> frozenset[tuple[str, bool]]:
    """The facts of a way, each with whether its condition holds or not."""
    return frozenset((f, x.value) for x in way for f in facts_of(x.atom))


# --- asking ---------------------------------------------------------------------------------------------


def purpose_of(law: Law, name: str) -> FactIs:
    return true_purpose(law.vocabulary, name)


def little(norms: dict[str, str], *facts: str, readings: str = "") -> Text:
    """A little law without noise: a guard and a clerk of one town, who may tell (whisper), hold, or do another thing."""
    declared = [
        'actor town_agency "an agency of the town"',
        *(f'actor {a} "the {a}" is town_agency in {PACK}' for a in ("guard", "clerk")),
        'action tell "tell"', 'action whisper "whisper" is tell', 'action hold "hold"', 'action other "do another thing"',
        "fact hunt_purpose: yes or no", "fact x: yes or no", "fact y: yes or no", "fact z: yes or no",
        'fact said: yes or no\n  stated by "the requester"', 'fact told: yes or no\n  stated by "the requester"',
    ]  # fmt: skip
    return Text((*declared, *facts), {k: (v,) for k, v in norms.items()}, {"1": readings} if readings else {})


def asked(law: Law, purpose: str, actions: Iterable[str] = ()) -> Loopholes:
    return loopholes(places(law, [PACK], DAY, tuple(actions)), purpose_of(law, purpose))


def reformed(law: Law, found: Loopholes, purpose: str, norms: str, readings: str = "") -> Closure:
    whole, reform = laid_over(law, norms, readings)
    return closed(found, whole, reform, purpose_of(law, purpose))


def laid_over(law: Law, norms: str, readings: str = "") -> tuple[Law, Pack]:
    return lay_over(law, REFORM.format(norms=norms, readings=readings), "reform.md", "reform")


# --- what is drawn ----------------------------------------------------------------------------------------


class Draw:
    """Names, numbers and noise, by a seed."""

    def __init__(self, seed: int, statements: bool = False) -> None:
        self.statements = statements  # whether some of the noise is what only the requester states
        self.random = random.Random(seed)
        names = [f"{a}_{b}" for a in _FIRST for b in _SECOND]
        self.random.shuffle(names)
        self._names = iter(names)
        self.purpose = self.name()
        self.acts = [self.name() for _ in range(4)]
        self.actors = [self.name() for _ in range(2)]
        self.noise_facts = [self.name() for _ in range(4)]
        self.agency = "town_agency"

    @property
    def act(self) -> str:
        return self.acts[0]

    def name(self) -> str:
        return next(self._names)

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def declared(self, *more: str, narrower: bool = False) -> tuple[str, ...]:
        """The words that every law of these needs, those of the hole, and noise: in an order drawn at random."""
        actors = ['actor town_agency "an agency of the town"']
        actors += [f'actor {a} "the {a}" is town_agency in {PACK}' for a in self.actors]
        first, second, *others = self.acts
        acts = [f'action {first} "do {first}"']
        acts += [f'action {second} "do {second}"' + (f" is {first}" if narrower else "")]
        acts += [f'action {a} "do {a}"' for a in others]
        facts = [f'fact {self.purpose}_purpose: yes or no\n  ask "Is it for {self.purpose}?"', *more]
        facts += [
            f'fact {f}: yes or no\n  ask "Is there a {f}?"\n  cost {self.random.randint(1, 4)}'
            + ('\n  stated by "the requester"' if self.statements and self.maybe() else "")
            for f in self.noise_facts
        ]
        rules = [x for x in facts if x.startswith("constraint")]
        facts = [x for x in facts if not x.startswith("constraint")]
        self.random.shuffle(facts)
        p, q = self.random.sample(self.noise_facts, 2)
        rules += [f'constraint some_noise "{p} or no {q}": {p} or not {q}'] if self.maybe() else []
        return (*actors, *acts, *facts, *rules)

    def noise(self) -> tuple[str, ...]:
        """Norms beside the one with the hole, that a contact can pass by facts of their own."""
        found = []
        for n in range(self.random.randint(1, 3)):
            p, q, r, s = self.random.sample(self.noise_facts, 4)
            acts = ", ".join(self.random.sample(self.acts, self.random.randint(1, 3)))
            when = self.random.choice([f"{p} and not {q}", f"{p} and ({q} or {r})", p])
            norm = (
                f"n.{n} {self.random.choice(['forbids', 'forbids', 'requires'])} {acts} by {self.by()}\n  when {when}"
            )
            if self.maybe():
                norm += f"\n  unless n.{n}.1 {s}" + (f"\n    but not if n.{n}.2 {q}" if self.maybe() else "")
            found.append(norm)
        return tuple(found)

    def by(self) -> str:
        return self.random.choice([self.agency, *self.actors])

    def another_way(self) -> str:
        """At times, one more exception, about other things."""
        p, q = self.random.sample(self.noise_facts, 2)
        return f"\n  unless b.9 {p} and {q}" if self.maybe() else ""

    def condition(self) -> tuple[str, str, str]:
        """A fact of some type, a condition on it, and the fact's declaration."""
        name = self.name()
        match self.random.choice(["yes/no", "list", "number", "date"]):
            case "yes/no":
                return name, name, f"fact {name}: yes or no"
            case "list":
                one, two, three = (self.name() for _ in range(3))
                return name, f"{name} is {one}", f"fact {name}: one of {one}, {two}, {three}"
            case "number":
                n = self.random.randint(2, 90)
                return name, f"{name} at least {n} days", f"fact {name}: number of days"
            case _:
                day = date(2020, self.random.randint(1, 12), self.random.randint(1, 28))
                return name, f"{name} before {day}", f"fact {name}: date"


def _norm(d: Draw, label: str, *exceptions: str, act: str = "", by: str = "", when: str = "") -> str:
    head = f"{label} forbids {act or d.act} by {by or d.agency}\n  when {when or d.purpose + '_purpose'}"
    return "\n".join([head, *(f"  {e}" for e in exceptions)])


def _nothing(d: Draw) -> str:
    """A norm of a reform about another act."""
    return f"r.9 forbids {d.acts[3]} by {d.agency}\n  when {d.noise_facts[0]}"


# --- ten holes ----------------------------------------------------------------------------------------------


def truthful_exception(d: Draw) -> Planted:
    """An exception that holds although the act is for what the norm is against."""
    fact, condition, declared = d.condition()
    more = d.another_way()
    text = Text(d.declared(declared), {"1": (_norm(d, "b", f"unless b.1 {condition}") + more,), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", f"unless b.1 {condition} and not {d.purpose}_purpose") + more)
    hole = Hole(d.act, ("Code § 1(b)",), ("Code § 1(b)(1)",), frozenset({(fact, True)}))
    mends = f"amends {PACK}/1:b.1: add\n  but not if r.1 {d.purpose}_purpose"
    return _planted("truthful exception", d, text, mended, hole, mends, "Code § 1(b)(1), narrowed by r.1")


def stated_by_the_requester(d: Draw) -> Planted:
    """An exception that rests on what only the requester states, and that is never true of such an act."""
    said, proof, came = d.name(), d.name(), d.name()
    declared = d.declared(
        f'fact {said}: yes or no\n  stated by "the requester"',
        f"fact {proof}: yes or no",
        f"fact {came}: yes or no",
        f'constraint never "what is {said} is not for that": not ({said} and {d.purpose}_purpose)',
        f'constraint proof "the {proof} is there for what is {said} only": {said} or not {proof}',
    )
    declared = tuple(x + '\n  stated by "the requester"' if f"fact {d.purpose}_purpose" in x else x for x in declared)
    more = d.another_way()
    text = Text(declared, {"1": (_norm(d, "b", f"unless b.1 {said}", when=came) + more,), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", f"unless b.1 {said} and {proof}", when=came) + more)
    hole = Hole(
        d.act, ("Code § 1(b)",), ("Code § 1(b)(1)",), frozenset({(said, True)}), "misstatement", misstated=(said,)
    )
    mends = f"amends {PACK}/1:b.1: add\n  but not if r.1 not {proof}"
    return _planted("stated by the requester", d, text, mended, hole, mends, "Code § 1(b)(1), narrowed by r.1")


def common_exception(d: Draw) -> Planted:
    """Two norms that bar the same act, each with the same exception."""
    fact, condition, declared = d.condition()
    text = Text(
        d.declared(declared),
        {
            "1": (_norm(d, "b", f"unless b.1 {condition}") + d.another_way(),),
            "2": (_norm(d, "c", f"unless c.1 {condition}"),),
            "3": d.noise(),
        },
    )
    mended = text.with_norms(s2=_norm(d, "c", f"unless c.1 {condition} and not {d.purpose}_purpose"))
    hole = Hole(d.act, ("Code § 1(b)", "Code § 2(c)"), ("Code § 1(b)(1)", "Code § 2(c)(1)"), frozenset({(fact, True)}))
    mends = f"amends {PACK}/2:c.1: replace with {condition} and not {d.purpose}_purpose"
    return _planted("common exception", d, text, mended, hole, mends, "Code § 2(c)(1), in its new words")


def too_wide_exception_to_an_exception(d: Draw) -> Planted:
    """What takes an exception back asks for more than it should, or has an exception itself."""
    fact, condition, declared = d.condition()
    back, limit = d.name(), d.name()
    words = d.declared(
        declared,
        f"fact {back}: yes or no",
        f"fact {limit}: yes or no",
        f'constraint always_{back} "such an act has a {back}": {back} or not {d.purpose}_purpose',
    )
    asks = d.maybe()
    wide = (
        f"  but not if b.1-back {back} and {limit}"
        if asks
        else f"  but not if b.1-back {back}\n      but not if b.1-limit {limit}"
    )
    more = d.another_way()
    text = Text(words, {"1": (_norm(d, "b", f"unless b.1 {condition}", wide) + more,), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", f"unless b.1 {condition}", f"  but not if b.1-back {back}") + more)
    hole = Hole(d.act, ("Code § 1(b)",), ("Code § 1(b)(1)",), frozenset({(fact, True), (limit, not asks)}))
    mends = f"amends {PACK}/1:b.1: add\n  but not if r.1 {d.purpose}_purpose"
    return _planted(
        "too wide an exception to an exception", d, text, mended, hole, mends, "Code § 1(b)(1), narrowed by r.1"
    )


def narrower_act_missed(d: Draw) -> Planted:
    """A norm about an act whose `when` names one kind of it, and forgets another."""
    narrow, other, asked_for = d.acts[1], d.acts[2], d.name()
    words = tuple(
        f'action {other} "do {other}" is {d.act}' if x.startswith(f"action {other} ") else x
        for x in d.declared(f"fact {asked_for}: yes or no", narrower=True)
    )
    kinds = f"action is {other}"
    when = f"{d.purpose}_purpose and ({{}} or {asked_for})"
    text = Text(words, {"1": (_norm(d, "b", when=when.format(kinds)),), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", when=when.format(f"{kinds} or action is {narrow}")))
    hole = Hole(narrow, ("Code § 1(b)",), ("Code § 1(b)",), frozenset({(asked_for, False)}), how="scope")
    mends = f"r.1 forbids {narrow} by {d.agency}\n  when {d.purpose}_purpose"
    return _planted("narrower act missed", d, text, mended, hole, mends, NEW_NORM)


def forgotten_value(d: Draw) -> Planted:
    """A list of the kinds of paper for which an act is barred, without one of them."""
    paper, none = d.name(), d.name()
    values = [d.name() for _ in range(d.random.randint(3, 6))]
    lost = d.random.choice(values)
    words = d.declared(
        f"fact {paper}: one of {', '.join(d.random.sample([*values, none], len(values) + 1))}",
        f'constraint some_paper "there is some paper": {paper} is not {none} or not {d.purpose}_purpose',
    )
    kept = [v for v in values if v != lost]
    when = f"{d.purpose}_purpose and {paper} in {{{{{{}}}}}}"
    text = Text(words, {"1": (_norm(d, "b", when=when.format(", ".join(kept))),), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", when=when.format(", ".join(values))))
    hole = Hole(
        d.act, ("Code § 1(b)",), ("Code § 1(b)",), frozenset({(paper, False)}), how="scope", value=(paper, lost)
    )
    mends = f"r.1 forbids {d.act} by {d.agency}\n  when {paper} is {lost}"
    return _planted("forgotten value", d, text, mended, hole, mends, NEW_NORM)


def off_by_one(d: Draw) -> Planted:
    """A threshold that lets the number itself through: "at most" where "less than" was meant."""
    hours, n = d.name(), d.random.randint(2, 96)
    upward = d.maybe()
    wide, narrow, limit = ("at most", "less than", "at least") if upward else ("at least", "more than", "at most")
    words = d.declared(
        f"fact {hours}: number of hours",
        f'constraint length "such an act takes {limit} {n}": {hours} {limit} {n} hours or not {d.purpose}_purpose',
    )
    more = d.another_way()
    text = Text(words, {"1": (_norm(d, "b", f"unless b.1 {hours} {wide} {n} hours") + more,), "2": d.noise()})
    mended = text.with_norms(s1=_norm(d, "b", f"unless b.1 {hours} {narrow} {n} hours") + more)
    hole = Hole(d.act, ("Code § 1(b)",), ("Code § 1(b)(1)",), frozenset({(hours, True)}), value=(hours, float(n)))
    mends = f"amends {PACK}/1:b.1: replace with {hours} {narrow} {n} hours"
    return _planted("off by one", d, text, mended, hole, mends, "Code § 1(b)(1), in its new words")


def one_reading_open(d: Draw) -> Planted:
    """A condition that two norms use, and that one of its readings leaves open."""
    taken, strict, loose = d.name(), d.name(), d.name()
    words = d.declared(
        f"fact {strict}: yes or no",
        f"fact {loose}: yes or no",
        f'constraint never_{strict} "never so": not ({strict} and {d.purpose}_purpose)',
    )
    readings = {"1": "readings:\n  words:\n    question: What is taken?\n    strict: Little.\n    loose: Much.\n"}
    define = f"define {taken} reading words.strict means {strict}\n\ndefine {taken} reading words.loose means {strict} or {{}}"
    norms = {"1": _norm(d, "b", f"unless b.1 {taken}"), "2": _norm(d, "c", f"unless c.1 {taken}")}
    text = Text(words, {"1": (define.format(loose), norms["1"]), "2": (norms["2"],), "3": d.noise()}, readings)
    mended = text.with_norms(s1=(define.format(f"({loose} and not {d.purpose}_purpose)"), norms["1"]))
    hole = Hole(
        d.act, ("Code § 1(b)", "Code § 2(c)"), ("Code § 1(b)(1)", "Code § 2(c)(1)"),
        frozenset({(loose, True)}), readings=("words.loose",),
    )  # fmt: skip
    mends = f"amends {PACK}/1:b.1: add\n  but not if r.1 {d.purpose}_purpose"
    return _planted("one reading open", d, text, mended, hole, mends, "Code § 1(b)(1), narrowed by r.1")


def silent_section(d: Draw) -> Planted:
    """Two sections for two agencies, alike in one thing; only one of them speaks of the act."""
    _, condition, declared = d.condition()
    request, (one, two) = d.name(), d.actors
    twin = "b forbids {}, {} by {}\n  when " + request
    both_acts = d.acts[1:3]
    speaks = _norm(d, "h", by=one)
    general = _norm(d, "g", f"unless g.1 {condition}")
    text = Text(
        d.declared(declared, f"fact {request}: yes or no"),
        {
            "1": (twin.format(*both_acts, one), speaks),
            "2": (twin.format(*both_acts, two),),
            "3": (general,),
            "4": d.noise(),
        },
    )
    mended = text.with_norms(s2=(twin.format(*both_acts, two), _norm(d, "h", by=two)))
    hole = Hole(d.act, ("Code § 1(h)",), ("Code § 2",), frozenset(), how="silence", actors=(two,))
    mends = f"r.1 forbids {d.act} by {two}\n  when {d.purpose}_purpose"
    return _planted("silent section", d, text, mended, hole, mends, NEW_NORM)


def limit_dropped(d: Draw) -> Planted:
    """A law without a hole, and a reform that takes the limit of an exception away: the hole is the reform's."""
    fact, condition, declared = d.condition()
    more = d.another_way()
    limited = _norm(d, "b", f"unless b.1 {condition}", f"  but not if b.1-limit {d.purpose}_purpose") + more
    mended = Text(d.declared(declared), {"1": (limited,), "2": d.noise()})
    text = mended.with_norms(s1=_norm(d, "b", f"unless b.1 {condition}") + more)
    hole = Hole(d.act, ("Code § 1(b)",), ("Code § 1(b)(1)",), frozenset({(fact, True)}))
    mends = f"amends {PACK}/1:b.1: add\n  but not if r.1 {d.purpose}_purpose"
    return _planted("limit dropped", d, text, mended, hole, mends, "Code § 1(b)(1), narrowed by r.1")


NEW_NORM = cite("Proposal", "r.1")
DROPS_THE_LIMIT = f"amends {PACK}/1:b.1-limit: repeal"

VARIANTS: dict[str, Callable[[Draw], Planted]] = {
    f.__name__.replace("_", " "): f
    for f in (
        truthful_exception, stated_by_the_requester, common_exception, too_wide_exception_to_an_exception,
        narrower_act_missed, forgotten_value, off_by_one, one_reading_open, silent_section, limit_dropped,
    )
}  # fmt: skip


def plant(variant: str, seed: int, statements: bool = False) -> Planted:
    return VARIANTS[variant](Draw(seed, statements))


def _planted(variant: str, d: Draw, text: Text, mended: Text, hole: Hole, mends: str, by: str) -> Planted:
    return Planted(variant, d.purpose, text, mended, hole, mends + "\n\n" + _nothing(d), by, _nothing(d))
