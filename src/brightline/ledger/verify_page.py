"""`verify.html`: one page that checks a receipt in the browser, from a folder as well as from a server.

It holds its style, its script, its words and the policy it trusts, and may ask nobody for anything: its own policy (CSP)
allows exactly this style and this script, by their hashes, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

SCRIPTS = ("check.js", "judge.js", "verify.js")


def verify_page(policy: str = "") -> str:
    """The page, trusting this tlog-policy (or this vkey); without one, it asks the reader for a key."""
    template, style, script = _parts()
    words = page_words()
    return template.render(
        guard=_guard(style, script),
        style=Markup(style),
        script=Markup(script),
        w=words["en"],
        all=words,
        languages={code: told["language_name"] for code, told in words.items()},
        made=Markup(_inside_a_script({"words": words, "policy": _policy_of(policy)})),
    )


def page_words() -> dict[str, dict[str, str]]:
    """Every sentence of the page, by language and name."""
    read: dict[str, dict[str, str]] = json.loads(_read("words.json"))
    return read


@lru_cache(maxsize=1)
def _parts() -> tuple[jinja2.Template, str, str]:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_read("verify.html.j2")), _read("verify.css"), "\n".join(_read(s) for s in SCRIPTS)


def _read(name: str) -> str:
    return (files("brightline.ledger") / "page" / name).read_text(encoding="utf-8")


def _policy_of(text: str) -> str:
    """A vkey alone becomes a policy that asks for no witness, so that the page knows one form only."""
    lines = text.split()
    if lines and len(lines) == len(text.strip().splitlines()):
        return "".join(f"log {vkey}\n" for vkey in lines) + "quorum none\n"
    return text


def _inside_a_script(value: Any) -> str:
    """JSON that no HTML parser takes for the end of the script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _guard(style: str, script: str) -> str:
    """The page's own rule: this style, this script, nothing else; text can never become markup or code."""
    return (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source(text: str) -> str:
    """CSP Level 3 §2.3.1, a hash source: exactly this content of the element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
