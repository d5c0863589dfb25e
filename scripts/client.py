"""Write docs/service/client.py: a client in one file for the API, made from its schema.

python scripts/client.py            write it
python scripts/client.py --check    say whether it is what the schema makes of it
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "docs" / "service" / "client.py"
HEAD = '''"""A client of Brightline's API, in one file. It needs `httpx` and Python 3.11.

Made from the schema by scripts/client.py; a change here is lost. Each method is one operation; what it answers is typed as
the schema says. An answer that is not the hoped-for one raises `Refused`, whose text is the sentence of the server.

    with Client("https://gate.example.org", token) as gate:
        made = gate.receive({"received_at": "2026-11-28T10:00:00-05:00", "asked": ["notify_release"]}, idempotency_key="a-1")
        print(made["number"], made["verdict"])
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal, NotRequired, Self, TypedDict

import httpx


class Refused(Exception):
    """The server did not do it: the status, the sentence, and the place of the first mistake."""

    def __init__(self, status: int, error: str, where: str = "") -> None:
        super().__init__(f"{status}: {error}")
        self.status, self.error, self.where = status, error, where


'''
CLASS = '''class Client:
    """The API of one Brightline, with one token."""

    def __init__(self, url: str, token: str, *, timeout: float = 60.0) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout, follow_redirects=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def _call(self, method: str, path: str, **told: Any) -> httpx.Response:
        query = {name: value for name, value in told.pop("params", {}).items() if value is not None}
        headers = {name: value for name, value in told.pop("headers", {}).items() if value is not None}
        answer = self._http.request(method, path, params=query, headers=headers, **told)
        if answer.is_success:
            return answer
        try:
            said = answer.json()
        except ValueError:
            said = {}
        raise Refused(answer.status_code, said.get("error", "the server said nothing"), said.get("where", ""))
'''


def schema() -> dict[str, Any]:
    """The API's schema, as it is at /api/openapi.json."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("BRIGHTLINE_HOME", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brightline.service.settings")
        import django

        django.setup()
        from brightline.service.gate.api.mount import api

        return dict(api.get_openapi_schema())


def client(told: dict[str, Any]) -> str:
    """The text of the client."""
    parts = told["components"]["schemas"]
    used = _reached(told, parts)
    types = "\n\n".join(_type(name, parts[name]) for name in sorted(used) if name != "Mistake")
    calls = "\n".join(
        _operation(path, method, way) for path, ways in told["paths"].items() for method, way in ways.items()
    )
    return f"{HEAD}{types}\n\n{CLASS}\n{calls}"


def _reached(told: dict[str, Any], parts: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = set(re.findall(r"#/components/schemas/(\w+)", repr(told["paths"])))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(re.findall(r"#/components/schemas/(\w+)", repr(parts[name]))) - found
    return found


def _type(name: str, part: dict[str, Any]) -> str:
    lines = [f"class {name}(TypedDict):"]
    if part.get("description"):
        lines.append(f'    """{" ".join(part["description"].split())}"""\n')
    must = set(part.get("required", ()))
    for field, one in part.get("properties", {}).items():
        kind = _kind(one)
        lines.append(f"    {field}: {kind if field in must else f'NotRequired[{kind}]'}")
    return "\n".join(lines) + "\n"


def _kind(one: dict[str, Any]) -> str:
    """A schema as a type. Names of the vocabulary are text: there may be more of them tomorrow."""
    if "$ref" in one:
        return str(one["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in one:
        return " | ".join(dict.fromkeys(_kind(o) for o in one["anyOf"]))
    if "enum" in one and len(one["enum"]) <= 12:
        return f"Literal[{', '.join(repr(v).replace(chr(39), chr(34)) for v in one['enum'])}]"
    match one.get("type"):
        case "string":
            return "str"
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "null":
            return "None"
        case "array":
            return f"list[{_kind(one.get('items', {}))}]"
        case "object":
            inner = one.get("additionalProperties")
            return f"dict[str, {_kind(inner)}]" if isinstance(inner, dict) and inner else "dict[str, Any]"
    return "Any"


def _operation(path: str, method: str, way: dict[str, Any]) -> str:
    places = [p for p in way.get("parameters", ()) if p["in"] == "path"]
    others = [p for p in way.get("parameters", ()) if p["in"] in ("query", "header")]
    first = [f"{p['name']}: {_kind(p['schema'])}" for p in places]
    sent = ""
    body = way.get("requestBody", {}).get("content", {})
    if "application/json" in body:
        first.append(f"told: {_kind(body['application/json']['schema'])}")
        sent = ", json=told"
    elif "multipart/form-data" in body:
        first.append("name: str, data: bytes")
        sent = ', files={"file": (name, data)}'
    named = [_parameter(p) for p in sorted(others, key=lambda p: not p["required"])]
    for where, word in (("query", "params"), ("header", "headers")):
        mine = [p for p in others if p["in"] == where]
        if mine:
            pairs = ", ".join(f'"{name}": {_name(p)}' for name, p in ((p["name"], p) for p in mine))
            sent += f", {word}={{{pairs}}}"
    kind, read = _answer(way["responses"])
    signature = ", ".join(["self", *first, *(["*", *named] if named else [])])
    quoted = f'f"{path}"' if places else f'"{path}"'
    call = f'self._call("{method.upper()}", {quoted}{sent}){read}'
    said = " ".join(way.get("description", way["summary"]).split())
    return (
        f"\n    def {way['operationId']}({signature}) -> {kind}:\n"
        f'        """{said}"""\n'
        f"        {'' if kind == 'None' else 'answer: ' + kind + ' = '}{call}\n"
        + ("" if kind == "None" else "        return answer\n")
    )


def _parameter(p: dict[str, Any]) -> str:
    kind = _kind(p["schema"])
    if p["required"]:
        return f"{_name(p)}: {kind}"
    default = p["schema"].get("default")
    kind = kind if default is not None or "None" in kind else f"{kind} | None"
    return f"{_name(p)}: {kind} = {default!r}".replace("'", '"')


def _name(p: dict[str, Any]) -> str:
    return str(p["name"]).lower().replace("-", "_")


def _answer(responses: dict[Any, Any]) -> tuple[str, str]:
    """What the hoped-for answer is, and how it is read."""
    hoped = [r for status, r in responses.items() if int(status) < 300]
    content = next((r["content"] for r in hoped if r.get("content")), None)
    if content is None:
        return "None", ""
    if "application/json" in content and len(content) == 1:
        return _kind(content["application/json"]["schema"]), ".json()"
    return "bytes", ".content"


def formatted(text: str) -> str:
    """The text as `ruff format` has it."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "120", "--stdin-filename", "client.py", "-"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    text = formatted(client(schema()))
    if "--check" in sys.argv:
        if not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
            sys.exit("docs/service/client.py is not what the schema makes of it: run python scripts/client.py")
        return
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
