"""One drill from its beginning to its report."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from apps.audit import receipts
from apps.audit import services as audit
from apps.core import clock, db
from apps.domain.errors import OpenRouteError
from apps.domain.ids import INSTALLATION, TenantId
from apps.operations.drill import api_probes, chat_probes, company, fault_probes
from apps.operations.drill.canaries import KINDS, Canary
from apps.operations.drill.client import NoAnswer
from apps.operations.drill.scene import Expected, Probe, Scene
from apps.operations.drill.sinks import HOST, Sink, served
from apps.policies import selectors as policies
from apps.privacy import services as privacy
from apps.turns import background, lifespan

PROBES: Final[Sequence[Probe]] = (
    api_probes.CONTROL, *api_probes.PROBES, *chat_probes.PROBES, *fault_probes.PROBES,
)  # fmt: skip
LATE_S: Final = 1.0
"""What was sent at the very end is given so long to arrive before the sinks are looked through."""
SLOWLY: Final = 80.0
"""Tokens a second outside: the policy is changed while an answer comes from there."""
QUICKLY: Final = 2_000.0
CHANNELS: Final = ("api", "chat")


class NothingIsPrivate(OpenRouteError):
    """The rules that are to be tried keep none of the canaries inside."""

    code, status = "nothing_is_private", 400


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe came to. `outside`: requests that reached the sink outside."""

    probe: str
    about: str
    expected: str
    told: str
    outside: int
    leaked: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole drill. `leaked`: canaries of any probe that were seen outside at its end."""

    findings: tuple[Finding, ...]
    canaries: int
    leaked: int
    kinds: tuple[str, ...]
    began_at: datetime
    ended_at: datetime

    @property
    def passed(self) -> bool:
        return not self.leaked and all(finding.passed for finding in self.findings)


def drill(tenant: TenantId | None, *, tell: Callable[[Finding], None]) -> Outcome:
    """Try to send private text outside under the rules of a company, or the default ones.

    Args:
        tell: is called with each finding as it comes.

    Raises:
        NothingIsPrivate: the rules keep neither of the canaries inside.
        InvalidConfiguration: the throw-away company was refused; nothing was changed.
    """
    privacy.start()
    rules = company.rules_of(tenant) if tenant is not None else {}
    kinds = _private_kinds(rules)
    began = clock.now()
    with (
        _reachable(),
        served(Sink(SLOWLY)) as outside,
        served(Sink(QUICKLY)) as inside,
        company.founded(rules, outside=outside, inside=inside, at=began) as founded,
    ):
        scene = Scene(import_string(settings.ASGI_APPLICATION), founded, outside, inside, kinds)
        try:
            findings = background.run(_all(scene, tell))
        finally:
            background.run(lifespan.shutdown())
    return Outcome(
        findings, len(scene.planted), _leaked(scene, scene.planted), tuple(sorted({made().kind for made in kinds})),
        began, clock.now(),
    )  # fmt: skip


def record(outcome: Outcome, tenant: TenantId | None) -> dict[str, Any]:
    """Sign the report, and put what it says into the audit trail, whose end is signed as well; returns the report."""
    chain, body = tenant if tenant is not None else INSTALLATION, _report(outcome, tenant)
    signed = receipts.sign(body)
    digest = hashlib.sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()
    failed = [finding.probe for finding in outcome.findings if not finding.passed]
    entry = {
        "passed": outcome.passed, "probes": len(outcome.findings), "canaries": outcome.canaries,
        "leaked": outcome.leaked, "failed": failed, "report": digest,
    }  # fmt: skip
    with db.atomic():
        audit.append(
            tenant=chain, kind="egress.drilled", actor="system", subject=f"tenant:{chain}", body=entry, at=clock.now()
        )
    audit.checkpoint(chain, at=clock.now())
    return signed


def _report(outcome: Outcome, tenant: TenantId | None) -> dict[str, Any]:
    return {
        "kind": "egress_drill",
        "tenant": tenant,
        "policy_version": policies.current(tenant).version if tenant is not None else None,
        "detector": privacy.coverage().mode,
        "private": list(outcome.kinds),
        "began_at": outcome.began_at.isoformat(),
        "ended_at": outcome.ended_at.isoformat(),
        "canaries": outcome.canaries,
        "leaked": outcome.leaked,
        "passed": outcome.passed,
        "probes": [asdict(finding) for finding in outcome.findings],
    }


async def _all(scene: Scene, tell: Callable[[Finding], None]) -> tuple[Finding, ...]:
    findings = []
    async for finding in _each(scene):
        tell(finding)
        findings.append(finding)
    await asyncio.sleep(LATE_S)
    return tuple(findings)


async def _each(scene: Scene) -> AsyncIterator[Finding]:
    for probe in PROBES:
        planted, told, is_answered = len(scene.planted), dict[str, None](), True
        scene.mark()
        scenes = [replace(scene, kind=kind) for kind in scene.kinds] if probe.per_kind else [scene]
        for answer in await asyncio.gather(*map(probe.run, scenes), return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, NoAnswer):
                raise answer
            is_answered &= not isinstance(answer, NoAnswer)
            told[str(answer)] = None
        leaked, outside = _leaked(scene, scene.planted[planted:]), scene.sent_outside
        passed = is_answered and not leaked and _holds(probe.expected, outside)
        yield Finding(probe.name, probe.about, str(probe.expected), "; ".join(told), outside, leaked, passed)


def _holds(expected: Expected, outside: int) -> bool:
    match expected:
        case Expected.OUTSIDE:
            return outside > 0
        case Expected.NOTHING:
            return outside == 0
        case Expected.NO_CANARY:
            return True


def _leaked(scene: Scene, planted: Sequence[Canary]) -> int:
    requests = scene.outside.requests
    return sum(any(canary.is_in(request) for request in requests) for canary in planted)


def _private_kinds(rules: Mapping[str, Any]) -> list[Callable[[], Canary]]:
    """The canaries that these rules keep inside on every channel."""
    policy = policies.tried(rules)
    forced = [policy.sensitivity_for(channel=channel, team=None).force_self_hosted for channel in CHANNELS]
    kinds = [kind for kind in KINDS if all(kind().kind in types for types in forced)]
    if not kinds:
        raise NothingIsPrivate("These rules keep no IBAN, secret, card or e-mail address inside: see the policy.")
    return kinds


@contextmanager
def _reachable() -> Iterator[None]:
    """The sinks are on this machine, which models must not be: in this process they may."""
    before = settings.OUTBOUND_ALLOW_HOSTS
    _allow([*before, HOST])
    try:
        yield
    finally:
        _allow(before)


def _allow(hosts: Sequence[str]) -> None:
    settings.OUTBOUND_ALLOW_HOSTS = list(hosts)
    setting_changed.send(None, setting="OUTBOUND_ALLOW_HOSTS", value=hosts, enter=True)
