"""The REST forms of shares, of those who can be picked, and of what others share with one."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.chat.models import Conversation, Share
from apps.chat.serializers import ConversationSerializer, Strict


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody of the company."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)


class ColleagueSerializer(PersonSerializer):
    """Somebody of the company, as one tells people of the same name apart."""

    email = serializers.CharField(read_only=True)


class SharedTeamSerializer(serializers.Serializer[Any]):
    """A team; who is in it at a moment may read."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)


class ShareSerializer(serializers.ModelSerializer[Share]):
    """One reader: a person or the members of a team, the other one is empty."""

    user = ColleagueSerializer(read_only=True, allow_null=True)
    team = SharedTeamSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Share
        fields: ClassVar[list[str]] = ["id", "user", "team", "created_at"]
        read_only_fields = fields


class ShareListSerializer(serializers.Serializer[Any]):
    """Everybody who may read the conversation besides its owner, oldest share first; at most 50."""

    results = ShareSerializer(many=True, read_only=True)


class NewShareSerializer(Strict):
    """Exactly one of the two: a colleague of the company, or one of one's own teams."""

    user = serializers.IntegerField(required=False, min_value=1, max_value=(1 << 63) - 1)
    team = serializers.IntegerField(required=False, min_value=1, max_value=(1 << 63) - 1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            sentence = ["Name either a user or a team."]
            raise serializers.ValidationError({"user": sentence, "team": sentence})
        return attrs


class ReaderQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=100,
        help_text="A part of a name or e-mail. People are found from two characters on, teams at once.",
    )


class ReadersSerializer(serializers.Serializer[Any]):
    """Members of one's own teams, and these teams; at most 20 in all."""

    people = ColleagueSerializer(many=True, read_only=True)
    teams = SharedTeamSerializer(many=True, read_only=True)


class SharedConversationSerializer(ConversationSerializer):
    """A conversation of somebody else that one may read. `pinned` and `archived` are its owner's."""

    owner = PersonSerializer(read_only=True)  # type: ignore[assignment]
    via = serializers.SerializerMethodField()

    class Meta(ConversationSerializer.Meta):
        fields: ClassVar[list[str]] = [*ConversationSerializer.Meta.fields, "via"]
        read_only_fields = fields

    def get_via(self, row: Conversation) -> str:
        """`user`: shared with oneself by name; `team`: with a team that one is in."""
        return str(self.context["via"].get(row.pk, "team"))
