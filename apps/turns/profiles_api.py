"""What the company measured of the models that it may use: `/api/v1/models/profiles/`, for its admins.

It stands here because catalogue and measurements meet here.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.budgets.disclosure import disclosure
from apps.core import clock
from apps.core.api import TenantView
from apps.domain.catalogue import Candidate
from apps.domain.errors import InvalidRequest, NotFound
from apps.identity.api_auth import Permitted
from apps.providers import selectors as providers
from apps.routing import selectors as routing
from apps.routing.values import DayView, Estimate, Figures, ModelView
from apps.tenants import selectors as tenants
from apps.turns import context

LONGEST_DAYS = 400

Plain = serializers.Serializer[Any]


class EstimateRead(Plain):
    """A quality in [0, 1] for questions of average difficulty, with its 90 % interval.

    `samples`: observations, as far as they still count. `prior`: what the operator's strengths alone would say.
    """

    quality = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    samples = serializers.FloatField()
    prior = serializers.FloatField()


class FiguresRead(Plain):
    """How attempts went, the newest counting most. Quantiles are within 5 % of the true ones; rates are in [0, 1]."""

    first_token_p50_ms = serializers.FloatField(allow_null=True)
    first_token_p95_ms = serializers.FloatField(allow_null=True)
    tokens_per_s = serializers.FloatField(allow_null=True)
    cost_microusd = serializers.FloatField(
        allow_null=True, help_text="Mean cost of an answer, failed attempts included."
    )
    error_rate = serializers.FloatField(allow_null=True)
    refusal_rate = serializers.FloatField(allow_null=True)
    truncation_rate = serializers.FloatField(allow_null=True)


class TaskProfileRead(EstimateRead, FiguresRead):
    """One task, over all domains."""

    task = serializers.CharField()


class ModelProfileRead(FiguresRead):
    """One model that the company may use. `updated_at` is null where nothing was measured yet."""

    model = serializers.CharField()
    hosting = serializers.ChoiceField(choices=["self_hosted", "commercial"])
    context_tokens = serializers.IntegerField()
    max_output_tokens = serializers.IntegerField()
    capabilities = serializers.ListField(child=serializers.CharField(), help_text="Such as `tools`, `images`, `json`.")
    overall = EstimateRead()
    tasks = TaskProfileRead(many=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class ProfileDayRead(FiguresRead):
    """One day (UTC) with observations. What rests on fewer than five is null."""

    date = serializers.DateField()
    quality = serializers.FloatField(allow_null=True, help_text="Mean of that day's judgements alone.")
    samples = serializers.FloatField(allow_null=True)
    attempts = serializers.IntegerField(allow_null=True, help_text="Null also in a company of fewer than five people.")


class HistoryQuery(Plain):
    """How many days back."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=90)


class _View(TenantView):
    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"GET": "profiles.read"}

    def candidates(self) -> tuple[Candidate, ...]:
        """The models that the company may use, with their profiles."""
        record = tenants.tenant(self.tenant)
        return context.candidates(providers.catalogue(), record, routing.profiles(self.tenant))


class ModelProfiles(_View):
    """`GET /api/v1/models/profiles/`"""

    @extend_schema(operation_id="model_profiles_list", responses=ModelProfileRead(many=True), tags=["models"])
    def get(self, request: Request) -> Response:
        """Quality per task, latency, cost and failures of each model that the company may use, by name."""
        candidates = self.candidates()
        views = routing.model_views(self.tenant, candidates, now=clock.now())
        return Response([_model(view, candidate) for view, candidate in zip(views, candidates, strict=True)])


class ModelHistory(_View):
    """`GET /api/v1/models/profiles/NAME/history/`"""

    @extend_schema(
        operation_id="model_profiles_history",
        parameters=[HistoryQuery],
        responses=ProfileDayRead(many=True),
        tags=["models"],
    )
    def get(self, request: Request, model: str) -> Response:
        """The days on which the model was observed, oldest first."""
        query = HistoryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        if unknown := sorted(set(request.query_params) - {"days"}):
            raise InvalidRequest("This is not known here.", fields={unknown[0][:64]: "This field cannot be written."})
        usable = any(candidate.model == model for candidate in self.candidates())
        if not usable and not routing.is_measured(self.tenant, model):
            raise NotFound
        since = clock.now().date() - timedelta(days=query.validated_data["days"] - 1)
        counts = disclosure(tenants.people(self.tenant)).company
        days = routing.history(self.tenant, model, since=since)
        return Response([_day(day, counts=counts) for day in days])


def _model(view: ModelView, candidate: Candidate) -> dict[str, Any]:
    return {
        "model": view.model,
        "hosting": candidate.hosting.value,
        "context_tokens": candidate.context_tokens,
        "max_output_tokens": candidate.max_output_tokens,
        "capabilities": sorted(candidate.capabilities),
        "overall": _estimate(view.overall),
        "tasks": [{"task": each.task, **_estimate(each.estimate), **_figures(each.figures)} for each in view.tasks],
        "updated_at": view.changed_at,
        **_figures(view.figures),
    }


def _day(day: DayView, *, counts: bool) -> dict[str, Any]:
    return {
        "date": day.day,
        "quality": day.quality,
        "samples": day.samples,
        "attempts": round(day.figures.attempts) if counts and day.figures is not None else None,
        **_figures(day.figures),
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return asdict(estimate)


def _figures(figures: Figures | None) -> dict[str, float | None]:
    """Rates of no attempts are no rates."""
    if figures is None or not figures.attempts:
        return dict.fromkeys(FiguresRead().fields)
    return {
        "first_token_p50_ms": figures.first_token_ms,
        "first_token_p95_ms": figures.first_token_p95_ms,
        "tokens_per_s": figures.tokens_per_s,
        "cost_microusd": figures.cost_micro_usd,
        "error_rate": figures.error_rate,
        "refusal_rate": figures.refusal_rate,
        "truncation_rate": figures.truncation_rate,
    }
