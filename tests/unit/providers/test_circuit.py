"""The breaker and the lane of one provider, with a clock of their own."""

import asyncio

import pytest

from apps.providers.circuit import DEAF_S, FIRST_REST_S, LONGEST_REST_S, THRESHOLD, Circuit, Lane
from apps.providers.values import ContextTooLong, ProviderTimeout, ProviderUnavailable
from tests.support.model_calls import a_provider


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock=clock, chance=lambda: 0.5)


def fail(circuit: Circuit, times: int = THRESHOLD) -> None:
    for _ in range(times):
        circuit.failed()


class TestCircuit:
    def test_lets_calls_pass_until_enough_failures_in_a_row(self, circuit: Circuit) -> None:
        fail(circuit, THRESHOLD - 1)
        assert circuit.admit()

        circuit.failed()
        assert not circuit.admit()

    def test_forgets_failures_after_a_success(self, circuit: Circuit) -> None:
        fail(circuit, THRESHOLD - 1)
        circuit.succeeded()
        fail(circuit, THRESHOLD - 1)

        assert circuit.admit()

    def test_lets_exactly_one_call_find_out_after_the_rest(self, circuit: Circuit, clock: Clock) -> None:
        fail(circuit)
        clock.now += FIRST_REST_S

        assert [circuit.admit() for _ in range(3)] == [True, False, False]

    def test_rests_longer_each_time_up_to_a_bound(self, circuit: Circuit, clock: Clock) -> None:
        fail(circuit)
        rests = [circuit.resting_s]
        for _ in range(8):
            clock.now += circuit.resting_s
            assert circuit.admit()
            circuit.failed()
            rests.append(circuit.resting_s)

        assert rests[:3] == pytest.approx([FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S])
        assert rests[-1] == pytest.approx(LONGEST_REST_S)

    def test_rests_as_long_as_the_provider_asks(self, circuit: Circuit) -> None:
        fail(circuit, THRESHOLD - 1)
        circuit.failed(retry_after_s=120)

        assert circuit.resting_s == pytest.approx(120)

    def test_is_not_prolonged_by_calls_that_began_before_the_rest(self, circuit: Circuit, clock: Clock) -> None:
        fail(circuit)
        clock.now += 1
        before = circuit.resting_s
        circuit.failed()

        assert circuit.resting_s == before

    def test_closes_with_the_first_token_but_trusts_nobody_yet(self, circuit: Circuit, clock: Clock) -> None:
        fail(circuit)
        clock.now += FIRST_REST_S
        circuit.admit()
        circuit.answers()
        assert circuit.admit()

        circuit.failed()
        assert not circuit.admit()

    def test_gives_the_next_caller_the_chance_that_one_abandoned(self, circuit: Circuit, clock: Clock) -> None:
        fail(circuit)
        clock.now += FIRST_REST_S
        circuit.admit()
        circuit.abandoned()

        assert circuit.admit()

    def test_spreads_the_rests_of_many_processes(self, clock: Clock) -> None:
        early, late = Circuit(clock=clock, chance=lambda: 0.0), Circuit(clock=clock, chance=lambda: 0.999)
        fail(early)
        fail(late)

        assert early.resting_s < FIRST_REST_S < late.resting_s


def end_with(lane: Lane, error: BaseException | None) -> None:
    with lane.attempt():
        if error is not None:
            raise error


class TestAttempt:
    def test_counts_a_failure_that_the_provider_is_to_blame_for(self) -> None:
        lane = Lane(a_provider("http://x/v1"))
        with pytest.raises(ProviderTimeout):
            end_with(lane, ProviderTimeout("late"))

        assert lane.health().failures == 1

    @pytest.mark.parametrize("error", [ContextTooLong("long"), ProviderUnavailable("unknown parameter", sick=False)])
    def test_does_not_count_what_one_request_is_to_blame_for(self, error: Exception) -> None:
        lane = Lane(a_provider("http://x/v1"))
        fail(lane.circuit, THRESHOLD - 1)
        with pytest.raises(type(error)):
            end_with(lane, error)

        assert lane.health().failures == 0

    def test_learns_nothing_from_a_caller_who_went_away(self) -> None:
        lane = Lane(a_provider("http://x/v1"))
        fail(lane.circuit, 2)
        with pytest.raises(asyncio.CancelledError):
            end_with(lane, asyncio.CancelledError())

        assert lane.health().failures == 2

    def test_is_refused_while_the_provider_rests_and_says_how_long(self) -> None:
        lane = Lane(a_provider("http://x/v1"))
        fail(lane.circuit)

        with pytest.raises(ProviderUnavailable) as refused:
            end_with(lane, None)
        assert refused.value.retry_after_s
        assert not refused.value.sick


class TestLane:
    async def test_bounds_what_runs_at_once(self) -> None:
        lane = Lane(a_provider("http://x/v1", max_concurrency=2))
        running = most = 0

        async def call() -> None:
            nonlocal running, most
            async with lane.place():
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.01)
                running -= 1

        await asyncio.gather(*(call() for _ in range(6)))

        assert most == 2

    def test_looks_healthy_again_when_the_rest_is_over_so_that_somebody_tries(self) -> None:
        clock = Clock()
        lane = Lane(a_provider("http://x/v1"), Circuit(clock=clock, chance=lambda: 0.5))
        fail(lane.circuit)
        assert not lane.health().healthy

        clock.now += FIRST_REST_S
        assert lane.health().healthy

        lane.circuit.admit()
        assert not lane.health().healthy

    async def test_begins_afresh_at_another_address(self) -> None:
        lane = Lane(a_provider("http://x/v1"))
        fail(lane.circuit)
        lane.adopt(a_provider("http://y/v1"))

        assert lane.health().healthy


class TestWhatOtherProcessesFoundOut:
    def test_begins_a_rest_here_too(self, circuit: Circuit, clock: Clock) -> None:
        circuit.heard_failing(8.0)

        assert not circuit.admit()
        assert 6.0 <= circuit.resting_s <= 8.0
        clock.now += 8.0
        assert [circuit.admit(), circuit.admit()] == [True, False]

    def test_ends_a_rest_here_too(self, circuit: Circuit, clock: Clock) -> None:
        circuit.heard_failing(50.0)
        clock.now += FIRST_REST_S
        circuit.heard_answering()

        assert circuit.admit()

    def test_does_not_prolong_a_rest_of_ones_own(self, circuit: Circuit) -> None:
        fail(circuit)
        before = circuit.resting_s
        circuit.heard_failing(50.0)

        assert circuit.resting_s == before

    @pytest.mark.parametrize("rest_s", [1e9, float("inf")])
    def test_never_keeps_it_shut_for_longer_than_the_longest_rest(self, circuit: Circuit, rest_s: float) -> None:
        circuit.heard_failing(rest_s)

        assert 0 < circuit.resting_s <= LONGEST_REST_S

    @pytest.mark.parametrize("rest_s", [0.0, -1.0, float("nan")])
    def test_means_nothing_where_it_makes_no_sense(self, circuit: Circuit, rest_s: float) -> None:
        circuit.heard_failing(rest_s)

        assert circuit.admit()

    def test_is_no_longer_believed_once_a_call_has_refuted_it(self, circuit: Circuit, clock: Clock) -> None:
        """A flood of wrong or replayed hints costs one rest in ten minutes."""
        circuit.heard_failing(LONGEST_REST_S)
        clock.now += LONGEST_REST_S
        assert circuit.admit()
        circuit.answers()
        circuit.succeeded()
        for _ in range(100):
            circuit.heard_failing(LONGEST_REST_S)

        assert circuit.admit()
        circuit.succeeded()
        clock.now += DEAF_S
        circuit.heard_failing(LONGEST_REST_S)
        assert not circuit.admit()

    def test_leaves_the_first_rest_of_a_sick_provider_alone(self, circuit: Circuit, clock: Clock) -> None:
        """A flood of wrong hints that it answers makes it no sicker than a breaker that never rests longer."""
        fail(circuit)
        calls = 0
        for _ in range(1000):
            circuit.heard_answering()
            calls += circuit.admit() and circuit.failed()
            clock.now += 0.01

        assert calls <= 10.0 / (FIRST_REST_S * 0.75)

    def test_lets_a_failing_probe_rest_as_after_failures_of_its_own(self, circuit: Circuit, clock: Clock) -> None:
        circuit.heard_failing(2.0)
        clock.now += 2.0
        assert circuit.admit()

        assert circuit.failed()
        assert circuit.resting_s == pytest.approx(FIRST_REST_S)


class TestALaneTellsTheOthers:
    @pytest.fixture
    def told(self) -> list[float]:
        return []

    @pytest.fixture
    def lane(self, circuit: Circuit, told: list[float]) -> Lane:
        return Lane(a_provider("http://models.example"), circuit, tell=lambda _, rest_s: told.append(rest_s))

    def fail(self, lane: Lane) -> None:
        with pytest.raises(ProviderTimeout), lane.attempt():
            raise ProviderTimeout("It said nothing.")

    def test_that_it_rests_and_that_the_provider_answers_again(
        self, lane: Lane, clock: Clock, told: list[float]
    ) -> None:
        for _ in range(THRESHOLD):
            self.fail(lane)
        assert told == [pytest.approx(FIRST_REST_S)]
        clock.now += FIRST_REST_S
        with lane.attempt() as attempt:
            attempt.answers()
            attempt.answers()

        assert told[1:] == [0.0]

    def test_that_it_answers_again_even_where_it_gave_no_token(
        self, lane: Lane, clock: Clock, told: list[float]
    ) -> None:
        for _ in range(THRESHOLD):
            self.fail(lane)
        clock.now += FIRST_REST_S
        with lane.attempt():
            pass

        assert told[1:] == [0.0]

    def test_nothing_while_all_is_well(self, lane: Lane, told: list[float]) -> None:
        with lane.attempt() as attempt:
            attempt.answers()
        self.fail(lane)

        assert told == []

    def test_nothing_of_a_call_to_an_address_that_is_left(self, lane: Lane, told: list[float]) -> None:
        attempts = [lane.attempt() for _ in range(THRESHOLD)]
        for attempt in attempts:
            attempt.__enter__()
        lane.adopt(a_provider("http://moved.example"))
        for attempt in attempts:
            error = ProviderTimeout("It said nothing.")
            attempt.__exit__(ProviderTimeout, error, None)

        assert told == []
