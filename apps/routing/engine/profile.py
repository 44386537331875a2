"""What a model is expected to be worth for a question, in [0, 1].

The operator's strengths are priors per task, family or domain; what was measured replaces them as samples come in:
a posterior mean with the prior worth `PRIOR_SAMPLES` observations.
"""

from collections.abc import Mapping
from typing import Final

from apps.domain.catalogue import Candidate
from apps.domain.intent import Intent

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "brainstorm_plan": ("reasoning", "writing"),
    "coding": ("coding",),
    "creative_writing": ("creative", "writing"),
    "explain_advise": ("knowledge", "writing"),
    "extraction_classification": ("extraction", "reasoning"),
    "factual_qa": ("knowledge",),
    "functional_writing": ("writing",),
    "math": ("math", "reasoning"),
    "reasoning": ("reasoning", "math"),
    "rewriting": ("writing",),
    "roleplay_chat": ("chat", "creative", "writing"),
    "summarization": ("writing", "extraction"),
    "translation": ("translation", "language", "writing"),
}
"""Names under which operators state strengths, most telling first, when the task itself is not named."""
DOMAIN_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "computing": ("computing", "coding"),
    "finance_business": ("finance_business", "finance", "business"),
    "medical_health": ("medical_health", "medical"),
    "natural_science": ("natural_science", "science"),
    "social_science": ("social_science", "social"),
    "culture_lifestyle": ("culture_lifestyle", "culture", "literature"),
    "humanities": ("humanities", "literature"),
}
UNKNOWN: Final = 0.5
PRIOR_SAMPLES: Final = 20.0
DOMAIN_SHARE: Final = 0.4
KNOWING: Final = frozenset({"explain_advise", "factual_qa", "functional_writing"})
KNOWING_SHARE: Final = 0.6
"""How much the domain counts beside the task: more where the answer is what one knows, not what one can do."""
DIFFICULTY: Final = {1: 0.25, 2: 0.55, 3: 1.0, 4: 1.3, 5: 1.6}
"""How a model's shortfall from perfection grows with the question's complexity: trivial ones forgive much."""


def expected_quality(candidate: Candidate, intent: Intent) -> float:
    """The chance of a good answer: prior and measurements of the task, adjusted for domain and complexity."""
    strengths = dict(candidate.strengths)
    task = _task_quality(candidate, strengths, intent.task)
    domain = _named(strengths, DOMAIN_NAMES.get(intent.domain, (intent.domain,)))
    share = 0.0 if domain is None else KNOWING_SHARE if intent.task in KNOWING else DOMAIN_SHARE
    typical = (1 - share) * task + share * (domain or 0.0)
    return max(0.0, min(1.0, 1.0 - (1.0 - typical) * DIFFICULTY[intent.complexity]))


def _task_quality(candidate: Candidate, strengths: Mapping[str, float], task: str) -> float:
    prior = _named(strengths, (task, *FAMILIES.get(task, ())))
    if prior is None:
        prior = sum(strengths.values()) / len(strengths) if strengths else UNKNOWN
    measured = dict(candidate.profile.quality).get(task)
    if measured is None:
        return prior
    samples = candidate.profile.samples
    return (prior * PRIOR_SAMPLES + measured * samples) / (PRIOR_SAMPLES + samples)


def _named(strengths: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    return next((strengths[name] for name in names if name in strengths), None)
