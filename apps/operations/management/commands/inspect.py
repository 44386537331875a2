"""`manage.py inspect FILE.jsonl --tenant T`: what the pipeline would find in each text under the tenant's policy."""

import asyncio
import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.domain.messages import PromptMessage, Role
from apps.domain.policy import Policy
from apps.domain.privacy import Inspection, Sensitivity
from apps.domain.turn import Channel
from apps.operations import jsonl
from apps.policies import selectors as policies
from apps.privacy import services as privacy
from apps.privacy.values import Profile, Sent
from apps.tenants import selectors as tenants
from apps.tenants.values import TenantRecord


class Command(BaseCommand):
    """Reads lines `{"id", "text"}` and prints one line per line, in order; nothing is sent."""

    help = (
        'For each line {"id", "text"} of the file print {"id", "sensitive", "classified", "entities", "cpu_ms"}. '
        "A text that cannot be classified counts as sensitive."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON lines, UTF-8")
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="whose policy applies")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenants.tenant_by_slug(options["tenant"])
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        lines = list(jsonl.read(options["file"], "text", "prompt"))
        privacy.start()
        asyncio.run(self._inspect(lines, tenant, policies.current(tenant.id)))

    async def _inspect(self, lines: list[jsonl.Line], tenant: TenantRecord, policy: Policy) -> None:
        profile = Profile.of(tenant.id, policy, channel=Channel.CHAT.value, team=None)
        for line in lines:
            found = await privacy.inspect(Sent((PromptMessage(Role.USER, line["text"]),)), profile)
            self.stdout.write(json.dumps(report(line["id"], found), ensure_ascii=False))


def report(line_id: object, found: Inspection) -> jsonl.Line:
    """The published form of one result; offsets are code points, `cpu_ms` is 0 for a text that was known already."""
    return {
        "id": line_id,
        "sensitive": found.sensitivity.must_stay_inside,
        "classified": found.sensitivity is not Sensitivity.UNCLASSIFIED,
        "entities": [asdict(finding) for finding in found.newest.findings],
        "cpu_ms": round(found.cpu_ms, 3),
    }
