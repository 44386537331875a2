import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.core import supervisor
from apps.core.supervisor import Program, Supervisor

PATIENCE_S = 20.0


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", textwrap.dedent(code)]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Log:
    """What the programs said, and a chance to act on a line."""

    def __init__(self, react: Callable[[str, str], None] = lambda name, line: None) -> None:
        self.lines: list[tuple[str, str]] = []
        self.react = react

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self.react(name, line)

    def of(self, name: str) -> list[str]:
        return [line for by, line in self.lines if by == name]


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


SERVES = """
    import signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: (print("bye"), sys.exit(0)))
    print("up")
    while True: time.sleep(0.01)
"""
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("up")
    while True: time.sleep(0.01)
"""


class TestRun:
    def test_prefixes_each_line_with_the_name_of_its_program(self) -> None:
        log = Log()

        Supervisor([Program("web", python("print('one'); print('two')"))], emit=log, ready=lambda: False).run()

        assert log.of("web")[:2] == ["one", "two"]

    def test_keeps_a_last_line_without_an_end(self) -> None:
        log = Log()

        Supervisor([Program("web", python("print('half', end='')"))], emit=log, ready=lambda: False).run()

        assert log.of("web")[0] == "half"

    def test_shows_what_a_program_writes_as_an_error(self) -> None:
        log = Log()

        Supervisor([Program("web", python("raise SystemExit('no such thing')"))], emit=log, ready=lambda: False).run()

        assert "no such thing" in log.of("web")

    def test_says_once_when_everything_is_ready(self) -> None:
        said: list[str] = []
        answers = iter([False, False, True])

        def on_ready() -> None:
            said.append("ready")
            interrupt()

        code = Supervisor(
            [Program("web", python(SERVES))], emit=Log(), ready=lambda: next(answers), on_ready=on_ready
        ).run()

        assert (said, code) == (["ready"], 0)

    def test_drains_in_the_order_of_the_programs(self) -> None:
        up: set[str] = set()

        def react(name: str, line: str) -> None:
            if line == "up":
                up.add(name)
            if up == {"web", "worker", "beat"}:
                up.add("told")
                interrupt()

        log = Log(react)
        code = Supervisor([Program(name, python(SERVES)) for name in ("web", "worker", "beat")], emit=log).run()

        assert [name for name, line in log.lines if line == "bye"] == ["web", "worker", "beat"]
        assert code == 0

    def test_kills_what_does_not_end_in_time(self) -> None:
        log = Log(lambda name, line: interrupt() if line == "up" else None)

        started = time.monotonic()
        Supervisor([Program("web", python(STUBBORN), drain_s=0.3)], emit=log).run()

        assert "web did not end in time and is killed." in log.of("up")
        assert time.monotonic() - started < PATIENCE_S

    def test_loses_its_patience_at_the_second_signal(self) -> None:
        class Twice(Log):
            def __call__(self, name: str, line: str) -> None:
                super().__call__(name, line)
                if line in {"up", "asked"}:
                    interrupt()

        tells = STUBBORN.replace("signal.SIG_IGN", "lambda *_: print('asked')")
        log = Twice()
        started = time.monotonic()
        Supervisor([Program("web", python(tells), drain_s=600)], emit=log).run()

        assert log.of("up")[-1] == "web was killed by SIGKILL."
        assert time.monotonic() - started < PATIENCE_S

    def test_starts_a_dead_program_again(self) -> None:
        log = Log()
        log.react = lambda name, line: interrupt() if len(log.of("web")) == 3 else None

        Supervisor([Program("web", python("print('born'); raise SystemExit(3)"))], emit=log).run()

        assert log.of("web") == ["born", "born", "born"]
        assert log.of("up")[:2] == ["web ended with exit code 3.", "web is started again in 0.5 s."]

    def test_gives_up_when_a_program_cannot_be_started_at_all(self) -> None:
        log = Log()

        code = Supervisor(
            [Program("web", python("raise SystemExit(1)")), Program("beat", python(SERVES))],
            emit=log,
            ready=lambda: False,
        ).run()

        assert code == 1
        assert "web cannot be started: its lines above say why." in log.of("up")
        assert log.of("beat")[-1] == "bye"

    def test_leaves_the_handlers_of_signals_as_they_were(self) -> None:
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD)

        Supervisor([Program("web", python("raise SystemExit(1)"))], emit=Log(), ready=lambda: False).run()

        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD)) == before

    def test_ends_what_a_program_left_in_its_session(self) -> None:
        leaves = """
            import subprocess, sys
            child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
            print(child.pid)
        """
        log = Log()
        log.react = lambda name, line: interrupt() if line.startswith("web ended") else None

        Supervisor([Program("web", python(leaves))], emit=log).run()

        assert eventually(lambda: not is_running(int(log.of("web")[0])))


class TestDeathOfTheSupervisor:
    @pytest.fixture
    def supervised(self, tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", list[int]]]:
        """A supervisor in a process of its own, with two programs that write their process ids to files."""
        writes = "import os, time, pathlib; pathlib.Path({!r}).write_text(str(os.getpid())); time.sleep(600)"
        files = [tmp_path / "web", tmp_path / "worker"]
        programs = [(file.name, [sys.executable, "-S", "-c", writes.format(str(file))]) for file in files]
        code = (
            "from apps.core.supervisor import Program, Supervisor\n"
            f"Supervisor([Program(*p) for p in {programs!r}], emit=lambda *_: None).run()"
        )
        root = Path(supervisor.__file__).resolve().parents[2]
        process = subprocess.Popen([sys.executable, "-c", code], cwd=root)
        try:
            assert eventually(lambda: all(file.exists() and file.read_text() for file in files))
            yield process, [int(file.read_text()) for file in files]
        finally:
            process.kill()
            process.wait()

    def test_by_kill_9_leaves_no_orphan(self, supervised: tuple["subprocess.Popen[bytes]", list[int]]) -> None:
        process, children = supervised
        assert all(is_running(child) for child in children)

        process.kill()
        process.wait()

        assert eventually(lambda: not any(is_running(child) for child in children))

    def test_by_sigterm_ends_everything_in_order(self, supervised: tuple["subprocess.Popen[bytes]", list[int]]) -> None:
        process, children = supervised

        process.terminate()

        assert process.wait(PATIENCE_S) == 0
        assert not any(is_running(child) for child in children)


class TestWaitBeforeRestart:
    def test_doubles_up_to_half_a_minute(self) -> None:
        assert [supervisor.wait_before_restart(deaths) for deaths in (1, 2, 3, 7, 100)] == [0.5, 1.0, 2.0, 30.0, 30.0]
