"""Token buckets in memory: all limits must fit, and a refused request counts against none."""

import pytest

from apps.domain.errors import RateLimited
from apps.domain.limits import RateLimits
from apps.turns.rates import MAX_DEBT_MINUTES, Rates, Scope

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


class TestSeveralProcesses:
    """What one tells the others is what they debit."""

    LIMITS = [(TEAM, RateLimits(requests_per_minute=10, tokens_per_minute=1000))]

    @pytest.fixture
    def other(self, clock: Clock) -> Rates:
        return Rates(clock)

    def admitted(self, rates: Rates) -> int:
        count = 0
        try:
            while True:
                rates.admit(self.LIMITS)
                count += 1
        except RateLimited:
            return count

    def test_keep_a_limit_together(self, rates: Rates, other: Rates) -> None:
        rates.share()
        for _ in range(7):
            rates.admit(self.LIMITS)
        for body in rates.told():
            other.heard(body)

        assert self.admitted(other) == 3
        assert rates.told() == []

    def test_pass_it_by_no_more_than_what_each_takes_within_one_interval(self, rates: Rates, other: Rates) -> None:
        rates.share(), other.share()
        taken = self.admitted(rates) + self.admitted(other)
        told, told_too = rates.told(), other.told()
        for body in told:
            other.heard(body)
        for body in told_too:
            rates.heard(body)

        assert taken == 20
        assert (self.admitted(rates), self.admitted(other)) == (0, 0)

    def test_count_tokens_of_finished_turns_together(self, rates: Rates, other: Rates, clock: Clock) -> None:
        rates.share()
        rates.used(self.LIMITS, 1500)
        for body in rates.told():
            other.heard(body)

        with pytest.raises(RateLimited, match="tokens"):
            other.admit(self.LIMITS)
        clock.now += 31
        other.admit(self.LIMITS)

    def test_remember_nothing_where_nobody_is_told(self, rates: Rates) -> None:
        rates.admit(self.LIMITS)

        assert rates.told() == []

    def test_do_not_pass_on_what_they_heard(self, rates: Rates, other: Rates) -> None:
        rates.share(), other.share()
        rates.admit(self.LIMITS)
        for body in rates.told():
            other.heard(body)

        assert other.told() == []

    def test_tell_many_in_several_messages(self, rates: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.turns.rates.MAX_GOSSIP", 10)
        rates.share()
        for key in range(25):
            rates.admit([(("key", key), RateLimits(requests_per_minute=5))])

        assert [len(body["used"]) for body in rates.told()] == [10, 10, 5]


class TestWrongHearsay:
    LIMITS = [(KEY, RateLimits(requests_per_minute=60))]

    @pytest.mark.parametrize("is_known", [True, False])
    @pytest.mark.parametrize("limit", [1, 60, 10**12])
    def test_keeps_nobody_out_for_longer_than_five_minutes(
        self, rates: Rates, clock: Clock, is_known: bool, limit: int
    ) -> None:
        if is_known:
            rates.admit(self.LIMITS)
        rates.heard({"used": [["requests", *KEY, limit, 1e300]]})
        if limit > 1:
            with pytest.raises(RateLimited):
                rates.admit(self.LIMITS)
        clock.now += 60 * MAX_DEBT_MINUTES + 2

        rates.admit(self.LIMITS)

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"used": 3}, {"used": [[]]}, {"used": [["requests", "key", 1, 60, -5.0]]},
            {"used": [["requests", "key", 1, 0, 1.0]]}, {"used": [["unheard of", "key", 1, 60, 1.0]]},
            {"used": [["requests", "key", "x", 60, 1.0]]}, {"used": [["requests", "key", 1, 60, float("nan")]]},
        ],
    )  # fmt: skip
    def test_that_makes_no_sense_is_refused(self, rates: Rates, body: dict[str, object]) -> None:
        with pytest.raises((LookupError, TypeError, ValueError)):
            rates.heard(body)
        rates.admit(self.LIMITS)

    def test_does_not_fill_the_memory(self, rates: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.turns.rates.MAX_BUCKETS", 10)
        rates.heard({"used": [["requests", "key", number, 60, 1.0] for number in range(100)]})

        assert len(rates._buckets) == 10
