from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.core import grants


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        post_migrate.connect(grants.after_migrate, sender=self, dispatch_uid="core.grants")
