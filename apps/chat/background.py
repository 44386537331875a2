"""Runs a turn from synchronous code, such as a job in a Celery worker.

Writer, snapshot and connections belong to one event loop, so a worker keeps one of its own, in a thread that starts
with the first turn and ends with the process.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from django.conf import settings

from apps.turns import lifespan

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its result. Never call it on an event loop: it blocks."""
    if settings.OPENROUTE_INLINE:
        return asyncio.run(work)
    return asyncio.run_coroutine_threadsafe(_started(work), _running_loop()).result()


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
