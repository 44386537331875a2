"""Secrets at rest: authenticated encryption of fields, and keyed hashes that mean nothing outside this installation."""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.signals import setting_changed
from django.db import models

from apps.domain.errors import OpenRouteError


class Undecryptable(OpenRouteError):
    """A stored secret cannot be read with the keys of `FIELD_ENCRYPTION_KEYS`."""

    code, status = "secret_unreadable", 500


def _derived(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"openroute.field:" + secret.encode()).digest())


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    """The first key encrypts, all of them decrypt: rotation is a new first key. Without keys one is derived."""
    keys = [key.encode() for key in settings.FIELD_ENCRYPTION_KEYS] or [_derived(settings.SECRET_KEY)]
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt a secret for storage."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The secret again. Raises `Undecryptable` when no configured key fits."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Undecryptable("A stored secret cannot be read: is FIELD_ENCRYPTION_KEYS complete?") from error


def rotate(token: str) -> str:
    """The same secret under the newest key."""
    return _fernet().rotate(token.encode()).decode()


@lru_cache(maxsize=32)
def _hash_key(purpose: str) -> bytes:
    return hashlib.sha256(f"openroute.hash:{purpose}:{settings.SECRET_KEY}".encode()).digest()


def keyed_hash(purpose: str, data: str | bytes) -> str:
    """HMAC-SHA256 as 64 hex digits. Hashes of different purposes cannot be compared with each other."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return hmac.new(_hash_key(purpose), raw, hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:  # Django's fields are generic for the type checker only
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database and plain in Python. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return encrypt(plain) if plain else plain


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS"}:
        _fernet.cache_clear()
        _hash_key.cache_clear()


setting_changed.connect(_forget)
