"""Expected quality against cost and waiting, with a dial: 0 looks at the cost, 1 at the quality alone.

Where it is not clear what is asked, quality is counted low and the cost counts half.
"""

import math
from collections.abc import Sequence
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.routing.engine import careful, words
from apps.routing.engine.ranking import Option, Ranking, Scored, best_first

PER_DECADE: Final = 0.25
"""With the dial at 0, how much chance of a good answer a tenfold price must bring to be worth it."""
FREE_BELOW: Final = 50
"""Micro-dollars that nobody would notice."""
PER_DOUBLING: Final = 0.02
"""With the dial at 0, what a doubled wait for the first word is worth; counted from `PROMPT_MS`."""
PROMPT_MS: Final = 500.0
UNSURE_THRIFT: Final = 0.5
"""How much of the thrift is left when the task is unsure."""


class Balanced:
    name = "balanced"
    uses_dial = True

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        plain = best_first([Scored(option, _score(option, option.quality, 1.0 - request.dial)) for option in options])
        order = _careful(request, options) if careful.is_unsure(request.intent) else plain
        reasons = _why(request, [entry.option for entry in order])
        if order[0].option.name != plain[0].option.name:
            reasons = (*reasons, careful.UNSURE)
        return Ranking(order, reasons)


def _careful(request: RoutingRequest, options: Sequence[Option]) -> tuple[Scored, ...]:
    thrift = (1.0 - request.dial) * UNSURE_THRIFT
    quality = {option.name: careful.assured(option, request.intent) for option in options}
    return best_first([Scored(option, _score(option, quality[option.name], thrift)) for option in options])


def _score(option: Option, quality: float, thrift: float) -> float:
    """Quality less what cost and waiting take away; kept in [0, 1]."""
    cost = PER_DECADE * math.log10(1 + option.estimate / FREE_BELOW)
    first_token = option.candidate.profile.first_token_ms or PROMPT_MS
    wait = PER_DOUBLING * max(0.0, math.log2(first_token / PROMPT_MS))
    return max(0.0, min(1.0, quality - thrift * (cost + wait)))


def _why(request: RoutingRequest, order: Sequence[Option]) -> tuple[str, ...]:
    first = order[0]
    better = [option for option in order[1:] if option.quality > first.quality + 0.02]
    if not better:
        return (
            words.choice(
                "strongest", "{model} is the strongest choice for {subject}: {chances}, {cost}.", first, request
            ),
        )
    best = max(better, key=lambda option: (option.quality, option.name))
    return (
        words.choice("good_value", "{model} is good value for {subject}: {chances}, {cost}.", first, request),
        words.choice("better_but_dearer", "{model} would be a little better, but costs {cost}.", best, request),
    )


PLUGIN = Balanced()
