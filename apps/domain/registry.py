"""Protocols through which lower apps reach data of higher ones without importing them (dotted names in settings)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from apps.domain.ids import TenantId, UserId
from apps.domain.privacy import Sensitivity


@dataclass(frozen=True, slots=True)
class Document:
    """A projection of one stored object for the mirror; `fields` is what may be written under the policy."""

    path: str
    version: int
    label: Sensitivity
    fields: Mapping[str, Any]
    deleted: bool = False


class DocumentSource(Protocol):
    """Reads the newest state of a document when it is sent. Registered by the app that owns the objects."""

    def read(self, tenant: TenantId, path: str) -> Document | None: ...


class Eraser(Protocol):
    """Removes what an app holds of a person; returns how many rows went. Legal holds are checked by the caller."""

    name: str

    def erase_user(self, tenant: TenantId, user: UserId) -> int: ...
