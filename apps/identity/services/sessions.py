"""Devices: list them, sign them out. Deleting the row is the revocation; the version tells every process."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from apps.audit import services as audit
from apps.core import clock, db, versions
from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, UserId
from apps.identity.models import UserSession
from apps.identity.session_store import rows
from apps.identity.sessions import record
from apps.identity.values import SessionRecord


def sessions_of(*, tenant: TenantId, user: UserId) -> tuple[SessionRecord, ...]:
    """The living sessions of a person, the one used last first."""
    rows = UserSession.objects.for_tenant(tenant).filter(user_id=user, expires_at__gt=clock.now())
    living = rows.select_related("user").order_by("-last_seen_at", "id")
    return tuple(record(row) for row in living if row.user is not None and row.epoch == row.user.session_epoch)


def end_session(*, tenant: TenantId, user: UserId, session: UUID, actor: str, at: datetime) -> None:
    """Sign one device of a person out. Raises `NotFound` when it is not his."""
    with db.atomic():
        found = UserSession.objects.for_tenant(tenant).filter(user_id=user, pk=session)
        deleted, _ = found.delete()
        if not deleted:
            raise NotFound
        _record(tenant, user, actor, at, {"count": 1, "session": session})


def end_all_sessions(*, tenant: TenantId, user: UserId, keep: UUID | None = None, actor: str, at: datetime) -> int:
    """Sign every device of a person out, but for `keep`; returns how many there were."""
    with db.atomic():
        found = UserSession.objects.for_tenant(tenant).filter(user_id=user)
        if keep is not None:
            found = found.exclude(pk=keep)
        deleted, _ = found.delete()
        if deleted:
            _record(tenant, user, actor, at, {"count": deleted})
    return deleted


def remove_dead_sessions(*, at: datetime) -> int:
    """Remove what is over by time or by its person's epoch, in every company; returns how many rows went.

    No act: these sessions count no more, so nothing is audited and nobody is told.
    """
    dead = Q(expires_at__lte=at) | Q(user__session_epoch__gt=F("epoch"))
    with db.atomic():
        deleted, _ = rows().filter(dead).delete()
    return deleted


def _record(tenant: TenantId, user: UserId, actor: str, at: datetime, body: Mapping[str, Any]) -> None:
    audit.append(tenant=tenant, kind="session.ended", actor=actor, subject=f"user:{user}", body=body, at=at)
    versions.bump(tenant=tenant, kind="access")
