"""What other apps see of policies beside `domain.policy.Policy`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version as lists show it."""

    version: int
    document: Mapping[str, Any]
    author: str
    confirmed_by: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """A change that waits, or did wait, for a second person."""

    id: int
    document: Mapping[str, Any]
    base: int
    author: UserId
    comment: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """A question that its author says is not private, and what became of that. Reasons are people's own words."""

    id: UUID
    message: UUID
    conversation: UUID
    types: tuple[str, ...]
    state: str
    asked_by: UserId
    asked_because: str = field(repr=False)
    asked_at: datetime
    opened_by: UserId | None
    opened_at: datetime | None
    decided_by: UserId | None
    decided_because: str = field(repr=False)
    decided_at: datetime | None
    until: datetime | None
    ended_by: UserId | None
    ended_at: datetime | None
