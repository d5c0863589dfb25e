"""Signatures of messages: Standard Webhooks, symmetric (https://www.standardwebhooks.com, specification 1.0)."""

from __future__ import annotations

import base64
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> bytes:
    """32 random bytes: the specification asks for 24 to 64."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    """The secret as a receiver's library takes it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secret: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message. `timestamp` is of this attempt, in POSIX seconds."""
    signed = f"{id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
