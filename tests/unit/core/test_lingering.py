"""A refused body is read on for a while, so that the refusal arrives."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from apps.core import lingering
from apps.core.lingering import LINGER_BYTES, send_last

PIECE = b"x" * (LINGER_BYTES // 4)


class Wire:
    """What was sent, and how much was read; `pieces` come, then `end`, or silence."""

    def __init__(self, *, pieces: int, end: MutableMapping[str, Any] | None = None) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.read = 0
        self._pieces, self._end = pieces, end

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    async def receive(self) -> MutableMapping[str, Any]:
        if self.read < self._pieces:
            self.read += 1
            return {"type": "http.request", "body": PIECE, "more_body": True}
        if self._end is None:
            await asyncio.Event().wait()
        assert self._end is not None
        return self._end

    @property
    def replied(self) -> bool:
        """The whole answer went out first, and the reply was ended."""
        return [(m["body"], m.get("more_body", False)) for m in self.sent] == [(b"No.", True), (b"", False)]


class TestTheLastOfAReply:
    @pytest.mark.parametrize(
        "end", [{"type": "http.disconnect"}, {"type": "http.request", "body": b"x", "more_body": False}]
    )
    async def test_follows_when_the_client_has_sent_all_or_left(self, end: dict[str, Any]) -> None:
        wire = Wire(pieces=2, end=end)

        await send_last(wire.send, wire.receive, b"No.")

        assert (wire.replied, wire.read) == (True, 2)

    async def test_waits_for_no_endless_body(self) -> None:
        wire = Wire(pieces=100)

        await send_last(wire.send, wire.receive, b"No.")

        assert (wire.replied, wire.read) == (True, 4)

    async def test_waits_for_no_silent_client(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lingering, "LINGER_S", 0.01)
        wire = Wire(pieces=1)

        await send_last(wire.send, wire.receive, b"No.")

        assert (wire.replied, wire.read) == (True, 1)
