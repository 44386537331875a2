"""Exports: what is in the file, who gets it, and that it is on record."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser

from apps.audit.models import AuditEvent
from apps.chat import export
from apps.chat.export_api import Download
from apps.chat.models import Attachment, Conversation, Share
from apps.tenants.models import User
from tests.integration.chat.conftest import key_of, person
from tests.integration.chat.test_api import LIST
from tests.support.factories.chat import AnswerFactory, ConversationFactory, QuestionFactory
from tests.support.factories.tenants import NOON
from tests.support.factories.turns import TurnFactory, answered

pytestmark = pytest.mark.django_db


class Files:
    """Downloads of one person by API key."""

    def __init__(self, user: User, *scopes: str) -> None:
        self._browser = Browser(headers={"Authorization": f"Bearer {key_of(user, *(scopes or ('conversations',)))}"})

    def get(self, path: str, **headers: str) -> Any:
        return self._browser.get(path, headers=headers)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return b"".join(answer.streaming_content).decode()


@pytest.fixture
def files(erin: User) -> Files:
    return Files(erin)


def of(conversation: Conversation, query: str = "") -> str:
    return f"{LIST}{conversation.pk}/export/{query}"


def told(owner: User, **values: Any) -> tuple[Conversation, Any, Any]:
    """A conversation with one question and a paid answer."""
    conversation = ConversationFactory(owner=owner, title="Ebbe & Flut", **values)
    turn = TurnFactory(user=owner, conversation_id=conversation.pk, cost=1234)
    question = QuestionFactory(conversation=conversation, turn_id=turn.pk)
    answer = AnswerFactory(parent=question, conversation=conversation, turn_id=turn.pk, created_at=NOON)
    conversation.leaf_id = answer.pk
    conversation.save(update_fields=["leaf_id"])
    return conversation, question, answer


class TestMarkdown:
    def test_tells_who_answered_where_and_at_what_cost(self, files: Files, erin: User) -> None:
        conversation, *_ = told(erin)

        text = files.text(of(conversation))
        assert text.startswith("# Ebbe & Flut\n")
        assert "- Sensitivity: nothing sensitive found" in text
        assert "## Question" in text
        assert "How do tides work?" in text
        assert "*small* · *hosted by an outside provider* · *cost 0.001234 USD*" in text
        assert text.rstrip().endswith("The moon pulls.")

    def test_names_the_models_that_wrote_and_no_other(self, files: Files, erin: User) -> None:
        conversation, _, answer = told(erin)
        models = (("outside", 0), ("silent", 4), ("inside", 4), ("last", len(answer.text)))
        answer.parts = [{"at": at, "model": name, "hosting": "commercial", "after": ""} for name, at in models]
        answer.save(update_fields=["parts"])

        assert "*outside → inside*" in files.text(of(conversation))
        document = json.loads(files.text(of(conversation, "?form=json")))
        assert [part["model"] for part in document["messages"][1]["parts"]] == ["outside", "silent", "inside", "last"]

    def test_speaks_german(self, files: Files, erin: User) -> None:
        conversation, *_ = told(erin)

        assert "bei einem externen Anbieter betrieben" in files.text(of(conversation, "?language=de"))

    def test_says_what_is_private(self, files: Files, erin: User) -> None:
        conversation, question, _ = told(erin, label=1)
        type(question).objects.for_tenant(erin.tenant_id).filter(pk=question.pk).update(label=1)

        text = files.text(of(conversation))
        assert text.count("private: holds sensitive content") == 2

    def test_holds_the_newest_branch_or_the_one_that_is_named(self, files: Files, erin: User) -> None:
        conversation, question, first = told(erin)
        second = AnswerFactory(parent=question, conversation=conversation, text="Another answer.")
        conversation.leaf_id = second.pk
        conversation.save(update_fields=["leaf_id"])

        newest, named = files.text(of(conversation)), files.text(of(conversation, f"?leaf={first.pk}"))
        assert ("Another answer." in newest, "The moon pulls." in newest) == (True, False)
        assert ("Another answer." in named, "The moon pulls." in named) == (False, True)

    def test_lets_nothing_act_by_itself(self, files: Files, erin: User) -> None:
        conversation = ConversationFactory(owner=erin, title="<b>![x](http://evil.example)")
        question = QuestionFactory(conversation=conversation, text="- ```\n  ```\n![a](b)")
        answer = AnswerFactory(parent=question, text="```\n![c](d)\n```\n<script>x</script>")
        Conversation.objects.for_tenant(erin.tenant_id).filter(pk=conversation.pk).update(leaf_id=answer.pk)

        text = files.text(of(conversation))
        assert text.replace("\\<", "").replace("\\![", "").replace("\\!\\[", "").count("<") == 0
        assert "\\![a]" in text
        assert "\\![c]" in text  # code before it was not clear, so none after it is trusted

    def test_names_attachments(self, files: Files, erin: User) -> None:
        conversation, question, _ = told(erin)
        Attachment.objects.create(
            tenant_id=erin.tenant_id, owner=erin, message=question, kind="text", name="plan [v2].txt",
            media_type="text/plain", size_bytes=5, text="inner", created_at=NOON,
        )  # fmt: skip

        text = files.text(of(conversation))
        assert "Attachments: plan \\[v2\\].txt" in text
        assert "inner" not in text

    def test_of_a_long_branch_is_in_order(self, files: Files, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(export, "BATCH", 2)
        conversation = ConversationFactory(owner=erin)
        above = None
        for number in range(7):
            above = QuestionFactory(conversation=conversation, parent=above, text=f"number {number}")
        assert above is not None

        text = files.text(of(conversation, f"?leaf={above.pk}"))
        places = [text.index(f"number {number}") for number in range(7)]
        assert places == sorted(places)


class TestJson:
    def test_holds_all_branches(self, files: Files, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(export, "BATCH", 2)
        conversation, question, first = told(erin, label=1)
        second = AnswerFactory(parent=question, conversation=conversation, label=1)

        document = json.loads(files.text(of(conversation, "?form=json")))
        assert document["format"] == "openroute-conversation/1"
        assert document["conversation"]["sensitivity"] == "sensitive"
        shown = [(entry["id"], entry["parent"], entry["sensitivity"]) for entry in document["messages"]]
        assert shown == [
            (str(question.pk), None, "clean"),
            (str(first.pk), str(question.pk), "clean"),
            (str(second.pk), str(question.pk), "sensitive"),
        ]
        assert [entry["cost_microusd"] for entry in document["messages"]] == [None, 1234, None]

    def test_of_everything_is_a_line_each_of_ones_own(
        self, files: Files, erin: User, stranger: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(export, "BATCH", 2)
        own = [told(erin, archived=number == 0)[0] for number in range(5)]
        shared, *_ = told(person(tenant=erin.tenant))
        Share.objects.create(tenant_id=erin.tenant_id, conversation=shared, user=erin, created_at=NOON)
        told(stranger)
        told(erin, deleted_at=NOON)

        lines = [json.loads(line) for line in files.text(LIST + "export/").splitlines()]
        assert {line["conversation"]["id"] for line in lines} == {str(row.pk) for row in own}
        assert [len(line["messages"]) for line in lines] == [2] * 5


class TestTheFile:
    @pytest.mark.parametrize(
        ("query", "kind"), [("", "text/markdown; charset=utf-8"), ("?form=json", "application/json")]
    )
    def test_is_inert_and_kept_by_nobody(self, files: Files, erin: User, query: str, kind: str) -> None:
        conversation = ConversationFactory(owner=erin, title='Ebbe/"Flut" größer\r\nX: y')
        answer = files.get(of(conversation, query))

        assert answer["Content-Type"] == kind
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"].startswith('attachment; filename="conversation.')
        assert "filename*=UTF-8''Ebbe%20Flut%20gr%C3%B6%C3%9Fer%20X%20y." in answer["Content-Disposition"]

    def test_comes_whatever_is_accepted(self, files: Files, erin: User) -> None:
        conversation, *_ = told(erin)

        assert files.get(of(conversation), Accept="text/markdown").status_code == 200

    def test_is_made_while_it_is_sent(self, erin: User) -> None:
        made = []

        def content() -> Any:
            for number in range(10_000):
                made.append(number)
                yield "x"

        first = next(iter(Download(content(), name="a.md", content_type="text/markdown")))
        assert (first, len(made)) == (b"x", 1)

    async def test_reaches_an_event_loop_whole(self) -> None:
        reply = Download((f"{number}ä" for number in range(1_000)), name="a.md", content_type="text/markdown")

        parts = [part async for part in reply]
        assert b"".join(parts).decode() == "".join(f"{number}ä" for number in range(1_000))
        assert len(parts) > 5


class TestWhoGetsIt:
    def test_is_on_record_with_counts_alone(self, files: Files, erin: User) -> None:
        conversation, *_ = told(erin)
        files.text(of(conversation, "?form=json"))
        files.text(LIST + "export/")

        events = AuditEvent.objects.for_tenant(erin.tenant_id).filter(kind="conversation.exported").order_by("seq")
        assert [event.subject for event in events] == [str(conversation.pk), f"user:{erin.pk}"]
        bodies = [json.loads(event.body) if isinstance(event.body, str) else event.body for event in events]
        assert bodies == [{"form": "json", "conversations": 1, "messages": 2}] * 2

    def test_readers_of_a_shared_one(self, files: Files, erin: User) -> None:
        conversation, *_ = told(person(tenant=erin.tenant))
        assert files.get(of(conversation)).status_code == 404

        Share.objects.create(tenant_id=erin.tenant_id, conversation=conversation, user=erin, created_at=NOON)
        assert files.get(of(conversation)).status_code == 200

    def test_nobody_else(self, erin: User, stranger: User) -> None:
        conversation, *_ = told(erin)

        assert Files(stranger).get(of(conversation)).status_code == 404
        assert Files(person(tenant=erin.tenant)).get(of(conversation)).status_code == 404
        assert Browser().get(of(conversation)).status_code == 401
        assert Browser().get(LIST + "export/").status_code == 401
        assert not AuditEvent.objects.for_tenant(stranger.tenant_id).filter(kind="conversation.exported").exists()

    def test_not_of_a_message_elsewhere_or_a_deleted_one(self, files: Files, erin: User) -> None:
        conversation, *_ = told(erin)
        other = answered(erin)
        gone = ConversationFactory(owner=erin, deleted_at=NOON + timedelta(days=1))

        assert files.get(of(conversation, f"?leaf={uuid4()}")).status_code == 404
        assert files.get(of(conversation, f"?leaf={other.pk}")).status_code == 404
        assert files.get(of(gone)).status_code == 404

    @pytest.mark.parametrize(
        ("query", "field"), [("?form=csv", "form"), ("?leaf=x", "leaf"), ("?language=fr", "language")]
    )
    def test_not_in_another_form(self, files: Files, erin: User, query: str, field: str) -> None:
        conversation, *_ = told(erin)
        answer = files.get(of(conversation, query))

        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
