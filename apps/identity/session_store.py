"""Django's sessions in `UserSession`: the key is kept as a hash, and each row knows whose it is.

The engine is named in the settings. Django asks only for the synchronous methods; its asynchronous ones run these in a
thread. Whoever saves a session that was ended meanwhile gets `UpdateError`: nothing brings it back.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError

from apps.core import clock, db
from apps.core.tenancy import TenantQuerySet, all_tenants
from apps.identity.models import UserSession
from apps.identity.secret_values import hash_session

OWNER: Final = "openroute_owner"
"""Session item with tenant, epoch, agent, network and the time of the sign-in."""


def rows() -> TenantQuerySet[UserSession]:
    """Rows of every tenant: a session is looked up before its tenant is known."""
    with all_tenants():
        return UserSession.objects.get_queryset()


def expiry(*, created_at: datetime, at: datetime) -> datetime:
    """When a session that is used at `at` ends: after the idle time, at the latest at its greatest age."""
    idle = at + timedelta(seconds=settings.OPENROUTE_SESSION_IDLE_S)
    return min(idle, created_at + timedelta(seconds=settings.OPENROUTE_SESSION_MAX_S))


class SessionStore(SessionBase):
    """One session. The public key travels in the cookie; the database has its hash."""

    def load(self) -> dict[str, Any]:
        found = rows().filter(key_hash=hash_session(self.session_key or ""), expires_at__gt=clock.now()).first()
        if found is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(found.data)
        return data

    def exists(self, session_key: str) -> bool:
        return rows().filter(key_hash=hash_session(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:  # the key is taken: one in 10^54
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write the row. Raises `CreateError` when a new key is taken, `UpdateError` when the session has ended."""
        if self.session_key is None:
            return self.create()
        values = self._row(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        key_hash = hash_session(self.session_key)
        with db.atomic():
            if must_create:
                try:
                    with db.atomic():
                        UserSession(key_hash=key_hash, **values).save(force_insert=True)
                except IntegrityError as error:
                    raise CreateError from error
            elif not rows().filter(key_hash=key_hash).update(**values):
                raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            with db.atomic():
                rows().filter(key_hash=hash_session(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """What `manage.py clearsessions` and the nightly task call."""
        with db.atomic():
            rows().filter(expires_at__lte=clock.now()).delete()

    def _row(self, data: dict[str, Any]) -> dict[str, Any]:
        now, owner = clock.now(), data.get(OWNER, {})
        created_at = datetime.fromisoformat(owner["created_at"]) if owner else now
        return {
            "data": self.encode(data),
            "tenant_id": owner.get("tenant"),
            "user_id": int(data[SESSION_KEY]) if owner and SESSION_KEY in data else None,
            "epoch": owner.get("epoch", 0),
            "agent": owner.get("agent", ""),
            "network": owner.get("network", ""),
            "created_at": created_at,
            "last_seen_at": now,
            "expires_at": expiry(created_at=created_at, at=now),
        }
