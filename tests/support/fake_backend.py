"""A scripted path of a message and an ASGI client, so that the developer API is tested by its wire form alone."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.errors import Unauthenticated
from apps.domain.ids import KeyId, ProviderId, TeamId, TenantId, UserId
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity
from apps.domain.turn import (
    Accepted,
    Completed,
    Failed,
    Finish,
    Principal,
    Routed,
    TextDelta,
    TurnEvent,
    TurnRequest,
)
from apps.gateway.application import Gateway
from apps.gateway.backend import Caller, Once

KEY = "or-test-key"
Script = Callable[[TurnRequest], AsyncGenerator[TurnEvent, None]]


def candidate(model: str, hosting: Hosting = Hosting.COMMERCIAL) -> Candidate:
    return Candidate(model, model, ProviderId(1), "acme-ai", hosting, "eu", 8000, 1000, None)


def routed(request: TurnRequest, model: str = "gpt-mini") -> Routed:
    return Routed(
        request.turn, model, Hosting.COMMERCIAL, "balanced", Sensitivity.CLEAN, (), ("It is the cheapest that fits.",)
    )


def completed(request: TurnRequest, *, finish: Finish = Finish.STOP, model: str = "gpt-mini") -> Completed:
    return Completed(request.turn, finish, Usage(12, 3), 42, model, 1)


def failed(request: TurnRequest, code: str, status: int, *, retry_after_s: float | None = None) -> Failed:
    return Failed(request.turn, code, f"It failed: {code}.", status, False, 0, 0, 1, retry_after_s)


def says(*texts: str, model: str = "gpt-mini") -> Script:
    """A script that answers with these pieces of text."""

    async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        yield Accepted(request.turn)
        yield routed(request, model)
        at = 0
        for text in texts:
            yield TextDelta(request.turn, at, text)
            at += len(text)
        yield completed(request, model=model)

    return script


@dataclass
class FakeBackend:
    """Knows one key; answers by `script`; remembers what was asked."""

    script: Script = field(default_factory=lambda: says("Hello"))
    scopes: frozenset[str] = frozenset({"chat", "models"})
    models: Sequence[Candidate] = (candidate("gpt-mini"), candidate("local", Hosting.SELF_HOSTED))
    requests: list[TurnRequest] = field(default_factory=list)
    onces: list[Once | None] = field(default_factory=list)
    version: int = 1
    revoked: bool = False

    async def authenticate(self, bearer: str) -> Caller:
        if bearer != KEY or self.revoked:
            raise Unauthenticated
        principal = Principal(TenantId(1), UserId(2), KeyId(3))
        return Caller(principal, TeamId(4), self.scopes, lambda: self.models, bearer)

    def rights_version(self, tenant: TenantId) -> object:
        return self.version

    def answer(self, request: TurnRequest, once: Once | None) -> AsyncGenerator[TurnEvent, None]:
        self.requests.append(request)
        self.onces.append(once)
        return self.script(request)


@dataclass
class Reply:
    """What an ASGI application answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    writes: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.writes)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found

    @property
    def events(self) -> list[Any]:
        """The data of each server-sent event; `[DONE]` as a string."""
        data = [block.removeprefix("data: ") for block in self.body.decode().split("\n\n") if block]
        return [block if block == "[DONE]" else orjson.loads(block) for block in data]

    async def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert self.status == 0, "a reply starts once"
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            assert not self.complete, "nothing follows the end of a reply"
            self.writes.append(message["body"])
            self.complete = not message.get("more_body", False)


async def ask(
    backend: FakeBackend,
    body: Any = None,
    *,
    path: str = "/v1/chat/completions",
    method: str = "POST",
    headers: dict[str, str] | None = None,
    pieces: Sequence[bytes] | None = None,
    leave: asyncio.Event | None = None,
    reply: Reply | None = None,
    second_key: str = "",
) -> Reply:
    """One request to the developer API. `leave`: the client disconnects when it is set."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    waiting = list(pieces) if pieces is not None else [raw]
    sent = {"host": "localhost", "authorization": f"Bearer {KEY}"} | (headers or {})
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [
            *((name.encode(), value.encode()) for name, value in sent.items()),
            *([(b"authorization", f"Bearer {second_key}".encode())] if second_key else []),
        ],
        "query_string": b"",
    }

    async def receive() -> dict[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}
        await (leave or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    reply = reply or Reply()
    await Gateway(backend, allowed_hosts=lambda: ["localhost"])(scope, receive, reply.take)
    return reply


def question(text: str = "Hi", **fields: Any) -> dict[str, Any]:
    """The smallest request, with more fields."""
    return {"model": "auto", "messages": [{"role": "user", "content": text}]} | fields
