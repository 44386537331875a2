"""Checkpoints and the daily verification, over the rows of the database."""

import heapq
from contextlib import suppress
from datetime import datetime

import structlog
from django.db import IntegrityError
from prometheus_client import Counter, Gauge

from apps.audit import anchors, canonical, chaincheck, selectors, signing
from apps.audit.chaincheck import ChainCheck, Report
from apps.audit.models import Checkpoint
from apps.audit.verifier import Malformed
from apps.core import db
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId

log = structlog.get_logger(__name__)
VERIFICATIONS = Counter("openroute_audit_verifications", "Verified audit chains by outcome", ["outcome"])
VERIFIED_AT = Gauge(
    "openroute_audit_verified_timestamp_seconds", "When a chain was last verified", multiprocess_mode="mostrecent"
)


class ChainBroken(OpenRouteError):
    """The chain does not continue from its last checkpoint as it should; nothing was signed."""

    code, status = "audit_chain_broken", 500


def verify(tenant: TenantId) -> Report:
    """Verify every entry against hashes, head, checkpoints and the copies outside; seconds per 100,000 entries.

    The head is read before and after, so that entries that are written meanwhile are no finding.
    """
    report = Report(tenant)
    first = selectors.head(tenant)
    statements = heapq.merge(selectors.stream_checkpoints(tenant), anchors.kept(tenant))
    try:
        check = ChainCheck(report, keys=signing.public_keys(), statements=statements)
        for event in selectors.stream(tenant):
            check.feed(event)
            if event.seq == first[0] and event.hash != first[1]:
                report.problem("wrong_head", f"entry {event.seq}", "The head of the chain names another hash.")
        check.end()
    except Malformed as error:
        report.problem("anchor_changed", "anchors", str(error))
    if not first[0] <= report.last_seq <= selectors.head(tenant)[0]:
        report.problem("wrong_head", f"entry {report.last_seq}", "The head of the chain names another last entry.")
    return report


def alarm(tenant: TenantId, report: Report, *, at: datetime) -> None:
    """Tell the operator: metrics always, an error in the log when the chain is not intact."""
    VERIFICATIONS.labels("intact" if report.intact else "broken").inc()
    VERIFIED_AT.set(at.timestamp())
    if report.intact:
        log.info("audit.verified", tenant=tenant, entries=report.entries, checkpoints=report.checkpoints)
        return
    codes = sorted({problem.code for problem in report.problems})
    first = report.problems[0]
    log.error("audit.not_intact", tenant=tenant, problems=len(report.problems), codes=codes, first=first.where)


def checkpoint(tenant: TenantId, *, at: datetime) -> bool:
    """Sign the end of the chain after verifying what was added since the last checkpoint; see `services.checkpoint`."""
    last = Checkpoint.objects.for_tenant(tenant).order_by("-seq").first()
    report = Report(tenant, last_seq=last.seq, last_hash=last.hash) if last else Report(tenant)
    seq, digest = selectors.head(tenant)
    check = ChainCheck(report, keys=signing.public_keys())
    for event in selectors.stream(tenant, after=report.last_seq, until=seq):
        check.feed(event)
    if not report.intact or (report.last_seq, report.last_hash) != (seq, digest):
        alarm(tenant, _with_head(report, seq), at=at)
        raise ChainBroken(f"The audit chain of tenant {tenant} is not intact; no checkpoint was signed.")
    if seq == (last.seq if last else 0):
        return False
    anchors.keep(_sign(tenant, seq, digest, at))
    return True


def _with_head(report: Report, seq: int) -> Report:
    if report.intact:
        report.problem("wrong_head", f"entry {seq}", "The head of the chain names another last entry.")
    return report


def _sign(tenant: TenantId, seq: int, digest: str, at: datetime) -> chaincheck.Checkpoint:
    signer = signing.signer()
    moment = canonical.timestamp(at)
    text = canonical.checkpoint_text(tenant=tenant, seq=seq, digest=digest, at=moment, key_id=signer.key_id)
    signature = signer.sign(text)
    with suppress(IntegrityError), db.atomic():  # another process has just signed the same end
        Checkpoint.objects.create(
            tenant_id=tenant, seq=seq, hash=digest, at=at, key_id=signer.key_id, signature=signature
        )
    return chaincheck.Checkpoint(seq, tenant, digest, moment, signer.key_id, signature)
