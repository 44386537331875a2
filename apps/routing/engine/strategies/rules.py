"""The order that the policy's routes name for this kind of question; what they do not name follows as in `balanced`."""

from collections.abc import Sequence

from apps.domain.decision import RoutingRequest
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored
from apps.routing.engine.strategies.balanced import PLUGIN as BALANCED


class Rules:
    name = "rules"
    uses_dial = True

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        rest = BALANCED.rank(request, options)
        named = {model: place for place, model in enumerate(request.preferred)}
        order = tuple(sorted(rest.order, key=lambda entry: named.get(entry.option.name, len(named))))
        first = order[0]
        if first.option.name not in named:
            return rest
        why = words.choice("routes_send", "Your company's routes send {subject} to {model}.", first.option, request)
        return Ranking((Scored(first.option, 1.0), *order[1:]), (why,), among=0)


PLUGIN = Rules()
