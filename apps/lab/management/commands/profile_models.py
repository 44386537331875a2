"""`manage.py profile_models --tenant T --suite S [--json]`: run a suite now, the same task that Celery schedules."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock, jobs
from apps.core.tenancy import use_tenant
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId, UserId
from apps.domain.money import MICRO
from apps.lab import runs, selectors
from apps.lab.results import Result
from apps.lab.values import DEFAULT_BUDGET, DEFAULT_RATE, Bounds, RunRecord, Wanted
from apps.tenants import roles
from apps.tenants import selectors as tenants
from apps.turns import background

LONGEST_PAUSE_S: Final = 2.0
HEAD: Final = ("model", "task", "mean", "95 %", "n", "failed", "skipped", "USD")


class Command(BaseCommand):
    """Asks the questions, judges the answers, and updates the profiles. Killed, a worker goes on with the run."""

    help = "Run an evaluation suite over the company's models, and print what it says of each model and task."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--suite", required=True, metavar="SLUG", help="`general` comes with the project")
        parser.add_argument("--models", nargs="+", default=[], metavar="NAME", help="default: all of the company's")
        parser.add_argument("--judge", default="", metavar="NAME", help="default: the best other permitted model")
        parser.add_argument("--budget", type=float, default=DEFAULT_BUDGET / MICRO, metavar="USD")
        parser.add_argument("--rate", type=int, default=DEFAULT_RATE, metavar="N", help="calls a minute")
        parser.add_argument("--sample", type=int, metavar="N", help="so many questions, drawn by the seed")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--user", metavar="EMAIL", help="in whose name; default: the first tenant admin")
        parser.add_argument("--json", action="store_true", help="print JSON; progress goes to the error output")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = _tenant(options["tenant"])
        wanted = Wanted(
            suite=options["suite"],
            models=tuple(options["models"]),
            judge=options["judge"],
            bounds=_bounds(options["budget"], options["rate"]),
            seed=options["seed"],
            sample=options["sample"],
        )
        with use_tenant(tenant):
            user = _asker(tenant, options["user"])
            try:
                run = runs.begin(tenant=tenant, wanted=wanted, user=user, actor=f"user:{user}", at=clock.now())
            except OpenRouteError as error:
                raise CommandError(" ".join([error.detail, *error.fields.values()])) from error
            try:
                record = self._run(tenant, run)
            finally:
                background.shutdown()
            results = selectors.table(tenant, run)
        self._print(record, results, as_json=options["json"])

    def _run(self, tenant: TenantId, run: UUID) -> RunRecord:
        """Do the work here, or watch a worker that was faster, until the run is over."""
        job = jobs.enqueue(tenant=tenant, kind=runs.JOB, subject=runs.job_of(run, 1), due_at=clock.now())
        told = -1
        while not (record := selectors.run(tenant, run)).is_over:
            worked = jobs.run_due(jobs.handlers(), worker="profile_models", stop_after=1, only=job)
            record = selectors.run(tenant, run)
            if record.done != told:
                told = record.done
                cost = record.cost / MICRO
                self.stderr.write(f"{record.done} of {record.total} answers, {record.failed} failed, {cost:.4f} USD")
            if not worked and not record.is_over:
                time.sleep(LONGEST_PAUSE_S)
        return record

    def _print(self, record: RunRecord, results: Iterable[Result], *, as_json: bool) -> None:
        if as_json:
            shown = {
                "run": str(record.id),
                "suite": record.suite,
                "version": record.version,
                "state": record.state,
                "reason": record.reason["detail"] if record.reason else None,
                "answers": record.total,
                "checked": record.checked,
                "failed": record.failed,
                "skipped": record.skipped,
                "cost_microusd": record.cost,
                "results": [_line(result) for result in results],
            }
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
            return
        rows = [HEAD, *(_row(result) for result in results)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(f"{record.state}: {record.checked} of {record.total} checked, {record.cost / MICRO:.6f} USD")
        if record.reason:
            self.stdout.write(record.reason["detail"])


def _line(result: Result) -> dict[str, Any]:
    values = asdict(result)
    values["cost_microusd"] = values.pop("cost")
    return values


def _row(result: Result) -> tuple[str, ...]:
    mean = "-" if result.mean is None else f"{result.mean:.3f}"
    interval = f"{result.low:.2f} to {result.high:.2f}" if result.n else "-"
    counts = (str(result.n), str(result.failed), str(result.skipped))
    return (result.model, result.task, mean, interval, *counts, f"{result.cost / MICRO:.6f}")


def _tenant(slug: str) -> TenantId:
    record = tenants.tenant_by_slug(slug)
    if record is None:
        raise CommandError(f"There is no tenant {slug!r}.")
    return record.id


def _bounds(usd: float, rate: int) -> Bounds:
    if usd < 0 or rate < 1:
        raise CommandError("The budget must not be below zero, and the rate at least 1.")
    return Bounds(round(usd * MICRO), rate)


def _asker(tenant: TenantId, email: str | None) -> UserId:
    """Somebody who may run evaluations."""
    if email is not None:
        person = tenants.person_by_email(tenant, email)
        if person is None:
            raise CommandError(f"There is nobody with the e-mail {email!r} in this company.")
        if not roles.allows(person, "lab.profile"):
            raise CommandError(f"{email} may not run evaluations.")
        return person.id
    may = sorted(person.id for person in tenants.people(tenant) if roles.allows(person, "lab.profile"))
    if not may:
        raise CommandError("Nobody in this company may run evaluations: it has no active tenant admin.")
    return may[0]
