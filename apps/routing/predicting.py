"""The trained router of this process, where the operator has one: what recorded outcomes promise for a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from apps.domain.turn import PromptMessage, Role
from apps.routing.engine.learned import predictor
from apps.routing.engine.learned.predictor import Predictor

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Learned:
    """What `RoutingRequest` takes: expected success per model in [0, 1], and the gain that the dearest must bring."""

    scores: tuple[tuple[str, float], ...] = ()
    least_gain: float = 0.0


NOTHING_LEARNED: Final = Learned()


@lru_cache(maxsize=1)
def _load(path: str) -> Predictor | None:
    """The predictor of the file, read once. Raises `UnfitPredictor`."""
    if not path:
        return None
    found = predictor.load(Path(path))
    log.info("routing.router_loaded", models=list(found.models), prompts=found.prompts)
    return found


def start() -> None:
    """Read the file that `ROUTER_MODEL` names, if any. Raises `UnfitPredictor`: a process without it would differ."""
    _load(settings.ROUTER_MODEL)


def predict(messages: Sequence[PromptMessage], dial: float) -> Learned:
    """What the outcomes of similar questions promise for the newest message of the user.

    Args:
        dial: the share of the recorded questions that may go to the dearest model, in [0, 1].
    """
    found = _load(settings.ROUTER_MODEL)
    if found is None:
        return NOTHING_LEARNED
    newest = next((message.text for message in reversed(messages) if message.role is Role.USER and message.text), "")
    return Learned(found.predict(newest).scores, found.least_gain(dial))


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """What `/readyz` tells of the trained router: its models, and from how many prompts; none: not configured."""

    models: tuple[str, ...] = ()
    prompts: int = 0


def learned_from() -> LearnedFrom:
    """What this process has learned from outcomes."""
    found = _load(settings.ROUTER_MODEL)
    return LearnedFrom() if found is None else LearnedFrom(found.models, found.prompts)
