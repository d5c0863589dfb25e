"""A program as generated Python, for callers that judge contacts one by one and want only the verdict, or every branch.

The code is made from numbers and from names and values that the vocabulary declares (letters, figures and `_`), each
written with `repr`: no text of a pack or of a contact becomes code. Where Kleene's tables cannot tell, the exact
engine (`Program.outcome`) answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from brightline.law.tree import Always, And, Atom, Compare, CompareDate, Expr, FactIs, Not, OneOf, Or, Some, Within
from brightline.reason.explain import words
from brightline.reason.ground import GroundNorm
from brightline.reason.program import Program
from brightline.reason.truth import Facts, Truth, atoms, evaluate

Verdict = tuple[str, str | None]  # the verdict, and the clause that gives it
_NEGATED = {"<": ">=", "<=": ">", "=": "!=", ">=": "<", ">": "<="}
_SIGNS = {"=": "=="}


def decider(program: Program) -> Callable[[Facts], Verdict]:
    """A function from facts (a dict; absent or None is unknown) to the verdict and the clause that gives it.

    An excepted contact gets the clause of the exception; several barring norms give the first one's clause.
    """
    if len({s.choice for s in program.scopes}) != 1 or _has_requirements(program):
        return lambda facts: _slow(program, facts)
    writer = _Writer(program)
    lines = ["def decide(facts):", " get = facts.get", " told = UNREACHED", " doubt = False"]
    written: set[tuple[str, Expr, Expr]] = set()
    for norm in (n for scope in program.scopes for n in scope.norms):
        key = (norm.norm.id, norm.reach, norm.excused)
        if key not in written:  # a norm that says the same of several actions is asked once
            written.add(key)
            lines += writer.norm(norm)
    lines += [" if doubt: return slow(facts)", " return told"]
    return writer.function(lines, "decide")


def _has_requirements(program: Program) -> bool:
    return any(n.norm.modality == "requires" for s in program.scopes for n in s.norms)


def masker(program: Program) -> Callable[[Facts], tuple[int, int]]:
    """`Program.masks`, compiled."""
    writer = _Writer(program)
    lines = ["def masks(facts):", " get = facts.get", " T = F = 0"]
    for n, atom in enumerate(program.atoms):
        lines += [f" t = {writer.tri_state(atom)}", f" if t is True: T |= {1 << n}", f" elif t is False: F |= {1 << n}"]
    return writer.function([*lines, " return T, F"], "masks")


def _slow(program: Program, facts: Facts, masks: Callable[[Facts], tuple[int, int]] | None = None) -> Verdict:
    outcome = program.outcome(*(masks or program.masks)(facts))
    first = next(iter(outcome.deciding), None)
    if first is None:
        return outcome.verdict, None
    return outcome.verdict, first.exception if outcome.verdict == "excepted" else first.clause


def _exact_answer(program: Program) -> Callable[[Facts], Verdict]:
    made: list[Callable[[Facts], tuple[int, int]]] = []

    def slow(facts: Facts) -> Verdict:
        if not made:
            made.append(masker(program))
        return _slow(program, facts, made[0])

    return slow


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What every explanation of a program says, before its truths are known: text, and where its parts stand."""

    text: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A verdict with the truth of every branch, exceptions that did not matter included."""

    verdict: str
    clause: str | None
    truths: tuple[Truth, ...]
    skeleton: tuple[Skeleton, ...]
    roots: tuple[int, ...]

    def tree(self) -> list[dict[str, Any]]:
        """The explanation as nested parts: `{text, truth, parts}`."""
        return [self._node(r) for r in self.roots]

    def _node(self, n: int) -> dict[str, Any]:
        shape = self.skeleton[n]
        return {"text": shape.text, "truth": self.truths[n], "parts": [self._node(p) for p in shape.parts]}


def explainer(program: Program) -> Callable[[Facts], Explained]:
    """A function from facts to the verdict with its full explanation: the truth of every node of every norm."""
    writer = _Writer(program)
    decide = decider(program)
    nodes = _Nodes(writer)
    roots = list(dict.fromkeys(nodes.norm(n) for s in program.scopes for n in s.norms))
    names = ", ".join(f"n{i}" for i in range(len(nodes.skeleton)))
    lines = ["def explain(facts):", " get = facts.get"]
    for n, atom in enumerate(program.atoms):
        lines.append(f" a{n} = {writer.tri_state(atom)}")
    lines += [*nodes.lines, f" return ({names},)" if names else " return ()"]
    truths = writer.function(lines, "explain")
    skeleton, tops = tuple(nodes.skeleton), tuple(roots)

    def explained(facts: Facts) -> Explained:
        verdict, clause = decide(facts)
        return Explained(verdict, clause, truths(facts), skeleton, tops)

    return explained


class _Nodes:
    """Lines that compute the truth of each node, children first."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer
        self.lines: list[str] = []
        self.skeleton: list[Skeleton] = []
        self.known: dict[tuple[str, str, tuple[int, ...]], int] = {}  # equal nodes are computed once

    def _add(self, source: str, text: str, parts: Iterable[int] = ()) -> int:
        key = (source, text, tuple(parts))
        if key in self.known:
            return self.known[key]
        self.known[key] = len(self.skeleton)
        self.lines.append(f" n{len(self.skeleton)} = {source}")
        self.skeleton.append(Skeleton(text, key[2]))
        return len(self.skeleton) - 1

    def norm(self, norm: GroundNorm) -> int:
        reach = self.expr(norm.reach)
        excuses = []
        for e in norm.exceptions:
            inner = [self.expr(e.condition), *(self.expr(Not(u.holds)) for u in e.unless)]
            excuses.append(self._add(_and(inner), f"exception {e.clause}", inner))
        excused = self._add(_or(excuses), "an exception holds", excuses)
        return self._add(
            f"(False if n{reach} is False or n{excused} is True else None if n{reach} is None or n{excused} is None else True)",
            norm.clause,
            [reach, excused],
        )

    def expr(self, expr: Expr) -> int:
        match expr:
            case Always(value):
                return self._add(str(value), "always" if value else "never")
            case Not(part):
                inner = self.expr(part)
                return self._add(f"(None if n{inner} is None else not n{inner})", words(expr), [inner])
            case And(parts):
                inner_parts = [self.expr(p) for p in parts]
                return self._add(_and(inner_parts), words(expr), inner_parts)
            case Or(parts):
                inner_parts = [self.expr(p) for p in parts]
                return self._add(_or(inner_parts), words(expr), inner_parts)
            case _:
                return self._add(f"a{self.writer.program.index[expr]}", words(expr))  # type: ignore[index]


def _and(parts: list[int]) -> str:
    if not parts:
        return "True"
    no = " or ".join(f"n{p} is False" for p in parts)
    unknown = " or ".join(f"n{p} is None" for p in parts)
    return f"(False if {no} else None if {unknown} else True)"


def _or(parts: list[int]) -> str:
    if not parts:
        return "False"
    yes = " or ".join(f"n{p} is True" for p in parts)
    unknown = " or ".join(f"n{p} is None" for p in parts)
    return f"(True if {yes} else None if {unknown} else False)"


class _Writer:
    """Writes conditions as Python over fetched facts; constants that Python cannot write stand in `scope_names`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names: dict[str, Any] = {"UNREACHED": ("unreached", None), "slow": _exact_answer(program)}

    def function(self, lines: list[str], name: str) -> Callable[[Facts], Any]:
        made: dict[str, Any] = dict(self.names)
        exec("\n".join(lines), made)
        return made[name]  # type: ignore[no-any-return]

    def constant(self, value: Any) -> str:
        """A name for a value that the code uses."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    # --- one norm ---------------------------------------------------------------------------

    def norm(self, norm: GroundNorm) -> list[str]:
        """Lines that return when the norm is certainly broken (nothing is stricter: no norm here requires), note
        the exception when one certainly holds, and note a doubt when neither is certain.

        Facts are fetched where they are first needed: most norms are settled by one or two.
        """
        certainly, never = self.rails(norm.reach)
        if never == "True":
            return []
        lines = self.fetched([norm.reach], 1)
        if certainly != "True":
            lines.append(f" if not {never}:")
            lines.append(f"  if {certainly}:")
            lines += self.excuses(norm, 3)
            lines.append("  else: doubt = True")
            return lines
        return lines + self.excuses(norm, 1)

    def excuses(self, norm: GroundNorm, depth: int) -> list[str]:
        lines: list[str] = []
        closed: list[str] = []
        for e in norm.exceptions:
            yes, no = self.rails(e.holds)
            pad = " " * depth
            told = self.constant(("excepted", e.clause))
            lines += self.fetched([e.holds], depth)
            lines.append(f"{pad}if {yes}: told = {told} if told is UNREACHED else told")
            lines.append(f"{pad}else:")
            closed.append(no)
            depth += 1
        barred = self.constant(("barred", norm.clause))
        sure = _join(" and ", closed)
        pad = " " * depth
        lines.append(f"{pad}if {sure}: return {barred}" if sure != "True" else f"{pad}return {barred}")
        lines += [] if sure == "True" else [f"{pad}doubt = True"]
        return lines

    def fetched(self, exprs: list[Expr], depth: int) -> list[str]:
        """Lines that fetch the facts of these conditions."""
        found: dict[str, str] = {}
        for atom in (a for e in exprs for a in atoms(e)):
            plain = not isinstance(atom, Some | Within)
            found[self.variable(atom)] = f"get({atom.fact!r})" if plain else self.tri_state(atom)  # type: ignore[union-attr]
        return [f"{' ' * depth}{name} = {source}" for name, source in found.items()]

    def variable(self, atom: Atom) -> str:
        if isinstance(atom, Some | Within):
            return f"y{self.program.index[atom]}"
        return f"x_{atom.fact}"

    # --- conditions -------------------------------------------------------------------------

    def rails(self, expr: Expr) -> tuple[str, str]:
        """Python for "certainly true" and "certainly false"."""
        match expr:
            case Always(value):
                return str(value), str(not value)
            case Not(part):
                yes, no = self.rails(part)
                return no, yes
            case And(parts):
                pairs = [self.rails(p) for p in parts]
                return _join(" and ", [y for y, _ in pairs]), _join(" or ", [n for _, n in pairs])
            case Or(parts):
                pairs = [self.rails(p) for p in parts]
                return _join(" or ", [y for y, _ in pairs]), _join(" and ", [n for _, n in pairs])
            case FactIs() | OneOf() | Compare() | CompareDate() | Within() | Some():
                return self.atom_rails(expr)
            case _:
                raise TypeError(f"{type(expr).__name__} is not ground")

    def some(self, record: str, body: Expr) -> Callable[[Facts], Any]:
        """A function: does a record of the list satisfy the body? A date of the contact is looked for behind the record."""
        if any(isinstance(a, Within) for a in atoms(body)):
            return _evaluator(Some(record, body))
        yes, no = self.rails(body)
        lines = [
            "def some(facts):",
            f" records = facts.get({record!r})",
            " if records is None: return None",
            " open_ = not records.complete",
            " for one in records.known:",
            "  get = one.get",
            *self.fetched([body], 2),
            f"  if {yes}: return True",
            f"  if not {no}: open_ = True",
            " return None if open_ else False",
        ]
        return self.function(lines, "some")

    def atom_rails(self, atom: Atom) -> tuple[str, str]:
        v = self.variable(atom)
        match atom:
            case FactIs() | Some() | Within():
                return f"{v} is True", f"{v} is False"
            case OneOf(_, (value,)):
                return f"{v} == {value!r}", f"({v} is not None and {v} != {value!r})"
            case OneOf(_, values):
                known = self.constant(frozenset(values))
                return f"{v} in {known}", f"({v} is not None and {v} not in {known})"
            case Compare(_, op, value) | CompareDate(_, op, value):
                bound = repr(value) if isinstance(value, float) else self.constant(value)
                sign = _SIGNS.get(op, op)
                return f"({v} is not None and {v} {sign} {bound})", f"({v} is not None and {v} {_NEGATED[op]} {bound})"

    def tri_state(self, atom: Atom) -> str:
        """Python for the truth of a condition: True, False or None."""
        match atom:
            case FactIs(fact):
                return f"get({fact!r})"
            case Some(record, body):
                return f"{self.constant(self.some(record, body))}(facts)"
            case Within():
                return f"{self.constant(_evaluator(atom))}(facts)"
            case OneOf(fact, values):
                return f"(None if (v := get({fact!r})) is None else v in {self.constant(frozenset(values))})"
            case Compare(fact, op, value) | CompareDate(fact, op, value):
                return f"(None if (v := get({fact!r})) is None else v {_SIGNS.get(op, op)} {self.constant(value)})"


def _evaluator(atom: Atom) -> Callable[[Mapping[str, Any]], Truth]:
    return lambda facts: evaluate(atom, facts)


def _join(joint: str, parts: list[str]) -> str:
    """Joined, with constants folded."""
    neutral, absorbing = ("True", "False") if joint == " and " else ("False", "True")
    kept = [p for p in parts if p != neutral]
    if absorbing in kept:
        return absorbing
    return neutral if not kept else kept[0] if len(kept) == 1 else f"({joint.join(kept)})"
