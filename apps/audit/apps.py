from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.audit import triggers


class AuditConfig(AppConfig):
    name = "apps.audit"

    def ready(self) -> None:
        post_migrate.connect(_protect, sender=self, dispatch_uid="audit.protect")


def _protect(**_: Any) -> None:
    """After each migrate: SQLite loses the triggers of a table that Django remakes."""
    triggers.install()
