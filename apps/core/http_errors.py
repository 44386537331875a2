"""One error form for everything that is not the developer API: `{"code", "detail", "fields"}`.

DRF's handler (api.py), the dispatcher and Django's own handlers below all build it here. People who open a page get a
page; programs, which ask under `/api` and `/scim`, get JSON.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from apps.core.headers import DATA_HEADERS, Receive, Send
from apps.core.lingering import send_last
from apps.domain.errors import OpenRouteError
from apps.domain.sentences import said

SENTENCES: Mapping[str, tuple[HTTPStatus, str]] = {
    "invalid_request": (HTTPStatus.BAD_REQUEST, "The request is malformed; nothing was done."),
    "unauthenticated": (HTTPStatus.UNAUTHORIZED, "Sign in, or send a valid API key."),
    "permission_denied": (HTTPStatus.FORBIDDEN, "Your role does not permit this."),
    "csrf_failed": (HTTPStatus.FORBIDDEN, "The request carries no valid CSRF token. Reload the page and try again."),
    "not_found": (HTTPStatus.NOT_FOUND, "There is nothing here that you may see."),
    "method_not_allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "This address does not answer that method."),
    "not_acceptable": (HTTPStatus.NOT_ACCEPTABLE, "This address answers in JSON only."),
    "too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than the 10 MB that are accepted."),
    "unsupported_media_type": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json."),
    "rate_limited": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Wait before you try again."),
    "internal_error": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here. It is logged under the request id.",
    ),
    "overloaded": (HTTPStatus.SERVICE_UNAVAILABLE, "OpenRoute is busy or a store is away. Try again in a moment."),
}
"""The codes that no app owns, each with its status and what it says when nobody says it better."""


def error_body(code: str, detail: str = "", fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The form of every error under `/api`. `fields` names what is wrong by its path; it is empty otherwise.

    `said` stands in it where the sentence has a code, from which a page builds it in another language.
    """
    known = said(detail)
    body = {"code": code, "detail": detail or SENTENCES[code][1], "fields": dict(fields or {})}
    return body | {"said": known} if known else body


def retry_headers(error: OpenRouteError) -> dict[str, str]:
    """`Retry-After` in whole seconds, at least one, for errors that know when the next try fits."""
    seconds = getattr(error, "retry_after_s", None)
    return {} if seconds is None else {"Retry-After": str(max(1, round(seconds)))}


async def send_error(
    send: Send, code: str, *, detail: str = "", websocket: bool = False, unread: Receive | None = None
) -> None:
    """Answer with an error from plain ASGI, instead of Django.

    Args:
        websocket: it refuses the handshake.
        unread: where the rest of a body comes from that the client may still be sending.
    """
    kind = "websocket.http.response" if websocket else "http.response"
    body = orjson.dumps(error_body(code, detail))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *DATA_HEADERS,
        *([(b"connection", b"close")] if code == "too_large" else []),
    ]
    await send({"type": f"{kind}.start", "status": int(SENTENCES[code][0]), "headers": headers})
    if unread is not None:
        await send_last(send, unread, body)
    else:
        await send({"type": f"{kind}.body", "body": body})


def answer(request: HttpRequest, error: OpenRouteError) -> HttpResponse:
    """The reply to a request that failed, outside DRF: JSON for programs, a page for people."""
    headers = {"Cache-Control": "no-store", **retry_headers(error)}
    if request.path_info.startswith(("/api/", "/scim/")):
        body = orjson.dumps(error_body(error.code, error.detail, error.fields))
        return HttpResponse(body, status=error.status, content_type="application/json", headers=headers)
    title, sentence = escape(HTTPStatus(error.status).phrase), escape(error.detail)
    page = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1><p>{sentence}</p></html>'
    return HttpResponse(page, status=error.status, headers=headers)


def _answer(request: HttpRequest, code: str) -> HttpResponse:
    status, sentence = SENTENCES[code]
    error = OpenRouteError(sentence)
    error.code, error.status = code, int(status)
    return answer(request, error)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return _answer(request, "invalid_request")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return _answer(request, "permission_denied")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return _answer(request, "not_found")


def defect(request: HttpRequest) -> HttpResponse:
    """What nobody expected; the log holds it."""
    return _answer(request, "internal_error")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW; the reason is logged by Django and not told."""
    return _answer(request, "csrf_failed")
