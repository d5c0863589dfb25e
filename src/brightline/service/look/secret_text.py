"""A column whose content is encrypted with a key of the data folder: a copy of the database alone shows nothing of it.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec) through `cryptography`. It cannot be searched.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from django.db import models

from brightline.service.home import home


@lru_cache(maxsize=1)
def _cipher() -> Fernet:
    return Fernet(home().secret("fields").encode())


class SecretBytes(models.BinaryField):
    """Bytes, encrypted."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else _cipher().encrypt(bytes(value))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else _cipher().decrypt(bytes(value))


class SecretJson(models.BinaryField):
    """Anything that JSON can hold, encrypted."""

    _pyi_private_set_type: Any  # what the type checker's plugin takes a value of this column to be
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else _cipher().encrypt(json.dumps(value).encode())

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else json.loads(_cipher().decrypt(bytes(value)))
