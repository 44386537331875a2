"""`manage.py apply FILE.yaml [--dry-run] [--operator EMAIL]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.operations.config import applying, coverage, environment
from apps.operations.config.changes import Action, summary
from apps.operations.config.errors import InvalidConfiguration
from apps.privacy import services as privacy
from apps.tenants import selectors as tenants
from apps.tenants.values import PLATFORM


class Command(BaseCommand):
    """Bring the installation to what a configuration file says: all of it, or nothing."""

    help = "Apply a configuration file. It prints the difference; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Print the difference and change nothing.")
        parser.add_argument("--operator", metavar="EMAIL", help="Who acts, for the audit trail.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            configuration = applying.read(options["file"], environment.lookup)
            work = applying.apply(
                configuration, actor=_actor(options["operator"]), at=clock.now(), dry_run=options["dry_run"]
            )
        except InvalidConfiguration as error:
            raise CommandError("\n".join([error.detail, *map(str, error.problems)])) from error
        for note in coverage.unknown_types(configuration, privacy.nameable()):
            self.stderr.write(f"note: {note}")
        for change in work.changes:
            if change.action is not Action.UNCHANGED:
                self.stdout.write(str(change))
        self.stdout.write(("dry run, nothing was changed: " if options["dry_run"] else "") + summary(work.changes))
        for label, value in work.issued.items():
            self.stdout.write(f"{label}: {value}   (shown once)")


def _actor(email: str | None) -> str:
    """How the audit trail names who acts: an operator, or whoever may run commands on the server."""
    if email is None:
        return "system"
    platform = tenants.tenant_by_slug(PLATFORM)
    person = tenants.person_by_email(platform.id, email) if platform else None
    if person is None or not person.active:
        raise CommandError(f"There is no active operator {email!r}; create one with create_operator.")
    return f"operator:{person.id}"
