"""A flood of refused requests is answered at a pace, counted exactly in the audit trail, and takes nobody's place."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from openroute_site.pacing import BURST, LONGEST_S, PER_S
from tests.functional.companies import GUARDED
from tests.support.journeys import Api
from tests.support.server import RealServer
from tests.support.upstream import Upstream
from tests.support.world import configuration, prices

pytestmark = pytest.mark.server

UNKNOWN = "or-" + "x" * 43
FLOOD_S = 3.0
FLOODERS = 64


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    """Its start and end belong to the story."""
    with Upstream(prices=prices(GUARDED)).in_thread() as upstream:
        config = configuration(GUARDED, outside=upstream.base_url, inside=upstream.base_url)
        with RealServer(tmp_path / "server", config=config) as running:
            yield running


async def flood(api: Api, path: str, until: float) -> int:
    """Ask again at each refusal; how many there were."""
    refused = 0
    while time.monotonic() < until:
        answer = await api.client.get(path)
        assert answer.status_code == 401
        refused += 1
    return refused


async def latencies(api: Api, until: float) -> list[float]:
    """How long answers of somebody else take, in seconds."""
    found = []
    while time.monotonic() < until:
        began = time.monotonic()
        assert (await api.ask("How high is the Eiffel tower?")).status_code == 200
        found.append(time.monotonic() - began)
    return found


def counted(server: RealServer) -> int:
    rows = server.rows("select body from audit_auditevent where kind = 'key.refused'")
    return sum(json.loads(row["body"])["count"] for row in rows)


@pytest.mark.parametrize("path", ["/v1/models", "/api/v1/me/"])
async def test_of_unknown_keys(own_server: RealServer, path: str) -> None:
    async with Api(own_server, GUARDED.key("gina")) as neighbour, Api(own_server, UNKNOWN) as stranger:
        calm = await latencies(neighbour, time.monotonic() + FLOOD_S / 2)
        until = time.monotonic() + FLOOD_S
        floods = [flood(stranger, path, until) for _ in range(FLOODERS)]
        slow, *refused = await asyncio.gather(latencies(neighbour, until), *floods)
    own_server.stop()
    print(
        f"{path}: {sum(refused)} refusals; a neighbour's median {1000 * statistics.median(calm):.0f} ms,"
        f" meanwhile {1000 * statistics.median(slow):.0f} ms"
    )

    assert FLOODERS < sum(refused) <= BURST + PER_S * (FLOOD_S + LONGEST_S) + FLOODERS
    assert counted(own_server) == sum(refused)
    assert len(own_server.rows("select 1 from audit_auditevent where kind = 'key.refused'")) <= 3
