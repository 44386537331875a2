"""Who sends a request: the session cookie or a bearer key, never both."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from apps.core import clock
from apps.identity import secret_values, selectors, sessions
from apps.identity.services.uses import record_refused_key
from apps.identity.values import Principal

BOTH: Final = "Send either the session cookie or an API key, not both."
DEAD_KEY: Final = "The API key is unknown, expired or revoked."


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request proves. `refusal` says why its proof does not count; when neither is set it is anonymous."""

    principal: Principal | None = None
    refusal: str = ""


def bearer(header: str) -> str | None:
    """The credential of an `Authorization: Bearer` header, in any case; None for another scheme or no header."""
    scheme, _, credential = header.strip().partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None


def examine(request: HttpRequest) -> Proof:
    """Look at header and cookie; the database is asked only when one of them is there."""
    value = bearer(request.headers.get("Authorization", ""))
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if value is None:
        return Proof(sessions.principal(cookie) if cookie else None)
    if cookie:
        return Proof(refusal=BOTH)
    principal = principal_of_key(value)
    return Proof(principal) if principal else Proof(refusal=DEAD_KEY)


def of(request: HttpRequest | Request) -> Proof:
    """What `TenantContext` found out about this request."""
    found: Proof = getattr(request, "proof", Proof())
    return found


def principal_of_key(value: str) -> Principal | None:
    """Who acts with this key; None, and on record, when it is unknown, expired or revoked."""
    found = selectors.key_by_value(value) if secret_values.is_key(value) else None
    if found is None:
        record_refused_key(value, at=clock.now())
        return None
    key, person = found
    return Principal(tenant=key.tenant, person=person, key=key)
