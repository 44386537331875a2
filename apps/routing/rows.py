"""Rows of profiles to and from the engine's values."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from apps.domain.catalogue import Cell
from apps.domain.ids import TenantId
from apps.domain.observation import Observation, Speed
from apps.routing.engine import sketch
from apps.routing.engine.cells import Counted
from apps.routing.engine.pace import Pace
from apps.routing.models import Outcome, Paced, ProfileCell

PACE_FIELDS: Final = ("first_token", "speed", "answered", "errors", "refused", "truncated", "cost", "paced_at")
CELL_FIELDS: Final = ("short", "total", "squares", "seen", "rated_at")


class Columns(NamedTuple):
    """What makes the rows of a table unique, and what is written of those that are there."""

    unique: tuple[str, ...]
    written: tuple[str, ...]


PROFILE: Final = Columns(("tenant", "model"), (*PACE_FIELDS, "changed_at"))
CELL: Final = Columns(("tenant", "model", "task", "domain"), PACE_FIELDS + CELL_FIELDS)
DAY: Final = Columns(("tenant", "model", "day"), (*PACE_FIELDS, "short", "total"))


def pace_of(row: Paced) -> Pace:
    """What the row holds of attempts."""
    return Pace(
        first_token=sketch.from_json(row.first_token),
        speed=sketch.from_json(row.speed),
        answered=row.answered,
        errors=row.errors,
        refused=row.refused,
        truncated=row.truncated,
        cost=row.cost,
        at=row.paced_at,
    )


def put_pace(row: Paced, pace: Pace) -> None:
    """Set the columns of attempts; nothing is saved."""
    row.first_token, row.speed = sketch.as_json(pace.first_token), sketch.as_json(pace.speed)
    row.answered, row.errors = pace.answered, pace.errors
    row.refused, row.truncated = pace.refused, pace.truncated
    row.cost, row.paced_at = pace.cost, pace.at


def cell_of(row: ProfileCell) -> Cell:
    """What the row holds of quality."""
    return Cell(row.task, row.domain, row.short, row.total, row.squares, row.seen, row.rated_at)


def put_cell(row: ProfileCell, cell: Cell) -> None:
    """Set the columns of quality; nothing is saved."""
    row.short, row.total, row.squares = cell.short, cell.total, cell.squares
    row.seen, row.rated_at = cell.seen, cell.at


def counted_of(row: Outcome) -> Counted:
    """How a stored observation was counted."""
    return Counted(row.value, row.weight, row.importance, row.mark, row.at)


def put_counted(row: Outcome, counted: Counted) -> None:
    """Set the columns that say how the observation was counted; nothing is saved."""
    row.weight, row.importance, row.mark = counted.weight, counted.importance, counted.mark


def outcome(tenant: TenantId, observed: Observation | Speed, signal: str) -> Outcome:
    """A row for what was observed; nothing is saved."""
    row = Outcome(
        tenant_id=tenant, turn_id=observed.source, model=observed.model, task=observed.task, domain=observed.domain,
        signal=signal, at=observed.at,
    )  # fmt: skip
    if isinstance(observed, Speed):
        row.value = float(observed.end == "answered")
    else:
        row.complexity, row.value, row.propensity = observed.complexity, observed.value, observed.propensity
    return row


def put(tenant: TenantId, table: Any, changed: Sequence[Any], columns: Columns) -> None:
    """Insert rows or overwrite them, in one statement, ordered so that two writers never wait crosswise.

    They are found by what makes them unique. `bulk_update` would be a CASE per row and column: a hundred times as slow.
    """
    for row in changed:
        row.pk = None
    ordered = sorted(changed, key=lambda row: [getattr(row, name) for name in columns.unique if name != "tenant"])
    table.objects.for_tenant(tenant).bulk_create(
        ordered, update_conflicts=True, unique_fields=columns.unique, update_fields=columns.written
    )
