"""What the steps of one batch share while it is planned: locked rows, the book, the chain, and the writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from apps.audit.planning import Chain
from apps.budgets.planning import Book
from apps.core.writes import Row, Rows, WriteSet
from apps.domain.ids import TenantId, TurnId
from apps.turns.models import Attempt, IdempotencyKey, Turn


@dataclass
class Working:
    """State of one batch; lives for one call of `TurnPlanner.plan`."""

    rows: Rows
    writes: WriteSet
    book: Book
    chain: Chain
    at: datetime
    closed: set[UUID] = field(default_factory=set)

    def record(self, tenant: TenantId, kind: str, actor: str, turn: TurnId | None, body: Mapping[str, Any]) -> None:
        """Chain one audit entry; `turn` is its subject."""
        subject = str(turn) if turn else ""
        self.chain.append(tenant=tenant, kind=kind, actor=actor, subject=subject, body=body, at=self.at)

    @cached_property
    def open_turns(self) -> dict[UUID, Row]:
        """The locked turns that were open when the batch began."""
        return {row["id"]: row for row in self.rows.of(Turn)}

    @cached_property
    def attempts(self) -> dict[UUID, list[Row]]:
        """The recorded attempts of the turns that this batch closes for a dead owner, by turn, in their order."""
        found: dict[UUID, list[Row]] = {}
        for row in sorted(self.rows.of(Attempt), key=lambda row: row["number"]):
            found.setdefault(row["turn_id"], []).append(row)
        return found

    @cached_property
    def used_keys(self) -> dict[str, dict[str, Any]]:
        """Idempotency keys that exist, and those that this batch adds."""
        return {row["digest"]: dict(row) for row in self.rows.of(IdempotencyKey)}
