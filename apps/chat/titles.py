"""Titles: the first words of the question at once, a better one later, by a background turn like any other.

The turn goes through the one pipeline with the label of what it reads, so that a title of private text is written
inside the company; it has its own reservation and the cheapest permitted model.
"""

from uuid import UUID

import structlog

from apps.chat import followups, selectors, services
from apps.chat.models import Conversation
from apps.chat.values import Said
from apps.core import clock
from apps.core.jobs import Running
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, MessageId, TenantId, TurnId, UserId, new_id
from apps.domain.messages import PromptMessage, Role, Sampling
from apps.domain.privacy import highest
from apps.domain.turn import Channel, Failed, Principal, TextDelta, TurnRequest
from apps.policies import selectors as policies
from apps.turns import background
from apps.turns import services as turns

log = structlog.get_logger(__name__)

MAX_TOKENS = 40


def suggest(running: Running) -> None:
    """Handler of `chat.title`: name the conversation, unless a person did, the policy says no, or it is gone.

    A refused or failed turn is no reason to try again: the first words stay. A second run finds the title and ends.
    """
    conversation = ConversationId(UUID(running.subject))
    request = _request(running.tenant, conversation, MessageId(UUID(running.payload["answer"])))
    if request is None:
        return
    title = followups.title_from(background.run(_written(request)))
    if title is not None:
        services.set_title(tenant=running.tenant, conversation=conversation, title=title, at=clock.now())


def relabel(running: Running) -> None:
    """Handler of `chat.relabel`: an answer turned out to hold private data; the conversation's label follows."""
    services.raise_label(tenant=running.tenant, conversation=ConversationId(UUID(running.subject)), at=clock.now())


def _request(tenant: TenantId, conversation: ConversationId, answer: MessageId) -> TurnRequest | None:
    if not policies.current(tenant).titles:
        return None
    untitled = Conversation.objects.for_tenant(tenant).filter(
        pk=conversation, deleted_at=None, title_source=Conversation.TitleSource.WORDS
    )
    row = untitled.first()
    if row is None:
        return None
    owner = UserId(row.owner_id)
    try:
        branch = selectors.said(tenant=tenant, user=owner, conversation=conversation, leaf=answer, limit=2)
    except NotFound:  # the messages were erased meanwhile
        return None
    record = selectors.conversation_record(row)
    return TurnRequest(
        turn=TurnId(new_id()),
        principal=Principal(tenant=tenant, user=owner),
        team=record.team,
        channel=Channel.BACKGROUND,
        messages=_prompt(branch),
        received_at=clock.now(),
        strategy="cheapest",
        sampling=Sampling(max_output_tokens=MAX_TOKENS),
        label_floor=highest(message.label for message in branch),
    )


def _prompt(branch: tuple[Said, ...]) -> tuple[PromptMessage, ...]:
    text = followups.excerpt(branch[0].text, branch[-1].text)
    return PromptMessage(Role.SYSTEM, followups.PROMPT), PromptMessage(Role.USER, text)


async def _written(request: TurnRequest) -> str:
    """What the model wrote; nothing when the turn failed."""
    parts: list[str] = []
    async for event in turns.answer(request):
        if isinstance(event, TextDelta):
            parts.append(event.text)
        elif isinstance(event, Failed):
            log.info("title.not_written", turn=str(request.turn), code=event.code)
            parts.clear()
    return "".join(parts)
