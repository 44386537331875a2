"""The cheapest model that is good enough; when none is, the best of them. Unsure what is asked, more is asked of it."""

from collections.abc import Sequence
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.domain.intent import Intent
from apps.routing.engine import careful, words
from apps.routing.engine.ranking import Option, Ranking, Scored

GOOD_ENOUGH: Final = 0.6
"""The chance of a good answer that is asked for at least."""


class Cheapest:
    name = "cheapest"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        suits = {option.name: careful.assured(option, request.intent) >= GOOD_ENOUGH for option in options}

        def place(option: Option) -> tuple[bool, float, float, str]:
            if suits[option.name]:
                return (False, option.estimate, -option.quality, option.name)
            return (True, -option.quality, option.estimate, option.name)

        ordered = sorted(options, key=place)
        order = tuple(Scored(option, option.quality) for option in ordered)
        first = ordered[0]
        return Ranking(order, (_why(request, first, suits[first.name]), *_caution(request.intent, first, options)))


def _why(request: RoutingRequest, first: Option, suits: bool) -> str:
    if suits:
        template = "{model} is the cheapest model that is good enough for {subject} ({cost})."
        return words.choice("cheapest", template, first, request)
    template = "No permitted model is sure to be good enough for {subject}; {model} comes closest."
    return words.choice("comes_closest", template, first, request)


def _caution(intent: Intent, first: Option, options: Sequence[Option]) -> tuple[str, ...]:
    """Said where caution passed over a cheaper model that would have done for a clear question."""
    if not careful.is_unsure(intent):
        return ()
    passed = [o for o in options if o.quality >= GOOD_ENOUGH and (o.estimate, o.name) < (first.estimate, first.name)]
    return (careful.UNSURE,) if passed else ()


PLUGIN = Cheapest()
