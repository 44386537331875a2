"""Balanced while there is money; as it runs down, cost counts more, then cheap models come first, then free ones.

No model is excluded: what is passed over stays behind as a stand-in, and the budget itself refuses what it cannot pay.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from apps.domain.catalogue import Hosting
from apps.domain.decision import RoutingRequest
from apps.domain.sentences import Sentence, say
from apps.routing.engine.ranking import Option, Ranking
from apps.routing.engine.strategies.balanced import PLUGIN as BALANCED

NUDGE_FROM: Final = 0.7
CHEAP_FROM: Final = 0.85
FREE_FROM: Final = 0.95
"""Shares of the tightest budget, spent or reserved, from which each measure holds."""
NUDGED: Final = 0.5
"""How much of the dial is left by then."""


class Budget:
    name = "budget"
    uses_dial = True

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        used = request.budget_used
        if used is None or used < NUDGE_FROM:
            return BALANCED.rank(request, options)
        request = replace(request, dial=request.dial * NUDGED)
        percent = _percent(used)
        if used < CHEAP_FROM:
            template = "{percent} % of the budget is used, so the cost counts more than usual."
            nudged = BALANCED.rank(request, options)
            return replace(nudged, reasons=(say("budget_nudge", template, percent=percent), *nudged.reasons))
        free = _free(options) if used >= FREE_FROM else frozenset()
        if free:
            template = "{percent} % of the budget is used, so models inside the company and free ones come first."
            return _first(request, options, free, say("budget_free", template, percent=percent))
        template = "{percent} % of the budget is used, so the cheaper half of the models comes first."
        return _first(request, options, _cheap(options), say("budget_cheap", template, percent=percent))


def _percent(used: float) -> int:
    """Rounded down: a budget that is not used up must not be said to be."""
    return int(used * 100 + 1e-9)


def _free(options: Sequence[Option]) -> frozenset[str]:
    return frozenset(
        option.name for option in options if option.estimate == 0 or option.candidate.hosting is Hosting.SELF_HOSTED
    )


def _cheap(options: Sequence[Option]) -> frozenset[str]:
    by_cost = sorted(options, key=lambda option: (option.estimate, -option.quality, option.name))
    return frozenset(option.name for option in by_cost[: (len(by_cost) + 1) // 2])


def _first(request: RoutingRequest, options: Sequence[Option], pool: frozenset[str], why: Sentence) -> Ranking:
    """The pool first, each part in its balance; a conversation keeps its model only within the pool."""
    within = BALANCED.rank(request, [option for option in options if option.name in pool])
    others = [option for option in options if option.name not in pool]
    behind = BALANCED.rank(request, others).order if others else ()
    return Ranking((*within.order, *behind), (why, *within.reasons), among=len(pool))


PLUGIN = Budget()
