"""REST of the lab, for tenant admins: suites, runs with their answers, alarms, the schedule of canaries."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api import TenantView
from apps.core.pages import PageNumberPages
from apps.domain.ids import UserId
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal
from apps.lab import runs, schedules, selectors, suites
from apps.lab.serializers import (
    LabAlarmListSerializer,
    LabAnswerSerializer,
    LabAnswersQuery,
    LabCostListSerializer,
    LabRunBoundsSerializer,
    LabRunDetailSerializer,
    LabRunSerializer,
    LabRunStartSerializer,
    LabScheduleSerializer,
    LabScheduleWriteSerializer,
)
from apps.lab.shown import (
    shown_alarm,
    shown_answer,
    shown_cost,
    shown_question,
    shown_result,
    shown_run,
    shown_schedule,
    shown_suite,
)
from apps.lab.suite_serializers import (
    QuestionsQuery,
    SuiteDetailSerializer,
    SuiteListSerializer,
    SuiteQuestionSerializer,
    SuiteSerializer,
    SuiteUploadSerializer,
)
from apps.lab.values import Bounds, RunRecord
from apps.tenants import selectors as tenants

TAGS = ["lab"]
MAY = "lab.profile"
NOT_NOW = OpenApiResponse(description="The run is in a state in which this cannot be done.")


class LabView(TenantView):
    """A view for those who may run evaluations. A key needs the scope `admin`."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[Mapping[str, str]] = {"GET": MAY, "POST": MAY, "PUT": MAY}

    @property
    def principal(self) -> Principal:
        return cast(Principal, self.request.user)

    @property
    def acting(self) -> dict[str, Any]:
        """Who acts where and when, as verbs take it."""
        return {"tenant": self.tenant, "actor": self.principal.actor, "at": clock.now()}

    @property
    def user(self) -> UserId:
        return self.principal.person.id

    def names(self, users: Iterable[UserId | None]) -> Mapping[UserId, str]:
        return tenants.names(self.tenant, {user for user in users if user is not None})

    def shown(self, records: Iterable[RunRecord]) -> list[dict[str, Any]]:
        """Runs with the names of those who started them."""
        found = list(records)
        names = self.names(record.user for record in found)
        return [shown_run(record, names) for record in found]

    def one(self, run: UUID, code: int = status.HTTP_200_OK) -> Response:
        """A run with what it says so far."""
        (shown,) = self.shown([selectors.run(self.tenant, run)])
        results = [shown_result(result) for result in selectors.table(self.tenant, run)]
        return Response(LabRunDetailSerializer({**shown, "results": results}).data, status=code)


class SuiteList(LabView):
    """`/api/v1/lab/suites/`."""

    @extend_schema(operation_id="lab_suites_list", responses=SuiteListSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """The shipped suite and those of the company."""
        return Response({"results": [shown_suite(record) for record in suites.listed(self.tenant)]})

    @extend_schema(
        operation_id="lab_suites_upload", request=SuiteUploadSerializer, responses={201: SuiteSerializer}, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Upload a suite, or a new version of it. With a wrong line nothing is stored, and `fields` names each."""
        wanted = SuiteUploadSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        record = suites.upload(user=self.user, **wanted.validated_data, **self.acting)
        return Response(shown_suite(record), status=status.HTTP_201_CREATED)


class SuiteDetail(LabView):
    """`/api/v1/lab/suites/{slug}/`."""

    @extend_schema(operation_id="lab_suites_retrieve", responses=SuiteDetailSerializer, tags=TAGS)
    def get(self, request: Request, suite: str) -> Response:
        """A suite, and how its questions are spread over tasks and checks."""
        record, questions = suites.found(self.tenant, suite)
        tasks = Counter(question.task for question in questions)
        checks = Counter(selectors.KINDS[type(question.check)] for question in questions)
        return Response({**shown_suite(record), "tasks": _counts(tasks), "checks": _counts(checks)})


class QuestionList(LabView):
    """`/api/v1/lab/suites/{slug}/questions/`."""

    pagination_class = PageNumberPages

    @extend_schema(
        operation_id="lab_questions_list",
        parameters=[QuestionsQuery],
        responses=SuiteQuestionSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request, suite: str) -> Response:
        """The questions of a suite in its newest version, in its order."""
        query = QuestionsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        task = query.validated_data["task"]
        _, questions = suites.found(self.tenant, suite)
        pages = self.pagination_class()
        wanted = [question for question in questions if task in ("", question.task)]
        page = pages.paginate_queryset(wanted, request, view=self) or []
        return pages.get_paginated_response([shown_question(question) for question in page])


class RunList(LabView):
    """`/api/v1/lab/runs/`."""

    pagination_class = PageNumberPages

    @extend_schema(operation_id="lab_runs_list", responses=LabRunSerializer(many=True), tags=TAGS)
    def get(self, request: Request) -> Response:
        """The runs of the company, newest first."""
        pages = self.pagination_class()
        rows = pages.paginate_queryset(selectors.runs(self.tenant).defer("version__lines"), request, view=self) or []
        shown = self.shown(selectors.run_record(row) for row in rows)
        return pages.get_paginated_response(LabRunSerializer(shown, many=True).data)

    @extend_schema(
        operation_id="lab_runs_start", request=LabRunStartSerializer, responses={201: LabRunDetailSerializer}, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Start a run. It asks in one's own name, and goes on for as long as one may run evaluations."""
        wanted = LabRunStartSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return self.one(runs.begin(wanted=wanted.wanted(), user=self.user, **self.acting), status.HTTP_201_CREATED)


class RunDetail(LabView):
    """`/api/v1/lab/runs/{id}/`."""

    @extend_schema(operation_id="lab_runs_retrieve", responses=LabRunDetailSerializer, tags=TAGS)
    def get(self, request: Request, run: UUID) -> Response:
        """How far a run is, and what it says so far of each model and task."""
        return self.one(run)


class RunStop(LabView):
    """`stop/`."""

    @extend_schema(
        operation_id="lab_runs_stop", request=None, responses={200: LabRunDetailSerializer, 409: NOT_NOW}, tags=TAGS
    )
    def post(self, request: Request, run: UUID) -> Response:
        """Ask no further question. Calls that are under way are finished and paid for."""
        runs.stop(run=run, **self.acting)
        return self.one(run)


class RunGoOn(LabView):
    """`go-on/`."""

    @extend_schema(
        operation_id="lab_runs_go_on",
        request=LabRunBoundsSerializer,
        responses={200: LabRunDetailSerializer, 409: NOT_NOW},
        tags=TAGS,
    )
    def post(self, request: Request, run: UUID) -> Response:
        """Go on with a run that was paused or stopped, or has failed; nothing that was answered is asked again."""
        wanted = LabRunBoundsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        before = selectors.run(self.tenant, run).bounds
        values = wanted.validated_data
        bounds = Bounds(values.get("budget_microusd", before.budget), values.get("calls_per_minute", before.rate))
        runs.go_on(run=run, bounds=bounds, **self.acting)
        return self.one(run)


class AnswerList(LabView):
    """`answers/`."""

    pagination_class = PageNumberPages

    @extend_schema(
        operation_id="lab_answers_list",
        parameters=[LabAnswersQuery],
        responses=LabAnswerSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request, run: UUID) -> Response:
        """The answers of a run with their questions, in the order of the suite."""
        query = LabAnswersQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        selectors.run(self.tenant, run)
        filters = selectors.Filters(values["model"], values["task"], values["only"])
        pages = self.pagination_class()
        rows = pages.paginate_queryset(selectors.answers(self.tenant, run, filters), request, view=self) or []
        records = selectors.answer_records(self.tenant, run, rows)
        return pages.get_paginated_response([shown_answer(record) for record in records])


class CostList(LabView):
    """`/api/v1/lab/costs/`."""

    @extend_schema(operation_id="lab_costs_list", responses=LabCostListSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """What an answer of each model has cost in recent runs, to tell what a new one may come to."""
        costs = selectors.usual_costs(self.tenant)
        return Response({"results": [shown_cost(cost) for cost in costs]})


class AlarmList(LabView):
    """`/api/v1/lab/alarms/`."""

    @extend_schema(operation_id="lab_alarms_list", responses=LabAlarmListSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """Models that have silently changed, newest first."""
        records = selectors.alarms(self.tenant)
        names = self.names(record.acknowledged_by for record in records)
        return Response(LabAlarmListSerializer({"results": [shown_alarm(record, names) for record in records]}).data)


class AlarmAcknowledge(LabView):
    """`/api/v1/lab/alarms/{id}/acknowledge/`."""

    @extend_schema(operation_id="lab_alarms_acknowledge", request=None, responses={204: None}, tags=TAGS)
    def post(self, request: Request, alarm: UUID) -> Response:
        """The change is known: the model is learnt anew."""
        schedules.acknowledge(alarm=alarm, user=self.user, **self.acting)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScheduleView(LabView):
    """`/api/v1/lab/schedule/`."""

    @extend_schema(operation_id="lab_schedule_retrieve", responses=LabScheduleSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """When canaries are asked, and how far each model is."""
        return Response(LabScheduleSerializer(shown_schedule(selectors.schedule(self.tenant))).data)

    @extend_schema(
        operation_id="lab_schedule_put", request=LabScheduleWriteSerializer, responses=LabScheduleSerializer, tags=TAGS
    )
    def put(self, request: Request) -> Response:
        """Set the schedule. Its runs ask in one's own name."""
        wanted = LabScheduleWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        bounds = Bounds(values.pop("budget_microusd"), values.pop("calls_per_minute"))
        schedules.put(bounds=bounds, models=tuple(values.pop("models")), user=self.user, **values, **self.acting)
        return self.get(request)


def _counts(counter: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"name": name, "questions": count} for name, count in sorted(counter.items())]
