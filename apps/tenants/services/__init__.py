"""Verbs of tenants, by noun. Each is audited, and seen by every process within the poll of the versions."""

from apps.tenants.services._shared import SLUG, AlreadyExists
from apps.tenants.services.people import (
    LOCALES,
    MAX_PASSWORD,
    LastAdmin,
    checked_password,
    create_user,
    set_active,
    set_memberships,
    set_password,
    set_role,
    update_user,
)
from apps.tenants.services.provisioning import put_user
from apps.tenants.services.teams import create_team, put_team, resume_team, suspend_team, update_team
from apps.tenants.services.tenants import (
    create_tenant,
    ensure_platform,
    put_tenant,
    resume_tenant,
    suspend_tenant,
    update_tenant,
)

__all__ = [
    "LOCALES",
    "MAX_PASSWORD",
    "SLUG",
    "AlreadyExists",
    "LastAdmin",
    "checked_password",
    "create_team",
    "create_tenant",
    "create_user",
    "ensure_platform",
    "put_team",
    "put_tenant",
    "put_user",
    "resume_team",
    "resume_tenant",
    "set_active",
    "set_memberships",
    "set_password",
    "set_role",
    "suspend_team",
    "suspend_tenant",
    "update_team",
    "update_tenant",
    "update_user",
]
