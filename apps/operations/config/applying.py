"""One run from a file to the database: read, check everything, then change everything in one transaction or nothing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.audit import services as audit
from apps.core import db
from apps.core.tenancy import use_tenant
from apps.domain.errors import InvalidRequest
from apps.domain.ids import INSTALLATION, TenantId
from apps.operations.config import companies, installation, load, references, schema
from apps.operations.config.changes import Action, Change
from apps.operations.config.document import Configuration
from apps.operations.config.errors import InvalidConfiguration, Problem
from apps.operations.config.references import Known, KnownTenant
from apps.operations.config.shape import Environment, Mark
from apps.operations.config.work import Work
from apps.policies import grammar
from apps.providers import selectors as providers
from apps.providers.outbound import ADAPTERS
from apps.tenants import selectors as tenants


class _DryRun(Exception):
    """Ends the transaction of a dry run."""


def read(path: Path, environment: Environment) -> Configuration:
    """`prepare` for a file. Raises `InvalidConfiguration`."""
    return prepare(load.read(path), environment)


def prepare(data: Any, environment: Environment) -> Configuration:
    """Plain data as a configuration that is well-formed and whose names are all known.

    Raises:
        InvalidConfiguration: names every problem by its path; problems of form come before unknown names, which
            cannot be told while the form is wrong.
    """
    configuration = schema.validate(data, environment)
    problems = [*references.check(configuration, _known(configuration)), *_policies(configuration)]
    if problems:
        raise InvalidConfiguration(sorted(problems))
    return configuration


def apply(configuration: Configuration, *, actor: str, at: datetime, dry_run: bool = False) -> Work:
    """Bring the database to what the file says, and say what changed. A second run changes nothing.

    With `dry_run` everything is tried and rolled back.

    Raises:
        InvalidConfiguration: a service refused; nothing was changed.
    """
    work = Work(actor=actor, at=at)
    try:
        with db.atomic():
            _apply(work, configuration)
            if dry_run:
                raise _DryRun
    except _DryRun:
        work.issued.clear()
    return work


def _apply(work: Work, configuration: Configuration) -> None:
    with use_tenant(INSTALLATION):
        installation.apply(work, configuration)
    _record(work, INSTALLATION, work.changes)
    for place, entry in enumerate(configuration.tenants):
        before = len(work.changes)
        tenant = companies.apply(work, entry, f"tenants[{place}]")
        _record(work, tenant, work.changes[before:])


def _record(work: Work, tenant: TenantId, changes: list[Change]) -> None:
    """The operator's act in the chain of whom it concerns; what it consisted of is recorded by each service."""
    counts = {action.value: sum(change.action is action for change in changes) for action in Action}
    del counts[Action.UNCHANGED.value]
    if any(counts.values()):
        body = {"by": "operator", **counts}
        audit.append(tenant=tenant, kind="configuration.applied", actor=work.actor, body=body, at=work.at)


def _known(configuration: Configuration) -> Known:
    records = {entry.slug: tenants.tenant_by_slug(entry.slug) for entry in configuration.tenants}
    return Known(
        adapters=frozenset(ADAPTERS),
        providers=frozenset(record.name for record in providers.providers()),
        models=frozenset(str(model["name"]) for model in providers.models()),
        tenants={slug: _known_tenant(record.id) for slug, record in records.items() if record is not None},
    )


def _known_tenant(tenant: TenantId) -> KnownTenant:
    return KnownTenant(
        teams=frozenset(team.slug for team in tenants.teams(tenant)),
        emails=frozenset(person.email for person in tenants.people(tenant)),
    )


def _policies(configuration: Configuration) -> list[Problem]:
    """What the policies app has to say about the documents, at their places in the file."""
    problems: list[Problem] = []
    for place, tenant in enumerate(configuration.tenants):
        if isinstance(tenant.policy, Mark):
            continue
        try:
            grammar.parse(tenant.policy, version=0)
        except InvalidRequest as error:
            told: Mapping[str, str] = error.fields or {"": error.detail}
            path = f"tenants[{place}].policy"
            problems += [Problem(f"{path}.{name}" if name else path, sentence) for name, sentence in told.items()]
    return problems
