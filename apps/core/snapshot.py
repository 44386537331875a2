"""What the hot path knows without asking the database: one value per tenant, loaded again when its version changes.

A process that could not poll for `SNAPSHOT_STALE_S` refuses new work: rights may have been revoked meanwhile (P02).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError

from apps.core import versions
from apps.core.threads import in_db
from apps.domain.errors import Overloaded
from apps.domain.ids import INSTALLATION, TenantId
from apps.domain.limits import SNAPSHOT_STALE_S

T = TypeVar("T")
log = structlog.get_logger(__name__)

POLL_S = 1.0
CATCH_UP_S = 0.1
MAX_AGE_S = 1800.0
UNREACHABLE = "The database cannot be reached, so rights cannot be checked. Try again in a moment."


@contextmanager
def _reachable() -> Iterator[None]:
    """A store that is away as `Overloaded`: whoever asked may try again. A defect stays one."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        log.warning("snapshot.store_away", error=type(error).__name__)
        raise Overloaded(UNREACHABLE) from error


Changed = Callable[[frozenset[TenantId]], Awaitable[None]]


class VersionWatch:
    """Polls the versions once a second, and when a hint says so, and tells listeners which tenants changed.

    `clock` gives monotonic seconds. The watch starts stale: nothing is served before the first successful poll.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[int, str], int] = {}
        self._untold: frozenset[TenantId] = frozenset()
        self._polled_at = float("-inf")
        self._listeners: list[Changed] = []
        self._task: asyncio.Task[None] | None = None
        self._catching_up = asyncio.Lock()
        self._hinted = asyncio.Event()

    def listen(self, listener: Changed) -> None:
        """Call `listener` with the tenants whose versions changed, after each poll that found some."""
        self._listeners.append(listener)

    def version(self, tenant: TenantId, kind: versions.Kind = "config") -> tuple[int, int]:
        """The last seen (installation's, tenant's) version."""
        return self._seen.get((INSTALLATION, kind), 0), self._seen.get((tenant, kind), 0)

    @property
    def is_fresh(self) -> bool:
        return self._clock() - self._polled_at <= SNAPSHOT_STALE_S

    async def poll(self) -> None:
        """Read all versions now; raises what the database raises."""
        started = self._clock()
        found = await in_db(versions.everything)
        before, self._seen, self._polled_at = self._seen, found, started
        fresh = frozenset(TenantId(key[0]) for key, value in found.items() if before.get(key) != value)
        changed, self._untold = self._untold | fresh, frozenset()
        if changed:
            await self._tell(changed)

    async def _tell(self, changed: frozenset[TenantId]) -> None:
        """Tell all listeners; when the database fails one of them, the next poll tells all again."""
        told = False
        try:
            for listener in self._listeners:
                await listener(changed)
            told = True
        finally:
            if not told:
                self._untold |= changed

    async def catch_up(self) -> None:
        """Return after a poll that began after this call, for somebody who brings what no earlier poll can have seen.

        Whoever waits meanwhile shares it, and there are at most ten a second, so that guesses do not become queries.

        Raises:
            Overloaded: the database cannot be reached.
        """
        asked = self._clock()
        async with self._catching_up:
            if self._polled_at > asked:
                return
            await asyncio.sleep(max(0.0, self._polled_at + CATCH_UP_S - asked))
            with _reachable():
                await self.poll()

    def look(self) -> None:
        """Somebody says that a poll would find something: poll now, but not more than ten times a second."""
        self._hinted.set()

    async def start(self) -> None:
        """Poll once, then go on in the background until `stop`."""
        await self.poll()
        self._task = asyncio.create_task(self._run(), name="version-watch")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            last = loop.time()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._hinted.wait()
            await asyncio.sleep(max(0.0, last + CATCH_UP_S - loop.time()))
            self._hinted.clear()
            try:
                await self.poll()
            except (DatabaseError, InterfaceError) as error:
                log.warning("snapshot.poll_failed", error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    version: tuple[int, int]
    loaded_at: float
    value: T


class SnapshotStore(Generic[T]):
    """One value per tenant, as of the newest version that the watch has seen.

    `load` is a sync function that may use the ORM; it runs in the database pool, once per tenant and version, and again
    after `MAX_AGE_S`, for what changes with time alone (budget periods).
    """

    def __init__(
        self, watch: VersionWatch, load: Callable[[TenantId], T], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._watch = watch
        self._load = load
        self._clock = clock
        self._entries: dict[TenantId, _Entry[T]] = {}
        self._loading: dict[TenantId, asyncio.Lock] = {}
        watch.listen(self._changed)

    async def get(self, tenant: TenantId) -> T:
        """The tenant's value. Raises `Overloaded` while the versions, or a value that is needed, cannot be read."""
        if settings.OPENROUTE_INLINE:
            await self._watch.poll()
        if not self._watch.is_fresh:
            raise Overloaded(UNREACHABLE)
        entry = self._entries.get(tenant)
        if entry is not None and self._is_current(tenant, entry):
            return entry.value
        with _reachable():
            return await self._reload(tenant)

    def peek(self, tenant: TenantId) -> T | None:
        """The value as of the last load, without waiting; None when it was never loaded or the watch is stale."""
        entry = self._entries.get(tenant)
        return entry.value if entry is not None and self._watch.is_fresh else None

    async def refresh(self, tenant: TenantId) -> T:
        """Poll and load again now: somebody saw a newer version than the watch did. Raises what `get` does."""
        with _reachable():
            await self._watch.poll()
            self._entries.pop(tenant, None)
            return await self._reload(tenant)

    async def _reload(self, tenant: TenantId) -> T:
        async with self._loading.setdefault(tenant, asyncio.Lock()):
            entry = self._entries.get(tenant)
            if entry is not None and self._is_current(tenant, entry):
                return entry.value
            version, loaded_at = self._watch.version(tenant), self._clock()
            value = await in_db(self._load, tenant)
            self._entries[tenant] = _Entry(version, loaded_at, value)
            return value

    def _is_current(self, tenant: TenantId, entry: "_Entry[T]") -> bool:
        return entry.version == self._watch.version(tenant) and self._clock() - entry.loaded_at < MAX_AGE_S

    async def _changed(self, tenants: frozenset[TenantId]) -> None:
        stale = set(self._entries) if INSTALLATION in tenants else tenants & set(self._entries)
        for tenant in sorted(stale):
            await self._reload(tenant)
