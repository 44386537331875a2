"""The REST forms of attachments."""

from typing import Any

from rest_framework import serializers

from apps.chat.attachments.limits import MAX_FILE_BYTES
from apps.chat.attachments.values import shown
from apps.chat.values import AttachmentRecord

KINDS = ("text", "image")


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file: as text (`text`) or as a picture (`image`). Its name is shown as it is kept, without folders."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in KINDS], read_only=True)
    media_type = serializers.CharField(read_only=True, help_text="Found by looking into the file.")
    size_bytes = serializers.IntegerField(read_only=True, help_text="Of the file as it was uploaded.")
    characters = serializers.IntegerField(
        read_only=True, help_text="Code points of the text that is kept; 0: a picture."
    )
    shortened = serializers.BooleanField(read_only=True, help_text="The file held more text than is kept.")

    def to_representation(self, record: AttachmentRecord) -> dict[str, Any]:
        return shown(record)


class UploadSerializer(serializers.Serializer[Any]):
    """A form with one file. What it is, is found by its content and its name."""

    file = serializers.FileField(max_length=None, help_text=f"At most {MAX_FILE_BYTES:,} bytes.")
