import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from openroute_site import twisted_stop


class Reactor:
    """As much of Twisted's as is asked of it."""

    def __init__(self, *, running: bool) -> None:
        self.running = running
        self.triggers: list[tuple[Any, ...]] = []

    def addSystemEventTrigger(self, *trigger: Any) -> None:
        self.triggers.append(trigger)


def install(monkeypatch: pytest.MonkeyPatch, reactor: Reactor) -> None:
    monkeypatch.setitem(sys.modules, twisted_stop.REACTOR, reactor)  # type: ignore[arg-type]
    defer = SimpleNamespace(Deferred=SimpleNamespace(fromFuture=lambda future: future))
    monkeypatch.setitem(sys.modules, twisted_stop.DEFER, defer)  # type: ignore[arg-type]


class TestDraining:
    @pytest.mark.parametrize("hangs", [False, True])
    async def test_is_waited_for_until_its_deadline(self, monkeypatch: pytest.MonkeyPatch, hangs: bool) -> None:
        reactor, ended = Reactor(running=True), []

        async def drain() -> None:
            await asyncio.sleep(30 if hangs else 0)
            ended.append(True)

        install(monkeypatch, reactor)
        assert twisted_stop.drain_with(drain, deadline_s=0.05)
        ((phase, event, begin, *arguments),) = reactor.triggers
        await begin(*arguments)

        assert (phase, event, ended) == ("before", "shutdown", [] if hangs else [True])

    async def test_is_left_to_the_server_where_no_reactor_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def drain() -> None:
            raise AssertionError

        install(monkeypatch, Reactor(running=False))

        assert not twisted_stop.drain_with(drain, deadline_s=1)
