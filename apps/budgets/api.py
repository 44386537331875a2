"""Budgets and usage over REST. Team admins see their teams, tenant admins see and write all; people see their own."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.budgets import periods, selectors, services
from apps.budgets.disclosure import disclosure
from apps.budgets.serializers import BudgetRead, BudgetWrite, LimitWrite, UsageQuery, UsageRead
from apps.budgets.values import Meter, UsageFigure
from apps.core import clock
from apps.core.api import TenantView
from apps.core.pages import PageNumberPages
from apps.domain.errors import NotFound
from apps.domain.ids import BudgetId, TeamId, TenantId
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal
from apps.tenants import roles
from apps.tenants import selectors as tenants


class _View(TenantView):
    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})

    @property
    def caller(self) -> Principal:
        assert isinstance(self.request.user, Principal)
        return self.request.user

    def may(self, operation: str, team: TeamId | None = None) -> bool:
        return roles.allows(self.caller.person, operation, team)


class BudgetList(_View):
    """Budgets with how their running periods stand."""

    pagination_class = PageNumberPages
    operations: ClassVar[dict[str, str]] = {"GET": "budgets.read", "POST": "budgets.write"}

    @extend_schema(operation_id="budgets_list", responses=BudgetRead(many=True), tags=["budgets"])
    def get(self, request: Request) -> Response:
        """The budgets of the company (tenant admins) or of the teams that one administers."""
        slugs = {team.id: team.slug for team in tenants.teams(self.tenant)}
        everything = self.may("budgets.write")
        shown = [
            meter
            for meter in selectors.meters(self.tenant, clock.now())
            if everything or meter.budget.team in self.caller.person.admin_of
        ]
        disclosed = disclosure(tenants.people(self.tenant))
        pages = self.pagination_class()
        page: list[Meter] = pages.paginate_queryset(cast(Any, shown), request, view=self) or []
        return pages.get_paginated_response(
            [_budget(meter, slugs, with_sums=disclosed.shows(meter.budget.team)) for meter in page]
        )

    @extend_schema(operation_id="budgets_create", request=BudgetWrite, responses={201: BudgetRead}, tags=["budgets"])
    def post(self, request: Request) -> Response:
        """Set a limit. One that exists for the same team, period and models gets the new amount."""
        wanted = BudgetWrite(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        at = clock.now()
        record = services.upsert_budget(
            tenant=self.tenant, team=values["team"], period=values["period"],
            limit=values["limit_microusd"], models=values["models"], actor=self.caller.actor, at=at,
        )  # fmt: skip
        return Response(_found(self.tenant, record.id, at), status=status.HTTP_201_CREATED)


class BudgetDetail(_View):
    """One budget."""

    operations: ClassVar[dict[str, str]] = {"PATCH": "budgets.write", "DELETE": "budgets.write"}

    @extend_schema(operation_id="budgets_change", request=LimitWrite, responses=BudgetRead, tags=["budgets"])
    def patch(self, request: Request, budget: int) -> Response:
        """Raise or lower the limit; what is spent and reserved in the running period stays."""
        wanted = LimitWrite(data=request.data)
        wanted.is_valid(raise_exception=True)
        limit, at = wanted.validated_data["limit_microusd"], clock.now()
        services.set_limit(tenant=self.tenant, budget=BudgetId(budget), limit=limit, actor=self.caller.actor, at=at)
        return Response(_found(self.tenant, BudgetId(budget), at))

    @extend_schema(operation_id="budgets_delete", responses={204: None}, tags=["budgets"])
    def delete(self, request: Request, budget: int) -> Response:
        """Remove the limit."""
        services.remove_budget(
            tenant=self.tenant, budget=BudgetId(budget), actor=self.caller.actor, at=clock.now()
        )  # fmt: skip
        return Response(status=status.HTTP_204_NO_CONTENT)


class Usage(_View):
    """What was used in a month."""

    operations: ClassVar[dict[str, str]] = {"GET": "usage.read_own"}

    @extend_schema(operation_id="usage_read", parameters=[UsageQuery], responses=UsageRead, tags=["budgets"])
    def get(self, request: Request) -> Response:
        """One's own usage; of teams and the company their sums, from five people up, for their admins."""
        query = UsageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        starts, ends = self._month(query.validated_data.get("month"))
        mine, by_model = selectors.usage_of_person(self.tenant, self.caller.person.id, starts, ends)
        disclosed = disclosure(tenants.people(self.tenant))
        teams = [team for team in tenants.teams(self.tenant) if self.may("usage.read_team", team.id)]
        sums = selectors.usage_of_teams(self.tenant, disclosed.teams & {team.id for team in teams}, starts, ends)
        whole = disclosed.company and self.may("usage.read_tenant")
        return Response({
            "starts": starts,
            "ends": ends,
            "mine": _figure(mine),
            "by_model": [{"model": figure.model, **_figure(figure)} for figure in by_model],
            "teams": [
                {
                    "team": team.id,
                    "team_slug": team.slug,
                    "figures": _figure(sums[team.id]) if team.id in sums else None,
                }
                for team in teams
            ],
            "company": _figure(selectors.usage_of_tenant(self.tenant, starts, ends)) if whole else None,
        })  # fmt: skip

    def _month(self, month: str | None) -> periods.Bounds:
        tz = periods.zone(tenants.tenant(self.tenant).timezone)
        if month is None:
            return periods.bounds("month", tz, clock.now())
        middle = date.fromisoformat(f"{month}-15")  # noon of the 15th is in this month in every time zone
        return periods.bounds("month", tz, datetime(middle.year, middle.month, 15, 12, tzinfo=UTC))


def _found(tenant: TenantId, budget: BudgetId, at: datetime) -> dict[str, Any]:
    meter = next((meter for meter in selectors.meters(tenant, at) if meter.budget.id == budget), None)
    if meter is None:
        raise NotFound
    slugs = {team.id: team.slug for team in tenants.teams(tenant)}
    return _budget(meter, slugs, with_sums=disclosure(tenants.people(tenant)).shows(meter.budget.team))


def _budget(meter: Meter, slugs: dict[TeamId, str], *, with_sums: bool) -> dict[str, Any]:
    budget = meter.budget
    return {
        "id": budget.id,
        "team": budget.team,
        "team_slug": None if budget.team is None else slugs[budget.team],
        "period": budget.period,
        "models": None if budget.models is None else sorted(budget.models),
        "limit_microusd": budget.limit,
        "starts": meter.starts,
        "ends": None if budget.period == "total" else meter.ends,
        "state": meter.state,
        "spent_microusd": meter.spent if with_sums else None,
        "reserved_microusd": meter.reserved if with_sums else None,
        "left_microusd": meter.left if with_sums else None,
    }


def _figure(figure: UsageFigure) -> dict[str, int]:
    return {
        "turns": figure.turns,
        "input_tokens": figure.input_tokens,
        "output_tokens": figure.output_tokens,
        "cost_microusd": figure.amount,
        "estimated_microusd": figure.estimated,
    }
