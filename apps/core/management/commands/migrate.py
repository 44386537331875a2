"""`manage.py migrate`, with the owner's login where there is one: the application's may not change tables."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangosMigrate
from django.db import DEFAULT_DB_ALIAS, connections

from apps.core.grants import OWNER_ALIAS


class Command(DjangosMigrate):
    """Django's command; with DATABASE_OWNER_URL set it works as that login, and grants to the application's."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        if OWNER_ALIAS in connections:
            parser.set_defaults(database=OWNER_ALIAS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == DEFAULT_DB_ALIAS and OWNER_ALIAS in connections:
            raise CommandError("The application's login does not migrate: leave --database out, or name `owner`.")
        super().handle(*args, **options)
