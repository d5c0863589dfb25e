"""A small OpenID Connect provider on loopback: discovery, authorization code with PKCE, a signed ID token, userinfo.

It knows one person at a time, whom the test sets, and checks what a real one would: client, redirect, code verifier (RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "brightline", "an invented secret"


class Provider:
    """The provider; `claims` is who signs in there now."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None  # when it differs from the ID token
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _get(self, ask: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(ask.path)
        asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            _json(
                ask,
                {
                    "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token", "userinfo_endpoint": f"{self.url}/userinfo",
                    "jwks_uri": f"{self.url}/jwks", "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                },
            )  # fmt: skip
        elif parts.path == "/jwks":
            told = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            _json(ask, {"keys": [told | {"kid": "one", "alg": "RS256", "use": "sig"}]})
        elif parts.path == "/authorize":
            if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
                return _json(ask, {"error": "invalid_request"}, 400)
            code = secrets.token_urlsafe(16)
            self._codes[code] = asked
            ask.send_response(302)
            ask.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
            ask.end_headers()
        elif parts.path == "/userinfo":
            known = ask.headers.get("Authorization", "").removeprefix("Bearer ") in self._tokens
            _json(ask, (self.userinfo or self.claims) if known else {"error": "invalid_token"}, 200 if known else 401)
        else:
            _json(ask, {}, 404)

    def _post(self, ask: BaseHTTPRequestHandler) -> None:
        sent = {k: v[0] for k, v in parse_qs(ask.rfile.read(int(ask.headers["Content-Length"])).decode()).items()}
        asked = self._codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (
            asked is not None and asked["code_challenge"] == challenge and sent["redirect_uri"] == asked["redirect_uri"]
        )
        if not right or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return _json(ask, {"error": "invalid_grant"}, 400)
        now, token = int(time.time()), secrets.token_urlsafe(16)
        self._tokens.add(token)
        told = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, **self.claims}
        signed = jwt.encode(told, self._key, "RS256", {"kid": "one"})
        _json(ask, {"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})


def _json(ask: BaseHTTPRequestHandler, told: dict[str, Any], status: int = 200) -> None:
    body = json.dumps(told).encode()
    ask.send_response(status)
    ask.send_header("Content-Type", "application/json")
    ask.send_header("Content-Length", str(len(body)))
    ask.end_headers()
    ask.wfile.write(body)
