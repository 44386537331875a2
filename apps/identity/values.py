"""Who is asking, and with which proof."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from apps.domain.ids import KeyId, TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants.values import UNLIMITED, Person

SCOPES: Final = ("chat", "models", "embeddings", "conversations", "admin")
"""What a key may be used for; each route names the ones that it wants."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A usable key as processes hold it in memory. `scopes` are cut to what its maker may do now."""

    id: KeyId
    key_hash: str
    tenant: TenantId
    user: UserId
    team: TeamId | None
    scopes: frozenset[str]
    expires_at: datetime | None
    limits: RateLimits = UNLIMITED


@dataclass(frozen=True, slots=True)
class KeyListing:
    """A key as people see it: everything but the key."""

    id: KeyId
    user: UserId
    team: TeamId | None
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key. `value` is shown once and kept nowhere; it stays out of logs."""

    id: KeyId
    value: str

    def __repr__(self) -> str:
        return f"IssuedKey(id={self.id})"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as lists show it; `network` is the client's address cut to /24 or /48."""

    id: UUID
    key_hash: str
    agent: str
    network: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who proved who he is, by exactly one of `session` and `key`. Rights are read at use, never kept."""

    tenant: TenantId
    person: Person
    session: SessionRecord | None = None
    key: KeyRecord | None = None

    is_authenticated = True
    is_anonymous = False

    @property
    def tenant_id(self) -> TenantId:
        return self.tenant

    @property
    def pk(self) -> UserId:
        """What Django and DRF call the id of a user."""
        return self.person.id

    @property
    def actor(self) -> str:
        """How the audit trail names him: the key that acted, or the person."""
        if self.key is not None:
            return f"key:{self.key.id}"
        kind = "operator" if self.person.role == "operator" else "user"
        return f"{kind}:{self.person.id}"

    @property
    def expires_at(self) -> datetime | None:
        """When the proof ends by itself; None for a key without an end."""
        if self.session is not None:
            return self.session.expires_at
        return self.key.expires_at if self.key is not None else None


CurrentUser = Principal
"""`request.user` of every REST view."""
