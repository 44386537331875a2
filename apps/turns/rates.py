"""Published rates per tenant, team, person and key: token buckets in memory, no query and no lock.

Each web process counts for itself; a bucket of another process is not seen. What must never be passed is money, and
that is the reservation's business.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apps.domain.errors import RateLimited
from apps.domain.limits import RateLimits

Scope = tuple[str, int]
"""What a limit belongs to: `("tenant", 3)`, `("key", 17)`."""

MAX_BUCKETS = 100_000


@dataclass(slots=True)
class _Bucket:
    """`level` may be negative: what was used after it was allowed has to be waited for."""

    level: float
    at: float

    def refill(self, per_minute: int, now: float) -> None:
        self.level = min(float(per_minute), self.level + (now - self.at) * per_minute / 60.0)
        self.at = now


@dataclass(slots=True)
class Rates:
    """All buckets of one process. `clock` gives monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, Scope], _Bucket] = field(default_factory=dict)

    def admit(self, limits: Iterable[tuple[Scope, RateLimits]]) -> None:
        """Count one request against every limit, or against none.

        Raises:
            RateLimited: says whose limit it was and when the next request fits.
        """
        now = self.clock()
        requests = []
        for scope, limit in limits:
            if limit.requests_per_minute is not None:
                bucket = self._bucket("requests", scope, limit.requests_per_minute, now)
                _check(bucket, scope, "requests", limit.requests_per_minute, needed=1.0)
                requests.append(bucket)
            if limit.tokens_per_minute is not None:
                tokens = self._bucket("tokens", scope, limit.tokens_per_minute, now)
                _check(tokens, scope, "tokens", limit.tokens_per_minute, needed=0.0)
        for bucket in requests:
            bucket.level -= 1.0

    def used(self, limits: Iterable[tuple[Scope, RateLimits]], tokens: int) -> None:
        """Charge the tokens of a finished turn."""
        now = self.clock()
        for scope, limit in limits:
            if limit.tokens_per_minute is not None:
                self._bucket("tokens", scope, limit.tokens_per_minute, now).level -= tokens

    def _bucket(self, kind: str, scope: Scope, per_minute: int, now: float) -> _Bucket:
        bucket = self._buckets.get((kind, scope))
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._forget_full(now)
            bucket = self._buckets[(kind, scope)] = _Bucket(float(per_minute), now)
        bucket.refill(per_minute, now)
        return bucket

    def _forget_full(self, now: float) -> None:
        """Buckets that nobody touched for a minute are full again: as good as new ones."""
        idle = [key for key, bucket in self._buckets.items() if now - bucket.at > 60.0]
        for key in idle:
            del self._buckets[key]


def _check(bucket: _Bucket, scope: Scope, what: str, per_minute: int, needed: float) -> None:
    if bucket.level >= max(needed, 1e-9):
        return
    wait = max(0.1, (needed - bucket.level) * 60.0 / per_minute)
    raise RateLimited(
        f"The limit of {per_minute} {what} per minute of this {scope[0]} is reached. Try again in {wait:.0f} s.",
        retry_after_s=wait,
    )
