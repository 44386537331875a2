"""What can go wrong between OpenRoute and a model.

    ProviderError
    ├── Retryable                 another model may do; goes on along the ranking
    │   ├── ProviderTimeout
    │   ├── ProviderUnavailable
    │   └── RateLimited           retry_after_s
    └── Final                     asking this model again is useless
        ├── BadCredentials        goes on along the ranking: another provider has another key
        ├── ContextTooLong        goes on with larger contexts only
        └── ContentRefused        ends the turn

Sentences never quote the provider: its error bodies may repeat the prompt or part of a key. Nor do they say why a
connection failed, so that nobody can learn open ports from them (promise P20).
"""

from apps.domain.errors import OpenRouteError


class ProviderError(OpenRouteError):
    """The root. `sick` tells the circuit breaker whether the provider is to blame, or only this one request.

    `upstream_status` is the HTTP status and `upstream_code` the machine-readable code that the provider gave, for
    operators' logs; both are bounded and hold no content. `accepted`: the provider had begun to work, and may bill.
    `unsent`: there was no connection, so that nothing can have reached it.
    """

    code, status = "provider_unavailable", 502
    sick = False
    accepted = False
    unsent = False

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: float | None = None,
        upstream_status: int = 0,
        upstream_code: str = "",
        sick: bool | None = None,
    ) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        self.upstream_status = upstream_status
        self.upstream_code = upstream_code
        if sick is not None:
            self.sick = sick


class Retryable(ProviderError):
    """Another model may do."""

    sick = True


class ProviderTimeout(Retryable):
    """Connecting, the first token, the next one or the whole answer took longer than the provider's settings allow."""

    status = 504


class ProviderUnavailable(Retryable):
    """Not reachable, answering with an error or with something that is no answer, or breaking off."""


class RateLimited(Retryable):
    """The provider's own limit is reached. `retry_after_s` is what it asked for, None when it did not say."""

    code, status = "rate_limited", 429


class Final(ProviderError):
    """Asking this model again is useless."""


class BadCredentials(Final):
    """The provider does not accept the operator's key. People see an unavailable provider; operators see this."""


class ContextTooLong(Final):
    """The prompt does not fit into the model's context."""

    code, status = "context_too_long", 400


class ContentRefused(Final):
    """The provider's own usage rules refuse the content. Offering it to the next provider would be shopping round."""

    code, status = "refused_by_policy", 403
