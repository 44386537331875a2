"""Copies of checkpoints outside the database, so that whoever owns the database cannot rewrite the trail unseen.

Each tenant has a file in `STATE_DIR/anchors` that is only ever appended to; with `AUDIT_ANCHOR_URL` each checkpoint is
also posted there as JSON. This is the only module of the app that opens a connection.
"""

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import IO, Final

import structlog
from django.conf import settings
from prometheus_client import Counter

from apps.audit import verifier
from apps.audit.chaincheck import Checkpoint
from apps.domain.ids import TenantId

TIMEOUT_S: Final = 5.0

log = structlog.get_logger(__name__)
FAILURES = Counter("openroute_audit_anchor_failures", "Checkpoints that could not be written outside", ["place"])


def keep(checkpoint: Checkpoint) -> None:
    """Write a checkpoint outside. A place that is away is logged and counted; the next checkpoint covers it."""
    try:
        _append(path(TenantId(checkpoint.tenant)), checkpoint.line())
    except OSError as error:
        FAILURES.labels("file").inc()
        log.error("audit.anchor_failed", place="file", tenant=checkpoint.tenant, error=type(error).__name__)
    url = getattr(settings, "AUDIT_ANCHOR_URL", "")
    if url:
        try:
            _post(url, checkpoint.line())
        except (OSError, ValueError, http.client.HTTPException) as error:
            FAILURES.labels("url").inc()
            log.error("audit.anchor_failed", place="url", tenant=checkpoint.tenant, error=type(error).__name__)


def kept(tenant: TenantId) -> Iterator[Checkpoint]:
    """The checkpoints of the tenant's file, oldest first. Raises `verifier.Malformed` when somebody wrote into it."""
    file = path(tenant)
    return verifier.checkpoints(file, source="anchor") if file.exists() else iter(())


def path(tenant: TenantId) -> Path:
    """Where the tenant's checkpoints are kept."""
    return Path(settings.STATE_DIR) / "anchors" / f"{tenant}.jsonl"


def _append(file: Path, line: str) -> None:
    """One write of a whole line, so that two processes cannot mix theirs."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A checkpoint goes where the operator said and nowhere else (promise P20)."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def _post(url: str, line: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("AUDIT_ANCHOR_URL is no http address.")
    request = urllib.request.Request(url, line.encode(), {"Content-Type": "application/json"})  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=TIMEOUT_S) as answer:
        answer.read(1)
