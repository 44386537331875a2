"""A conversation, message or turn of somebody else answers like one that does not exist (promise P01)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.functional.companies import PATIENT, SDK
from tests.support.journeys import Api, Frame, Socket
from tests.support.server import RealServer
from tests.support.upstream import Upstream

pytestmark = pytest.mark.server

STRANGERS = {"a colleague": PATIENT.key("nora"), "somebody of another company": SDK.key()}
RATING = {"verdict": "up"}


@pytest.fixture
async def owned(server: RealServer, outside: Upstream) -> dict[str, str]:
    """What erin owns: ids of a conversation, its question, its answer, and its turn."""
    async with Socket(server, key=PATIENT.key()) as socket:
        accepted, frames = await socket.answer("Nobody else's business.")
    names = {"conversation": accepted["conversation"], "question": accepted["message"], "turn": accepted["turn"]}
    return {**names, "answer": frames[-1]["message"]}


def requests(ids: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Every REST route that takes one of these ids."""
    conversation = f"/api/v1/conversations/{ids['conversation']}/"
    return [
        ("GET", conversation, None),
        ("PATCH", conversation, {"title": "Mine"}),
        ("POST", f"{conversation}restore/", None),
        ("GET", f"{conversation}messages/", None),
        ("GET", f"{conversation}messages/?leaf={ids['answer']}", None),
        ("POST", f"/api/v1/messages/{ids['answer']}/feedback/", RATING),
        ("GET", f"/api/v1/turns/{ids['turn']}/", None),
        ("GET", f"/api/v1/turns/{ids['turn']}/receipt/", None),
        ("DELETE", conversation, None),
    ]


def frames_with(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Every frame that takes one of these ids."""
    return [
        ("subscribe", {"conversation": ids["conversation"]}),
        ("resume", {"turn": ids["turn"], "at": 0, "seq": 0}),
        ("stop", {"turn": ids["turn"]}),
        ("regenerate", {"id": str(uuid4()), "message": ids["answer"]}),
        ("ask", {"id": str(uuid4()), "text": "And?", "conversation": ids["conversation"]}),
        ("ask", {"id": str(uuid4()), "text": "And?", "conversation": ids["conversation"], "parent": ids["answer"]}),
        ("check", {"id": str(uuid4()), "text": "And?", "conversation": ids["conversation"]}),
    ]


@pytest.mark.parametrize("stranger", STRANGERS)
class TestAForeignId:
    async def test_is_not_found_over_rest(self, server: RealServer, owned: dict[str, str], stranger: str) -> None:
        invented = {name: str(uuid4()) for name in owned}
        async with Api(server, STRANGERS[stranger]) as api:
            answers = [
                [await api.client.request(method, path, json=body) for method, path, body in requests(ids)]
                for ids in (owned, invented)
            ]

        for foreign, missing in zip(*answers, strict=True):
            assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
            assert foreign.status_code == 404, (foreign.request.method, foreign.request.url)

    async def test_is_an_error_on_the_socket_which_lives_on(
        self, server: RealServer, outside: Upstream, owned: dict[str, str], stranger: str
    ) -> None:
        asked = len(outside.requests)
        invented = {name: str(uuid4()) for name in owned}
        async with Socket(server, key=STRANGERS[stranger]) as socket:
            for frame, missing in zip(frames_with(owned), frames_with(invented), strict=True):
                assert await self._error(socket, frame) == await self._error(socket, missing)
            await socket.send("ping")
            await socket.until("pong")

        assert len(outside.requests) == asked

    async def _error(self, socket: Socket, frame: tuple[str, dict[str, Any]]) -> Frame:
        await socket.send(frame[0], **frame[1])
        error = await socket.next()
        assert (error["type"], error["code"]) == ("error", "not_found"), (frame, error)
        error.pop("id", None)
        return error

    async def test_changes_nothing(self, server: RealServer, owned: dict[str, str], stranger: str) -> None:
        async with Api(server, STRANGERS[stranger]) as api:
            for method, path, body in requests(owned):
                await api.client.request(method, path, json=body)
        async with Api(server, PATIENT.key()) as owner:
            found = await owner.client.get(f"/api/v1/conversations/{owned['conversation']}/")

        assert found.status_code == 200
        assert found.json()["title"] == "Nobody else's business."
