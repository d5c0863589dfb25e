"""Brings the catalogues of sentences up to date with the code; `--check` fails when one is incomplete or stale.

Sentences come from the code that speaks through `reason.speech` (`brightline/locale/LANGUAGE.po`), and from the pages and
the code of the web application that speak through Django (`brightline/service/locale/LANGUAGE.po`). The words of the
vocabulary have a catalogue of their own beside the law (`laws/LANGUAGE.po`), which the tests of the law watch over.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "brightline"
LANGUAGES = ("es",)
SPEECH = {"_": None, "several": (1, 2), "N_": None}
DJANGO = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "lazy", "now", "_now")),  # with the names that our files give them
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
}

TOLD = ("information", "person", "access")  # groups of an event that people tell after a request

Messages = Iterator[tuple[str, str | tuple[str, ...]]]  # the file, and what it says


def house() -> Messages:
    """What the code says through `reason.speech`."""
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text()
        ours = "brightline/service/" not in str(path) or "brightline.reason.speech import" in text
        if path.name != "speech.py" and ours:
            yield from _said(path, text, SPEECH)


def service() -> Messages:
    """What the pages and the code of the web application say through Django."""
    from django.utils.translation.template import templatize

    for path in sorted((SOURCE / "service").rglob("*.py")):
        text = path.read_text()
        if "django.utils.translation import" in text:
            yield from _said(path, text, DJANGO)
    for path in sorted([*(SOURCE / "service").rglob("*.html"), *(SOURCE / "service").rglob("*.txt")]):
        yield from _said(path, templatize(path.read_text()), DJANGO)
    yield from tables()


def tables() -> Messages:
    """What the pages say out of tables of the library: the questions about what happened, and the kinds of papers.

    A report that is filed is made of the same words, and stays in English.
    """
    from brightline.papers import FIELDS, KINDS
    from brightline.report.statutory import Event, fields, words
    from brightline.report.statutory.event import GROUPS

    place = "src/brightline/report/statutory/event.py"
    asked = [n for n in Event.model_fields if _group(Event.model_fields[n]) in TOLD] + ["detainer_reasons"]
    for text in (*(GROUPS[g] for g in TOLD), *(str(Event.model_fields[n].description) for n in asked if n != "person")):
        yield place, text
    for value in (v for name in asked for v in fields.values(Event, name)):
        yield "src/brightline/report/statutory/words.py", words.word(value)
    for text in (*FIELDS.values(), *(t for kind in KINDS.values() for t in (kind.title, kind.about))):
        yield "src/brightline/papers/kinds.py", text


def _group(field: Any) -> str:
    return str((field.json_schema_extra or {}).get("group", ""))


CATALOGUES: dict[Path, Callable[[], Messages]] = {SOURCE / "locale": house, SOURCE / "service" / "locale": service}


def _said(path: Path, text: str, keywords: dict[str, tuple[int, ...] | None]) -> Messages:
    for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), keywords=keywords):
        yield str(path.relative_to(ROOT)), message


def template(said: Callable[[], Messages]) -> Catalog:
    """Every sentence, with where it stands."""
    found = Catalog(project="Brightline", charset="utf-8")
    for place, message in said():
        found.add(message, locations=[(place, 1)])
    return found


def catalogue(folder: Path, language: str) -> Catalog:
    """The translations that there are."""
    path = folder / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(folder: Path, language: str) -> list[str]:
    """What is missing or stale in a catalogue, one sentence each."""
    wanted, have = template(CATALOGUES[folder]), catalogue(folder, language)
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
        told = [f for folder in CATALOGUES for language in LANGUAGES for f in faults(folder, language)]
        print("\n".join(told), file=sys.stderr)
        return 1 if told else 0
    for folder, said in CATALOGUES.items():
        for language in LANGUAGES:
            merged = catalogue(folder, language)
            merged.update(template(said), no_fuzzy_matching=True)
            merged.obsolete.clear()
            folder.mkdir(exist_ok=True)
            with (folder / f"{language}.po").open("wb") as file:
                write_po(file, merged, width=110, omit_header=False, sort_output=True, no_location=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
