"""Stopping an answer, also one that another process gives: the wish stands in its row, and a hint makes it quick.

A hint says no more than "look": only what stands in the database stops an answer. Without Redis the owner finds the
wish within a second.
"""

import asyncio
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError

from apps.core import db, hints
from apps.core.tenancy import all_tenants
from apps.core.threads import in_db
from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, TurnId, UserId
from apps.turns import live
from apps.turns.models import Turn

log = structlog.get_logger(__name__)

TOPIC = "turns.stop"
LOOK_EVERY_S = 1.0


async def stop(*, tenant: TenantId, user: UserId, turn: TurnId) -> None:
    """End a running answer of this person now. What was produced is kept and charged.

    Raises:
        NotFound: no turn of theirs runs under this id.
    """
    running = live.find(turn)
    if running is not None:
        is_theirs = (running.principal.tenant, running.principal.user) == (tenant, user)
        if is_theirs:
            running.stop()
    else:
        is_theirs = await in_db(_ask_owner, tenant, user, turn)
    if not is_theirs:
        raise NotFound("There is no such turn, or it ended a while ago.")


def _ask_owner(tenant: TenantId, user: UserId, turn: TurnId) -> bool:
    with db.atomic():
        rows = Turn.objects.for_tenant(tenant).filter(id=turn, user_id=user, state=Turn.State.OPEN)
        asked = bool(rows.update(stop_asked=True))
    if asked:
        hints.publish(TOPIC, {})
    return asked


class StopWatch:
    """Looks for wishes of other processes to stop the turns of this one."""

    def __init__(self, boot_id: UUID) -> None:
        self._boot_id = boot_id
        self._hinted = asyncio.Event()

    def hinted(self) -> None:
        """Look at once."""
        self._hinted.set()

    async def run(self) -> None:
        """Once a second and at each hint, for ever."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._hinted.wait()
            except TimeoutError:
                pass
            self._hinted.clear()
            try:
                await self.look()
            except (DatabaseError, InterfaceError) as error:
                log.warning("stops.store_away", error=type(error).__name__)

    async def look(self) -> None:
        """Stop what is to be stopped. Raises what the database raises."""
        if not live.running():
            return
        for turn in await in_db(_asked, self._boot_id):
            running = live.find(turn)
            if running is not None:
                running.stop()


def _asked(boot_id: UUID) -> list[TurnId]:
    with all_tenants():
        rows = Turn.objects.filter(owner=boot_id, state=Turn.State.OPEN, stop_asked=True)
        return [TurnId(turn) for turn in rows.values_list("id", flat=True)]
