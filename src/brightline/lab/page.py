"""The page: one HTML file with its style, its script and its data inside."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from brightline.lab import draft
from brightline.lab.answers import Lab
from brightline.lab.sections import packs_json
from brightline.lab.words import words
from brightline.reason.speech import LANGUAGES, day, speaking

LONGEST_LINK = 24_000  # characters after the #; longer ones are cut by programs that pass links on


def page(lab: Lab, nonce: str) -> str:
    """The whole page, with this nonce on its style and its script."""
    folder = files("brightline.lab")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        nonce=nonce,
        w=words(),
        languages=LANGUAGES,
        style=Markup((folder / "lab.css").read_text(encoding="utf-8")),
        script=Markup((folder / "lab.js").read_text(encoding="utf-8")),
        data=Markup(_data(lab)),
    )


@lru_cache(maxsize=4)
def _data(lab: Lab) -> str:
    """What the script knows from the start, safe inside a script element."""
    told: dict[str, Any] = {
        "law": lab.pack,
        "packs": packs_json(lab.law, lab.day),
        "purposes": _purposes(lab),
        "starts": draft.titles(lab.law),
        "empty": {p: draft.empty(p) for p in lab.law.packs},
        "longest": LONGEST_LINK,
        "words": {},
        "day": {},
    }
    for language in LANGUAGES:
        with speaking(language):
            told["words"][language] = words()
            told["day"][language] = day(lab.day)
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


def _purposes(lab: Lab) -> list[str]:
    """The true purposes that the vocabulary declares."""
    facts = lab.law.vocabulary.facts.items()
    return [f.removesuffix("_purpose") for f, told in facts if f.endswith("_purpose") and told.type == "yes/no"]
