"""The load behind `bench_writer`: needs a configured Django and an empty database."""

import asyncio
import statistics
import time
from datetime import timedelta

from django.core.management import call_command
from django.db import connection

from apps.audit.models import AuditEvent, AuditHead
from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry
from apps.core import clock, db
from apps.core.store import BlockingStore
from apps.core.tenancy import all_tenants
from apps.core.writer import Writer
from apps.domain.ids import UserId
from apps.domain.turn import Principal
from apps.tenants.models import Tenant
from apps.turns.lifespan import calm_collector
from apps.turns.plan import TurnPlanner
from tests.benchmarks.tables import Cell
from tests.support.turn_values import attempt, candidate, closing, opening, ranked, request

_periods: tuple[int, ...] = ()
_tenant = 0


def database() -> str:
    """Migrate, make one tenant with two budgets, and say what is measured on."""
    global _periods, _tenant
    call_command("migrate", verbosity=0)
    now = clock.now()
    with db.atomic(), all_tenants():
        tenant = Tenant.objects.create(slug="bench", name="Bench", created_at=now)
        AuditHead.objects.get_or_create(tenant_id=tenant.pk)
        made = []
        for kind in ("month", "day"):
            budget = Budget.objects.create(tenant=tenant, period=kind, limit=10**15)
            made.append(
                BudgetPeriod.objects.create(
                    tenant=tenant, budget=budget, kind=kind, scope="the company", starts=now,
                    ends=now + timedelta(days=1), limit=10**15,
                )
            )  # fmt: skip
    calm_collector()  # as every serving process does
    _periods, _tenant = tuple(period.pk for period in made), tenant.pk
    version = ".".join(map(str, connection.Database.sqlite_version_info)) if connection.vendor == "sqlite" else ""
    return f"{connection.vendor} {version}".strip()


def tenant() -> int:
    """Whose turns the load opens and closes."""
    return _tenant


async def run(turns: int, concurrency: int) -> list[Cell]:
    """Open and close so many turns; concurrency, turns/s, CPU ms a turn, p50 and p99 ms, operations a commit."""
    writer = Writer(BlockingStore(TurnPlanner()), now=clock.now)
    writer.start()
    entry = ranked(candidate(), periods=_periods)
    left = iter(range(turns))
    latencies: list[float] = []

    async def worker() -> None:
        for _ in left:
            started = time.perf_counter()
            asked = request(principal=Principal(_tenant, UserId(5)), team=None)
            operation = opening(entry, request=asked, config_version=0)
            await writer.submit(operation)
            await writer.submit(closing(operation, attempt()), patient=True)
            latencies.append((time.perf_counter() - started) * 1000)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await writer.drain()
    p99 = statistics.quantiles(latencies, n=100)[98]
    size = writer.operations / writer.batches
    return [concurrency, turns / wall, 1000 * cpu / turns, statistics.median(latencies), p99, size]


def check() -> None:
    """What was measured is also right: the ledger equals the periods, and the chain has no gap."""
    with all_tenants():
        booked = LedgerEntry.objects.count()
        events = AuditEvent.objects.filter(tenant_id=_tenant).count()
        periods = BudgetPeriod.objects.values_list("spent", "reserved")
        head = AuditHead.objects.get(tenant_id=_tenant)
        assert all((spent, reserved) == (booked * 50, 0) for spent, reserved in periods), list(periods)
        assert head.seq == events == 2 * booked, (head.seq, events, booked)
    print(f"checked: {booked} ledger entries, {events} audit entries, both budgets settled")
