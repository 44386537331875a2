"""Ed25519 signatures over checkpoints, manifests and receipts.

`AUDIT_SIGNING_KEY` holds one or more private keys, separated by commas: 32 bytes in base64, or PEM. The first signs,
the others only verify, so that rotation is a new first key. Without the setting a key is derived from `SECRET_KEY`.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from apps.audit.chaincheck import key_id


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    key_id: str
    key: Ed25519PrivateKey

    def sign(self, text: str) -> str:
        """The signature over the UTF-8 bytes of `text`, as 128 hex digits."""
        return self.key.sign(text.encode()).hex()


def signer() -> Signer:
    """The first configured key."""
    key = _private_keys()[0]
    return Signer(key_id(key.public_key()), key)


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Every configured key by its id, the signing one first."""
    return {key_id(public): public for public in (key.public_key() for key in _private_keys())}


@lru_cache(maxsize=1)
def _private_keys() -> tuple[Ed25519PrivateKey, ...]:
    configured = getattr(settings, "AUDIT_SIGNING_KEY", "")
    if not configured:
        seed = hashlib.sha256(f"openroute.audit:{settings.SECRET_KEY}".encode()).digest()
        return (Ed25519PrivateKey.from_private_bytes(seed),)
    return tuple(_private_key(part.strip()) for part in configured.split(","))


def _private_key(text: str) -> Ed25519PrivateKey:
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise ValueError("no Ed25519 key")
            return key
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY: an Ed25519 key as PEM, or its 32 bytes in base64.") from error


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"SECRET_KEY", "AUDIT_SIGNING_KEY"}:
        _private_keys.cache_clear()


setting_changed.connect(_forget)
