"""The words of the pages in other languages: the catalogues are text (`locale/es.po`), compiled where Django looks for them."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from brightline.service.home import home

CATALOGUES = Path(__file__).parents[1] / "locale"


def compile_words() -> None:
    """Compile each catalogue that is newer than what was compiled from it."""
    for source in CATALOGUES.glob("*.po"):
        target = home().words / source.stem / "LC_MESSAGES" / "django.mo"
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as text, draft.open("wb") as made:
            write_mo(made, read_po(text, locale=source.stem))
        draft.replace(target)
