"""Beta quantiles against published values, closed forms, exact sums and their own inverse."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.routing.engine.beta import cumulative, interval, quantile

CLOPPER_PEARSON = [
    # successes of trials, limits at 95 %, as tables of exact binomial limits print them
    (1, 10, 0.0025, 0.4450),
    (5, 10, 0.1871, 0.8129),
    (8, 10, 0.4439, 0.9748),
    (10, 100, 0.0490, 0.1762),
]
SHAPES = st.floats(0.05, 400)


def by_sum(x: Fraction, a: int, b: int) -> float:
    """For whole a and b the distribution is a binomial tail, here exact."""
    trials = a + b - 1
    return float(sum(math.comb(trials, j) * x**j * (1 - x) ** (trials - j) for j in range(a, trials + 1)))


class TestTheDistribution:
    @given(st.fractions(0, 1, max_denominator=50), st.integers(1, 60), st.integers(1, 60))
    def test_is_a_binomial_tail_for_whole_shapes(self, x: Fraction, a: int, b: int) -> None:
        assert cumulative(float(x), a, b) == pytest.approx(by_sum(x, a, b), rel=1e-9, abs=1e-13)


class TestQuantiles:
    @pytest.mark.parametrize(("successes", "trials", "low", "high"), CLOPPER_PEARSON)
    def test_give_the_exact_limits_of_tables(self, successes: int, trials: int, low: float, high: float) -> None:
        failures = trials - successes

        assert quantile(0.025, successes, failures + 1) == pytest.approx(low, abs=6e-5)
        assert quantile(0.975, successes + 1, failures) == pytest.approx(high, abs=6e-5)

    @pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
    @pytest.mark.parametrize("shape", [0.3, 1.0, 2.0, 50.0])
    def test_of_a_power_are_roots(self, share: float, shape: float) -> None:
        assert quantile(share, shape, 1.0) == pytest.approx(share ** (1 / shape), rel=1e-8)
        assert quantile(share, 1.0, shape) == pytest.approx(1 - (1 - share) ** (1 / shape), rel=1e-8)

    def test_of_the_arcsine_law(self) -> None:
        assert quantile(0.05, 0.5, 0.5) == pytest.approx(math.sin(math.pi * 0.05 / 2) ** 2, rel=1e-8)

    @given(st.floats(0.01, 0.99), SHAPES, SHAPES)
    def test_are_the_inverse_of_the_distribution(self, share: float, a: float, b: float) -> None:
        x = quantile(share, a, b)

        assert 0.0 <= x <= 1.0
        assert cumulative(x - 1e-9, a, b) - 1e-6 <= share <= cumulative(x + 1e-9, a, b) + 1e-6


class TestIntervals:
    def test_leave_out_a_twentieth_on_each_side(self) -> None:
        low, high = interval(0.8, 20.0)

        assert cumulative(low, 16, 4) == pytest.approx(0.05, abs=1e-9)
        assert cumulative(high, 16, 4) == pytest.approx(0.95, abs=1e-9)

    @given(st.floats(0, 1), st.floats(1, 1000))
    def test_hold_the_mean_and_shrink_with_what_they_rest_on(self, mean: float, worth: float) -> None:
        low, high = interval(mean, worth)
        tighter = interval(mean, worth * 10)

        assert 0.0 <= low <= mean <= high <= 1.0
        assert tighter[1] - tighter[0] < high - low

    @pytest.mark.parametrize("mean", [0.0, 1.0])
    def test_leave_doubt_at_the_ends(self, mean: float) -> None:
        low, high = interval(mean, 10.0)

        assert 0.1 < high - low < 0.3
