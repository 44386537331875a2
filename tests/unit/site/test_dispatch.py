import asyncio
import json
from collections import deque
from typing import Any

import pytest

from apps.core.headers import Application, Message, Receive, Scope, Send
from apps.domain.limits import MAX_BODY_BYTES
from openroute_site.dispatch import Dispatcher, Lifecycle


class Surface:
    """An application that answers with its own name, after it has read the whole body."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bodies: list[bytes] = []
        self.aborted = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.aborted = True
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self.name.encode()})


class House:
    """A dispatcher over three surfaces, and how often the process was started and drained."""

    def __init__(self) -> None:
        self.django, self.api, self.sockets = Surface("django"), Surface("developer api"), Surface("sockets")
        self.started = self.drained = 0
        self.lifecycle = Lifecycle(self._startup, self._shutdown, deadline_s=0.2)
        self.app: Application = Dispatcher(
            lifecycle=self.lifecycle,
            django=self.django,
            developer_api=self.api,
            sockets=self.sockets,
            knows_socket=lambda path: path == "/ws/v1/chat",
            allowed_hosts=lambda: ["localhost"],
        )

    async def _startup(self) -> None:
        await asyncio.sleep(0.01)
        self.started += 1

    async def _shutdown(self) -> None:
        self.drained += 1

    async def ask(self, path: str = "/", *, body: list[bytes] | None = None, **scope: Any) -> list[Message]:
        pieces = body or [b""]
        incoming = deque(
            {"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1}
            for index, piece in enumerate(pieces)
        )
        sent: list[Message] = []

        async def receive() -> Message:
            return incoming.popleft() if incoming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        wanted = {"type": "http", "path": path, "headers": [(b"host", b"localhost")], "query_string": b"", **scope}
        await self.app(wanted, receive, send)
        return sent


@pytest.fixture
def house() -> House:
    return House()


def status(sent: list[Message]) -> int:
    return int(sent[0]["status"])


def body(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def headers(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


class TestDispatcher:
    @pytest.mark.parametrize(
        ("path", "surface"),
        [
            ("/", b"django"),
            ("/api/v1/turns/", b"django"),
            ("/v1", b"developer api"),
            ("/v1/models", b"developer api"),
            ("/v1x", b"django"),
            ("/v2/models", b"django"),
        ],
    )
    async def test_sends_a_path_to_its_surface(self, house: House, path: str, surface: bytes) -> None:
        assert body(await house.ask(path)) == surface

    async def test_gives_each_reply_an_id(self, house: House) -> None:
        assert len(headers(await house.ask())[b"x-request-id"]) == 32

    async def test_keeps_the_id_of_a_proxy(self, house: House) -> None:
        sent = await house.ask(headers=[(b"host", b"localhost"), (b"x-request-id", b"edge-12345678")])

        assert headers(sent)[b"x-request-id"] == b"edge-12345678"

    @pytest.mark.parametrize("host", [b"evil.example", b"", b"localhost.evil.example", b"local\xffhost"])
    async def test_refuses_a_host_that_is_not_served(self, house: House, host: bytes) -> None:
        sent = await house.ask(headers=[(b"host", host)])

        assert status(sent) == 400
        assert json.loads(body(sent))["code"] == "invalid_request"
        assert house.django.bodies == []

    @pytest.mark.parametrize("scope", [{"path": "/api/\x00"}, {"query_string": b"q=%00"}])
    async def test_refuses_a_nul_in_the_address(self, house: House, scope: dict[str, Any]) -> None:
        path = scope.pop("path", "/api/")

        assert status(await house.ask(path, **scope)) == 400


class TestBodyLimit:
    async def test_lets_the_largest_body_through(self, house: House) -> None:
        sent = await house.ask(body=[b"a" * (MAX_BODY_BYTES // 2)] * 2)

        assert status(sent) == 200
        assert len(house.django.bodies[0]) == MAX_BODY_BYTES

    async def test_refuses_an_announced_length_before_reading(self, house: House) -> None:
        length = str(MAX_BODY_BYTES + 1).encode()

        sent = await house.ask(headers=[(b"host", b"localhost"), (b"content-length", length)])

        assert status(sent) == 413
        assert json.loads(body(sent))["code"] == "too_large"
        assert house.django.bodies == []

    async def test_cuts_a_body_off_that_did_not_announce_its_length(self, house: House) -> None:
        sent = await house.ask(body=[b"a" * (MAX_BODY_BYTES // 2)] * 3)

        assert [message["status"] for message in sent if "status" in message] == [413]
        assert house.django.aborted


class TestSockets:
    async def test_reach_the_path_that_is_known(self, house: House) -> None:
        assert await house.ask("/ws/v1/chat", type="websocket") == [{"type": "websocket.accept"}]

    async def test_get_a_404_on_another_path(self, house: House) -> None:
        sent = await house.ask("/ws/v2", type="websocket", extensions={"websocket.http.response": {}})

        assert sent[0]["type"] == "websocket.http.response.start"
        assert status(sent) == 404

    async def test_are_closed_where_the_server_cannot_say_404(self, house: House) -> None:
        assert await house.ask("/ws/v2", type="websocket") == [{"type": "websocket.close", "code": 1008}]

    async def test_are_refused_under_another_host(self, house: House) -> None:
        sent = await house.ask(
            "/ws/v1/chat",
            type="websocket",
            headers=[(b"host", b"evil.example")],
            extensions={"websocket.http.response": {}},
        )

        assert status(sent) == 400


class TestLifecycle:
    async def test_starts_once_however_many_first_requests_there_are(self, house: House) -> None:
        await asyncio.gather(*(house.ask() for _ in range(20)))

        assert house.started == 1

    async def test_starts_before_the_server_accepts_and_drains_before_it_exits(self, house: House) -> None:
        messages = deque([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Message:
            return messages.popleft()

        async def send(message: Message) -> None:
            sent.append(f"{message['type']} {house.started} {house.drained}")

        await house.app({"type": "lifespan"}, receive, send)

        assert sent == ["lifespan.startup.complete 1 0", "lifespan.shutdown.complete 1 1"]

    async def test_does_not_start_a_second_time_after_lifespan(self, house: House) -> None:
        await house.lifecycle.ensure_started()
        await house.ask()

        assert house.started == 1

    async def test_tells_the_server_why_it_could_not_start(self) -> None:
        async def fail() -> None:
            raise RuntimeError("the database is away")

        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "lifespan.startup"}

        async def send(message: Message) -> None:
            sent.append(message)

        with pytest.raises(RuntimeError):
            await Lifecycle(fail, fail, deadline_s=1).serve(receive, send)

        assert sent == [{"type": "lifespan.startup.failed", "message": "RuntimeError: the database is away"}]

    async def test_tries_a_failed_start_again(self) -> None:
        tries: list[int] = []

        async def second_time_lucky() -> None:
            tries.append(1)
            if len(tries) == 1:
                raise RuntimeError

        lifecycle = Lifecycle(second_time_lucky, second_time_lucky, deadline_s=1)
        with pytest.raises(RuntimeError):
            await lifecycle.ensure_started()

        await lifecycle.ensure_started()

        assert len(tries) == 2

    async def test_does_not_wait_for_ever_for_the_drain(self) -> None:
        async def nothing() -> None:
            return None

        async def hang() -> None:
            await asyncio.sleep(3600)

        messages = deque([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Message:
            return messages.popleft()

        async def send(message: Message) -> None:
            sent.append(message["type"])

        await asyncio.wait_for(Lifecycle(nothing, hang, deadline_s=0.05).serve(receive, send), 5)

        assert sent[-1] == "lifespan.shutdown.complete"
