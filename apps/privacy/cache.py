"""Verdicts that are known already: in this process for every text, in the database for long ones.

Keys are keyed hashes over tenant, detector, policy version, settings, terms and text. An unclassified verdict is never
kept: the next try may succeed.
"""

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache

import structlog
from django.db import DatabaseError, InterfaceError

from apps.core import clock, db
from apps.core.crypto import keyed_hash
from apps.core.threads import in_db
from apps.domain.ids import TenantId
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Sensitivity, Verdict
from apps.privacy import selectors
from apps.privacy.models import CachedVerdict

log = structlog.get_logger(__name__)

MAX_VERDICTS = 20_000
MAX_PENDING = 500
STORED_CHARS = 4_000
"""Shorter texts are scanned faster than a row is read."""
FLUSH_S = 1.0


@lru_cache(maxsize=512)
def digest(settings: SensitivitySettings) -> str:
    """The same for equal settings in every process."""
    plain = (
        sorted(settings.force_self_hosted), settings.person.value, settings.threshold, sorted(settings.allow),
    )  # fmt: skip
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:16]


def key(scope: str, text: str) -> str:
    """The name of the verdict on a text; `scope` says for whom and under which rules."""
    return keyed_hash("verdict", f"{scope}\0{text}")


@dataclass(frozen=True, slots=True)
class _Pending:
    tenant: TenantId
    key: str
    verdict: Verdict


class Verdicts:
    """A bounded memory, least recently used first out, that writes long texts' verdicts behind the caller's back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Verdict] = OrderedDict()
        self._pending: dict[str, _Pending] = {}
        self._flushing: asyncio.Task[None] | None = None

    def get(self, name: str) -> Verdict | None:
        """The verdict of that key, if this process knows it."""
        with self._lock:
            found = self._known.get(name)
            if found is not None:
                self._known.move_to_end(name)
            return found

    def put(self, name: str, verdict: Verdict) -> None:
        """Remember a verdict, unless it is unclassified."""
        if verdict.sensitivity is Sensitivity.UNCLASSIFIED:
            return
        with self._lock:
            self._known[name] = verdict
            if len(self._known) > MAX_VERDICTS:
                self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget everything: tests, and a changed detector."""
        with self._lock:
            self._known.clear()
            self._pending.clear()

    async def load(self, tenant: TenantId, names: Collection[str]) -> Mapping[str, Verdict]:
        """Stored verdicts; a database that cannot answer costs a scan, not the turn."""
        try:
            found = await in_db(selectors.verdicts, tenant, names)
        except (DatabaseError, InterfaceError) as error:
            log.warning("privacy.verdicts_unreadable", tenant=tenant, error=type(error).__name__)
            return {}
        for name, verdict in found.items():
            self.put(name, verdict)
        return found

    def store_soon(self, tenant: TenantId, name: str, verdict: Verdict) -> None:
        """Write the verdict within a second or so, together with others. Must be called on an event loop."""
        if verdict.sensitivity is Sensitivity.UNCLASSIFIED or len(self._pending) >= MAX_PENDING:
            return
        self._pending[name] = _Pending(tenant, name, verdict)
        loop = asyncio.get_running_loop()
        if self._flushing is None or self._flushing.done() or self._flushing.get_loop() is not loop:
            self._flushing = loop.create_task(self._flush_later())

    async def flush(self) -> None:
        """Write what is pending. Failing to write is no failure: the text is scanned again one day."""
        rows, self._pending = list(self._pending.values()), {}
        if not rows:
            return
        try:
            await in_db(_write, rows)
        except (DatabaseError, InterfaceError) as error:
            log.warning("privacy.verdicts_unwritten", count=len(rows), error=type(error).__name__)

    async def _flush_later(self) -> None:
        await asyncio.sleep(FLUSH_S)
        await self.flush()


def _write(rows: list[_Pending]) -> None:
    at = clock.now()
    made = [
        CachedVerdict(
            tenant_id=row.tenant,
            key=row.key,
            sensitivity=int(row.verdict.sensitivity),
            findings=[list(astuple(finding)) for finding in row.verdict.findings],
            created_at=at,
        )
        for row in rows
    ]
    by_tenant: dict[TenantId, list[CachedVerdict]] = {}
    for row, verdict in zip(rows, made, strict=True):
        by_tenant.setdefault(row.tenant, []).append(verdict)
    with db.atomic():
        for tenant, verdicts in by_tenant.items():
            CachedVerdict.objects.for_tenant(tenant).bulk_create(verdicts, ignore_conflicts=True)


VERDICTS = Verdicts()
