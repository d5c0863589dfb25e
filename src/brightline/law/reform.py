"""A reform: one file of law that amends a pack, laid over the law as if it were in force.

A reform is written like any section, with `amends: PACK` in its front matter. It may declare new facts in
`vocabulary` blocks of its own. It becomes a pack, named by its file, whose level above is the pack it amends.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

from brightline.law.check import section_errors, vocabulary_errors, with_source
from brightline.law.cursor import Cursor
from brightline.law.pack import Law, Pack, Section, read_section
from brightline.law.problems import LawError, Problem, did_you_mean
from brightline.law.resolve import attach, resolve_names
from brightline.law.tree import Amendment, Definition, Excepts, Place
from brightline.law.vocabulary import Vocabulary, VocabularyReader

FOLDER = "reforms"


def shipped_reforms(law: Law) -> dict[str, Path]:
    """The reforms that lie in the folder `reforms` of the law, by name."""
    return {p.stem: p for p in sorted((law.root / FOLDER).glob("*.md")) if p.name != "README.md"}


def find_reform(law: Law, name: str) -> Path:
    """The file of a reform: a path, or the name of one that comes with the law. Raises LawError when there is none."""
    shipped = shipped_reforms(law)
    path = shipped.get(name, Path(name))
    if not path.is_file():
        help = did_you_mean(name, shipped, "give a file, or one of " + ", ".join(shipped))
        raise LawError([Problem(Place("--reform", 0, 0), f"there is no reform `{name}`", help)])
    return path


def read_reform(law: Law, path: Path) -> tuple[Law, Pack]:
    """The law with the reform of this file laid over it. Raises LawError with every problem of the file."""
    file = str(path.relative_to(law.root.parent)) if path.is_relative_to(law.root.parent) else str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LawError([Problem(Place(file, 0, 0), "this is no text in UTF-8", "save it as UTF-8")]) from error
    return lay_over(law, text, file, path.stem)


def lay_over(law: Law, text: str, file: str, name: str) -> tuple[Law, Pack]:
    """The law with the reform of this text laid over it, and the reform as a pack. Raises LawError."""
    section = read_section(text, file, f"{name}/proposal")
    problems: list[Problem] = []
    vocabulary = _declared(section, law.vocabulary, problems)
    base = str(section.meta.get("amends") or "")
    if base not in law.packs:
        known = "write `amends: us-ny-nyc`; packs: " + ", ".join(law.packs)
        said = f"there is no pack `{base}` to amend" if base else "the front matter does not say which pack it amends"
        line = next((n for n, x in enumerate(text.split("\n"), 1) if x.startswith("amends:")), 1)
        problems.append(Problem(Place(file, line, 1), said, did_you_mean(base, law.packs, known)))
        raise LawError(_in_order([*section.page.problems, *problems], text))
    pack = Pack(name, section.title, base, None, (), {section.id: section}, (base,))
    whole = replace(law, vocabulary=vocabulary, packs={**law.packs, name: pack})
    section = _resolved(whole, section, name)
    whole = replace(whole, packs={**law.packs, name: replace(pack, sections={section.id: section})})
    problems += section_errors(whole, section)
    problems += _own_limits(section) + _against_itself(section) + _out_of_reach(whole, section, name)
    if any(p.level == "error" for p in problems):
        raise LawError(_in_order(problems, text))
    hung = [s for s in section.statements if isinstance(s, Excepts)]
    section = replace(section, statements=tuple(n for s in section.statements for n in attach(s, hung)))
    pack = replace(pack, sections={section.id: section})
    return replace(whole, packs={**law.packs, name: pack}), pack


def _declared(section: Section, known: Vocabulary, problems: list[Problem]) -> Vocabulary:
    reader = VocabularyReader(known)
    for block in section.page.blocks:
        if block.kind == "vocabulary":
            cursor = Cursor(block.text, section.page.file, block.line)
            reader.read(cursor)
            problems += cursor.problems
    vocabulary = reader.whole()
    before = {*known.actors, *known.actions}
    problems += [p for p in vocabulary_errors(vocabulary) if not {p.message.split("`")[1]} & before]
    return vocabulary


def _resolved(law: Law, section: Section, name: str) -> Section:
    levels = [s for p in law.levels(name) for sec in law.packs[p].sections.values() for s in sec.statements]
    names = {s.name for s in (*levels, *section.statements) if isinstance(s, Definition)}
    return replace(
        section,
        statements=tuple(resolve_names(s, names) for s in section.statements),
        by_clause={line: tuple(resolve_names(s, names) for s in mine) for line, mine in section.by_clause.items()},
    )


def _own_limits(section: Section) -> list[Problem]:
    """`excepts` opens norms of the reform itself only: what opens another pack's norm is an amendment of it."""
    return [
        Problem(s.at, f"`{target}` belongs to another pack", f"write `amends {target}: add unless {s.label} …`")
        for s in section.statements
        if isinstance(s, Excepts)
        for target in s.targets
        if not target.startswith(section.id + ":")
    ]


def _out_of_reach(law: Law, section: Section, name: str) -> list[Problem]:
    """Changes that would have no effect: of a law that the amended pack does not stand under."""
    levels = set(law.levels(name))
    return [
        Problem(s.at, f"`{s.target}` is no law of the pack that this reform amends", "amend it in a reform of its own")
        for s in section.statements
        if isinstance(s, Amendment) and s.target.split("/")[0] in law.packs and s.target.split("/")[0] not in levels
    ]


def _against_itself(section: Section) -> list[Problem]:
    """Two changes to one clause that cannot both be made."""
    found = []
    alone = ("repeal", "replace", "reword")
    changes = [s for s in section.statements if isinstance(s, Amendment)]
    for one, two in combinations(changes, 2):
        clash = (one.change in alone and two.change in alone) or "repeal" in (one.change, two.change)
        if one.target == two.target and clash and one.span.meets(two.span) is not None:
            said = f"this reform changes `{two.target}` twice, and both cannot be: {_word(one)} and {_word(two)}"
            found.append(Problem(two.at, said, f"line {one.at.line} changes it first; keep one of the two"))
    return found


def _word(a: Amendment) -> str:
    return {"narrow": "`add but not if`", "reword": "`replace with`", "add": "`add unless`"}.get(
        a.change, f"`{a.change}`"
    )


def _in_order(problems: list[Problem], text: str) -> list[Problem]:
    lines = text.split("\n")
    return [with_source(p, lines) for p in sorted(problems, key=lambda p: (p.place.line, p.place.column))]
