"""Keys of sessions and of the API: made here, and kept as keyed hashes only."""

import re
import secrets
from typing import Final

from apps.core import crypto

PREFIX_LENGTH: Final = 10
"""Characters of a key that lists may show: enough to recognise it, useless to guess it."""
_KEY = re.compile(r"or-[A-Za-z0-9_-]{16,120}")


def new_key() -> str:
    """`or-` and 43 characters: 256 bits from the system's entropy."""
    return "or-" + secrets.token_urlsafe(32)


def is_key(value: str) -> bool:
    """Whether this could be a key at all: `or-` and 16 to 120 letters, digits, `_` or `-`."""
    return _KEY.fullmatch(value) is not None


def hash_key(value: str) -> str:
    """What is stored of an API key and looked up: 64 hex digits, worthless outside this installation."""
    return crypto.keyed_hash("api_key", value)


def hash_session(session_key: str) -> str:
    """What is stored of a session key: 64 hex digits."""
    return crypto.keyed_hash("session", session_key)
