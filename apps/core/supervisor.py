"""One process tree: starts the programs of `make run`, restarts what dies, and takes everything down in order.

Each program leads a session of its own, so that Ctrl-C reaches the supervisor alone and the order of the end is ours.
The kernel kills a program when the supervisor dies, even by SIGKILL (PR_SET_PDEATHSIG). The programs start no processes
of their own: several web processes are several programs, and Celery runs its tasks in threads. So nothing is left over.
The signal is bound to the thread that forks, and `preexec_fn` is safe only without other threads: there is one here.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
STEADY_AFTER_S: Final = 30.0
"""A program that lived this long has proved itself; its next death counts as a first one."""
TRIES_BEFORE_READY: Final = 3
MAX_LINE_BYTES: Final = 64 * 1024
TICK_S: Final = 0.25

Emit = Callable[[str, str], None]
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int) -> None:
    """Have the kernel send this process a signal when its parent dies. Linux only; elsewhere nothing happens."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)


def _born_under(parent: int) -> None:
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died between fork and prctl: nobody would ever tell us
        os._exit(1)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `drain_s`: how long it may take to end by itself after SIGTERM, before it is killed."""

    name: str
    command: Sequence[str]
    drain_s: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()


@dataclass(slots=True)
class _Child:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    restart_at: float | None = None
    deaths: int = 0
    listening: bool = False
    rest: bytes = b""  # of a line whose end has not come yet


def wait_before_restart(deaths: int) -> float:
    """Seconds to wait after this many deaths in a row: half a second, doubled each time, at most 30."""
    return min(FIRST_WAIT_S * 2.0 ** min(deaths - 1, 10), LONGEST_WAIT_S)


def explain(code: int) -> str:
    """An exit status as a person says it."""
    if code == 0:
        return "ended"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


class Supervisor:
    """Runs programs until it is told to stop. The order of `programs` is the order in which they are drained.

    `emit(name, line)` gets each line of each program; `ready` is asked until it says yes, then `on_ready` runs once.
    Before that, a program that dies three times in a row ends everything; after that, it is restarted for ever.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        emit: Emit,
        ready: Callable[[], bool] = lambda: True,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._children = [_Child(program) for program in programs]
        self._emit, self._ready, self._on_ready = emit, ready, on_ready
        self._selector = selectors.DefaultSelector()
        self._signals = 0
        self._is_ready = False
        self._failed = False

    def run(self) -> int:
        """Start everything, watch it, and return the exit code: 0 after an orderly end, 1 when a start failed."""
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(wake_read, selectors.EVENT_READ)
        old_wakeup = signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        old = {number: signal.signal(number, self._told_to_stop) for number in handled}
        old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)  # only wakes the selector
        try:
            self._watch()
            self._drain()
        finally:
            self._kill_all()
            for number, handler in old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(old_wakeup)
            self._selector.close()
            os.close(wake_read)
            os.close(wake_write)
        return int(self._failed)

    def _told_to_stop(self, number: int, _frame: object) -> None:
        self._signals += 1

    def _watch(self) -> None:
        for child in self._children:
            self._start(child)
        while not self._signals and not self._failed:
            self._pump(TICK_S)
            for child in self._children:
                self._look_after(child)
            if not self._is_ready and self._ready():
                self._is_ready = True
                self._on_ready()

    def _start(self, child: _Child) -> None:
        program = child.program
        parent = os.getpid()
        child.restart_at, child.started_at, child.rest = None, time.monotonic(), b""
        child.process = subprocess.Popen(  # noqa: S603 - the commands come from our own code
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment},
            pass_fds=program.pass_fds,
            start_new_session=True,
            preexec_fn=lambda: _born_under(parent),
        )
        output = _output_of(child.process)
        os.set_blocking(output.fileno(), False)
        self._selector.register(output, selectors.EVENT_READ, child)
        child.listening = True

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            self._bury(child)
            child.deaths = child.deaths + 1 if now - child.started_at < STEADY_AFTER_S else 1
            if not self._is_ready and child.deaths >= TRIES_BEFORE_READY:
                self._emit("up", f"{child.program.name} cannot be started: its lines above say why.")
                self._failed = True
                return
            wait_s = wait_before_restart(child.deaths)
            child.restart_at = now + wait_s
            self._emit("up", f"{child.program.name} is started again in {wait_s:g} s.")
        elif child.restart_at is not None and now >= child.restart_at:
            self._start(child)

    def _bury(self, child: _Child, *, asked: bool = False) -> None:
        """Read the last lines, reap, and end whatever the program left in its session. `asked`: it was told to end."""
        process = child.process
        if process is None:
            return
        self._read(child)
        self._stop_listening(child)
        _output_of(process).close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        child.process = None
        code = process.wait()
        self._emit("up", f"{child.program.name} {'ended' if asked and code == -signal.SIGTERM else explain(code)}.")

    def _pump(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if key.data is None:
                with suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            else:
                self._read(key.data)

    def _read(self, child: _Child) -> None:
        """Pass on the lines that are there; stop listening when the program has closed its output."""
        if child.process is None or not child.listening:
            return
        output = _output_of(child.process)
        with suppress(BlockingIOError):
            while chunk := os.read(output.fileno(), 65536):
                *lines, child.rest = (child.rest + chunk).split(b"\n")
                if len(child.rest) > MAX_LINE_BYTES:
                    lines, child.rest = [*lines, child.rest], b""
                for line in lines:
                    self._emit(child.program.name, line.decode(errors="replace"))
            self._stop_listening(child)

    def _stop_listening(self, child: _Child) -> None:
        if child.process is not None and child.listening:
            self._selector.unregister(_output_of(child.process))
            child.listening = False
        if child.rest:
            self._emit(child.program.name, child.rest.decode(errors="replace"))
            child.rest = b""

    def _drain(self) -> None:
        """SIGTERM one after the other in order, each with its deadline. A second signal ends the patience."""
        patience = self._signals + 1
        for child in self._children:
            if child.process is None or self._signals >= patience:
                continue
            child.process.terminate()
            deadline = time.monotonic() + child.program.drain_s
            while child.process.poll() is None and time.monotonic() < deadline and self._signals < patience:
                self._pump(TICK_S)
            if child.process.poll() is None:
                self._emit("up", f"{child.program.name} did not end in time and is killed.")
                child.process.kill()
            self._bury(child, asked=True)

    def _kill_all(self) -> None:
        for child in self._children:
            if child.process is not None:
                child.process.kill()
                self._bury(child)


def _output_of(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("the process was started without a pipe for its output")
    return process.stdout
