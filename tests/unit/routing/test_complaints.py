"""What use alone makes of a model: complaints are counted beside the answers that nobody complained of."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from apps.domain.catalogue import Cell
from apps.domain.observation import Observation
from apps.routing.engine import cells

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMPLAINTS = ("regenerated", "edited")


def observation(signal: str, value: float) -> Observation:
    return Observation(uuid4(), "small", "coding", "computing", 3, signal, value, NOON)


def use(answers: int, *, every: int, counted: bool = True) -> Iterator[Observation]:
    """So many answers, and a complaint of each `every`th."""
    for number in range(1, answers + 1):
        if counted:
            yield observation("answered", 1.0)
        if number % every == 0:
            yield observation(COMPLAINTS[number // every % 2], 0.0)


def quality(observations: Iterator[Observation]) -> float:
    cell = Cell("coding", "computing")
    for each in observations:
        cell = cells.updated(cell, each)
    return 1.0 - cell.short / cell.total


class TestUse:
    @pytest.mark.parametrize(("every", "expected"), [(10, 0.53), (20, 0.70), (50, 0.86)])
    def test_tells_models_apart_by_their_share_of_complaints(self, every: int, expected: float) -> None:
        assert quality(use(5_000, every=every)) == pytest.approx(expected, abs=0.03)

    def test_draws_no_model_down_for_being_used_more(self) -> None:
        assert quality(use(10_000, every=20)) == pytest.approx(quality(use(1_000, every=20)), abs=0.03)

    def test_would_make_every_model_the_worst_if_only_complaints_counted(self) -> None:
        assert quality(use(1_000, every=50, counted=False)) == 0.0
