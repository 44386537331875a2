"""REST of exports: files for who asks for them, streamed, and on record before the first byte leaves (promise P25)."""

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from apps.audit import services as audit
from apps.chat import export, selectors
from apps.chat.api import ChatView
from apps.chat.export_serializers import (
    ExportAllQuerySerializer,
    ExportedConversationSerializer,
    ExportQuerySerializer,
)
from apps.chat.export_words import WORDS
from apps.chat.models import Conversation, Message
from apps.core import clock, db
from apps.core.threads import in_page

PIECES: Final = 100
"""Pieces of a file that are made in one go on a thread of the pages."""
NAME: Final = 80
TYPES: Final = {"markdown": "text/markdown; charset=utf-8", "json": "application/json"}
LINES: Final = "application/x-ndjson"


class Download(StreamingHttpResponse):
    """A file that is made while it is sent, a bounded part at a time; whoever reads slowly makes it wait.

    `content` uses the ORM: it runs on the threads of pages, never on the event loop.
    """

    def __init__(self, content: Iterator[str], *, name: str, content_type: str) -> None:
        self._content = content
        super().__init__(content, content_type=content_type)
        plain = "conversation" + name[name.rindex(".") :]
        self["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        self["X-Content-Type-Options"] = "nosniff"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await in_page(_part, self._content):
            yield part


def _part(content: Iterator[str]) -> bytes:
    return "".join(islice(content, PIECES)).encode()


class Anything(BaseContentNegotiation):
    """The file has the form that was asked for by name, whatever `Accept` says."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportView(ChatView):
    content_negotiation_class = Anything

    @extend_schema(
        operation_id="conversations_export",
        parameters=[ExportQuerySerializer],
        responses={
            (200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR, "One branch, for people."),
            (200, "application/json"): OpenApiResponse(ExportedConversationSerializer, "All branches."),
        },
    )
    def get(self, request: Request, conversation: UUID) -> StreamingHttpResponse:
        """Take a conversation that one may read away as a file. Attachments are named, not included."""
        query = ExportQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        row, form = self.readable(conversation), query.validated_data["form"]
        if form == "json":
            messages = Message.objects.for_tenant(self.tenant).filter(conversation=row).count()
            content = export.as_json(tenant=self.tenant, conversation=row)
        else:
            branch = export.branch(tenant=self.tenant, conversation=row, leaf=query.validated_data["leaf"])
            messages, words = len(branch), WORDS[query.validated_data["language"]]
            content = export.markdown(
                tenant=self.tenant, conversation=row, messages=branch, words=words, at=clock.now()
            )
        self.record(str(row.pk), form=form, conversations=1, messages=messages)
        return Download(content, name=_name(row, form), content_type=TYPES[form])

    def record(self, subject: str, *, form: str, conversations: int, messages: int) -> None:
        """Put the export on record, without any of its content."""
        body = {"form": form, "conversations": conversations, "messages": messages}
        with db.atomic():
            audit.append(
                tenant=self.tenant,
                kind="conversation.exported",
                actor=self.principal.actor,
                subject=subject,
                body=body,
                at=clock.now(),
            )


class ExportAllView(ExportView):
    @extend_schema(
        operation_id="conversations_export_all",
        parameters=[ExportAllQuerySerializer],
        responses={(200, LINES): OpenApiResponse(ExportedConversationSerializer, "One conversation on each line.")},
    )
    def get(self, request: Request) -> StreamingHttpResponse:  # type: ignore[override]
        """Take all conversations of one's own away, the archive included."""
        query = ExportAllQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        counts = {
            "conversations": selectors.own(tenant=self.tenant, user=self.user).count(),
            "messages": selectors.own_messages(tenant=self.tenant, user=self.user).count(),
        }
        self.record(f"user:{self.user}", form=query.validated_data["form"], **counts)
        content = export.everything(tenant=self.tenant, user=self.user)
        return Download(content, name="conversations.jsonl", content_type=LINES)


def _name(row: Conversation, form: str) -> str:
    """The title as a file's name, without what any system gives a meaning to."""
    allowed = "".join(char if char.isalnum() or char in " -_()" else " " for char in row.title)
    name = " ".join(allowed.split())[:NAME].strip() or "conversation"
    return f"{name}.{'json' if form == 'json' else 'md'}"
