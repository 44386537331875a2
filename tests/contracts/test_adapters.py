"""What every adapter promises, found through the registry and tried against a provider that misbehaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import aiohttp
import pytest

from apps.domain import plugins
from apps.domain.turn import Finish
from apps.providers.adapters._http import Outbound
from apps.providers.adapters._protocol import Adapter
from apps.providers.values import (
    BadCredentials,
    ContentRefused,
    ContextTooLong,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    TextChunk,
    Timeouts,
)
from tests.support.model_calls import QUICK, Outcome, a_call, an_endpoint, outcome_of
from tests.support.upstream import Script, Upstream

ADAPTERS = plugins.load("apps.providers.adapters", Adapter)  # type: ignore[type-abstract]
SECRET = "Bluebird starts on Monday"

pytestmark = pytest.mark.parametrize("adapter", [pytest.param(adapter, id=name) for name, adapter in ADAPTERS.items()])


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as started:
        yield started


@pytest.fixture
async def session(upstream: Upstream) -> AsyncIterator[aiohttp.ClientSession]:
    outbound = Outbound(["127.0.0.1"])
    yield outbound.session(upstream.base_url)
    await outbound.close()


async def answer(
    adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession, script: Script, timeouts: Timeouts = QUICK
) -> Outcome:
    upstream.script("stub-a", script)
    return await outcome_of(adapter.stream(a_call(SECRET), an_endpoint(upstream.base_url, timeouts=timeouts), session))


class TestAnAnswer:
    async def test_is_text_then_usage_then_finish(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(tokens=3, input_tokens=9, cached_tokens=4))

        assert outcome.text == "tok0 tok1 tok2 "
        assert outcome.finish is Finish.STOP
        assert outcome.usage is not None
        assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens, outcome.usage.output_tokens) == (9, 4, 3)
        assert len(outcome.chunks) == 3  # one piece of text for one socket read

    async def test_survives_being_torn_into_single_bytes(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(text="Grüße, 世界 🙂 \u2028 é", bytewise=True))

        assert outcome.text == "Grüße, 世界 🙂 \u2028 é"
        assert outcome.error is None

    async def test_that_is_cut_at_the_limit_says_so(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        upstream.script("stub-a", Script(tokens=50))

        call = a_call(max_output_tokens=4)
        outcome = await outcome_of(adapter.stream(call, an_endpoint(upstream.base_url), session))

        assert outcome.finish is Finish.LENGTH
        assert outcome.usage is not None
        assert outcome.usage.output_tokens == 4

    async def test_puts_tool_calls_together_from_their_pieces(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        calls = (("weather", '{"city": "Köln"}'), ("clock", "{}"))

        outcome = await answer(adapter, upstream, session, Script(tool_calls=calls))

        assert outcome.tool_calls == {0: ("call_0", *calls[0]), 1: ("call_1", *calls[1])}
        assert outcome.finish is Finish.TOOL_CALLS

    async def test_without_usage_is_whole_all_the_same(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(usage=False, done=False))

        assert outcome.usage is None
        assert outcome.finish is Finish.STOP

    async def test_leaves_its_connection_for_the_next(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        for _ in range(5):
            await answer(adapter, upstream, session, Script())

        assert upstream.connections == 1


class TestAFault:
    @pytest.mark.parametrize(
        ("script", "error", "text"),
        [
            (Script(status=500), ProviderUnavailable, ""),
            (Script(status=503), ProviderUnavailable, ""),
            (Script(status=401), BadCredentials, ""),
            (Script(status=403), BadCredentials, ""),
            (Script(status=404), ProviderUnavailable, ""),
            (Script(status=429), RateLimited, ""),
            (Script(status=413), ContextTooLong, ""),
            (Script(status=400, code="context_length_exceeded"), ContextTooLong, ""),
            (Script(status=400, code="content_filter"), ContentRefused, ""),
            (Script(redirect="http://127.0.0.1:9/v1/"), ProviderUnavailable, ""),
            (Script(cut_after=0), ProviderUnavailable, ""),
            (Script(cut_after=2), ProviderUnavailable, "tok0 tok1 "),
            (Script(garbage_after=2), ProviderUnavailable, "tok0 tok1 "),
            (Script(error_after=2), ProviderUnavailable, "tok0 tok1 "),
            (Script(error_after=1, code="rate_limit_exceeded"), RateLimited, "tok0 "),
            (Script(finish="", done=False), ProviderUnavailable, "tok0 tok1 tok2 tok3 tok4 tok5 tok6 tok7 "),
            (Script(huge_event=2_000_000), ProviderUnavailable, ""),
        ],
        ids=repr,
    )
    async def test_is_the_error_of_the_tree_and_keeps_the_text(
        self,
        adapter: Adapter,
        upstream: Upstream,
        session: aiohttp.ClientSession,
        script: Script,
        error: type[ProviderError],
        text: str,
    ) -> None:
        outcome = await answer(adapter, upstream, session, script)

        assert type(outcome.error) is error
        assert outcome.text == text
        assert SECRET not in outcome.error.detail

    async def test_tells_how_long_to_wait(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(status=429, retry_after=7))

        assert outcome.error is not None
        assert outcome.error.retry_after_s == 7

    async def test_never_repeats_what_the_provider_says(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(status=400, message=f"I do not like {SECRET}"))

        assert SECRET not in str(vars(outcome.error))

    async def test_does_not_follow_a_redirect(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        async with Upstream() as other:
            await answer(adapter, upstream, session, Script(redirect=f"{other.base_url}/chat/completions"))

            assert not other.requests

    async def test_that_writes_without_end_is_cut_off(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        upstream.script("stub-a", Script(text="x" * 400_000))

        call = a_call(max_output_tokens=1)
        outcome = await outcome_of(adapter.stream(call, an_endpoint(upstream.base_url), session))

        assert isinstance(outcome.error, ProviderUnavailable)


class TestATimeout:
    @pytest.mark.parametrize(
        ("script", "timeouts", "text"),
        [
            (Script(first_delay_s=5), Timeouts(first_token_s=0.1), ""),
            (Script(hang_after=2), Timeouts(between_tokens_s=0.1), "tok0 tok1 "),
            (Script(tokens=1000, delay_s=0.02), Timeouts(total_s=0.1), None),
        ],
        ids=["first token", "between tokens", "total"],
    )
    async def test_is_kept(
        self,
        adapter: Adapter,
        upstream: Upstream,
        session: aiohttp.ClientSession,
        script: Script,
        timeouts: Timeouts,
        text: str | None,
    ) -> None:
        started = asyncio.get_running_loop().time()

        outcome = await answer(adapter, upstream, session, script, timeouts)

        assert isinstance(outcome.error, ProviderTimeout)
        assert outcome.error.status == 504
        assert asyncio.get_running_loop().time() - started < 2
        assert text is None or outcome.text == text

    async def test_of_a_long_answer_does_not_blame_the_provider(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        outcome = await answer(adapter, upstream, session, Script(tokens=1000, delay_s=0.02), Timeouts(total_s=0.1))

        assert outcome.error is not None
        assert not outcome.error.sick


class TestStopping:
    async def test_ends_the_connection_so_that_the_provider_stops(
        self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession
    ) -> None:
        upstream.script("stub-a", Script(tokens=10_000, delay_s=0.01))

        async with aclosing(adapter.stream(a_call(), an_endpoint(upstream.base_url), session)) as chunks:
            async for chunk in chunks:
                assert isinstance(chunk, TextChunk)
                break
        await asyncio.sleep(0.1)

        produced = upstream.calls()[0].output_tokens
        await asyncio.sleep(0.1)
        assert upstream.calls()[0].output_tokens == produced < 100


class TestListing:
    async def test_names_the_models(self, adapter: Adapter, upstream: Upstream, session: aiohttp.ClientSession) -> None:
        upstream.price("stub-b", {"input": "1", "output": "1"})

        found = await adapter.models(an_endpoint(upstream.base_url), session)

        assert [model.id for model in found] == ["stub-b"]
