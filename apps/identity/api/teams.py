"""`/api/v1/teams/`: one's own teams; admins change them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import db
from apps.domain.errors import NotFound
from apps.domain.ids import TeamId
from apps.identity.api._base import IdentityView, Limits, Strict, limits_of, shown_limits
from apps.tenants import selectors as directory
from apps.tenants import services as tenants
from apps.tenants.values import TeamRecord


class Team(serializers.Serializer[Any]):
    """A team. `models` null: all that the company has."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    models = serializers.ListField(child=serializers.CharField(), allow_null=True)
    rate_limits = Limits()


class TeamChanges(Strict):
    """What an admin may change."""

    name = serializers.CharField(max_length=200, required=False)
    models = serializers.ListField(
        child=serializers.CharField(max_length=128), required=False, allow_null=True, max_length=500
    )
    rate_limits = Limits(required=False)
    active = serializers.BooleanField(required=False)


class TeamOrder(Strict):
    """A new team. Its short name stays."""

    slug = serializers.CharField(max_length=63)
    name = serializers.CharField(max_length=200)
    models = serializers.ListField(
        child=serializers.CharField(max_length=128), required=False, allow_null=True, max_length=500, default=None
    )
    rate_limits = Limits(required=False)


class _TeamsView(IdentityView):
    def visible(self) -> tuple[TeamRecord, ...]:
        """All teams for those who look after the company, one's own for everybody else."""
        me, found = self.principal.person, directory.teams(self.tenant)
        if me.role in {"tenant_admin", "compliance_officer"}:
            return found
        return tuple(team for team in found if team.id in me.teams)


class TeamsView(_TeamsView):
    """List and create."""

    operations = {"GET": "teams.read", "POST": "teams.write"}

    @extend_schema(operation_id="teams_list", responses=Team(many=True))
    def get(self, request: Request) -> Response:
        """List the teams that one may see."""
        return self.page(self.visible(), shown)

    @extend_schema(operation_id="teams_create", request=TeamOrder, responses={201: Team})
    def post(self, request: Request) -> Response:
        """Create a team."""
        order = self.read(TeamOrder)
        team = tenants.create_team(
            tenant=self.tenant,
            slug=order["slug"],
            name=order["name"],
            models=order["models"],
            limits=limits_of(order.get("rate_limits")),
            actor=self.principal.actor,
            at=self.now,
        )
        return Response(shown(directory.team(self.tenant, team)), status=status.HTTP_201_CREATED)


class TeamView(_TeamsView):
    """One team."""

    operations = {"GET": "teams.read", "PATCH": "teams.write"}

    @extend_schema(operation_id="teams_read", responses=Team)
    def get(self, request: Request, team: int) -> Response:
        """See a team."""
        found = next((record for record in self.visible() if record.id == team), None)
        if found is None:
            raise NotFound
        return Response(shown(found))

    @extend_schema(operation_id="teams_change", request=TeamChanges, responses=Team)
    def patch(self, request: Request, team: int) -> Response:
        """Change a team; `active: false` suspends it with its keys."""
        changes, had = self.read(TeamChanges), directory.team(self.tenant, TeamId(team))
        act: dict[str, Any] = {"actor": self.principal.actor, "at": self.now}
        with db.atomic():
            tenants.update_team(
                tenant=self.tenant,
                team=had.id,
                name=changes.get("name", had.name),
                models=changes.get("models", had.models),
                limits=limits_of(changes["rate_limits"]) if "rate_limits" in changes else had.limits,
                **act,
            )
            if "active" in changes:
                switch = tenants.resume_team if changes["active"] else tenants.suspend_team
                switch(tenant=self.tenant, team=had.id, **act)
        return Response(shown(directory.team(self.tenant, had.id)))


def shown(team: TeamRecord) -> dict[str, Any]:
    return {
        "id": team.id,
        "slug": team.slug,
        "name": team.name,
        "active": team.active,
        "models": None if team.models is None else sorted(team.models),
        "rate_limits": shown_limits(team.limits),
    }
