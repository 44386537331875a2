"""Every query is scoped to one tenant, below HTTP: the tenant is a context variable that is set once per unit of work.

`Model.objects` of a tenant-owned model raises `TenantMissing` when no tenant is set, so that a forgotten scope is an
error and not a leak (promise P01). Work that spans tenants says so with `all_tenants`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

from django.db import models

from apps.domain.ids import TenantId

_current: ContextVar[TenantId | None] = ContextVar("openroute_tenant", default=None)
_spanning: ContextVar[bool] = ContextVar("openroute_spanning", default=False)

ModelT = TypeVar("ModelT", bound=models.Model)


class TenantMissing(RuntimeError):
    """A tenant-owned table was queried without a tenant: a defect in the caller, never shown to people."""


def current_tenant() -> TenantId:
    """The tenant of this unit of work. Raises `TenantMissing` when none is set."""
    tenant = _current.get()
    if tenant is None:
        raise TenantMissing("No tenant is set: wrap the work in use_tenant(...) or start from for_tenant(...).")
    return tenant


@contextmanager
def use_tenant(tenant: TenantId) -> Iterator[None]:
    """Scope everything inside to one tenant. It travels with `contextvars`, so into tasks and `in_db` as well."""
    token = _current.set(tenant)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def all_tenants() -> Iterator[None]:
    """Let queries inside span tenants: sweepers, the operator's commands, look-ups before a tenant is known."""
    token = _spanning.set(True)
    try:
        yield
    finally:
        _spanning.reset(token)


class TenantQuerySet(models.QuerySet[ModelT]):
    """A queryset of a tenant-owned model."""

    def for_tenant(self, tenant: TenantId) -> Self:
        return self.filter(tenant_id=tenant)


class TenantManager(models.Manager[ModelT]):
    """`objects` of a tenant-owned model: scoped to the context's tenant, or to the one that is named."""

    def get_queryset(self) -> TenantQuerySet[ModelT]:
        rows: TenantQuerySet[ModelT] = TenantQuerySet(self.model, using=self._db)
        if _spanning.get():
            return rows
        return rows.for_tenant(current_tenant())

    def for_tenant(self, tenant: TenantId) -> TenantQuerySet[ModelT]:
        """Rows of this tenant, whatever the context says."""
        rows: TenantQuerySet[ModelT] = TenantQuerySet(self.model, using=self._db)
        return rows.for_tenant(tenant)

    def create(self, **values: Any) -> ModelT:
        """Insert one row; the tenant is the context's unless it is named."""
        if "tenant" not in values and "tenant_id" not in values:
            values["tenant_id"] = current_tenant()
        row: ModelT = self.model(**values)
        row.save(force_insert=True, using=self._db)
        return row
