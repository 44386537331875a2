"""Token buckets in memory: all limits must fit, and a refused request counts against none."""

import pytest

from apps.domain.errors import RateLimited
from apps.domain.limits import RateLimits
from apps.turns.rates import Rates, Scope

KEY: Scope = ("key", 1)
TEAM: Scope = ("team", 2)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rates(clock: Clock) -> Rates:
    return Rates(clock)


class TestRequests:
    def test_admits_a_burst_of_a_minute_then_one_per_interval(self, rates: Rates, clock: Clock) -> None:
        limits = [(KEY, RateLimits(requests_per_minute=3))]
        for _ in range(3):
            rates.admit(limits)
        with pytest.raises(RateLimited) as refused:
            rates.admit(limits)
        assert refused.value.retry_after_s == pytest.approx(20.0)

        clock.now += 20.0
        rates.admit(limits)
        with pytest.raises(RateLimited):
            rates.admit(limits)

    def test_a_refused_request_counts_against_no_other_limit(self, rates: Rates, clock: Clock) -> None:
        tight, wide = RateLimits(requests_per_minute=1), RateLimits(requests_per_minute=2)
        rates.admit([(TEAM, wide), (KEY, tight)])
        for _ in range(5):
            with pytest.raises(RateLimited):
                rates.admit([(TEAM, wide), (KEY, tight)])

        rates.admit([(TEAM, wide)])

    def test_scopes_do_not_share_a_bucket(self, rates: Rates) -> None:
        one = RateLimits(requests_per_minute=1)
        rates.admit([(KEY, one)])
        rates.admit([(("key", 2), one)])

    def test_no_limit_admits_everything(self, rates: Rates) -> None:
        for _ in range(1000):
            rates.admit([(KEY, RateLimits())])


class TestTokens:
    def test_what_was_used_has_to_be_waited_for(self, rates: Rates, clock: Clock) -> None:
        limits = [(KEY, RateLimits(tokens_per_minute=600))]
        rates.admit(limits)
        rates.used(limits, 1200)
        with pytest.raises(RateLimited):
            rates.admit(limits)

        clock.now += 61.0
        rates.admit(limits)


class TestMemory:
    def test_forgets_idle_buckets_when_there_are_many(
        self, rates: Rates, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.turns.rates.MAX_BUCKETS", 10)
        for key in range(10):
            rates.admit([(("key", key), RateLimits(requests_per_minute=5))])
        clock.now += 120.0
        rates.admit([(("key", 99), RateLimits(requests_per_minute=5))])

        assert len(rates._buckets) == 1
