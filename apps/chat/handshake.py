"""Who opens a socket: a listed origin with the session cookie, or an API key; never both (promise P13)."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.http import parse_cookie

from apps.core.threads import in_db
from apps.identity import proof, sessions
from apps.identity.values import Principal
from apps.tenants import roles

NOT_SIGNED_IN: Final = 4401
NOT_ALLOWED: Final = 4403


class Rejected(Exception):
    """The socket is closed with `code` before it may say anything."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def sign_in(scope: Mapping[str, Any]) -> Principal:
    """The person behind a new socket. Raises `Rejected` with the close code of the contract."""
    headers = _headers(scope)
    cookie = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    authorization = headers.get("authorization")
    if cookie and authorization is not None:
        raise Rejected(NOT_SIGNED_IN)
    if not origin_is_allowed(headers.get("origin"), needed=bool(cookie)):
        raise Rejected(NOT_ALLOWED)
    principal = await _principal(cookie, authorization)
    if principal is None:
        raise Rejected(NOT_SIGNED_IN)
    if principal.key is not None and "chat" not in principal.key.scopes:
        raise Rejected(NOT_ALLOWED)
    if not roles.allows(principal.person, "chat.ask"):
        raise Rejected(NOT_ALLOWED)
    return principal


def origin_is_allowed(origin: str | None, *, needed: bool) -> bool:
    """Whether a page of this origin may open a socket. Programs send none, and then have no cookie either.

    Only `ALLOWED_ORIGINS` counts: a page on an allowed host but another scheme or port is a stranger.
    """
    if origin is None:
        return not needed
    return origin.lower() in {allowed.lower() for allowed in settings.ALLOWED_ORIGINS}


async def _principal(cookie: str | None, authorization: str | None) -> Principal | None:
    if cookie:
        return await in_db(sessions.principal, cookie)
    value = proof.bearer(authorization or "")
    return await in_db(proof.principal_of_key, value) if value else None


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name; two cookie headers are one, as in HTTP/2. Of others the first counts."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie" and name in found:
            found[name] += f"; {value}"
        else:
            found.setdefault(name, value)
    return found
