"""The wire replaced by a script: everything above the adapter is the real path, nothing below it is touched."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest

from apps.domain.money import Usage
from apps.domain.turn import Finish
from apps.providers.adapters._protocol import Endpoint, ListedModel
from apps.providers.services import calls
from apps.providers.values import Chunk, FinishChunk, ModelCall, TextChunk, ToolCallChunk, UsageChunk

USAGE = Usage(20, 5)
Before = Callable[[ModelCall, Endpoint], Awaitable[None]]


@dataclass(slots=True)
class Behaviour:
    """How one model answers. `before` runs when the call has left the house, `after` behind the pieces, then comes
    `error`."""

    pieces: tuple[str, ...] = ("The moon ", "pulls.")
    error: Exception | None = None
    usage: Usage | None = USAGE
    before: Before | None = None
    calls: tuple[ToolCallChunk, ...] = ()
    finish: Finish = Finish.STOP
    after: Before | None = None


@dataclass(slots=True)
class ScriptedAdapter:
    """Speaks for every provider; `sent` is what left the house, with the endpoint that it went to."""

    name: str = "openai"
    default: Behaviour = field(default_factory=Behaviour)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    sent: list[tuple[ModelCall, Endpoint]] = field(default_factory=list)

    def script(self, model: str, behaviour: Behaviour) -> None:
        self.behaviours[model] = behaviour

    async def stream(
        self, call: ModelCall, endpoint: Endpoint, session: aiohttp.ClientSession
    ) -> AsyncGenerator[Chunk, None]:
        self.sent.append((call, endpoint))
        behaviour = self.behaviours.get(call.candidate.model, self.default)
        if behaviour.before is not None:
            await behaviour.before(call, endpoint)
        for piece in behaviour.pieces:
            yield TextChunk(piece)
        for call_piece in behaviour.calls:
            yield call_piece
        if behaviour.after is not None:
            await behaviour.after(call, endpoint)
        if behaviour.error is not None:
            raise behaviour.error
        if behaviour.usage is not None:
            yield UsageChunk(behaviour.usage)
        yield FinishChunk(behaviour.finish)

    async def models(self, endpoint: Endpoint, session: aiohttp.ClientSession) -> tuple[ListedModel, ...]:
        return ()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "ScriptedAdapter":
        """Stand in for the adapter of OpenAI's protocol."""
        monkeypatch.setattr(calls, "ADAPTERS", {"openai": self})
        self.forget()
        return self

    def forget(self) -> None:
        """Empty hands, and healthy circuits."""
        self.sent.clear()
        self.behaviours.clear()
        calls._lanes.clear()
