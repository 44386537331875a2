"""`/api/v1/keys/`: API keys, one's own and those of the teams that one administers."""

from datetime import timedelta
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import KeyId, TeamId, TenantId
from apps.identity import selectors, services
from apps.identity.api._base import IdentityView, Strict
from apps.identity.api_auth import refuse, require
from apps.identity.values import SCOPES, IssuedKey, KeyListing
from apps.tenants import roles
from apps.tenants import selectors as directory

DEFAULT_LIFETIME: Final = timedelta(days=90)
MAX_LIFETIME: Final = timedelta(days=366)
NO_TEAM: Final = TeamId(0)
"""Nobody administers it, so that only company-wide roles reach keys outside teams."""


class Key(serializers.Serializer[Any]):
    """A key; its value is never shown again."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    user = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewKey(Key):
    """A key with its value, which is shown this once."""

    value = serializers.CharField()


class KeyOrder(Strict):
    """What one may choose. Without `expires_at` a key lives 90 days; 366 at most."""

    name = serializers.CharField(max_length=100)
    team = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES), min_length=1, max_length=len(SCOPES))
    expires_at = serializers.DateTimeField(required=False)


class Rotation(Strict):
    """How long the old key stays valid beside the new one."""

    overlap_hours = serializers.IntegerField(min_value=0, max_value=720, default=24)


class KeysView(IdentityView):
    """List and issue."""

    operations = {"GET": "keys.read", "POST": "keys.issue"}

    @extend_schema(
        operation_id="keys_list",
        parameters=[
            OpenApiParameter("team", int, description="Keys of this team; for its admins."),
            OpenApiParameter(
                "everyone",
                bool,
                description="Keys of all teams that one administers, and for tenant admins all keys of the company.",
            ),
        ],
        responses=Key(many=True),
    )
    def get(self, request: Request) -> Response:
        """List one's own keys, those of a team, or those of everyone, the newest first."""
        asked = request.query_params.get("team")
        if request.query_params.get("everyone") == "true":
            found = self._of_everyone()
        elif asked is None:
            found = selectors.keys(self.tenant, user=self.principal.person.id)
        else:
            if not asked.isascii() or not asked.isdigit() or len(asked) > 18:
                raise InvalidRequest("The team is not usable.", fields={"team": "The id of a team."})
            team = directory.team(self.tenant, TeamId(int(asked))).id
            require(self.principal, "keys.read_team", team)
            found = selectors.keys(self.tenant, team=team)
        return self.page(found, shown)

    def _of_everyone(self) -> tuple[KeyListing, ...]:
        require(self.principal, "keys.read_team")
        me, found = self.principal.person, selectors.keys(self.tenant)
        if roles.allows(me, "keys.read_team", NO_TEAM):
            return found
        return tuple(key for key in found if key.team in me.admin_of)

    @extend_schema(operation_id="keys_issue", request=KeyOrder, responses={201: NewKey})
    def post(self, request: Request) -> Response:
        """Issue a key for oneself. Its value is in this answer and nowhere else."""
        order, now, key = self.read(KeyOrder), self.now, self.principal.key
        if key is not None and not set(order["scopes"]) <= key.scopes:
            refuse(self.principal, "scope", "A key cannot issue one with more scopes than it has.")
        expires_at = order.get("expires_at", now + DEFAULT_LIFETIME)
        if expires_at > now + MAX_LIFETIME:
            raise InvalidRequest("The key would live too long.", fields={"expires_at": "At most 366 days from now."})
        issued = services.issue_api_key(
            tenant=self.tenant,
            user=self.principal.person.id,
            team=None if order["team"] is None else TeamId(order["team"]),
            name=order["name"],
            scopes=order["scopes"],
            expires_at=expires_at,
            actor=self.principal.actor,
            at=now,
        )
        return fresh(self.tenant, issued)


class KeyView(IdentityView):
    """One key."""

    operations = {"GET": "keys.read", "DELETE": "keys.revoke"}

    @extend_schema(operation_id="keys_read", responses=Key)
    def get(self, request: Request, key: int) -> Response:
        """See a key of one's own or of one's team."""
        return Response(shown(self._reachable(key, "keys.read_team")))

    @extend_schema(operation_id="keys_revoke", responses={204: None})
    def delete(self, request: Request, key: int) -> Response:
        """Revoke a key for ever; it is dead everywhere within 5 seconds."""
        found = self._reachable(key, "keys.revoke_team")
        services.revoke_api_key(tenant=self.tenant, key=found.id, actor=self.principal.actor, at=self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _reachable(self, key: int, operation: str) -> KeyListing:
        """One's own key, or one of a team that one may look after; anything else does not exist."""
        found, me = selectors.key(self.tenant, KeyId(key)), self.principal.person
        if found.user != me.id and not roles.allows(me, operation, found.team or NO_TEAM):
            raise NotFound
        return found


class KeyRotationView(IdentityView):
    """Replace a key."""

    operations = {"POST": "keys.issue"}

    @extend_schema(operation_id="keys_rotate", request=Rotation, responses={201: NewKey})
    def post(self, request: Request, key: int) -> Response:
        """Get a new value for one's own key; the old one ends after the overlap."""
        found = selectors.key(self.tenant, KeyId(key))
        if found.user != self.principal.person.id:
            raise NotFound
        mine = self.principal.key
        if mine is not None and not set(found.scopes) <= mine.scopes:
            refuse(self.principal, "scope", "A key cannot rotate one with more scopes than it has.")
        issued = services.rotate_api_key(
            tenant=self.tenant,
            key=found.id,
            overlap=timedelta(hours=self.read(Rotation)["overlap_hours"]),
            actor=self.principal.actor,
            at=self.now,
        )
        return fresh(self.tenant, issued)


def fresh(tenant: TenantId, issued: IssuedKey) -> Response:
    """The only answer that holds the value of a key."""
    listed = shown(selectors.key(tenant, issued.id))
    return Response({**listed, "value": issued.value}, status=status.HTTP_201_CREATED)


def shown(key: KeyListing) -> dict[str, Any]:
    return dict(Key(key).data)
