"""Exceptions: reads. A question's author asks, a compliance officer decides; see `excepting` for the verbs."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.db.models import Q

from apps.core.tenancy import TenantQuerySet
from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, UserId
from apps.domain.policy import TextException
from apps.policies.models import LabelException
from apps.policies.values import ExceptionRecord

State = LabelException.State
ALL_STATES: Final = tuple(State.values)
ABSENT: Final = "There is no such exception."
SHOWN: Final = 200
"""Of what is over, a list shows the newest ones."""
STATES: Final[Mapping[str, Q]] = MappingProxyType(
    {
        "waiting": Q(state=State.WAITING),
        "granted": Q(state=State.GRANTED),
        "over": Q(state__in=(State.REFUSED, State.WITHDRAWN, State.ENDED)),
    }
)


def in_force(tenant: TenantId) -> Mapping[UUID, TextException]:
    """What was granted, by the question's id; each says itself until when it holds."""
    rows = LabelException.objects.for_tenant(tenant).filter(state=State.GRANTED, until__isnull=False)
    return {
        message: TextException(frozenset(types), until)
        for message, types, until in rows.values_list("message", "types", "until")
        if until is not None
    }


def listed(tenant: TenantId, which: str) -> tuple[ExceptionRecord, ...]:
    """Those that are `waiting` (oldest first), `granted` (which ends first), or `over` (newest first)."""
    rows = LabelException.objects.for_tenant(tenant).filter(STATES[which])
    order = {"waiting": "asked_at", "granted": "until", "over": "-asked_at"}[which]
    return tuple(record(row) for row in rows.order_by(order, "id")[:SHOWN])


def of_messages(tenant: TenantId, messages: Collection[UUID]) -> Mapping[UUID, ExceptionRecord]:
    """The newest exception that was asked for, by question. One query, none for no question."""
    if not messages:
        return {}
    rows = LabelException.objects.for_tenant(tenant).filter(message__in=messages).order_by("asked_at", "id")
    return {row.message: record(row) for row in rows}


def of_conversation(tenant: TenantId, conversation: UUID) -> tuple[ExceptionRecord, ...]:
    """Every exception that was ever asked for in a conversation, oldest first."""
    rows = LabelException.objects.for_tenant(tenant).filter(conversation=conversation)
    return tuple(record(row) for row in rows.order_by("asked_at", "id"))


def get(tenant: TenantId, exception: UUID) -> ExceptionRecord:
    """One of them. Raises `NotFound`."""
    return record(row_of(tenant, exception))


def row_of(tenant: TenantId, exception: UUID, *, lock: bool = False) -> LabelException:
    """The row, for the verbs of this app. Raises `NotFound`."""
    rows: TenantQuerySet[LabelException] = LabelException.objects.for_tenant(tenant)
    found = (rows.select_for_update() if lock else rows).filter(pk=exception).first()
    if found is None:
        raise NotFound(ABSENT)
    return found


def record(row: LabelException) -> ExceptionRecord:
    return ExceptionRecord(
        id=row.pk,
        message=row.message,
        conversation=row.conversation,
        types=tuple(row.types),
        state=row.state,
        asked_by=UserId(row.asked_by),
        asked_because=row.asked_because,
        asked_at=row.asked_at,
        opened_by=_user(row.opened_by),
        opened_at=row.opened_at,
        decided_by=_user(row.decided_by),
        decided_because=row.decided_because,
        decided_at=row.decided_at,
        until=row.until,
        ended_by=_user(row.ended_by),
        ended_at=row.ended_at,
    )


def _user(value: int | None) -> UserId | None:
    return None if value is None else UserId(value)
