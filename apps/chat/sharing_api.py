"""REST of sharing: who may read one's conversation, whom to pick, and what others share with one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chat import selectors, sharing
from apps.chat.api import ChatView, ConversationPages
from apps.chat.models import Conversation
from apps.chat.sharing_serializers import (
    NewShareSerializer,
    ReaderQuerySerializer,
    ReadersSerializer,
    SharedConversationSerializer,
    ShareListSerializer,
    ShareSerializer,
)
from apps.core import clock
from apps.domain.ids import ConversationId, TeamId, UserId

NOT_YOURS = OpenApiResponse(description="Missing, or not your own.")


class ShareListView(ChatView):
    """Who may read one's own conversation. The owner alone sees and changes it."""

    @extend_schema(operation_id="shares_list", responses={200: ShareListSerializer, 404: NOT_YOURS})
    def get(self, request: Request, conversation: UUID) -> Response:
        """List the people and teams that may read the conversation."""
        self.own(conversation)
        rows = sharing.of(ConversationId(conversation))
        return Response({"results": ShareSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="shares_create",
        request=NewShareSerializer,
        responses={
            201: ShareSerializer,
            200: OpenApiResponse(ShareSerializer, description="It was shared so already."),
            404: NOT_YOURS,
        },
    )
    def post(self, request: Request, conversation: UUID) -> Response:
        """Let a colleague, or the members of one of one's own teams, read the conversation."""
        self.own(conversation)
        wanted = NewShareSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        shared = self._share(ConversationId(conversation), **wanted.validated_data)
        row = sharing.of(ConversationId(conversation)).get(pk=shared.share)
        code = status.HTTP_201_CREATED if shared.is_new else status.HTTP_200_OK
        return Response(ShareSerializer(row).data, status=code)

    def _share(
        self, conversation: ConversationId, *, user: int | None = None, team: int | None = None
    ) -> sharing.Shared:
        where: dict[str, Any] = {"tenant": self.tenant, "user": self.user, "conversation": conversation}
        how: dict[str, Any] = {"actor": self.principal.actor, "at": clock.now()}
        if user is not None:
            return sharing.share_with_person(**where, reader=UserId(user), **how)
        assert team is not None  # the serializer wants exactly one of the two
        return sharing.share_with_team(**where, team=TeamId(team), **how)


class ShareView(ChatView):
    @extend_schema(operation_id="shares_delete", request=None, responses={204: None, 404: NOT_YOURS})
    def delete(self, request: Request, conversation: UUID, share: UUID) -> Response:
        """Take the share back: open pages and running streams of its readers end within seconds."""
        sharing.unshare(
            tenant=self.tenant,
            user=self.user,
            conversation=ConversationId(conversation),
            share=share,
            actor=self.principal.actor,
            at=clock.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReadersView(ChatView):
    @extend_schema(
        operation_id="conversations_readers",
        parameters=[ReaderQuerySerializer],
        responses={200: ReadersSerializer, 404: NOT_YOURS},
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        """Look up whom to share with: members of one's own teams, and these teams."""
        self.own(conversation)
        query = ReaderQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = sharing.candidates(tenant=self.tenant, user=self.user, text=query.validated_data["q"])
        return Response(ReadersSerializer({"people": found.people, "teams": found.teams}).data)


class SharedListView(ChatView, ListAPIView[Conversation]):
    """What others share with one, most recently active first."""

    serializer_class = SharedConversationSerializer
    pagination_class = ConversationPages
    filter_backends = []

    def get_queryset(self) -> QuerySet[Conversation]:
        return selectors.shared(tenant=self.tenant, user=self.user).select_related("owner")

    @extend_schema(operation_id="conversations_shared", responses=SharedConversationSerializer)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        ids = [ConversationId(row.pk) for row in page]
        context = self.context_of(page) | {"via": sharing.via(tenant=self.tenant, user=self.user, conversations=ids)}
        return self.get_paginated_response(SharedConversationSerializer(page, many=True, context=context).data)
