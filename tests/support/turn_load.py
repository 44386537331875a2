"""Turns through a writer, with the real planner: tenants to pay for them, one turn after the other, and the sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS, transaction

from apps.audit.models import AuditEvent, AuditHead
from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry
from apps.core import clock
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId, UserId
from apps.domain.turn import Principal
from apps.tenants.models import Tenant
from apps.turns.operations import OpenTurn
from tests.support.turn_values import candidate, opening, ranked, request

COST = 50
"""Micro-dollars that the one attempt of `turn_values.attempt` costs."""


@dataclass(frozen=True)
class Payer:
    """A tenant with its audit chain and two budget periods, which every turn of it reserves in."""

    tenant: TenantId
    periods: tuple[int, ...]

    def question(self) -> OpenTurn:
        """A question that the tenant's snapshot permits."""
        asked = request(principal=Principal(self.tenant, UserId(5)), team=None)
        return opening(ranked(candidate(), periods=self.periods), request=asked, config_version=0)


def payers(count: int, *, using: str = DEFAULT_DB_ALIAS) -> list[Payer]:
    """Make so many tenants, with limits that are never reached."""
    now, made = clock.now(), []
    with transaction.atomic(using=using), all_tenants():
        for _ in range(count):
            number = Tenant.objects.using(using).count()
            tenant = Tenant.objects.using(using).create(slug=f"load-{number}", name="Load", created_at=now)
            AuditHead.objects.using(using).get_or_create(tenant_id=tenant.pk)
            periods = []
            for kind in ("month", "day"):
                budget = Budget.objects.using(using).create(tenant=tenant, period=kind, limit=10**15)
                period = BudgetPeriod.objects.using(using).create(
                    tenant=tenant, budget=budget, kind=kind, scope="the company", starts=now,
                    ends=now + timedelta(days=1), limit=10**15,
                )  # fmt: skip
                periods.append(period.pk)
            made.append(Payer(TenantId(tenant.pk), tuple(periods)))
    return made


def check(made: Sequence[Payer], *, using: str = DEFAULT_DB_ALIAS) -> tuple[int, int]:
    """Every turn of these tenants is settled once, the sums agree and no chain has a gap; returns turns and entries."""
    with all_tenants():
        booked, entries = 0, 0
        for payer in made:
            turns = LedgerEntry.objects.using(using).filter(tenant_id=payer.tenant).count()
            figures = BudgetPeriod.objects.using(using).filter(pk__in=payer.periods).values_list("spent", "reserved")
            assert list(figures) == [(turns * COST, 0)] * len(payer.periods), (payer, turns, list(figures))
            entries += _check_chain(payer, using)
            booked += turns
    return booked, entries


def _check_chain(payer: Payer, using: str) -> int:
    head = AuditHead.objects.using(using).get(tenant_id=payer.tenant)
    events = AuditEvent.objects.using(using).filter(tenant_id=payer.tenant).order_by("seq")
    links = list(events.values_list("seq", "prev_hash", "hash"))
    assert [seq for seq, _, _ in links] == list(range(1, head.seq + 1))
    hashes = ["0" * 64, *(digest for _, _, digest in links)]
    assert [previous for _, previous, _ in links] == hashes[:-1]
    assert head.hash == hashes[-1]
    return len(links)
