"""What a turn's record says of its decision: features, counts and sentences, never the text. Pure."""

from typing import Any

from apps.domain.decision import Decision, Ranked, RoutingRequest
from apps.domain.intent import Intent
from apps.domain.privacy import Inspection
from apps.domain.sentences import said
from apps.privacy.values import Masked


def asked(request: RoutingRequest, inspection: Inspection, masked: Masked | None) -> dict[str, Any]:
    """What is on record of a question, however it is answered: with it the decision can be made again."""
    record: dict[str, Any] = {
        "intent": _intent(request.intent),
        "sensitivity": _found(inspection),
        "input_tokens": request.input_tokens,
        "dial": request.dial,
        "seed": request.seed,
    }
    if request.sticky is not None:
        record["sticky"] = request.sticky
    if request.predictions:
        record["predictions"] = {model: round(score, 4) for model, score in request.predictions}
        record["least_gain"] = round(request.least_gain, 4)
    if request.budget_used is not None:
        record["budget_used"] = round(request.budget_used, 4)
    if request.explores:
        record["explores"] = True
    return record if masked is None else record | {"masked": dict(masked.types)}


def decided(decision: Decision) -> dict[str, Any]:
    """What is on record of how it was answered: every candidate with its score, every rejection with its reason."""
    return {
        "strategy": decision.strategy,
        "policy_version": decision.policy_version,
        "reasons": list(decision.reasons),
        "said": [said(reason) for reason in decision.reasons],
        "largest_micro_usd": decision.largest_micro_usd,
        "candidates": [_candidate(entry) for entry in decision.ranked],
        "rejected": [
            {"model": entry.model, "code": entry.code, "reason": entry.reason, "said": said(entry.reason)}
            for entry in decision.rejected
        ],
        **({"together": decision.together} if decision.together > 1 else {}),
        **({"steps": decision.steps} if decision.held else {}),
    }


def _candidate(entry: Ranked) -> dict[str, Any]:
    found = {
        "model": entry.candidate.model,
        "hosting": entry.candidate.hosting.value,
        "score": round(entry.score, 4),
        "quality": round(entry.expected_quality, 3),
        "estimate_micro_usd": entry.estimate_micro_usd,
        "worst_case_micro_usd": entry.worst_case_micro_usd,
        "certainty": round(entry.certainty, 2),
    }
    if entry.propensity is not None:
        found["propensity"] = round(entry.propensity, 6)
    if entry.candidate.profile.first_token_ms is not None:
        found["first_token_ms"] = round(entry.candidate.profile.first_token_ms, 1)
    return found


def _intent(intent: Intent) -> dict[str, Any]:
    return {
        "task": intent.task,
        "domain": intent.domain,
        "complexity": intent.complexity,
        "creativity": intent.creativity,
        "length": intent.length,
        "words": intent.words,
        "language": intent.language,
        "confidence": {name: round(value, 3) for name, value in intent.confidence},
    }


def _found(inspection: Inspection) -> dict[str, Any]:
    found: dict[str, Any] = {"label": inspection.sensitivity.word, "entities": dict(inspection.entities)}
    if inspection.exempt:
        found["exempt"] = sorted(map(str, inspection.exempt))  # questions with an exception in force
    if inspection.why:
        found["why"] = inspection.why
    return found
