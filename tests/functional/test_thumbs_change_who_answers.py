"""What people say of answers in the chat changes which model is asked: exactly once, also when the worker is killed."""

import asyncio
import json
from typing import Any

import pytest

from tests.functional.companies import TAUGHT
from tests.support.journeys import Api, Frame, Socket, iban, within
from tests.support.server import RealServer
from tests.support.upstream import Upstream

pytestmark = [pytest.mark.server]

QUESTION = "Write a function that sorts a list of numbers."
KILLED = """
import os
from apps.operations.learning import reading
from apps.tenants import selectors as tenants
observe = reading.routing.observe
def dies(*arguments):
    observe(*arguments)
    os.kill(os.getpid(), 9)
reading.routing.observe = dies
if os.fork() == 0:
    reading.read(tenants.tenant_by_slug("taught").id)
assert os.waitstatus_to_exitcode(os.wait()[1]) == -9
"""
LEARN = "from apps.operations.tasks import learn; print(learn())"
PROFILES = """
import json
from apps.routing import selectors
from apps.tenants import selectors as tenants
found = selectors.profiles(tenants.tenant_by_slug("taught").id)
print(json.dumps({name: [[cell.short, cell.total, cell.seen] for cell in found[name].cells] for name in found}))
"""


async def rate(api: Api, answer: Frame, verdict: str, **more: str) -> None:
    reply = await api.client.post(f"/api/v1/messages/{answer['message']}/feedback/", json={"verdict": verdict, **more})
    assert reply.status_code == 200, reply.text


async def learn(server: RealServer) -> None:
    await asyncio.to_thread(server.python, LEARN)


async def profiles(server: RealServer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await asyncio.to_thread(server.python, PROFILES))
    return found


class TestTwentyThumbsDown:
    async def test_change_who_is_asked_first(self, server: RealServer, outside: Upstream, inside: Upstream) -> None:
        async with Api(server, TAUGHT.key()) as api, Socket(server, key=TAUGHT.key()) as socket:
            for _ in range(20):
                _, frames = await socket.answer(QUESTION)
                assert frames[-1]["model"] == "taught-best"
                await rate(api, frames[-1], "down")
            before = await profiles(server)
            await asyncio.to_thread(server.python, KILLED)
            after_death = await profiles(server)
            await learn(server)
            learnt = await profiles(server)
            await learn(server)

            async def answers() -> bool:
                _, frames = await socket.answer(QUESTION)
                return bool(frames[-1]["model"] == "taught-good")

            waited_s = await within(20, answers)  # the web process looks for new figures every second
            record = await api.record((await socket.answer(QUESTION))[0]["turn"])

        assert before == after_death == {}
        ((short, total, seen),) = learnt["taught-best"]
        assert seen == pytest.approx(20 * 1.05)
        assert short / total > 0.9
        (again,) = (await profiles(server))["taught-best"]
        assert again == pytest.approx([short, total, seen], rel=1e-3)
        assert record["decision"]["candidates"][0]["model"] == "taught-good"
        print(f"\nasked first after {waited_s:.1f} s; shortfall {short:.2f} of {total:.2f} observations")


class TestAPrivateQuestion:
    async def test_teaches_and_leaves_no_word(self, server: RealServer, outside: Upstream, inside: Upstream) -> None:
        account = iban()
        async with Api(server, TAUGHT.key("otto")) as api, Socket(server, key=TAUGHT.key("otto")) as socket:
            _, frames = await socket.answer(f"Why was {account} refused?")
            await rate(api, frames[-1], "down", reason=f"{account} is open.")
            await learn(server)

        assert frames[-1]["model"] == "taught-inside"
        rows = server.rows("select * from routing_outcome where model = 'taught-inside' order by signal")
        assert [(row["signal"], row["value"]) for row in rows] == [("answered", 1.0), ("speed", 1.0), ("thumb", 0.0)]
        tables = (
            "routing_outcome",
            "routing_modelprofile",
            "routing_profilecell",
            "routing_profileday",
            "core_bookmark",
        )
        written = "".join(str(server.rows(f"select * from {table}")) for table in tables)
        assert account not in written
        assert account[4:] not in written
