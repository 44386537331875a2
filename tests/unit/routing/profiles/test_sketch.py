"""Quantiles within the stated error, however values come and are merged."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.routing.engine import sketch
from apps.routing.engine.sketch import ERROR, Sketch, added, merged, quantile

VALUES = st.lists(st.floats(0.01, 1e7), min_size=1, max_size=200)
SHARES = st.sampled_from([0.0, 0.05, 0.5, 0.95, 1.0])


def of(values: list[float]) -> Sketch:
    found = sketch.EMPTY
    for value in values:
        found = added(found, value)
    return found


class TestASketch:
    @given(VALUES, SHARES)
    def test_is_within_its_error_of_the_true_quantile(self, values: list[float], share: float) -> None:
        exact = sorted(values)[math.floor(share * (len(values) - 1))]

        assert quantile(of(values), share) == pytest.approx(exact, rel=ERROR * 1.0001)

    @given(VALUES, VALUES)
    def test_of_two_parts_is_that_of_the_whole(self, one: list[float], other: list[float]) -> None:
        assert merged(of(one), of(other)) == of([*one, *other])

    @given(VALUES)
    def test_comes_back_from_json(self, values: list[float]) -> None:
        assert sketch.from_json(sketch.as_json(of(values))) == of(values)

    def test_without_values_has_no_quantile(self) -> None:
        assert quantile(sketch.EMPTY, 0.5) is None

    def test_stays_small(self) -> None:
        chance = random.Random(7)

        assert len(of([chance.lognormvariate(6, 1) for _ in range(5000)]).counts) < 100

    def test_forgets_what_has_faded(self) -> None:
        faded = sketch.faded(of([10.0]), 1e-4)

        assert faded.counts == {}

    @pytest.mark.parametrize("value", [-1.0, math.nan])
    def test_takes_no_negative_numbers(self, value: float) -> None:
        with pytest.raises(ValueError, match="from zero up"):
            added(sketch.EMPTY, value)

    @pytest.mark.parametrize("value", [0.0, 1e30, math.inf])
    def test_keeps_extremes_within_its_range(self, value: float) -> None:
        found = quantile(of([value]), 0.5)

        assert found is not None
        assert sketch.SMALLEST * 0.9 <= found <= sketch.LARGEST * 1.1
