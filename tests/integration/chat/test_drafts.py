"""Drafts: what was typed follows its author to their other devices, and nobody else."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.audit.models import AuditEvent
from apps.chat import drafts
from apps.chat.hub import HUB
from apps.chat.models import Conversation, Draft
from apps.chat.tasks import forget_old_drafts
from apps.core import clock
from apps.domain.ids import ConversationId, TenantId, UserId
from apps.tenants.models import User
from tests.integration.chat.conftest import person
from tests.integration.chat.test_api import Api
from tests.support.chat_socket import Client
from tests.support.factories.chat import ConversationFactory, DraftFactory, ShareFactory
from tests.support.factories.tenants import NOON
from tests.support.scripted_model import FORBIDDEN

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]
PATH = "/api/v1/drafts/"


@pytest.fixture
def api(erin: User) -> Api:
    return Api(erin)


def save(user: User, conversation: Conversation | None, text: str, at: Any = None) -> None:
    drafts.save(
        tenant=TenantId(user.tenant_id), user=UserId(user.pk),
        conversation=None if conversation is None else ConversationId(conversation.pk), text=text,
        at=at or clock.now(),
    )  # fmt: skip


def texts(api: Api) -> list[str]:
    return [entry["text"] for entry in api.get(PATH)["results"]]


class TestSaving:
    def test_keeps_one_per_conversation_and_one_for_a_new_one(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        for place in (None, str(conversation.pk)):
            for text in ("Dear", "Dear all,\n\n  \U0001f30a"):
                status, saved = api("PUT", PATH, {"conversation": place, "text": text})
                assert (status, saved["conversation"], saved["text"]) == (200, place, text)

        results = api.get(PATH)["results"]
        assert [entry["conversation"] for entry in results] == [str(conversation.pk), None]
        assert {entry["text"] for entry in results} == {"Dear all,\n\n  \U0001f30a"}

    def test_of_nothing_removes(self, api: Api) -> None:
        api("PUT", PATH, {"conversation": None, "text": "Dear all,"})
        status, saved = api("PUT", PATH, {"conversation": None, "text": ""})

        assert (status, saved["text"]) == (200, "")
        assert texts(api) == []

    def test_of_the_same_text_changes_nothing(self, api: Api, erin: User) -> None:
        first, second = (api("PUT", PATH, {"conversation": None, "text": "Dear all,"})[1] for _ in range(2))

        assert first == second

    def test_lets_the_last_writer_win_even_if_his_clock_is_behind(self, erin: User, api: Api) -> None:
        save(erin, None, "by a clock that is ahead", clock.now() + timedelta(minutes=1))
        before = api.get(PATH)["results"][0]["updated_at"]
        save(erin, None, "last")

        (kept,) = api.get(PATH)["results"]
        assert kept["text"] == "last"
        assert kept["updated_at"] > before

    def test_puts_nothing_on_record(self, api: Api, erin: User) -> None:
        before = AuditEvent.objects.for_tenant(erin.tenant_id).count()
        api("PUT", PATH, {"conversation": None, "text": "Secret words"})

        assert AuditEvent.objects.for_tenant(erin.tenant_id).count() == before

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "conversation"), ({"conversation": None}, "text"), ({"text": "x"}, "conversation"),
         ({"conversation": "x", "text": "x"}, "conversation"), ({"conversation": None, "text": None}, "text"),
         ({"conversation": None, "text": 5}, "text"), ({"conversation": None, "text": "a\x00b"}, "text"),
         ({"conversation": None, "text": "x", "owner": 1}, "owner"),
         ({"conversation": None, "text": "x", "updated_at": "2030-01-01T00:00:00Z"}, "updated_at")],
    )  # fmt: skip
    def test_refuses_what_is_wrong_by_name(self, api: Api, body: Any, field: str) -> None:
        status, refusal = api("PUT", PATH, body)

        assert status == 400
        assert field in refusal["fields"]

    def test_takes_a_hundred_kilobytes_and_no_more(self, api: Api) -> None:
        most = "é" * 50_000
        assert api("PUT", PATH, {"conversation": None, "text": most})[0] == 200
        status, refusal = api("PUT", PATH, {"conversation": None, "text": most + "x"})

        assert (status, refusal["code"], list(refusal["fields"])) == (413, "too_large", ["text"])
        assert texts(api) == [most]

    def test_in_a_foreign_missing_or_deleted_conversation_answers_alike(
        self, api: Api, erin: User, stranger: User
    ) -> None:
        colleague = person(tenant=erin.tenant)
        shared = ConversationFactory(owner=colleague)
        ShareFactory(conversation=shared, user=erin)
        answers = [
            api("PUT", PATH, {"conversation": place, "text": "x"})
            for place in (
                str(uuid4()), str(shared.pk), str(ConversationFactory(owner=stranger).pk),
                str(ConversationFactory(owner=erin, deleted_at=NOON).pk),
            )
        ]  # fmt: skip

        assert answers[0][0] == 404
        assert answers == [answers[0]] * 4

    def test_keeps_the_newest_two_hundred(self, erin: User, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drafts, "MAX_DRAFTS", 3)
        for number in range(5):
            save(erin, ConversationFactory(owner=erin), str(number), NOON + timedelta(minutes=number))

        assert texts(api) == ["4", "3", "2"]


class TestReading:
    def test_shows_nobody_elses(self, api: Api, erin: User, stranger: User) -> None:
        DraftFactory(owner=stranger)
        DraftFactory(owner=person(tenant=erin.tenant))

        assert texts(api) == []

    def test_leaves_out_those_of_deleted_conversations(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        save(erin, conversation, "Dear all,")
        conversation.deleted_at = NOON
        conversation.save()

        assert texts(api) == []

    def test_by_key_needs_the_scope_conversations(self, erin: User) -> None:
        chatter = Api(erin, "chat")

        assert chatter("GET", PATH)[0] == chatter("PUT", PATH, {"conversation": None, "text": "x"})[0] == 403


class TestForgetting:
    def test_removes_what_is_old_and_rows_without_text(self, erin: User) -> None:
        now = clock.now()
        DraftFactory(owner=erin, updated_at=now - timedelta(days=91))
        DraftFactory(
            owner=erin, conversation=ConversationFactory(owner=erin), text="", updated_at=now - timedelta(days=2)
        )
        kept = DraftFactory(
            owner=erin, conversation=ConversationFactory(owner=erin), updated_at=now - timedelta(days=89)
        )

        assert forget_old_drafts() == 2
        assert forget_old_drafts() == 0
        assert Draft.objects.for_tenant(erin.tenant_id).get() == kept


class TestOtherDevices:
    @pytest.fixture(autouse=True)
    def _looks_when_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.chat.hub.WATCH_S", 1000.0)

    async def test_hear_of_it_once_and_nobody_else(self, connect: Connect, erin: User) -> None:
        conversation, kim = ConversationFactory(owner=erin), person(tenant=erin.tenant)
        ShareFactory(conversation=conversation, user=kim)
        async with connect() as phone, connect() as laptop, connect(kim) as reader:
            await reader.send("subscribe", conversation=str(conversation.pk))
            await reader.until("state")
            save(erin, conversation, "Dear all,")
            await HUB.catch_up()
            await HUB.catch_up()
            heard = [await phone.next(), await laptop.next()]

            assert heard[0] == heard[1]
            assert (heard[0]["type"], heard[0]["conversation"], heard[0]["text"]) == (
                "draft", str(conversation.pk), "Dear all,",
            )  # fmt: skip
            assert [await one.is_silent() for one in (phone, laptop, reader)] == [True] * 3

    @pytest.mark.parametrize("is_new", [True, False])
    async def test_hear_that_it_was_sent(self, connect: Connect, erin: User, is_new: bool) -> None:
        conversation = ConversationFactory(owner=erin)
        save(erin, None, "How do")
        save(erin, conversation, "How do tides")
        place = None if is_new else conversation
        async with connect() as phone, connect() as laptop:
            await HUB.catch_up()
            await laptop.ask(conversation=None if place is None else str(place.pk))
            await laptop.until("completed")
            await asyncio.sleep(0)
            await HUB.catch_up()
            heard = [await phone.next()]
            while not await phone.is_silent():
                heard.append(await phone.next())

        gone = [frame for frame in heard if frame["type"] == "draft" and not frame["text"]]
        assert [frame["conversation"] for frame in gone] == [None if place is None else str(place.pk)]
        left = Draft.objects.for_tenant(erin.tenant_id).exclude(text="").get()
        assert left.conversation_id == (conversation.pk if is_new else None)

    async def test_hear_it_of_a_refused_question_too(self, connect: Connect, erin: User) -> None:
        """It is on record with its text: nothing is lost by emptying the field."""
        save(erin, None, f"A {FORBIDDEN} question")
        async with connect() as laptop:
            await laptop.ask(f"A {FORBIDDEN} question")
            await laptop.until("failed")

        assert Draft.objects.for_tenant(erin.tenant_id).get().text == ""

    async def test_keep_the_draft_when_an_old_question_is_asked_again(self, connect: Connect, erin: User) -> None:
        async with connect() as laptop:
            asked = await laptop.ask()
            answer = (await laptop.until("completed"))[-1]
            conversation = Conversation.objects.for_tenant(erin.tenant_id).get(pk=asked["conversation"])
            save(erin, conversation, "And then")
            await laptop.send("regenerate", id=str(uuid4()), message=answer["message"])
            await laptop.until("completed")

        assert Draft.objects.for_tenant(erin.tenant_id).get().text == "And then"
