"""What the services of all three nouns share: checks of input, the tenant's lock, and the record of a change."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from apps.audit import services as audit
from apps.core import versions
from apps.domain.errors import InvalidRequest, NotFound, OpenRouteError
from apps.domain.ids import TenantId
from apps.domain.limits import RateLimits
from apps.tenants.models import Tenant

MAX_NAME: Final = 200
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class AlreadyExists(OpenRouteError):
    """The name is taken within its scope; nothing was changed."""

    code, status = "already_exists", 409


def record(*, tenant: TenantId, kind: str, actor: str, subject: str, at: datetime, **body: Any) -> None:
    """Audit a change and tell every process: `config` for what is held in memory, `access` for open sockets."""
    audit.change(tenant=tenant, kind=kind, actor=actor, subject=subject, body=body, at=at)
    versions.bump(tenant=tenant, kind="access")


def locked_tenant(tenant: TenantId) -> Tenant:
    """The tenant's row, locked until the commit, so that two admins cannot demote each other. Raises `NotFound`."""
    row = Tenant.objects.select_for_update(no_key=True).filter(pk=tenant).first()
    if row is None:
        raise NotFound
    return row


def checked_slug(slug: str) -> str:
    """Raises `InvalidRequest` unless it is 1 to 63 lower-case letters, digits and inner hyphens."""
    if not SLUG.fullmatch(slug):
        problem = "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end."
        raise InvalidRequest(f"The short name {slug[:63]!r} is not usable.", fields={"slug": problem})
    return slug


def checked_name(name: str) -> str:
    """The name without outer blanks. Raises `InvalidRequest` when it is empty, too long, or cannot be printed."""
    clean = name.strip()
    if not clean or len(clean) > MAX_NAME or not clean.isprintable():
        problem = f"1 to {MAX_NAME} printable characters."
        raise InvalidRequest("The name is not usable.", fields={"name": problem})
    return clean


def stored_limits(limits: RateLimits) -> dict[str, int]:
    """Limits as they stand in the row. Raises `InvalidRequest` for a limit below 1."""
    values = {name: value for name, value in asdict(limits).items() if value is not None}
    wrong = {f"rate_limits.{name}": "A whole number from 1." for name, value in values.items() if value < 1}
    if wrong:
        raise InvalidRequest("A rate limit is not usable.", fields=wrong)
    return values


def stored_models(models: Collection[str] | None) -> list[str] | None:
    """Names of models in a stable order; None stays None (all)."""
    return None if models is None else sorted(set(models))


def apply_changes(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Set and save what differs; returns the names of the changed fields, in order."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return sorted(changed)
