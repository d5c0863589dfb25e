"""A witness as a WSGI application, and on this computer's loopback: the standard library's server, no log of who asks."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from brightline.ledger.witness import MOST_BYTES, Answer, Witness

HOST = "127.0.0.1"
_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    411: "411 Length Required",
    413: "413 Content Too Large",
    422: "422 Unprocessable Entity",
    500: "500 Internal Server Error",
}


def application(witness: Witness) -> WSGIApplication:
    """`POST /add-checkpoint`, and nothing else; a larger application may mount it at its submission prefix."""

    def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _answer(witness, environ)
        body = answer.body.encode()
        headers = [
            ("Content-Type", answer.type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if answer.status == 405:
            headers.append(("Allow", "POST"))
        start_response(_STATUS[answer.status], headers)
        return [body]

    return wsgi


def _answer(witness: Witness, environ: WSGIEnvironment) -> Answer:
    if environ.get("PATH_INFO") != "/add-checkpoint":
        return Answer(404, "a witness has one address: POST /add-checkpoint (https://c2sp.org/tlog-witness)\n")
    if environ["REQUEST_METHOD"] != "POST":
        return Answer(405, "send the checkpoint with POST\n")
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not (length.isascii() and length.isdigit()):
        return Answer(411, "say how long the body is (Content-Length)\n")
    if int(length) > MOST_BYTES:
        _drain(environ, int(length))
        return Answer(413, f"at most {MOST_BYTES} bytes are read\n")
    body = environ["wsgi.input"].read(int(length))
    if len(body) != int(length):
        return Answer(400, "the body is shorter than its Content-Length\n")
    try:
        return witness.add_checkpoint(body)
    except sqlite3.Error:
        return Answer(500, "the memory of this witness failed, so nothing was cosigned\n")


def _drain(environ: WSGIEnvironment, length: int) -> None:
    """Read a little too much away, unseen, so that the sender gets the answer and no broken connection."""
    left = min(length, 4 * MOST_BYTES)
    while left > 0 and (part := environ["wsgi.input"].read(min(left, 65_536))):
        left -= len(part)


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request: one slow log does not hold up the others."""

    daemon_threads = True


class Server6(Server):
    """The same for an address of IPv6."""

    address_family = socket.AF_INET6


class Silent(WSGIRequestHandler):
    """Says nothing of who asks."""

    timeout = 20  # seconds; a connection that sends nothing is closed

    def log_message(self, format: str, *args: object) -> None:
        """No log: not of the addresses, and never of what is sent."""


def server(witness: Witness, port: int = 0, host: str = HOST) -> Server:
    """A server on this host; port 0 is any free one. Raises OSError."""
    kind = Server6 if ":" in host else Server
    return make_server(host, port, application(witness), server_class=kind, handler_class=Silent)


def address(made: Server) -> str:
    """The submission prefix."""
    host = str(made.server_address[0])
    return f"http://{f'[{host}]' if ':' in host else host}:{made.server_port}"
