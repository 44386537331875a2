"""What happens after an answer, in a job: a title by a turn of its own, and labels that reach the conversation."""

from typing import Any
from uuid import uuid4

import pytest

from apps.audit.models import AuditEvent
from apps.chat import services, titles
from apps.chat.models import Conversation, Message
from apps.core.jobs import Running
from apps.domain.ids import ConversationId, TenantId
from apps.domain.messages import Sampling
from apps.domain.policy import Policy
from apps.mirror.models import OutboxEntry
from apps.policies import selectors as policies
from apps.providers.values import ProviderUnavailable
from apps.tenants.models import User
from apps.turns.models import Turn
from tests.support.factories.chat import AnswerFactory
from tests.support.factories.tenants import NOON
from tests.support.scripted_model import PRIVATE, ScriptedModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(erin: User) -> Message:
    """The first answer of a conversation that is titled by its first words."""
    row: Message = AnswerFactory(parent__conversation__owner=erin, parent__conversation__title="How do tides work?")
    return row


def job(answer: Message, kind: str = "chat.title") -> Running:
    payload = {"answer": str(answer.pk)}
    return Running(uuid4(), TenantId(answer.tenant_id), kind, str(answer.conversation_id), payload, 1)


def title_of(answer: Message) -> tuple[str, str]:
    return Conversation.objects.for_tenant(answer.tenant_id).values_list("title", "title_source").get()


class TestSuggest:
    def test_gives_the_conversation_a_title_of_the_model(self, answer: Message, model: ScriptedModel) -> None:
        model.pieces = ('"Tides and ', 'the Moon."\n')
        titles.suggest(job(answer))

        assert title_of(answer) == ("Tides and the Moon", "model")

    def test_asks_by_a_background_turn_that_is_billed_and_on_record(
        self, answer: Message, model: ScriptedModel, erin: User
    ) -> None:
        titles.suggest(job(answer))

        turn = Turn.objects.for_tenant(erin.tenant_id).get()
        assert (turn.channel, turn.recorder, turn.state, turn.user_id) == ("background", "none", "completed", erin.pk)
        assert turn.cost > 0
        kinds = AuditEvent.objects.for_tenant(erin.tenant_id).order_by("seq").values_list("kind", flat=True)
        assert list(kinds) == ["turn.dispatched", "turn.completed", "conversation.titled"]
        (call,) = model.calls
        assert call.messages[-1].text == "Question:\nHow do tides work?\n\nAnswer:\nThe moon pulls."
        assert call.sampling == Sampling(max_output_tokens=titles.MAX_TOKENS)

    @pytest.mark.parametrize("where", ["text", "label"])
    def test_of_private_text_is_written_inside(self, answer: Message, model: ScriptedModel, where: str) -> None:
        if where == "text":
            Message.objects.for_tenant(answer.tenant_id).filter(pk=answer.pk).update(text=f"{PRIVATE} is valid.")
        else:  # found once, by a detector that would not find it in the excerpt
            Message.objects.for_tenant(answer.tenant_id).filter(pk=answer.pk).update(label=1)
        titles.suggest(job(answer))

        assert [call.candidate.hosting.value for call in model.calls] == ["self_hosted"]

    @pytest.mark.parametrize("why", ["policy", "named by a person", "deleted", "erased"])
    def test_asks_nobody_when_no_title_is_wanted(
        self, answer: Message, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, why: str
    ) -> None:
        mine = Conversation.objects.for_tenant(answer.tenant_id)
        if why == "policy":
            monkeypatch.setattr(policies, "current", lambda tenant: Policy(version=1, titles=False))
        elif why == "named by a person":
            mine.update(title_source="person")
        elif why == "deleted":
            mine.update(deleted_at=NOON)
        else:
            Message.objects.for_tenant(answer.tenant_id).all().delete()
        titles.suggest(job(answer))

        assert model.calls == []

    def test_keeps_the_first_words_when_the_model_fails(self, answer: Message, model: ScriptedModel) -> None:
        model.error = ProviderUnavailable("It broke off.")
        titles.suggest(job(answer))

        assert title_of(answer) == ("How do tides work?", "words")

    def test_keeps_the_name_that_a_person_gave_meanwhile(self, answer: Message, erin: User) -> None:
        tenant, conversation = TenantId(erin.tenant_id), ConversationId(answer.conversation_id)
        Conversation.objects.for_tenant(tenant).update(title="Mine", title_source="person")

        assert services.set_title(tenant=tenant, conversation=conversation, title="Its", at=NOON) is False
        assert title_of(answer) == ("Mine", "person")

    def test_twice_asks_once(self, answer: Message, model: ScriptedModel) -> None:
        titles.suggest(job(answer))
        titles.suggest(job(answer))

        assert len(model.calls) == 1


class TestRelabel:
    def test_raises_the_conversation_and_marks_every_message(self, answer: Message) -> None:
        Message.objects.for_tenant(answer.tenant_id).filter(pk=answer.pk).update(label=1)
        titles.relabel(job(answer, "chat.relabel"))

        row = Conversation.objects.for_tenant(answer.tenant_id).get()
        assert (row.label, row.version) == (1, 2)
        base = f"conversations/{row.pk}"
        paths = set(OutboxEntry.objects.for_tenant(answer.tenant_id).values_list("path", flat=True))
        assert paths == {base, f"{base}/messages/{answer.pk}", f"{base}/messages/{answer.parent_id}"}

    def test_never_lowers_it(self, answer: Message) -> None:
        Conversation.objects.for_tenant(answer.tenant_id).update(label=2)
        titles.relabel(job(answer, "chat.relabel"))

        assert Conversation.objects.for_tenant(answer.tenant_id).get().label == 2

    def test_of_what_was_erased_does_nothing(self, answer: Message) -> None:
        gone: Any = job(answer, "chat.relabel")
        Conversation.objects.for_tenant(answer.tenant_id).all().delete()
        titles.relabel(gone)

        assert not OutboxEntry.objects.for_tenant(answer.tenant_id).exists()
