"""What another strategy or dial would have chosen in the last 30 days, before anybody turns it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.budgets.disclosure import disclosure
from apps.core import clock
from apps.core.api import TenantView
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId
from apps.domain.policy import is_strategy
from apps.identity.api_auth import Permitted
from apps.routing import services as routing
from apps.tenants import selectors as tenants
from apps.turns import selectors

DAYS: Final = 30
MOST: Final = 5_000
"""Decisions that are asked again, the newest first."""


class PreviewOrder(serializers.Serializer[Any]):
    """How questions would be routed, and whose."""

    strategy = serializers.CharField(max_length=64, help_text="As in the policy: `balanced`, `best`, `fixed:MODEL`.")
    dial = serializers.FloatField(min_value=0, max_value=1, default=0.5)
    team = serializers.SlugField(required=False, default="", allow_blank=True, help_text="Slug; empty: everybody.")


class ModelShareSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    hosting = serializers.ChoiceField(choices=[hosting.value for hosting in Hosting])
    decisions = serializers.IntegerField()


class PreviewTotalSerializer(serializers.Serializer[Any]):
    """What the choices amount to: sums of estimates in micro-dollars, the mean expected quality in [0, 1]."""

    cost_micro_usd = serializers.IntegerField()
    quality = serializers.FloatField(allow_null=True)
    models = ModelShareSerializer(many=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """The same questions, as they were routed and as they would have been; no figures of fewer than five people."""

    days = serializers.IntegerField()
    shown = serializers.BooleanField(help_text="False where the figures would be those of fewer than five people.")
    decisions = serializers.IntegerField(help_text="Questions that were asked again.")
    newest_only = serializers.BooleanField(help_text="More were asked than are asked again: these are the newest.")
    by_hand = serializers.IntegerField(help_text="Questions whose model a person had named; they count nowhere else.")
    changed = serializers.IntegerField(help_text="Questions that would have gone to another model.")
    before = PreviewTotalSerializer(allow_null=True)
    after = PreviewTotalSerializer(allow_null=True)


class PreviewView(TenantView):
    """`/api/v1/routing/preview/`."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"POST": "policies.write"}

    @extend_schema(operation_id="routing_preview", request=PreviewOrder, responses=PreviewSerializer, tags=["policy"])
    def post(self, request: Request) -> Response:
        """Ask a strategy again about the stored decisions of the last 30 days, at most 5,000. Nothing is changed."""
        order = PreviewOrder(data=request.data)
        order.is_valid(raise_exception=True)
        wanted = order.validated_data
        if not _is_known(wanted["strategy"]):
            raise InvalidRequest("There is no such strategy.", fields={"strategy": "unknown strategy"})
        team = self._team(wanted["team"])
        if not disclosure(tenants.people(self.tenant)).shows(team):
            return Response(_told(shown=False))
        since = clock.now() - timedelta(days=DAYS)
        stored = selectors.decisions(self.tenant, since=since, team=team, most=MOST)
        found = routing.replay(stored, strategy=wanted["strategy"], dial=wanted["dial"])
        totals = {"before": _total(found.before, found.decisions), "after": _total(found.after, found.decisions)}
        figures = {"decisions": found.decisions, "by_hand": found.by_hand, "changed": found.changed}
        return Response(_told(shown=True, newest_only=found.records >= MOST, **figures, **totals))

    def _team(self, slug: str) -> TeamId | None:
        if not slug:
            return None
        found = tenants.team_by_slug(self.tenant, slug)
        if found is None:
            raise NotFound
        return found.id


def _is_known(strategy: str) -> bool:
    return is_strategy(strategy) or (strategy.startswith("fixed:") and strategy != "fixed:")


def _told(**figures: Any) -> Mapping[str, Any]:
    nothing = {"decisions": 0, "by_hand": 0, "changed": 0, "newest_only": False, "before": None, "after": None}
    return {"days": DAYS, **nothing, **figures}


def _total(total: routing.Total, decisions: int) -> Mapping[str, Any]:
    return {
        "cost_micro_usd": total.cost_micro_usd,
        "quality": round(total.quality / decisions, 4) if decisions else None,
        "models": [
            {"model": model, "hosting": total.hosting[model].value, "decisions": count}
            for model, count in total.models.most_common()
        ],
    }
