"""What cannot be classified goes to a model inside or nowhere, and the audit trail says so (promise P16)."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest

from tests.functional.companies import HOLLOW, SEALED
from tests.support.journeys import Api, Socket, code, of_type
from tests.support.server import RealServer
from tests.support.upstream import Upstream
from tests.support.world import configuration

pytestmark = [pytest.mark.server, pytest.mark.any_store]

QUESTION = "What is the capital of France?"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, _outside: Upstream, _inside: Upstream) -> Iterator[RealServer]:
    """A server of its own, prepared and not started: each story starts it with another fault."""
    server = RealServer(
        tmp_path_factory.mktemp("broken") / "server",
        config=configuration(SEALED, HOLLOW, outside=_outside.base_url, inside=_inside.base_url),
    )
    server.folder.mkdir()
    server.prepare()
    yield server
    server.stop()


@pytest.mark.parametrize("fault", ["raise", "hang", "garbage"])
class TestADetectorThatFails:
    async def test_sends_nothing_outside(
        self, broken: RealServer, outside: Upstream, inside: Upstream, fault: str
    ) -> None:
        broken.kill()
        broken.environment["OPENROUTE_FAULTS"] = f"detector:{fault}"
        broken.start()

        async with (
            Api(broken, SEALED.key()) as api,
            Api(broken, HOLLOW.key()) as hollow,
            Socket(broken, key=SEALED.key()) as socket,
        ):
            answer, refused, (_, frames) = await asyncio.gather(
                api.ask(QUESTION, model="sealed-best"),
                hollow.ask(QUESTION),
                socket.answer(QUESTION, model="sealed-best"),
            )

        assert (answer.status_code, answer.headers["x-openroute-model"]) == (200, "sealed-inside")
        assert answer.headers["x-openroute-sensitivity"] == "unclassified"
        assert (refused.status_code, code(refused)) == (503, "classification_unavailable")
        assert of_type(frames, "routed")[0]["sensitivity"] == "unclassified"
        assert frames[-1]["type"] == "completed"
        assert len(inside.calls()) == 2
        assert outside.requests == []
        assert reasons_on_record(broken) == {"timeout"} if fault == "hang" else {"detector_error"}


class TestAProcessThatIsKilledWhileItLooks:
    async def test_has_sent_nothing_and_goes_on_as_if_nothing_had_been_asked(
        self, broken: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        broken.kill()
        broken.environment["OPENROUTE_FAULTS"] = "detector:hang"
        broken.start()
        async with Api(broken, SEALED.key()) as api:
            asked = asyncio.create_task(api.ask(QUESTION, model="sealed-best"))
            await asyncio.sleep(1)
            assert not asked.done()
            broken.kill()
            with pytest.raises(httpx.TransportError):
                await asked

        assert (outside.requests, inside.requests) == ([], [])
        assert broken.rows("select id from turns_turn where state = 'open'") == []
        broken.environment["OPENROUTE_FAULTS"] = ""
        broken.start()
        async with Api(broken, SEALED.key()) as api:
            answer = await api.ask(QUESTION, model="sealed-best")
        assert (answer.status_code, answer.headers["x-openroute-sensitivity"]) == (200, "clean")


def reasons_on_record(server: RealServer) -> set[str]:
    """Why texts were not classified, as the audit trail of the last start has it."""
    rows = server.rows(
        "select body from audit_auditevent where kind in ('turn.dispatched', 'turn.refused') order by id"
    )
    bodies = [json.loads(row["body"]) for row in rows[-3:]]
    assert {body["sensitivity"] for body in bodies} == {"unclassified"}
    return {body["not_classified"] for body in bodies}
