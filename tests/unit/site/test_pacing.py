"""Refusals at a pace: a few at once, floods slowly, and nothing else is held back."""

import asyncio
from typing import Any

import pytest

from apps.core.headers import Message
from openroute_site import pacing
from openroute_site.pacing import BURST, LONGEST_S, PER_S, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


class TestWait:
    def test_is_nothing_for_a_burst_and_then_grows_by_the_pace(self, pace: Pace) -> None:
        waits = [pace.wait_s("a") for _ in range(BURST + 3)]

        assert waits[: BURST + 1] == [0.0] * (BURST + 1)
        assert waits[BURST + 1 :] == pytest.approx([1 / PER_S, 2 / PER_S])

    def test_is_bounded_and_over_a_moment_after_the_flood(self, pace: Pace, clock: Clock) -> None:
        waits = [pace.wait_s("a") for _ in range(10_000)]
        clock.now += LONGEST_S + BURST / PER_S

        assert max(waits) == LONGEST_S
        assert pace.wait_s("a") == 0.0

    def test_lets_pass_what_comes_at_the_pace_for_ever(self, pace: Pace, clock: Clock) -> None:
        for _ in range(1000):
            clock.now += 1 / PER_S
            assert pace.wait_s("a") == 0.0

    def test_of_one_client_is_not_another_ones(self, pace: Pace) -> None:
        for _ in range(1000):
            pace.wait_s("a")

        assert pace.wait_s("b") == 0.0

    def test_remembers_a_bounded_number_of_clients_and_the_flooding_one(
        self, pace: Pace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pacing, "MAX_CLIENTS", 10)
        for number in range(1000):
            pace.wait_s(f"client {number}")
            pace.wait_s("flood")

        assert len(pace._on_time) <= 11
        assert pace.wait_s("flood") == LONGEST_S


class TestSend:
    @pytest.mark.parametrize(
        ("status", "held_back"),
        [(400, True), (401, True), (413, True), (429, True), (200, False), (404, False), (503, False)],
    )
    async def test_holds_back_refusals_only(
        self, pace: Pace, monkeypatch: pytest.MonkeyPatch, status: int, held_back: bool
    ) -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope: dict[str, Any] = {"type": "http", "client": ("192.0.2.7", 4711)}
        for _ in range(BURST + 1):
            pace.wait_s("192.0.2.7")
        monkeypatch.setattr(asyncio, "sleep", sleep)
        paced = pace.pacing(scope, send)
        await paced({"type": "http.response.start", "status": status, "headers": []})
        await paced({"type": "http.response.body", "body": b"x"})

        assert bool(slept) is held_back
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]

    async def test_knows_requests_without_an_address(self, pace: Pace) -> None:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await pace.pacing({"type": "http", "client": None}, send)({"type": "http.response.start", "status": 401})

        assert len(sent) == 1
