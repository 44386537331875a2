"""Daphne speaks no lifespan, so nobody tells the application that the process ends: Twisted's own shutdown does.

Twisted is not imported here: it costs a second of start, and where daphne serves it is there already.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

log = structlog.get_logger(__name__)

REACTOR = "twisted.internet.reactor"
DEFER = "twisted.internet.defer"


def drain_with(drain: Callable[[], Awaitable[None]], *, deadline_s: float) -> bool:
    """Have a running reactor wait for `drain` before it stops; False where no reactor serves this process."""
    reactor: Any = sys.modules.get(REACTOR)
    if reactor is None or not reactor.running:
        return False
    reactor.addSystemEventTrigger("before", "shutdown", _begin, drain, deadline_s)
    return True


def _begin(drain: Callable[[], Awaitable[None]], deadline_s: float) -> Any:
    """A deferred, which the reactor waits for."""
    deferred: Any = sys.modules[DEFER]
    return deferred.Deferred.fromFuture(asyncio.ensure_future(_drained(drain, deadline_s)))


async def _drained(drain: Callable[[], Awaitable[None]], deadline_s: float) -> None:
    try:
        await asyncio.wait_for(drain(), deadline_s)
    except TimeoutError:
        log.warning("drain.deadline_passed", seconds=deadline_s)
