"""The REST forms of drafts."""

from typing import Any

from rest_framework import serializers

from apps.chat.serializers import Strict, Words


class DraftSerializer(serializers.Serializer[Any]):
    """What was typed and not sent. `conversation` is empty for a new one; an empty `text` says that it went."""

    conversation = serializers.UUIDField(read_only=True, allow_null=True)
    text = serializers.CharField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class DraftListSerializer(serializers.Serializer[Any]):
    """All of one's own drafts, the newest first; at most 200."""

    results = DraftSerializer(many=True, read_only=True)


class DraftChangeSerializer(Strict):
    """The whole text as it stands now, at most 100,000 bytes; an empty one removes the draft."""

    conversation = serializers.UUIDField(allow_null=True)
    text = Words(allow_blank=True)
