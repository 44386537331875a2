"""Errors of the developer API: OpenAI's form on every route but `/v1/messages`, which answers in Anthropic's."""

from typing import Any, Final

import orjson

from apps.core.headers import Header
from apps.domain.errors import OpenRouteError
from apps.domain.turn import Failed

OPENAI_TYPES: Final = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}
ANTHROPIC_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


class NotOffered(OpenRouteError):
    """A path below `/v1` that this installation does not serve."""

    code, status = "not_found", 404


class MethodNotAllowed(OpenRouteError):
    """The path exists, but not with this method. `allowed` is what it answers."""

    code, status = "method_not_allowed", 405

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address answers {allowed} only.")
        self.allowed = allowed


class BodyTimeout(OpenRouteError):
    """The request did not arrive in time."""

    code, status = "request_timeout", 408


class TurnFailed(OpenRouteError):
    """The turn ended without a whole answer; code, status and sentence are the turn's."""

    def __init__(self, event: Failed) -> None:
        super().__init__(event.detail)
        self.code, self.status, self.retry_after_s = event.code, event.status, event.retry_after_s
        self.turn = str(event.turn)
        """Under which people who may see it find the record of the decision."""


class Broken(OpenRouteError):
    """A defect of ours; the log holds it under the request id."""

    code, status = "internal_error", 500

    def __init__(self, detail: str = "Something went wrong here. It is logged under the request id.") -> None:
        super().__init__(detail)


def openai(code: str, message: str, status: int, param: str | None) -> dict[str, Any]:
    """The object that OpenAI's SDKs raise."""
    kind = OPENAI_TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "code": code, "param": param}}


def anthropic(code: str, message: str, status: int, param: str | None) -> dict[str, Any]:
    """The object that Anthropic's SDKs raise."""
    kind = ANTHROPIC_TYPES.get(status) or ("api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message, "code": code, "param": param}}


def body(error: OpenRouteError, path: str) -> bytes:
    """The JSON body of an error, in the form of its route."""
    form = anthropic if path == "/v1/messages" else openai
    return orjson.dumps(form(error.code, error.detail, error.status, next(iter(error.fields), None)))


def headers(error: OpenRouteError) -> list[Header]:
    """What an error says besides its body: when to come again, how to sign in, which method fits."""
    found: list[Header] = []
    wait = getattr(error, "retry_after_s", None)
    if wait is not None:
        found.append((b"retry-after", str(max(1, round(wait))).encode()))
    if isinstance(error, TurnFailed):
        found.append((b"x-openroute-turn", error.turn.encode()))
    if error.status == 401:
        found.append((b"www-authenticate", b"Bearer"))
    if isinstance(error, MethodNotAllowed):
        found.append((b"allow", error.allowed.encode()))
    if error.status in {408, 413}:
        found.append((b"connection", b"close"))  # the rest of the body is not read
    return found


def stream_event(error: OpenRouteError) -> bytes:
    """How a stream that has begun ends when it breaks: an error, and no `[DONE]`, so that SDKs raise (promise P03)."""
    return b"data: " + body(error, "") + b"\n\n"
