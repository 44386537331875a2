#!/usr/bin/env python
"""Django's command line for OpenRoute; `manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

MISSING_TABLE = "42P01"
"""PostgreSQL's code; SQLite has words only."""


def main(arguments: list[str]) -> None:
    """Run a command. A database that cannot be used is one sentence, not forty lines of calls."""
    try:
        execute_from_command_line(arguments)
    except (OperationalError, ProgrammingError) as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        has_tables = getattr(error.__cause__, "sqlstate", "") != MISSING_TABLE and "no such table" not in reason
        if "--traceback" in arguments or (has_tables and isinstance(error, ProgrammingError)):
            raise
        sys.exit(f"The database cannot be used: {reason}. {LOOK if has_tables else MIGRATE}")


LOOK = (
    "Look whether it runs and whether DATABASE_URL names it (without DATABASE_URL it is a file in the state folder);"
    " then run the command again."
)
MIGRATE = "Its tables are missing: run `manage.py migrate`, then the command again."


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.local")
    main(sys.argv)
