"""Statements against the vocabulary and against each other: errors and doubts, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from brightline.law.pack import Law, Section
from brightline.law.problems import Problem, did_you_mean
from brightline.law.tree import (
    ActionIs,
    Amendment,
    And,
    Compare,
    CompareDate,
    Defined,
    Definition,
    Exception_,
    Excepts,
    Expr,
    FactIs,
    Norm,
    Not,
    OneOf,
    Or,
    Place,
    Some,
    Statement,
    Within,
    conditions,
    exceptions,
    walk,
)
from brightline.law.vocabulary import Fact, Record, Vocabulary


def errors(law: Law) -> list[Problem]:
    """Every problem of every file: the mistakes of the text first found by the parser, then of its meaning."""
    found: list[Problem] = []
    found += vocabulary_errors(law.vocabulary)
    for section in law.sections.values():
        found += section_errors(law, section)
    found += _circles(law)
    return [_with_source(p, law.root) for p in sorted(found, key=lambda p: (p.place.file, p.place.line))]


def section_errors(law: Law, section: Section) -> list[Problem]:
    """The problems of one section: its text, its statements against the vocabulary, and its times."""
    defined = {s.name for sec in law.sections.values() for s in sec.statements if isinstance(s, Definition)}
    found = list(section.page.problems)
    for statement in section.statements:
        found += _statement(statement, law, section, defined)
    found += _overlaps(section)
    found += _undefined_times(law, section)
    found += _front_matter(section)
    return found


def _with_source(problem: Problem, root: Path) -> Problem:
    if problem.source or not problem.place.line:
        return problem
    path = root.parent / problem.place.file
    if not path.is_file():
        return problem
    return with_source(problem, path.read_text(encoding="utf-8").split("\n"))


def with_source(problem: Problem, lines: list[str]) -> Problem:
    """The problem with the line of text that it points into."""
    if problem.source or not 0 < problem.place.line <= len(lines):
        return problem
    return replace(problem, source=lines[problem.place.line - 1])


# --- the vocabulary itself ----------------------------------------------------------------------


def vocabulary_errors(v: Vocabulary) -> Iterator[Problem]:
    for kind, declared in (("actor", v.actors), ("action", v.actions)):
        for item in declared.values():
            for parent in item.parents:
                if parent not in declared:
                    yield Problem(
                        item.at,
                        f"the {kind} `{item.name}` is a kind of `{parent}`, which nobody declares",
                        did_you_mean(parent, declared),
                    )
    for constraint in v.constraints:
        yield from _expression(constraint.condition, v, set(), None)


# --- one statement ------------------------------------------------------------------------------


def _statement(statement: Statement, law: Law, section: Section, defined: set[str]) -> Iterator[Problem]:
    v = law.vocabulary
    match statement:
        case Norm():
            yield from _norm(statement, law, section, defined)
        case Definition():
            if statement.name in v.facts or statement.name in v.records:
                yield Problem(
                    statement.at,
                    f"`{statement.name}` is already a fact of the vocabulary",
                    "choose another name for the condition",
                )
            yield from _expression(statement.condition, v, defined, None)
            yield from _reading(statement.reading, section, statement.at)
        case Excepts():
            yield from _targets(statement.targets, law, statement.at)
            yield from _expression(statement.condition, v, defined, None)
            yield from _exceptions(statement.unless, v, defined)
            yield from _reading(statement.reading, section, statement.at)
        case Amendment():
            yield from _amendment(statement, law)
            if statement.norm is not None:
                yield from _norm(statement.norm, law, section, defined)
            if statement.exception is not None:
                yield from _exceptions((statement.exception,), v, defined)
            if statement.condition is not None:
                yield from _expression(statement.condition, v, defined, None)


def _amendment(a: Amendment, law: Law) -> Iterator[Problem]:
    norms = {n.id for n in law.norms}
    clauses = {f"{e.section or n.section}:{e.label}" for n in law.norms for e in exceptions(n.unless)}
    if a.target not in norms | clauses:
        yield Problem(
            a.at,
            f"there is no norm or exception `{a.target}` to amend",
            did_you_mean(a.target, norms | clauses, "write pack, section and clause, as in `us-ny-nyc/10-178:e.i`"),
        )
    elif a.change in ("add", "replace") and a.target not in norms:
        yield Problem(
            a.at, f"`{a.target}` is an exception, not a norm", "write `add but not if LABEL …`, or `replace with …`"
        )
    elif a.change in ("narrow", "reword") and a.target not in clauses:
        yield Problem(
            a.at,
            f"`{a.target}` is a norm, not an exception",
            "write `add unless LABEL …`, or `replace LABEL forbids …`",
        )


def _norm(norm: Norm, law: Law, section: Section, defined: set[str]) -> Iterator[Problem]:
    v = law.vocabulary
    for action in norm.actions:
        if action not in v.actions:
            yield Problem(
                _named(norm.at, section, action),
                f"`{action}` is no declared action",
                did_you_mean(action, v.actions, "declare it in laws/vocabulary.md"),
            )
    for actor in norm.actors:
        if actor not in v.actors:
            yield Problem(
                _named(norm.at, section, actor),
                f"`{actor}` is no declared actor",
                did_you_mean(actor, v.actors, "declare it in laws/vocabulary.md"),
            )
    if norm.when is not None:
        yield from _expression(norm.when, v, defined, norm)
    yield from _exceptions(norm.unless, v, defined)
    yield from _reading(norm.reading, section, norm.at)
    if norm.yields_to:
        yield from _targets(norm.yields_to, law, norm.at)
    if norm.deadline is not None:
        fact = v.facts.get(norm.deadline.fact)
        if fact is None or fact.type != "date":
            yield Problem(
                norm.at,
                f"the time of `{norm.label}` runs from `{norm.deadline.fact}`, which is no declared date",
                did_you_mean(norm.deadline.fact, v.facts),
            )
    labels = [e.label for e in norm.unless if not e.section]
    for label in {x for x in labels if labels.count(x) > 1}:
        yield Problem(
            norm.at,
            f"`{norm.label}` has two exceptions named `{label}`",
            "give each its own clause, as in `b.2.i` and `b.2.ii`",
        )


def _named(at: Place, section: Section, word: str) -> Place:
    """The place of a word in the lines of its statement, as far as it can be found."""
    for block in section.page.blocks:
        for offset, line in enumerate(block.text.split("\n")):
            number = block.line + offset
            if at.line <= number <= at.line + 3 and word in line:
                return Place(at.file, number, line.index(word) + 1, len(word))
    return at


def _exceptions(unless: tuple[Exception_, ...], v: Vocabulary, defined: set[str]) -> Iterator[Problem]:
    for exception in exceptions(unless):
        yield from _expression(exception.condition, v, defined, None)


def _reading(reading: str | None, section: Section, at: Place) -> Iterator[Problem]:
    if reading is None:
        return
    name, _, choice = reading.partition(".")
    ambiguity = section.ambiguities.get(name)
    if ambiguity is None:
        yield Problem(
            at,
            f"the ambiguity `{name}` is not described in the front matter",
            f"add `readings: {{{name}: {{question: …, {choice}: …}}}}`",
        )
    elif choice.lstrip("!") not in ambiguity.readings:
        yield Problem(at, f"`{name}` has no reading `{choice}`", did_you_mean(choice, ambiguity.readings))


def _targets(targets: tuple[str, ...], law: Law, at: Place) -> Iterator[Problem]:
    ids = {n.id for n in law.norms}
    for target in targets:
        if target not in ids:
            yield Problem(
                at,
                f"there is no norm `{target}`",
                did_you_mean(target, ids, "write the label of a norm, as in `b.1` or `9-131:b.1`"),
            )


# --- conditions ---------------------------------------------------------------------------------


def _expression(
    expr: Expr, v: Vocabulary, defined: set[str], norm: Norm | None, record: Record | None = None
) -> Iterator[Problem]:
    match expr:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _expression(part, v, defined, norm, record)
        case Not(part):
            yield from _expression(part, v, defined, norm, record)
        case Some(name, body):
            yield from _some(expr, name, body, v, defined, record)
        case Defined(name):
            if name not in defined:
                yield Problem(expr.at, f"the condition `{name}` is defined in no pack", did_you_mean(name, defined))
            elif record is not None:
                yield Problem(
                    expr.at, f"`{name}` cannot stand inside a condition on a record", "write out its condition"
                )
        case ActionIs(actions):
            for action in actions:
                if action not in v.actions:
                    yield Problem(expr.at, f"`{action}` is no declared action", did_you_mean(action, v.actions))
                elif norm is not None and not any(
                    a in v.action_lineage(action) or action in v.action_lineage(a) for a in norm.actions
                ):
                    yield Problem(
                        expr.at,
                        f"this norm is not about `{action}`, so the condition can never hold",
                        f"the norm names {', '.join(f'`{a}`' for a in norm.actions)}",
                    )
        case FactIs() | OneOf() | Compare() | CompareDate() | Within():
            yield from _leaf(expr, v, defined, record)
        case _:
            return


def _some(
    expr: Expr, name: str, body: Expr, v: Vocabulary, defined: set[str], record: Record | None
) -> Iterator[Problem]:
    if record is not None:
        yield Problem(expr.at, "a list of records cannot stand inside another", "lists go one level deep")
    elif name in v.records:
        yield from _expression(body, v, defined, None, v.records[name])
    else:
        known = v.records if name not in v.facts else {}
        help = did_you_mean(name, known, "declare it as a `record` in laws/vocabulary.md")
        yield Problem(expr.at, f"`{name}` is no declared list of records", help)


def _leaf(
    expr: FactIs | OneOf | Compare | CompareDate | Within, v: Vocabulary, defined: set[str], record: Record | None
) -> Iterator[Problem]:
    fact = (record.field(expr.fact) if record else None) or v.facts.get(expr.fact)
    if fact is None:
        known = ([f.name for f in record.fields] if record else []) + list(v.facts) + sorted(defined)
        if expr.fact in v.records:
            yield Problem(expr.at, f"`{expr.fact}` is a list of records", f"write `some {expr.fact} with (…)`")
        else:
            yield Problem(
                expr.at,
                f"nobody declares the fact `{expr.fact}`",
                did_you_mean(expr.fact, known, "declare it in laws/vocabulary.md"),
            )
        return
    if record is not None and fact.record != record.name and not isinstance(expr, Within):
        yield Problem(
            expr.at,
            f"`{expr.fact}` is a fact of the contact, not of the record `{record.name}`",
            "put the condition outside the brackets",
        )
        return
    mistake = _type_mistake(expr, fact, v)
    if mistake:
        yield Problem(expr.at, *mistake)


def _type_mistake(
    expr: FactIs | OneOf | Compare | CompareDate | Within, fact: Fact, v: Vocabulary
) -> tuple[str, str] | None:
    name = expr.fact
    match expr:
        case FactIs() if fact.type == "number":
            return f"`{name}` is a number, not a yes or no", f"compare it: `{name} at most 5 {fact.unit}`"
        case FactIs() if fact.type == "list":
            return f"`{name}` is one of a list, not a yes or no", f"say which: `{name} is {fact.values[0]}`"
        case FactIs() if fact.type == "date":
            return f"`{name}` is a date, not a yes or no", f"compare it: `{name} before 2014-12-14`"
        case OneOf(_, values) if fact.type == "list":
            wrong = next((x for x in values if x not in fact.values), None)
            if wrong is not None:
                return f"`{name}` is never `{wrong}`", did_you_mean(
                    wrong, fact.values, "its values: " + ", ".join(fact.values)
                )
        case OneOf(_, values) if fact.type == "yes/no":
            return f"`{name}` is a yes or no and has no list of values", f"write `{name}` or `not {name}`"
        case OneOf():
            return f"`{name}` has no list of values: it is a {fact.type}", "compare it with `at most`, `before`, …"
        case Compare(_, _, value, unit) if fact.type == "number":
            if unit and unit != fact.unit:
                return f"`{name}` is counted in {fact.unit}, not in {unit}", f"write the number in {fact.unit}"
            if not unit:
                return f"the number after `{name}` has no unit", f"write `{value:g} {fact.unit}`"
        case Compare():
            return f"`{name}` is not a number", _how(fact)
        case CompareDate() if fact.type != "date":
            return f"`{name}` is not a date", _how(fact)
        case Within() if fact.type != "date":
            return f"`{name}` is not a date", _how(fact)
        case Within(_, _, unit, _, other):
            if unit == "hours":
                return f"`{name}` is a day: hours cannot be counted from it", "use a number-of-hours fact"
            second = v.facts.get(other)
            if second is None or second.type != "date":
                return f"`{other}` is no declared date of the contact", did_you_mean(
                    other, [f.name for f in v.facts.values() if f.type == "date"]
                )
        case _:
            pass
    return None


def _how(fact: Fact) -> str:
    match fact.type:
        case "yes/no":
            return f"it is a yes or no: write `{fact.name}` or `not {fact.name}`"
        case "list":
            return f"say which: `{fact.name} is {fact.values[0]}`"
        case "number":
            return f"it is a number of {fact.unit}: write `{fact.name} at most 5 {fact.unit}`"
        case _:
            return f"it is a date: write `{fact.name} before 2014-12-14`"


# --- between statements -------------------------------------------------------------------------


def _overlaps(section: Section) -> Iterator[Problem]:
    """Two versions of one norm (or of one condition) may not both be in force on one day under one reading."""
    named: dict[tuple[str, str], list[Norm | Definition]] = {}
    for s in section.statements:
        if isinstance(s, Norm):
            named.setdefault(("norm", s.label), []).append(s)
        elif isinstance(s, Definition):
            named.setdefault(("condition", s.name), []).append(s)
    for (kind, name), versions in named.items():
        for one, two in combinations(versions, 2):
            apart = one.reading is not None and two.reading is not None and one.reading != two.reading
            both = one.span.meets(two.span)
            if both is not None and not apart:
                when = f"from {both.start}" if both.start else "at all times"
                yield Problem(
                    two.at,
                    f"the {kind} `{name}` stands twice, and both are in force {when}",
                    "end the earlier one with `until`, or give each its own label or reading",
                )


def _undefined_times(law: Law, section: Section) -> Iterator[Problem]:
    """A condition must be defined on every day on which a norm that uses it is in force."""
    packs = law.levels(section.pack)
    defined: dict[str, list[Definition]] = {}
    for s in law.statements(packs):
        if isinstance(s, Definition):
            defined.setdefault(s.name, []).append(s)
    for norm in section.norms:
        for name in {n.name for e in conditions(norm) for n in walk(e) if isinstance(n, Defined)}:
            spans = [d.span for d in defined.get(name, ())]
            days = [norm.span.start] + [s.end for s in spans if s.end is not None and norm.span.holds(s.end)]
            for day in days:
                held = any(s.holds(day) if day else s.start is None for s in spans)
                if spans and not held:
                    when = f"on {day}" if day else "in its first days"
                    yield Problem(
                        norm.at,
                        f"`{norm.label}` is in force {when}, and the condition `{name}` is not defined then",
                        "give the definition the same time in force",
                    )
                    break


def _front_matter(section: Section) -> Iterator[Problem]:
    for key in ("title", "citation", "in_force", "sources", "reviewed"):
        if key not in section.meta:
            yield Problem(
                Place(section.page.file, 1, 1), f"the front matter does not say `{key}`", f"add a line `{key}: …`"
            )


def _circles(law: Law) -> Iterator[Problem]:
    bodies: dict[str, list[Definition]] = {}
    for section in law.sections.values():
        for s in section.statements:
            if isinstance(s, Definition):
                bodies.setdefault(s.name, []).append(s)

    def reaches(name: str, seen: tuple[str, ...]) -> bool:
        if name in seen:
            return name == seen[0]
        used = {n.name for d in bodies.get(name, ()) for n in walk(d.condition) if isinstance(n, Defined)}
        return any(reaches(u, (*seen, name)) for u in used)

    for name, versions in bodies.items():
        if reaches(name, ()):
            yield Problem(versions[0].at, f"the condition `{name}` is defined by itself", "write out what it means")


# --- doubts -------------------------------------------------------------------------------------


def doubts(law: Law) -> list[Problem]:
    """What is allowed and yet worth a look: clauses without a norm, conditions that nobody uses, norms without text."""
    used = _used_conditions(law)
    found: list[Problem] = []
    for section in law.sections.values():
        for clause in section.page.clauses:
            place = Place(section.page.file, clause.line, 1, 3)
            encoded = section.by_clause.get(clause.line, ())
            if clause.quote and clause.label and not encoded and not clause.reason:
                found.append(
                    Problem(
                        place,
                        f"the clause {clause.label} has text but no norm",
                        "encode it, or add a line `Not encoded: …` with the reason",
                        "warning",
                    )
                )
            if encoded and not clause.quote:
                found.append(
                    Problem(
                        place,
                        f"the norms of `{clause.label or clause.title}` stand under no text of the law",
                        "quote the clause above them",
                        "warning",
                    )
                )
        for s in section.statements:
            if isinstance(s, Definition) and s.name not in used:
                found.append(
                    Problem(s.at, f"nobody uses the condition `{s.name}`", "delete it, or use it in a norm", "warning")
                )
    return [_with_source(p, law.root) for p in found]


def _used_conditions(law: Law) -> set[str]:
    used: set[str] = set()
    for section in law.sections.values():
        for s in section.statements:
            match s:
                case Norm():
                    exprs = list(conditions(s))
                case Definition():
                    exprs = [s.condition]
                case Excepts():
                    exprs = [s.condition, *(e.condition for e in exceptions(s.unless))]
                case Amendment():
                    exprs = list(conditions(s.norm)) if s.norm else [s.condition] if s.condition else []
                    exprs += [e.condition for e in exceptions((s.exception,))] if s.exception else []
            used |= {n.name for e in exprs for n in walk(e) if isinstance(n, Defined)}
    return used
