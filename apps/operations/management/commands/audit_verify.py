"""`manage.py audit_verify`: the offline verifier (apps/audit/verifier.py). Needs neither database nor network."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.audit import signing, verifier


class Command(BaseCommand):
    help = (
        "Verify an exported audit trail, or a receipt (--receipt FILE) by this installation's key; prints one verdict "
        "on each: 0 intact, 1 not intact, 2 nothing to verify."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verifier.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        alone = options["folder"] is None and not options["public_key"]
        code = verifier.run(argparse.Namespace(**options), own=signing.public_keys() if alone else None)
        if code:
            sys.exit(code)
