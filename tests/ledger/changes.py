"""Every small change of some bytes: what the tests of the formats try, to see that none is accepted."""

from __future__ import annotations

from collections.abc import Iterator


def changes(data: bytes) -> Iterator[bytes]:
    """At every place: each bit flipped, some telling bytes put there or put in, the byte left out or doubled, the rest cut."""
    for at, byte in enumerate(data):
        others = {byte ^ 1 << bit for bit in range(8)} | {(byte + 1) % 256, *b"\n\r \t\x00=+A0"}
        for other in others - {byte}:
            yield data[:at] + bytes([other]) + data[at + 1 :]
        yield data[:at] + data[at + 1 :]
        yield data[:at] + data[at : at + 1] + data[at:]
        yield data[:at]
        for more in b"\n\r 0=":
            yield data[:at] + bytes([more]) + data[at:]
    for more in (b"\n", b"\r\n", b" ", b"\x00", b"0", b"="):
        yield data + more
