"""A routing decision and its reasons, as stored: features and ids, never text."""

from dataclasses import dataclass

from apps.domain.catalogue import Candidate
from apps.domain.errors import OpenRouteError
from apps.domain.ids import PeriodId
from apps.domain.intent import Intent
from apps.domain.policy import Constraint
from apps.domain.privacy import Sensitivity


class NoPermittedModel(OpenRouteError):
    """The constraints leave no model. The sentence names the rules that met."""

    code, status = "no_permitted_model", 403


class ModelNotFound(OpenRouteError):
    """The named model does not exist or is not the team's: both answer alike."""

    code, status = "model_not_found", 404


class ContextTooLong(OpenRouteError):
    """The request fits into no permitted model's context."""

    code, status = "context_too_long", 400


@dataclass(frozen=True, slots=True)
class RoutingRequest:
    """Everything that a decision depends on. The same request gives the same decision next year.

    `model` is `auto` or a model's name (tried first); `strategy` comes from the policy or from `auto:STRATEGY`.
    `input_tokens` is an upper bound (UTF-8 bytes plus overhead); `needs` are capabilities that it cannot do without.
    `sticky` is the model that answered before in this conversation or API session.
    `masked`: models outside would be sent placeholders for everything that was found (see `policy.stays_inside`).
    """

    intent: Intent
    sensitivity: Sensitivity
    input_tokens: int
    output_tokens: int
    images: int
    needs: frozenset[str]
    constraints: tuple[Constraint, ...]
    strategy: str
    preferred: tuple[str, ...] = ()
    """Model names in the order of the matching routes (strategy `rules`) or the name in `fixed:NAME`."""
    model: str = "auto"
    sticky: str | None = None
    dial: float = 0.5
    max_cost_micro_usd: int | None = None
    seed: int = 0
    masked: bool = False
    predictions: tuple[tuple[str, float], ...] = ()
    """Per model, the success that was learned from recorded outcomes for a question like this, in [0, 1]."""
    least_gain: float = 0.0
    """`learned`: how much more success the dearest model must promise than the cheapest, in [0, 1], so that over the
    recorded questions the wanted share (`dial`) goes to the better one."""
    explores: bool = False
    """Whether `adaptive` may try a model that it knows little of: never with private or unclassified text."""
    budget_used: float | None = None
    """Share of the tightest budget that is spent or reserved, in [0, 1]; None when nothing limits this request."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a model was not considered: a stable code and a sentence for people."""

    model: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """One permitted model with its score in [0, 1] and its worst case, for the reservation.

    `periods` are the budget period rows that this model's calls count against; filled in by `turns`.
    """

    candidate: Candidate
    score: float
    expected_quality: float
    estimate_micro_usd: int
    worst_case_micro_usd: int
    max_output_tokens: int
    periods: tuple[PeriodId, ...] = ()
    propensity: float | None = None
    """The chance, in [0, 1], that the strategy puts this model first for this request; None where it draws no lots."""
    certainty: float = 0.0
    """How many observations the expected quality is worth."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The permitted models, best first, each rejection with its reason, and sentences that say why."""

    ranked: tuple[Ranked, ...]
    rejected: tuple[Rejection, ...]
    strategy: str
    reasons: tuple[str, ...]
    policy_version: int = 0
    largest_micro_usd: int = 0
    """Counterfactual: what the dearest permitted model would have been estimated at."""
    together: int = 1
    """So many of `ranked`, from the first, are asked at once and vote (strategy `vote`)."""
    held: bool = False
    """An answer is held back until a checker is content with it, else the next of `ranked` is asked (`cascade`)."""
    steps: int = 1
    """With `held`: so many of `ranked`, from the first, are worth asking after one another; together their worst cases
    keep to `RoutingRequest.max_cost_micro_usd`. The others only stand in for one that fails."""
