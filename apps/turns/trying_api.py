"""The playground: what would become of a pasted text under the policy in force, or under one that is being written."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import TenantView
from apps.domain.errors import InvalidRequest
from apps.identity.api_auth import Permitted
from apps.policies import selectors as policies
from apps.privacy import services as privacy
from apps.privacy.values import Explained, Profile, Trial

LONGEST = 20_000


class TrialOrder(serializers.Serializer[Any]):
    """A text, whose profile of the policy counts, and the policy that is tried instead of the one in force."""

    text = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    channel = serializers.ChoiceField(choices=["chat", "api", "lab"], default="chat")
    team = serializers.SlugField(required=False, default="", allow_blank=True, help_text="Slug of a team.")
    document = serializers.DictField(required=False, help_text="A whole policy document that is not in force (yet).")


class FoundSerializer(serializers.Serializer[Any]):
    """One finding; offsets are code points of the text."""

    type = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    score = serializers.FloatField()
    recognizers = serializers.ListField(child=serializers.CharField())
    counts = serializers.BooleanField(help_text="Whether it labels the text.")
    why_not = serializers.CharField(help_text="Why it does not: `not_named`, `allowed` or `uncertain`; else empty.")


class TrialSerializer(serializers.Serializer[Any]):
    """What would become of the text."""

    sensitivity = serializers.ChoiceField(choices=["clean", "sensitive", "unclassified"])
    why = serializers.CharField(help_text="Why it could not be classified.")
    outcome = serializers.ChoiceField(choices=["free", "inside", "masked", "refused"])
    findings = FoundSerializer(many=True)
    masked = serializers.CharField(allow_null=True, help_text="The text as models outside would see it.")
    cpu_ms = serializers.FloatField()


class TrialView(TenantView):
    """`/api/v1/privacy/try/`."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"POST": "policies.read"}

    @extend_schema(operation_id="privacy_try", request=TrialOrder, responses=TrialSerializer, tags=["policy"])
    def post(self, request: Request) -> Response:
        """Look at a text as the pipeline would. Nothing is stored, sent or logged."""
        order = TrialOrder(data=request.data)
        order.is_valid(raise_exception=True)
        wanted = order.validated_data
        document = wanted.get("document")
        policy = policies.current(self.tenant) if document is None else policies.tried(document)
        if wanted["text"].strip() == "":
            raise InvalidRequest("There is no text to look at.", fields={"text": "is empty"})
        profile = Profile.of(self.tenant, policy, channel=wanted["channel"], team=wanted["team"] or None)
        return Response(_shown(privacy.try_out(wanted["text"], profile)))


def _shown(trial: Trial) -> dict[str, Any]:
    return {
        "sensitivity": trial.verdict.sensitivity.word,
        "why": trial.verdict.why,
        "outcome": trial.outcome,
        "findings": [_finding(one) for one in trial.explained],
        "masked": trial.masked,
        "cpu_ms": round(trial.cpu_ms, 2),
    }


def _finding(one: Explained) -> dict[str, Any]:
    found = one.finding
    return {
        "type": found.type,
        "start": found.start,
        "end": found.end,
        "score": found.score,
        "recognizers": one.recognizers,
        "counts": not one.why_not,
        "why_not": one.why_not,
    }
