"""Runs turns from synchronous code, such as a job in a Celery worker.

Writer, snapshot and connections belong to one event loop, so a worker keeps one of its own, in a thread that starts
with the first turn and ends with the process.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from django.conf import settings

from apps.providers import services as providers
from apps.turns import lifespan

T = TypeVar("T")

MEANWHILE_S: Final = 15.0

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(work: Coroutine[Any, Any, T], *, meanwhile: Callable[[], None] | None = None) -> T:
    """Run `work` to its end and return its result. Never call it on an event loop: it blocks.

    Args:
        meanwhile: called every `MEANWHILE_S` while it runs, to renew a lease. What it raises is raised here; the work
            goes on by itself then, and its turns are settled.
    """
    if settings.OPENROUTE_INLINE:
        return asyncio.run(_alone(work))
    running = asyncio.run_coroutine_threadsafe(_started(work), _running_loop())
    while True:
        try:
            return running.result(MEANWHILE_S if meanwhile else None)
        except TimeoutError:
            if running.done() or meanwhile is None:
                raise
            meanwhile()


def shutdown() -> None:
    """An orderly end, for a command that ran turns; a worker's process just ends."""
    if _loop is not None:
        asyncio.run_coroutine_threadsafe(lifespan.shutdown(), _loop).result()


async def _alone(work: Coroutine[Any, Any, T]) -> T:
    """On a loop of its own, with which its connections end."""
    try:
        return await work
    finally:
        await providers.shutdown()


async def _started(work: Coroutine[Any, Any, T]) -> T:
    await lifespan.startup()
    return await work


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop  # one loop per worker is the point
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="openroute-turns", daemon=True).start()
        return _loop
