"""`manage.py verify_stores`: whether audit trail, budgets, turns, messages, outbox and jobs agree with one another."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.domain.ids import INSTALLATION
from apps.operations.verifying import running
from apps.operations.verifying.bills import Bills, BillsUnreadable
from apps.operations.verifying.findings import Finding
from apps.operations.verifying.running import Company
from apps.tenants import selectors as directory


class Command(BaseCommand):
    """Compare all stores with one another, reading only, beside a running server; exit code 1 when one is wrong."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this company; omitted: all, and the installation")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")
        parser.add_argument("--bills", type=Path, metavar="FILE", help="what providers billed, as JSON lines")

    def handle(self, *args: Any, **options: Any) -> None:
        companies, path = _companies(options["tenant"]), options["bills"]
        failed = checks = 0
        try:
            with Bills(path) if path else nullcontext() as bills:
                whole = options["tenant"] is None
                for finding in running.verify(companies, now=clock.now(), bills=bills, whole=whole):
                    checks, failed = checks + 1, failed + (not finding.passed)
                    self._show(finding, as_json=options["json"])
        except BillsUnreadable as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps({"checks": checks, "failed": failed, "passed": not failed}))
        else:
            self.stdout.write(f"{failed} of {checks} checks failed." if failed else f"All {checks} checks passed.")
        if failed:
            sys.exit(1)

    def _show(self, finding: Finding, *, as_json: bool) -> None:
        for line in [json.dumps(_object(finding))] if as_json else _lines(finding):
            self.stdout.write(line)


def _companies(slug: str | None) -> list[Company]:
    if slug is None:
        return [Company(INSTALLATION, "installation"), *(Company(each.id, each.slug) for each in directory.tenants())]
    found = directory.tenant_by_slug(slug)
    if found is None:
        raise CommandError(f"There is no company {slug!r}.")
    return [Company(found.id, found.slug)]


def _lines(finding: Finding) -> Iterator[str]:
    verdict = "ok" if finding.passed else f"{finding.count} VIOLATIONS"
    yield f"{finding.company}: {finding.check}: {finding.looked} {finding.what}, {verdict}"
    for violation in finding.violations:
        yield f"  {violation.subject}: {violation.sentence}"
    if finding.count > len(finding.violations):
        yield f"  ... and {finding.count - len(finding.violations)} more"


def _object(finding: Finding) -> dict[str, Any]:
    return {
        "tenant": finding.company,
        "check": finding.check,
        "looked_at": finding.looked,
        "passed": finding.passed,
        "violations": finding.count,
        "listed": [violation._asdict() for violation in finding.violations],
    }
