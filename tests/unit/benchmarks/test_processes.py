import os
import subprocess
import sys
import time

from tests.benchmarks import processes

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


class TestProcessorTime:
    def test_holds_that_of_a_child_that_has_ended(self) -> None:
        before = processes.cpu_s(os.getpid())

        subprocess.run([sys.executable, "-c", BURN], check=True)

        assert processes.cpu_s(os.getpid()) - before >= 0.29

    def test_holds_that_of_a_grandchild_that_still_runs(self) -> None:
        program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN + 'time.sleep(60)'!r}])"
        child = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
        try:
            end = time.monotonic() + 20
            while processes.cpu_s(child.pid) < 0.3 and time.monotonic() < end:
                time.sleep(0.05)

            assert processes.cpu_s(child.pid) >= 0.3
        finally:
            os.killpg(child.pid, 9)
            child.wait()

    def test_is_nothing_for_a_process_that_is_gone(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()

        assert processes.cpu_s(child.pid) == 0.0
        assert processes.resident_mb(child.pid) == 0.0


class TestParent:
    def test_is_the_process_that_started_it(self) -> None:
        assert processes.parent_of(os.getpid()) == os.getppid()
