"""Start and orderly end of a serving process: snapshot, writer, engine, connections; then drain with a deadline."""

import asyncio
import gc
import threading
from contextlib import suppress

import structlog
from django.conf import settings
from django.db import DatabaseError

from apps.audit import services as audit
from apps.core import threads
from apps.core.clock import now
from apps.core.threads import in_db
from apps.domain.errors import OpenRouteError
from apps.domain.limits import HEARTBEAT_S
from apps.identity import refusals
from apps.identity import services as identity
from apps.privacy import services as privacy
from apps.providers import services as providers
from apps.routing import services as routing
from apps.turns import access, live, outcome, runtime, sweeper

log = structlog.get_logger(__name__)

BEATS_BEFORE_SWEEP = 2
COLLECT_AFTER = (20_000, 20, 20)
"""New objects before a collection of the youngest, then of younger collections before one of the older (`gc`)."""

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
        await in_db(sweeper.beat_heart, boot_id=active.boot_id, kind="web", now=now())
        active.writer.start()
        active.watch.listen(access.end_revoked)
        await active.watch.start()
        calm_collector()
        runtime.install(active)
        _background.append(asyncio.create_task(_live(active), name="heartbeat"))
        log.info("process.ready", boot=str(active.boot_id), threads=threading.active_count())


def calm_collector() -> None:
    """Spare Python's cycle collector what it cannot free: measured, it took a tenth of the time of an answer.

    What start-up has built (models, recognisers, the catalogue) stays for good and need not be looked through, and a
    turn leaves hardly any cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


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
    with suppress(OpenRouteError):
        await active.refusals.flush(everything=True)
    for task in _background:
        task.cancel()
    await asyncio.gather(*_background, return_exceptions=True)
    _background.clear()
    await active.watch.stop()
    await active.writer.drain()
    await in_db(sweeper.end_process, boot_id=active.boot_id)
    await providers.shutdown()
    runtime.install(None)
    threads.shutdown()


def _flush_identity() -> None:
    """What identity notes in memory, so that it costs nothing where it happens."""
    identity.flush_key_uses(at=now())
    refusals.flush(at=now())


async def _live(active: runtime.Runtime) -> None:
    """Heartbeat, then sweep. After an outage of the database everybody gets time to show that they live."""
    healthy = 0
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        try:
            await in_db(sweeper.beat_heart, boot_id=active.boot_id, kind="web", now=now())
            healthy += 1
            if healthy >= BEATS_BEFORE_SWEEP:
                await in_db(sweeper.sweep, now=now())
            await active.refusals.flush()
            await in_db(_flush_identity)
        except (DatabaseError, OpenRouteError) as error:
            healthy = 0
            log.warning("process.unwell", error=type(error).__name__)
