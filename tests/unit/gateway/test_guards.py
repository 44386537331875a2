"""What the developer API refuses before and while it answers, and in which form."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from django.db import InterfaceError, OperationalError

from apps.core import lingering
from apps.core.snapshot import UNREACHABLE
from apps.domain.errors import Overloaded, RateLimited
from apps.domain.limits import MAX_BODY_BYTES
from apps.domain.turn import Accepted, TextDelta, TurnEvent, TurnRequest
from apps.gateway import exchange, jsonbody
from apps.gateway.application import Gateway
from tests.support.fake_backend import FakeBackend, Reply, ask, completed, failed, question, routed, says


class TestTheAddress:
    @pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/chat", "/v1/models/", "/v1/chat/completions/x", "/v1/x"])
    async def test_unknown_paths_answer_404_as_json(self, path: str) -> None:
        reply = await ask(FakeBackend(), path=path)

        assert (reply.status, reply.error["code"]) == (404, "not_found")

    @pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/responses", "/v1/messages"])
    async def test_routes_of_the_contract_that_are_not_served_yet_say_so(self, path: str) -> None:
        reply = await ask(FakeBackend(), question(), path=path)

        assert reply.status == 404
        assert "not offered by this installation yet" in reply.error["message"]

    async def test_messages_answers_in_the_form_of_anthropic(self) -> None:
        reply = await ask(FakeBackend(), question(), path="/v1/messages")

        assert (reply.json["type"], reply.error["type"]) == ("error", "not_found_error")

    @pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "HEAD", "DELETE"])
    async def test_another_method_is_405_and_opens_no_cross_origin_door(self, method: str) -> None:
        reply = await ask(FakeBackend(), method=method, headers={"origin": "https://evil.example"})

        assert (reply.status, reply.headers["allow"]) == (405, "POST")
        assert not any(name.startswith("access-control") for name in reply.headers)

    @pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "localhost/x"])
    async def test_a_foreign_host_is_refused(self, host: str) -> None:
        reply = await ask(FakeBackend(), question(), headers={"host": host})

        assert (reply.status, reply.error["code"]) == (400, "invalid_request")


class TestTheKey:
    @pytest.mark.parametrize("second", ["or-test-key", "or-another-key"])
    async def test_two_of_them_are_refused_as_elsewhere(self, second: str) -> None:
        reply = await ask(FakeBackend(), question(), second_key=second)

        assert (reply.status, reply.error["code"]) == (401, "unauthenticated")

    @pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic or-test-key", "or-test-key", "Bearer wrong"])
    async def test_anything_but_a_valid_bearer_is_401(self, value: str) -> None:
        backend = FakeBackend()

        reply = await ask(backend, question(), headers={"authorization": value})

        assert (reply.status, reply.error["type"], reply.error["code"]) == (
            401,
            "authentication_error",
            "unauthenticated",
        )
        assert reply.headers["www-authenticate"] == "Bearer"
        assert backend.requests == []

    async def test_a_cookie_proves_nothing(self) -> None:
        reply = await ask(FakeBackend(), question(), headers={"authorization": "", "cookie": "sessionid=x"})

        assert reply.status == 401

    async def test_a_key_without_the_scope_is_403(self) -> None:
        backend = FakeBackend(scopes=frozenset({"models"}))

        reply = await ask(backend, question())

        assert (reply.status, reply.error["code"]) == (403, "permission_denied")


class TestTheBody:
    @pytest.mark.parametrize(
        ("raw", "param"),
        [
            (b"", "body"),
            (b"\x00\xff\xfe binary", "body"),
            (b"[1,2", "body"),
            (b'"text"', "body"),
            (b'{"model":"auto","messages":[{"role":"user","content":"a\\u0000b"}]}', "messages[0].content"),
            (b'{"model":"auto","messages":[{"role":"user","content":"a\\ud800b"}]}', "messages[0].content"),
            (b'{"model":"auto","temperature":NaN,"messages":[{"role":"user","content":"a"}]}', "temperature"),
            (b'{"model":"auto","top_p":-Infinity,"messages":[]}', "top_p"),
            (b'{"model":"auto","messages":[{"role":"user","content":"\xff"}]}', "body"),
            (b'{"x":' + b"[" * 65 + b"]" * 65 + b"}", "body"),
            (b"[" * 100_000, "body"),
            (b"[" * 1_000_001, "body"),
        ],
    )
    async def test_what_is_no_clean_json_is_400_and_names_the_field(self, raw: bytes, param: str) -> None:
        reply = await ask(FakeBackend(), raw)

        assert (reply.status, reply.error["code"], reply.error["param"]) == (400, "invalid_request", param)

    async def test_too_many_bytes_are_413_without_an_announcement(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lingering, "LINGER_S", 0.01)
        piece = b" " * (MAX_BODY_BYTES // 4)

        reply = await ask(FakeBackend(), pieces=[piece] * 5)

        assert (reply.status, reply.error["code"]) == (413, "too_large")
        assert reply.headers["connection"] == "close"

    async def test_too_many_announced_bytes_are_refused_before_they_come(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lingering, "LINGER_S", 0.01)
        reply = await ask(FakeBackend(), pieces=[], headers={"content-length": str(MAX_BODY_BYTES + 1)})

        assert reply.status == 413

    async def test_a_body_of_the_full_size_is_read(self) -> None:
        filler = b" " * (MAX_BODY_BYTES - 80)
        raw = b'{"model":"auto","messages":[{"role":"user","content":"hi"}]}' + filler

        assert (await ask(FakeBackend(), raw)).status == 200

    async def test_a_slow_body_is_408(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jsonbody, "BODY_TIMEOUT_S", 0.01)

        reply = await ask(FakeBackend(), pieces=[])

        assert (reply.status, reply.error["code"]) == (408, "request_timeout")

    async def test_a_compressed_body_is_refused(self) -> None:
        assert (await ask(FakeBackend(), b"x", headers={"content-encoding": "gzip"})).status == 400

    async def test_a_long_idempotency_key_is_refused_by_name(self) -> None:
        reply = await ask(FakeBackend(), question(), headers={"idempotency-key": "k" * 201})

        assert reply.error["param"] == "Idempotency-Key"


class TestTheReply:
    async def test_carries_the_headers_of_data(self) -> None:
        reply = await ask(FakeBackend(), question(), headers={"x-request-id": "trace-0001"})

        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-request-id"] == "trace-0001"

    @pytest.mark.parametrize("error", [RateLimited("Slow down.", retry_after_s=7.4), Overloaded(retry_after_s=0.2)])
    async def test_says_when_to_come_again(self, error: RateLimited | Overloaded) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            raise error
            yield Accepted(request.turn)

        reply = await ask(FakeBackend(script), question())

        assert reply.status == error.status
        assert reply.headers["retry-after"] == ("7" if error.status == 429 else "1")

    @pytest.mark.parametrize("stream", [True, False])
    async def test_answers_a_defect_without_its_detail_and_lets_it_rise(self, stream: bool) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield TextDelta(request.turn, 0, "Half")
            raise ZeroDivisionError("secret detail")

        reply = Reply()
        with pytest.raises(ZeroDivisionError):
            await ask(FakeBackend(script), question(stream=stream), reply=reply)

        error = reply.events[-1]["error"] if stream else reply.error
        assert (error["code"], error["type"]) == ("internal_error", "server_error")
        assert b"secret" not in reply.body
        assert reply.complete

    @pytest.mark.parametrize("stream", [True, False])
    @pytest.mark.parametrize("error", [OperationalError("secret detail"), InterfaceError("secret detail")])
    async def test_answers_a_store_that_has_left_as_busy(self, stream: bool, error: Exception) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield TextDelta(request.turn, 0, "Half")
            raise error

        reply = await ask(FakeBackend(script), question(stream=stream))

        told = reply.events[-1]["error"] if stream else reply.error
        assert (told["code"], told["message"]) == ("overloaded", UNREACHABLE)
        assert stream or (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert reply.complete

    async def test_passes_the_idempotency_key_on_with_the_body_as_received(self) -> None:
        backend = FakeBackend()

        await ask(backend, question(), headers={"idempotency-key": "retry-1"})

        once = backend.onces[0]
        assert once is not None
        assert (once.surface, once.key) == ("/v1/chat/completions", "retry-1")
        assert b'"messages"' in once.body


class TestTheReader:
    async def test_that_leaves_stops_the_turn(self) -> None:
        leave, stopped = asyncio.Event(), asyncio.Event()

        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)
            yield TextDelta(request.turn, 0, "Once upon a time")
            leave.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        reply = await ask(FakeBackend(script), question(stream=True), leave=leave)

        assert stopped.is_set()
        assert not reply.complete

    async def test_whose_key_is_revoked_gets_an_error_in_mid_stream(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "LOOK_EVERY_S", 0.01)
        backend = FakeBackend()

        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)
            yield TextDelta(request.turn, 0, "Once")
            backend.version, backend.revoked = 2, True
            await asyncio.Event().wait()

        backend.script = script
        reply = await ask(backend, question(stream=True))

        assert reply.complete
        assert reply.events[-1]["error"]["code"] == "unauthenticated"

    async def test_that_takes_nothing_is_cut_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "LOOK_EVERY_S", 0.01)
        monkeypatch.setattr(exchange, "SEND_TIMEOUT_S", 0.02)
        stopped = asyncio.Event()

        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            try:
                yield TextDelta(request.turn, 0, "x")
                await asyncio.Event().wait()
            finally:
                stopped.set()

        async with asyncio.timeout(5):
            await _ask_without_reading(FakeBackend(script))

        assert stopped.is_set()

    async def test_gets_what_a_batch_brought_in_one_write(self) -> None:
        reply = await ask(FakeBackend(says(*"abcdefghij")), question(stream=True))

        assert len(reply.writes) == 1
        assert len(reply.events) == 13


async def _ask_without_reading(backend: FakeBackend) -> None:
    """A client whose connection takes the head of the reply and then nothing."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer or-test-key")],
    }
    bodies = [b'{"model":"auto","stream":true,"messages":[{"role":"user","content":"x"}]}']

    async def receive() -> dict[str, object]:
        if bodies:
            return {"type": "http.request", "body": bodies.pop()}
        return await asyncio.Future()

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await Gateway(backend, allowed_hosts=lambda: ["localhost"])(scope, receive, send)


class TestModels:
    async def test_lists_auto_and_what_the_team_may_use(self) -> None:
        reply = await ask(FakeBackend(), path="/v1/models", method="GET")

        assert [entry["id"] for entry in reply.json["data"]] == ["auto", "gpt-mini", "local"]

    async def test_shows_one_by_its_encoded_name(self) -> None:
        reply = await ask(FakeBackend(), path="/v1/models/gpt-mini", method="GET")

        assert (reply.json["id"], reply.json["owned_by"]) == ("gpt-mini", "acme-ai")

    async def test_a_foreign_model_is_not_found(self) -> None:
        reply = await ask(FakeBackend(), path="/v1/models/secret", method="GET")

        assert (reply.status, reply.error["code"]) == (404, "model_not_found")

    async def test_needs_the_scope(self) -> None:
        reply = await ask(FakeBackend(scopes=frozenset({"chat"})), path="/v1/models", method="GET")

        assert reply.status == 403


class TestAFailedTurn:
    @pytest.mark.parametrize("stream", [True, False])
    async def test_is_a_plain_error_before_the_first_byte(self, stream: bool) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield Accepted(request.turn)
            yield routed(request)
            yield failed(request, "provider_unavailable", 502)

        reply = await ask(FakeBackend(script), question(stream=stream))

        assert (reply.status, reply.error["code"], reply.error["type"]) == (502, "provider_unavailable", "server_error")

    async def test_ends_a_stream_with_an_error_and_without_done(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)
            yield TextDelta(request.turn, 0, "Half")
            yield failed(request, "provider_unavailable", 502)

        reply = await ask(FakeBackend(script), question(stream=True))

        assert reply.status == 200
        assert reply.complete
        assert reply.events[1]["choices"][0]["delta"] == {"content": "Half"}
        assert reply.events[-1]["error"]["code"] == "provider_unavailable"
        assert "[DONE]" not in reply.events

    async def test_an_answer_without_an_outcome_is_an_error(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)

        assert (await ask(FakeBackend(script), question())).status == 500

    async def test_done_follows_completed_only(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield TextDelta(request.turn, 0, "x")
            yield completed(request)

        assert (await ask(FakeBackend(script), question(stream=True))).events[-1] == "[DONE]"
