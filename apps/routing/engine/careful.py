"""Caution where it is not clear what is asked: then the figures of one task say less than they seem to."""

from math import sqrt
from typing import Final

from apps.domain.intent import Intent
from apps.domain.sentences import say
from apps.routing.engine.ranking import Option

UNSURE_BELOW: Final = 0.4
"""The least confidence in the task, of thirteen, with which its figures are taken at their word."""
UNSURE: Final = say("unsure", "It is not clear what kind of question this is, so a safer model is preferred.")
DEVIATIONS: Final = 1.0
"""How many standard deviations below its mean a quality is counted when the task is unsure."""


def is_unsure(intent: Intent) -> bool:
    """Whether the task was hardly recognised. An intent that states no confidence is taken as given by somebody."""
    return dict(intent.confidence).get("task", 1.0) < UNSURE_BELOW


def deviation(option: Option) -> float:
    """The standard deviation of the quality's posterior, Beta(quality x certainty, (1 - quality) x certainty)."""
    return sqrt(option.quality * (1.0 - option.quality) / (option.certainty + 1.0))


def assured(option: Option, intent: Intent) -> float:
    """The quality to reckon with, in [0, 1]: the expected one, or a lower one when it is unsure what is asked."""
    if not is_unsure(intent):
        return option.quality
    return max(0.0, option.quality - DEVIATIONS * deviation(option))
