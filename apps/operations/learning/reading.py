"""Learns from what happened: reads the audit trail of each tenant behind a bookmark, in order, entry by entry once.

The trail says which turns ended and which answers were rated; rows of turns, messages and ratings say how. Nothing is
added to the path of a question. What a batch of entries taught and the bookmark are one transaction: a run that is
killed in between has changed nothing, and the next one reads the same entries again.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final
from uuid import UUID

from apps.audit import selectors as audit
from apps.chat import learning as chat
from apps.core import bookmarks, db
from apps.core.tenancy import use_tenant
from apps.domain.ids import TenantId, TurnId
from apps.domain.observation import Observation, Speed
from apps.operations.learning.remarks import observed
from apps.policies import selectors as policies
from apps.routing import services as routing
from apps.turns import learning as turns

READER: Final = "learning"
ENDS: Final = frozenset({"turn.completed", "turn.failed", "turn.stopped", "turn.swept"})
RATED: Final = "feedback.given"
BATCH: Final = 100
"""Entries at a time: some forty turns, written in about 50 ms. On SQLite nobody else writes meanwhile."""
MOST_BATCHES: Final = 200
"""Of one tenant in one run, so that none keeps the others waiting."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a batch of entries teaches."""

    observations: tuple[Observation, ...] = ()
    speeds: tuple[Speed, ...] = ()


def read(tenant: TenantId, *, batches: int = MOST_BATCHES) -> int:
    """Learn from what was not read yet, at most so many batches. Returns how many entries were read.

    Raises:
        Overtaken: another run reads the same at this moment; what this one had done before stays.
    """
    began = here = bookmarks.place(tenant=tenant, reader=READER)
    end, _ = audit.head(tenant)
    with use_tenant(tenant):
        while here < end and batches > 0:
            until = min(end, here + BATCH)
            lesson = learnt(tenant, after=here, until=until)
            with db.atomic():
                bookmarks.move(tenant=tenant, reader=READER, source=here, target=until)
                routing.note_speeds(tenant, lesson.speeds)
                routing.observe(tenant, lesson.observations)
            here, batches = until, batches - 1
    return here - began


def read_all(tenant: TenantId) -> None:
    """Until nothing is left that has happened before; another run that reads the same does a part of the work."""
    end, _ = audit.head(tenant)
    while bookmarks.place(tenant=tenant, reader=READER) < end:
        with suppress(bookmarks.Overtaken):
            read(tenant)


def learnt(tenant: TenantId, *, after: int, until: int) -> Lesson:
    """What these entries of the trail teach. Reads only.

    Where the policy has `learning: false`, speed, cost and failures to answer are measured, and nothing that people do.
    """
    entries = audit.happened(tenant, {*ENDS, RATED}, after=after, until=until)
    ended = turns.ended(tenant, {UUID(subject) for kind, subject in entries if kind in ENDS})
    speeds = tuple(chain.from_iterable(map(turns.speeds, ended.values())))
    if not policies.current(tenant).learning:
        return Lesson(speeds=speeds)
    rated = {UUID(subject) for kind, subject in entries if kind == RATED}
    judged = chain.from_iterable(map(turns.judged, ended.values()))
    return Lesson((*judged, *_remarks(tenant, ended, rated)), speeds)


def _remarks(tenant: TenantId, ended: dict[TurnId, turns.Ended], rated: Collection[UUID]) -> tuple[Observation, ...]:
    asked = {turn: entry.asked_model for turn, entry in ended.items() if entry.is_judged}
    remarks = (*chat.remarked(tenant, asked), *chat.rated(tenant, rated))
    older = {remark.turn for remark in remarks} - ended.keys()
    known = ended | (turns.ended(tenant, older) if older else {})
    found = (observed(remark, known[remark.turn]) for remark in remarks if remark.turn in known)
    return tuple(observation for observation in found if observation is not None)
