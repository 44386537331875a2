"""Published rates per tenant, team, person and key: token buckets in memory, no query and no lock.

Each web process counts for itself and tells the others what was used up, `GOSSIP_S` at a time, by a hint
(`core/hints.py`; adr/0007): no round trip on the way of a question. So the processes of an installation together keep a
limit but for what arrives within one interval; without Redis it is laxer by up to the number of processes. What must
never be passed is money, and that is the reservation's business.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from apps.domain.errors import RateLimited
from apps.domain.limits import RateLimits
from apps.domain.sentences import say

Scope = tuple[str, int]
"""What a limit belongs to: `("tenant", 3)`, `("key", 17)`."""

Key = tuple[str, Scope]
"""What is counted (requests or tokens) and whose it is."""

MAX_BUCKETS = 100_000
USED: Final = "rates"
"""Topic of the hints that tell what was used up elsewhere."""
GOSSIP_S: Final = 0.2
MAX_GOSSIP: Final = 1000
"""Buckets per hint."""
MAX_DEBT_MINUTES: Final = 5
"""What others say can keep a bucket empty for so long at most: they may be wrong."""


@dataclass(slots=True)
class _Bucket:
    """`level` may be negative: what was used after it was allowed has to be waited for."""

    level: float
    at: float
    per_minute: int

    def refill(self, per_minute: int, now: float) -> None:
        if per_minute != self.per_minute:
            self.per_minute = per_minute
            self.level = max(self.level, -float(per_minute) * MAX_DEBT_MINUTES)
        self.level = min(float(per_minute), self.level + (now - self.at) * per_minute / 60.0)
        self.at = now


@dataclass(slots=True)
class Rates:
    """All buckets of one process. `clock` gives monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[Key, _Bucket] = field(default_factory=dict)
    _untold: dict[Key, tuple[int, float]] | None = None
    """Limit per minute and amount used here that the others do not know of; None: nobody is told."""

    def admit(self, limits: Iterable[tuple[Scope, RateLimits]]) -> None:
        """Count one request against every limit, or against none.

        Raises:
            RateLimited: says whose limit it was and when the next request fits.
        """
        now = self.clock()
        requests: list[tuple[Scope, int, _Bucket]] = []
        for scope, limit in limits:
            if limit.requests_per_minute is not None:
                bucket = self._bucket("requests", scope, limit.requests_per_minute, now)
                _check(bucket, scope, "requests", limit.requests_per_minute, needed=1.0)
                requests.append((scope, limit.requests_per_minute, bucket))
            if limit.tokens_per_minute is not None:
                tokens = self._bucket("tokens", scope, limit.tokens_per_minute, now)
                _check(tokens, scope, "tokens", limit.tokens_per_minute, needed=0.0)
        for scope, per_minute, bucket in requests:
            bucket.level -= 1.0
            self._note(("requests", scope), per_minute, 1.0)

    def used(self, limits: Iterable[tuple[Scope, RateLimits]], tokens: int) -> None:
        """Charge the tokens of a finished turn."""
        now = self.clock()
        for scope, limit in limits:
            if limit.tokens_per_minute is not None:
                self._bucket("tokens", scope, limit.tokens_per_minute, now).level -= tokens
                self._note(("tokens", scope), limit.tokens_per_minute, float(tokens))

    def share(self) -> None:
        """From now on keep what is used here for `told`, which somebody calls every `GOSSIP_S`."""
        self._untold = {}

    def told(self) -> list[dict[str, Any]]:
        """What was used here since the last call, as bodies of hints for the other processes."""
        if not self._untold:
            return []
        used = [[kind, *scope, *counted] for (kind, scope), counted in self._untold.items()]
        self._untold = {}
        return [{"used": used[start : start + MAX_GOSSIP]} for start in range(0, len(used), MAX_GOSSIP)]

    def heard(self, body: dict[str, Any]) -> None:
        """Debit what another process says was used there. Raises `ValueError` and the like for what makes no sense."""
        now = self.clock()
        for kind, scope_kind, scope_id, their_limit, amount in body["used"]:
            if kind not in {"requests", "tokens"} or not (int(their_limit) > 0 and float(amount) > 0):
                raise ValueError("No process of ours would say this.")
            scope = (str(scope_kind), int(scope_id))
            known = self._buckets.get((kind, scope))
            if known is None and len(self._buckets) >= MAX_BUCKETS:
                continue
            per_minute = known.per_minute if known else int(their_limit)  # what this process has read itself goes first
            bucket = self._bucket(kind, scope, per_minute, now)
            lowest = min(bucket.level, -float(per_minute) * MAX_DEBT_MINUTES)
            bucket.level = max(bucket.level - float(amount), lowest)

    def _note(self, key: Key, per_minute: int, amount: float) -> None:
        if self._untold is not None and amount > 0:
            _, before = self._untold.get(key, (per_minute, 0.0))
            self._untold[key] = per_minute, before + amount

    def _bucket(self, kind: str, scope: Scope, per_minute: int, now: float) -> _Bucket:
        bucket = self._buckets.get((kind, scope))
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._forget_full(now)
            bucket = self._buckets[(kind, scope)] = _Bucket(float(per_minute), now, per_minute)
        bucket.refill(per_minute, now)
        return bucket

    def _forget_full(self, now: float) -> None:
        """Buckets that nobody touched for a minute are full again if they owed nothing: as good as new ones."""
        for bucket in self._buckets.values():
            bucket.refill(bucket.per_minute, now)
        idle = [key for key, bucket in self._buckets.items() if bucket.level >= bucket.per_minute]
        for key in idle:
            del self._buckets[key]


def _check(bucket: _Bucket, scope: Scope, what: str, per_minute: int, needed: float) -> None:
    if bucket.level >= max(needed, 1e-9):
        return
    wait = max(0.1, (needed - bucket.level) * 60.0 / per_minute)
    raise RateLimited(
        say(
            "rate_reached",
            "The limit of {limit} {what} per minute of this {scope} is reached. Try again in {wait_s} s.",
            limit=per_minute,
            what=what,
            scope=scope[0],
            wait_s=round(wait),
        ),
        retry_after_s=wait,
    )
