"""REST of exceptions: a question's author asks for one, compliance officers decide."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chat import exceptions
from apps.chat.api import ChatView
from apps.chat.exceptions_serializers import (
    AskSerializer,
    ExceptionListSerializer,
    ExceptionSerializer,
    GrantSerializer,
    QuestionSerializer,
    RefuseSerializer,
    WhichSerializer,
    told,
)
from apps.core import clock
from apps.domain.ids import MessageId, UserId
from apps.policies import exceptions as stored
from apps.policies.values import ExceptionRecord
from apps.tenants import selectors as tenants

TAGS = ["exceptions"]
ABSENT = OpenApiResponse(description="There is none, or the question is not your own.")
FOREIGN = OpenApiResponse(description="The question is not your own.")
NOBODY = OpenApiResponse(description="Nobody has asked for one.")
OVER = OpenApiResponse(description="It was decided, or is over.")
ASK, DECIDE = "exceptions.ask", "exceptions.grant"


class _View(ChatView):
    def shown(self, records: Iterable[ExceptionRecord]) -> list[dict[str, Any]]:  # type: ignore[override]
        """Exceptions as they are read, with the names of their people."""
        found = list(records)
        users = {
            user
            for one in found
            for user in (one.asked_by, one.opened_by, one.decided_by, one.ended_by)
            if user is not None
        }
        names: Mapping[UserId, str] = tenants.names(self.tenant, users)
        return [told(one, names) for one in found]

    def one(self, record: ExceptionRecord, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.shown([record])[0], status=code)


class AskView(_View):
    """The exception for one's own question."""

    operations: ClassVar[Mapping[str, str]] = {"GET": ASK, "POST": ASK, "DELETE": ASK}

    @extend_schema(
        operation_id="message_exception_retrieve",
        responses={200: ExceptionSerializer, 204: NOBODY, 404: FOREIGN},
        tags=TAGS,
    )
    def get(self, request: Request, message: UUID) -> Response:
        """What became of the exception that was asked for this question; the newest one."""
        found = exceptions.of_question(tenant=self.tenant, user=self.user, message=MessageId(message))
        return self.one(found) if found else Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="message_exception_ask",
        request=AskSerializer,
        responses={201: ExceptionSerializer, 404: ABSENT, 409: OpenApiResponse(description="It was asked already.")},
        tags=TAGS,
    )
    def post(self, request: Request, message: UUID) -> Response:
        """Ask compliance to declare a private question of one's own not private. Whoever decides may read it."""
        wanted = AskSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        record = exceptions.ask(
            tenant=self.tenant,
            user=self.user,
            message=MessageId(message),
            because=wanted.validated_data["reason"],
            at=clock.now(),
        )
        return self.one(record, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="message_exception_withdraw",
        request=None,
        responses={200: ExceptionSerializer, 404: ABSENT, 409: OVER},
        tags=TAGS,
    )
    def delete(self, request: Request, message: UUID) -> Response:
        """Take it back: nobody reads the question for it any more, and it is private again."""
        record = exceptions.withdraw(tenant=self.tenant, user=self.user, message=MessageId(message), at=clock.now())
        return self.one(record)


class _DecideView(_View):
    operations: ClassVar[Mapping[str, str]] = {"GET": DECIDE, "POST": DECIDE}
    required_scopes = frozenset({"admin"})


class ListView(_DecideView):
    """Exceptions of the company, without the questions."""

    @extend_schema(
        operation_id="exceptions_list", parameters=[WhichSerializer], responses=ExceptionListSerializer, tags=TAGS
    )
    def get(self, request: Request) -> Response:
        """Those that wait, that are in force, or that are over."""
        query = WhichSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        records = stored.listed(self.tenant, query.validated_data["state"])
        return Response({"results": self.shown(records)})


class QuestionView(_DecideView):
    """The question itself."""

    @extend_schema(
        operation_id="exceptions_question", request=None, responses={200: QuestionSerializer, 409: OVER}, tags=TAGS
    )
    def post(self, request: Request, exception: UUID) -> Response:
        """Read the question. That is on record, and its author sees who did; not for what is over."""
        content = exceptions.read(tenant=self.tenant, exception=exception, officer=self.user, at=clock.now())
        return Response({"text": content.text, "files": list(content.files)})


class GrantView(_DecideView):
    """`grant/`."""

    @extend_schema(
        operation_id="exceptions_grant",
        request=GrantSerializer,
        responses={200: ExceptionSerializer, 409: OVER},
        tags=TAGS,
    )
    def post(self, request: Request, exception: UUID) -> Response:
        """Declare the question not private for so many days. Nobody decides on what he asked for himself."""
        wanted = GrantSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        record = exceptions.grant(
            tenant=self.tenant,
            exception=exception,
            officer=self.user,
            because=wanted.validated_data["reason"],
            days=wanted.validated_data["days"],
            at=clock.now(),
        )
        return self.one(record)


class RefuseView(_DecideView):
    """`refuse/`."""

    @extend_schema(
        operation_id="exceptions_refuse",
        request=RefuseSerializer,
        responses={200: ExceptionSerializer, 409: OVER},
        tags=TAGS,
    )
    def post(self, request: Request, exception: UUID) -> Response:
        """The question stays private. Its author reads the reason."""
        wanted = RefuseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        record = exceptions.refuse(
            tenant=self.tenant,
            exception=exception,
            officer=self.user,
            because=wanted.validated_data["reason"],
            at=clock.now(),
        )
        return self.one(record)


class EndView(_DecideView):
    """`end/`."""

    @extend_schema(
        operation_id="exceptions_end", request=None, responses={200: ExceptionSerializer, 409: OVER}, tags=TAGS
    )
    def post(self, request: Request, exception: UUID) -> Response:
        """End one that is in force: the question is private again, within seconds."""
        return self.one(exceptions.end(tenant=self.tenant, exception=exception, officer=self.user, at=clock.now()))
