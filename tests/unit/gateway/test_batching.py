"""Batches are what is there at once; nothing is lost, and leaving closes the source."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from apps.gateway import batching
from apps.gateway.batching import Batches


async def numbers(count: int, *, pause_after: int = -1) -> AsyncGenerator[int, None]:
    for number in range(count):
        yield number
        if number == pause_after:
            await asyncio.sleep(0.01)


class TestBatches:
    async def test_join_what_came_without_waiting(self) -> None:
        async with Batches(numbers(10, pause_after=3)) as batches:
            assert [batch async for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9]]

    async def test_let_the_source_wait_for_a_slow_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(batching, "MAX_WAITING", 4)
        async with Batches(numbers(100)) as batches:
            found = [batch async for batch in batches]

        assert [number for batch in found for number in batch] == list(range(100))
        assert max(map(len, found)) <= 4

    async def test_raise_what_the_source_raised_after_what_came_before(self) -> None:
        async def source() -> AsyncGenerator[int, None]:
            yield 1
            raise LookupError

        async with Batches(source()) as batches:
            reader = aiter(batches)

            assert await anext(reader) == [1]
            with pytest.raises(LookupError):
                await anext(reader)

    async def test_close_the_source_when_the_reader_leaves(self) -> None:
        closed = False

        async def source() -> AsyncGenerator[int, None]:
            nonlocal closed
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                closed = True

        async with Batches(source()) as batches:
            async for _ in batches:
                break

        assert closed
