"""The REST forms of suites and their questions."""

from typing import Any

from rest_framework import serializers

from apps.core.serializers import Strict, Words
from apps.domain.intent import TASKS
from apps.domain.limits import MAX_BODY_BYTES
from apps.routing.evaluation import KINDS


def expected() -> "serializers.DictField":
    return serializers.DictField(help_text="What the check compares with, as the suite states it, without its `kind`.")


class SuiteSerializer(serializers.Serializer[Any]):
    """A suite in its newest version."""

    slug = serializers.CharField()
    name = serializers.CharField()
    shipped = serializers.BooleanField(help_text="It comes with the project and cannot be changed.")
    version = serializers.IntegerField()
    questions = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of its lines.")
    created_at = serializers.DateTimeField(allow_null=True, help_text="Null for a shipped one that was never used.")


class SuiteCountSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    questions = serializers.IntegerField()


class SuiteDetailSerializer(SuiteSerializer):
    """A suite with how its questions are spread."""

    tasks = SuiteCountSerializer(many=True)
    checks = SuiteCountSerializer(many=True)


class SuiteQuestionSerializer(serializers.Serializer[Any]):
    """One question of a suite."""

    id = serializers.CharField(source="name")
    task = serializers.CharField()
    domain = serializers.CharField()
    language = serializers.CharField(help_text="Empty where the suite does not say.")
    prompt = serializers.CharField()
    check = serializers.ChoiceField(choices=list(KINDS))
    expected = expected()


class QuestionsQuery(serializers.Serializer[Any]):
    """Which questions."""

    task = serializers.ChoiceField(choices=list(TASKS), required=False, default="")
    page = serializers.IntegerField(min_value=1, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=200, required=False)


class SuiteUploadSerializer(Strict):
    """A suite as JSONL: one object a line with `id`, `task`, `domain`, `prompt`, `check`."""

    slug = serializers.RegexField(r"^[a-z0-9][a-z0-9-]*$", max_length=40)
    name = Words(max_length=120)
    lines = Words(max_length=MAX_BODY_BYTES)


class SuiteListSerializer(serializers.Serializer[Any]):
    """The shipped suite, then the others by their names."""

    results = SuiteSerializer(many=True)
