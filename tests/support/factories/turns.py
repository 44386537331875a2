"""Turns as they are stored once they have ended."""

import factory
from factory.django import DjangoModelFactory

from apps.domain.ids import new_id
from apps.tenants.models import User
from apps.turns.models import Turn
from tests.support.factories.chat import AnswerFactory, ConversationFactory
from tests.support.factories.tenants import NOON, UserFactory


class TurnFactory(DjangoModelFactory[Turn]):
    class Meta:
        model = Turn
        exclude = ("user",)

    user = factory.SubFactory(UserFactory)
    id = factory.LazyFunction(new_id)
    tenant = factory.SelfAttribute("user.tenant")
    user_id = factory.SelfAttribute("user.pk")
    channel = "chat"
    recorder = "chat"
    state = "completed"
    asked_model = "auto"
    model = "small"
    hosting = "commercial"
    sensitivity = "clean"
    cost = 0
    opened_at = closed_at = NOON


def answered(owner: User, **turn: object) -> Turn:
    """A conversation of one question and its answer, by a turn with these values."""
    conversation = ConversationFactory(owner=owner)
    made: Turn = TurnFactory(user=owner, conversation_id=conversation.pk, **turn)
    common = {"conversation": conversation, "turn_id": made.pk}
    answer = AnswerFactory(parent__conversation=conversation, parent__turn_id=made.pk, **common)
    conversation.leaf_id = answer.pk
    conversation.save(update_fields=["leaf_id"])
    return made
