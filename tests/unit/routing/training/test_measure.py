"""Calibration figures."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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

        assert measure.temperature(logits, np.array([0, 1] * 10), np.arange(2)) == 1.0

    def test_cools_a_head_that_is_too_sure(self) -> None:
        logits = np.array([[6.0, 0.0]] * 10)
        truth = np.array([0] * 7 + [1] * 3)

        assert measure.temperature(logits, truth, np.arange(2)) == 4.0

    def test_counts_all_columns_of_a_class(self) -> None:
        """Two columns of the right class, each with a third, are as sure as two thirds."""
        logits = np.zeros((30, 3))
        truth = np.array([0] * 20 + [1] * 10)

        assert measure.temperature(logits, truth, np.array([0, 0, 1])) == 1.0


class TestMisspelt:
    @given(text=st.text(max_size=200), seed=st.integers(0, 1_000))
    def test_is_the_same_for_the_same_seed_and_about_as_long(self, text: str, seed: int) -> None:
        found = measure.misspelt(text, random.Random(seed))

        assert found == measure.misspelt(text, random.Random(seed))
        assert abs(len(found) - len(text)) <= max(1, len(text.split(" ")) // measure.WORDS_PER_EDIT)

    def test_changes_one_word_in_twelve(self) -> None:
        text = " ".join(["window"] * 24)

        changed = sum(word != "window" for word in measure.misspelt(text, random.Random(4)).split(" "))

        assert 1 <= changed <= 2
