"""The passphrase of a private key: from the environment, or typed unseen; never from the command line, which others can see."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from brightline.terminal import stop

VARIABLE = "BRIGHTLINE_PASSPHRASE"


def passphrase_of(key: Path) -> str | None:
    """The passphrase for the key in this file, when the file says that it needs one."""
    try:
        sealed = b"ENCRYPTED" in key.read_bytes()[:200]
    except OSError:
        return None  # whoever opens the key says what is wrong with it
    if not sealed:
        return None
    if (given := os.environ.get(VARIABLE)) is not None:
        return given
    if not sys.stdin.isatty():
        stop(f"{key}: the key has a passphrase; put it into the environment as {VARIABLE}, or run this at a terminal")
    return getpass(f"Passphrase of {key}: ")


def asked_twice() -> str:
    """A new passphrase."""
    if (given := os.environ.get(VARIABLE)) is not None:
        first = second = given
    elif not sys.stdin.isatty():
        stop(f"--passphrase: put it into the environment as {VARIABLE}, or run this at a terminal")
        raise AssertionError
    else:
        first = getpass("New passphrase: ")
        second = getpass("The same again: ")
    if first != second:
        stop("--passphrase: the two are not the same; nothing was made")
    if not first:
        stop("--passphrase: it is empty; nothing was made")
    return first
