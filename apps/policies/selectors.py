"""Reads: the policy in force as a value, its document, its history, and what waits for a second person."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, UserId
from apps.domain.policy import Policy, SensitivitySettings
from apps.policies import exceptions, grammar
from apps.policies.models import Policy as PolicyRow
from apps.policies.models import PolicyVersion, Proposal
from apps.policies.values import ProposalRecord, VersionRecord


def current(tenant: TenantId) -> Policy:
    """The policy in force, with its exceptions and the operator's floor.

    Of a tenant that never set one: the defaults, as version 0.
    """
    row = _newest(tenant)
    policy = grammar.parse(row.document, version=row.version) if row else Policy(version=0)
    policy = replace(policy, exceptions=exceptions.in_force(tenant))
    return with_floor(policy, frozenset(settings.OPENROUTE_PRIVACY_FLOOR))


def tried(document: Mapping[str, Any]) -> Policy:
    """The policy that a document would make, without putting it into force. Raises `InvalidPolicy`."""
    return with_floor(grammar.parse(document, version=0), frozenset(settings.OPENROUTE_PRIVACY_FLOOR))


def with_floor(policy: Policy, floor: frozenset[str]) -> Policy:
    """The policy with the types that the operator forces inside everywhere: no tenant can lower them (promise P25)."""
    if not floor:
        return policy
    raised = {name: _raised(profile, floor) for name, profile in policy.channels.items()}
    return replace(policy, sensitivity=_raised(policy.sensitivity, floor), channels=raised)


def _raised(profile: SensitivitySettings, floor: frozenset[str]) -> SensitivitySettings:
    return replace(profile, force_self_hosted=profile.force_self_hosted | floor, mask_types=profile.mask_types - floor)


def document(tenant: TenantId) -> dict[str, Any]:
    """The document in force; empty when the tenant never set one."""
    row = _newest(tenant)
    return dict(row.document) if row else {}


def history(tenant: TenantId, *, limit: int = 100) -> tuple[VersionRecord, ...]:
    """The newest versions first."""
    rows = PolicyVersion.objects.for_tenant(tenant).order_by("-version")[:limit]
    return tuple(_version(row) for row in rows)


def waiting(tenant: TenantId) -> tuple[ProposalRecord, ...]:
    """Changes that wait for a second person, oldest first."""
    rows = Proposal.objects.for_tenant(tenant).filter(state=Proposal.State.WAITING).order_by("at", "id")
    return tuple(proposal_record(row) for row in rows)


def proposal(tenant: TenantId, proposal_id: int) -> Proposal:
    """The row of a proposal, for the verbs of this app. Raises `NotFound`."""
    row = Proposal.objects.for_tenant(tenant).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound
    return row


def proposal_record(row: Proposal) -> ProposalRecord:
    return ProposalRecord(
        id=row.pk,
        document=_mapping(row.document),
        base=row.base,
        author=UserId(row.author_id),
        comment=row.comment,
        state=row.state,
        at=row.at,
    )


def _newest(tenant: TenantId) -> PolicyVersion | None:
    versions = PolicyRow.objects.for_tenant(tenant).values("version")
    return PolicyVersion.objects.for_tenant(tenant).filter(version__in=versions).first()


def _version(row: PolicyVersion) -> VersionRecord:
    return VersionRecord(row.version, _mapping(row.document), row.author, row.confirmed_by, row.comment, row.at)


def _mapping(value: Any) -> Mapping[str, Any]:
    return dict(value)
