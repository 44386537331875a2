"""The REST forms of an export: what may be asked for, and what the JSON file holds."""

from typing import Any

from rest_framework import serializers

from apps.chat.export import FORMAT
from apps.chat.export_words import WORDS
from apps.chat.models import Message
from apps.chat.serializers import WORDS as LABELS


class ExportQuerySerializer(serializers.Serializer[Any]):
    form = serializers.ChoiceField(choices=["markdown", "json"], default="markdown", help_text="The form of the file.")
    leaf = serializers.UUIDField(
        required=False, default=None, help_text="Markdown: the branch that ends here; the newest when omitted."
    )
    language = serializers.ChoiceField(choices=list(WORDS), default="en", help_text="Markdown: of the words between.")


class ExportAllQuerySerializer(serializers.Serializer[Any]):
    form = serializers.ChoiceField(choices=["json"], default="json", help_text="A JSON object on each line.")


class ExportedAttachmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    media_type = serializers.CharField(read_only=True)
    size_bytes = serializers.IntegerField(read_only=True)


class ExportedMessageSerializer(serializers.Serializer[Any]):
    """Branches are told by `parent`; siblings share one."""

    id = serializers.UUIDField(read_only=True)
    parent = serializers.UUIDField(read_only=True, allow_null=True)  # type: ignore[assignment]
    role = serializers.ChoiceField(choices=Message.Role.choices, read_only=True)
    text = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=Message.State.choices, read_only=True)
    sensitivity = serializers.ChoiceField(choices=list(LABELS.values()), read_only=True)
    sensitivity_source = serializers.ChoiceField(choices=Message.LabelSource.choices, read_only=True)
    model = serializers.CharField(read_only=True)
    hosting = serializers.CharField(read_only=True)
    finish = serializers.CharField(read_only=True)
    error = serializers.CharField(read_only=True)
    cost_microusd = serializers.IntegerField(read_only=True, allow_null=True)
    attachments = ExportedAttachmentSerializer(many=True, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class ExportedHeadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(read_only=True)
    sensitivity = serializers.ChoiceField(choices=list(LABELS.values()), read_only=True)
    leaf = serializers.UUIDField(read_only=True, allow_null=True)
    pinned = serializers.BooleanField(read_only=True)
    archived = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    active_at = serializers.DateTimeField(read_only=True)


class ExportedConversationSerializer(serializers.Serializer[Any]):
    """The whole file; of an export of everything, one line."""

    format = serializers.ChoiceField(choices=[FORMAT], read_only=True)
    conversation = ExportedHeadSerializer(read_only=True)
    messages = ExportedMessageSerializer(many=True, read_only=True)
