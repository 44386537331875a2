"""Suites: the shipped one and those that companies upload. A new upload under a known name is a new version."""

import hashlib
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from apps.audit import services as audit
from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TenantId, UserId
from apps.lab.models import Suite, SuiteVersion
from apps.lab.values import GENERAL, SuiteRecord
from apps.routing import evaluation
from apps.routing.evaluation import Question

GENERAL_NAME = "General questions over all tasks"
KEPT_PARSED = 16


def upload(
    *, tenant: TenantId, slug: str, name: str, lines: str, user: UserId, actor: str, at: datetime
) -> SuiteRecord:
    """Store a suite, or a new version of it; the same questions again change nothing.

    Args:
        lines: JSONL, one question a line (see `routing.engine.evaluation.questions`).

    Raises:
        SuiteRefused: lines are wrong; `fields` names each by its number. Nothing was stored.
        InvalidRequest: the name is that of the shipped suite.
    """
    if slug == GENERAL:
        raise InvalidRequest("This name belongs to the shipped suite.", fields={"slug": "belongs to the shipped suite"})
    questions = evaluation.parse(_lines(lines))
    with db.atomic():
        suite = _locked(tenant, slug, name=name, created_at=at)
        newest = _newest(suite)
        if newest is not None and newest.digest == _digest(lines):
            return _record(suite, newest)
        Suite.objects.for_tenant(tenant).filter(pk=suite.pk).update(name=name)
        suite.name = name
        version = _version(suite, lines, len(questions), newest.number + 1 if newest else 1, user, at)
        body = {"version": version.number, "questions": version.questions, "digest": version.digest[:16]}
        audit.append(tenant=tenant, kind="suite.uploaded", actor=actor, subject=f"suite:{suite.pk}", body=body, at=at)
    return _record(suite, version)


def version_for(*, tenant: TenantId, slug: str, at: datetime) -> SuiteVersion:
    """The newest version of a suite, to be run. The shipped one is stored the first time. Raises `NotFound`."""
    if slug == GENERAL:
        return _shipped(tenant, at)
    suite = Suite.objects.for_tenant(tenant).filter(slug=slug).first()
    newest = _newest(suite) if suite else None
    if newest is None:
        raise NotFound(f"There is no suite {slug!r}.")
    return newest


def listed(tenant: TenantId) -> tuple[SuiteRecord, ...]:
    """All suites by their names, the shipped one first."""
    rows = SuiteVersion.objects.for_tenant(tenant).select_related("suite").order_by("suite__slug", "-number")
    newest: dict[str, SuiteRecord] = {}
    for row in rows.defer("lines"):
        newest.setdefault(row.suite.slug, _record(row.suite, row))
    shipped = _unused_shipped()
    newest.setdefault(GENERAL, shipped)
    if newest[GENERAL].digest != shipped.digest:  # this version of the project has other questions
        newest[GENERAL] = shipped
    return tuple(sorted(newest.values(), key=lambda record: (not record.shipped, record.slug)))


def found(tenant: TenantId, slug: str) -> tuple[SuiteRecord, tuple[Question, ...]]:
    """A suite with its questions. Raises `NotFound`."""
    record = next((record for record in listed(tenant) if record.slug == slug), None)
    if record is None:
        raise NotFound
    if slug == GENERAL:
        return record, _parsed(record.digest, _general_lines())
    row = SuiteVersion.objects.for_tenant(tenant).get(suite__slug=slug, number=record.version)
    return record, questions_of(row)


def questions_of(version: SuiteVersion) -> tuple[Question, ...]:
    """The questions of a stored version, in order."""
    return _parsed(version.digest, version.lines)


@lru_cache(maxsize=KEPT_PARSED)
def _parsed(digest: str, lines: str) -> tuple[Question, ...]:
    return evaluation.parse(_lines(lines))


def _lines(text: str) -> list[str]:
    """JSONL ends a line with a line feed alone: other separators, such as U+2028, may stand in a text of JSON."""
    return text.split("\n")


@lru_cache(maxsize=1)
def _general_lines() -> str:
    return evaluation.GENERAL.read_text(encoding="utf-8")


def _unused_shipped() -> SuiteRecord:
    lines = _general_lines()
    digest = _digest(lines)
    return SuiteRecord(GENERAL, GENERAL_NAME, True, 1, len(_parsed(digest, lines)), digest, None)


def _shipped(tenant: TenantId, at: datetime) -> SuiteVersion:
    """The shipped suite as this version of the project has it."""
    lines = _general_lines()
    with db.atomic():
        suite = _locked(tenant, GENERAL, name=GENERAL_NAME, shipped=True, created_at=at)
        newest = _newest(suite)
        if newest is not None and newest.digest == _digest(lines):
            return newest
        count = len(_parsed(_digest(lines), lines))
        return _version(suite, lines, count, newest.number + 1 if newest else 1, None, at)


def _locked(tenant: TenantId, slug: str, **values: object) -> Suite:
    """The suite, made where it is missing; nobody else adds a version to it until the end of the transaction."""
    of_tenant = Suite.objects.for_tenant(tenant)
    suite, _ = of_tenant.get_or_create(slug=slug, defaults={"tenant_id": tenant, **values})
    return of_tenant.select_for_update().get(pk=suite.pk)


def _version(suite: Suite, lines: str, questions: int, number: int, user: UserId | None, at: datetime) -> SuiteVersion:
    return SuiteVersion.objects.create(
        tenant_id=suite.tenant_id, suite=suite, number=number, digest=_digest(lines), questions=questions,
        lines=lines, created_by_id=user, created_at=at,
    )  # fmt: skip


def _newest(suite: Suite) -> SuiteVersion | None:
    rows: QuerySet[SuiteVersion] = SuiteVersion.objects.for_tenant(TenantId(suite.tenant_id)).filter(suite=suite)
    return rows.order_by("-number").first()


def _digest(lines: str) -> str:
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def _record(suite: Suite, version: SuiteVersion) -> SuiteRecord:
    return SuiteRecord(
        slug=suite.slug,
        name=suite.name,
        shipped=suite.shipped,
        version=version.number,
        questions=version.questions,
        digest=version.digest,
        created_at=version.created_at,
    )
