"""`GET /api/v1/usage/days/`: one's own month, for the page "My usage"."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api import TenantView
from apps.domain.errors import InvalidRequest
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal
from apps.tenants import selectors as tenants
from apps.turns import usage


class DaysQuery(serializers.Serializer[Any]):
    """Which month, in the company's time zone; the running one when it is left out."""

    month = serializers.RegexField(r"^(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])\Z", required=False)


class Places(serializers.Serializer[Any]):
    """Questions by where they went. `nowhere`: nothing was sent to any model."""

    inside = serializers.IntegerField()
    outside = serializers.IntegerField()
    nowhere = serializers.IntegerField()


class DayRead(Places):
    """One day with questions or costs."""

    date = serializers.DateField()
    cost_microusd = serializers.IntegerField()


class OwnModelRead(serializers.Serializer[Any]):
    """What one model answered."""

    model = serializers.CharField()
    hosting = serializers.ChoiceField(choices=["self_hosted", "commercial"])
    questions = serializers.IntegerField()
    cost_microusd = serializers.IntegerField()


class FoundRead(serializers.Serializer[Any]):
    """A type of private details, and in how many questions it was found."""

    type = serializers.CharField()
    questions = serializers.IntegerField()


class DaysRead(serializers.Serializer[Any]):
    """One's own month. `largest_microusd`: what always asking the largest permitted model would have cost at most."""

    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()
    timezone = serializers.CharField()
    days = DayRead(many=True)
    models = OwnModelRead(many=True)
    private = Places()
    found = FoundRead(many=True)
    largest_microusd = serializers.IntegerField()


class OwnDays(TenantView):
    """Nobody sees these figures but the person whom they are about (promise P25)."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"GET": "usage.read_own"}

    @extend_schema(operation_id="usage_days", parameters=[DaysQuery], responses=DaysRead, tags=["budgets"])
    def get(self, request: Request) -> Response:
        """What one asked and spent, day by day and by model, and what became of private text."""
        query = DaysQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        if unknown := sorted(set(request.query_params) - {"month"}):
            raise InvalidRequest("This is not known here.", fields={unknown[0][:64]: "This field cannot be written."})
        assert isinstance(request.user, Principal)
        zone = tenants.tenant(self.tenant).timezone
        tz = ZoneInfo(zone)
        starts, ends = _bounds(query.validated_data.get("month"), tz)
        found = usage.of_person(self.tenant, request.user.person.id, starts, ends, tz)
        return Response({
            "starts": starts,
            "ends": ends,
            "timezone": zone,
            "days": [{"date": day, **_places(sums), "cost_microusd": sums.cost} for day, sums in found.days],
            "models": [
                {"model": each.model, "hosting": each.hosting, "questions": each.questions, "cost_microusd": each.cost}
                for each in found.models
            ],
            "private": _places(found.private),
            "found": [{"type": name, "questions": count} for name, count in found.found],
            "largest_microusd": found.largest,
        })  # fmt: skip


def _places(sums: usage.Sums) -> dict[str, int]:
    return {"inside": sums.inside, "outside": sums.outside, "nowhere": sums.nowhere}


def _bounds(month: str | None, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moments of the month and of the next one, in UTC."""
    year, number = map(int, (month or clock.now().astimezone(tz).strftime("%Y-%m")).split("-"))
    return _first_of(year, number, tz), _first_of(year + number // 12, number % 12 + 1, tz)


def _first_of(year: int, month: int, tz: ZoneInfo) -> datetime:
    return datetime(year, month, 1, tzinfo=tz).astimezone(UTC)
