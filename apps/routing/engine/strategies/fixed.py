"""`fixed:NAME`: one model for everything; when it may not or cannot answer, the rest follows as in `balanced`."""

from collections.abc import Sequence

from apps.domain.decision import RoutingRequest
from apps.domain.sentences import say
from apps.routing.engine.ranking import Option, Ranking, Scored
from apps.routing.engine.strategies.balanced import PLUGIN as BALANCED


class Fixed:
    name = "fixed"
    uses_dial = True

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        rest = BALANCED.rank(request, options)
        wanted = request.preferred[0] if request.preferred else ""
        chosen = [entry for entry in rest.order if entry.option.name == wanted]
        if not chosen:
            template = "Your company's policy names {model}, which may not answer this."
            return Ranking(rest.order, (say("policy_names_in_vain", template, model=wanted), *rest.reasons))
        others = tuple(entry for entry in rest.order if entry.option.name != wanted)
        why = say("policy_names", "Your company's policy sends every question to {model}.", model=wanted)
        return Ranking((Scored(chosen[0].option, 1.0), *others), (why,), among=0)


PLUGIN = Fixed()
