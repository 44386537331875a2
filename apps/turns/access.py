"""Who may act now, from the snapshot: keys for the developer API, and running answers whose right has ended."""

from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from apps.core.clock import now
from apps.core.snapshot import UNREACHABLE
from apps.core.threads import in_db
from apps.domain.errors import OpenRouteError, Overloaded, Unauthenticated
from apps.domain.ids import TenantId
from apps.domain.turn import Principal
from apps.identity import services as identity
from apps.identity.values import KeyRecord
from apps.tenants.values import Person
from apps.turns import live, runtime
from apps.turns.context import TenantContext


@dataclass(frozen=True, slots=True)
class Access:
    """An authenticated API request."""

    principal: Principal
    key: KeyRecord
    context: TenantContext


async def authenticate(bearer: str) -> Access:
    """The holder of an API key, with the tenant as of now.

    Raises:
        Unauthenticated: unknown, expired or revoked key; inactive person, team or company: all answer alike.
        Overloaded: rights cannot be checked, because the database cannot be reached.
    """
    active = runtime.current()
    record = await _record(active, bearer)
    context = await active.contexts.get(record.tenant)
    context.person(record.user)
    if record.team is not None:
        team = context.teams.get(record.team)
        if team is None or not team.active:
            raise Unauthenticated
    identity.note_key_use(key=record.id, at=now())
    return Access(Principal(record.tenant, record.user, record.id), record, context)


async def person(principal: Principal) -> Person:
    """Who asks, with the teams of this moment: what was known at sign-in may be hours old.

    Raises:
        Unauthenticated: the person may not act any more.
        Overloaded: rights cannot be checked, because the database cannot be reached.
    """
    context = await runtime.current().contexts.get(principal.tenant)
    return context.person(principal.user)


async def _record(active: runtime.Runtime, bearer: str) -> KeyRecord:
    """A key that was issued since the last poll works at once. One that does not count is on record as refused."""
    try:
        return active.keys.find(bearer, now())
    except Unauthenticated:
        await active.watch.catch_up()
    try:
        return active.keys.find(bearer, now())
    except Unauthenticated:
        await _record_refusal(bearer)
        raise


async def _record_refusal(bearer: str) -> None:
    try:
        async with runtime.current().refusing:
            await in_db(identity.record_refused_key, bearer, at=now())
    except (DatabaseError, InterfaceError) as error:
        raise Overloaded(UNREACHABLE) from error


def access_version(tenant: TenantId) -> tuple[int, int, int, int]:
    """Changes whenever sessions, rights, people or keys of the tenant do; open sockets compare it."""
    watch = runtime.current().watch
    return (*watch.version(tenant, "access"), *watch.version(tenant, "config"))


async def end_revoked(tenants: frozenset[TenantId]) -> None:
    """Stop every running answer whose asker may not act any more (promise P02); called when versions change."""
    for turn in live.running():
        if turn.principal.tenant in tenants and not await _may_go_on(turn):
            turn.stop()


async def _may_go_on(turn: live.LiveTurn) -> bool:
    key = turn.principal.key
    if key is not None and not runtime.current().keys.is_usable(key, now()):
        return False
    try:
        context = await runtime.current().contexts.get(turn.principal.tenant)
        person = context.person(turn.principal.user)
        context.team_for(person, turn.request.team)
    except OpenRouteError:
        return False
    return True
