"""`fixed:NAME`: one model for everything; when it may not or cannot answer, the rest follows as in `balanced`."""

from collections.abc import Sequence

from apps.domain.decision import RoutingRequest
from apps.routing.engine.ranking import Option, Ranking, Scored
from apps.routing.engine.strategies.balanced import PLUGIN as BALANCED


class Fixed:
    name = "fixed"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        rest = BALANCED.rank(request, options)
        wanted = request.preferred[0] if request.preferred else ""
        chosen = [entry for entry in rest.order if entry.option.name == wanted]
        if not chosen:
            return Ranking(
                rest.order, (f"Your company's policy names {wanted}, which may not answer this.", *rest.reasons)
            )
        others = tuple(entry for entry in rest.order if entry.option.name != wanted)
        why = f"Your company's policy sends every question to {wanted}."
        return Ranking((Scored(chosen[0].option, 1.0), *others), (why,))


PLUGIN = Fixed()
