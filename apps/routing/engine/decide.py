"""The decision: hard limits first, then the strategy inside what is left, with a reason for every candidate. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from apps.domain import plugins
from apps.domain.catalogue import Candidate
from apps.domain.decision import ContextTooLong, Decision, NoPermittedModel, Ranked, Rejection, RoutingRequest
from apps.domain.intent import Intent
from apps.domain.money import Usage
from apps.domain.sentences import Sentence, said, say
from apps.routing.engine import constraints, words
from apps.routing.engine.profile import expected
from apps.routing.engine.ranking import Option, Ranking, Scored, Strategy

STRATEGIES: Final = plugins.load("apps.routing.engine.strategies", Strategy)  # type: ignore[type-abstract]
LOYALTY: Final = 0.08
"""A conversation keeps its model while another one scores no more than this above it."""
TOKENS_PER_WORD: Final = 1.5
BYTES_PER_TOKEN: Final = 4


def decide(request: RoutingRequest, candidates: Sequence[Candidate]) -> Decision:
    """Which candidates may answer, best first, and why each other one may not.

    The same request and candidates give the same decision, in whatever order the candidates come.

    Raises:
        NoPermittedModel: the limits leave nobody; the sentence names the rules that met.
        ContextTooLong: the only thing wrong is the length of the text.
    """
    options, rejected = _sift(request, sorted(candidates, key=lambda candidate: candidate.model))
    if not options:
        raise _nobody(rejected)
    ranking = _strategy(request.strategy).rank(request, options)
    strategys_first = ranking.order[0].option.name
    ranking = _healthy_first(_loyal(request, ranking))
    ranking = _named_first(request, ranking, rejected)
    if ranking.order[0].option.name != strategys_first:
        ranking = _certain(ranking)
    return Decision(
        ranked=tuple(_ranked(entry) for entry in ranking.order),
        rejected=tuple(rejected),
        strategy=request.strategy,
        reasons=_said_once((*ranking.reasons, *_notes(request))),
        largest_micro_usd=max(option.estimate for option in options),
        together=ranking.together,
        held=ranking.held,
        steps=ranking.steps,
    )


def _sift(request: RoutingRequest, candidates: Sequence[Candidate]) -> tuple[list[Option], list[Rejection]]:
    options, rejected = [], []
    usage = Usage(
        input_tokens=max(1, request.input_tokens // BYTES_PER_TOKEN),
        output_tokens=expected_tokens(request.intent),
        images=request.images,
    )
    for candidate in candidates:
        rejection = constraints.rejection(candidate, request)
        if rejection is None:
            options.append(_option(candidate, request, usage))
        else:
            rejected.append(rejection)
    return options, rejected


def _option(candidate: Candidate, request: RoutingRequest, usage: Usage) -> Option:
    """What a permitted candidate promises and may cost. `usage` is what an answer of the expected length takes."""
    price = candidate.price
    assert price is not None, "the limit `priced` comes first"
    output_tokens = constraints.answer_tokens(candidate, request)
    if output_tokens < usage.output_tokens:
        usage = replace(usage, output_tokens=output_tokens)
    worst = price.worst_case(input_tokens=request.input_tokens, output_tokens=output_tokens, images=request.images)
    found = expected(candidate, request.intent)
    return Option(
        candidate=candidate,
        quality=found.quality,
        estimate=min(worst, price.cost(usage)),
        worst_case=worst,
        max_output_tokens=output_tokens,
        certainty=found.certainty,
    )


def expected_tokens(intent: Intent) -> int:
    """How long the answer will probably be, in tokens."""
    return max(1, round(intent.words * TOKENS_PER_WORD))


def _strategy(name: str) -> Strategy:
    return STRATEGIES[name.partition(":")[0]]


def _loyal(request: RoutingRequest, ranking: Ranking) -> Ranking:
    """A conversation does not hop between models for a hair's breadth, unless the strategy has settled the order."""
    top = ranking.order[0]
    if request.sticky is None or top.option.name == request.sticky:
        return ranking
    among = ranking.order[: ranking.among]
    same = next((entry for entry in among if entry.option.name == request.sticky), None)
    if same is None or top.score - same.score > LOYALTY:
        return ranking
    others = tuple(entry for entry in ranking.order if entry is not same)
    template = "{model} goes on with this conversation: no other model would be clearly better."
    why = say("goes_on", template, model=request.sticky)
    return replace(ranking, order=(same, *others), reasons=(why,))


def _healthy_first(ranking: Ranking) -> Ranking:
    """Models whose provider is failing right now come last, in their order."""
    first = ranking.order[0].option
    order = tuple(sorted(ranking.order, key=lambda entry: not entry.option.candidate.healthy))
    if order[0].option is first:
        return replace(ranking, order=order)
    template = "{sick} does not answer at the moment, so {model} takes its place."
    why = say("takes_its_place", template, sick=first.name, model=order[0].option.name)
    return replace(ranking, order=order, reasons=(why,))


def _named_first(request: RoutingRequest, ranking: Ranking, rejected: Sequence[Rejection]) -> Ranking:
    """A model that the caller named goes first where it is permitted; else it is said why it does not."""
    if request.model == "auto":
        return ranking
    named = [entry for entry in ranking.order if entry.option.name == request.model]
    if named:
        others = tuple(entry for entry in ranking.order if entry.option.name != request.model)
        return Ranking((*named, *others), (say("you_chose", "You chose {model}.", model=request.model),))
    why = next((entry.reason for entry in rejected if entry.model == request.model), "It may not answer this.")
    chose = say("you_chose_in_vain", "You chose {model}. {why}", model=request.model, why=why, said=said(why))
    return replace(ranking, reasons=(chose, *ranking.reasons))


def _certain(ranking: Ranking) -> Ranking:
    """Where something else than the strategy's lot decided who comes first, chance had no part in it."""
    if all(entry.propensity is None for entry in ranking.order):
        return ranking
    first, *others = ranking.order
    order = (replace(first, propensity=1.0), *(replace(entry, propensity=0.0) for entry in others))
    return replace(ranking, order=order)


def _ranked(entry: Scored) -> Ranked:
    option = entry.option
    return Ranked(
        candidate=option.candidate,
        score=entry.score,
        expected_quality=option.quality,
        estimate_micro_usd=option.estimate,
        worst_case_micro_usd=option.worst_case,
        max_output_tokens=option.max_output_tokens,
        propensity=entry.propensity,
        certainty=option.certainty,
    )


def _notes(request: RoutingRequest) -> tuple[str, ...]:
    """What bound the choice: the label of the text, and the rules that applied."""
    origins = dict.fromkeys(constraint.origin for constraint in request.constraints)
    return tuple(_note(origin) for origin in origins)


def _note(origin: str) -> str:
    text = f"{origin[0].upper()}{origin[1:]}."
    known = said(origin)
    return Sentence(text, known["code"], known["params"]) if known else say("rule_applied", "{rule}", rule=text)


def _said_once(sentences: Iterable[str]) -> tuple[str, ...]:
    """The sentences without those that one before has said already, as a whole or as its clause."""
    kept: list[str] = []
    for sentence in sentences:
        clause = rf"(?<!\w){re.escape(sentence.rstrip('.'))}(?!\w)"
        if not any(re.search(clause, other, re.IGNORECASE) for other in kept):
            kept.append(sentence)
    return tuple(kept)


def _nobody(rejected: Sequence[Rejection]) -> NoPermittedModel | ContextTooLong:
    if not rejected:
        return NoPermittedModel(say("no_model", "No model is set up for your team. Ask an administrator."))
    if all(entry.code == "context_too_long" for entry in rejected):
        template = "The text is too long for every model that you may use. Shorten it, or start anew."
        return ContextTooLong(say("too_long_for_all", template))
    found = [{"model": entry.model, "said": said(entry.reason)} for entry in rejected]
    sentence = " ".join(("No model may answer this.", *_why(rejected)))
    return NoPermittedModel(Sentence(sentence, "nobody_may", {"rejected": found}))


def _why(rejected: Sequence[Rejection]) -> Iterable[str]:
    """Each reason once; models that share one are named together."""
    named: dict[str, list[str]] = {}
    for entry in rejected:
        named.setdefault(entry.reason.removeprefix(f"{entry.model} "), []).append(entry.model)
    for reason, models in named.items():
        if any(entry.reason == reason for entry in rejected):  # it does not begin with a model
            yield reason
        else:
            several = reason.replace("is ", "are ", 1) if reason.startswith("is ") else reason
            yield f"{words.listed(models)} {reason if len(models) == 1 else several}"


def with_strategy(request: RoutingRequest, strategy: str) -> RoutingRequest:
    """The same request under another strategy, for previews and comparisons."""
    return replace(request, strategy=strategy)
