"""`/api/v1/people/`: who belongs to the company; admins change it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId, UserId
from apps.identity import services
from apps.identity.api._base import IdentityView, Lazy, Limits, Seat, Strict, limits_of, shown_limits
from apps.identity.api_auth import refuse
from apps.tenants import roles
from apps.tenants import selectors as directory
from apps.tenants import services as tenants
from apps.tenants.services import LOCALES
from apps.tenants.values import MembershipRecord, Person

ROLES = ["employee", "tenant_admin", "compliance_officer", "operator"]


class PersonShown(serializers.Serializer[Any]):
    """Somebody of the company; the first membership is the default team."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    active = serializers.BooleanField()
    locale = serializers.CharField()
    memberships = Seat(many=True)
    rate_limits = Limits()


class PersonChanges(Strict):
    """What an admin may change. A role may be given and taken as the published table says, never one's own."""

    name = serializers.CharField(max_length=200, required=False)
    role = serializers.ChoiceField(choices=ROLES, required=False)
    active = serializers.BooleanField(required=False)
    locale = serializers.ChoiceField(choices=sorted(LOCALES), required=False)
    memberships = serializers.ListField(child=Seat(), max_length=200, required=False)
    rate_limits = Limits(required=False)


class PersonOrder(Strict):
    """A new person. Without a password he cannot sign in with one."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(choices=ROLES, default="employee")
    locale = serializers.ChoiceField(choices=sorted(LOCALES), default="en")
    memberships = serializers.ListField(child=Seat(), max_length=200, required=False, default=list)
    rate_limits = Limits(required=False)
    password = serializers.CharField(max_length=1024, required=False, write_only=True, trim_whitespace=False)


class _PeopleView(IdentityView):
    def sees_all(self) -> bool:
        return self.principal.person.role in {"tenant_admin", "compliance_officer"}

    def shown(self, user: UserId) -> dict[str, Any]:
        person = directory.person(self.tenant, user)
        return shown(person, directory.memberships(self.tenant, user))

    def check_grant(self, before: str | None, after: str) -> None:
        """Refuse a change of role that the table does not give to this person, on record."""
        me = self.principal.person
        wanted = {role for role in (before, after) if role is not None}
        if not all(roles.may_grant(me, role) for role in wanted):
            refuse(self.principal, "roles.grant", "Your role does not permit to give or take this role.")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PeopleView(_PeopleView):
    """List and create."""

    operations = {"GET": "people.read", "POST": "people.write"}

    @extend_schema(
        operation_id="people_list",
        parameters=[
            OpenApiParameter("search", str, description="Part of a name or an e-mail address."),
            OpenApiParameter("team", int, description="Only the members of this team."),
        ],
        responses=PersonShown(many=True),
    )
    def get(self, request: Request) -> Response:
        """List people by name; team admins see the members of their teams."""
        search = request.query_params.get("search", "")[:200]
        teams = None if self.sees_all() else self.principal.person.admin_of
        if (team := request.query_params.get("team")) is not None:
            teams = frozenset({self._visible_team(team, teams)})

        def load(offset: int, limit: int) -> tuple[Sequence[dict[str, Any]], int]:
            page = directory.people_page(self.tenant, offset=offset, limit=limit, search=search, teams=teams)
            return [shown(person, page.seats.get(person.id, ())) for person in page.people], page.total

        return self.page(Lazy(load), dict)

    def _visible_team(self, asked: str, visible: frozenset[TeamId] | None) -> TeamId:
        """The team that was asked for; one that may not be seen answers like one that does not exist."""
        if not asked.isascii() or not asked.isdigit() or len(asked) > 18:
            raise InvalidRequest("The team is not usable.", fields={"team": "The id of a team."})
        team = directory.team(self.tenant, TeamId(int(asked))).id
        if visible is not None and team not in visible:
            raise NotFound
        return team

    @extend_schema(operation_id="people_create", request=PersonOrder, responses={201: PersonShown})
    def post(self, request: Request) -> Response:
        """Create a person."""
        order = self.read(PersonOrder)
        act: dict[str, Any] = {"actor": self.principal.actor, "at": self.now}
        self.check_grant(None, order["role"])
        password = order.get("password")
        if password is not None:
            services.check_strength(password, email=order["email"], name=order["name"])
        with db.atomic():
            user = tenants.create_user(
                tenant=self.tenant,
                email=order["email"],
                name=order["name"],
                role=order["role"],
                password=password,
                locale=order["locale"],
                limits=limits_of(order.get("rate_limits")),
                **act,
            )
            seats = seats_of(order["memberships"])
            tenants.set_memberships(tenant=self.tenant, user=user, memberships=seats, **act)
        return Response(self.shown(user), status=status.HTTP_201_CREATED)


class PersonView(_PeopleView):
    """One person."""

    operations = {"GET": "people.read", "PATCH": "people.write"}

    @extend_schema(operation_id="people_read", responses=PersonShown)
    def get(self, request: Request, user: int) -> Response:
        """See a person."""
        person = directory.person(self.tenant, UserId(user))
        seats = directory.memberships(self.tenant, person.id)
        if not self.sees_all() and not {seat.team for seat in seats} & self.principal.person.admin_of:
            raise NotFound
        return Response(shown(person, seats))

    @extend_schema(operation_id="people_change", request=PersonChanges, responses=PersonShown)
    def patch(self, request: Request, user: int) -> Response:
        """Change a person; `active: false` ends sessions, keys and running answers within 5 seconds."""
        changes, had = self.read(PersonChanges), directory.person(self.tenant, UserId(user))
        if "role" in changes and changes["role"] != had.role:
            self.check_grant(had.role, changes["role"])
            if had.id == self.principal.person.id:
                refuse(self.principal, "roles.grant", "Nobody changes his own role.")
        self._change(had, changes, self.now)
        return Response(self.shown(had.id))

    def _change(self, had: Person, changes: dict[str, Any], at: datetime) -> None:
        who: dict[str, Any] = {"tenant": self.tenant, "user": had.id, "actor": self.principal.actor, "at": at}
        with db.atomic():
            tenants.update_user(
                email=had.email,
                name=changes.get("name", had.name),
                locale=changes.get("locale", had.locale),
                limits=limits_of(changes["rate_limits"]) if "rate_limits" in changes else had.limits,
                **who,
            )
            if "role" in changes:
                tenants.set_role(role=changes["role"], **who)
            if "memberships" in changes:
                tenants.set_memberships(memberships=seats_of(changes["memberships"]), **who)
            if "active" in changes:
                tenants.set_active(active=changes["active"], **who)


def seats_of(values: Sequence[dict[str, Any]]) -> list[MembershipRecord]:
    return [MembershipRecord(team=TeamId(value["team"]), admin=value["admin"]) for value in values]


def shown(person: Person, seats: Sequence[MembershipRecord]) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "active": person.active,
        "locale": person.locale,
        "memberships": [{"team": seat.team, "admin": seat.admin} for seat in seats],
        "rate_limits": shown_limits(person.limits),
    }
