"""A program with an API key, which asks one question after the other and repeats some."""

import asyncio
import time
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx

from tests.support.journeys import Api, is_done
from tests.support.server import RealServer
from tests.support.soak.diary import Diary
from tests.support.soak.questions import question

REFUSALS: Final = frozenset({402, 403, 409, 429, 502, 503, 504})


@dataclass
class Program:
    """One program. `draw` decides everything that it does."""

    server: RealServer
    who: str
    key: str
    draw: Random
    diary: Diary
    number: int = 0

    async def live(self, until: float) -> None:
        async with Api(self.server, self.key) as api:
            while time.monotonic() < until:
                await self._act(api)

    async def _act(self, api: Api) -> None:
        """One question; under an id of its own it may be sent twice, and is then one turn."""
        self.number += 1
        stream, repeats = self.draw.random() < 0.5, self.draw.random() < 0.4
        text = f"{question(self.draw, self.number)} [{self.who}]"
        headers = {"Idempotency-Key": str(UUID(int=self.draw.getrandbits(128), version=4))} if repeats else {}
        turns = {await self._send(api, text, stream, headers) for _ in range(2 if repeats else 1)} - {""}
        if len(turns) > 1:
            self.diary.wrong(self.who, f"one idempotency key, whole answers of turns {sorted(turns)}")

    async def _send(self, api: Api, text: str, stream: bool, headers: dict[str, str]) -> str:
        """The turn of a whole answer; empty when there was none."""
        try:
            answer = await api.ask(text, headers=headers, stream=stream)
        except httpx.TransportError as error:
            self.diary.note(self.who, "lost the connection", type(error).__name__)
            await asyncio.sleep(0.2)
            return ""
        return await self._answered(answer, stream)

    async def _answered(self, answer: httpx.Response, stream: bool) -> str:
        turn = answer.headers.get("x-openroute-turn", "")
        self.diary.note(self.who, f"HTTP {answer.status_code}", turn)
        if answer.status_code == 200:
            if stream and not is_done(answer):
                self.diary.note(self.who, "cut stream", turn)
                return ""
            if stream and "error" in _last(answer):
                return ""
            self.diary.answered.add(turn)
            return turn
        if answer.status_code not in REFUSALS:
            self.diary.wrong(self.who, f"HTTP {answer.status_code}: {answer.text[:200]}")
        await asyncio.sleep(0.2)
        return ""


def _last(answer: httpx.Response) -> Any:
    lines = [line for line in answer.text.splitlines() if line.startswith("data: ") and line != "data: [DONE]"]
    return lines[-1] if lines else "error"
