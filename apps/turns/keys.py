"""All API keys of the installation by their hash, in memory: an unknown key costs a hash and no query."""

from datetime import datetime

from apps.core.tenancy import use_tenant
from apps.core.threads import in_db
from apps.domain.errors import Unauthenticated
from apps.domain.ids import INSTALLATION, KeyId, TenantId
from apps.domain.limits import RateLimits
from apps.identity import selectors as identity
from apps.identity import services as identity_services
from apps.identity.values import KeyRecord


def _load(tenant: TenantId) -> tuple[KeyRecord, ...]:
    with use_tenant(tenant):
        return identity.load_keys(tenant)


class KeyIndex:
    """The keys as of the last poll of the versions; a revoked key is gone with the next one."""

    def __init__(self) -> None:
        self._by_hash: dict[str, KeyRecord] = {}
        self._by_id: dict[KeyId, KeyRecord] = {}
        self._by_tenant: dict[TenantId, tuple[str, ...]] = {}

    async def changed(self, tenants_changed: frozenset[TenantId]) -> None:
        """Read the keys of these tenants again; the first poll of a process names all of them."""
        for tenant in sorted(tenants_changed - {INSTALLATION}):
            self._replace(tenant, await in_db(_load, tenant))

    def find(self, value: str, now: datetime) -> KeyRecord:
        """The record of a presented key. Raises `Unauthenticated` for unknown, expired and revoked ones alike."""
        record = self._by_hash.get(identity_services.hash_key(value))
        if record is None or not identity_services.key_record_is_usable(record, now):
            raise Unauthenticated
        return record

    def is_usable(self, key: KeyId, now: datetime) -> bool:
        """Whether the key may still be used."""
        record = self._by_id.get(key)
        return record is not None and identity_services.key_record_is_usable(record, now)

    def limits(self, key: KeyId) -> RateLimits:
        """The rate limits of a key; none when it is gone, which its next authentication will say."""
        record = self._by_id.get(key)
        return record.limits if record else RateLimits()

    def _replace(self, tenant: TenantId, records: tuple[KeyRecord, ...]) -> None:
        for key_hash in self._by_tenant.get(tenant, ()):
            gone = self._by_hash.pop(key_hash, None)
            if gone is not None:
                self._by_id.pop(gone.id, None)
        self._by_hash |= {record.key_hash: record for record in records}
        self._by_id |= {record.id: record for record in records}
        self._by_tenant[tenant] = tuple(record.key_hash for record in records)
