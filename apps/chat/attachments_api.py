"""REST of one's own attachments: upload, look, remove. A question takes them by their ids, over the socket."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chat.api import READ, ChatView
from apps.chat.attachments import selectors, services
from apps.chat.attachments.errors import UnsupportedAttachment, file_too_large
from apps.chat.attachments.formats import IMAGE_TYPES
from apps.chat.attachments.limits import MAX_FILE_BYTES, MAX_PER_MESSAGE, MAX_UNSENT
from apps.chat.attachments.serializers import AttachmentSerializer, UploadSerializer
from apps.core import clock
from apps.domain.errors import InvalidRequest

FORM: Final = "Send a form (multipart/form-data) with one file in the field `file`."
WRITE: Final = "attachments.write"
INERT: Final = "default-src 'none'; sandbox"
"""What a browser may do with a file that it opens by itself: nothing."""


class AttachmentView(ChatView):
    """One's own files. A key needs the scope `chat`: files are a part of asking."""

    required_scopes = frozenset({"chat"})
    operations: ClassVar[Mapping[str, str]] = {"GET": READ, "POST": WRITE, "DELETE": WRITE}


class AttachmentListView(AttachmentView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="attachments_add",
        request={"multipart/form-data": UploadSerializer},
        responses={
            201: AttachmentSerializer,
            409: OpenApiResponse(
                description=f"`too_many_attachments`: {MAX_UNSENT} files wait for a question already."
            ),
            413: OpenApiResponse(description=f"`too_large`: the file has more than {MAX_FILE_BYTES:,} bytes."),
            415: OpenApiResponse(
                description="`unsupported_attachment`: the file cannot be read; `fields.file` says why."
            ),
        },
        description=(
            "Upload one file: text and code (UTF-8, UTF-16 with a byte order mark, Windows-1252), CSV, TSV, PDF with "
            "text, DOCX, XLSX, PNG, JPEG, WEBP, GIF. Of documents the text is kept, of pictures the bytes. A question "
            f"takes at most {MAX_PER_MESSAGE} by their ids; what no question takes is removed after a day."
        ),
    )
    def post(self, request: Request) -> Response:
        name, data = _uploaded(request)
        added = services.add(
            tenant=self.tenant, user=self.user, name=name, data=data, actor=self.principal.actor, at=clock.now()
        )
        return Response(AttachmentSerializer(added).data, status=status.HTTP_201_CREATED)


class AttachmentDetailView(AttachmentView):
    @extend_schema(operation_id="attachments_retrieve", responses=AttachmentSerializer)
    def get(self, request: Request, attachment: UUID) -> Response:
        """A file without its content."""
        found = selectors.attachment(tenant=self.tenant, user=self.user, attachment=attachment)
        return Response(AttachmentSerializer(found).data)

    @extend_schema(operation_id="attachments_remove", request=None, responses={204: None})
    def delete(self, request: Request, attachment: UUID) -> Response:
        """Remove a file that no question has taken; one that was sent goes with its conversation."""
        services.remove(
            tenant=self.tenant, user=self.user, attachment=attachment, actor=self.principal.actor, at=clock.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class AttachmentContentView(AttachmentView):
    @extend_schema(
        operation_id="attachments_content",
        responses={
            (200, "text/plain"): OpenApiTypes.STR,
            **{(200, media_type): OpenApiTypes.BINARY for media_type in sorted(IMAGE_TYPES)},
        },
    )
    def get(self, request: Request, attachment: UUID) -> HttpResponse:
        """The picture, or the text as a model is shown it: never the uploaded document."""
        found = selectors.content(tenant=self.tenant, user=self.user, attachment=attachment)
        if found.record.kind == "image" and found.record.media_type in IMAGE_TYPES:
            return _inert(found.image, found.record.media_type, "inline", found.record.name)
        return _inert(found.text.encode(), "text/plain; charset=utf-8", "attachment", found.record.name + ".txt")


def _inert(body: bytes, media_type: str, disposition: str, name: str) -> HttpResponse:
    """A file that no browser runs, guesses the type of, or lets another site embed."""
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = INERT
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _uploaded(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the one file of the form. Raises `InvalidRequest`, `TooLarge`, `UnsupportedAttachment`."""
    try:
        files: Any = request.FILES
    except UnsupportedMediaType:
        raise InvalidRequest(FORM, fields={"file": "must be in a form"}) from None
    strange = sorted((set(files) | set(request.data)) - {"file"})
    if strange:
        raise InvalidRequest(
            "Some fields are wrong; nothing was done. See `fields`.",
            fields={name[:100]: "This field cannot be written." for name in strange},
        )
    found = files.getlist("file")
    if len(found) != 1:
        raise InvalidRequest(FORM, fields={"file": "must be exactly one file"})
    (file,) = found
    if file.size > MAX_FILE_BYTES:
        raise file_too_large()
    if not file.size:
        raise UnsupportedAttachment("empty")
    return str(file.name or ""), file.read()
