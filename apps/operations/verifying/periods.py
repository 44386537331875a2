"""Budget periods against what their reservations and the ledger add up to."""

from collections.abc import Iterator

from apps.audit import selectors as audit
from apps.budgets import selectors as budgets
from apps.budgets.values import PeriodSums
from apps.domain.ids import TenantId
from apps.operations.verifying.findings import Finding, Violation


def check(tenant: TenantId, finding: Finding) -> None:
    """Look at every period of a company."""
    for sums in budgets.period_sums(tenant):
        finding.looked += 1
        finding.add(Violation(f"period {sums.period}", sentence) for sentence in _sentences(tenant, sums))


def _sentences(tenant: TenantId, sums: PeriodSums) -> Iterator[str]:
    if min(sums.limit, sums.carried, sums.spent, sums.reserved) < 0:
        yield f"A figure is negative: limit {sums.limit}, spent {sums.spent}, reserved {sums.reserved}."
    if sums.spent != sums.carried + sums.booked:
        yield f"{sums.spent} is spent, and the ledger holds {sums.carried + sums.booked}."
    if sums.reserved != sums.held:
        yield f"{sums.reserved} is reserved, and open reservations hold {sums.held}."
    used = sums.spent + sums.reserved
    if used > sums.limit and used > _highest_limit(tenant, sums) + sums.carried:
        yield f"{used} is spent or reserved, above the limit of {sums.limit}."


def _highest_limit(tenant: TenantId, sums: PeriodSums) -> int:
    """A limit may be lowered below what is spent. The trail tells how high it has been."""
    limits = [sums.limit]
    for body in audit.bodies(tenant, f"budget:{sums.budget}"):
        limits += [limit for limit in (body.get("limit"), body.get("before")) if isinstance(limit, int)]
    return max(limits)
