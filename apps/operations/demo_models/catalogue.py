"""The demo models: what each is good at, how fast it writes, and how it is offered in the demo company."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DemoModel:
    """A made-up model. `skills` maps a kind of question to [0, 1]; what is not named takes `general`.

    A skill decides how much of an answer is given: below `PLAIN` the bare minimum, above `THOROUGH` everything.
    `pace` multiplies the server's tokens per second; `first_token_s` is the wait before the first one.
    """

    name: str
    about: str
    general: float
    skills: tuple[tuple[str, float], ...] = ()
    pace: float = 1.0
    first_token_s: float = 0.2
    context_tokens: int = 32_000
    max_output_tokens: int = 4_000

    def skill(self, kind: str) -> float:
        return dict(self.skills).get(kind, self.general)


PLAIN: Final = 0.4
THOROUGH: Final = 0.7

MODELS: Final = (
    DemoModel("demo-small", "fast and cheap, short answers", 0.35, pace=2.0, first_token_s=0.08),
    DemoModel("demo-medium", "an all-rounder in the middle", 0.6, pace=1.4, first_token_s=0.15),
    DemoModel("demo-large", "thorough, slow and dear", 0.9, pace=0.7, first_token_s=0.4, context_tokens=200_000),
    DemoModel("demo-coder", "programs well, writes dryly", 0.45, (("code", 0.95), ("math", 0.8))),
    DemoModel("demo-writer", "writes well, programs badly", 0.5, (("literary", 0.95), ("code", 0.2), ("math", 0.3))),
    DemoModel(
        "demo-counsel", "careful with legal questions", 0.5, (("legal", 0.95), ("literary", 0.3)), first_token_s=0.3
    ),
    DemoModel("demo-local", "stands for a model inside the company", 0.5, pace=0.8, context_tokens=128_000),
)
EMBEDDING_MODEL: Final = "demo-embed"

_BY_NAME: Final = {model.name: model for model in MODELS}


def find(upstream: str) -> DemoModel | None:
    """The model behind an upstream name; what follows `@` is for `faults`."""
    return _BY_NAME.get(upstream.partition("@")[0])
