"""kill -9 in the middle of an evaluation: another worker goes on, and nothing is paid for twice (promises P09, P28)."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.lab import line
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.stores import ROOT
from tests.support.upstream import Script, Upstream
from tests.support.world import Company, Model, configuration, prices

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]

QUESTIONS = 12
ANSWER = Script(text="Yes", delay_s=0.2, first_delay_s=0.2)
EVALUATED = Company("evaluated", [Model("lab-cloud", "4", 0.9)], staff=("adam",))
SETTLED_S = 60.0


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(EVALUATED), default=ANSWER).in_thread() as stub:
        yield stub


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clock") / "now"
    path.write_text("")
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream, clock: Path) -> Iterator[RealServer]:
    config = configuration(EVALUATED, outside=upstream.base_url, inside=upstream.base_url)
    folder = tmp_path_factory.mktemp("evaluated") / "server"
    with RealServer(folder, config=config, environment={"OPENROUTE_CLOCK": f"@{clock}"}) as running:
        yield running


@pytest.fixture(scope="module")
def admin(server: RealServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {EVALUATED.key('adam')}"}
    with httpx.Client(base_url=f"{server.url}/api/v1/lab", headers=headers, timeout=30) as client:
        yield client


def suite() -> str:
    checks = {"kind": "exact", "answers": ["Yes"]}
    return "\n".join(line(f"q-{number:02}", f"Is {number} a number?", checks) for number in range(QUESTIONS))


def worker(server: RealServer) -> "subprocess.Popen[bytes]":
    """A process that does what a Celery worker does when it is woken, until it is killed."""
    program = "import django; django.setup()\nfrom apps.core.tasks import run_due_jobs\nrun_due_jobs()"
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=server.environment)


def asked(upstream: Upstream) -> "Counter[str]":
    """How often each question reached the provider."""
    return Counter(json.loads(request.body)["messages"][-1]["content"] for request in upstream.requests)


def wait_for(upstream: Upstream, calls: int) -> None:
    end = time.monotonic() + 30 * BUSY
    while len(upstream.requests) < calls:
        assert time.monotonic() < end, f"{len(upstream.requests)} calls came, not {calls}"
        time.sleep(0.01)


class TestAKilledWorker:
    def test_is_followed_by_another_and_no_question_is_asked_twice(
        self, server: RealServer, upstream: Upstream, admin: httpx.Client, clock: Path
    ) -> None:
        uploaded = admin.post("/suites/", json={"slug": "yes", "name": "Yes", "lines": suite()})
        assert uploaded.status_code == 201, uploaded.text
        started = admin.post("/runs/", json={"suite": "yes", "models": ["lab-cloud"], "calls_per_minute": 600})
        assert started.status_code == 201, started.text
        run = started.json()["id"]

        doomed = worker(server)
        wait_for(upstream, 6)
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        before = admin.get(f"/runs/{run}/").json()
        assert (before["state"], before["checked"] < QUESTIONS) == ("running", True)

        clock.write_text("+61")  # the lease of the job is over
        self._wait_until_settled(server)
        server.run_jobs()
        shown = admin.get(f"/runs/{run}/").json()

        assert shown["state"] == "completed"
        assert asked(upstream).most_common(1)[0][1] == 1
        assert len(upstream.requests) == QUESTIONS
        answers = admin.get(f"/runs/{run}/answers/", params={"page_size": 50}).json()["results"]
        interrupted = [answer for answer in answers if answer["code"] == "interrupted"]
        assert shown["checked"] + len(interrupted) == QUESTIONS
        assert 1 <= len(interrupted) <= 4
        assert {answer["value"] for answer in answers if answer not in interrupted} == {1.0}
        self._is_paid_once(server, shown["cost_microusd"], upstream)

    @staticmethod
    def _wait_until_settled(server: RealServer) -> None:
        """The web process closes the turns of the dead worker."""
        end = time.monotonic() + SETTLED_S * BUSY
        while server.rows("select id from turns_turn where state = 'open'"):
            assert time.monotonic() < end
            time.sleep(0.2)

    @staticmethod
    def _is_paid_once(server: RealServer, cost: int, upstream: Upstream) -> None:
        """The run's cost is the ledger's, which is never below the bill."""
        (row,) = server.rows("select sum(amount) as paid, count(*) as entries from budgets_ledgerentry")
        assert (row["paid"], row["entries"]) == (cost, QUESTIONS)
        assert cost >= upstream.bill() * 1_000_000
