"""Questions with files over the socket: what a model is shown, who may use which file, and what it is labelled."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.chat.models import Attachment, Message
from apps.domain.privacy import Inspection, Sensitivity
from apps.domain.prompt import as_one
from apps.tenants.models import User
from apps.turns import services
from apps.turns.choosing import Asked
from tests.integration.chat.conftest import person
from tests.support import files
from tests.support.chat_socket import Client
from tests.support.factories.chat import AttachmentFactory, ConversationFactory, QuestionFactory
from tests.support.scripted_model import FORBIDDEN, PRIVATE, ScriptedModel

pytestmark = [pytest.mark.django_db, pytest.mark.asyncio]
Connect = Callable[..., Client]


def file(user: User, text: str = "The plan is blue.", **values: Any) -> str:
    return str(AttachmentFactory(owner=user, text=text, characters=len(text), **values).pk)


def picture(user: User) -> str:
    image = files.png()
    return str(
        AttachmentFactory(owner=user, kind="image", name="cat.png", media_type="image/png", text="", image=image).pk
    )


def shown(model: ScriptedModel, call: int = -1) -> list[str]:
    return [message.text for message in as_one(model.calls[call].messages)]


class TestAQuestionWithFiles:
    async def test_shows_them_to_the_model_in_front_of_it(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        text, image = file(erin), picture(erin)
        async with connect() as tab:
            asked = await tab.ask("Which colour?", attachments=[image, text])
            await tab.until("completed")

        (said,) = as_one(model.calls[0].messages)
        assert said.text == (
            'Attached file "plan.txt":\n```\nThe plan is blue.\n```\n\nAttached picture "cat.png".\n\nWhich colour?'
        )
        assert len(said.images) == 1
        question = Message.objects.for_tenant(erin.tenant_id).get(pk=asked["message"])
        assert question.text == "Which colour?"
        taken = Attachment.objects.for_tenant(erin.tenant_id).filter(message=question).order_by("id")
        assert [str(row.pk) for row in taken] == [text, image]

    async def test_shows_them_again_in_later_turns_and_when_asked_again(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        async with connect() as tab:
            asked = await tab.ask("Which colour?", attachments=[file(erin), picture(erin)])
            answer = (await tab.until("completed"))[-1]["message"]
            await tab.ask("Why?", conversation=asked["conversation"])
            await tab.until("completed")
            await tab.send("regenerate", id=str(uuid4()), message=answer)
            await tab.until("completed")

        first = shown(model, 0)
        assert shown(model, 1) == [*first, "The moon pulls.", "Why?"]
        assert shown(model, 2) == first
        assert [len(as_one(call.messages)[0].images) for call in model.calls] == [1, 1, 1]

    async def test_carries_the_highest_label_of_all(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        async with connect() as tab:
            asked = await tab.ask("Which bank?", attachments=[file(erin, f"Account {PRIVATE}"), file(erin)])
            frames = await tab.until("completed")
            later = await tab.ask("Thank you.", conversation=asked["conversation"])
            await tab.until("completed")

        routed = next(frame for frame in frames if frame["type"] == "routed")
        assert (routed["hosting"], routed["sensitivity"]) == ("self_hosted", "sensitive")
        rows = Message.objects.for_tenant(erin.tenant_id)
        assert rows.get(pk=asked["message"]).label == Sensitivity.SENSITIVE
        assert rows.get(pk=later["message"]).label == Sensitivity.CLEAN  # its own; the branch carries the rest
        assert {call.candidate.model for call in model.calls} == {"local"}

    async def test_is_labelled_by_the_name_of_a_file(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        async with connect() as tab:
            await tab.ask("What is it?", attachments=[file(erin, name=f"{PRIVATE}.txt")])
            await tab.until("completed")

        assert model.calls[0].candidate.model == "local"

    async def test_is_told_to_other_devices_with_them(self, connect: Connect, erin: User) -> None:
        async with connect() as tab, connect() as other:
            asked = await tab.ask("First?")
            await tab.until("completed")
            await other.send("subscribe", conversation=asked["conversation"])
            await other.until("state")
            await tab.ask("Second?", conversation=asked["conversation"], attachments=[picture(erin)])
            message = (await other.until("message"))[-1]
            await tab.until("completed")
            await other.until("completed")

        assert [(f["name"], f["kind"], f["media_type"]) for f in message["attachments"]] == [
            ("cat.png", "image", "image/png")
        ]

    async def test_is_the_same_question_when_it_comes_again(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        mine, one = str(uuid4()), file(erin)
        async with connect() as tab:
            first = await tab.ask("Which?", id=mine, attachments=[one])
            await tab.until("completed")
            again = await tab.ask("Which?", id=mine, attachments=[one])
            await tab.until("completed")
            await tab.send("ask", id=mine, text="Which?")
            other = await tab.next()

        assert again == first
        assert len(model.calls) == 1
        assert other["code"] == "invalid_request"

    async def test_that_is_refused_keeps_them_for_another_try(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        async with connect() as tab:
            asked = await tab.ask(f"Is it {FORBIDDEN}?", attachments=[one := file(erin)])
            await tab.until("failed")
            await tab.ask("Is it?", conversation=asked["conversation"], parent=None, attachments=[one])
            await tab.until("completed")

        assert "The plan is blue." in shown(model)[0]


class TestEditing:
    async def test_takes_the_files_of_the_old_question_along(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        old = [file(erin), picture(erin)]
        async with connect() as tab:
            asked = await tab.ask("Which colour?", attachments=old)
            await tab.until("completed")
            fields = {"conversation": asked["conversation"], "parent": None}
            edited = await tab.ask("Which shape?", attachments=[*old, file(erin, "A new one.")], **fields)
            await tab.until("completed")

        rows = Attachment.objects.for_tenant(erin.tenant_id)
        assert [str(row.pk) for row in rows.filter(message_id=asked["message"]).order_by("id")] == old
        kept = rows.filter(message_id=edited["message"])
        assert sorted(row.name for row in kept) == ["cat.png", "plan.txt", "plan.txt"]
        assert not rows.filter(message=None).exists()
        assert "The plan is blue." in shown(model)[0]
        assert "A new one." in shown(model)[0]

    async def test_takes_none_of_another_conversation(self, connect: Connect, erin: User) -> None:
        elsewhere = QuestionFactory(conversation=ConversationFactory(owner=erin))
        sent = file(erin, message=elsewhere)
        async with connect() as tab:
            asked = await tab.ask("First?")
            await tab.until("completed")
            for fields in ({}, {"conversation": asked["conversation"], "parent": None}):
                await tab.send("ask", id=str(uuid4()), text="Which?", attachments=[sent], **fields)
                assert (await tab.next())["code"] == "not_found"


class TestAFileThatMayNotBeUsed:
    @pytest.mark.parametrize("kind", ["ask", "check"])
    @pytest.mark.parametrize("whose", ["nobody's", "a colleague's", "another company's"])
    async def test_answers_like_a_missing_one(self, connect: Connect, erin: User, kind: str, whose: str) -> None:
        ids = {
            "nobody's": lambda: str(uuid4()),
            "a colleague's": lambda: file(person(tenant=erin.tenant)),
            "another company's": lambda: file(person()),
        }
        async with connect() as tab:
            await tab.send(kind, id=str(uuid4()), text="Hello?", attachments=[file(erin), ids[whose]()])
            refused = await tab.next()

        assert (refused["type"], refused["code"]) == ("error", "not_found")
        assert refused["detail"] == "There is no such attachment."
        assert not Message.objects.for_tenant(erin.tenant_id).exists()

    async def test_two_questions_cannot_take_the_same(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        model.slow_verdict_s = 0.05  # both have looked before one takes it
        one = file(erin)
        async with connect() as tab, connect() as other:
            for socket in (tab, other):
                await socket.send("ask", id=str(uuid4()), text="Mine?", attachments=[one])
            ends = [(await socket.until("completed", "error", "failed"))[-1] for socket in (tab, other)]

        assert sorted(end["type"] for end in ends) == ["completed", "error"]
        assert Attachment.objects.for_tenant(erin.tenant_id).get().message_id is not None


class TestPictures:
    @pytest.mark.parametrize("kind", ["ask", "check"])
    async def test_that_are_too_large_together_are_refused(self, connect: Connect, erin: User, kind: str) -> None:
        large = [
            str(AttachmentFactory(owner=erin, kind="image", text="", image=b"a", size_bytes=9_000_000).pk)
            for _ in "abc"
        ]
        async with connect() as tab:
            await tab.send(kind, id=str(uuid4()), text="What?", attachments=large)
            refused = await tab.next()

        assert (refused["code"], refused["said"]["code"]) == ("too_large", "images_too_large")

    async def test_are_checked_as_pictures(self, connect: Connect, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[int] = []
        played = services.inspect

        async def counted(asked: Asked) -> Inspection:
            seen.append(sum(len(message.images) for message in asked.messages))
            return await played(asked)

        monkeypatch.setattr(services, "inspect", counted)
        async with connect() as tab:
            await tab.send("check", id=str(uuid4()), text="What?", attachments=[picture(erin)])
            await tab.until("checked")

        assert seen[0] == 1


class TestChecking:
    async def test_covers_the_files_and_stores_nothing(self, connect: Connect, erin: User) -> None:
        private, clean = file(erin, f"Account {PRIVATE}"), file(erin)
        async with connect() as tab:
            await tab.send("check", id=str(uuid4()), text="Which bank?", attachments=[private, clean])
            checked = (await tab.until("checked", "error"))[-1]

        assert (checked["sensitivity"], checked["spans"]) == ("sensitive", [])
        assert checked["route"] == {"model": "local", "hosting": "self_hosted"}
        assert checked["attachments"] == [
            {"id": private, "sensitivity": "sensitive"}, {"id": clean, "sensitivity": "clean"},
        ]  # fmt: skip
        assert Attachment.objects.for_tenant(erin.tenant_id).filter(message=None).count() == 2
