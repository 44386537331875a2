"""Closes the turns of dead processes: every web process sweeps, one at a time, so beat and broker may be dead too.

Who is dead is told by `owners`. Their turns get the text that reached the journal, marked partial, and their whole
reservation is charged as an estimate: all in the transaction that an owner would have used.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from apps.budgets import selectors as budgets
from apps.core import db
from apps.core.gates import sweep_gate
from apps.core.models import Process
from apps.core.store import BlockingStore, Held
from apps.core.tenancy import all_tenants
from apps.core.writer import commit_apart
from apps.domain.ids import PeriodId, TenantId, TurnId
from apps.turns import answer_label
from apps.turns.closing import bare
from apps.turns.models import IdempotencyKey, Turn, TurnChunk
from apps.turns.operations import CloseTurn
from apps.turns.owners import OWNERS, OwnerWatch
from apps.turns.plan import TurnPlanner

log = structlog.get_logger(__name__)

BATCH: Final = 64
SWEEP_S: Final = 4.0
"""A sweep begins no further batch after this: it must not keep its own process from showing that it lives."""
KEPT_CHUNKS = timedelta(hours=24)
LOCK_TIMEOUT_MS: Final = 250
"""Who holds a tenant's chain for long delays the turns of that tenant alone."""


def sweep(*, now: datetime, owners: OwnerWatch = OWNERS) -> int:
    """Close the turns of dead owners; returns how many. Closes none while another process sweeps.

    An owner without a heartbeat has ended; one that is there is dead when `owners` has heard nothing new of it, so it
    takes several calls to find that out.
    """
    dead = owners.dead()
    with sweep_gate() as alone:
        if not owners.may_sweep(alone=alone):
            return 0
        with all_tenants():
            return _sweep(dead, now)


def _sweep(dead: Collection[UUID], now: datetime) -> int:
    alive = Process.objects.exclude(boot_id__in=dead).values("boot_id")
    # In one statement, and the first heartbeat is written before a process serves: no owner is missing but dead.
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
    try:
        refused = _refused([bare(operation) for operation in _refused(operations, now)], now)
    except Held:
        return _close_around(turns, now)
    for operation in refused:  # it stays open, and the next sweep tries again
        log.critical("turn.cannot_be_closed", turn=str(operation.turn))
    return len(operations) - len(refused)


def _close_around(turns: Sequence[Turn], now: datetime) -> int:
    """Close tenant by tenant; the turns of one whose rows another session holds wait for the next sweep."""
    tenants = sorted({turn.tenant_id for turn in turns})
    if len(tenants) == 1:
        log.warning("turns.held", tenant=tenants[0], count=len(turns))
        return 0
    return sum(_close([turn for turn in turns if turn.tenant_id == tenant], now) for tenant in tenants)


def _refused(operations: Sequence[CloseTurn], now: datetime) -> list[CloseTurn]:
    """Commit these closes; returns those that cannot be committed. Raises `Held`; some may be committed then."""
    if not operations:
        return []
    store = BlockingStore(TurnPlanner(), lock_timeout_ms=LOCK_TIMEOUT_MS)
    outcomes = commit_apart(store, operations, now)
    return [op for op, outcome in zip(operations, outcomes, strict=True) if isinstance(outcome, Exception)]


def _keys_of(turns: Sequence[TurnId]) -> dict[UUID, str]:
    """The callers' own ids of these turns, hashed: they are locked and freed with the close."""
    return dict(IdempotencyKey.objects.filter(turn_id__in=turns).values_list("turn_id", "digest"))


def _close_operation(turn: Turn, periods: tuple[PeriodId, ...], key: str) -> CloseTurn:
    text = journaled_text(TurnId(turn.id))
    label, entities = answer_label.of_stored(turn, text)
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
        answer_label=label.word,
        answer_entities=entities,
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
        Process.objects.filter(heartbeat_at__lt=now - KEPT_CHUNKS, boot_id__in=OWNERS.dead()).delete()
    return chunks + keys
