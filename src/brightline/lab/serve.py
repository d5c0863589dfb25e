"""The workbench on the loopback interface: the standard library's server, a thread for each request, no log."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

HOST = "127.0.0.1"


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request: the checker answers while a proof is under way."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Says nothing of what is asked."""

    timeout = 60  # a connection that sends nothing is closed

    def log_message(self, format: str, *args: object) -> None:
        """No log: not of the addresses, and never of what is sent."""


def server(app: WSGIApplication, port: int = 0) -> Server:
    """A server that answers on the loopback interface only; port 0 is any free one. Raises OSError."""
    return make_server(HOST, port, app, server_class=Server, handler_class=Silent)


def address(made: Server) -> str:
    return f"http://{HOST}:{made.server_port}/"
