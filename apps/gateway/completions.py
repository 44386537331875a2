"""`POST /v1/chat/completions`: parse, delegate to the one path, translate. Nothing here decides."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Final

from apps.core.clock import now
from apps.domain.errors import InvalidRequest, PermissionRefused
from apps.domain.ids import TurnId, new_id
from apps.domain.turn import (
    Channel,
    Completed,
    Failed,
    Switched,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnRequest,
)
from apps.gateway import errors, jsonbody
from apps.gateway.backend import Backend, Caller, Once
from apps.gateway.batching import Batches
from apps.gateway.exchange import Exchange
from apps.gateway.forms import openai_request, openai_response
from apps.gateway.forms.openai_request import ChatRequest
from apps.gateway.forms.openai_response import ChunkWriter, Content, Progress

SURFACE: Final = "/v1/chat/completions"
MAX_IDEMPOTENCY_KEY: Final = 200

Source = AsyncGenerator[TurnEvent, None]
Watch = AbstractAsyncContextManager[None]


async def create(exchange: Exchange, caller: Caller, backend: Backend) -> None:
    """Answer one request, streamed or whole.

    The reply begins with the first byte of the answer, so that its status and headers are those of the attempt that
    gave it; a question that fails before gets a plain error.
    """
    if "chat" not in caller.scopes:
        raise PermissionRefused("This API key may not be used for chat: it lacks the scope `chat`.")
    raw = await exchange.body()
    asked = openai_request.parse(await jsonbody.parse(raw))
    request = _turn_request(asked, caller)
    key = _idempotency_key(exchange)
    once = Once(SURFACE, key, raw) if key else None
    tenant, version = caller.principal.tenant, backend.rights_version(caller.principal.tenant)

    async def still_allowed() -> None:
        if backend.rights_version(tenant) != version:
            await backend.authenticate(caller.bearer)

    source, watch = backend.answer(request, once), exchange.watched(still_allowed)
    if asked.stream:
        await _stream(StreamedAnswer(exchange, asked, request), source, watch)
    else:
        await _collect(WholeAnswer(exchange, asked, request), source, watch)
    if not exchange.finished:
        raise errors.Broken("The answer ended without an outcome.")


async def _stream(answer: "StreamedAnswer", source: Source, watch: Watch) -> None:
    async with Batches(source) as batches, watch:
        async for batch in batches:
            await answer.take(batch)


async def _collect(answer: "WholeAnswer", source: Source, watch: Watch) -> None:
    """Nothing is sent before the end, so there is nothing to gather, and no task of its own is needed."""
    async with aclosing(source), watch:
        async for event in source:
            await answer.take(event)


class WholeAnswer:
    """Collects an answer and replies once it is complete and stored."""

    def __init__(self, exchange: Exchange, asked: ChatRequest, request: TurnRequest) -> None:
        self._exchange = exchange
        self._created = int(request.received_at.timestamp())
        self._progress = Progress(turn=str(request.turn), model=asked.model)
        self._pieces: list[Content] = []

    async def take(self, event: TurnEvent) -> None:
        """The next event. Raises `TurnFailed`."""
        if isinstance(event, TextDelta | ToolCallDelta):
            self._pieces.append(event)
            return
        self._progress.follow(event)
        if isinstance(event, Failed):
            raise errors.TurnFailed(event)
        if isinstance(event, Switched):
            self._pieces = openai_response.kept(self._pieces, event.keeps)
        elif isinstance(event, Completed):
            headers = [*self._progress.headers(), openai_response.cost_header(event.cost_micro_usd)]
            body = openai_response.completion(self._progress, self._pieces, event, created=self._created)
            await self._exchange.reply(body, headers=headers)


class StreamedAnswer:
    """Sends an answer as it comes: what one batch of events brought is one write."""

    def __init__(self, exchange: Exchange, asked: ChatRequest, request: TurnRequest) -> None:
        self._exchange = exchange
        self._progress = Progress(turn=str(request.turn), model=asked.model)
        created = int(request.received_at.timestamp())
        self._writer = ChunkWriter(self._progress, created=created, include_usage=asked.include_usage)
        self._sent = 0  # code points

    async def take(self, batch: list[TurnEvent]) -> None:
        """The next events. Raises `TurnFailed`, after what came before it was sent."""
        parts: list[bytes] = []
        failed: errors.TurnFailed | None = None
        for event in batch:
            if isinstance(event, TextDelta | ToolCallDelta):
                await self._ensure_begun(parts)
                parts.append(self._writer.piece(event))
                if isinstance(event, TextDelta):
                    self._sent = event.at + len(event.text)
                continue
            self._progress.follow(event)
            if isinstance(event, Completed):
                await self._ensure_begun(parts)
                parts.append(self._writer.closing(event))
            elif isinstance(event, Failed):
                failed = errors.TurnFailed(event)
            elif isinstance(event, Switched) and event.keeps < self._sent:
                raise errors.Broken("The answer was begun anew, which a stream that was sent cannot tell.")
        if parts:
            await self._exchange.write(b"".join(parts), last=isinstance(batch[-1], Completed))
        if failed is not None:
            raise failed

    async def _ensure_begun(self, parts: list[bytes]) -> None:
        if not self._exchange.started:
            await self._exchange.begin_stream(self._progress.headers())
            parts.append(self._writer.opening())


def _turn_request(asked: ChatRequest, caller: Caller) -> TurnRequest:
    return TurnRequest(
        turn=TurnId(new_id()),
        principal=caller.principal,
        team=caller.team,
        channel=Channel.API,
        messages=asked.messages,
        received_at=now(),
        model=asked.model,
        tools=asked.tools,
        sampling=asked.sampling,
        tags=asked.tags,
        max_cost_micro_usd=asked.max_cost_micro_usd,
        session=asked.session,
    )


def _idempotency_key(exchange: Exchange) -> str:
    key = exchange.header(b"idempotency-key")
    if len(key) > MAX_IDEMPOTENCY_KEY:
        sentence = f"must not be longer than {MAX_IDEMPOTENCY_KEY} characters."
        raise InvalidRequest(f"`Idempotency-Key` {sentence}", fields={"Idempotency-Key": sentence})
    return key
