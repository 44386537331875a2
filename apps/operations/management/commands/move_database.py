"""`manage.py move_database FILE.sqlite3`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.operations import moving


class Command(BaseCommand):
    """Copy an installation from its SQLite file into the empty PostgreSQL database of DATABASE_URL, all or nothing."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the SQLite file, such as .state/openroute.sqlite3")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = moving.move(options["file"], tell=self.stdout.write)
        except moving.MoveRefused as error:
            raise CommandError(f"{error.detail} Nothing was changed.") from error
        self.stdout.write(
            f"{sum(counts.values())} rows in {len(counts)} tables were copied, read back and found the same;"
            " every audit trail is intact."
        )
