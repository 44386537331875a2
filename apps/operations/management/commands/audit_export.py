"""`manage.py audit_export`: a company's whole audit trail in a folder that `audit_verify` accepts."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import services as audit
from apps.core import clock
from apps.domain.errors import OpenRouteError
from apps.domain.ids import INSTALLATION, TenantId
from apps.tenants import selectors as directory


class Command(BaseCommand):
    help = "Export an audit trail with its signed checkpoints. The export is itself on record."

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", help="short name of the company")
        whose.add_argument("--installation", action="store_true", help="the trail of the installation itself")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new or empty folder")

    def handle(self, *, tenant: str | None, out: Path, **options: Any) -> None:
        chain = _chain(tenant) if tenant else INSTALLATION
        try:
            exported = audit.export(tenant=chain, out_dir=out, actor="system", at=clock.now())
        except OpenRouteError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Nothing of it can be trusted.") from error
        self.stdout.write(f"{exported.entries} entries in {exported.folder}")
        self.stdout.write(f"Signed by key {exported.key_id}; public key {exported.public_key}")
        self.stdout.write(f"Verify: manage.py audit_verify {exported.folder} --public-key {exported.public_key}")


def _chain(slug: str) -> TenantId:
    record = directory.tenant_by_slug(slug)
    if record is None:
        raise CommandError(f"There is no company with the short name {slug}.")
    return record.id
