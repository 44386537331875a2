"""The one call behind `manage.py router train`."""

from pathlib import Path

from apps.routing.engine.learned.predictor import Predictor
from apps.routing.training import outcomes, predictor


def train(path: Path, *, strong: str, weak: str) -> Predictor:
    """A predictor from a file of outcomes; `strong` and `weak` name the models of a file with `strong_score`.

    Raises:
        UnfitOutcomes: a sentence says what is wrong with the file.
    """
    return predictor.fit(outcomes.read(path, strong=strong, weak=weak))
