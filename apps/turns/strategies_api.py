"""Which strategies a policy may name: the registry's own list, so that no page needs one."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import TenantView
from apps.identity.api_auth import Permitted
from apps.routing import services as routing


class StrategySerializer(serializers.Serializer[Any]):
    """A strategy by its name in the policy, and what it takes beside it."""

    name = serializers.CharField()
    takes_model = serializers.BooleanField(help_text="The policy writes `NAME:MODEL`.")
    takes_dial = serializers.BooleanField(help_text="The dial changes what it chooses.")


class StrategiesView(TenantView):
    """`/api/v1/routing/strategies/`."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"GET": "policies.read"}

    @extend_schema(operation_id="routing_strategies_list", responses=StrategySerializer(many=True), tags=["policy"])
    def get(self, request: Request) -> Response:
        """The strategies that a policy may name, the default first, always in the same order."""
        return Response(StrategySerializer(routing.offered(), many=True).data)
