"""`/api/v1/me/`: who am I?"""

from typing import Any

from allauth.core import ratelimit
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.domain.errors import RateLimited
from apps.identity import services
from apps.identity.api._base import IdentityView, Strict, shown_limits
from apps.identity.api_auth import refuse
from apps.tenants import roles
from apps.tenants import selectors as directory
from apps.tenants import services as tenants
from apps.tenants.services import LOCALES


class MyTenant(serializers.Serializer[Any]):
    """The company."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()


class MyTeam(serializers.Serializer[Any]):
    """A team of mine; `admin` tells whether I administer it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    admin = serializers.BooleanField()


class Me(serializers.Serializer[Any]):
    """Oneself: person, company, teams (the first is the default), and what one may do."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=["employee", "tenant_admin", "compliance_officer", "operator"])
    locale = serializers.CharField()
    tenant = MyTenant()
    teams = MyTeam(many=True)
    operations = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    rate_limits = serializers.DictField(child=serializers.IntegerField(allow_null=True))


class MyChanges(Strict):
    """What one may change of oneself."""

    locale = serializers.ChoiceField(choices=sorted(LOCALES), required=False)


class PasswordChange(Strict):
    """The current password proves that the person is still there."""

    current_password = serializers.CharField(trim_whitespace=False, max_length=1024, write_only=True)
    new_password = serializers.CharField(trim_whitespace=False, max_length=1024, write_only=True)


@method_decorator(ensure_csrf_cookie, name="dispatch")
class MeView(IdentityView):
    """Who is asking. It also sets the CSRF cookie that every change needs."""

    required_scopes = frozenset()
    operations = {"GET": "me.read", "PATCH": "me.write"}

    @extend_schema(operation_id="me_read", responses=Me)
    def get(self, request: Request) -> Response:
        """Who am I?"""
        return Response(self._shown())

    @extend_schema(operation_id="me_change", request=MyChanges, responses=Me)
    def patch(self, request: Request) -> Response:
        """Change one's own language."""
        if self.principal.key is not None and "admin" not in self.principal.key.scopes:
            refuse(self.principal, "scope", "This API key may not change anything here: it lacks the scope `admin`.")
        changes, me = self.read(MyChanges), self.principal.person
        tenants.update_user(
            tenant=self.tenant,
            user=me.id,
            email=me.email,
            name=me.name,
            locale=changes.get("locale", me.locale),
            limits=me.limits,
            actor=self.principal.actor,
            at=self.now,
        )
        return Response(self._shown())

    def _shown(self) -> dict[str, Any]:
        me = directory.person(self.tenant, self.principal.person.id)
        tenant, key = directory.tenant(self.tenant), self.principal.key
        teams = {team.id: team for team in directory.teams(self.tenant)}
        return {
            "id": me.id,
            "email": me.email,
            "name": me.name,
            "role": me.role,
            "locale": me.locale,
            "tenant": {"id": tenant.id, "slug": tenant.slug, "name": tenant.name, "timezone": tenant.timezone},
            "teams": [
                {"id": team, "slug": teams[team].slug, "name": teams[team].name, "admin": team in me.admin_of}
                for team in me.teams
            ],
            "operations": [name for name in roles.OPERATIONS if roles.allows(me, name)],
            "scopes": sorted(key.scopes) if key else None,
            "rate_limits": shown_limits(me.limits),
        }


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordView(IdentityView):
    """One's own password. Keys cannot change it."""

    required_scopes = frozenset({"password"})  # a scope that no key has
    operations = {"POST": "me.write"}

    @extend_schema(operation_id="me_password", request=PasswordChange, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change the password; every session ends, this one included."""
        me = self.principal.person
        counted = ratelimit.consume(request, action="change_password", key=f"{self.tenant}:{me.id}")
        if not counted:
            raise RateLimited("Too many tries. Try again in a quarter of an hour.", retry_after_s=900)
        values = self.read(PasswordChange)
        services.change_password(
            tenant=self.tenant,
            user=me.id,
            current=values["current_password"],
            new=values["new_password"],
            actor=self.principal.actor,
            at=self.now,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
