"""Several models answer at once and vote (strategy `vote`; adr 0013).

All of them were reserved and recorded together, before the first byte left. Each is cleared by itself at the moment of
sending, and shown placeholders or the text by its own hosting. Nobody sees anything before the vote is decided.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from statistics import median
from typing import Any, Final

from apps.core.threads import in_cpu
from apps.domain.egress import EgressRefused
from apps.domain.errors import OpenRouteError
from apps.domain.sentences import Sentence, said, say
from apps.domain.turn import Switched, TurnEvent
from apps.providers.values import ContentRefused, ContextTooLong, ProviderError
from apps.routing import services as routing
from apps.turns import holding, sending
from apps.turns.flow import Flow
from apps.turns.received import NotGoodEnough, Received, TooLate

PATIENCE: Final = 1.5
"""Once half of the voters have answered, the others get so many times as long as those took in the median..."""
GRACE_S: Final = 3.0
"""...and at least so many seconds more."""
INLINE: Final = 4_000
"""Code points of all answers that are compared on the event loop, in about two milliseconds."""

Ballots = Mapping["asyncio.Task[OpenRouteError | None]", Received]


async def vote(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    """The answer on which the running attempts agree, and how they have voted.

    Raises:
        ProviderError, EgressRefused, NotGoodEnough: none of them has answered; all have ended.
    """
    named, voters = flow.candidate.model, flow.running
    ballots = {asyncio.create_task(_ballot(flow, voter)): voter for voter in voters}
    try:
        await _enough(ballots)
    finally:
        await _called_off(ballots)
    whole = _whole(flow, voters)
    if not whole:
        raise _failed(flow, ballots)
    winner = await _decided(flow, voters, whole)
    flow.win(winner)
    for event in [_told(flow, named), *flow.reveal()]:  # all of it is part of the answer before any of it is told
        yield event


async def _ballot(flow: Flow, voter: Received) -> OpenRouteError | None:
    """One answer, held back; returns what kept it from being given."""
    try:
        async with aclosing(sending.ask(flow, voter)) as chunks:
            async for chunk in chunks:
                voter.hold(chunk)
    except (ProviderError, EgressRefused) as error:
        flow.end(voter, error)
        return error
    return None


async def _enough(ballots: Ballots) -> None:
    """Wait until everybody has answered or failed, or nobody need be waited for any longer. Raises a defect of ours."""
    clock = asyncio.get_running_loop().time
    began, pending = clock(), set(ballots)
    times, failed, deadline = list[float](), 0, None
    while pending:
        rest = None if deadline is None else deadline - clock()
        done, pending = await asyncio.wait(pending, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return
        for task in done:
            if task.result() is None:
                times.append(clock() - began)
            else:
                failed += 1
        if times and 2 * len(times) >= len(ballots) - failed:
            deadline = deadline or began + max(PATIENCE * median(times), times[-1] + GRACE_S)


async def _called_off(ballots: Ballots) -> None:
    """Close the connections of those that still write."""
    for task in ballots:
        task.cancel()
    await asyncio.gather(*ballots, return_exceptions=True)


def _whole(flow: Flow, voters: Sequence[Received]) -> list[Received]:
    """Those that have answered; the others end here: too late, or with nothing to say."""
    found = []
    for voter in voters:
        if voter.has_ended:
            continue
        if voter.finish is None:
            flow.end(voter, TooLate("The others had answered."))
            continue
        held = voter.held_to_end()
        if held.text.strip() or held.calls:
            found.append(voter)
        else:
            flow.end(voter, NotGoodEnough("empty"))
    return found


def _failed(flow: Flow, ballots: Ballots) -> OpenRouteError:
    """What people are told, and what decides who is asked instead; whose fault it is becomes the current attempt."""

    def weight(pair: tuple[OpenRouteError, Received]) -> int:
        error = pair[0]
        return 0 if isinstance(error, ContentRefused) else 2 if isinstance(error, EgressRefused | ContextTooLong) else 1

    found = [(task.result() or NotGoodEnough("empty"), voter) for task, voter in ballots.items()]
    error, flow.current = min(found, key=weight)
    flow.beside = ()
    return error


async def _decided(flow: Flow, voters: Sequence[Received], whole: Sequence[Received]) -> Received:
    """The winner; `flow.vote` says how it came about. An answer with a fault counts only where all have one."""
    faults = {voter.number: await holding.fault(flow, voter) for voter in whole}
    counted = [voter for voter in whole if faults[voter.number] is None] or list(whole)
    ballots = [_as_ballot(voter) for voter in counted]
    is_short = sum(len(ballot.text) for ballot in ballots) <= INLINE
    election = routing.elect(ballots) if is_short else await in_cpu(routing.elect, ballots)
    winner = counted[election.winner]
    clusters = {voter.number: cluster for voter, cluster in zip(counted, election.clusters, strict=True)}
    flow.vote = {
        "way": election.way,
        "asked": len(voters),
        "answered": len(whole),
        "counted": len(counted),
        "agreed": election.agreed,
        "winner": winner.number,
        "voters": [_recorded(voter, clusters, faults) for voter in voters],
    }
    sentence = _sentence(flow.vote, winner.ranked.candidate.model)
    flow.vote = flow.vote | {"reason": sentence, "said": said(sentence)}
    return winner


def _as_ballot(voter: Received) -> routing.Ballot:
    assert voter.held is not None
    return routing.Ballot(voter.ranked.score, voter.held.text, voter.held.tool_calls)


def _recorded(voter: Received, clusters: Mapping[int, int], faults: Mapping[int, str | None]) -> dict[str, Any]:
    """`cluster` is null for who did not count: failed, late, or with a `fault`."""
    number, fault = voter.number, faults.get(voter.number)
    entry = {"attempt": number, "model": voter.ranked.candidate.model, "cluster": clusters.get(number)}
    return entry if fault is None else entry | {"fault": fault}


def _told(flow: Flow, named: str) -> Switched:
    """The vote, as readers see it; `named` is the model of which they know."""
    assert flow.vote is not None
    reason: Sentence = flow.vote["reason"]
    return Switched(
        turn=flow.request.turn,
        source=named,
        target=flow.candidate.model,
        hosting=flow.candidate.hosting,
        reason=reason,
        keeps=0,
        sensitivity=flow.inspection.sensitivity,
        is_vote=True,
    )


def _sentence(vote: Mapping[str, Any], model: str) -> Sentence:
    asked, agreed = vote["asked"], vote["agreed"]
    if vote["counted"] == 1:
        template = "{asked} models were asked at once, and only {model} gave an answer that can be used in time."
        return say("voted_alone", template, asked=asked, model=model)
    if agreed == 1:
        template = "{asked} models were asked at once, and no two agreed; the answer of {model} is shown."
        return say("voted_apart", template, asked=asked, model=model)
    template = "{asked} models were asked at once, and {agreed} agreed; the answer of {model} is shown."
    return say("voted", template, asked=asked, agreed=agreed, model=model)
