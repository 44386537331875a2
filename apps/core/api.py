"""What every REST view shares: one error form, and the tenant of the request.

Whatever a client sends, the answer is a 4xx that names the field, never a 5xx (promise P31); a 5xx means that a store
is away (503, with Retry-After) or a defect of ours (500, from Django's handler).
"""

import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, cast

import structlog
from django.core import exceptions as django_errors
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from rest_framework import exceptions as drf_errors
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.http_errors import SENTENCES, answer, defect, error_body, retry_headers
from apps.core.tenancy import use_tenant
from apps.domain.errors import InvalidRequest, NotFound, OpenRouteError, Overloaded, PermissionRefused, TooLarge
from apps.domain.ids import TenantId

log = structlog.get_logger(__name__)


def flatten(detail: Any, path: str = "") -> dict[str, str]:
    """DRF's nested lists and dicts of sentences as one level: `{"budgets[0].limit": "A valid number is required."}`."""
    if isinstance(detail, Mapping):
        parts = [(_joined(path, key), value) for key, value in detail.items()]
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        if all(isinstance(item, str) for item in detail):
            return {path or "body": " ".join(str(item) for item in detail)}
        parts = [(f"{path}[{index}]", value) for index, value in enumerate(detail)]
    else:
        return {path or "body": str(detail)}
    return {name: sentence for part, value in parts for name, sentence in flatten(value, part).items()}


def _joined(path: str, key: str | int) -> str:
    if key in {"non_field_errors", "__all__"}:
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


_CODES: tuple[tuple[type[drf_errors.APIException], str], ...] = (
    (drf_errors.NotAuthenticated, "unauthenticated"),
    (drf_errors.AuthenticationFailed, "unauthenticated"),
    (drf_errors.PermissionDenied, "permission_denied"),
    (drf_errors.NotFound, "not_found"),
    (drf_errors.MethodNotAllowed, "method_not_allowed"),
    (drf_errors.NotAcceptable, "not_acceptable"),
    (drf_errors.UnsupportedMediaType, "unsupported_media_type"),
    (drf_errors.Throttled, "rate_limited"),
)


def _as_openroute(error: Exception) -> OpenRouteError | None:
    """The error of ours that says the same, or None for a defect."""
    match error:
        case OpenRouteError():
            return error
        case Http404() | django_errors.ObjectDoesNotExist():
            return NotFound()
        case django_errors.PermissionDenied():
            return PermissionRefused()
        case django_errors.RequestDataTooBig():
            return TooLarge(SENTENCES["too_large"][1])
        case django_errors.ValidationError():
            return InvalidRequest(SENTENCES["invalid_request"][1], fields=flatten(_django_messages(error)))
        case django_errors.SuspiciousOperation() | django_errors.BadRequest():
            return InvalidRequest(SENTENCES["invalid_request"][1])
        case DataError() | OverflowError():  # a value that the column cannot hold, on PostgreSQL and on SQLite
            return InvalidRequest("A value in the request is out of range; nothing was done.")
        case OperationalError() | InterfaceError():
            log.warning("store.away", error=type(error).__name__)
            return Overloaded(SENTENCES["overloaded"][1])
    return None


def _django_messages(error: django_errors.ValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every expected error in the one form; None lets a defect rise to Django's handler500."""
    ours = _as_openroute(error)
    if ours is not None:
        body = error_body(ours.code, ours.detail, ours.fields)
        return Response(body, status=ours.status, headers=retry_headers(ours))
    if isinstance(error, drf_errors.APIException):
        return _drf_response(error)
    return None


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a plain view or a middleware may have raised on purpose, or because a store is away."""
    error = sys.exc_info()[1]
    ours = _as_openroute(error) if isinstance(error, Exception) else None
    return answer(request, ours) if ours is not None else defect(request)


def _drf_response(error: drf_errors.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    if code == "permission_denied" and str(error.detail).startswith("CSRF Failed"):
        code = "csrf_failed"  # DRF has no class of its own for it; a client heals it by loading a new token
    if code is not None:
        # NotAuthenticated becomes 403 where no scheme challenges; the published code says 401 on every path.
        status = 401 if code == "unauthenticated" else error.status_code
        return Response(error_body(code), status=status, headers=headers)
    if isinstance(error, drf_errors.ValidationError):
        fields = flatten(error.detail)
        detail = "Some fields are wrong; nothing was done. See `fields`."
        return Response(error_body("invalid_request", detail, fields), status=400, headers=headers)
    code = "invalid_request" if error.status_code < 500 else "internal_error"
    detail = str(error.detail) if error.status_code < 500 else ""
    return Response(error_body(code, detail), status=error.status_code, headers=headers)


class TenantView(APIView):
    """A view whose queries are scoped to the caller's tenant, from after authentication to the end of the reply.

    Nobody but the caller may cache what it answers (promise P06).
    """

    @property
    def tenant(self) -> TenantId:
        """The tenant of the person or key that was authenticated."""
        return TenantId(cast(Any, self.request.user).tenant_id)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """DRF's dispatch inside a scope that `initial` fills once it knows the caller."""
        with ExitStack() as self._scope:
            response = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, check permissions, then scope every query of the handler."""
        super().initial(request, *args, **kwargs)
        if getattr(request.user, "tenant_id", None) is not None:
            self._scope.enter_context(use_tenant(self.tenant))
