"""How far a growing answer has been inspected, and the inspection that runs beside it. Knows text, but no turn."""

import asyncio
import sys
from typing import Final

from apps.domain.privacy import Verdict
from apps.privacy import services as privacy
from apps.turns.growing import GrowingText

STEP: Final = 1_000
"""Code points after which the next inspection is due."""
OVERLAP: Final = 160
"""Each step looks at so much of what the one before has seen: what is shorter lies whole in one of them."""
EDGE: Final = 200
"""So far from its borders a step looks for white space: half a number must not be taken for a shorter one."""
NEVER: Final = sys.maxsize


class AnswerWatch:
    """One answer. `due_at` is the length from which on there is something to do."""

    __slots__ = ("_seen", "_step", "_until", "due_at")

    def __init__(self) -> None:
        self.due_at = STEP
        self._seen = self._until = 0
        self._step: asyncio.Task[Verdict] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a step has begun whose verdict was not taken."""
        return self._step is not None

    def begin(self, text: GrowingText, rules: privacy.AnswerRules) -> None:
        """Inspect what came since the last step. It runs while the next tokens are awaited."""
        piece = self._since(text)
        end = _border_before_end(piece)
        self._until = text.length - len(piece) + end
        self._step = asyncio.create_task(privacy.inspect_answer(piece[:end], rules))

    def verdict(self) -> Verdict | None:
        """Of the step that has ended; None while it runs. The next one is due later."""
        if self._step is None or not self._step.done():
            return None
        found, self._step = self._step.result(), None
        self._seen, self.due_at = self._until, self._until + STEP
        return found

    def rest(self, text: GrowingText) -> str:
        """What no step has seen to its end, with some text before it; empty when there is nothing."""
        return self._since(text) if text.length > self._seen else ""

    def end(self) -> None:
        """Nothing more is to be found."""
        if self._step is not None:
            self._step.cancel()
        self._step, self.due_at = None, NEVER

    def _since(self, text: GrowingText) -> str:
        begin = max(0, self._seen - OVERLAP)
        piece = text.since(begin)
        return piece[_border_after_start(piece) :] if begin else piece


def _border_after_start(piece: str) -> int:
    return next((place + 1 for place, char in enumerate(piece[:EDGE]) if char.isspace()), 0)


def _border_before_end(piece: str) -> int:
    """A number that is still being written is looked at with the next step."""
    last = len(piece)
    places = range(last - 1, max(0, last - EDGE), -1)
    return next((place for place in places if piece[place].isspace()), last)
