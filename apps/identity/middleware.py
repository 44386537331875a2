"""Each request knows who sent it, and every query of its view is scoped to that person's company."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core import clock
from apps.core.tenancy import use_tenant
from apps.identity import proof, refusals, sessions
from apps.identity.services import flush_key_uses, note_key_use
from apps.identity.values import Principal


class TenantContext:
    """Examine the proof of a request once, and run the view inside the tenant's scope.

    It is synchronous, as DRF is: Django runs it, the view and everything between on one thread with one context, so
    the scope holds exactly as long as the view. A refused proof is no error here, since a page may not want one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = proof.examine(request)
        request.proof = found  # type: ignore[attr-defined]
        if found.principal is None:
            return self._get_response(request)
        _note_use(found.principal)
        with use_tenant(found.principal.tenant):
            return self._get_response(request)


def _note_use(principal: Principal) -> None:
    now = clock.now()
    refusals.flush(at=now)
    sessions.touch(principal, at=now)
    if principal.key is not None:
        note_key_use(key=principal.key.id, at=now)
        flush_key_uses(at=now)
