"""Sentences for people about models, money and kinds of question."""

from collections.abc import Iterable, Mapping
from typing import Final

from apps.domain.decision import RoutingRequest
from apps.domain.intent import Intent
from apps.domain.sentences import Sentence
from apps.routing.engine.ranking import Option

KINDS: Final[Mapping[str, str]] = {
    "brainstorm_plan": "planning and ideas",
    "coding": "programming",
    "creative_writing": "creative writing",
    "explain_advise": "explanations and advice",
    "extraction_classification": "finding and sorting information",
    "factual_qa": "questions of fact",
    "functional_writing": "letters and documents",
    "math": "mathematics",
    "reasoning": "reasoning",
    "rewriting": "rewriting",
    "roleplay_chat": "conversation",
    "summarization": "summaries",
    "translation": "translation",
}


DOMAINS: Final[Mapping[str, str]] = {
    "culture_lifestyle": "culture and leisure",
    "finance_business": "finance and business",
    "history": "history",
    "humanities": "humanities",
    "language": "language",
    "legal": "law",
    "medical_health": "medicine and health",
    "natural_science": "natural science",
    "social_science": "social science",
}
"""Domains that say more than the task does; the others are left out."""


def money(micro_usd: int) -> str:
    """`free`, `$0.0042`, `$1.25`: four places below a dollar, two above."""
    if micro_usd == 0:
        return "free"
    dollars = micro_usd / 1_000_000
    if dollars >= 1:
        return f"${dollars:.2f}"
    return f"${dollars:.4f}" if dollars >= 0.0001 else "less than $0.0001"


def kind(intent: Intent) -> str:
    """What the question is about: `explanations and advice (law)`."""
    domain = DOMAINS.get(intent.domain)
    return f"{KINDS[intent.task]} ({domain})" if domain else KINDS[intent.task]


def chances(quality: float) -> str:
    """`a good answer in 86 of 100 cases`."""
    return f"a good answer in {round(quality * 100)} of 100 cases"


def cost(option: Option) -> str:
    """`about $0.0042`, `less than $0.0001`, or `free`."""
    told = money(option.estimate)
    return f"about {told}" if told.startswith("$") else told


def choice(code: str, template: str, option: Option, request: RoutingRequest) -> Sentence:
    """A reason that speaks of one option; the template may name `model`, `subject`, `chances` and `cost`."""
    text = template.format(
        model=option.name, subject=kind(request.intent), chances=chances(option.quality), cost=cost(option)
    )
    params = {
        "model": option.name,
        "task": request.intent.task,
        "domain": request.intent.domain,
        "quality": round(option.quality * 100),
        "cost_microusd": option.estimate,
    }
    return Sentence(text, code, params)


def listed(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
