"""What a question asks for, each feature with a calibrated confidence in [0, 1]."""

from dataclasses import dataclass
from typing import Final

TASKS: Final = (
    "brainstorm_plan",
    "coding",
    "creative_writing",
    "explain_advise",
    "extraction_classification",
    "factual_qa",
    "functional_writing",
    "math",
    "reasoning",
    "rewriting",
    "roleplay_chat",
    "summarization",
    "translation",
)
DOMAINS: Final = (
    "computing",
    "culture_lifestyle",
    "finance_business",
    "history",
    "humanities",
    "language",
    "legal",
    "math",
    "medical_health",
    "natural_science",
    "social_science",
    "general",
)
"""`general` says that none of the eleven others was recognised."""
CREATIVITY: Final = ("low", "medium", "high")
LENGTHS: Final = ("short", "medium", "long")
"""Expected answer: short <= 60 words, medium <= 250, long above."""


UNSURE_TASK: Final = 0.4
"""A task with less calibrated confidence is wrong more often than right."""


@dataclass(frozen=True, slots=True)
class Intent:
    """Recognised features of one question. `complexity` is 1 (trivial) to 5 (expert); `words` the expected length."""

    task: str
    domain: str
    complexity: int
    creativity: str
    length: str
    words: int
    confidence: tuple[tuple[str, float], ...] = ()
    language: str = "und"
    wants_json: bool = False
    has_code: bool = False

    @property
    def unsure(self) -> bool:
        """Whether the task is more a guess than a finding: choose carefully, ask, or escalate."""
        return dict(self.confidence).get("task", 1.0) < UNSURE_TASK
