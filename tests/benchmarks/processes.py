"""Processor time and memory of processes of this machine, as /proc tells them (Linux)."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
CALM_S, CALM_AFTER_S, PATIENCE_S = 0.02, 0.25, 8.0
"""A server that used at most 0.02 s of processor in 0.25 s has dropped what the end of a load cut off."""


def cpu_s(pid: int) -> float:
    """User and system seconds of a process, of all below it, and of those below it that have ended; to 10 ms."""
    return _ticks(pid) / TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Memory that a process and all below it hold now; pages that several share count for each."""
    try:
        own = _numbers(pid)[21] * PAGE_BYTES / 1e6
    except OSError:
        return 0.0
    return own + sum(resident_mb(child) for child in _children(pid))


def settle(pids: Sequence[int]) -> None:
    """Wait until these have dropped the requests that the end of a load cut off: the next load wants the processors."""
    end, used = time.monotonic() + PATIENCE_S, sum(map(cpu_s, pids))
    while time.monotonic() < end:
        time.sleep(CALM_AFTER_S)
        before, used = used, sum(map(cpu_s, pids))
        if used - before <= CALM_S:
            return


def parent_of(pid: int) -> int:
    """The process that started it."""
    return _numbers(pid)[1]


def _ticks(pid: int) -> int:
    try:
        own = sum(_numbers(pid)[11:15])  # its own and those of its children that have ended, user and system
    except OSError:  # it has ended since its parent was asked, which counts it from now on
        return 0
    return own + sum(_ticks(child) for child in _children(pid))


def _numbers(pid: int) -> list[int]:
    """The fields of /proc/PID/stat behind the name, whose letter for the state reads 0."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, fields[1:])]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found
