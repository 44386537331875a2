"""Private text may leave masked, where the policy says so: what is sent then, and the values again in what comes back.

A model inside is always shown the text itself. What was once sent to one is not sent on to a model outside, masked or
not: there is no way back (promise P18).
"""

from apps.domain.catalogue import Hosting
from apps.domain.privacy import Inspection, PrivacyAction, Sensitivity
from apps.privacy import services as privacy
from apps.privacy.values import Masked
from apps.turns.choosing import Asked


async def mask(asked: Asked, inspection: Inspection) -> Masked | None:
    """What models outside would be sent instead; None where nothing is private, or it has to stay inside."""
    if inspection.sensitivity is not Sensitivity.SENSITIVE or asked.action is not PrivacyAction.MASK:
        return None
    return await privacy.mask(asked.sent, asked.profile)


def shown_to(hosting: Hosting, masked: Masked | None) -> Masked | None:
    """What a model of this hosting is shown instead of the text; None for the text itself."""
    return masked if hosting is Hosting.COMMERCIAL else None


class Restoring:
    """The values again in one attempt's answer: in its text, and in the arguments of its tool calls."""

    __slots__ = ("_calls", "_masked", "_text")

    def __init__(self, masked: Masked) -> None:
        self._masked = masked
        self._text = privacy.Restorer(dict(masked.values))
        self._calls: dict[int, privacy.Restorer] = {}

    def text(self, piece: str) -> str:
        """The text that is certain so far; what may be the beginning of a placeholder is held back."""
        return self._text.feed(piece)

    def rest(self) -> str:
        """What was held back of the text, when nothing comes after it."""
        return self._text.flush()

    def arguments(self, index: int, piece: str) -> str:
        """As `text`, for one tool call: its arguments are JSON."""
        if index not in self._calls:
            self._calls[index] = privacy.Restorer(dict(self._masked.values), privacy.in_json)
        return self._calls[index].feed(piece)

    def rests(self) -> list[tuple[int, str]]:
        """What was held back of the arguments, by call."""
        return [(index, rest) for index, call in sorted(self._calls.items()) if (rest := call.flush())]
