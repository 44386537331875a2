from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.audit import triggers
from apps.core import grants


class AuditConfig(AppConfig):
    name = "apps.audit"

    def ready(self) -> None:
        for table in triggers.TABLES:
            grants.restrict(table, "SELECT", "INSERT")
        grants.restrict("audit_audithead", "SELECT", "INSERT", "UPDATE")  # the end of a chain moves, and stays
        post_migrate.connect(_protect, sender=self, dispatch_uid="audit.protect")


def _protect(*, using: str, **_: Any) -> None:
    """After each migrate: SQLite loses the triggers of a table that Django remakes."""
    triggers.install(using=using)
