"""Where async meets sync: bounded pools for the database, for pages and for the processor.

They are separate so that scanning a long text cannot starve the database, nor a slow report the answers, and bounded so
that a flood waits in a queue instead of opening connections. This is the only file that hands work from the event loop
to threads.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

PROBES_AT_ONCE: Final = 3

_lock = threading.Lock()
_pools: dict[str, ThreadPoolExecutor] = {}


def _pool(name: str, size: int) -> ThreadPoolExecutor:
    pool = _pools.get(name)
    if pool is None:
        with _lock:
            pool = _pools.setdefault(name, ThreadPoolExecutor(size, thread_name_prefix=_thread_name(name)))
    return pool


async def in_db(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses the ORM in the database pool; the tenant travels with the context.

    With `OPENROUTE_INLINE` (tests inside one transaction) it runs at once on the caller's own connection.
    """
    return await _with_connection("db", settings.OPENROUTE_DB_THREADS, function, *args, **kwargs)


async def _with_connection(name: str, size: int, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    if settings.OPENROUTE_INLINE:
        return function(*args, **kwargs)
    context = copy_context()

    def job() -> T:
        close_old_connections()
        try:
            return context.run(function, *args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_pool(name, size), job)


async def in_page(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a request of the web API or a page. A pool of its own: slow reports must not keep answers waiting."""
    return await _with_connection("page", settings.OPENROUTE_PAGE_THREADS, function, *args, **kwargs)


async def in_probe(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the request of a probe: while every page waits for a store, "are you alive" must still be answered."""
    return await _with_connection("probe", PROBES_AT_ONCE, function, *args, **kwargs)


async def in_cpu(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that computes for long, without the ORM, in the processor pool."""
    if settings.OPENROUTE_INLINE:
        return function(*args, **kwargs)
    context = copy_context()
    pool = _pool("cpu", settings.OPENROUTE_CPU_THREADS)
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: context.run(function, *args, **kwargs))


async def in_writer(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the writer's commit on its one thread, so that it keeps one connection and never waits behind a reader."""
    if settings.OPENROUTE_INLINE:
        return function(*args, **kwargs)
    pool = _pool("writer", 1)
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: function(*args, **kwargs))


def is_writer() -> bool:
    """Whether the caller runs on the writer's thread."""
    return threading.current_thread().name.startswith(_thread_name("writer"))


def _thread_name(pool: str) -> str:
    return f"openroute-{pool}"


def shutdown() -> None:
    """Let the pools finish what they run and forget them; a later call starts new ones."""
    with _lock:
        pools, names = list(_pools.values()), list(_pools)
        for name in names:
            del _pools[name]
    for pool in pools:
        pool.shutdown(wait=True, cancel_futures=True)
