"""Brings the catalogues of sentences up to date with the code; `--check` fails when one is incomplete or stale.

Sentences come from the code that speaks (`brightline/locale/LANGUAGE.po`). The words of the vocabulary have a
catalogue of their own beside the law (`laws/LANGUAGE.po`), which the tests of the law watch over.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "src" / "brightline" / "locale"
LANGUAGES = ("es",)
KEYWORDS = {"_": None, "several": (1, 2), "N_": None}


def template() -> Catalog:
    """Every sentence that the code says through gettext, with where it stands."""
    found = Catalog(project="Brightline", charset="utf-8")
    for path in sorted((ROOT / "src" / "brightline").rglob("*.py")):
        if path.name != "speech.py":
            for _line, message, _comments, _context in extract_from_file("python", str(path), keywords=KEYWORDS):
                found.add(message, locations=[(str(path.relative_to(ROOT)), 1)])
    return found


def catalogue(language: str) -> Catalog:
    """The translations that there are."""
    path = LOCALE / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(language: str) -> list[str]:
    """What is missing or stale in a catalogue, one sentence each."""
    wanted, have = template(), catalogue(language)
    told = []
    for message in wanted:
        if message.id:
            mine = have.get(message.id if isinstance(message.id, str) else message.id[0])
            empty = mine is None or not (all(mine.string) if isinstance(mine.string, tuple) else mine.string)
            if empty or (mine is not None and mine.fuzzy):
                told.append(f"{language}: nobody has translated {message.id!r}")
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in wanted}
    told += [f"{language}: nobody says {m.id!r} any more" for m in have if m.id and _first(m.id) not in known]
    return told


def _first(id: str | tuple[str, ...]) -> str:
    return id if isinstance(id, str) else id[0]


def main() -> int:
    if "--check" in sys.argv:
        told = [f for language in LANGUAGES for f in faults(language)]
        print("\n".join(told), file=sys.stderr)
        return 1 if told else 0
    for language in LANGUAGES:
        merged = catalogue(language)
        merged.update(template(), no_fuzzy_matching=True)
        merged.obsolete.clear()
        LOCALE.mkdir(exist_ok=True)
        with (LOCALE / f"{language}.po").open("wb") as file:
            write_po(file, merged, width=110, omit_header=False, sort_output=True, no_location=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
