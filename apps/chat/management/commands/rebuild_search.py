"""`manage.py rebuild_search`."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.chat.search import index


class Command(BaseCommand):
    """Make the full-text index anew from titles and messages, beside a running server; safe to run again.

    Needed after an update that folds text differently, and when somebody has changed texts past the application.
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index.rebuild()} titles and messages can be found.")
