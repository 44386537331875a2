"""What outcomes of similar questions have taught: a dearer model is asked where it probably makes the difference.

With two models this is the threshold of RouteLLM (Ong et al. 2024, arXiv 2406.18665): the stronger one is asked when
its predicted lead is at least `least_gain`, which is calibrated so that the wanted share of questions (the dial) goes
to it. With more, each must bring the part of that gain which its place between the cheapest and the dearest asks for.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.domain.sentences import say
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored, best_first
from apps.routing.engine.strategies.balanced import FREE_BELOW
from apps.routing.engine.strategies.balanced import PLUGIN as BALANCED

NOTHING: Final = say("nothing_learned", "Nothing has been learned from outcomes yet, so quality and cost are balanced.")


class Learned:
    name = "learned"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        learned = dict(request.predictions)
        if not any(option.name in learned for option in options):
            balanced = BALANCED.rank(request, options)
            return replace(balanced, reasons=(NOTHING, *balanced.reasons))
        # From here on `quality` is the prediction, where there is one: the reasons speak of it, too.
        known = [replace(o, quality=learned[o.name]) if o.name in learned else o for o in options]
        asks = _asks(known, request.least_gain)
        scored = [Scored(option, max(0.0, option.quality - asks[option.name])) for option in known]
        order = best_first(scored)
        return Ranking(order, _why(request, order, learned))


def _asks(options: Sequence[Option], least_gain: float) -> dict[str, float]:
    """The gain over the cheapest that each option must bring: none for the cheapest, all of it for the dearest."""
    places = {option.name: math.log10(1 + option.estimate / FREE_BELOW) for option in options}
    low, high = min(places.values()), max(places.values())
    if high == low:
        return dict.fromkeys(places, 0.0)
    return {name: least_gain * (place - low) / (high - low) for name, place in places.items()}


def _why(request: RoutingRequest, order: Sequence[Scored], learned: dict[str, float]) -> tuple[str, ...]:
    first = order[0].option
    if first.name not in learned:
        template = "{model} is chosen by its record for {subject}, {chances}: no outcomes were learned for it."
        return (words.choice("learned_without", template, first, request),)
    template = "Outcomes of similar questions promise {chances} from {model}, {cost}."
    reasons = [words.choice("learned", template, first, request)]
    better = [e.option for e in order if e.option.quality > first.quality + 0.02 and e.option.estimate > 0]
    if better:
        best = max(better, key=lambda option: (option.quality, option.name))
        template = "{model} would promise {chances}, but costs {cost}."
        reasons.append(words.choice("learned_dearer", template, best, request))
    return tuple(reasons)


PLUGIN = Learned()
