"""A model provider that stands in for real ones: speaks OpenAI's protocol, keeps every byte, knows what it would bill.

    async with Upstream(prices={"stub-a": {"input": "1", "output": "2"}}) as upstream:  # on this event loop
        upstream.script("stub-a", Script(tokens=5), Script(status=429, retry_after=2))  # one per call, the last stays
        ...                                              # call upstream.base_url
        assert not upstream.saw("4111 1111 1111 1111")   # in any spelling
        assert ledger == upstream.bill()                 # exact USD

    with Upstream().in_thread() as upstream: ...         # from sync tests
    with upstream_process() as remote: ...               # upstream_process.py: a process of its own, the same verbs

A script can also stand in the model's name, so that it survives any gateway: `stub-a@tokens=200,delay_s=0.02`.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Self

from tests.support.upstream_answer import Completion, ConnectionCut, send_json
from tests.support.upstream_evidence import Evidence, PriceTable, Received, Script

__all__ = ["Evidence", "PriceTable", "Received", "Script", "Upstream"]


class Upstream(Evidence):
    """The stub provider. Use it as an async context manager, or through `in_thread()`."""

    def __init__(self, *, prices: Mapping[str, PriceTable] | None = None, default: Script | None = None) -> None:
        super().__init__(prices)
        self._default = default or Script()
        self._scripts: dict[str, deque[Script]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.connections = 0
        self.port = 0

    # --- what tests say and ask

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, model: str, *scripts: Script) -> None:
        """Answer the next calls to this model so, one script per call; the last one stays in force."""
        self._scripts[model] = deque(scripts)

    def price(self, model: str, price: PriceTable) -> None:
        self._bill.prices[model] = price

    def reset(self) -> None:
        """Forget requests and scripts; prices stay."""
        self.requests.clear()
        self.stray.clear()
        self._scripts.clear()

    # --- life

    async def start(self, *, port: int = 0) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port, limit=1 << 26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut_connections(self) -> None:
        """Break every connection that is being answered now, as a dying server does. Callable from any thread."""
        assert self._server is not None
        loop = self._server.get_loop()
        for writer in list(self._writers):
            loop.call_soon_threadsafe(writer.transport.abort)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Serve from an event loop in a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="upstream", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result(5)
            yield self
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result(5)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()

    # --- one connection

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        try:
            with suppress(ConnectionError):
                while (request := await self._read(reader)) is not None:
                    await self._answer(request, writer)
        except (ConnectionCut, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                self.stray.append(error.partial)
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await _read_body(reader, headers)
        request = Received(head + body, method, path, headers, body)
        with suppress(ValueError, AttributeError):
            request.model = str(request.json.get("model", ""))
        if not path.startswith("/_control/"):
            self.requests.append(request)
        return request

    async def _answer(self, request: Received, writer: asyncio.StreamWriter) -> None:
        if request.path.startswith("/_control/"):
            status, answer = self._control(request)
            await send_json(writer, status, answer)
        elif request.path.endswith("/models"):
            names = sorted({*self._bill.prices, *self._scripts})
            await send_json(writer, 200, {"object": "list", "data": [{"id": n, "object": "model"} for n in names]})
        elif request.path.endswith("/chat/completions"):
            try:
                script = self._script_for(request.model)
            except ValueError as error:
                script = Script(status=400, code="invalid_script", message=str(error))
            await Completion(request, script, writer).run()
        else:
            await send_json(writer, 404, {"error": {"message": "no such route", "code": "not_found"}})

    def _script_for(self, model: str) -> Script:
        waiting = self._scripts.get(model)
        if waiting:
            return waiting.popleft() if len(waiting) > 1 else waiting[0]
        marks = model.partition("@")[2]
        return Script.parse(marks) if marks else self._default

    def _control(self, request: Received) -> tuple[int, Any]:
        """What `upstream_process` asks over HTTP."""
        verb = request.path.removeprefix("/_control/")
        said: dict[str, Any] = request.json if request.body else {}
        if verb == "script":
            self.script(said["model"], *(Script.from_json(script) for script in said["scripts"]))
        elif verb == "price":
            self.price(said["model"], said["price"])
        elif verb == "reset":
            self.reset()
        elif verb == "report":
            return 200, {"requests": [r.as_json() for r in self.requests], "stray": [s.hex() for s in self.stray]}
        else:
            return 404, {}
        return 200, {}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)
