"""The best expected answer, whatever it costs."""

from collections.abc import Sequence

from apps.domain.decision import RoutingRequest
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored, best_first


class Best:
    name = "best"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        order = best_first([Scored(option, option.quality) for option in options])
        first = order[0].option
        why = words.choice(
            "promises_best", "{model} promises the best answer for {subject}: {chances}.", first, request
        )
        return Ranking(order, (why,))


PLUGIN = Best()
