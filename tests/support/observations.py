"""Short builders for what is observed of answers, with harmless defaults."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from apps.core import clock
from apps.domain.observation import Observation, Speed


def thumb(value: float, model: str = "small", *, at: datetime | None = None, **changes: Any) -> Observation:
    """Somebody's opinion of an answer about code: 1 up, 0 down."""
    values: dict[str, Any] = {
        "source": uuid4(), "model": model, "task": "coding", "domain": "computing", "complexity": 3, "signal": "thumb",
        "value": value, "at": at or clock.now(),
    }  # fmt: skip
    return Observation(**(values | changes))


def attempt(model: str = "small", *, end: str = "answered", at: datetime | None = None, **changes: Any) -> Speed:
    """An attempt that took half a second to its first word."""
    values: dict[str, Any] = {
        "source": uuid4(), "model": model, "task": "coding", "domain": "computing", "end": end,
        "at": at or clock.now(), "first_token_ms": 500.0, "tokens_per_s": 40.0, "cost_micro_usd": 900,
    }  # fmt: skip
    return Speed(**(values | changes))
