"""How people and programs prove who they are. Secrets stand here as keyed hashes only."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id


class UserSession(models.Model):
    """A session of a browser. The row is the session: without it the cookie means nothing.

    `user` is empty before the sign-in is complete. `epoch` is that of the person at the sign-in; when his has moved on,
    the session is dead.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    key_hash = models.CharField(max_length=64, unique=True)
    data = models.TextField()
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", null=True)
    user = models.ForeignKey("tenants.User", models.CASCADE, related_name="+", null=True)
    epoch = models.PositiveIntegerField(default=0)
    agent = models.CharField(max_length=60, blank=True, default="")
    network = models.CharField(max_length=49, blank=True, default="")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "user"], name="identity_session_user")]


class ApiKey(models.Model):
    """A key of the developer API. It acts for its maker in one team, with its scopes and never more than his rights."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    user = models.ForeignKey("tenants.User", models.CASCADE, related_name="+")
    team = models.ForeignKey("tenants.Team", models.CASCADE, related_name="+", null=True)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    rate_limits = models.JSONField(default=dict)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "user"], name="identity_key_user")]
