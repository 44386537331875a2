"""DRF's view of identity: two authentication classes and one permission class, from what `TenantContext` found out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DjangoSession
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.core import clock
from apps.domain.errors import PermissionRefused
from apps.identity import proof, refusals
from apps.identity.values import KeyRecord, Principal
from apps.tenants import roles

if TYPE_CHECKING:  # rest_framework.views loads this module while it is being loaded itself
    from rest_framework.views import APIView


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer or-...`. A key that does not count is refused even where none is wanted."""

    def authenticate(self, request: Request) -> tuple[Principal, KeyRecord] | None:
        found = proof.of(request)
        if found.refusal:
            raise AuthenticationFailed(found.refusal, code="unauthenticated")
        if found.principal is None or found.principal.key is None:
            return None
        return found.principal, found.principal.key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="OpenRoute"'


class SessionAuthentication(DjangoSession):
    """The session cookie; whatever changes something needs the CSRF token as well (promise P13)."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        principal = proof.of(request).principal
        if principal is None or principal.session is None:
            return None
        self.enforce_csrf(request)
        return principal, None


class Permitted(BasePermission):
    """Deny by default: signed in, the key's scopes, and the published table of roles.

    A view says `required_scopes` (what a key must hold; without the attribute keys are refused) and `operations`
    (method -> operation of `tenants.roles`; without the attribute the view itself asks `roles.require`). Each refusal
    is on record.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        principal = request.user
        if not isinstance(principal, Principal):
            return False
        operations: Mapping[str, str] | None = getattr(view, "operations", None)
        if principal.key is not None:
            wanted: frozenset[str] | None = getattr(view, "required_scopes", None)
            if wanted is None or not wanted <= principal.key.scopes:
                refuse(principal, "scope", "This API key may not be used here: it lacks the scope.")
        if operations is not None:
            method = "GET" if request.method == "HEAD" else str(request.method)
            operation = operations.get(method)
            if operation is not None:
                require(principal, operation)
        return True


def require(principal: Principal, operation: str, team: Any = None) -> None:
    """`roles.require`, with the refusal on record. Raises `PermissionRefused`."""
    if not roles.allows(principal.person, operation, team):
        refuse(principal, operation, f"Your role does not permit this ({operation}).")


def refuse(principal: Principal, reason: str, sentence: str) -> None:
    """Put a refusal on record and raise `PermissionRefused`."""
    entry = refusals.Refusal(
        tenant=principal.tenant,
        kind="permission.refused",
        actor=principal.actor,
        subject=f"user:{principal.person.id}",
        reason=reason,
    )
    refusals.record(entry, at=clock.now())
    raise PermissionRefused(sentence)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes keys."""

    target_class = "apps.identity.api_auth.BearerAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "or-..."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the session cookie."""

    target_class = "apps.identity.api_auth.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
