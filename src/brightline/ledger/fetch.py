"""Asking an address: a little at a time, within a time, no redirection, and only where it was told to."""

from __future__ import annotations

import ipaddress
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from brightline.ledger.errors import LedgerError

SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    type: str


def ask(url: str, most: int, body: bytes | None = None, seconds: float = SECONDS) -> Reply:
    """GET this address, or POST `body` to it. At most `most` bytes are read. Raises LedgerError when there is no answer.

    The answer of a log is never compressed for us: a small file that unpacks to a huge one would get past `most`.
    """
    headers = {"User-Agent": "brightline", "Accept-Encoding": "identity"}
    if body is not None:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    request = urllib.request.Request(checked(url), data=body, headers=headers)
    end = time.monotonic() + seconds
    try:
        with _opener(url).open(request, timeout=seconds) as found:
            return _read(url, found, most, end)
    except urllib.error.HTTPError as error:
        with error:
            return _read(url, error, most, end)
    except urllib.error.URLError as error:
        raise LedgerError(f"{url}: there is no answer ({_reason(error.reason)})") from None
    except (OSError, HTTPException) as error:
        raise LedgerError(f"{url}: there is no answer ({_reason(error)})") from None


def checked(url: str) -> str:
    """The address, if it is one of the web without a password in it. Raises LedgerError."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        fine = False
    if not fine or any(ord(c) <= 32 or ord(c) > 126 for c in url):
        shown = url if "@" not in url else "what you gave"  # a password in it is not repeated
        raise LedgerError(f"`{shown[:80]}` is no address; write it as https://log.example/2026")
    return url


def _read(url: str, found: Any, most: int, end: float) -> Reply:
    """The time is for the whole answer: a server that sends one byte now and then would hold us for ever."""
    body = b""
    try:
        while part := found.read1(65_536):
            body += part
            if len(body) > most:
                raise LedgerError(f"{url}: the answer is longer than {most:,} bytes, so it was not read")
            if time.monotonic() > end:
                raise LedgerError(f"{url}: the answer broke off (it took too long)")
    except (OSError, HTTPException) as error:
        raise LedgerError(f"{url}: the answer broke off ({_reason(error)})") from None
    if found.headers.get("Content-Encoding", "identity") != "identity":
        raise LedgerError(f"{url}: the answer is compressed, and was asked for as it is")
    return Reply(int(found.status), body, str(found.headers.get("Content-Type", "")))


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".").lower()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that sends us elsewhere is answered as it is: the caller sees the status 3xx."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Through the house's proxy, if there is one; never for this computer itself."""
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if _is_this_computer(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
