"""From what somebody did with an answer to an observation about its model. Pure."""

from typing import Final

from apps.chat.learning import Remark
from apps.domain.observation import Observation
from apps.turns.learning import Ended, observation

LETTERS_A_WORD: Final = 6
"""With the space behind it; German has more, and the difference does not matter here."""
EARLY: Final = 0.5
"""An answer that was stopped before this share of the expected length did not please; later, it was long enough."""


def observed(remark: Remark, turn: Ended) -> Observation | None:
    """The observation, None where the act says nothing about the answer.

    Args:
        turn: the one that gave the answer.
    """
    if not turn.is_judged or (remark.signal == "stopped" and not _was_early(remark, turn)):
        return None
    model = turn.model if turn.together else remark.model  # of several answers, one was shown
    return observation(turn, model=model, signal=remark.signal, value=remark.value, at=remark.at)


def _was_early(remark: Remark, turn: Ended) -> bool:
    return remark.length < EARLY * turn.features.words * LETTERS_A_WORD
