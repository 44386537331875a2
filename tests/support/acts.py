"""Operations of a store's tests: each says what it reads and what it writes, and nothing about turns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.core.models import Process
from apps.core.store import Outcome
from apps.core.writes import Read, Rows, WriteSet


@dataclass(frozen=True)
class Act:
    """One operation. `write` fills the writes from the rows that `reads` found, and gives the outcome."""

    write: Callable[[Rows, WriteSet], Outcome]
    reads: tuple[Read, ...] = ()
    trace: Read | None = field(default=None)


class Acts:
    """The planner of acts (`core.store.Planner`); `plans` counts how often a batch was planned."""

    def __init__(self) -> None:
        self.plans = 0

    def reads(self, batch: Sequence[Act]) -> Sequence[Read]:
        return [read for act in batch for read in act.reads]

    def plan(self, batch: Sequence[Act], rows: Rows, at: datetime) -> tuple[WriteSet, list[Outcome]]:
        self.plans += 1
        writes = WriteSet()
        return writes, [act.write(rows, writes) for act in batch]

    def traces(self, batch: Sequence[Act]) -> Sequence[Read]:
        return [act.trace for act in batch if act.trace]

    def committed(self, batch: Sequence[Act], rows: Rows) -> dict[int, Outcome]:
        there = {row["boot_id"] for row in rows.of(Process)}
        return {place: "found" for place, act in enumerate(batch) if act.trace and set(act.trace.ids) & there}


def reading(*reads: Read) -> Act:
    """Its outcome is the rows of its reads, by model."""
    models = {read.model for read in reads}
    return Act(lambda rows, _: {model: rows.of(model) for model in models}, reads)


def inserting(model: Any, *rows: dict[str, Any]) -> Act:
    def write(_: Rows, writes: WriteSet) -> str:
        for row in rows:
            writes.insert(model, **row)
        return "inserted"

    return Act(write)


def process(number: int, at: datetime, kind: str = "web") -> Act:
    """A row that did not exist before."""
    wanted = Read(Process, "boot_id", (UUID(int=number),), ("boot_id",), lock=False)

    def write(_: Rows, writes: WriteSet) -> str:
        writes.insert(Process, boot_id=UUID(int=number), kind=kind, started_at=at, heartbeat_at=at)
        return "inserted"

    return Act(write, trace=wanted)


def touching(number: int, kind: str) -> Act:
    """Lock a row and change it; the outcome is what it was before, or None where it does not exist."""
    pk = UUID(int=number)

    def write(rows: Rows, writes: WriteSet) -> str | None:
        found = next((row for row in rows.of(Process) if row["boot_id"] == pk), None)
        if found is None:
            return None
        writes.update(Process, pk, kind=kind)
        return str(found["kind"])

    return Act(write, (Read(Process, "boot_id", (pk,), ("boot_id", "kind")),))
