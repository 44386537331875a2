"""Calibration figures."""

import numpy as np
import pytest

from apps.routing.training import measure


class TestCalibrationError:
    def test_is_zero_when_confidence_is_the_share_of_hits(self) -> None:
        confidence = np.full(100, 0.75)
        hits = np.arange(100) < 75

        assert measure.calibration_error(confidence, hits) == pytest.approx(0.0)

    def test_is_the_gap_when_it_is_too_sure(self) -> None:
        assert measure.calibration_error(np.full(10, 0.95), np.arange(10) < 5) == pytest.approx(0.45)


class TestTemperature:
    def test_is_one_for_a_head_that_is_not_too_sure(self) -> None:
        logits = np.array([[3.0, 0.0], [0.0, 3.0]] * 10)

        assert measure.temperature(logits, np.array([0, 1] * 10)) == 1.0

    def test_cools_a_head_that_is_too_sure(self) -> None:
        logits = np.array([[6.0, 0.0]] * 10)
        truth = np.array([0] * 7 + [1] * 3)

        assert measure.temperature(logits, truth) == 4.0
