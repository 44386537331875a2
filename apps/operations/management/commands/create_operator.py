"""`manage.py create_operator --email E`: the first operator, or one more."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock, db
from apps.domain.errors import OpenRouteError
from apps.identity import services as identity
from apps.tenants import services as tenants
from apps.tenants.values import PLATFORM


class Command(BaseCommand):
    help = (
        "Create an operator of the installation. The password is taken from OPERATOR_PASSWORD (or the file that "
        "OPERATOR_PASSWORD_FILE names); without it one is made and printed this once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the operator signs in with it")
        parser.add_argument("--name", default="", help="shown to people; default: the part before the @")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        given = settings.OPERATOR_PASSWORD
        password = given or secrets.token_urlsafe(18)
        try:
            create(email=email, name=name or email.partition("@")[0], password=password)
        except OpenRouteError as error:
            raise CommandError(" ".join([error.detail, *error.fields.values()])) from error
        self.stdout.write(f"Operator {email.strip().lower()} created. Sign in at /accounts/{PLATFORM}/login/")
        if not given:
            self.stdout.write(f"One-time display of the password: {password}")


def create(*, email: str, name: str, password: str) -> None:
    """Create the operator, and the operators' company when it is missing."""
    at = clock.now()
    identity.check_strength(password, email=email, name=name)
    with db.atomic():
        tenant = tenants.ensure_platform(actor="system", at=at)
        tenants.create_user(
            tenant=tenant, email=email, name=name, role="operator", password=password, actor="system", at=at
        )
