"""What other apps see of policies beside `domain.policy.Policy`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
