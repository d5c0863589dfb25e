"""What comparing two laws found, counted in every way that a reader asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from brightline.law.vocabulary import Vocabulary
from brightline.reason.program import VERDICTS
from brightline.reason.sides import Side, vocabulary_of
from brightline.reason.speech import _, listed, number, several
from brightline.reason.suppose import Supposition
from brightline.reason.turning import BARRED, OPEN

CHANGES = ("verdict", "verified", "clauses", "grounds", "none")
SIDES = ("a", "b")
SPLITS = ("agency", "year")


@dataclass(frozen=True)
class Comparison:
    """Contacts under two sides. `ways` counts each distinct pair of findings; `rows` are the contacts that change.

    In `ways` and `rows`, each column of a finding stands twice, with `_a` and `_b`; `change` says what differs: the
    verdict, the verdict on verified facts alone, the deciding clauses, other grounds, or nothing.
    """

    a: Side
    b: Side
    ways: pl.DataFrame
    splits: dict[str, pl.DataFrame]  # "agency", "year", and columns of the source: value, verdicts, change, contacts
    rows: pl.DataFrame
    supposed: tuple[Supposition, ...] = ()

    @property
    def total(self) -> int:
        return int(self.ways["contacts"].sum())

    @cached_property
    def changes(self) -> dict[str, int]:
        """How many contacts change in which respect; `none` are those that do not."""
        found = dict(self.ways.group_by("change").agg(pl.col("contacts").sum()).iter_rows())
        return {c: int(found.get(c, 0)) for c in CHANGES}

    @cached_property
    def verdicts(self) -> pl.DataFrame:
        """Contacts by verdict under A and under B: every pair that occurs, the strictest first."""
        return self._pairs("verdict")

    @cached_property
    def verified(self) -> pl.DataFrame:
        """The same on verified facts alone."""
        return self._pairs("as_verified")

    def _pairs(self, what: str) -> pl.DataFrame:
        order = {v: n for n, v in enumerate(VERDICTS)}
        keys = [pl.col(f"{what}_{s}").alias(s) for s in SIDES]
        counted = self.ways.group_by(keys).agg(pl.col("contacts").sum())
        return counted.sort(pl.col("a", "b").replace_strict(order, default=99, return_dtype=pl.Int8))

    def under(self, letter: str) -> dict[str, int]:
        """Each verdict with its count under one side, zero included."""
        found = dict(self.verdicts.group_by(letter).agg(pl.col("contacts").sum()).iter_rows())
        return {v: int(found.get(v, 0)) for v in VERDICTS}

    @property
    def moved(self) -> int:
        """How many contacts get another verdict."""
        return self.changes["verdict"]

    @property
    def moved_verified(self) -> int:
        """How many get another verdict on verified facts alone."""
        return int(self.verified.filter(pl.col("a") != pl.col("b"))["contacts"].sum())

    def open(self, letter: str) -> int:
        """How many are barred, or nobody can tell, under one side: of these it is asked on what they turn."""
        counts = self.under(letter)
        return sum(counts[v] for v in OPEN)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """The changes, those that are alike in verdicts and clauses together; the largest first."""
        keys = ["change", "verdict_a", "clause_a", "verdict_b", "clause_b"]
        changed = self.ways.filter(pl.col("change") != "none")
        said = [pl.col(f"explanation_{s}").first() for s in SIDES]
        counted = changed.group_by(keys, maintain_order=True).agg(pl.col("contacts").sum(), *said)
        return counted.sort(-pl.col("contacts"), *keys, nulls_last=True)

    @cached_property
    def clauses(self) -> pl.DataFrame:
        """For each norm that decides under one side: for how many contacts under A alone, under B alone, under both."""
        counts: dict[str, Counter[str]] = {}
        for way in self.ways.select("norm_a", "norm_b", "contacts").iter_rows(named=True):
            one, two = (names_in(way[f"norm_{s}"]) - {""} for s in SIDES)
            for norm in one | two:
                place = "both" if norm in one & two else "a" if norm in one else "b"
                counts.setdefault(norm, Counter())[place] += way["contacts"]
        rows = [(n, self._cite(n), c["a"], c["b"], c["both"]) for n, c in counts.items()]
        schema = {"norm": pl.String, "clause": pl.String, "a": pl.Int64, "b": pl.Int64, "both": pl.Int64}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.sort(-(pl.col("a") + pl.col("b")), -pl.col("both"), "norm")

    def _cite(self, norm: str) -> str:
        law = next((s.law for s in (self.a, self.b) if norm.partition(":")[0] in s.law.sections), self.a.law)
        return law.cite(norm)

    @cached_property
    def facts(self) -> pl.DataFrame:
        """On which facts contacts turn that are barred or unsettled, under each side (the columns end in _a and _b).

        `settles`: the fact stands in a smallest set of answers that can settle an unsettled contact. `bar`: one answer
        to it alone bars the contact, and another does not. `alone`: one answer to it alone lets the contact pass.
        `together`: it lets the contact pass, but only together with others.
        """
        counts: dict[str, Counter[str]] = {}
        for way in self.ways.iter_rows(named=True):
            for s in SIDES:
                for fact, role in _roles(way[f"settled_by_{s}"], way[f"turns_on_{s}"], way[f"passes_with_{s}"]):
                    counts.setdefault(fact, Counter())[f"{role}_{s}"] += way["contacts"]
        columns = [f"{role}_{s}" for role in ROLES for s in SIDES]
        schema = {"fact": pl.String, **dict.fromkeys(columns, pl.Int64)}
        rows = [(f, *(c[k] for k in columns)) for f, c in counts.items()]
        asked = {f: n for n, f in enumerate(self.vocabulary.names)}
        place = pl.col("fact").replace_strict(asked, default=len(asked), return_dtype=pl.Int64)
        most = [-pl.col(f"{role}_{s}") for s in ("b", "a") for role in ("alone", "bar", "settles", "together")]
        return pl.DataFrame(rows, schema=schema, orient="row").sort(*most, place)

    def by(self, split: str) -> pl.DataFrame:
        """For each value of a split: contacts, how many get another verdict or change at all, and some verdicts.

        Years in their order, others by their number of contacts; what nobody recorded comes last.
        """
        n = pl.col("contacts")
        sums = [n.sum(), n.filter(pl.col("change") == "verdict").sum().alias("verdict")]
        sums.append(n.filter(pl.col("change") != "none").sum().alias("changed"))
        for name, verdicts in (("barred", BARRED), ("unsettled", ("unsettled", "contested"))):
            sums += [n.filter(pl.col(f"verdict_{s}").is_in(verdicts)).sum().alias(f"{name}_{s}") for s in SIDES]
        counted = self.splits[split].group_by("value").agg(*sums)
        order = [pl.col("value")] if split == "year" else [-n, pl.col("value")]
        return counted.sort(pl.col("value").is_null(), *order)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return vocabulary_of(self.a, self.b)

    @property
    def same_law(self) -> bool:
        """Whether both sides are the same law, so that nothing can change."""
        return self.a.same_law_as(self.b)

    def sentences(self, contacts: Callable[[int], str] | None = None) -> list[str]:
        """The whole in plain sentences, from the counts. `contacts` says so many of them ("838 detainers")."""
        return sentences(self, contacts or (lambda n: several("{count} contact", "{count} contacts", n)))


ROLES = ("settles", "bar", "alone", "together")


def _roles(settled_by: str | None, turns_on: str | None, passes_with: str | None) -> Iterator[tuple[str, str]]:
    """Each fact of a way once in each of its roles."""

    def facts(cell: str | None, joint: str) -> list[list[str]]:
        return [part.split(" and ") for part in (cell or "").split(joint) if part]

    passes = facts(passes_with, " or ")
    alone = {s[0] for s in passes if len(s) == 1}
    yield from ((f, "settles") for f in dict.fromkeys(x for s in facts(settled_by, " or ") for x in s))
    yield from ((f, "bar") for f in dict.fromkeys(x for s in facts(turns_on, "; ") for x in s))
    yield from ((f, "alone") for f in sorted(alone))
    yield from ((f, "together") for f in dict.fromkeys(x for s in passes for x in s) if f not in alone)


def names_in(cell: str | None) -> set[str]:
    """What a cell of a finding names: norms, facts, readings, joined by `; `."""
    return set((cell or "").split("; "))


# --- in words -----------------------------------------------------------------------------------

SHOWN_PAIRS = 3


def verdict_said(verdict: str) -> str:
    """A verdict as one says it, in the language that is spoken now."""
    return {
        "conflict": _("barred and required"),
        "barred": _("barred"),
        "required": _("required"),
        "contested": _("depends on the reading"),
        "unsettled": _("cannot tell"),
        "excepted": _("not barred, by an exception"),
        "unreached": _("not reached"),
    }[verdict]


def sentences(found: Comparison, contacts: Callable[[int], str]) -> list[str]:
    """What changes, for how many, and what it turns on."""
    if found.total == 0:
        return [_("There are no contacts in these data.")]
    told = [_moved(found, contacts)]
    if found.changes["clauses"]:
        told.append(
            several(
                "For {count} the verdict is the same, and other clauses decide.",
                "For {count} the verdict is the same, and other clauses decide.",
                found.changes["clauses"],
            )
        )
    if found.changes["grounds"]:
        told.append(
            several(
                "For {count} the verdict and the clauses are the same, and other facts matter.",
                "For {count} the verdict and the clauses are the same, and other facts matter.",
                found.changes["grounds"],
            )
        )
    if found.changes["none"] < found.total:
        told += [_turns(found), _verified(found)]
    return [s for s in told if s]


def _moved(found: Comparison, contacts: Callable[[int], str]) -> str:
    if found.moved == 0:
        return _("Of {contacts}, none is judged otherwise.").format(contacts=contacts(found.total))
    pairs = found.verdicts.filter(pl.col("a") != pl.col("b")).sort(-pl.col("contacts"), maintain_order=True).rows()
    one = _("from “{before}” to “{after}”") if len(pairs) == 1 else _("{n} from “{before}” to “{after}”")
    said = [one.format(n=number(n), before=verdict_said(a), after=verdict_said(b)) for a, b, n in pairs[:SHOWN_PAIRS]]
    rest = sum(n for *_verdicts, n in pairs[SHOWN_PAIRS:])
    if rest:
        said.append(several("{count} in another way", "{count} in other ways", rest))
    whole = several(
        "Of {{contacts}}, {count} is judged otherwise: {{ways}}.",
        "Of {{contacts}}, {count} are judged otherwise: {{ways}}.",
        found.moved,
    )
    return whole.format(contacts=contacts(found.total), ways=listed(said))


def _turns(found: Comparison) -> str:
    """The fact on which most of those turn that do not pass under B, and did not turn under A."""
    weighed = []
    for role in ("alone", "bar", "settles"):
        turned = found.facts.filter(pl.col(f"{role}_b") > 0)
        rows = turned.select("fact", f"{role}_a", f"{role}_b").iter_rows()
        weight = {f: (b - a, b) for f, a, b in rows}
        if weight:
            # Among facts that weigh alike, the one that is cheapest to learn.
            fact = min(weight, key=lambda f: (-weight[f][0], -weight[f][1], found.vocabulary.cost(f)))
            others = sum(w == weight[fact] for w in weight.values()) - 1
            weighed.append((weight[fact], role, fact, others))
    if not weighed:
        return ""
    (more, n), role, fact, others = max(weighed, key=lambda w: w[0])
    said = _turns_on(role).format(
        of=number(found.under("b")["unsettled"] if role == "settles" else found.open("b")),
        n=number(n),
        before=number(n - more),
        question=_(found.vocabulary.question(fact)),
    )
    also = several(" The same holds of {count} more fact.", " The same holds of {count} more facts.", others)
    return said + (also if others else "")


def _turns_on(role: str) -> str:
    return {
        "alone": _(
            "Of {of} that are barred under B, or for which nobody can tell, one answer alone would let {n} pass: "
            "“{question}” (under A: {before})."
        ),
        "bar": _(
            "Of {of} that are barred under B, or for which nobody can tell, {n} turn on one answer, which alone "
            "bars them or does not: “{question}” (under A: {before})."
        ),
        "settles": _(
            "Of {of} for which nobody can tell under B, {n} can be settled by one answer, alone or with others: "
            "“{question}” (under A: {before})."
        ),
    }[role]


def _verified(found: Comparison) -> str:
    if found.moved_verified == found.moved:
        return ""
    if found.moved_verified == 0:
        return _("On verified facts alone, none is judged otherwise.")
    return several(
        "On verified facts alone, {count} is judged otherwise.",
        "On verified facts alone, {count} are judged otherwise.",
        found.moved_verified,
    )
