"""Verbs: put a version into force, propose a change, confirm or reject what somebody else proposed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.audit import services as audit
from apps.core import db
from apps.domain.errors import OpenRouteError, PermissionRefused
from apps.domain.ids import TenantId
from apps.domain.sentences import say
from apps.policies import grammar, selectors
from apps.policies.grammar.document import KEYS, PRIVACY_KEYS
from apps.policies.models import Policy as PolicyRow
from apps.policies.models import PolicyVersion, Proposal
from apps.policies.values import ProposalRecord
from apps.tenants import roles
from apps.tenants.values import Person


class NeedsSecondPerson(PermissionRefused):
    """The change lowers or raises privacy, retention or mirroring: somebody else must confirm it."""

    code = "needs_second_person"


class PolicyMoved(OpenRouteError):
    """The policy changed since the proposal was made, or since a change was begun: look at it again."""

    code, status = "conflict", 409


def put(
    *,
    tenant: TenantId,
    document: Mapping[str, Any],
    actor: str,
    at: datetime,
    comment: str = "",
    confirmed_by: str = "",
    base: int | None = None,
) -> int:
    """Put a document into force as a new version; the same document again changes nothing. Returns the version.

    This is the verb of who may decide alone (the operator's `apply`), and the last step of `propose` and `confirm`.

    Args:
        base: the version that the document was made from; None: whatever is in force is replaced.

    Raises:
        InvalidPolicy: names every mistake by its path; nothing is changed.
        PolicyMoved: another version than `base` is in force.
    """
    grammar.parse(document, version=0)
    with db.atomic():
        row = PolicyRow.objects.for_tenant(tenant).select_for_update().first()
        _check_base(base, row.version if row else 0)
        before = selectors.document(tenant)
        if row is not None and before == dict(document):
            return row.version
        version = row.version + 1 if row else 1
        PolicyVersion.objects.create(
            tenant_id=tenant, version=version, document=dict(document), author=actor, confirmed_by=confirmed_by,
            comment=comment[:500], at=at,
        )  # fmt: skip
        PolicyRow.objects.for_tenant(tenant).update_or_create(tenant_id=tenant, defaults={"version": version})
        body = {"version": version, "changed": sorted(changed_keys(before, document))}
        audit.change(tenant=tenant, kind="policy.changed", actor=actor, subject="policy", body=body, at=at)
    return version


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Which matters of the policy differ between two documents."""
    return frozenset(key for key in KEYS if before.get(key) != after.get(key))


def _check_base(base: int | None, current: int) -> None:
    if base is None or base == current:
        return
    template = "The policy has changed meanwhile: version {version} is in force. Look at it again."
    raise PolicyMoved(say("policy_moved", template, version=current))


def propose(
    *,
    tenant: TenantId,
    document: Mapping[str, Any],
    person: Person,
    at: datetime,
    comment: str = "",
    base: int | None = None,
) -> int | ProposalRecord:
    """Change the policy as a person of the tenant.

    Args:
        base: the version that the document was made from; None: whatever is in force is replaced.

    Returns:
        the new version, when the change needs nobody else; else the proposal that waits for a second person.

    Raises:
        InvalidPolicy: names every mistake by its path.
        PermissionRefused: the role may change neither this matter nor propose it.
        PolicyMoved: another version than `base` is in force.
    """
    grammar.parse(document, version=0)
    changed = changed_keys(selectors.document(tenant), document)
    if changed - PRIVACY_KEYS:
        roles.require(person, "policies.write")
    if not changed & PRIVACY_KEYS:
        roles.require(person, "policies.write")
        return put(tenant=tenant, document=document, actor=f"user:{person.id}", at=at, comment=comment, base=base)
    if not (roles.allows(person, "policies.write") or roles.allows(person, "policies.write_privacy")):
        raise PermissionRefused
    _check_base(base, selectors.current(tenant).version)
    return _wait(tenant, document, person, sorted(changed), at, comment)


def _wait(
    tenant: TenantId, document: Mapping[str, Any], person: Person, changed: list[str], at: datetime, comment: str
) -> ProposalRecord:
    with db.atomic():
        row = Proposal.objects.create(
            tenant_id=tenant,
            document=dict(document),
            base=selectors.current(tenant).version,
            author_id=person.id,
            author_is_officer=roles.allows(person, "policies.write_privacy"),
            comment=comment[:500],
            at=at,
        )
        audit.append(
            tenant=tenant, kind="policy.proposed", actor=f"user:{person.id}", subject=f"proposal:{row.pk}",
            body={"changed": changed}, at=at,
        )  # fmt: skip
    return selectors.proposal_record(row)


def confirm(*, tenant: TenantId, proposal: int, person: Person, at: datetime) -> int:
    """Put somebody else's proposal into force. Returns the version.

    Raises:
        NeedsSecondPerson: it is the confirmer's own, or neither of the two is a compliance officer.
        PolicyMoved: the policy changed meanwhile, or the proposal was decided already.
        NotFound: there is no such proposal in this company.
    """
    with db.atomic():
        row = selectors.proposal(tenant, proposal)
        officer = roles.allows(person, "policies.write_privacy")
        if not officer and not roles.allows(person, "policies.write"):
            raise PermissionRefused
        if row.author_id == person.id:
            raise NeedsSecondPerson("Somebody else must confirm what you proposed.")
        if not (officer or row.author_is_officer):
            raise NeedsSecondPerson("One of the two must be a compliance officer.")
        if row.state != Proposal.State.WAITING or row.base != selectors.current(tenant).version:
            raise PolicyMoved("The policy has changed since this was proposed. Look at it again and propose anew.")
        _decide(row, Proposal.State.CONFIRMED, person)
        version = put(
            tenant=tenant, document=row.document, actor=f"user:{row.author_id}", at=at, comment=row.comment,
            confirmed_by=f"user:{person.id}",
        )  # fmt: skip
        _record(tenant, "policy.confirmed", person, row, at)
    return version


def reject(*, tenant: TenantId, proposal: int, person: Person, at: datetime) -> None:
    """Withdraw one's own proposal, or reject somebody else's as who could confirm it."""
    with db.atomic():
        row = selectors.proposal(tenant, proposal)
        may = roles.allows(person, "policies.write_privacy") or roles.allows(person, "policies.write")
        if row.author_id != person.id and not may:
            raise PermissionRefused
        if row.state != Proposal.State.WAITING:
            raise PolicyMoved("This proposal was decided already.")
        _decide(row, Proposal.State.REJECTED, person)
        _record(tenant, "policy.rejected", person, row, at)


def _decide(row: Proposal, state: Proposal.State, person: Person) -> None:
    row.state, row.decided_by = state, person.id
    row.save(update_fields=["state", "decided_by"])


def _record(tenant: TenantId, kind: str, person: Person, row: Proposal, at: datetime) -> None:
    audit.append(tenant=tenant, kind=kind, actor=f"user:{person.id}", subject=f"proposal:{row.pk}", body={}, at=at)
