"""`manage.py egress_drill`: tries whether private text can get outside of this installation; the report is signed."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.domain.errors import OpenRouteError
from apps.operations.drill import running
from apps.operations.drill.running import Finding
from apps.operations.management.commands.issue_api_key import find_company


class Command(BaseCommand):
    help = (
        "Send made-up private values through every route of OpenRoute, also with the detector dead, the models inside "
        "away and the policy changed in mid-stream, against model providers on this machine that keep every byte. "
        "The signed report stands in the audit trail. One drill at a time. Exit code 1 when anything got outside."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="try the rules of this company; omitted: the default ones")
        parser.add_argument("--out", type=Path, metavar="FILE", help="also write the signed report here")
        parser.add_argument("--json", action="store_true", help="print the signed report and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_company(options["tenant"]) if options["tenant"] else None
        tell = (lambda finding: None) if options["json"] else self._show
        try:
            outcome = running.drill(tenant, tell=tell)
            report = running.record(outcome, tenant)
        except OpenRouteError as error:
            raise CommandError(" ".join([error.detail, *error.fields.values()])) from error
        text = json.dumps(report, indent=1)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        if options["json"]:
            self.stdout.write(text)
        else:
            failed = sum(not finding.passed for finding in outcome.findings)
            self.stdout.write(
                f"{outcome.canaries} private values ({', '.join(outcome.kinds)}), {outcome.leaked} seen outside; "
                f"{failed} of {len(outcome.findings)} probes failed. The report is signed and in the audit trail."
            )
        if not outcome.passed:
            sys.exit(1)

    def _show(self, finding: Finding) -> None:
        verdict = "ok" if finding.passed else "FAILED"
        self.stdout.write(f"{verdict:6} {finding.probe:22} {finding.about} ({finding.told})")
        if not finding.passed:
            seen = f"{finding.outside} requests and {finding.leaked} private values reached the sink outside"
            self.stdout.write(f"       expected: {finding.expected}; {seen}")
