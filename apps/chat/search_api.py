"""REST of the search in one's own conversations and those shared with one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from apps.chat.api import ChatView
from apps.chat.search import find
from apps.chat.search.find import Position
from apps.chat.search_serializers import SearchPageSerializer, SearchQuerySerializer, shown_matches
from apps.domain.errors import InvalidRequest


class SearchView(ChatView):
    @extend_schema(
        operation_id="conversations_search", parameters=[SearchQuerySerializer], responses=SearchPageSerializer
    )
    def get(self, request: Request) -> Response:
        """Find conversations by their titles and messages, 20 a page; the archive is searched too."""
        query = SearchQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        cursor = query.validated_data["cursor"]
        page = find.search(
            tenant=self.tenant,
            user=self.user,
            text=query.validated_data["q"],
            after=_position(cursor) if cursor else None,
        )
        conversations = self.shown([found.conversation for found in page.found])
        results = [
            {"conversation": conversation, "matches": shown_matches(found)}
            for conversation, found in zip(conversations, page.found, strict=True)
        ]
        return Response({"next": _next(request, page.following), "results": results})


def _next(request: Request, position: Position | None) -> str | None:
    if position is None:
        return None
    cursor = urlsafe_b64encode(f"{position.active_at.isoformat()}|{position.id}".encode()).decode()
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _position(cursor: str) -> Position:
    """Raises `InvalidRequest` for what `_next` did not make."""
    try:
        at, _, row = urlsafe_b64decode(cursor.encode()).decode().partition("|")
        active_at = datetime.fromisoformat(at)
        position = Position(active_at if active_at.tzinfo else active_at.replace(tzinfo=UTC), UUID(row))
    except (NotBase64, ValueError) as error:
        raise InvalidRequest(
            "`cursor` is not one of ours: take it from `next`, or leave it out.",
            fields={"cursor": "is not from `next`"},
        ) from error
    return position
