"""Turns from synchronous code: on a loop of their own, with a sign of life while they run."""

import asyncio
import threading
from typing import Any

import pytest

from apps.turns import background


@pytest.fixture(autouse=True)
def _serving(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has started: nothing but the loop is real."""
    settings.OPENROUTE_INLINE = False
    monkeypatch.setattr(background.lifespan, "startup", _nothing)
    monkeypatch.setattr(background.lifespan, "shutdown", _nothing)


async def _nothing() -> None:
    return None


async def _slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return threading.current_thread().name


class TestRunning:
    def test_gives_the_result_from_another_thread(self) -> None:
        assert background.run(_slow(0)) == "openroute-turns" != threading.current_thread().name

    def test_says_meanwhile_that_it_lives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(background, "MEANWHILE_S", 0.02)
        signs: list[int] = []
        background.run(_slow(0.2), meanwhile=lambda: signs.append(1))

        assert len(signs) >= 3

    def test_raises_what_it_is_told_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(background, "MEANWHILE_S", 0.01)
        with pytest.raises(ZeroDivisionError):
            background.run(_slow(0.5), meanwhile=lambda: 1 / 0)  # type: ignore[arg-type, return-value]

    def test_raises_the_works_own_timeout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def late() -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError):
            background.run(late(), meanwhile=lambda: None)

    def test_ends_when_it_is_told_to(self) -> None:
        background.run(_slow(0))
        background.shutdown()
