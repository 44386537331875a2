"""What other apps hold of providers: records without plain keys, calls, chunks and errors."""

from dataclasses import dataclass, field

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.ids import ProviderId
from apps.providers.adapters._errors import (
    BadCredentials,
    ContentRefused,
    ContextTooLong,
    Final,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    Retryable,
)
from apps.providers.adapters._protocol import (
    GO_ON,
    Chunk,
    FinishChunk,
    ModelCall,
    TextChunk,
    Timeouts,
    ToolCallChunk,
    UsageChunk,
)

__all__ = [
    "GO_ON",
    "BadCredentials",
    "CatalogueEntry",
    "Chunk",
    "ContentRefused",
    "ContextTooLong",
    "Final",
    "FinishChunk",
    "Health",
    "ModelCall",
    "ProviderError",
    "ProviderRecord",
    "ProviderTimeout",
    "ProviderUnavailable",
    "RateLimited",
    "Retryable",
    "TextChunk",
    "Timeouts",
    "ToolCallChunk",
    "UsageChunk",
]


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """A provider as a snapshot holds it. `sealed_key` is encrypted and opened only when a call is made."""

    id: ProviderId
    name: str
    adapter: str
    base_url: str
    hosting: Hosting
    region: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    token_limit: str = ""
    max_concurrency: int = 1000
    enabled: bool = True
    reachable: bool = True
    sealed_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model that may be called, with the provider that serves it."""

    candidate: Candidate
    provider: ProviderRecord


@dataclass(frozen=True, slots=True)
class Health:
    """What this process has seen of a provider.

    `healthy`: the next call would be let through. `resting_s`: seconds until it is tried again, or 0.
    """

    healthy: bool
    failures: int
    resting_s: float
