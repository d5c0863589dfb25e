"""Reach an address outside: https, or http on this machine; never a private network, and no redirect is followed.

The name is resolved once, its addresses are checked, and the connection goes to the address that was checked: a name that
resolves differently the second time gains nothing (server-side request forgery by DNS rebinding).
"""

from __future__ import annotations

import os
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

TIMEOUT = 10.0  # seconds for each of: connecting, sending, the answer
PRIVATE = "BRIGHTLINE_HOOK_PRIVATE"  # 1: receivers in the agency's own network are allowed


class Unreachable(Exception):
    """Nothing was sent, or no answer came; the message says why, without the address."""


def check(url: str) -> SplitResult:
    """The parts of a URL that may be a receiver. Raises Unreachable with a sentence for whoever enters it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreachable("this is no URL") from None
    if not parts.hostname or port == 0 or not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise Unreachable("this is no URL with a host; write it as https://example.org/hook, in ASCII")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unreachable("a receiver's URL holds no user, password or fragment")
    if parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname)):
        return parts
    raise Unreachable("a receiver is reached by https; http is for this machine alone (127.0.0.1)")


def _here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post a body, and return the status of the answer. Raises Unreachable."""
    parts = check(url)
    host, path = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = _address(host, port, here=parts.scheme == "http")
        connection = _connection(parts.scheme, host, port, address)
        try:
            connection.request(
                "POST", path, body, {**headers, "Content-Type": "application/json", "User-Agent": "brightline"}
            )
            return connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, UnicodeError, ValueError) as error:
        raise Unreachable(f"no answer: {type(error).__name__}") from None


def _address(host: str, port: int, *, here: bool) -> str:
    """An address of the host that may be reached. All must be: one private address among them is one too many."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for address in found:
        ip = ip_address(address.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        allowed = ip.is_loopback if here else ip.is_global and not ip.is_multicast
        if not allowed and not (os.environ.get(PRIVATE) == "1" and not here and ip.is_private and not ip.is_link_local):
            raise Unreachable("the address lies in a private network, which is not allowed here")
    return sorted(found, key=lambda a: ":" in a)[0]


def _connection(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    if scheme == "http":
        connection = HTTPConnection(host, port, timeout=TIMEOUT)
        connection.sock = socket.create_connection((address, port), TIMEOUT)
        return connection
    secure = HTTPSConnection(host, port, timeout=TIMEOUT)
    plain = socket.create_connection((address, port), TIMEOUT)
    try:
        secure.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise
    return secure
