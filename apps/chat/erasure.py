"""Removal of what the chat holds of a person. Legal holds are checked by whoever calls."""

from apps.chat import drafts, sharing
from apps.chat.models import Attachment, Conversation, Feedback, Message
from apps.chat.search import index
from apps.chat.values import document_path
from apps.core import clock, db
from apps.core.models import Job
from apps.domain.ids import TenantId, UserId
from apps.mirror import services as mirror
from apps.policies import excepting

BATCH = 20


class ChatEraser:
    """The eraser of the app (see `domain.registry.Eraser`)."""

    name = "chat"

    def erase_user(self, tenant: TenantId, user: UserId) -> int:
        """Conversations, ratings, drafts, what was shared with them, their name elsewhere. Safe to run again."""
        removed = 0
        while batch := self._erase_some(tenant, user):
            removed += batch
        with db.atomic():
            removed += drafts.erase(tenant, user) + sharing.forget_reader(tenant=tenant, user=user, at=clock.now())
            removed += excepting.forget(tenant=tenant, user=user)
            ratings, _ = Feedback.objects.for_tenant(tenant).filter(user_id=user).delete()
            files, _ = Attachment.objects.for_tenant(tenant).filter(owner_id=user).delete()  # what was never sent
            Message.objects.for_tenant(tenant).filter(author_id=user).update(author_id=None)
        index.forget()
        return removed + ratings + files

    def _erase_some(self, tenant: TenantId, user: UserId) -> int:
        """One batch in one transaction: rows, pending jobs, and marks that make the mirror remove its copies."""
        at = clock.now()
        with db.atomic():
            owned = Conversation.objects.for_tenant(tenant).filter(owner_id=user).order_by("id")
            versions = dict(owned.values_list("id", "version")[:BATCH])
            messages = Message.objects.for_tenant(tenant).filter(conversation_id__in=versions)
            for conversation, message, version in messages.values_list("conversation_id", "id", "version"):
                mirror.mark(tenant=tenant, path=document_path(conversation, message), version=version + 1, at=at)
            for conversation, version in versions.items():
                mirror.mark(tenant=tenant, path=document_path(conversation), version=version + 1, at=at)
            subjects = [str(conversation) for conversation in versions]
            Job.objects.filter(tenant_id=tenant, kind__startswith="chat.", subject__in=subjects).delete()
            excepting.forget_messages(tenant=tenant, messages=messages.values_list("id", flat=True))
            ratings = Feedback.objects.for_tenant(tenant).filter(message__conversation_id__in=versions)
            removed = ratings.delete()[0] + messages.delete()[0]
            removed += Conversation.objects.for_tenant(tenant).filter(pk__in=versions).delete()[0]
        return removed


ERASER = ChatEraser()
