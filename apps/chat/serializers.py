"""The REST forms of conversations and messages. What is read and what may be written are two shapes."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.chat.models import Conversation, Feedback, Message
from apps.domain.privacy import Sensitivity

WORDS = {int(label): label.word for label in Sensitivity}


class Strict(serializers.Serializer[Any]):
    """Refuses fields that are not writable, by name, instead of ignoring them (promise P04)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            strange = sorted(set(data) - {name for name, field in self.fields.items() if not field.read_only})
            if strange:
                raise serializers.ValidationError({name: ["This field cannot be written."] for name in strange})
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text that is kept as it was written; spaces alone are no text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):  # a number is not a name
            self.fail("invalid")
        text = super().to_internal_value(data)
        if not self.allow_blank and not text.strip():
            self.fail("blank")
        return text


class LabelField(serializers.ChoiceField):
    """A label by its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(WORDS.values()), read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return WORDS[value]


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """`active_at` is the time of the newest question, `leaf` the newest message of any branch."""

    owner = serializers.IntegerField(source="owner_id", read_only=True)
    team = serializers.IntegerField(source="team_id", read_only=True, allow_null=True)
    leaf = serializers.UUIDField(source="leaf_id", read_only=True, allow_null=True)
    sensitivity = LabelField(source="label")

    class Meta:
        model = Conversation
        fields: ClassVar[list[str]] = [
            "id", "owner", "team", "title", "title_source", "sensitivity", "leaf", "version", "pinned", "archived",
            "created_at", "active_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class ConversationChangesSerializer(Strict):
    """What a person may change of a conversation."""

    title = Words(max_length=200, required=False)
    pinned = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)


class ConversationQuerySerializer(serializers.Serializer[Any]):
    archived = serializers.BooleanField(default=False, help_text="The archive instead of the list.")
    pinned = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only (not) pinned ones."
    )


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A question (`user`) or an answer (`assistant`); siblings share their `parent`.

    The fields make the schema; the values are written out by hand, ten times as fast on a page of a thousand.
    """

    conversation = serializers.UUIDField(source="conversation_id", read_only=True)
    parent = serializers.UUIDField(source="parent_id", read_only=True, allow_null=True)  # type: ignore[assignment]
    turn = serializers.UUIDField(source="turn_id", read_only=True, allow_null=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    sensitivity = LabelField(source="label")
    sensitivity_source = serializers.ChoiceField(
        source="label_source", choices=Message.LabelSource.choices, read_only=True
    )

    class Meta:
        model = Message
        fields: ClassVar[list[str]] = [
            "id", "conversation", "parent", "turn", "role", "author", "text", "state", "sensitivity",
            "sensitivity_source", "model", "hosting", "finish", "error", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, row: Message) -> dict[str, Any]:
        return {
            "id": row.pk,
            "conversation": row.conversation_id,
            "parent": row.parent_id,
            "turn": row.turn_id,
            "role": row.role,
            "author": row.author_id,
            "text": row.text,
            "state": row.state,
            "sensitivity": WORDS[row.label],
            "sensitivity_source": row.label_source,
            "model": row.model,
            "hosting": row.hosting,
            "finish": row.finish,
            "error": row.error,
            "created_at": row.created_at,
        }


class MessageQuerySerializer(serializers.Serializer[Any]):
    leaf = serializers.UUIDField(
        required=False, default=None, help_text="Only the branch that ends here, from its end; without it all messages."
    )


class MessagePageSerializer(serializers.Serializer[Any]):
    """One page, oldest message first. `next` is the page that follows: later messages, or earlier ones of a branch."""

    next = serializers.URLField(allow_null=True, read_only=True)
    previous = serializers.URLField(allow_null=True, read_only=True)
    results = MessageSerializer(many=True, read_only=True)


class FeedbackSerializer(Strict):
    """A verdict on an answer; the newest counts."""

    verdict = serializers.ChoiceField(choices=Feedback.Verdict.choices)
    reason = Words(max_length=1000, allow_blank=True, default="")
