"""From the cookie to the person, by SQL at each use: what was revoked is gone at once (promise P02)."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from apps.core import clock, db
from apps.core.tenancy import TenantQuerySet
from apps.domain.ids import TenantId, UserId
from apps.identity import selectors
from apps.identity.models import UserSession
from apps.identity.rights import key_record_is_usable
from apps.identity.secret_values import hash_session
from apps.identity.session_store import expiry, rows
from apps.identity.values import Principal, SessionRecord
from apps.tenants import selectors as tenants

RENEW_AFTER: Final = timedelta(minutes=2)
"""Use prolongs a session at most this often, so that reading costs no write."""


def hash_of(session_key: str) -> str:
    """What is stored of a session key, and what `Principal.session.key_hash` holds."""
    return hash_session(session_key)


def principal(session_key: str) -> Principal | None:
    """Who is signed in with this cookie; None when nobody is (any more). Three queries."""
    row = _living(hash_session(session_key)).first()
    if row is None or row.tenant_id is None or row.user_id is None:
        return None
    tenant = TenantId(row.tenant_id)
    person = tenants.person(tenant, UserId(row.user_id))
    return Principal(tenant=tenant, person=person, session=record(row)) if person.active else None


def still_valid(principal: Principal) -> bool:
    """Whether the proof still counts: for sockets, whenever the `access` version moved, and at least once a minute.

    It says nothing of what the person may do; read that again from the directory.
    """
    if principal.session is not None:
        return _living(principal.session.key_hash).exists()
    key = principal.key and selectors.key_by_id(principal.tenant, principal.key.id)
    return key is not None and key_record_is_usable(key, clock.now())


def touch(principal: Principal, *, at: datetime) -> None:
    """Prolong a session that is in use; nothing for keys, and nothing when it was prolonged a moment ago."""
    session = principal.session
    if session is None or at - session.last_seen_at < RENEW_AFTER:
        return
    # The principal may be hours old (a socket's): the row says when it was prolonged last.
    stale = rows().filter(key_hash=session.key_hash, last_seen_at__lt=at - RENEW_AFTER)
    if stale.exists():
        with db.atomic():
            stale.update(last_seen_at=at, expires_at=expiry(created_at=session.created_at, at=at))


def record(row: UserSession) -> SessionRecord:
    """The row as a value."""
    return SessionRecord(
        id=row.id,
        key_hash=row.key_hash,
        agent=row.agent,
        network=row.network,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )


def _living(key_hash: str) -> TenantQuerySet[UserSession]:
    """The session, unless it ended: by time, by its person's epoch, by deactivation or suspension."""
    return rows().filter(
        key_hash=key_hash,
        expires_at__gt=clock.now(),
        epoch=F("user__session_epoch"),
        user__is_active=True,
        user__tenant__state="active",
    )
