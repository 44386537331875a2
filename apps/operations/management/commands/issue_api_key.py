"""`manage.py issue_api_key`: a new key for a person in a team, printed once."""

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TeamId, TenantId
from apps.identity import services as identity
from apps.identity.values import SCOPES
from apps.tenants import selectors as directory

DEFAULT_SCOPES = ("chat", "models", "embeddings", "conversations")


class Command(BaseCommand):
    help = "Issue an API key and print it. It is shown this once and kept as a hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="short name of the company")
        parser.add_argument("--user", required=True, help="e-mail of the person for whom the key acts")
        parser.add_argument("--team", help="short name of the team that pays; omitted: the company's limits alone")
        parser.add_argument(
            "--scopes",
            nargs="+",
            default=list(DEFAULT_SCOPES),
            metavar="SCOPE",
            help=f"any of {', '.join(SCOPES)}, separated by blanks or commas; default: all but admin",
        )
        parser.add_argument("--name", default="command line", help="how lists name the key")
        parser.add_argument("--days", type=int, help="it ends after so many days; omitted: it has no end")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, tenant: str, user: str, team: str | None, scopes: list[str], **options: Any) -> None:
        at, days = clock.now(), options["days"]
        company, wanted = find_company(tenant), [scope for part in scopes for scope in part.split(",") if scope]
        person = directory.person_by_email(company, user)
        if person is None:
            raise CommandError(f"{tenant} has nobody with the e-mail {user}.")
        seat = find_team(company, team) if team else None
        try:
            issued = identity.issue_api_key(
                tenant=company,
                user=person.id,
                team=seat,
                name=options["name"],
                scopes=wanted,
                expires_at=at + timedelta(days=days) if days else None,
                actor="system",
                at=at,
            )
        except OpenRouteError as error:
            raise CommandError(" ".join([error.detail, *error.fields.values()])) from error
        if options["json"]:
            shown = {"id": issued.id, "key": issued.value, "tenant": tenant, "user": person.email, "team": team}
            self.stdout.write(json.dumps({**shown, "scopes": wanted}))
        else:
            self.stdout.write(issued.value)


def find_company(slug: str) -> TenantId:
    found = directory.tenant_by_slug(slug)
    if found is None:
        raise CommandError(f"There is no company {slug!r}; the configuration file creates companies.")
    return found.id


def find_team(company: TenantId, slug: str) -> TeamId:
    found = directory.team_by_slug(company, slug)
    if found is None:
        raise CommandError(f"The company has no team {slug!r}.")
    return found.id
