"""Several models at once, whose answers vote: `vote` asks three, `vote:N` two to five.

The best models, but of different providers where that costs little quality: those of one family err together, and a
majority of equal errors is no more likely to be right (Condorcet's theorem assumes independent voters).
"""

from collections.abc import Sequence
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.domain.policy import DEFAULT_VOTERS
from apps.domain.sentences import say
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored, best_first
from apps.routing.engine.strategies.best import PLUGIN as BEST

SAME_PROVIDER: Final = 0.05
"""How much quality a voter of another provider is worth, for each voter of this provider that is chosen already."""
TOO_WEAK: Final = 0.25
"""A model that is so much below the best spoils the vote."""


class Vote:
    name = "vote"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        panel = _panel(request, options)
        if len(panel) < 2:
            return BEST.rank(request, options)
        chosen = {voter.name for voter in panel}
        voters = best_first([Scored(voter, voter.quality) for voter in panel])
        rest = best_first([Scored(option, option.quality) for option in options if option.name not in chosen])
        return Ranking((*voters, *rest), _why(voters), together=len(voters), among=0)


def _wanted(strategy: str) -> int:
    number = strategy.partition(":")[2]
    return int(number) if number else DEFAULT_VOTERS


def _panel(request: RoutingRequest, options: Sequence[Option]) -> list[Option]:
    """One after the other the best that adds something, while the caller's bound covers all of them."""
    best = max(option.quality for option in options)
    healthy = [option for option in options if option.candidate.healthy and option.quality >= best - TOO_WEAK]
    left = request.max_cost_micro_usd
    panel: list[Option] = []
    while healthy and len(panel) < _wanted(request.strategy):
        providers = [voter.candidate.provider for voter in panel]
        voter = min(
            healthy,
            key=lambda o: (providers.count(o.candidate.provider) * SAME_PROVIDER - o.quality, o.estimate, o.name),
        )
        healthy.remove(voter)
        if left is not None:
            if voter.worst_case > left:
                continue
            left -= voter.worst_case
        panel.append(voter)
    return panel


def _why(voters: Sequence[Scored]) -> tuple[str, ...]:
    names = [entry.option.name for entry in voters]
    total = sum(entry.option.estimate for entry in voters)
    template = "{voters} are asked at once, and what most of them say is the answer ({cost} together)."
    told = words.money(total)
    cost = f"about {told}" if told.startswith("$") else told
    return (say("vote", template, voters=words.listed(names), cost=cost, models=names, cost_microusd=total),)


PLUGIN = Vote()
