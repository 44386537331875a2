"""Other people who stream meanwhile, in a process of their own, so that nothing but the server slows them.

    with neighbours(server.ws_url, key, count=20) as others:
        ...                                 # do harm
    print(others.p95_ms_before, others.p95_ms_meanwhile, others.broken)

python -m tests.support.neighbours ws://127.0.0.1:8000/ws/v1/chat or-key 20
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import websockets

ROOT = Path(__file__).resolve().parents[2]
CALM_S = 1.0


@dataclass
class Neighbours:
    """How long they waited for their frames before something happened and meanwhile; `broken` says what went wrong."""

    began: float = 0.0
    ended: float = 0.0
    gaps: list[tuple[float, float]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def p95_ms_before(self) -> float:
        return _p95_ms([gap for at, gap in self.gaps if at < self.began])

    @property
    def p95_ms_meanwhile(self) -> float:
        return _p95_ms([gap for at, gap in self.gaps if self.began <= at < self.ended])


def _p95_ms(gaps: list[float]) -> float:
    return statistics.quantiles(gaps, n=20)[-1] * 1000 if len(gaps) > 1 else float("nan")


@contextmanager
def neighbours(ws_url: str, key: str, *, count: int) -> Iterator[Neighbours]:
    """So many sockets that stream; they are watched for a second before the block, and while it runs."""
    command = [sys.executable, "-m", "tests.support.neighbours", ws_url, key, str(count)]
    found = Neighbours()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()  # all of them have got a first frame, or one of them is broken
        time.sleep(CALM_S)
        found.began = time.time()
        try:
            yield found
        finally:
            found.ended = time.time()
            process.stdin.close()
            report = json.loads(process.stdout.readline())
    found.gaps, found.broken = [(at, gap) for at, gap in report["gaps"]], report["broken"]


async def _stream(url: str, key: str, gaps: list[tuple[float, float]], begun: asyncio.Semaphore) -> None:
    """Ask for a long answer and note every wait; the answer must not end."""
    headers = {"Authorization": f"Bearer {key}"}
    async with websockets.connect(url, additional_headers=headers, proxy=None, compression=None) as socket:
        await socket.send(json.dumps({"type": "ask", "id": str(uuid4()), "text": "Tell me a story."}))
        before = 0.0
        async for text in socket:
            kind, now = json.loads(text)["type"], time.time()
            if kind == "delta":
                if before:
                    gaps.append((now, now - before))
                else:
                    begun.release()
                before = now
            elif kind in {"failed", "error", "completed"}:
                raise RuntimeError(str(text))


async def _main(url: str, key: str, count: int) -> None:
    gaps: list[tuple[float, float]] = []
    begun = asyncio.Semaphore(0)
    streams = [asyncio.create_task(_stream(url, key, gaps, begun)) for _ in range(count)]
    everybody = asyncio.gather(*(begun.acquire() for _ in range(count)))
    await asyncio.wait({everybody, *streams}, return_when=asyncio.FIRST_COMPLETED)
    print("streaming", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    broken = [repr(stream.exception()) for stream in streams if stream.done()]
    for stream in streams:
        stream.cancel()
    everybody.cancel()
    await asyncio.gather(everybody, *streams, return_exceptions=True)
    print(json.dumps({"gaps": gaps, "broken": broken}), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
