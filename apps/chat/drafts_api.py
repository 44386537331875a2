"""REST of drafts: what a person has typed follows them to their other devices, which hear of it by a `draft` frame."""

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chat import drafts
from apps.chat.api import READ, WRITE, ChatView
from apps.chat.draft_serializers import DraftChangeSerializer, DraftListSerializer, DraftSerializer
from apps.core import clock
from apps.domain.ids import ConversationId


class DraftsView(ChatView):
    """One's own drafts; nobody else ever sees them."""

    operations: ClassVar[Mapping[str, str]] = {"GET": READ, "PUT": WRITE}

    @extend_schema(operation_id="drafts_list", responses=DraftListSerializer)
    def get(self, request: Request) -> Response:
        """List everything that one has typed and not sent."""
        found = drafts.of(tenant=self.tenant, user=self.user)
        return Response({"results": DraftSerializer(found, many=True).data})

    @extend_schema(
        operation_id="drafts_save",
        request=DraftChangeSerializer,
        responses={
            200: DraftSerializer,
            404: OpenApiResponse(description="The conversation is missing, or not your own."),
            413: OpenApiResponse(description="The text has more than 100,000 bytes."),
        },
    )
    def put(self, request: Request) -> Response:
        """Keep the text; the last writer wins, by the server's time. An empty text removes the draft."""
        wanted = DraftChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        conversation = wanted.validated_data["conversation"]
        saved = drafts.save(
            tenant=self.tenant,
            user=self.user,
            conversation=None if conversation is None else ConversationId(conversation),
            text=wanted.validated_data["text"],
            at=clock.now(),
        )
        return Response(DraftSerializer(saved).data)
