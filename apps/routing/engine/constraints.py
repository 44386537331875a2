"""Hard limits: each function says why a candidate may not answer, or nothing. No strategy can lift one."""

from collections.abc import Callable
from typing import Any, Final

from apps.domain.catalogue import Candidate
from apps.domain.decision import Rejection, RoutingRequest
from apps.domain.policy import stays_inside
from apps.domain.privacy import Sensitivity
from apps.domain.sentences import said, say

MIN_ANSWER_TOKENS: Final = 16
BYTES_PER_TOKEN: Final = 3
"""UTF-8 bytes per token of usual text, on the careful side: English has four, code and German somewhat fewer."""

Limit = Callable[[Candidate, RoutingRequest], Rejection | None]


def priced(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """What a call may cost must be known before it is made (promise P09)."""
    if candidate.price is not None:
        return None
    return _rejected(candidate, "unpriced", "Nobody has entered a price for {model}.")


def inside(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """What is private, or could not be classified, stays on self-hosted models, whoever asks for this decision."""
    if request.sensitivity is Sensitivity.CLEAN:
        return None
    label = stays_inside(request.sensitivity, masked=request.masked)
    if label is None or label.permits(candidate):
        return None
    template = f"{{model}} is outside the company: {label.origin}."
    return _rejected(candidate, "must_stay_inside", template, label=request.sensitivity.word)


def permitted(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """The rules of the policy; every one must permit the model."""
    for constraint in request.constraints:
        if not constraint.permits(candidate):
            origin = constraint.origin
            return _rejected(candidate, "not_permitted", "Excluded by {by}.", by=_by(origin), origin=said(origin))
    return None


def capable(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """What the request cannot do without: tools, images, JSON."""
    if request.needs <= candidate.capabilities:
        return None
    missing = sorted(request.needs - candidate.capabilities)
    return _rejected(candidate, "not_capable", "{model} cannot handle {what}.", what=", ".join(missing), needs=missing)


def large_enough(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """Question and at least the beginning of an answer fit into the context."""
    if probable_tokens(request) + MIN_ANSWER_TOKENS <= candidate.context_tokens:
        return None
    return _rejected(candidate, "context_too_long", "The text is too long for {model}.")


def affordable(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """The caller's own bound on the cost of this answer."""
    if request.max_cost_micro_usd is None or candidate.price is None:
        return None
    worst = candidate.price.worst_case(
        input_tokens=request.input_tokens,
        output_tokens=answer_tokens(candidate, request),
        images=request.images,
    )
    if worst <= request.max_cost_micro_usd:
        return None
    return _rejected(candidate, "too_dear", "{model} could cost more than the limit of this request.")


LIMITS: Final[tuple[Limit, ...]] = (priced, inside, permitted, capable, large_enough, affordable)


def rejection(candidate: Candidate, request: RoutingRequest) -> Rejection | None:
    """The first limit that the candidate does not meet."""
    for limit in LIMITS:
        found = limit(candidate, request)
        if found is not None:
            return found
    return None


def answer_tokens(candidate: Candidate, request: RoutingRequest) -> int:
    """How long the answer may become: the caller's and the policy's limit, the model's, and what the context leaves."""
    left = candidate.context_tokens - probable_tokens(request)
    return min(request.output_tokens, candidate.max_output_tokens, left)


def probable_tokens(request: RoutingRequest) -> int:
    """What the input will take up in a context. Money is bounded by bytes; a context that is too small after all says
    so, and a larger one is tried."""
    return request.input_tokens // BYTES_PER_TOKEN


def _rejected(candidate: Candidate, code: str, template: str, **params: Any) -> Rejection:
    """One code for machines that choose and for pages that translate."""
    return Rejection(candidate.model, code, say(code, template, model=candidate.model, **params))


def _by(origin: str) -> str:
    """Rules have names or numbers; what a label forces is a sentence of its own."""
    return origin if origin.startswith(("rule ", "the ")) else f"the rule “{origin}”"
