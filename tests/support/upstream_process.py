"""The stub provider as a process of its own, for journeys against a real server.

python -m tests.support.upstream_process --port 9000
"""

import argparse
import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.support.upstream import Evidence, PriceTable, Received, Script, Upstream

ROOT = Path(__file__).resolve().parents[2]


class RemoteUpstream(Evidence):
    """The verbs of `Upstream`, asked of the other process; call `refresh` before looking at the evidence."""

    def __init__(self, port: int, prices: Mapping[str, PriceTable]) -> None:
        super().__init__(prices)
        self.port = port

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, model: str, *scripts: Script) -> None:
        self._ask("script", {"model": model, "scripts": [asdict(script) for script in scripts]})

    def reset(self) -> None:
        self._ask("reset")

    def refresh(self) -> "RemoteUpstream":
        """Fetch all that has arrived until now."""
        report = self._ask("report")
        self.requests = [Received.from_json(values) for values in report["requests"]]
        self.stray = [bytes.fromhex(piece) for piece in report["stray"]]
        return self

    def _ask(self, verb: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else b""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_control/{verb}", data=data, method="POST")
        with urllib.request.urlopen(request, timeout=5) as response:
            return json.loads(response.read())


@contextmanager
def upstream_process(*, prices: Mapping[str, PriceTable] | None = None, port: int = 0) -> Iterator[RemoteUpstream]:
    """Start a stub provider in a process of its own and end it afterwards."""
    command = [sys.executable, "-m", "tests.support.upstream_process", "--port", str(port)]
    command += ["--prices", json.dumps({model: dict(table) for model, table in (prices or {}).items()})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield RemoteUpstream(int(process.stdout.readline()), prices or {})
        finally:
            process.terminate()
            process.wait(5)


async def _serve(port: int, prices: Mapping[str, PriceTable]) -> None:
    upstream = await Upstream(prices=prices).start(port=port)
    print(upstream.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--prices", type=json.loads, default={})
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.port, arguments.prices))
