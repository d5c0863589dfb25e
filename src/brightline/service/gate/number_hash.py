"""The keyed hash of a record number. It needs nothing of the application, so that it can be made on the agency's machine."""

from __future__ import annotations

import hmac
import re

from brightline.service.gate.errors import GateError


def number_hash(number: str, key: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) over the letters and digits of a number in capitals, as 64 hexadecimal digits.

    Hyphens, blanks and the like make no difference: "m-1234 56" and "M123456" are one number. Raises GateError when
    there is no letter and no digit.
    """
    plain = re.sub(r"[^0-9A-Z]", "", number.upper())
    if not plain:
        raise GateError("a record number has letters or digits; this one has none")
    return hmac.digest(key, plain.encode(), "sha256").hex()
