"""One server for all stories of a worker of the test run; what a story breaks is its own company's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.companies import EVERYBODY
from tests.support.server import RealServer
from tests.support.upstream import Upstream
from tests.support.world import configuration, prices


@pytest.fixture(scope="session")
def _outside() -> Iterator[Upstream]:
    with Upstream(prices=prices(*EVERYBODY)).in_thread() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def _inside() -> Iterator[Upstream]:
    with Upstream(prices=prices(*EVERYBODY)).in_thread() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, _outside: Upstream, _inside: Upstream) -> Iterator[RealServer]:
    """The shared server. Nothing kills or reconfigures it but through the API."""
    folder: Path = tmp_path_factory.mktemp("shared")
    config = configuration(*EVERYBODY, outside=_outside.base_url, inside=_inside.base_url)
    with RealServer(folder / "server", config=config) as running:
        yield running


@pytest.fixture
def outside(_outside: Upstream) -> Upstream:
    """The commercial providers, with empty hands. Every byte that reaches them is kept."""
    _outside.reset()
    return _outside


@pytest.fixture
def inside(_inside: Upstream) -> Upstream:
    """The company's own model server."""
    _inside.reset()
    return _inside
