"""The page and its questions as a WSGI application, which a larger one may mount.

Nothing is fetched from elsewhere, nothing is written, and no text that is sent leaves a trace in a log.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from brightline.lab import brief, draft, sections
from brightline.lab.answers import Lab, Refused, Superseded, before_json, proven_json
from brightline.lab.page import page
from brightline.law.pack import Law
from brightline.law.problems import LawError, did_you_mean
from brightline.reason.prove.prover import Disagreement
from brightline.reason.speech import LANGUAGES, _, speaking
from brightline.report.about import ReportError

MOST_BYTES = 200_000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_STATUS = {
    200: "200 OK",
    301: "301 Moved Permanently",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    411: "411 Length Required",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    500: "500 Internal Server Error",
}

Answer = tuple[int, str, bytes]  # status, type, body
Asked = dict[str, str]


class Stop(Exception):
    """The request goes no further: a status and a sentence."""

    def __init__(self, status: int, said: str) -> None:
        self.status, self.said = status, said
        super().__init__(said)


def application(
    law: Law, pack: str = "us-ny-nyc", day: date | None = None, hosts: Iterable[str] = LOOPBACK
) -> WSGIApplication:
    """The workbench over this law. `hosts` are the names under which it may be called; any other is refused."""
    lab = Lab(law, pack, day or date.today())
    known = frozenset(hosts)

    def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        nonce = secrets.token_urlsafe(16)
        extra: list[tuple[str, str]] = []
        try:
            _same_house(environ, known)
            if not environ.get("PATH_INFO"):  # mounted: the page's own addresses need the slash
                extra = [("Location", str(environ.get("SCRIPT_NAME", "")) + "/")]
                status, kind, body = 301, "text/plain; charset=utf-8", b""
            else:
                status, kind, body = _answer(lab, environ, nonce)
        except Stop as stop:
            status, kind, body = _json({"error": stop.said}, stop.status)
        except Exception as error:
            said = (
                f"Brightline has a fault here ({type(error).__name__}). Nothing of your text is lost; please report it."
            )
            status, kind, body = _json({"error": said}, 500)
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *_guards(nonce), *extra]
        start_response(_STATUS[status], headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    return wsgi


def _guards(nonce: str) -> list[tuple[str, str]]:
    """The page may run its own script and ask its own server, and nothing else."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]


def _same_house(environ: WSGIEnvironment, known: frozenset[str]) -> None:
    """Only the hosts we serve: a page elsewhere whose name was pointed at this machine gets nothing."""
    if _host(str(environ.get("HTTP_HOST", ""))) not in known:
        raise Stop(403, "This address serves its own computer only: open it as http://127.0.0.1.")
    origin = str(environ.get("HTTP_ORIGIN", ""))
    if origin and _host(urlsplit(origin).netloc) not in known:
        raise Stop(403, "A page from another place may not ask this one.")


def _host(netloc: str) -> str:
    name, colon, port = netloc.rpartition(":")
    return (name if colon and port.isdigit() else netloc).lower()


# --- the ways in ---------------------------------------------------------------------------------------


def _answer(lab: Lab, environ: WSGIEnvironment, nonce: str) -> Answer:
    path, method = str(environ["PATH_INFO"]), str(environ["REQUEST_METHOD"])
    if path == "/":
        _only(method, "GET", "HEAD")
        return 200, "text/html; charset=utf-8", page(lab, nonce).encode()
    gets: dict[str, Callable[[Lab, Asked], Answer]] = {"/api/law": _law, "/api/start": _start}
    posts: dict[str, Callable[[Lab, Asked], Answer]] = {
        "/api/check": _check,
        "/api/loopholes": _loopholes,
        "/api/prove": _prove,
        "/api/brief": _brief,
    }
    if path in gets:
        _only(method, "GET", "HEAD")
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        return _told(gets[path], lab, {k: v[0] for k, v in query.items()})
    if path in posts:
        _only(method, "POST")
        return _told(posts[path], lab, _sent(environ))
    raise Stop(404, f"There is nothing at this address. There are: /, {', '.join((*gets, *posts))}.")


def _only(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise Stop(405, f"Ask this with {allowed[0]}.")


def _sent(environ: WSGIEnvironment) -> Asked:
    """The fields of the body, all of them text. Raises Stop with what is wrong with it."""
    if not str(environ.get("CONTENT_TYPE", "")).startswith("application/json"):
        raise Stop(415, "Send JSON, with the content type application/json.")
    try:
        length = int(environ.get("CONTENT_LENGTH") or "")
    except ValueError:
        raise Stop(411, "Say how long the body is (Content-Length).") from None
    if length > MOST_BYTES or length < 0:
        _drain(environ, length)
        raise Stop(413, f"The text is too long: {length:,} bytes, and at most {MOST_BYTES:,} are read.")
    try:
        sent = json.loads(environ["wsgi.input"].read(length))
    except (ValueError, RecursionError):
        raise Stop(400, "The body is no JSON.") from None
    if not isinstance(sent, dict):
        raise Stop(400, "The body must be a JSON object with named fields.")
    for name, value in sent.items():
        if not isinstance(value, str) and not (name == "number" and isinstance(value, int)):
            raise Stop(400, f"The field `{name[:40]}` must be text.")
    return {k: str(v) for k, v in sent.items()}


def _drain(environ: WSGIEnvironment, length: int) -> None:
    """Read a little too much away, unseen, so that the sender gets the answer and no broken connection."""
    left = min(max(length, 0), 10 * MOST_BYTES)
    while left > 0 and (part := environ["wsgi.input"].read(min(left, 65_536))):
        left -= len(part)


def _told(answer: Callable[[Lab, Asked], Answer], lab: Lab, asked: Asked) -> Answer:
    """The answer in the reader's language; what cannot be answered becomes a sentence."""
    language = asked.get("lang") or "en"
    if language not in LANGUAGES:
        raise Stop(400, f"There is no translation into `{language[:20]}`; there are {', '.join(LANGUAGES)}.")
    with speaking(language):
        try:
            return answer(lab, asked)
        except LawError as error:
            first = error.problems[0]
            told = {"error": _sentence(first.message, first.help)}
            if first.place.file == draft.FILE:
                told |= {"problems": [draft.problem_json(p) for p in error.problems]}  # type: ignore[dict-item]
            return _json(told, 400)
        except Refused as error:
            return _json({"error": str(error)}, 400)
        except Superseded:
            return _json({"error": _("A newer question took the place of this one.")}, 409)
        except ReportError as error:
            return _json({"error": _sentence(str(error), "")}, 500)
        except Disagreement:
            said = _("The two solvers gave different answers, so nothing is shown. Please report it as a fault.")
            return _json({"error": said}, 500)


def _sentence(message: str, help: str) -> str:
    said = _(message).strip()
    text = said[:1].upper() + said[1:] + ("" if said.endswith((".", "?", "!")) else ".")
    return f"{text} {help[:1].upper()}{help[1:]}".strip() + ("" if not help or help.endswith((".", "?", "!")) else ".")


def _json(value: Mapping[str, Any], status: int = 200) -> Answer:
    return status, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False, default=str).encode()


# --- the questions -----------------------------------------------------------------------------------


def _law(lab: Lab, asked: Asked) -> Answer:
    wanted = asked.get("section", "")
    section = lab.law.sections.get(wanted)
    if section is None:
        near = did_you_mean(wanted, lab.law.sections, "sections: " + ", ".join(lab.law.sections))
        raise Stop(400, _sentence(f"there is no section `{wanted[:80]}`", near))
    return _json(sections.section_json(lab.law, section, lab.day))


def _start(lab: Lab, asked: Asked) -> Answer:
    """A text to start from: a shipped reform, or an empty one."""
    wanted, texts = asked.get("name", ""), draft.starts(lab.law)
    if not wanted:
        return _json({"text": draft.empty(asked.get("law") or lab.pack)})
    if wanted not in texts:
        near = did_you_mean(wanted, texts, "reforms: " + ", ".join(texts))
        raise Stop(400, _sentence(f"there is no reform `{wanted[:80]}`", near))
    return _json({"text": texts[wanted]})


def _check(lab: Lab, asked: Asked) -> Answer:
    return _json(draft.checked(lab.law, _text(asked)))


def _loopholes(lab: Lab, asked: Asked) -> Answer:
    q = lab.question(asked)
    return _json(before_json(lab.before(q, _asker(asked)), q.purpose))


def _prove(lab: Lab, asked: Asked) -> Answer:
    return _json(proven_json(lab.prove(_text(asked), lab.question(asked), _asker(asked))))


def _brief(lab: Lab, asked: Asked) -> Answer:
    q = lab.question(asked)
    proven = lab.prove(_text(asked), q)
    return 200, "application/pdf", brief.render(proven, q, lab.day, asked.get("loophole", ""))


def _text(asked: Asked) -> str:
    if "text" not in asked:
        raise Stop(400, "The field `text` is missing: the text of the reform.")
    return asked["text"]


def _asker(asked: Asked) -> tuple[str, int] | None:
    page, number = asked.get("page", "")[:64], asked.get("number", "")
    return (page, int(number)) if page and number.isdigit() else None
