"""`manage.py demo`: load the demo company and print who can sign in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.operations.config.errors import InvalidConfiguration
from apps.operations.demo import loading


class Command(BaseCommand):
    """Load the demo company, unless it is there, and print its sign-ins."""

    help = "Load the demo company and print its sign-ins. What was changed in it since the first time stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="Print nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo = loading.load(at=clock.now())
        except InvalidConfiguration as error:
            raise CommandError("\n".join([error.detail, *map(str, error.problems)])) from error
        except loading.DemoRefused as error:
            raise CommandError(error.detail) from error
        if not options["quiet"]:
            self.stdout.write(table(demo))


def table(demo: loading.Demo) -> str:
    """The sign-ins in columns, the password they share, and the key of the developer API."""
    rows = [("company", "e-mail", "role", "teams")]
    rows += [(entry.tenant, entry.email, entry.role, entry.teams) for entry in demo.sign_ins]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([
        "Demo sign-ins, at /accounts/<company>/login/, all with the password " + demo.password,
        *(f"  {line.rstrip()}" for line in lines),
        f"Developer API at /v1 (acme, team research): Authorization: Bearer {demo.api_key}",
    ])  # fmt: skip
