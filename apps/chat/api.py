"""REST of conversations: what is shared with one is read, one's own are kept in order as well.

What is asked and answered comes by the socket.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from apps.chat import ratings, readers, selectors, services
from apps.chat.attachments import selectors as attachments
from apps.chat.models import Conversation, Message
from apps.chat.serializers import (
    ConversationChangesSerializer,
    ConversationQuerySerializer,
    ConversationSerializer,
    FeedbackSerializer,
    MessagePageSerializer,
    MessageQuerySerializer,
    MessageSerializer,
)
from apps.core import clock
from apps.core.api import TenantView
from apps.core.pages import CursorPages
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, MessageId, UserId
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal

READ, WRITE = "conversations.read", "conversations.write"


class ConversationPages(CursorPages):
    ordering = ("-active_at", "-id")


class MessagePages(CursorPages):
    """Ids are time-ordered; a long conversation opens with few requests."""

    ordering = ("id",)  # type: ignore[assignment]
    page_size = 200
    max_page_size = 1000


class ChatView(TenantView):
    """A view of one's own things. A key needs the scope `conversations`."""

    permission_classes = [Permitted]
    required_scopes = frozenset({"conversations"})
    operations: ClassVar[Mapping[str, str]] = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE, "POST": WRITE}

    @property
    def principal(self) -> Principal:
        return cast(Principal, self.request.user)

    @property
    def user(self) -> UserId:
        return self.principal.person.id

    def own(self, conversation: UUID) -> Conversation:
        """The row, to be changed. Raises `NotFound` for what is missing, deleted or somebody else's alike."""
        return _only(selectors.own(tenant=self.tenant, user=self.user), conversation)

    def readable(self, conversation: UUID) -> Conversation:
        """The row, to be read: one's own or one that is shared with one. Raises `NotFound`."""
        return _only(selectors.conversations(tenant=self.tenant, user=self.user), conversation)

    def shown(self, rows: Sequence[Conversation]) -> list[Any]:
        """Conversations as they are read."""
        return list(ConversationSerializer(rows, many=True, context=self.context_of(rows)).data)

    def context_of(self, rows: Sequence[Conversation]) -> dict[str, Any]:
        """What `ConversationSerializer` needs beside the rows. Names of other owners are read at once for all."""
        prefetch_related_objects([row for row in rows if row.owner_id != self.user], "owner")
        return {
            "outcomes": selectors.last_outcomes(tenant=self.tenant, rows=rows),
            "shared": readers.shared_among([ConversationId(row.pk) for row in rows]),
            "reader": self.user,
        }

    def told(self, rows: Sequence[Message]) -> list[Any]:
        """Messages as they are read."""
        outcomes = selectors.outcomes(tenant=self.tenant, rows=rows)
        questions = [row.pk for row in rows if row.role == Message.Role.USER]
        files = attachments.of_messages(tenant=self.tenant, messages=questions)
        answers = [row.pk for row in rows if row.role == Message.Role.ASSISTANT]
        given = ratings.given_by(tenant=self.tenant, user=self.user, messages=answers)
        context = {"outcomes": outcomes, "attachments": files, "ratings": given}
        return list(MessageSerializer(rows, many=True, context=context).data)


def _only(rows: QuerySet[Conversation], conversation: UUID) -> Conversation:
    row = rows.filter(pk=conversation).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


class ConversationListView(ChatView, ListAPIView[Conversation]):
    """One's own conversations, most recently active first."""

    serializer_class = ConversationSerializer
    pagination_class = ConversationPages
    filter_backends = []

    def get_queryset(self) -> QuerySet[Conversation]:
        query = ConversationQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        rows = selectors.own(tenant=self.tenant, user=self.user)
        # As a list of one: Django writes `= False` as `NOT archived`, for which no index can give the order.
        rows = rows.filter(archived__in=[query.validated_data["archived"]])
        pinned = query.validated_data["pinned"]
        return rows if pinned is None else rows.filter(pinned=pinned)

    @extend_schema(
        operation_id="conversations_list", parameters=[ConversationQuerySerializer], responses=ConversationSerializer
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.shown(page))


class ConversationView(ChatView):
    """One conversation. Its messages are a list of their own."""

    @extend_schema(operation_id="conversations_retrieve", responses=ConversationSerializer)
    def get(self, request: Request, conversation: UUID) -> Response:
        return Response(self.shown([self.readable(conversation)])[0])

    @extend_schema(
        operation_id="conversations_change", request=ConversationChangesSerializer, responses=ConversationSerializer
    )
    def patch(self, request: Request, conversation: UUID) -> Response:
        """Rename, pin, archive. Nothing else of a conversation can be written."""
        self.own(conversation)
        wanted = ConversationChangesSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        services.change(
            tenant=self.tenant,
            user=self.user,
            conversation=ConversationId(conversation),
            changes=services.Changes(**wanted.validated_data),
            actor=self.principal.actor,
            at=clock.now(),
        )
        return Response(self.shown([self.own(conversation)])[0])

    @extend_schema(operation_id="conversations_delete", request=None, responses={204: None})
    def delete(self, request: Request, conversation: UUID) -> Response:
        """Take it out of every list; `restore` brings it back."""
        services.delete(
            tenant=self.tenant,
            user=self.user,
            conversation=ConversationId(conversation),
            actor=self.principal.actor,
            at=clock.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConversationRestoreView(ChatView):
    @extend_schema(operation_id="conversations_restore", request=None, responses=ConversationSerializer)
    def post(self, request: Request, conversation: UUID) -> Response:
        """Undo a deletion."""
        services.restore(
            tenant=self.tenant,
            user=self.user,
            conversation=ConversationId(conversation),
            actor=self.principal.actor,
            at=clock.now(),
        )
        return Response(self.shown([self.own(conversation)])[0])


class MessageListView(ChatView):
    """The messages of a conversation: all branches in the order of time, or one branch from its end."""

    @extend_schema(
        operation_id="conversations_messages",
        parameters=[
            MessageQuerySerializer,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous`; not with `leaf`."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="At most 1000; 200 when omitted."),
        ],
        responses=MessagePageSerializer,
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        query = MessageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        leaf = query.validated_data["leaf"]
        if leaf is None:
            return self._all(request, conversation)
        return self._branch(request, ConversationId(conversation), MessageId(leaf))

    def _all(self, request: Request, conversation: UUID) -> Response:
        self.readable(conversation)
        rows = Message.objects.filter(conversation_id=conversation)
        pages = MessagePages()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(self.told(page))

    def _branch(self, request: Request, conversation: ConversationId, leaf: MessageId) -> Response:
        size = MessagePages().get_page_size(request) or MessagePages.page_size
        branch = selectors.path(tenant=self.tenant, user=self.user, conversation=conversation, leaf=leaf, limit=size)
        above = branch[0].parent_id
        next_page = replace_query_param(request.build_absolute_uri(), "leaf", str(above)) if above else None
        return Response({"next": next_page, "previous": None, "results": self.told(branch)})


class FeedbackView(ChatView):
    operations: ClassVar[Mapping[str, str]] = {"POST": "feedback.write"}

    @extend_schema(operation_id="messages_feedback", request=FeedbackSerializer, responses=FeedbackSerializer)
    def post(self, request: Request, message: UUID) -> Response:
        """Thumbs up or down on an answer, with a reason if one likes."""
        rating = FeedbackSerializer(data=request.data)
        rating.is_valid(raise_exception=True)
        services.rate(
            tenant=self.tenant,
            user=self.user,
            message=MessageId(message),
            verdict=rating.validated_data["verdict"],
            reason=rating.validated_data["reason"],
            actor=self.principal.actor,
            at=clock.now(),
        )
        return Response(rating.data)
