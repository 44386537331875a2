"""Whatever is sent, the answer is an error frame, a close code or a 4xx in the surface's form (promise P31).

Twenty neighbours stream meanwhile; their gaps between frames are printed.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets

from tests.functional.companies import PATIENT
from tests.support.journeys import Api, Socket
from tests.support.neighbours import neighbours
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

MEGABYTE = 1024 * 1024
ID = str(uuid4())
HELLO: Any = {"model": "auto", "messages": [{"role": "user", "content": "Hello?"}]}


def ask(**fields: Any) -> str:
    return json.dumps({"type": "ask", "id": str(uuid4()), "text": "Hello?", **fields})


FRAMES: dict[str, str | bytes] = {
    "no JSON": "hello",
    "nothing": "",
    "half of JSON": '{"type": "ask", "text": ',
    "binary": b"\x00\xff\xfe",
    "binary JSON": b'{"type": "ping"}',
    "a list": "[1, 2]",
    "a number": "12",
    "null": "null",
    "no type": "{}",
    "a type that is no text": '{"type": 7}',
    "an unknown type": '{"type": "shutdown"}',
    "NaN": '{"type": "resume", "turn": "x", "at": NaN}',
    "an endless number": '{"type": "resume", "turn": "x", "at": 1e999}',
    "deep nesting": "[" * 100_000,
    "a deep value": '{"type": "ask", "text": ' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}",
    "NUL": ask(text="a\x00b"),
    "a lone surrogate": '{"type": "ask", "id": "' + ID + '", "text": "a\\ud800b"}',
    "an id that is none": ask(id="x"),
    "a text that is a list": ask(text=["a"]),
    "an empty text": ask(text="  "),
    "an unknown field": ask(role="system"),
    "a client that writes the answer": ask(messages=[{"role": "assistant", "content": "x"}]),
    "a conversation that is no id": ask(conversation="../../etc/passwd"),
    "a negative place": json.dumps({"type": "resume", "turn": ID, "at": -1, "seq": 0}),
    "a huge place": json.dumps({"type": "resume", "turn": ID, "at": 1 << 70, "seq": 0}),
    "attachments that are none": ask(attachments=[{"a": 1}]),
    "a model without end": ask(model="m" * 100_000),
    "a team that is a number": ask(team=7),
    "duplicate keys": '{"type": "ping", "type": "nothing"}',
}

BODIES: dict[str, bytes] = {
    "no JSON": b"hello",
    "nothing": b"",
    "half of JSON": b'{"model": "auto", "messages": [',
    "binary": bytes(range(256)),
    "a list": b"[]",
    "NaN": b'{"model": "auto", "messages": [{"role": "user", "content": "x"}], "temperature": NaN}',
    "an endless number": b'{"model": "auto", "messages": [{"role": "user", "content": "x"}], "temperature": 1e999}',
    "deep nesting": b"[" * 200_000,
    "a deep value": json.dumps(HELLO).encode()[:-1] + b', "metadata": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}",
    "NUL": b'{"model": "auto", "messages": [{"role": "user", "content": "a\\u0000b"}]}',
    "a lone surrogate": b'{"model": "auto", "messages": [{"role": "user", "content": "a\\ud800b"}]}',
    "broken UTF-8": b'{"model": "auto", "messages": [{"role": "user", "content": "\xff\xfe"}]}',
    "no messages": b'{"model": "auto", "messages": []}',
    "messages that are a text": b'{"model": "auto", "messages": "x"}',
    "an unknown role": b'{"model": "auto", "messages": [{"role": "root", "content": "x"}]}',
    "two answers": json.dumps({**HELLO, "n": 2}).encode(),
    "true as a number": json.dumps({**HELLO, "max_tokens": True}).encode(),
    "a huge number": json.dumps({**HELLO, "max_tokens": 10**40}).encode(),
    "a huge seed": json.dumps({**HELLO, "seed": 2**80}).encode(),
    "a negative limit": json.dumps({**HELLO, "max_tokens": -5}).encode(),
    "a picture from elsewhere": json.dumps(
        {
            **HELLO,
            "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a/b"}}]}],
        }
    ).encode(),
    "a tool without a name": json.dumps({**HELLO, "tools": [{"type": "function", "function": {}}]}).encode(),
    "too many messages": json.dumps({**HELLO, "messages": HELLO["messages"] * 2_001}).encode(),
    "a text that is too long": json.dumps(
        {**HELLO, "messages": [{"role": "user", "content": "x" * (MEGABYTE + 1)}]}
    ).encode(),
}
REST: dict[str, tuple[str, str, bytes]] = {
    "no JSON": ("PATCH", f"/api/v1/conversations/{ID}/", b"hello"),
    "deep nesting": ("POST", "/api/v1/keys/", b"[" * 200_000),
    "NaN": ("POST", "/api/v1/keys/", b'{"name": NaN, "scopes": ["chat"]}'),
    "NUL": ("POST", "/api/v1/keys/", b'{"name": "a\\u0000b", "scopes": ["chat"]}'),
    "a lone surrogate": ("POST", "/api/v1/keys/", b'{"name": "\\ud800", "scopes": ["chat"]}'),
    "a huge number": ("POST", "/api/v1/keys/", b'{"name": "a", "scopes": ["chat"], "team": 99999999999999999999999}'),
    "a list": ("POST", "/api/v1/keys/", b"[1]"),
    "an id that is none": ("GET", "/api/v1/turns/not-an-id/", b""),
    "a page that is none": ("GET", "/api/v1/conversations/?cursor=%00%ff", b""),
}


@contextmanager
def beside_others(server: RealServer, outside: Upstream, what: str) -> Iterator[None]:
    """Twenty sockets stream; says how long they waited for their frames before and meanwhile, and that none broke."""
    outside.script("patient-cloud", Script(tokens=3000, delay_s=0.02))
    with neighbours(server.ws_url, PATIENT.key("nora"), count=20) as others:
        yield
    before, meanwhile = others.p95_ms_before, others.p95_ms_meanwhile
    print(f"{what}: p95 gap of twenty neighbours {before:.0f} ms before, {meanwhile:.0f} ms meanwhile")
    assert others.broken == []


class TestAWrongFrame:
    async def test_is_an_error_and_the_socket_lives_on(self, server: RealServer, outside: Upstream) -> None:
        with beside_others(server, outside, "wrong frames"):
            async with Socket(server, key=PATIENT.key()) as socket:
                for what, frame in [*FRAMES.items()] * 5:
                    await socket.wire.send(frame)
                    error = await socket.next()
                    assert error["type"] == "error", (what, error)
                    assert error["code"] in {"invalid_request", "not_found", "too_large", "model_not_found"}, (
                        what,
                        error,
                    )
                    assert len(json.dumps(error)) < 2_000, what
                await socket.send("ping")
                assert (await socket.next())["type"] == "pong"

    async def test_that_is_too_large_closes_the_socket(self, server: RealServer, outside: Upstream) -> None:
        with beside_others(server, outside, "huge frames"):
            for size in (MEGABYTE + 1, 8 * MEGABYTE):
                async with Socket(server, key=PATIENT.key()) as socket:
                    with suppress(websockets.ConnectionClosed):
                        await socket.wire.send("x" * size)
                    assert await socket.closed(10) in {4413, 1009, 1006}, size

    async def test_too_often_closes_the_socket(self, server: RealServer, outside: Upstream) -> None:
        with beside_others(server, outside, "a flood"):
            async with Socket(server, key=PATIENT.key()) as socket:
                flood = asyncio.create_task(self._flood(socket))
                closed = await socket.closed(20)
                flood.cancel()
                await asyncio.gather(flood, return_exceptions=True)

        assert closed in {4429, 1006}

    async def _flood(self, socket: Socket) -> None:
        with suppress(websockets.ConnectionClosed):
            for count in itertools.count():
                await socket.send("ping")
                if count % 20 == 0:
                    await asyncio.sleep(0)  # whoever waits for the close reads on this event loop


class TestAWrongBody:
    async def test_is_a_4xx_in_the_form_of_openai(self, server: RealServer, outside: Upstream) -> None:
        with beside_others(server, outside, "wrong bodies"):
            async with Api(server, PATIENT.key()) as api:
                for what, body in BODIES.items():
                    answer = await api.client.post("/v1/chat/completions", content=body)
                    assert answer.status_code in {400, 413}, (what, answer.status_code, answer.text[:300])
                    error = answer.json()["error"]
                    assert error.keys() == {"message", "type", "code", "param"}, what
                    assert error["code"] in {"invalid_request", "too_large"}, (what, error)
                    assert len(answer.content) < 2_000, what

    async def test_that_is_too_large_is_refused_before_it_is_read(self, server: RealServer, outside: Upstream) -> None:
        with beside_others(server, outside, "huge bodies"):
            async with Api(server, PATIENT.key()) as api:
                announced = await api.client.post("/v1/chat/completions", content=b"x" * (11 * MEGABYTE))
                chunked = await api.client.post("/v1/chat/completions", content=self._pieces())
                rest = await api.client.post(
                    "/api/v1/keys/", content=self._pieces(), headers={"Content-Type": "application/json"}
                )

        assert [(a.status_code, a.json()["error"]["code"]) for a in (announced, chunked)] == [(413, "too_large")] * 2
        assert (rest.status_code, rest.json()["code"]) == (413, "too_large")

    async def _pieces(self) -> AsyncIterator[bytes]:
        for _ in range(11 * 16):
            yield b"x" * (MEGABYTE // 16)

    async def test_is_a_4xx_in_the_form_of_the_rest_api(self, server: RealServer) -> None:
        async with Api(server, PATIENT.key("adam")) as api:
            for what, (method, path, body) in REST.items():
                answer = await api.client.request(
                    method, path, content=body, headers={"Content-Type": "application/json"}
                )
                assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text[:300])
                assert answer.json().keys() == {"code", "detail", "fields"}, (what, answer.text[:300])

    async def test_to_no_address_is_json_on_every_surface(self, server: RealServer) -> None:
        async with Api(server, PATIENT.key()) as api:
            answers = [
                await api.client.get("/v1/nothing"),
                await api.client.get("/v1/chat/completions"),
                await api.client.post("/v1/models"),
                await api.client.get("/v1/models/%00"),
            ]
            rest = await api.client.get("/api/v1/nothing/")

        assert [a.status_code for a in answers] == [404, 405, 405, 404]
        assert all(a.json()["error"]["code"] for a in answers)
        assert (rest.status_code, rest.json()["code"]) == (404, "not_found")


class TestAnUnusualConnection:
    async def test_that_says_nothing_does_not_hold_others_up(self, server: RealServer, outside: Upstream) -> None:
        """Half a request, half a handshake, and a promise of a body that never comes."""
        outside.script("patient-cloud", Script())
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(30)]
        beginnings = (b"POST /v1/chat", b"GET /ws/v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n", b"")
        for place, (_, writer) in enumerate(held):
            writer.write(beginnings[place % 3])
            await writer.drain()
        try:
            async with Api(server, PATIENT.key()) as api:
                answer = await api.ask("Hello?")
        finally:
            for _, writer in held:
                writer.close()

        assert answer.status_code == 200

    async def test_with_a_foreign_host_is_refused(self, server: RealServer) -> None:
        async with httpx.AsyncClient(base_url=server.url, headers={"Host": "evil.example"}) as client:
            answers = [await client.get(path) for path in ("/v1/models", "/api/v1/me/", "/")]

        assert {answer.status_code for answer in answers} == {400}
