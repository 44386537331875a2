"""What one process holds while it serves: writer, snapshots, keys, rates, running turns. Built once, at start."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from apps.core.clock import now
from apps.core.snapshot import SnapshotStore, VersionWatch
from apps.core.store import BlockingStore, Store
from apps.core.writer import InlineWriter, Writer
from apps.domain.errors import Overloaded
from apps.domain.ids import new_id
from apps.turns.affinity import Affinity
from apps.turns.context import TenantContext, load
from apps.turns.journal import Journal
from apps.turns.keys import KeyIndex
from apps.turns.levels import Levels
from apps.turns.plan import TurnPlanner
from apps.turns.rates import Rates
from apps.turns.refusals import Refusals

REFUSALS_AT_ONCE: Final = 2
STORES: Final = {"postgresql": "apps.core.postgres.store.PostgresStore", "sqlite": "apps.core.store.BlockingStore"}
"""Where a writer commits, by the kind of database; by name, so that the client of the other kind is never loaded."""


@dataclass
class Runtime:
    """One per process. `boot_id` owns the turns that this process answers."""

    boot_id: UUID
    watch: VersionWatch
    contexts: SnapshotStore[TenantContext]
    keys: KeyIndex
    writer: Writer | InlineWriter
    refusals: Refusals
    journal: Journal
    rates: Rates = field(default_factory=Rates)
    affinity: Affinity = field(default_factory=Affinity)
    levels: Levels = field(default_factory=Levels)
    refusing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REFUSALS_AT_ONCE))
    """Who may look up whose a refused key was: a flood of them must leave the database's threads to the others."""
    accepting: bool = True


def build(*, inline: bool) -> Runtime:
    """A runtime that is not started yet. Inline: one transaction of a test, or a command."""
    writer = InlineWriter(BlockingStore(TurnPlanner()), now=now) if inline else Writer(writer_store(), now=now)
    watch = VersionWatch(time.monotonic)
    keys = KeyIndex()
    contexts = SnapshotStore(watch, load)
    watch.listen(keys.changed)
    return Runtime(
        boot_id=new_id(),
        watch=watch,
        contexts=contexts,
        keys=keys,
        writer=writer,
        refusals=Refusals(writer.submit),
        journal=Journal(writer.submit),
    )


def writer_store() -> Store:
    """Where a writer of this installation commits: PostgreSQL is spoken to on the event loop, SQLite on a thread."""
    store: Store = import_string(STORES[connection.vendor])(TurnPlanner())
    return store


_runtime: Runtime | None = None


def install(runtime: Runtime | None) -> None:
    """Make this the runtime of the process; None when it has ended."""
    global _runtime
    _runtime = runtime


def current() -> Runtime:
    """The runtime of this process. Raises `Overloaded` before the start and after the end."""
    if _runtime is None and settings.OPENROUTE_INLINE:
        install(build(inline=True))
    if _runtime is None:
        raise Overloaded("OpenRoute is starting. Try again in a moment.")
    return _runtime


def is_installed() -> bool:
    """Whether this process has started to serve."""
    return _runtime is not None


def can_check_rights() -> bool:
    """For /readyz: False while questions would be refused because nobody knows whether rights were revoked."""
    return _runtime is None or _runtime.watch.is_fresh
