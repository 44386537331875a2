"""The REST forms of a search."""

from typing import Any

from rest_framework import serializers

from apps.chat.search.find import MATCHES, Found
from apps.chat.search.query import SNIPPET
from apps.chat.serializers import ConversationSerializer

MAX_QUERY = 200


class SearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        max_length=MAX_QUERY,
        trim_whitespace=False,
        help_text=(
            "Words that must all be there, in any order; a phrase in quotation marks; the last word may be begun. "
            "Case and accents do not count."
        ),
    )
    cursor = serializers.CharField(max_length=200, required=False, default="", help_text="From `next`.")


class SearchMatchSerializer(serializers.Serializer[Any]):
    """One place: in a message, or in the title."""

    message = serializers.UUIDField(allow_null=True, read_only=True, help_text="Empty: the title.")
    snippet = serializers.CharField(
        read_only=True, help_text=f"At most {SNIPPET} characters of the text as it was written, around the first hit."
    )
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        read_only=True,
        help_text="What was found, as [start, end] in code points of `snippet`.",
    )


class SearchResultSerializer(serializers.Serializer[Any]):
    conversation = ConversationSerializer(read_only=True)
    matches = SearchMatchSerializer(many=True, read_only=True, help_text=f"At most {MATCHES}: the title, then newest.")


class SearchPageSerializer(serializers.Serializer[Any]):
    """One page of conversations, most recently active first."""

    next = serializers.URLField(allow_null=True, read_only=True)
    results = SearchResultSerializer(many=True, read_only=True)


def shown_matches(found: Found) -> list[dict[str, Any]]:
    """The places of one conversation as they are read."""
    return [
        {"message": match.message, "snippet": match.snippet.text, "marks": [list(mark) for mark in match.snippet.marks]}
        for match in found.matches
    ]
