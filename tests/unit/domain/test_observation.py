"""An observation that would spoil the sums it is added to cannot be made."""

import math
from typing import Any

import pytest

from tests.support.observations import attempt, thumb


class TestAnObservation:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"value": math.nan},
            {"value": 1.01},
            {"value": -0.1},
            {"signal": "applause"},
            {"complexity": 0},
            {"propensity": 0.0},
            {"propensity": math.nan},
            {"propensity": 1.1},
        ],
    )
    def test_out_of_range_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"\."):
            thumb(**{"value": 1.0, **wrong})

    def test_is_worth_what_its_signal_is(self) -> None:
        assert thumb(1.0).weight == 1.0
        assert thumb(1.0, signal="stopped").weight == 0.2


class TestAnAttempt:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"end": "lost"},
            {"first_token_ms": -1.0},
            {"first_token_ms": math.nan},
            {"tokens_per_s": math.inf},
            {"cost_micro_usd": -1},
        ],
    )
    def test_out_of_range_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"\."):
            attempt(**wrong)
