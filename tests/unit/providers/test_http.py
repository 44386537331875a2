"""The way out: which addresses it reaches, and what it says when it does not."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apps.providers.adapters._http import Outbound, is_public
from apps.providers.adapters.openai import PLUGIN
from apps.providers.values import ProviderUnavailable
from tests.support.model_calls import Outcome, a_call, an_endpoint, outcome_of
from tests.support.upstream import Upstream


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as started:
        yield started


async def ask(base_url: str, *, allow: list[str]) -> Outcome:
    outbound = Outbound(allow)
    try:
        return await outcome_of(PLUGIN.stream(a_call(), an_endpoint(base_url), outbound.session(base_url)))
    finally:
        await outbound.close()


class TestAnInternalAddress:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    async def test_is_not_reached_unless_the_operator_has_listed_its_host(self, upstream: Upstream, host: str) -> None:
        outcome = await ask(f"http://{host}:{upstream.port}/v1", allow=[])

        assert isinstance(outcome.error, ProviderUnavailable)
        assert upstream.connections == 0

    @pytest.mark.parametrize("entry", ["localhost", "LOCALHOST:{port}"])
    async def test_is_reached_when_it_is_listed(self, upstream: Upstream, entry: str) -> None:
        outcome = await ask(f"http://localhost:{upstream.port}/v1", allow=[entry.format(port=upstream.port)])

        assert outcome.error is None

    async def test_is_not_reached_at_another_port_than_the_listed_one(self, upstream: Upstream) -> None:
        outcome = await ask(f"http://127.0.0.1:{upstream.port}/v1", allow=["127.0.0.1:1"])

        assert outcome.error is not None
        assert upstream.connections == 0

    async def test_is_not_told_apart_from_a_closed_port(self, upstream: Upstream) -> None:
        open_port = await ask(f"http://127.0.0.1:{upstream.port}/v1", allow=[])
        closed_port = await ask("http://127.0.0.1:1/v1", allow=[])
        closed_but_listed = await ask("http://127.0.0.1:1/v1", allow=["127.0.0.1"])

        details = {outcome.error.detail for outcome in (open_port, closed_port, closed_but_listed) if outcome.error}
        assert details == {"stub could not be reached."}
        outcomes = (open_port, closed_port, closed_but_listed)
        assert all(outcome.error is not None and outcome.error.unsent for outcome in outcomes)

    async def test_of_the_machine_itself_gives_no_metadata_even_when_its_host_is_listed(self) -> None:
        outcome = await ask("http://169.254.169.254/v1", allow=["169.254.169.254"])

        assert outcome.error is not None
        assert outcome.error.detail == "stub could not be reached."


class TestAPort:
    async def test_that_speaks_no_http_looks_like_a_closed_one(self) -> None:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            outcome = await ask(f"http://127.0.0.1:{port}/v1", allow=["127.0.0.1"])

        assert outcome.error is not None
        assert outcome.error.detail == "stub could not be reached."
        assert not outcome.error.unsent


class TestIsPublic:
    @pytest.mark.parametrize(
        "address",
        [
            "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
            "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1",
        ],
    )  # fmt: skip
    def test_is_false_for_an_internal_address_in_any_dress(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
    def test_is_true_for_a_public_one(self, address: str) -> None:
        assert is_public(address)


class TestTheHeaders:
    async def test_carry_the_key_and_no_more_than_needed(self, upstream: Upstream) -> None:
        await ask(upstream.base_url, allow=["127.0.0.1"])

        headers = upstream.calls()[0].headers
        assert headers["authorization"] == "Bearer key-1"
        assert set(headers) == {
            "host", "authorization", "content-type", "content-length", "accept-encoding", "user-agent",
        }  # fmt: skip
