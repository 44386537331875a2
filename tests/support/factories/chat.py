"""Conversations and messages of a person, as recorder and services would have written them."""

from itertools import count
from uuid import UUID

import factory
from factory.django import DjangoModelFactory

from apps.chat.models import Attachment, Conversation, Draft, Message, Share
from apps.domain.ids import uuid7
from tests.support.factories.tenants import NOON, UserFactory


class ConversationFactory(DjangoModelFactory[Conversation]):
    class Meta:
        model = Conversation

    owner = factory.SubFactory(UserFactory)
    tenant = factory.SelfAttribute("owner.tenant")
    title = factory.Sequence(lambda number: f"Conversation {number}")
    created_at = active_at = updated_at = NOON


_made = count(1_780_000_000_000)


def _next_id() -> UUID:
    """Ids in the order of making: two random ones of the same millisecond have none."""
    return uuid7(now_ms=next(_made), randomness=bytes(10))


class QuestionFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    id = factory.LazyFunction(_next_id)
    conversation = factory.SubFactory(ConversationFactory)
    tenant = factory.SelfAttribute("conversation.tenant")
    author = factory.SelfAttribute("conversation.owner")
    role = "user"
    text = "How do tides work?"
    created_at = NOON


class AnswerFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    parent = factory.SubFactory(QuestionFactory)
    id = factory.LazyFunction(_next_id)
    conversation = factory.SelfAttribute("parent.conversation")
    tenant = factory.SelfAttribute("conversation.tenant")
    role = "assistant"
    text = "The moon pulls."
    model = "small"
    hosting = "commercial"
    finish = "stop"
    created_at = NOON


class ShareFactory(DjangoModelFactory[Share]):
    """Name either a `user` or a `team`."""

    class Meta:
        model = Share

    conversation = factory.SubFactory(ConversationFactory)
    tenant = factory.SelfAttribute("conversation.tenant")
    created_at = NOON


class DraftFactory(DjangoModelFactory[Draft]):
    class Meta:
        model = Draft

    owner = factory.SubFactory(UserFactory)
    tenant = factory.SelfAttribute("owner.tenant")
    text = "Dear all,"
    size_bytes = factory.LazyAttribute(lambda row: len(row.text.encode()))
    updated_at = NOON


class AttachmentFactory(DjangoModelFactory[Attachment]):
    """A text that no question has taken yet."""

    class Meta:
        model = Attachment

    id = factory.LazyFunction(_next_id)
    owner = factory.SubFactory(UserFactory)
    tenant = factory.SelfAttribute("owner.tenant")
    kind = "text"
    name = "plan.txt"
    media_type = "text/plain"
    size_bytes = 9
    characters = 9
    text = "The plan."
    created_at = NOON
