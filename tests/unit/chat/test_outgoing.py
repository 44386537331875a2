"""The way out of a socket: in order, bounded, and cut off when its reader is too slow."""

import asyncio

from apps.chat.outgoing import MAX_WAITING_BYTES, FrameRate, Outgoing


class Reader:
    """A transport that takes frames only while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.frames: list[str] = []
        self.overflows = 0

    async def take(self, frame: str) -> None:
        await self.gate.wait()
        self.frames.append(frame)

    def overflow(self) -> None:
        self.overflows += 1


class TestOutgoing:
    async def test_keeps_the_order_of_what_was_put_and_offered(self) -> None:
        reader = Reader()
        out = Outgoing(reader.take, reader.overflow)
        reader.gate.clear()
        putting = asyncio.create_task(out.put("1"))
        await asyncio.sleep(0)
        out.offer("2")
        out.offer("3")
        await asyncio.sleep(0)
        late = asyncio.create_task(out.put("4"))
        await asyncio.sleep(0)
        reader.gate.set()
        await asyncio.gather(putting, late)

        assert reader.frames == ["1", "2", "3", "4"]

    async def test_lets_at_most_a_megabyte_wait(self) -> None:
        reader = Reader()
        out = Outgoing(reader.take, reader.overflow)
        reader.gate.clear()
        piece = "x" * 100_000
        for _ in range(MAX_WAITING_BYTES // len(piece)):
            out.offer(piece)
        assert reader.overflows == 0

        out.offer("one more")
        out.close()

        assert reader.overflows == 1

    async def test_forgets_what_was_taken(self) -> None:
        reader = Reader()
        out = Outgoing(reader.take, reader.overflow)
        for _ in range(30):
            out.offer("x" * 100_000)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        assert reader.overflows == 0
        assert len(reader.frames) == 30

    async def test_says_since_when_a_reader_takes_nothing(self) -> None:
        reader = Reader()
        out = Outgoing(reader.take, reader.overflow)
        await out.put("taken")
        assert out.stuck_since is None

        reader.gate.clear()
        stuck = asyncio.create_task(out.put("not taken"))
        await asyncio.sleep(0)

        assert out.stuck_since is not None
        stuck.cancel()


class TestFrameRate:
    def test_lets_a_burst_through_and_then_its_rate(self) -> None:
        now = 0.0
        rate = FrameRate(per_second=10, burst=5, clock=lambda: now)

        assert [rate.admit() for _ in range(6)] == [True] * 5 + [False]
        now = 0.1
        assert [rate.admit(), rate.admit()] == [True, False]

    def test_saves_up_no_more_than_a_burst(self) -> None:
        now = 0.0
        rate = FrameRate(per_second=10, burst=3, clock=lambda: now)
        now = 1_000.0

        assert [rate.admit() for _ in range(4)] == [True] * 3 + [False]
