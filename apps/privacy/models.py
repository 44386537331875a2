"""Verdicts on long texts, kept so that a restarted process need not scan a long history again."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class CachedVerdict(models.Model):
    """The result for one text under one policy. Neither the text nor a found value is stored.

    `key` is a keyed hash of tenant, detector version, policy version, settings and text, so that a row can never answer
    for another tenant, policy or text. `findings` holds `[type, start, end, score]`.
    """

    tenant_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    sensitivity = models.PositiveSmallIntegerField()
    findings = models.JSONField(default=list)
    created_at = models.DateTimeField(db_index=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "key"], name="privacy_verdict_unique")]
