"""A person with a browser, as a small state machine: idle, asking, reading; on- and off-line."""

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import UUID

import websockets

from tests.support.journeys import Frame, Socket, Transcript
from tests.support.server import RealServer
from tests.support.soak.diary import Diary, Promise
from tests.support.soak.questions import question

LOST: Final = (OSError, websockets.WebSocketException, TimeoutError)
PATIENCE_S: Final = 45.0
"""Without a word for so long, a reader comes back on another connection."""
AGAIN: Final = frozenset({"overloaded", "turn_running", "rate_limited", "classification_unavailable"})
"""Errors after which the same question is asked again, under the same id."""
BUSY_S: Final = 0.3


@dataclass
class Asked:
    """A question that was sent, and is not acknowledged yet."""

    id: str
    text: str
    conversation: str | None

    def frame(self) -> Frame:
        """Its fields on the wire."""
        place = {"conversation": self.conversation} if self.conversation else {}
        return {"id": self.id, "text": self.text, **place}


@dataclass
class Person:
    """One person on one connection at a time. `draw` decides everything that they do."""

    server: RealServer
    who: str
    key: str
    draw: Random
    diary: Diary
    asked: Asked | None = None
    turn: str = ""
    shown: Transcript = field(default_factory=Transcript)
    conversations: list[str] = field(default_factory=list)
    reading: Asked | None = None
    """The question whose answer is being read."""
    number: int = 0

    async def live(self, until: float, at_last: float) -> None:
        """Ask until `until`; then see through what is running, until `at_last` (monotonic seconds) at most."""
        while time.monotonic() < until or (self.turn and time.monotonic() < at_last):
            try:
                async with Socket(self.server, key=self.key) as socket:
                    if self.turn:
                        await self._resume(socket)
                    while await self._act(socket, until):
                        pass
            except LOST as error:
                self.diary.note(self.who, "lost the connection", type(error).__name__)
                await asyncio.sleep(BUSY_S)
            if time.monotonic() >= until and not self.turn:
                return
        if self.turn:
            self.diary.wrong(self.who, f"was never told how turn {self.turn} ended")

    async def _act(self, socket: Socket, until: float) -> bool:
        """One act; False leaves the connection."""
        if not self.turn:
            if time.monotonic() >= until:
                return False
            await self._ask(socket)
            return True
        match self.draw.choices(("read", "stop", "leave", "repeat"), (6, 1.5, 2, 1))[0]:
            case "read":
                await self._read(socket, PATIENCE_S)
            case "stop":
                await self._look(socket)
                if self.turn:
                    self.diary.note(self.who, "stop", self.turn)
                    await socket.send("stop", turn=self.turn)
                    await self._read(socket, PATIENCE_S, stopping=True)
            case "leave":
                await self._look(socket)
                self.diary.note(self.who, "leave")
                return False
            case "repeat":
                await self._repeat()
        return True

    async def _ask(self, socket: Socket) -> None:
        """Ask something new, or what was not acknowledged, and wait for the acknowledgement."""
        asked = self.asked = self.asked or self._new()
        self.diary.note(self.who, "ask", asked.id)
        await socket.send("ask", **asked.frame())
        while True:
            frame = await socket.next(PATIENCE_S)
            if frame["type"] in {"accepted", "error"} and frame.get("id") == asked.id:
                break
        if frame["type"] == "accepted":
            self._accepted(asked, frame)
        else:
            await self._refused(frame)

    def _new(self) -> Asked:
        self.number += 1
        conversation = self.draw.choice(self.conversations) if self.conversations and self.draw.random() < 0.5 else None
        text = f"{question(self.draw, self.number)} [{self.who}]"
        return Asked(str(UUID(int=self.draw.getrandbits(128), version=4)), text, conversation)

    def _accepted(self, asked: Asked, frame: Frame) -> None:
        self.asked, self.turn, self.shown = None, frame["turn"], Transcript()
        self.reading = asked
        self.diary.chats[self.turn] = Promise(self.who, asked.text, frame["message"])
        self.diary.note(self.who, "accepted", self.turn)
        if frame["conversation"] not in self.conversations:
            self.conversations.append(frame["conversation"])

    async def _refused(self, frame: Frame) -> None:
        code = frame["code"]
        self.diary.note(self.who, f"error {code}")
        if code == "internal_error":
            self.diary.wrong(self.who, f"error {code}")
        if code not in AGAIN:
            self.asked = None
        await asyncio.sleep(BUSY_S)

    async def _look(self, socket: Socket) -> None:
        """Read for a short while."""
        try:
            await self._read(socket, self.draw.uniform(0, 0.5))
        except TimeoutError:
            return

    async def _read(self, socket: Socket, seconds: float, *, stopping: bool = False) -> None:
        """Read until the turn ends. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while self.turn:
                frame = await socket.next(PATIENCE_S)
                if stopping and frame.get("code") == "not_found":  # it had ended, or another process answers it
                    self.diary.note(self.who, "stop that was not heard", self.turn)
                else:
                    self._take(frame)

    def _take(self, frame: Frame) -> None:
        if frame.get("turn") != self.turn:
            if frame["type"] == "error":
                self._lost_sight(frame)
            return
        try:
            self.shown.take(frame)
        except AssertionError as error:
            self.diary.wrong(self.who, f"a hole or a repeat in turn {self.turn}: {error}")
        if frame["type"] in {"completed", "failed"}:
            self._ended(frame)

    def _ended(self, frame: Frame) -> None:
        promise = self.diary.chats[self.turn]
        kept = frame["keeps"] if frame["type"] == "failed" else len(self.shown.text)
        promise.ended, promise.answer = frame["type"], self.shown.text[:kept]
        self.diary.note(self.who, f"{frame['type']} {frame.get('code', frame.get('finish', ''))}", self.turn)
        self.turn = ""

    def _lost_sight(self, frame: Frame) -> None:
        """`resume` or `stop` of a turn that could not be answered: come back later."""
        self.diary.note(self.who, f"error {frame['code']} while reading", self.turn)
        if frame["code"] in {"not_found", "internal_error"}:
            self.diary.wrong(self.who, f"{frame['code']} for turn {self.turn}, which was accepted")
            self.turn = ""
        raise TimeoutError

    async def _resume(self, socket: Socket) -> None:
        self.diary.note(self.who, "resume", f"{self.turn} at {len(self.shown.text)}")
        seq, self.shown = self.shown.seq, Transcript(self.shown.text)
        await socket.send("resume", turn=self.turn, at=len(self.shown.text), seq=seq)

    async def _repeat(self) -> None:
        """The same question once more, from another window: it is the same turn."""
        asked, turn = self.reading, self.turn
        assert asked is not None
        async with Socket(self.server, key=self.key) as other:
            await other.send("ask", **asked.frame())
            frame = await other.next(PATIENCE_S)
            while frame["type"] not in {"accepted", "error"}:
                frame = await other.next(PATIENCE_S)
        self.diary.note(self.who, "repeat", f"{turn} {frame['type']} {frame.get('code', '')}")
        if frame["type"] == "error" and frame["code"] not in AGAIN:
            self.diary.wrong(self.who, f"{frame['code']} for question {asked.id}, which was accepted as turn {turn}")
        if frame["type"] == "accepted" and frame["turn"] != turn:
            self.diary.wrong(self.who, f"question {asked.id} is turn {turn} and turn {frame['turn']}")
