"""The decision record of a question and its signed receipt: what was found, who could answer, why this one."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit import receipts
from apps.core.api import TenantView
from apps.domain.errors import NotFound
from apps.domain.ids import TurnId
from apps.identity.values import Principal
from apps.tenants import roles
from apps.turns import selectors


class AttemptSerializer(serializers.Serializer[Any]):
    """One call of one model."""

    number = serializers.IntegerField()
    model = serializers.CharField()
    provider = serializers.CharField()
    hosting = serializers.CharField(help_text="Where the model ran then.")
    state = serializers.CharField()
    code = serializers.CharField()
    cost_micro_usd = serializers.IntegerField(allow_null=True)
    keeps = serializers.IntegerField(help_text="Code points of the answer that stood when this model was asked.")


class VoterSerializer(serializers.Serializer[Any]):
    """One of the models that were asked at once."""

    attempt = serializers.IntegerField()
    model = serializers.CharField()
    cluster = serializers.IntegerField(allow_null=True, help_text="Equal numbers agree; null: it did not count.")
    fault = serializers.CharField(required=False, help_text="What was wrong with its answer.")


class VoteSerializer(serializers.Serializer[Any]):
    """How several models have voted on an answer. `winner` is the attempt whose answer was shown."""

    way = serializers.ChoiceField(choices=["majority", "medoid", "calls", "alone"])
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    counted = serializers.IntegerField()
    agreed = serializers.IntegerField()
    winner = serializers.IntegerField()
    reason = serializers.CharField(help_text="A sentence for people.")
    said = serializers.DictField(allow_null=True, help_text="Code and parameters of that sentence.")
    voters = VoterSerializer(many=True)


class TurnSerializer(serializers.Serializer[Any]):
    """The decision record. Sums are micro-dollars; `decision` holds intents, candidates, rejections and reasons."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["open", "completed", "failed", "stopped", "refused"])
    channel = serializers.CharField()
    conversation = serializers.UUIDField(allow_null=True)
    asked_model = serializers.CharField()
    model = serializers.CharField()
    hosting = serializers.CharField()
    strategy = serializers.CharField()
    sensitivity = serializers.CharField()
    decision = serializers.DictField()
    answer_entities = serializers.DictField(
        child=serializers.IntegerField(), help_text="Types and counts of what labelled the answer itself."
    )
    vote = VoteSerializer(allow_null=True, help_text="Where several models were asked at once.")
    reserved_micro_usd = serializers.IntegerField()
    cost_micro_usd = serializers.IntegerField(allow_null=True)
    estimated = serializers.BooleanField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    granted_tokens = serializers.IntegerField()
    finish = serializers.CharField()
    code = serializers.CharField()
    opened_at = serializers.DateTimeField()
    first_token_ms = serializers.IntegerField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    attempts = AttemptSerializer(many=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    """A record with the installation's signature; `audit_verify --receipt FILE` checks it offline."""

    type = serializers.CharField()
    format = serializers.IntegerField()
    key_id = serializers.CharField()
    record = TurnSerializer()
    signature = serializers.CharField()


class _TurnView(TenantView):
    required_scopes = frozenset({"chat"})
    operations: ClassVar[Mapping[str, str]] = {}

    def record(self, request: Request, turn: UUID) -> dict[str, Any]:
        """The record of one's own question, or of anybody's for who may read any. Else `NotFound`."""
        assert isinstance(request.user, Principal)
        person = request.user.person
        found = selectors.record(self.tenant, TurnId(turn))
        own = found.user == person.id and roles.allows(person, "turns.read")
        if not own and not roles.allows(person, "turns.read_any"):
            raise NotFound
        return found.as_json


class TurnView(_TurnView):
    """`GET /api/v1/turns/{id}/`."""

    @extend_schema(
        operation_id="turns_retrieve",
        summary="Why this model answered, and what it cost",
        responses={200: TurnSerializer, 404: OpenApiResponse(description="Missing, or not yours.")},
    )
    def get(self, request: Request, turn: UUID) -> Response:
        return Response(self.record(request, turn))


class ReceiptView(_TurnView):
    """`GET /api/v1/turns/{id}/receipt/`."""

    @extend_schema(
        operation_id="turns_receipt",
        summary="The decision record, signed",
        responses={200: ReceiptSerializer, 404: OpenApiResponse(description="Missing, or not yours.")},
    )
    def get(self, request: Request, turn: UUID) -> Response:
        return Response(receipts.sign(self.record(request, turn)))
