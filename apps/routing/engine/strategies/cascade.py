"""Cheap first: a checker looks at the answer, and a better model is asked where it is not content.

After FrugalGPT (Chen et al. 2023, arXiv 2305.05176). The steps are the models that are worth their price: each better
than every cheaper one, the first good enough to be tried. All others come behind and only stand in for one that fails.
"""

from collections.abc import Sequence
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.routing.engine import careful, words
from apps.routing.engine.ranking import Option, Ranking, Scored, best_first

WORTH_A_TRY: Final = 0.4
"""The chance of a good answer below which a first try would mostly cost time."""
STEP: Final = 0.03
"""How much better the next model must be: checking and asking again has its price too."""


class Cascade:
    name = "cascade"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        healthy = [option for option in options if option.candidate.healthy] or options
        steps = _within(request, _from_sticky(request, healthy, _steps(request, healthy)))
        chosen = {step.name for step in steps}
        rest = best_first([Scored(option, option.quality) for option in options if option.name not in chosen])
        order = (*(Scored(step, step.quality) for step in steps), *rest)
        return Ranking(order, _why(request, steps), held=len(steps) > 1, steps=len(steps), among=0)


def _steps(request: RoutingRequest, options: Sequence[Option]) -> list[Option]:
    """From the cheapest that is worth a try to the best; where none is worth one, the best alone."""
    by_cost = sorted(options, key=lambda option: (option.estimate, -option.quality, option.name))
    steps: list[Option] = []
    for option in by_cost:
        least = steps[-1].quality + STEP if steps else WORTH_A_TRY
        known = option.quality if steps else careful.assured(option, request.intent)
        if known >= least:
            steps.append(option)
    return steps or [min(options, key=lambda option: (-option.quality, option.estimate, option.name))]


def _from_sticky(request: RoutingRequest, options: Sequence[Option], steps: list[Option]) -> list[Option]:
    """A conversation goes on with the model that has answered it: what is no better need not be tried."""
    same = next((option for option in options if option.name == request.sticky), None)
    if same is None or same.quality < WORTH_A_TRY:
        return steps
    return [same, *(step for step in steps if step.quality >= same.quality + STEP)]


def _within(request: RoutingRequest, steps: list[Option]) -> list[Option]:
    """As many steps as the caller's bound covers if every one of them must be asked; at least the first."""
    if request.max_cost_micro_usd is None:
        return steps
    kept, left = [steps[0]], request.max_cost_micro_usd - steps[0].worst_case
    for step in steps[1:]:
        left -= step.worst_case
        if left < 0:
            break
        kept.append(step)
    return kept


def _why(request: RoutingRequest, steps: Sequence[Option]) -> tuple[str, ...]:
    first = steps[0]
    if first.name == request.sticky:
        begins = words.choice("cascade_goes_on", "{model} goes on with this conversation ({cost}).", first, request)
    elif len(steps) == 1:
        template = "{model} promises the best answer for {subject}: {chances}."
        begins = words.choice("promises_best", template, first, request)
    else:
        begins = words.choice("cascade_begins", "{model} is asked first for {subject} ({cost}).", first, request)
    if len(steps) == 1:
        return (begins,)
    template = "If its answer does not pass a check, {model} is asked: {chances}, {cost}."
    return (begins, words.choice("cascade_escalates", template, steps[1], request))


PLUGIN = Cascade()
