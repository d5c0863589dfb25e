"""The reader's language: every sentence that Brightline says passes through here (gettext).

The language belongs to the task at hand (a context variable), so that a page in Spanish and one in English can be
made side by side. Sentences are in `brightline/locale/LANGUAGE.po`; the words of the vocabulary, which belong to the
law's folder, are in `laws/LANGUAGE.po`. The text of the law itself is quoted, never translated.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from brightline.law.pack import shipped_laws

LANGUAGES = {"en": "English", "es": "Español"}
_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything inside the block in this language. Raises ValueError for one that nobody has translated."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no translation into `{language}`; there are {', '.join(LANGUAGES)}")
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """The language that is spoken now."""
    return _language.get()


def _(text: str) -> str:
    """The text in the language that is spoken now; as it stands where nobody has translated it."""
    return _catalogue(_language.get()).gettext(text) if text else ""


def N_(text: str) -> str:
    """The text as it stands, marked for the catalogue: a constant, said with `_` where it is needed."""
    return text


def several(one: str, many: str, count: int) -> str:
    """The one or the other text, by the language's own rule for numbers; `{count}` stands for the number."""
    return _catalogue(_language.get()).ngettext(one, many, count).format(count=number(count))


def number(value: int) -> str:
    """A whole number as people write it: 1,914."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale())


def day(value: date) -> str:
    """A day as people write it: 14 December 2014."""
    return format_date(value, "d MMMM y" if language() == "en" else "long", locale=_locale())


def listed(items: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; with `or` where `joint` says so."""
    return format_list(items, style="standard" if joint == "and" else "or", locale=_locale())


def _locale() -> str:
    # British English puts no comma before the last "and", as the rest of the product writes.
    return {"en": "en_GB", "es": "es_US"}[language()]


@lru_cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    whole = _read(Path(__file__).parents[1] / "locale" / f"{language}.po")
    whole.add_fallback(_read(shipped_laws() / f"{language}.po"))
    return whole


def _read(path: Path) -> gettext.NullTranslations:
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
