"""Recorders whose data the database, or they themselves, refuse. All round them is the real planner and store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.core.writes import Rows, WriteSet
from apps.turns.models import TurnChunk
from apps.turns.operations import CloseTurn
from apps.turns.recorders import NoRecorder


class Picky(NoRecorder):
    """Its answers break a rule of the database (a NOT NULL); a close without a text is fine."""

    name = "picky"

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        if operation.text:
            writes.insert(TurnChunk, tenant_id=operation.tenant, turn_id=None, at=0, seq=0, text="", written_at=at)


class Stubborn(NoRecorder):
    """Refuses every close while it is `away`."""

    name = "stubborn"
    away = True

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        if self.away:
            raise KeyError("a defect of the recorder")


PICKY = Picky()
STUBBORN = Stubborn()
NAMES = {"picky": "tests.support.recorders.PICKY", "stubborn": "tests.support.recorders.STUBBORN"}
