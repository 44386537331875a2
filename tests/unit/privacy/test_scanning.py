"""The border round the detector: the end of a turn passes through it, and a time-out is no verdict."""

import asyncio
from typing import Any

import pytest

from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Sensitivity, Verdict
from apps.privacy import scanning
from apps.privacy.detection.dictionary import NO_TERMS

LONG = "How do tides work? " * 200
DONE = scanning.Scan(Verdict(Sensitivity.CLEAN))


class Pool:
    """The processor pool, held in the hand of the test."""

    def __init__(self) -> None:
        self.result: asyncio.Future[scanning.Scan] = asyncio.get_running_loop().create_future()

    async def __call__(self, *_: Any, **__: Any) -> scanning.Scan:
        return await asyncio.shield(self.result)


@pytest.fixture
async def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    held = Pool()
    monkeypatch.setattr(scanning, "in_cpu", held)
    return held


def scanning_task() -> "asyncio.Task[list[scanning.Scan]]":
    return asyncio.create_task(scanning.scan([LONG], SensitivitySettings(), NO_TERMS))


class TestACancelledScan:
    async def test_ends_at_once(self, pool: Pool) -> None:
        scan = scanning_task()
        await asyncio.sleep(0)
        scan.cancel()

        with pytest.raises(asyncio.CancelledError):
            await scan

    @pytest.mark.parametrize("steps", range(6))
    async def test_ends_also_when_the_verdict_comes_at_the_same_moment(self, pool: Pool, steps: int) -> None:
        """`asyncio.wait_for` of Python 3.11 would give the verdict and forget that the turn was cancelled."""
        scan = scanning_task()
        await asyncio.sleep(0.01)
        pool.result.set_result(DONE)
        for _ in range(steps):
            await asyncio.sleep(0)
        if not scan.cancel():
            assert scan.result() == [DONE]
            return

        with pytest.raises(asyncio.CancelledError):
            await scan


class TestAScanThatTakesTooLong:
    async def test_leaves_the_text_unclassified(self, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scanning, "WALL_S", 0.01)
        (scan,) = await scanning_task()

        assert (scan.verdict.sensitivity, scan.verdict.why) == (Sensitivity.UNCLASSIFIED, "timeout")
