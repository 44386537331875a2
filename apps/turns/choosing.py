"""Step 3 of the path: from what was found and what the policy says to a ranked list, or a refusal with its reason.

Runs on the event loop without waiting: everything it needs is in the snapshot.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from apps.budgets.selectors import applicable
from apps.budgets.values import BudgetUndecided
from apps.domain.catalogue import Candidate
from apps.domain.decision import ContextTooLong, Decision, ModelNotFound, NoPermittedModel, Ranked, RoutingRequest
from apps.domain.errors import InvalidRequest, OpenRouteError
from apps.domain.intent import Intent
from apps.domain.policy import Constraint, Facts, Policy, is_strategy, stays_inside
from apps.domain.privacy import Exempt, Inspection, PrivacyAction, Sensitivity
from apps.domain.sentences import said, say
from apps.domain.tokens import input_bound
from apps.domain.turn import PromptMessage, TurnRequest
from apps.privacy.values import Masked, Profile, Sent
from apps.providers import services as providers
from apps.routing import services as routing
from apps.tenants.values import Person, TeamRecord
from apps.turns import recorded
from apps.turns.context import TenantContext
from apps.turns.refusing import ClassificationUnavailable, RefusedByPolicy, check_action, explained

AUTO = "auto"
NOT_EXEMPT: Exempt = MappingProxyType({})
EXEMPT = say("exempt", "Compliance has declared a part of this conversation not private.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what the snapshot knows of its asker."""

    request: TurnRequest
    context: TenantContext
    person: Person
    team: TeamRecord | None
    messages: tuple[PromptMessage, ...]
    """The stored history and the request's own, as they would be sent."""
    sticky: str | None = None
    """The model that answered last in this conversation or API session."""
    budget_used: float | None = None
    """Share of the tightest budget of whoever pays that is spent or reserved, as this process knows it."""

    @property
    def team_slug(self) -> str | None:
        return self.team.slug if self.team else None

    @property
    def sent(self) -> Sent:
        """All of it that has text, for whoever inspects or masks it."""
        request = self.request
        others = (request.sampling.response_format, *request.sampling.stop, request.sampling.tool_choice)
        return Sent(self.messages, request.tools, others, request.label_floor)

    @property
    def profile(self) -> Profile:
        """What counts as private, by the policy of this snapshot."""
        request = self.request
        policy, channel = self.context.policy, request.channel.value
        return Profile.of(request.principal.tenant, policy, channel=channel, team=self.team_slug)

    def exempt(self, at: datetime) -> Exempt:
        """What compliance has declared not private in stored questions of this request, as far as it holds now."""
        granted = self.context.policy.exceptions
        if not granted:
            return NOT_EXEMPT
        held = ((m.stored, granted.get(m.stored)) for m in self.messages if m.stored is not None)
        return {stored: found.types for stored, found in held if found is not None and found.holds(at)}

    @property
    def action(self) -> PrivacyAction:
        """What the policy of this snapshot does with private text of this channel and team."""
        return self.profile.settings.action


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome of step 3. `refusal` is set when nothing may be sent; `record` is stored and explains either."""

    decision: Decision | None
    ranked: tuple[Ranked, ...]
    record: Mapping[str, Any]
    input_tokens: int
    images: int
    facts: Facts
    refusal: OpenRouteError | None = None


def choose(asked: Asked, inspection: Inspection, now: datetime, masked: Masked | None = None) -> Choice:
    """Decide which models may answer and in which order.

    Args:
        masked: what models outside would be sent instead of the text; without it, private text stays inside.

    Raises:
        ModelNotFound: a model was named that does not exist or is not the team's.
        InvalidRequest: `auto:STRATEGY` names no strategy.
        BudgetUndecided: a budget has no period for this moment; the snapshot must be loaded again.
    """
    intent = routing.recognise(asked.messages)
    input_tokens = bound(asked, masked)
    images = sum(len(message.images) for message in asked.messages)
    facts = _facts(asked, intent, inspection.sensitivity, input_tokens)
    candidates = _with_health(asked.context.models_for(asked.team))
    wanted = _routing_request(asked, inspection, intent, facts, input_tokens, images, masked is not None)
    _check_name(wanted.model, candidates)
    base = recorded.asked(wanted, inspection, masked)
    try:
        check_action(asked.action, inspection)
        decision = routing.decide(wanted, candidates)
    except (NoPermittedModel, ContextTooLong, RefusedByPolicy, ClassificationUnavailable) as error:
        refusal = explained(error, inspection)
        record = base | {"refused": {"code": refusal.code, "reason": refusal.detail, "said": said(refusal.detail)}}
        return Choice(None, (), record, input_tokens, images, facts, refusal)
    reasons = (*decision.reasons, EXEMPT) if inspection.exempt else decision.reasons
    decision = replace(decision, policy_version=asked.context.policy.version, reasons=reasons)
    ranked = tuple(_with_periods(asked, entry, now) for entry in decision.ranked)
    return Choice(decision, ranked, base | recorded.decided(decision), input_tokens, images, facts)


def bound(asked: Asked, masked: Masked | None) -> int:
    """Tokens that the input can be billed for at most, whoever is asked: placeholders may be longer than values."""
    tools, sampling = asked.request.tools, asked.request.sampling
    plain = input_bound(asked.messages, tools, sampling)
    return plain if masked is None else max(plain, input_bound(masked.messages, tools, sampling))


def still_permitted(
    asked: Asked, ranked: Iterable[Ranked], choice: Choice, label: Sensitivity, *, masked: bool
) -> tuple[Ranked, ...]:
    """Of the candidates that are left, those that the policy of *this* moment permits: it may have changed.

    Args:
        masked: models outside would be sent masked text.
    """
    facts = {**choice.facts, "sensitivity": label.word}
    constraints = _constraints(asked.context.policy, facts, label, masked)
    known = {candidate.model: candidate for candidate in asked.context.models_for(asked.team)}
    permitted = []
    for entry in ranked:
        candidate = known.get(entry.candidate.model)
        if candidate and all(constraint.permits(candidate) for constraint in constraints):
            permitted.append(replace(entry, candidate=candidate))
    return tuple(permitted)


def _routing_request(
    asked: Asked, inspection: Inspection, intent: Intent, facts: Facts, input_tokens: int, images: int, masked: bool
) -> RoutingRequest:
    request, policy = asked.request, asked.context.policy
    model, strategy = _model_and_strategy(request, policy)
    limit = request.sampling.max_output_tokens
    learned = routing.predict(asked.messages, policy.dial) if strategy == "learned" else routing.NOTHING_LEARNED
    return RoutingRequest(
        intent=intent,
        sensitivity=inspection.sensitivity,
        input_tokens=input_tokens,
        output_tokens=policy.max_output_tokens if limit is None else min(limit, policy.max_output_tokens),
        images=images,
        needs=_needs(request, images),
        constraints=_constraints(policy, facts, inspection.sensitivity, masked),
        masked=masked,
        strategy=strategy,
        preferred=_preferred(strategy, policy, facts),
        model=model,
        sticky=asked.sticky,
        dial=policy.dial,
        max_cost_micro_usd=request.max_cost_micro_usd,
        seed=request.turn.int & 0xFFFF_FFFF,
        predictions=learned.scores,
        least_gain=learned.least_gain,
        explores=inspection.sensitivity is Sensitivity.CLEAN and not inspection.exempt,
        budget_used=asked.budget_used,
    )


def _model_and_strategy(request: TurnRequest, policy: Policy) -> tuple[str, str]:
    """`auto` takes the policy's strategy, `auto:NAME` another one; anything else names a model."""
    if request.model == AUTO:
        return AUTO, request.strategy or policy.strategy
    if request.model.startswith(f"{AUTO}:"):
        strategy = request.model.removeprefix(f"{AUTO}:")
        if not is_strategy(strategy):
            raise InvalidRequest(f"There is no strategy {strategy!r}.", fields={"model": "unknown strategy"})
        return AUTO, strategy
    return request.model, request.strategy or policy.strategy


def _preferred(strategy: str, policy: Policy, facts: Facts) -> tuple[str, ...]:
    if strategy.startswith("fixed:"):
        return (strategy.removeprefix("fixed:"),)
    return next((route.use for route in policy.routes if route.applies(facts)), ())


def _constraints(policy: Policy, facts: Facts, label: Sensitivity, masked: bool) -> tuple[Constraint, ...]:
    """The rules that apply, and the label's own: the engine looks at the label too, whatever it is given."""
    inside = stays_inside(label, masked=masked)
    return (*policy.constraints(facts), *((inside,) if inside else ()))


def _needs(request: TurnRequest, images: int) -> frozenset[str]:
    needs = set()
    if request.tools:
        needs.add("tools")
    if images:
        needs.add("vision")
    if request.sampling.response_format:
        needs.add("json")
    return frozenset(needs)


def _facts(asked: Asked, intent: Intent, label: Sensitivity, input_tokens: int) -> Facts:
    facts: dict[str, Any] = {
        "intent.task": intent.task,
        "intent.domain": intent.domain,
        "intent.complexity": intent.complexity,
        "intent.creativity": intent.creativity,
        "intent.length": intent.length,
        "role": asked.person.role,
        "channel": asked.request.channel.value,
        "tag": asked.request.tags,
        "language": intent.language,
        "context_tokens": input_tokens,
        "sensitivity": label.word,
    }
    if asked.team is not None:
        facts["team"] = asked.team.slug
    return facts


def _with_health(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Candidates of providers that are failing right now are marked, so that they are ranked last."""
    sick = {provider for provider, health in providers.health().items() if not health.healthy}
    if not sick:
        return candidates
    return tuple(replace(c, healthy=False) if c.provider in sick else c for c in candidates)


def _check_name(model: str, candidates: Iterable[Candidate]) -> None:
    if model != AUTO and all(candidate.model != model for candidate in candidates):
        template = "There is no model {model!r} that your team may use. `GET /v1/models` lists them."
        raise ModelNotFound(say("no_such_model", template, model=model))


def _with_periods(asked: Asked, entry: Ranked, now: datetime) -> Ranked:
    team = asked.team.id if asked.team else None
    periods = applicable(asked.context.periods, team, entry.candidate.model, now)
    return replace(entry, periods=periods)


__all__ = [
    "Asked",
    "BudgetUndecided",
    "Choice",
    "ClassificationUnavailable",
    "RefusedByPolicy",
    "choose",
    "still_permitted",
]
