from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from apps.core import grants, page_cache


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        post_migrate.connect(grants.after_migrate, sender=self, dispatch_uid="core.grants")
        connection_created.connect(page_cache.size, dispatch_uid="core.page_cache")
