"""The client in C, against a server that counts what it gets."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.benchmarks.load import Load, Tools

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="The load generator needs a C compiler.")

TOKEN = "~aaaaaaaaaaaaa~"
"""As the provider in C marks a token: the time when it was sent, in letters."""


@dataclass
class Counting:
    """Answers each question with two tokens and an end, at once."""

    port: int = 0
    people: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    asked_by: set[str] = field(default_factory=set)

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        person = connection.request.headers["Authorization"]
        self.people.append(person)
        async for question in connection:
            self.questions.append(str(question))
            self.asked_by.add(person)
            await connection.send(f'{{"text":"{TOKEN} {TOKEN}"}}')
            await connection.send('{"type":"completed"}')


@pytest.fixture
async def server() -> AsyncIterator[Counting]:
    counting = Counting()
    async with serve(counting.handle, "127.0.0.1", 0) as listening:
        counting.port = next(iter(listening.sockets)).getsockname()[1]
        yield counting


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return Tools(tmp_path_factory.mktemp("load"))


def load(server: Counting, headers: Path, *, asking: int | None) -> Load:
    return Load(
        "ws", f"http://127.0.0.1:{server.port}/ws", "question {SEQ}", 10, seconds=1, warm_up_s=0, headers_file=headers,
        asking=asking, pause_ms=100, ends_with='"type":"completed"',
    )  # fmt: skip


@pytest.fixture
def headers(tmp_path: Path) -> Path:
    path = tmp_path / "headers"
    path.write_text("".join(f"Authorization: person {number}\n" for number in range(5)))
    return path


class TestLoadGenerator:
    async def test_opens_all_websockets_and_asks_on_some(self, server: Counting, tools: Tools, headers: Path) -> None:
        seen = await asyncio.to_thread(tools.run, load(server, headers, asking=2))

        assert len(server.people) == 10
        assert len(server.asked_by) == 1  # the connections 4 and 9 are the fifth person's
        assert seen["open"] >= 8
        assert seen["errors"] == 0

    async def test_asks_on_all_unless_told(self, server: Counting, tools: Tools, headers: Path) -> None:
        seen = await asyncio.to_thread(tools.run, load(server, headers, asking=None))

        assert len(server.asked_by) == 5
        assert seen["ok"] <= len(server.questions)

    async def test_never_asks_the_same_twice(self, server: Counting, tools: Tools, headers: Path) -> None:
        await asyncio.to_thread(tools.run, load(server, headers, asking=None))

        assert len(set(server.questions)) == len(server.questions) > 10

    async def test_tells_its_own_processor_time(self, server: Counting, tools: Tools, headers: Path) -> None:
        seen = await asyncio.to_thread(tools.run, load(server, headers, asking=None))

        assert 0.0 <= seen["client"] < 1.0
        assert seen["cpu_s"] == pytest.approx(seen["client"], rel=0.5, abs=0.05)

    async def test_counts_the_questions_of_a_second(self, server: Counting, tools: Tools, headers: Path) -> None:
        seen = await asyncio.to_thread(tools.run, load(server, headers, asking=None))

        assert seen["asked_s"] == pytest.approx(len(server.questions), rel=0.2)
