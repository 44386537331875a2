"""`/api/v1/sessions/`: the devices where one is signed in."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.identity import services
from apps.identity.api._base import IdentityView
from apps.identity.values import SessionRecord


class Session(serializers.Serializer[Any]):
    """A device; `network` is its address cut to /24 (IPv4) or /48 (IPv6)."""

    id = serializers.UUIDField()
    agent = serializers.CharField()
    network = serializers.CharField()
    current = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class SessionsView(IdentityView):
    """One's own sessions."""

    operations = {"GET": "sessions.read", "DELETE": "sessions.end"}

    @extend_schema(operation_id="sessions_list", responses=Session(many=True))
    def get(self, request: Request) -> Response:
        """List one's devices, the one used last first."""
        found = services.sessions_of(tenant=self.tenant, user=self.principal.person.id)
        return self.page(found, self._shown)

    @extend_schema(operation_id="sessions_end_all", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere, here included."""
        services.end_all_sessions(
            tenant=self.tenant, user=self.principal.person.id, actor=self.principal.actor, at=self.now
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, session: SessionRecord) -> dict[str, Any]:
        mine = self.principal.session
        current = mine is not None and mine.id == session.id
        return dict(
            Session(
                {
                    "id": session.id,
                    "agent": session.agent,
                    "network": session.network,
                    "current": current,
                    "created_at": session.created_at,
                    "last_seen_at": session.last_seen_at,
                    "expires_at": session.expires_at,
                }
            ).data
        )


class SessionView(IdentityView):
    """One device."""

    operations = {"DELETE": "sessions.end"}

    @extend_schema(operation_id="sessions_end", responses={204: None})
    def delete(self, request: Request, session: UUID) -> Response:
        """Sign this device out; its sockets and streams end within 5 seconds."""
        services.end_session(
            tenant=self.tenant,
            user=self.principal.person.id,
            session=session,
            actor=self.principal.actor,
            at=self.now,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
