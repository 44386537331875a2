"""The cheapest model that is good enough; when none is, the best of them."""

from collections.abc import Sequence
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored

GOOD_ENOUGH: Final = 0.6
"""The chance of a good answer that is asked for at least."""


class Cheapest:
    name = "cheapest"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        def place(option: Option) -> tuple[bool, float, float, str]:
            if option.quality >= GOOD_ENOUGH:
                return (False, option.estimate, -option.quality, option.name)
            return (True, -option.quality, option.estimate, option.name)

        ordered = sorted(options, key=place)
        order = tuple(Scored(option, option.quality) for option in ordered)
        return Ranking(order, (_why(request, ordered[0]),))


def _why(request: RoutingRequest, first: Option) -> str:
    if first.quality >= GOOD_ENOUGH:
        template = "{model} is the cheapest model that is good enough for {subject} ({cost})."
        return words.choice("cheapest", template, first, request)
    template = "No permitted model is sure to be good enough for {subject}; {model} comes closest."
    return words.choice("comes_closest", template, first, request)


PLUGIN = Cheapest()
