"""A conversation becomes private while an answer in it ends: the newest version of the answer stays marked."""

import threading
from typing import Any

import pytest
from django.db import connections

from apps.chat import services
from apps.chat.models import Message
from apps.core import clock, db
from apps.domain.ids import ConversationId, TenantId
from apps.mirror import services as mirror
from apps.mirror.models import OutboxEntry
from tests.support.factories.chat import AnswerFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


class TestRelabelling:
    def test_does_not_take_back_the_mark_of_an_answer_that_ends_meanwhile(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = AnswerFactory(label=1)
        tenant, path = TenantId(answer.tenant_id), f"conversations/{answer.conversation_id}/messages/{answer.pk}"

        def end() -> None:
            with db.atomic():
                Message.objects.for_tenant(tenant).filter(pk=answer.pk).update(version=2)
                mirror.mark(tenant=tenant, path=path, version=2, at=clock.now())
            connections.close_all()

        ending, mark = threading.Thread(target=end), mirror.mark

        def meanwhile(**values: Any) -> None:
            if values["path"] == path and not ending.ident:
                monkeypatch.setattr(mirror, "mark", mark)
                ending.start()
                ending.join(0.5)
            mark(**values)

        monkeypatch.setattr(mirror, "mark", meanwhile)
        services.raise_label(tenant=tenant, conversation=ConversationId(answer.conversation_id), at=clock.now())
        ending.join(10)

        assert OutboxEntry.objects.for_tenant(tenant).get(path=path).version == 2
