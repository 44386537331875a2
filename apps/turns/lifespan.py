"""Start and orderly end of a serving process: snapshot, writer, engine, connections; then drain with a deadline."""

import asyncio
import ctypes
import gc
import threading
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from apps.audit import services as audit
from apps.core import hints, threads, versions
from apps.core.clock import now
from apps.core.threads import in_db
from apps.domain.errors import OpenRouteError
from apps.domain.limits import HEARTBEAT_S
from apps.identity import refusals
from apps.identity import services as identity
from apps.privacy import services as privacy
from apps.providers import services as providers
from apps.routing import services as routing
from apps.turns import access, live, outcome, owners, rates, runtime, stops, sweeper

log = structlog.get_logger(__name__)

UNWELL_S = 1.0
"""After a heartbeat that could not be written the next one is tried so soon: others may count the silence."""
SWEPT_S = 0.2
"""After a sweep that closed something: it may have stopped half-way, so as not to hold a thread for long."""
COLLECT_AFTER = (20_000, 20, 20)
"""New objects before a collection of the youngest, then of younger collections before one of the older (`gc`)."""
COLLECT_EVERY_S = 600.0
"""A closed websocket leaves 26 kB in cycles that have grown old: so rarely that nobody sees the 30 ms it takes."""

# Of glibc; other C libraries have no such call.
_give_back: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
_background: list["asyncio.Task[None]"] = []
_starting = asyncio.Lock()


async def startup() -> None:
    """Make this process ready to answer. A second call does nothing (servers without lifespan start lazily)."""
    async with _starting:
        if runtime.is_installed():
            return
        privacy.start()
        routing.start()
        await in_db(audit.check_triggers)
        await providers.startup()
        active = runtime.build(inline=False)
        await in_db(owners.beat_heart, boot_id=active.boot_id, kind="web", now=now())
        active.writer.start()
        active.watch.listen(access.end_revoked)
        await active.watch.start()
        await _share_hints(active)
        calm_collector()
        runtime.install(active)
        _background.append(asyncio.create_task(_live(active), name="heartbeat"))
        _background.append(asyncio.create_task(_tidy(active), name="sweeper"))
        _background.append(asyncio.create_task(_collect(), name="collector"))
        _watch_stops(active)
        log.info("process.ready", boot=str(active.boot_id), threads=threading.active_count())


def _watch_stops(active: runtime.Runtime) -> None:
    if connection.vendor == "sqlite":  # the embedded default has one web process
        return
    watch = stops.StopWatch(active.boot_id)
    hints.listen(stops.TOPIC, lambda _: watch.hinted())
    _background.append(asyncio.create_task(watch.run(), name="stops"))


async def _share_hints(active: runtime.Runtime) -> None:
    """What other processes of the installation tell makes this one faster, as far as Redis is there."""
    hints.listen(versions.LOOK, lambda _: active.watch.look())
    hints.listen(rates.USED, active.rates.heard)
    await hints.start()
    if hints.is_running():
        active.rates.share()
        _background.append(asyncio.create_task(_gossip(active), name="rates"))


async def _gossip(active: runtime.Runtime) -> None:
    while True:
        await asyncio.sleep(rates.GOSSIP_S)
        for body in active.rates.told():
            hints.publish(rates.USED, body)


def calm_collector() -> None:
    """Spare Python's cycle collector what it cannot free: measured, it took a tenth of the time of an answer.

    What start-up has built (models, recognisers, the catalogue) stays for good and need not be looked through, and a
    turn leaves hardly any cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    if _give_back is not None:  # what reading and compiling took and left: 5 MB
        _give_back(0)


async def shutdown() -> None:
    """Refuse new questions, let running answers end until the deadline, stop the rest, and write everything."""
    if not runtime.is_installed():
        return
    active = runtime.current()
    active.accepting = False
    running = [turn.over() for turn in live.running()]
    if running:
        await asyncio.wait({asyncio.ensure_future(end) for end in running}, timeout=settings.OPENROUTE_DRAIN_S)
    for turn in live.running():
        turn.stop()
    await asyncio.gather(*(turn.over() for turn in live.running()))
    await outcome.all_settled()
    with suppress(OpenRouteError, DatabaseError):
        await active.refusals.flush(everything=True)
        await in_db(_flush_identity, everything=True)
    for task in _background:
        task.cancel()
    await asyncio.gather(*_background, return_exceptions=True)
    _background.clear()
    await hints.stop()
    await active.watch.stop()
    await active.writer.drain()
    with suppress(DatabaseError):  # the others will notice its silence
        await in_db(owners.end_process, boot_id=active.boot_id)
    await providers.shutdown()
    runtime.install(None)
    threads.shutdown()


def _flush_identity(*, everything: bool = False) -> None:
    """What identity notes in memory, so that it costs nothing where it happens."""
    identity.flush_key_uses(at=now(), force=everything)
    refusals.flush(at=now(), everything=everything)


async def _live(active: runtime.Runtime) -> None:
    """Heartbeat. It waits for nothing else: who is silent is taken for dead, and loses its turns."""
    pause_s = HEARTBEAT_S
    while True:
        await asyncio.sleep(pause_s)
        try:
            await in_db(owners.beat_heart, boot_id=active.boot_id, kind="web", now=now())
            pause_s = HEARTBEAT_S
        except (DatabaseError, InterfaceError, OSError) as error:
            owners.OWNERS.forget()  # others could not say that they live, either
            pause_s = UNWELL_S
            log.warning("process.unwell", error=type(error).__name__)


async def _collect() -> None:
    while True:
        await asyncio.sleep(COLLECT_EVERY_S)
        gc.collect()


async def _tidy(active: runtime.Runtime) -> None:
    """Close what dead processes left, and write down what is noted in memory."""
    while True:
        closed = 0
        try:
            closed = await in_db(sweeper.sweep, now=now())
            await active.refusals.flush()
            await in_db(_flush_identity)
        except (DatabaseError, InterfaceError, OpenRouteError, OSError) as error:
            log.warning("process.untidy", error=type(error).__name__)
        await asyncio.sleep(SWEPT_S if closed else HEARTBEAT_S)
