"""What happened to keys: when they were used last, noted in memory and written once a minute, and who was refused."""

import threading
from datetime import datetime, timedelta
from typing import Final

from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.ids import INSTALLATION, KeyId
from apps.identity import refusals, selectors
from apps.identity.models import ApiKey

FLUSH_EVERY: Final = timedelta(minutes=1)


class Board:
    """The newest use of each key since the last flush. Threads of one process share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[KeyId, datetime] = {}
        self._since: datetime | None = None

    def note(self, key: KeyId, at: datetime) -> None:
        with self._lock:
            self._uses[key] = max(at, self._uses.get(key, at))
            self._since = self._since or at

    def is_due(self, at: datetime) -> bool:
        since = self._since
        return since is not None and at - since >= FLUSH_EVERY

    def take(self) -> dict[KeyId, datetime]:
        with self._lock:
            uses, self._uses, self._since = self._uses, {}, None
            return uses


_board = Board()


def note_key_use(*, key: KeyId, at: datetime) -> None:
    """Remember that a key was used; in memory, safe on the event loop."""
    _board.note(key, at)


def flush_key_uses(*, at: datetime, force: bool = False) -> int:
    """Write what was noted when the oldest note is a minute old, or at once with `force`; returns how many keys.

    A process that dies loses at most a minute of it.
    """
    if not force and not _board.is_due(at):
        return 0
    uses = _board.take()
    if uses:
        with db.atomic(), all_tenants():
            rows = [ApiKey(pk=key, last_used_at=used) for key, used in sorted(uses.items())]
            ApiKey.objects.bulk_update(rows, ["last_used_at"], batch_size=500)
    return len(uses)


def record_refused_key(value: str, *, at: datetime) -> None:
    """Put on record that a key was presented which does not count: its owner's trail, or the installation's."""
    owner = selectors.dead_key_owner(value)
    tenant, subject = (owner[0], f"key:{owner[1]}") if owner else (INSTALLATION, "")
    reason = "dead" if owner else "unknown"
    refusal = refusals.Refusal(tenant=tenant, kind="key.refused", actor="system", subject=subject, reason=reason)
    refusals.record(refusal, at=at)
