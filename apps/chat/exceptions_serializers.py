"""The REST forms of exceptions."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.chat.serializers import Strict, Words
from apps.domain.ids import UserId
from apps.policies.excepting import LONGEST_DAYS
from apps.policies.exceptions import ALL_STATES
from apps.policies.values import ExceptionRecord

LONGEST_REASON = 500


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody of the company."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="Empty for somebody who is gone.")


class ExceptionSerializer(serializers.Serializer[Any]):
    """A question that its author says is not private, and what compliance decided. Its text is not in here."""

    id = serializers.UUIDField()
    message = serializers.UUIDField()
    conversation = serializers.UUIDField()
    types = serializers.ListField(child=serializers.CharField(), help_text="What was found in the question.")
    state = serializers.ChoiceField(choices=list(ALL_STATES))
    asked_by = PersonSerializer()
    asked_because = serializers.CharField()
    asked_at = serializers.DateTimeField()
    opened_by = PersonSerializer(allow_null=True, help_text="Who read the question for it first.")
    opened_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonSerializer(allow_null=True)
    decided_because = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="It holds before this moment.")
    ended_by = PersonSerializer(allow_null=True, help_text="Empty where its time was over.")
    ended_at = serializers.DateTimeField(allow_null=True)


class ExceptionListSerializer(serializers.Serializer[Any]):
    """`waiting`: oldest first; `granted`: what ends first; `over`: the newest two hundred."""

    results = ExceptionSerializer(many=True)


class QuestionSerializer(serializers.Serializer[Any]):
    """The question that an exception is asked for, and what its files say."""

    text = serializers.CharField()
    files = serializers.ListField(child=serializers.CharField())


class AskSerializer(Strict):
    """Why the question is not private; whoever decides reads it, and the question."""

    reason = Words(max_length=LONGEST_REASON)


class RefuseSerializer(Strict):
    """Why it stays private; its author is told."""

    reason = Words(max_length=LONGEST_REASON)


class GrantSerializer(Strict):
    """Why it is not private, and for how many days."""

    reason = Words(max_length=LONGEST_REASON)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS)


class WhichSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["waiting", "granted", "over"], default="waiting")


def told(record: ExceptionRecord, names: Mapping[UserId, str]) -> dict[str, Any]:
    """One of them as it is read."""

    def person(user: UserId | None) -> dict[str, Any] | None:
        return None if user is None else {"id": user, "name": names.get(user, "")}

    return {
        "id": record.id,
        "message": record.message,
        "conversation": record.conversation,
        "types": list(record.types),
        "state": record.state,
        "asked_by": person(record.asked_by),
        "asked_because": record.asked_because,
        "asked_at": record.asked_at,
        "opened_by": person(record.opened_by),
        "opened_at": record.opened_at,
        "decided_by": person(record.decided_by),
        "decided_because": record.decided_because,
        "decided_at": record.decided_at,
        "until": record.until,
        "ended_by": person(record.ended_by),
        "ended_at": record.ended_at,
    }
