"""Closes the turns of dead processes: every web process sweeps, one at a time, so beat and broker may be dead too.

An owner whose heartbeat is older than `OWNER_STALE_S` is dead. Its turns get the text that reached the journal, marked
partial, and their whole reservation is charged as an estimate: all in the transaction that an owner would have used.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from apps.budgets import selectors as budgets
from apps.core import db
from apps.core.gates import sweep_gate
from apps.core.models import Process
from apps.core.store import BlockingStore
from apps.core.tenancy import all_tenants
from apps.core.writer import commit_apart
from apps.domain.ids import PeriodId, TenantId, TurnId
from apps.domain.limits import OWNER_STALE_S
from apps.turns.closing import bare
from apps.turns.models import IdempotencyKey, Turn, TurnChunk
from apps.turns.operations import CloseTurn
from apps.turns.plan import TurnPlanner

log = structlog.get_logger(__name__)

BATCH: Final = 64
SWEEP_S: Final = 4.0
"""A sweep begins no further batch after this: it must not keep its own process from showing that it lives."""
KEPT_CHUNKS = timedelta(hours=24)
DEAD = timedelta(seconds=OWNER_STALE_S)


def beat_heart(*, boot_id: UUID, kind: str, now: datetime) -> None:
    """Say that this process lives."""
    with db.atomic():
        changed = Process.objects.filter(boot_id=boot_id).update(heartbeat_at=now)
        if not changed:
            Process.objects.create(boot_id=boot_id, kind=kind, started_at=now, heartbeat_at=now)


def end_process(*, boot_id: UUID) -> None:
    """This process ends in order; whatever it still owns may be swept at once."""
    with db.atomic():
        Process.objects.filter(boot_id=boot_id).delete()


def sweep(*, now: datetime) -> int:
    """Close the turns of dead owners; returns how many. Does nothing while another process sweeps."""
    with sweep_gate() as mine:
        if not mine:
            return 0
        with all_tenants():
            return _sweep(now)


def _sweep(now: datetime) -> int:
    alive = Process.objects.filter(heartbeat_at__gte=now - DEAD).values("boot_id")
    # A turn is opened by a process whose first heartbeat is written before it serves, so no owner is missing but dead.
    orphaned = Turn.objects.filter(state=Turn.State.OPEN).exclude(owner__in=alive).order_by("id")
    began, closed = time.monotonic(), 0
    batch = list(orphaned[:BATCH])
    while batch:
        closed += _close(batch, now)
        done = len(batch) < BATCH or time.monotonic() - began > SWEEP_S
        batch = [] if done else list(orphaned.filter(id__gt=batch[-1].id)[:BATCH])
    if closed:
        log.warning("turns.swept", count=closed)
    return closed


def _close(turns: Sequence[Turn], now: datetime) -> int:
    """Close these turns; what the database refuses of one of them keeps none of the others. Returns how many."""
    ids = [TurnId(turn.id) for turn in turns]
    held, keys = budgets.held_periods(ids), _keys_of(ids)
    operations = [_close_operation(turn, held[TurnId(turn.id)], keys.get(turn.id, "")) for turn in turns]
    refused = _refused([bare(operation) for operation in _refused(operations, now)], now)
    for operation in refused:  # it stays open, and the next sweep tries again
        log.critical("turn.cannot_be_closed", turn=str(operation.turn))
    return len(operations) - len(refused)


def _refused(operations: Sequence[CloseTurn], now: datetime) -> list[CloseTurn]:
    """Commit these closes; returns those that cannot be committed."""
    if not operations:
        return []
    outcomes = commit_apart(BlockingStore(TurnPlanner()), operations, now)
    return [op for op, outcome in zip(operations, outcomes, strict=True) if isinstance(outcome, Exception)]


def _keys_of(turns: Sequence[TurnId]) -> dict[UUID, str]:
    """The callers' own ids of these turns, hashed: they are locked and freed with the close."""
    return dict(IdempotencyKey.objects.filter(turn_id__in=turns).values_list("turn_id", "digest"))


def _close_operation(turn: Turn, periods: tuple[PeriodId, ...], key: str) -> CloseTurn:
    text = journaled_text(TurnId(turn.id))
    return CloseTurn(
        turn=TurnId(turn.id),
        tenant=TenantId(turn.tenant_id),
        recorder=turn.recorder,
        state=Turn.State.FAILED,
        text=text,
        attempts=None,
        model=turn.model,
        hosting=turn.hosting,
        code="interrupted",
        detail="The server that was answering stopped. The text so far was kept; ask again for the rest.",
        partial=bool(text),
        answer_label=turn.sensitivity,
        periods=periods,
        idempotency=key,
    )


def journaled_text(turn: TurnId) -> str:
    """What the journal holds of an answer, without holes. Needs a tenant or `all_tenants` in the context."""
    pieces = TurnChunk.objects.filter(turn_id=turn).order_by("at", "id").values_list("at", "text")
    text = ""
    for at, piece in pieces:
        if at > len(text):
            break
        text = text[:at] + piece
    return text


def forget_old(*, now: datetime) -> int:
    """Delete what nobody can resume or repeat any more: journals after 24 h, expired ids, dead processes."""
    with db.atomic(), all_tenants():
        chunks, _ = TurnChunk.objects.filter(written_at__lt=now - KEPT_CHUNKS).delete()
        keys, _ = IdempotencyKey.objects.filter(expires_at__lt=now).delete()
        Process.objects.filter(heartbeat_at__lt=now - KEPT_CHUNKS).delete()
    return chunks + keys
