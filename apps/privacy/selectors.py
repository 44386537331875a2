"""Reads of privacy."""

from collections.abc import Collection, Mapping

from apps.domain.ids import TenantId
from apps.domain.privacy import Finding, Sensitivity, Verdict
from apps.privacy.models import CachedVerdict


def verdicts(tenant: TenantId, keys: Collection[str]) -> Mapping[str, Verdict]:
    """The stored verdicts among these keys, in one query."""
    rows = CachedVerdict.objects.for_tenant(tenant).filter(key__in=keys).order_by("id")
    return {
        key: Verdict(Sensitivity(sensitivity), tuple(Finding(*finding) for finding in findings))
        for key, sensitivity, findings in rows.values_list("key", "sensitivity", "findings")
    }
