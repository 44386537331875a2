"""The REST forms of conversations and messages. What is read and what may be written are two shapes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers

from apps.chat.attachments.serializers import AttachmentSerializer
from apps.chat.attachments.values import shown
from apps.chat.models import Conversation, Feedback, Message
from apps.chat.values import AttachmentRecord
from apps.core.serializers import Strict as Strict
from apps.core.serializers import Words as Words
from apps.domain.ids import TurnId
from apps.domain.privacy import Sensitivity
from apps.turns.selectors import Outcome

WORDS = {int(label): label.word for label in Sensitivity}


class LabelField(serializers.ChoiceField):
    """A label by its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(WORDS.values()), read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return WORDS[value]


class OriginField(serializers.CharField):
    """The hosting of the turn that wrote this message; nothing as long as nothing was sent to a model."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="leaf_id", read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        outcome: Outcome | None = self.context["outcomes"].get(value)
        return outcome.hosting or None if outcome else None


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """`active_at` is the time of the newest question, `leaf` the newest message of any branch.

    `hosting` and `entities` are those of the newest answer's turn: where it came from, and the types of what was found
    in everything that was meant for the model. The context's `outcomes` holds them by `leaf`, `shared` the ids of
    conversations that others may read, `reader` whoever looks.
    """

    hosting = OriginField(help_text="`self_hosted` or `commercial`; empty as long as nothing was sent to a model.")
    entities = serializers.SerializerMethodField()
    owner = serializers.IntegerField(source="owner_id", read_only=True)
    team = serializers.IntegerField(source="team_id", read_only=True, allow_null=True)
    owner_name = serializers.SerializerMethodField(help_text="Whose it is; empty for one's own.")
    is_own = serializers.SerializerMethodField(help_text="False: somebody else's, to be read only.")
    shared = serializers.SerializerMethodField(help_text="Whether others than its owner may read it.")
    leaf = serializers.UUIDField(source="leaf_id", read_only=True, allow_null=True)
    sensitivity = LabelField(source="label")

    class Meta:
        model = Conversation
        fields: ClassVar[list[str]] = [
            "id", "owner", "owner_name", "is_own", "shared", "team", "title", "title_source", "sensitivity",
            "entities", "hosting", "leaf", "version",
            "pinned", "archived", "created_at", "active_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_owner_name(self, row: Conversation) -> str:
        return "" if self.get_is_own(row) else row.owner.name

    def get_is_own(self, row: Conversation) -> bool:
        return bool(row.owner_id == self.context["reader"])

    def get_shared(self, row: Conversation) -> bool:
        return row.pk in self.context["shared"]

    def get_entities(self, row: Conversation) -> list[str]:
        last: Outcome | None = self.context["outcomes"].get(row.leaf_id)
        return list(last.entities) if last else []


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


class PartSerializer(serializers.Serializer[Any]):
    """A model that was asked for an answer."""

    at = serializers.IntegerField(
        help_text="Where its text begins, in code points; the next one's if it wrote nothing."
    )
    model = serializers.CharField()
    hosting = serializers.CharField()
    after = serializers.CharField(help_text="The code of the fault for which the model before it gave way.")


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A question (`user`) or an answer (`assistant`); siblings share their `parent`.

    `cost_microusd` is what an answer cost; the context's `outcomes` holds it by turn. The fields make the schema; the
    values are written out by hand, ten times as fast on a page of a thousand.
    """

    conversation = serializers.UUIDField(source="conversation_id", read_only=True)
    parent = serializers.UUIDField(source="parent_id", read_only=True, allow_null=True)  # type: ignore[assignment]
    turn = serializers.UUIDField(source="turn_id", read_only=True, allow_null=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    sensitivity = LabelField(source="label")
    sensitivity_source = serializers.ChoiceField(
        source="label_source", choices=Message.LabelSource.choices, read_only=True
    )
    is_exempt = serializers.BooleanField(
        read_only=True, help_text="Whether compliance has declared it, or what it was derived from, not private."
    )
    cost_microusd = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Empty for questions and until the answer is settled."
    )
    attachments = AttachmentSerializer(many=True, read_only=True, help_text="The files that came with a question.")
    parts = PartSerializer(
        many=True,
        read_only=True,
        help_text="Who wrote what of an answer that several models were asked for; else empty.",
    )
    rating = serializers.CharField(
        read_only=True, allow_null=True, help_text="Your own verdict on an answer: `up`, `down`, or none."
    )

    class Meta:
        model = Message
        fields: ClassVar[list[str]] = [
            "id", "conversation", "parent", "turn", "role", "author", "text", "state", "sensitivity",
            "sensitivity_source", "is_exempt", "model", "hosting", "parts", "finish", "error", "cost_microusd",
            "attachments", "rating", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, row: Message) -> dict[str, Any]:
        outcomes: Mapping[TurnId, Outcome] = self.context["outcomes"]
        files: Mapping[UUID, Sequence[AttachmentRecord]] = self.context.get("attachments", {})
        is_answer = row.role == Message.Role.ASSISTANT
        outcome = outcomes.get(TurnId(row.turn_id)) if is_answer and row.turn_id else None
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
            "is_exempt": row.found is not None and row.label < row.found,
            "model": row.model,
            "hosting": row.hosting,
            "parts": row.parts or [],
            "finish": row.finish,
            "error": row.error,
            "cost_microusd": outcome.cost if outcome else None,
            "attachments": [shown(file) for file in files.get(row.pk, ())],
            "rating": self.context.get("ratings", {}).get(row.pk),
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
