"""What other apps reach by name: documents for the mirror, and the removal of a person."""

from uuid import UUID

import pytest

from apps.chat.documents import CONTENT, HIDDEN_TITLE, SOURCE
from apps.chat.erasure import ERASER
from apps.chat.models import Conversation, Draft, Feedback, Message, Share
from apps.core.models import Job
from apps.domain.ids import TenantId, UserId
from apps.domain.privacy import Sensitivity
from apps.mirror.models import OutboxEntry
from apps.tenants.models import User
from tests.integration.chat.conftest import person
from tests.support.factories.chat import (
    AnswerFactory,
    ConversationFactory,
    DraftFactory,
    QuestionFactory,
    ShareFactory,
)
from tests.support.factories.tenants import NOON, TeamFactory

pytestmark = pytest.mark.django_db


def read(row: Conversation | Message, tenant: int | None = None):
    owner = row if isinstance(row, Conversation) else row.conversation
    path = f"conversations/{owner.pk}" + ("" if row is owner else f"/messages/{row.pk}")
    return SOURCE.read(TenantId(row.tenant_id if tenant is None else tenant), path)


class TestDocuments:
    def test_hold_title_and_text_of_what_is_clean(self, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin, parent__conversation__title="Tides")

        conversation, message = read(answer.conversation), read(answer)
        assert (conversation.version, conversation.fields["title"]) == (1, "Tides")
        assert conversation.fields["readers"] == [erin.pk]
        assert (message.fields["text"], message.fields["state"]) == ("The moon pulls.", "ok")

    def test_name_those_whom_it_is_shared_with(self, erin: User) -> None:
        conversation, colleague = ConversationFactory(owner=erin), person(tenant=erin.tenant)
        team = TeamFactory(tenant=erin.tenant)
        ShareFactory(conversation=conversation, user=colleague)
        ShareFactory(conversation=conversation, team=team)

        fields = read(conversation).fields
        assert (fields["readers"], fields["reader_teams"]) == ([erin.pk, colleague.pk], [team.pk])

    @pytest.mark.parametrize("label", [Sensitivity.SENSITIVE, Sensitivity.UNCLASSIFIED])
    def test_of_private_conversations_hold_neither(self, erin: User, label: Sensitivity) -> None:
        conversation = ConversationFactory(owner=erin, title="About Erin", label=label)
        clean = QuestionFactory(conversation=conversation, text="Words of Erin")

        for document in (read(conversation), read(clean)):
            assert document.label is label
            assert "Erin" not in str(document.fields)
        assert read(conversation).fields["title"] == HIDDEN_TITLE

    def test_name_the_fields_that_hold_content(self, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin, parent__conversation__title="Unique words")
        metadata = {
            name: value
            for row in (answer.conversation, answer)
            for name, value in read(row).fields.items()
            if name not in CONTENT
        }

        assert not any(words in str(metadata) for words in ("Unique words", "The moon pulls."))

    def test_of_deleted_conversations_are_tombstones(self, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin, parent__conversation__deleted_at=NOON)

        assert read(answer.conversation).deleted
        assert read(answer).deleted

    def test_of_another_company_do_not_exist(self, erin: User, stranger: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)

        assert read(answer, tenant=stranger.tenant_id) is None
        assert read(answer.conversation, tenant=stranger.tenant_id) is None

    @pytest.mark.parametrize(
        "path", ["", "conversations", "conversations/x", "people/1", f"conversations/{UUID(int=404)}", "a/b/c"]
    )
    def test_without_an_object_are_none(self, erin: User, path: str) -> None:
        assert SOURCE.read(TenantId(erin.tenant_id), path) is None

    def test_of_a_message_stand_under_its_own_conversation(self, erin: User) -> None:
        answer, other = AnswerFactory(parent__conversation__owner=erin), ConversationFactory(owner=erin)

        assert SOURCE.read(TenantId(erin.tenant_id), f"conversations/{other.pk}/messages/{answer.pk}") is None


class TestErasure:
    def test_removes_everything_of_the_person_and_nothing_of_others(self, erin: User) -> None:
        colleague = person(tenant=erin.tenant)
        mine, theirs = (AnswerFactory(parent__conversation__owner=owner) for owner in (erin, colleague))
        for answer, owner in ((mine, erin), (theirs, colleague)):
            Feedback.objects.create(tenant_id=erin.tenant_id, message=answer, user=owner, verdict="up", at=NOON)
        subject = str(mine.conversation_id)
        Job.objects.create(tenant_id=erin.tenant_id, kind="chat.title", subject=subject, due_at=NOON, created_at=NOON)

        removed = ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        assert removed == 4
        tenant = TenantId(erin.tenant_id)
        assert [row.pk for row in Conversation.objects.for_tenant(tenant)] == [theirs.conversation_id]
        assert Message.objects.for_tenant(tenant).count() == 2
        assert Feedback.objects.for_tenant(tenant).get().user_id == colleague.pk
        assert not Job.objects.filter(kind="chat.title").exists()

    def test_removes_drafts_and_what_was_shared_with_them(self, erin: User) -> None:
        colleague = person(tenant=erin.tenant)
        theirs = ConversationFactory(owner=colleague)
        ShareFactory(conversation=theirs, user=erin)
        ShareFactory(conversation=ConversationFactory(owner=erin), user=colleague)
        DraftFactory(owner=erin)
        kept = DraftFactory(owner=colleague)

        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        tenant = TenantId(erin.tenant_id)
        assert not Share.objects.for_tenant(tenant).exists()
        assert Draft.objects.for_tenant(tenant).get() == kept
        marked = OutboxEntry.objects.for_tenant(tenant).get(path=f"conversations/{theirs.pk}")
        assert marked.version == 2

    def test_makes_the_mirror_remove_its_copies(self, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)
        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        marked = OutboxEntry.objects.for_tenant(erin.tenant_id).values_list("path", "version")
        base = f"conversations/{answer.conversation_id}"
        assert set(marked) == {
            (base, 2), (f"{base}/messages/{answer.pk}", 2), (f"{base}/messages/{answer.parent_id}", 2),
        }  # fmt: skip
        assert all(SOURCE.read(TenantId(erin.tenant_id), path) is None for path, _ in marked)

    def test_runs_again_without_harm(self, erin: User) -> None:
        AnswerFactory(parent__conversation__owner=erin)
        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        assert ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk)) == 0
