"""Published limits. Sizes are bytes unless the name says otherwise; times are seconds."""

from dataclasses import dataclass
from typing import Final

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
MAX_FRAME_BYTES: Final = 1024 * 1024
MAX_JSON_DEPTH: Final = 64
MAX_TEXT_BYTES: Final = 1_000_000
MAX_CLASSIFIED_BYTES: Final = 200_000
"""Longer texts are unclassified (promise P19)."""
MAX_MESSAGES: Final = 2_000
MAX_TOOLS: Final = 128
SNAPSHOT_STALE_S: Final = 5.0
OWNER_STALE_S: Final = 20.0
HEARTBEAT_S: Final = 5.0
JOURNAL_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests and tokens per minute; None is no limit. They stand on tenant, team, user and key, and all must fit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
