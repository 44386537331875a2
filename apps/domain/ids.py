"""Identifiers. A value holds ids, never models, so that it can cross every border of the house."""

import os
import time
from typing import NewType
from uuid import UUID

TenantId = NewType("TenantId", int)
TeamId = NewType("TeamId", int)
UserId = NewType("UserId", int)
KeyId = NewType("KeyId", int)
ProviderId = NewType("ProviderId", int)
BudgetId = NewType("BudgetId", int)
PeriodId = NewType("PeriodId", int)
TurnId = NewType("TurnId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

INSTALLATION = TenantId(0)
"""Stands for "no tenant in particular": providers, models, and the operator's own chain of audit events."""


def uuid7(*, now_ms: int, randomness: bytes) -> UUID:
    """A time-ordered identifier (RFC 9562, section 5.7), so that indexes grow at one end.

    Args:
        now_ms: Unix time in milliseconds.
        randomness: at least 10 bytes; 74 bits of them are used.
    """
    bits = int.from_bytes(randomness[:10], "big")
    rand_a, rand_b = bits >> 68, bits & ((1 << 62) - 1)
    return UUID(int=(now_ms & ((1 << 48) - 1)) << 80 | 7 << 76 | (rand_a & 0xFFF) << 64 | 2 << 62 | rand_b)


def new_id() -> UUID:
    """A fresh time-ordered identifier from the system's clock and entropy."""
    return uuid7(now_ms=time.time_ns() // 1_000_000, randomness=os.urandom(10))
