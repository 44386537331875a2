"""The root of every error that a caller may see. Each concrete error stands beside its raiser."""

from collections.abc import Mapping


class OpenRouteError(Exception):
    """An expected failure with a stable code for machines and a sentence for people.

    `code` and `status` are class attributes; `detail` says what was wrong, where, and what to do. It never holds
    content of a prompt or an answer, so it may be logged and audited.
    """

    code = "internal_error"
    status = 500

    def __init__(self, detail: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})


class InvalidRequest(OpenRouteError):
    """The input is malformed; `fields` names what is wrong by its path."""

    code, status = "invalid_request", 400


class NotFound(OpenRouteError):
    """Missing, or not the caller's: both answer alike (promise P01)."""

    code, status = "not_found", 404

    def __init__(self, detail: str = "There is nothing here that you may see.") -> None:
        super().__init__(detail)


class Unauthenticated(OpenRouteError):
    """Nobody is signed in, or the key is unknown, expired or revoked: all answer alike."""

    code, status = "unauthenticated", 401

    def __init__(self, detail: str = "Sign in, or send a valid API key.") -> None:
        super().__init__(detail)


class PermissionRefused(OpenRouteError):
    """Signed in, but the published table role x operation does not contain the operation."""

    code, status = "permission_denied", 403

    def __init__(self, detail: str = "Your role does not permit this.") -> None:
        super().__init__(detail)


class RateLimited(OpenRouteError):
    """A published rate was passed. `retry_after_s` says when the next request fits."""

    code, status = "rate_limited", 429

    def __init__(self, detail: str, *, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Overloaded(OpenRouteError):
    """The process cannot take more work now, or a store is away; nothing was done."""

    code, status = "overloaded", 503

    def __init__(
        self, detail: str = "OpenRoute is busy. Try again in a moment.", *, retry_after_s: float = 1.0
    ) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class TooLarge(OpenRouteError):
    """A body, frame or field is larger than its published limit."""

    code, status = "too_large", 413
