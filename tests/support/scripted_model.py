"""The real path of a message with a scripted ending: what is found, which model is permitted, and what it answers.

Rows, budgets, audit, streams and sockets are the real ones; only detector, router and provider are played.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from apps.domain.decision import Decision, NoPermittedModel
from apps.domain.errors import OpenRouteError
from apps.domain.money import Usage
from apps.domain.privacy import Finding, Inspection, Sensitivity, Verdict, highest
from apps.domain.turn import Finish
from apps.providers.values import Chunk, FinishChunk, ModelCall, TextChunk, UsageChunk
from apps.turns import preparing, sending, services
from apps.turns.choosing import Asked, Choice
from tests.support.turn_values import candidate, ranked

PRIVATE = "DE89370400440532013000"
"""What the played detector finds."""
FORBIDDEN = "forbidden"
"""What the played policy refuses."""


class ScriptedModel:
    """Answers every question with `pieces`; before piece number N it waits for `gates[N]`, if there is one."""

    def __init__(self) -> None:
        self.pieces: Sequence[str] = ("The moon ", "pulls.")
        self.gates: dict[int, asyncio.Event] = {}
        self.calls: list[ModelCall] = []
        self.error: OpenRouteError | None = None
        self.slow_verdict_s = 0.0

    def hold(self, before: int) -> asyncio.Event:
        """Stop before this piece until the event is set."""
        return self.gates.setdefault(before, asyncio.Event())

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (preparing, services):
            monkeypatch.setattr(module, "inspect", self._inspect)
            monkeypatch.setattr(module, "choose", self._choose)
        monkeypatch.setattr(sending.providers, "stream", self._stream)

    async def _inspect(self, asked: Asked) -> Inspection:
        await asyncio.sleep(self.slow_verdict_s)
        labels = tuple(
            Sensitivity.SENSITIVE if PRIVATE in message.text else Sensitivity.CLEAN for message in asked.messages
        )
        label = highest((*labels, asked.request.label_floor))
        place = asked.messages[-1].text.find(PRIVATE)
        found = (Finding("IBAN_CODE", place, place + len(PRIVATE), 1.0),) if place >= 0 else ()
        entities = (("IBAN_CODE", len(found)),) if found else ()
        return Inspection(label, entities, labels, newest=Verdict(labels[-1], found))

    def _choose(self, asked: Asked, inspection: Inspection, now: datetime, masked: None = None) -> Choice:
        inside = inspection.sensitivity.must_stay_inside
        entry = ranked(candidate("local" if inside else "small", output="0" if inside else "1"))
        decision = Decision((entry,), (), "balanced", ("It is the cheapest that is good enough.",))
        refusal = NoPermittedModel("No model is permitted.") if FORBIDDEN in asked.messages[-1].text else None
        return Choice(decision, () if refusal else (entry,), {}, 100, 0, {}, refusal)

    async def _stream(self, call: ModelCall, **_: Any) -> AsyncIterator[Chunk]:
        self.calls.append(call)
        for number, piece in enumerate(self.pieces):
            if number in self.gates:
                await self.gates[number].wait()
            yield TextChunk(piece)
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        yield UsageChunk(Usage(20, 5))
        yield FinishChunk(Finish.STOP)
