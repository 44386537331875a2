"""`services.stream`: what is looked at right before a connection is opened, and what keeps providers apart."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django import Settings

from apps.core import crypto
from apps.domain.catalogue import Hosting
from apps.domain.egress import Clearance, EgressRefused
from apps.domain.ids import ProviderId
from apps.domain.privacy import PrivacyAction, Sensitivity
from apps.providers import services
from apps.providers.circuit import THRESHOLD
from apps.providers.services.calls import Clear
from apps.providers.values import BadCredentials, ProviderRecord, ProviderUnavailable, Timeouts
from tests.support.model_calls import Outcome, a_call, a_candidate, a_provider, outcome_of
from tests.support.patience import BUSY
from tests.support.upstream import Script, Upstream

CLEAN = Clearance(Sensitivity.CLEAN)
SENSITIVE = Clearance(Sensitivity.SENSITIVE)


@pytest.fixture
async def upstream(settings: Settings) -> AsyncIterator[Upstream]:
    settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]
    async with Upstream() as started:
        yield started
        await services.shutdown()


def clear(clearance: Clearance) -> Clear:
    """Always the same label."""

    async def cleared() -> Clearance:
        return clearance

    return cleared


async def ask(
    provider: ProviderRecord | None,
    *,
    clearance: Clearance = CLEAN,
    action: PrivacyAction = PrivacyAction.SELF_HOSTED,
    **changes: Any,
) -> Outcome:
    call = a_call(**changes)
    return await outcome_of(
        services.stream(call, clear=clear(clearance), current_action=lambda: action, lookup=lambda _: provider)
    )


class TestASensitiveText:
    async def test_goes_to_a_self_hosted_provider(self, upstream: Upstream) -> None:
        outcome = await ask(a_provider(upstream.base_url, hosting=Hosting.SELF_HOSTED), clearance=SENSITIVE)

        assert outcome.error is None

    @pytest.mark.parametrize("label", [Sensitivity.SENSITIVE, Sensitivity.UNCLASSIFIED])
    async def test_never_reaches_a_commercial_one(self, upstream: Upstream, label: Sensitivity) -> None:
        with pytest.raises(EgressRefused):
            await ask(a_provider(upstream.base_url), clearance=Clearance(label), text="Bluebird")

        assert upstream.connections == 0

    async def test_stays_when_the_operator_has_just_marked_the_provider_commercial(self, upstream: Upstream) -> None:
        decided = a_candidate(hosting=Hosting.SELF_HOSTED)

        with pytest.raises(EgressRefused):
            await ask(a_provider(upstream.base_url), clearance=SENSITIVE, candidate=decided)

        assert upstream.connections == 0

    async def test_stays_when_a_local_server_passes_the_model_on_to_a_cloud(self, upstream: Upstream) -> None:
        with pytest.raises(EgressRefused):
            await ask(
                a_provider(upstream.base_url, hosting=Hosting.SELF_HOSTED),
                clearance=SENSITIVE,
                upstream="gpt-oss:120b-cloud",
            )

        assert upstream.connections == 0

    async def test_goes_nowhere_under_a_policy_that_refuses(self, upstream: Upstream) -> None:
        with pytest.raises(EgressRefused):
            await ask(
                a_provider(upstream.base_url, hosting=Hosting.SELF_HOSTED),
                clearance=SENSITIVE,
                action=PrivacyAction.REFUSE,
            )

        assert upstream.connections == 0

    async def test_is_judged_by_the_policy_after_the_wait_for_a_free_place(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(tokens=3, delay_s=0.05))
        provider = a_provider(upstream.base_url, max_concurrency=1, hosting=Hosting.SELF_HOSTED)
        first = asyncio.create_task(ask(provider))
        await asyncio.sleep(0.02)
        marked = {"now": provider}

        waiting = asyncio.create_task(
            outcome_of(
                services.stream(
                    a_call("Bluebird"),
                    clear=clear(SENSITIVE),
                    current_action=lambda: PrivacyAction.SELF_HOSTED,
                    lookup=lambda _: marked["now"],
                )
            )
        )
        await asyncio.sleep(0.02)
        marked["now"] = a_provider(upstream.base_url, max_concurrency=1, hosting=Hosting.COMMERCIAL)

        with pytest.raises(EgressRefused):
            await waiting
        assert (await first).error is None
        assert not upstream.saw("Bluebird")


class TestAProvider:
    @pytest.mark.parametrize("changes", [None, {"enabled": False}, {"adapter": "carrier-pigeon"}])
    async def test_that_is_gone_off_or_unknown_is_unavailable(
        self, upstream: Upstream, changes: dict[str, Any] | None
    ) -> None:
        outcome = await ask(None if changes is None else a_provider(upstream.base_url, **changes))

        assert isinstance(outcome.error, ProviderUnavailable)
        assert upstream.connections == 0

    async def test_gets_its_key_in_plain(self, upstream: Upstream) -> None:
        await ask(a_provider(upstream.base_url, sealed_key=crypto.encrypt("key-2")))

        assert upstream.calls()[0].headers["authorization"] == "Bearer key-2"

    async def test_whose_key_cannot_be_read_is_not_asked(self, upstream: Upstream) -> None:
        outcome = await ask(a_provider(upstream.base_url, sealed_key="of another installation"))

        assert isinstance(outcome.error, BadCredentials)
        assert upstream.connections == 0

    async def test_that_fails_again_and_again_is_left_alone(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(status=500))
        for _ in range(THRESHOLD + 3):
            outcome = await ask(a_provider(upstream.base_url))

        assert len(upstream.calls()) == THRESHOLD
        assert outcome.error is not None
        assert outcome.error.retry_after_s
        assert not services.health()[ProviderId(1)].healthy

    async def test_is_not_blamed_for_requests_that_it_cannot_accept(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(status=400))
        for _ in range(THRESHOLD + 3):
            await ask(a_provider(upstream.base_url))

        assert services.health()[ProviderId(1)].healthy

    async def test_that_hangs_does_not_slow_another(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(hang_after=0))
        upstream.script("stub-b", Script())
        sick = a_provider(upstream.base_url, max_concurrency=3)
        well = a_provider(upstream.base_url, id=ProviderId(2))
        hanging = [asyncio.create_task(ask(sick)) for _ in range(20)]
        await asyncio.sleep(0.05)

        started = time.monotonic()
        candidate = a_candidate("stub-b", provider=ProviderId(2))
        outcome = await ask(well, candidate=candidate)

        assert outcome.error is None
        assert time.monotonic() - started < BUSY * 0.5
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


class TestAFullProvider:
    async def test_says_so_in_time_and_is_not_blamed(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(tokens=100, delay_s=0.05))
        provider = a_provider(upstream.base_url, max_concurrency=1, timeouts=Timeouts(first_token_s=0.1))
        first = asyncio.create_task(ask(provider))
        await asyncio.sleep(0.02)

        outcome = await ask(provider)

        assert isinstance(outcome.error, ProviderUnavailable)
        assert services.health()[ProviderId(1)].healthy
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


class TestStopping:
    async def test_frees_the_place_and_tells_the_provider(self, upstream: Upstream) -> None:
        upstream.script("stub-a", Script(tokens=1000, delay_s=0.01))
        provider = a_provider(upstream.base_url, max_concurrency=1)
        task = asyncio.create_task(ask(provider))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        upstream.script("stub-a", Script(tokens=1))

        outcome = await ask(provider)

        assert outcome.text == "tok0 "
        assert not upstream.calls()[0].completed


class TestCheckHealth:
    async def test_finds_a_provider_that_answers(self, upstream: Upstream) -> None:
        assert await services.check_health(a_provider(upstream.base_url))

    async def test_finds_one_that_does_not(self, upstream: Upstream) -> None:
        assert not await services.check_health(a_provider("http://127.0.0.1:1/v1"))
