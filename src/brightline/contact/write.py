"""A contact -> the text of its file, YAML or JSON: what `file.read_contact` reads again as the same contact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from brightline.contact.schema import Contact

_BREAKS = frozenset("\x85\u2028\u2029\ufeff")  # YAML takes these for the end of a line, unless they are quoted


class _Dumper(yaml.SafeDumper):
    """YAML as a person reads it, in which every text comes back as it was."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, '"' if _BREAKS & set(value) else None)


_Dumper.add_representer(str, _text)
_PLAIN = ("date", "actor", "counterpart", "channel", "asked", "done", "not_done", "basis")
_LISTS = ("facts", "records")


def as_data(contact: Contact) -> dict[str, Any]:
    """The contact as its file has it: without what is empty, and with null where somebody did not know."""
    told = contact.model_dump(mode="json", exclude_defaults=True, exclude={"source"})
    told = {k: told[k] for k in (*_PLAIN, *_LISTS, "note") if told.get(k) is not None}
    for part in _LISTS:
        for entry in told.get(part, {}).values():
            for key in [k for k, v in entry.items() if v is None and k != "value"]:
                del entry[key]
    if contact.date is not None:
        told["date"] = contact.date
    return told


def as_text(contact: Contact, path: Path | None = None) -> str:
    """The text of a contact file: JSON where the path says so, else YAML with one line for each fact."""
    told = as_data(contact)
    if path is not None and path.suffix.lower() == ".json":
        return json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n"
    plain = {k: told[k] for k in _PLAIN if k in told}
    text = "".join(_line(key, value) for key, value in plain.items())
    for part in _LISTS:
        if told.get(part):
            text += f"{part}:\n" + "".join(f"  {name}: {_on_one_line(entry)}\n" for name, entry in told[part].items())
    if "note" in told:
        text += yaml.dump({"note": told["note"]}, Dumper=_Dumper, allow_unicode=True, width=100)
    return text or "{}\n"


def _line(key: str, value: Any) -> str:
    style = None if isinstance(value, list) else False
    return str(yaml.dump({key: value}, Dumper=_Dumper, default_flow_style=style, allow_unicode=True))


def _on_one_line(entry: dict[str, Any]) -> str:
    told = yaml.dump(entry, Dumper=_Dumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return str(told).strip()
