"""Exceptions: verbs. Two people are needed to lower a label, one of them a compliance officer; to raise it again, one.

Each verb is one transaction with its audit entry (`exception.*`), which names types and times, never the reasons: they
are people's own words and stay with the row. Rights to the operation itself are checked by the caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from apps.audit import services as audit
from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId, UserId
from apps.policies import exceptions
from apps.policies.models import LabelException
from apps.policies.services import NeedsSecondPerson
from apps.policies.values import ExceptionRecord

State = LabelException.State
LONGEST_DAYS: Final = 90
MOST_IN_FORCE: Final = 2_000
"""For one company: every process holds them in memory."""
BATCH: Final = 200


class AlreadyAsked(OpenRouteError):
    """An exception for this question waits for its decision, or is in force."""

    code, status = "conflict", 409


class AlreadyDecided(OpenRouteError):
    """Somebody else was faster, or it is over."""

    code, status = "conflict", 409


@dataclass(frozen=True, slots=True)
class Subject:
    """The question that is said to be not private, and the types that were found in it."""

    message: UUID
    conversation: UUID
    types: tuple[str, ...]


def ask(*, tenant: TenantId, user: UserId, subject: Subject, because: str, at: datetime) -> ExceptionRecord:
    """A question's author says that it is not private. Nothing changes until an officer grants it.

    Raises:
        AlreadyAsked: one waits, or is in force.
    """
    body = {"message": subject.message, "types": list(subject.types)}
    try:
        with db.atomic():
            row = LabelException.objects.create(
                tenant_id=tenant,
                message=subject.message,
                conversation=subject.conversation,
                types=sorted(subject.types),
                asked_by=user,
                asked_because=because,
                asked_at=at,
            )
            audit.append(
                tenant=tenant, kind="exception.asked", actor=_actor(user), subject=_subject(row), body=body, at=at
            )
    except IntegrityError as error:
        raise AlreadyAsked("Compliance has been asked about this question already.") from error
    return exceptions.record(row)


def opened(*, tenant: TenantId, exception: UUID, officer: UserId, at: datetime) -> ExceptionRecord:
    """An officer reads the question for it. Raises `AlreadyDecided` when it is over: then there is no reason to."""
    with db.atomic():
        row = _locked(tenant, exception, *LabelException.OPEN)
        audit.append(
            tenant=tenant, kind="exception.read", actor=_actor(officer), subject=_subject(row),
            body={"message": row.message}, at=at,
        )  # fmt: skip
        if row.opened_by is None:
            row.opened_by, row.opened_at = officer, at
            row.save(update_fields=["opened_by", "opened_at"])
    return exceptions.record(row)


def grant(
    *, tenant: TenantId, exception: UUID, officer: UserId, because: str, days: int, at: datetime
) -> ExceptionRecord:
    """The question counts as not private for so many days; every process knows within seconds.

    Raises:
        NeedsSecondPerson: the officer asked for it.
        AlreadyDecided: it does not wait any more.
        AlreadyAsked: as many are in force as a company may have.
    """
    until = at + timedelta(days=min(days, LONGEST_DAYS))
    with db.atomic():
        row = _waiting(tenant, exception, officer)
        in_force = LabelException.objects.for_tenant(tenant).filter(state=State.GRANTED).count()
        if in_force >= MOST_IN_FORCE:
            raise AlreadyAsked(f"{in_force} exceptions are in force, which is the most. End some of them first.")
        _decide(row, State.GRANTED, officer, because, at, until=until)
        body = {"message": row.message, "types": list(row.types), "until": until, "asked_by": row.asked_by}
        audit.change(
            tenant=tenant, kind="exception.granted", actor=_actor(officer), subject=_subject(row), body=body, at=at
        )
    return exceptions.record(row)


def refuse(*, tenant: TenantId, exception: UUID, officer: UserId, because: str, at: datetime) -> ExceptionRecord:
    """The question stays private. Raises as `grant`."""
    with db.atomic():
        row = _waiting(tenant, exception, officer)
        _decide(row, State.REFUSED, officer, because, at)
        audit.append(
            tenant=tenant, kind="exception.refused", actor=_actor(officer), subject=_subject(row),
            body={"message": row.message}, at=at,
        )  # fmt: skip
    return exceptions.record(row)


def end(*, tenant: TenantId, exception: UUID, officer: UserId | None, at: datetime) -> ExceptionRecord:
    """An officer ends one that is in force, one person is enough; or its time is over. Raises `AlreadyDecided`."""
    with db.atomic():
        row = _locked(tenant, exception, State.GRANTED)
        _end(row, State.ENDED, officer, at)
    return exceptions.record(row)


def withdraw(*, tenant: TenantId, exception: UUID, user: UserId, at: datetime) -> ExceptionRecord:
    """Its author thinks otherwise, before or after it was granted. Raises `AlreadyDecided`."""
    with db.atomic():
        row = _locked(tenant, exception, *LabelException.OPEN)
        _end(row, State.WITHDRAWN, user, at)
    return exceptions.record(row)


def due(*, at: datetime) -> tuple[tuple[TenantId, UUID], ...]:
    """Those whose time is over and of which that is not on record yet, in all companies; `end` puts it there.

    From its `until` on an exception has no effect, whenever this is done.
    """
    with all_tenants():
        rows = LabelException.objects.filter(state=State.GRANTED, until__lte=at).order_by("until")
        return tuple((TenantId(tenant), pk) for tenant, pk in rows.values_list("tenant_id", "pk")[:BATCH])


def forget(*, tenant: TenantId, user: UserId) -> int:
    """Remove what a person asked for, reasons and all; the audit trail keeps that it was. Returns the rows."""
    with db.atomic():
        return LabelException.objects.for_tenant(tenant).filter(asked_by=user).delete()[0]


def forget_messages(*, tenant: TenantId, messages: Iterable[UUID]) -> int:
    """Remove the exceptions of questions that are erased. Returns the rows."""
    with db.atomic():
        return LabelException.objects.for_tenant(tenant).filter(message__in=list(messages)).delete()[0]


def _end(row: LabelException, state: str, user: UserId | None, at: datetime) -> None:
    was_granted = row.state == State.GRANTED
    row.state, row.ended_by, row.ended_at = state, user, at
    row.save(update_fields=["state", "ended_by", "ended_at"])
    write = audit.change if was_granted else audit.append
    actor = "system" if user is None else _actor(user)
    write(
        tenant=TenantId(row.tenant_id), kind="exception.ended", actor=actor, subject=_subject(row),
        body={"message": row.message, "state": state}, at=at,
    )  # fmt: skip


def _waiting(tenant: TenantId, exception: UUID, officer: UserId) -> LabelException:
    row = _locked(tenant, exception, State.WAITING)
    if row.asked_by == officer:
        raise NeedsSecondPerson("Another compliance officer must decide what you asked for yourself.")
    return row


def _locked(tenant: TenantId, exception: UUID, *states: str) -> LabelException:
    row = exceptions.row_of(tenant, exception, lock=True)
    if row.state not in states:
        raise AlreadyDecided(f"This exception is {row.state} already. Look at the list again.")
    return row


def _decide(
    row: LabelException, state: str, officer: UserId, because: str, at: datetime, until: datetime | None = None
) -> None:
    row.state, row.decided_by, row.decided_because, row.decided_at, row.until = state, officer, because, at, until
    row.save(update_fields=["state", "decided_by", "decided_because", "decided_at", "until"])


def _actor(user: UserId) -> str:
    return f"user:{user}"


def _subject(row: LabelException) -> str:
    return f"exception:{row.pk}"
