"""One lane per provider: how many calls run at once, and a circuit breaker that lets a sick provider rest.

The breaker is the usual three-state one (M. Nygard, Release It!, chapter 5): closed; open after `THRESHOLD` failures in
a row; half-open when the rest is over, which lets exactly one call through to find out. Rests double, with jitter, so
that processes do not come back together. Nothing here is shared between providers: one that is sick slows no other.

What other processes find out comes by hints, which may be wrong: they can begin a rest, of at most `LONGEST_REST_S`, or
end one that lasts longer than the first. A rest that was only heard of and that the next call refutes makes deaf for
`DEAF_S`: a process that reaches the provider loses little by one that does not.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

import structlog

from apps.providers.values import Health, ProviderError, ProviderRecord, ProviderUnavailable

log = structlog.get_logger(__name__)

THRESHOLD: Final = 5
FIRST_REST_S: Final = 2.0
LONGEST_REST_S: Final = 60.0
JITTER: Final = 0.25
DEAF_S: Final = 600.0

Tell = Callable[[ProviderRecord, float], None]
"""Told when a provider's circuit opens, with the seconds that it rests, and with 0 when the provider answers again."""


class Circuit:
    """Counts failures in a row. `clock` gives monotonic seconds, `chance` numbers in [0, 1)."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._rests = 0
        self._opened_at = self._until = 0.0
        self._probing = False
        self._is_hearsay = False
        self._deaf_until = float("-inf")
        self.failures = 0

    @property
    def is_open(self) -> bool:
        return self.failures >= THRESHOLD

    @property
    def resting_s(self) -> float:
        """Seconds until somebody may try again; 0 when calls pass."""
        return max(0.0, self._until - self._clock()) if self.is_open else 0.0

    @property
    def lets_pass(self) -> bool:
        """Whether the next call would be admitted. True when a rest is over, or nobody would ever find out."""
        return not self.is_open or not (self._probing or self.resting_s)

    def admit(self) -> bool:
        """Whether a call may start now. When it may, exactly one of the outcomes below must follow."""
        if not self.lets_pass:
            return False
        self._probing = self.is_open
        return True

    def answers(self) -> bool:
        """The first token came: calls pass again, but one more failure opens the circuit at once. True after a rest."""
        if not self._probing:
            return False
        self._probing = False
        self.failures = THRESHOLD - 1
        if self._is_hearsay:
            self._is_hearsay, self._deaf_until = False, self._clock() + DEAF_S
        return True

    def succeeded(self) -> bool:
        """A call came to its end. True when it was the one that found out."""
        found_out = self.answers()
        self._probing, self.failures, self._rests = False, 0, 0
        return found_out

    def failed(self, *, retry_after_s: float | None = None) -> bool:
        """One failure more. True when this one opened the circuit."""
        was_open = self.is_open
        self.failures += 1
        if not self.is_open or (was_open and not self._probing):  # calls from before the rest do not prolong it
            return False
        self._probing = self._is_hearsay = False
        rest = min(FIRST_REST_S * 2**self._rests, LONGEST_REST_S) * (1 - JITTER + 2 * JITTER * self._chance())
        self._rests = min(self._rests + 1, 16)
        self._opened_at = self._clock()
        self._until = self._opened_at + max(rest, retry_after_s or 0.0)
        return True

    def heard_failing(self, rest_s: float) -> None:
        """Another process lets the provider rest for so long: do the same, unless this one knows by itself."""
        now = self._clock()
        if self.is_open or now < self._deaf_until or not rest_s > 0.0:
            return
        self.failures, self._is_hearsay = THRESHOLD, True
        self._opened_at, self._until = now, now + min(rest_s, LONGEST_REST_S) * (1 - JITTER * self._chance())

    def heard_answering(self) -> None:
        """Another process got an answer: this one need not rest on, but rests as long as after a first failure."""
        shortest = FIRST_REST_S * (1 - JITTER + JITTER * self._chance())
        self._until = min(self._until, max(self._clock(), self._opened_at + shortest))

    def abandoned(self) -> None:
        """The caller went away before anything could be learnt."""
        self._probing = False


class Lane:
    """The calls to one provider in this process."""

    def __init__(
        self, provider: ProviderRecord, circuit: Circuit | None = None, *, tell: Tell = lambda *_: None
    ) -> None:
        self.circuit = circuit or Circuit()
        self.provider = provider
        self.tell = tell
        self._places = asyncio.Semaphore(provider.max_concurrency)

    def adopt(self, provider: ProviderRecord) -> None:
        """Follow the operator's settings. Calls that run keep their place in the old bound."""
        if provider.max_concurrency != self.provider.max_concurrency:
            self._places = asyncio.Semaphore(provider.max_concurrency)
        if provider.base_url != self.provider.base_url:
            self.circuit = Circuit()
        self.provider = provider

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the provider's places. Raises `ProviderUnavailable` when none gets free in time, or it is resting."""
        self.refuse_while_resting()
        places = self._places
        if places.locked():
            await self._queue(places)
        else:
            await places.acquire()
        try:
            yield
        finally:
            places.release()

    async def _queue(self, places: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(self.provider.timeouts.first_token_s):
                await places.acquire()
        except TimeoutError:
            detail = f"{self.provider.name} has no free place. Try again in a moment."
            raise ProviderUnavailable(detail, sick=False, retry_after_s=1.0) from None

    def refuse_while_resting(self) -> None:
        rest = self.circuit.resting_s
        if rest:
            detail = f"{self.provider.name} failed several times in a row and is not asked for the moment."
            raise ProviderUnavailable(detail, sick=False, retry_after_s=rest)

    def attempt(self) -> "Attempt":
        return Attempt(self)

    def health(self) -> Health:
        circuit = self.circuit
        return Health(healthy=circuit.lets_pass, failures=circuit.failures, resting_s=circuit.resting_s)


class Attempt:
    """Tells the circuit how one call ended."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._circuit = lane.circuit

    def __enter__(self) -> Self:
        if not self._circuit.admit():
            self._lane.refuse_while_resting()
            raise ProviderUnavailable(
                f"{self._lane.provider.name} is being tried again after failures.", sick=False, retry_after_s=1.0
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, ProviderError) and error.sick:
            if self._circuit.failed(retry_after_s=error.retry_after_s):
                rest_s = self._circuit.resting_s
                log.warning("provider.resting", provider=self._lane.provider.id, rest_s=round(rest_s, 1))
                self._tell(rest_s)
        elif error is None or isinstance(error, ProviderError):
            if self._circuit.succeeded():
                self._tell(0.0)
        else:
            self._circuit.abandoned()

    def answers(self) -> None:
        if self._circuit.answers():
            self._tell(0.0)

    def _tell(self, rest_s: float) -> None:
        if self._circuit is self._lane.circuit:  # else the provider has another address by now
            self._lane.tell(self._lane.provider, rest_s)
