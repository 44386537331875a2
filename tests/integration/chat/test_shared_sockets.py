"""Readers on open sockets: they see what the owner sees, may change nothing, and lose it within a second (P02)."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.chat import events, following, sharing
from apps.chat.hub import HUB
from apps.chat.models import Conversation, Share
from apps.core import clock
from apps.domain.ids import ConversationId, TenantId, UserId
from apps.domain.limits import JOURNAL_S
from apps.tenants.models import Membership, User
from tests.integration.chat.conftest import person
from tests.support.chat_socket import Client, text_of
from tests.support.factories.chat import ConversationFactory, ShareFactory
from tests.support.factories.tenants import MembershipFactory
from tests.support.scripted_model import PRIVATE, ScriptedModel

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]


@pytest.fixture
def kim(erin: User) -> User:
    return person(tenant=erin.tenant)


@pytest.fixture
def conversation(erin: User, kim: User) -> Conversation:
    """Erin's, shared with Kim."""
    row: Conversation = ConversationFactory(owner=erin, title="Tides")
    ShareFactory(conversation=row, user=kim)
    return row


@pytest.fixture(autouse=True)
def _looks_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub looks when a test says so."""
    monkeypatch.setattr("apps.chat.hub.WATCH_S", 1000.0)


async def opened(socket: Client, conversation: Conversation) -> dict[str, Any]:
    await socket.send("subscribe", conversation=str(conversation.pk))
    return (await socket.until("state", "error"))[-1]


def end_share(conversation: Conversation) -> None:
    Share.objects.for_tenant(conversation.tenant_id).filter(conversation=conversation).delete()


class TestAReader:
    async def test_sees_questions_labels_and_answers_as_they_come(
        self, connect: Connect, conversation: Conversation, kim: User
    ) -> None:
        async with connect() as owner, connect(kim) as reader:
            await opened(reader, conversation)
            asked = await owner.ask(f"Is {PRIVATE} valid?", conversation=str(conversation.pk))
            mine, seen = await owner.until("completed"), await reader.until("completed")

        assert (seen[0]["type"], seen[0]["message"]) == ("message", asked["message"])
        assert {frame["sensitivity"] for frame in seen if frame["type"] == "label"} == {"sensitive"}
        assert text_of(seen) == text_of(mine) == "The moon pulls."

    async def test_may_resume_what_runs(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel
    ) -> None:
        gate = model.hold(1)
        async with connect() as owner, connect(kim) as reader:
            asked = await owner.ask(conversation=str(conversation.pk))
            await owner.until("delta")
            await reader.send("resume", turn=asked["turn"], at=0, seq=0)
            seen = await reader.until("delta")
            gate.set()
            seen += await reader.until("completed")

        assert text_of(seen) == "The moon pulls."

    @pytest.mark.parametrize("elsewhere", [False, True])
    async def test_may_resume_what_is_over(
        self, connect: Connect, conversation: Conversation, kim: User, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with connect() as owner, connect(kim) as reader:
            asked = await owner.ask(conversation=str(conversation.pk))
            await owner.until("completed")
            if elsewhere:
                monkeypatch.setattr("apps.chat.following.turns.find", lambda _: None)
            await reader.send("resume", turn=asked["turn"], at=0, seq=0)

            assert text_of(await reader.until("completed")) == "The moon pulls."

    async def test_may_not_ask_regenerate_check_or_stop(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel
    ) -> None:
        gate = model.hold(1)
        async with connect() as owner, connect(kim) as reader:
            asked = await owner.ask(conversation=str(conversation.pk))
            await owner.until("delta")
            for kind, frame in (
                ("ask", {"id": str(uuid4()), "text": "And I?", "conversation": str(conversation.pk)}),
                ("ask", {"id": str(uuid4()), "text": "I?", "conversation": str(conversation.pk), "parent": None}),
                ("check", {"id": str(uuid4()), "text": "And I?", "conversation": str(conversation.pk)}),
                ("stop", {"turn": asked["turn"]}),
            ):
                await reader.send(kind, **frame)
                assert (await reader.next())["code"] == "not_found", kind
            gate.set()
            answer = (await owner.until("completed"))[-1]
            assert answer["finish"] == "stop"
            await reader.send("regenerate", id=str(uuid4()), message=answer["message"])
            assert (await reader.next())["code"] == "not_found"

    async def test_hears_of_changes_of_the_conversation(
        self, connect: Connect, conversation: Conversation, kim: User, stranger: User
    ) -> None:
        async with connect() as owner, connect(kim) as reader, connect(stranger) as other:
            Conversation.objects.for_tenant(kim.tenant_id).update(title="Ebb", updated_at=clock.now())
            await HUB.catch_up()
            mine, seen = await owner.next(), await reader.next()
            await HUB.catch_up()

            assert (mine["title"], mine["is_own"], mine["shared"]) == ("Ebb", True, True)
            assert (seen["title"], seen["is_own"], seen["owner"]) == ("Ebb", False, conversation.owner_id)
            assert [await socket.is_silent() for socket in (owner, reader, other)] == [True] * 3


class TestReadingEnds:
    async def stream(self, owner: Client, reader: Client, conversation: Conversation) -> dict[str, Any]:
        """The owner's answer runs and the reader follows it."""
        await opened(reader, conversation)
        asked = await owner.ask(conversation=str(conversation.pk))
        await owner.until("delta")
        await reader.until("delta")
        return asked

    @pytest.mark.parametrize("how", ["share", "team", "suspended", "deleted", "deactivated"])
    async def test_in_mid_answer_and_for_what_is_asked_later(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel, how: str
    ) -> None:
        seat = Membership.objects.for_tenant(kim.tenant_id).get(user=kim)
        if how in {"team", "suspended"}:
            end_share(conversation)
            ShareFactory(conversation=conversation, team=seat.team)
        gate = model.hold(1)
        async with connect() as owner, connect(kim) as reader:
            await self.stream(owner, reader, conversation)
            await HUB.recheck_guests()
            assert await reader.is_silent()
            match how:
                case "share":
                    end_share(conversation)
                case "team":
                    seat.delete()
                case "suspended":
                    seat.team.state = "suspended"
                    seat.team.save()
                case "deleted":
                    Conversation.objects.for_tenant(kim.tenant_id).update(deleted_at=clock.now())
                case _:
                    kim.is_active = False
                    kim.save()
            await HUB.recheck_guests()
            lost = await reader.next()
            gate.set()
            await owner.until("completed")

            assert (lost["type"], lost["conversation"], lost["deleted"]) == (
                "conversation", str(conversation.pk), True,
            )  # fmt: skip
            assert lost["title"] == ""
            assert await reader.is_silent()

    async def test_at_once_by_the_event(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel,
        django_capture_on_commit_callbacks: Callable[..., Any],
    ) -> None:  # fmt: skip
        gate = model.hold(1)
        share = Share.objects.for_tenant(kim.tenant_id).get()
        async with connect() as owner, connect(kim) as reader:
            await self.stream(owner, reader, conversation)
            with django_capture_on_commit_callbacks(execute=True):
                sharing.unshare(
                    tenant=TenantId(kim.tenant_id), user=UserId(conversation.owner_id),
                    conversation=ConversationId(conversation.pk), share=share.pk, actor="user:1", at=clock.now(),
                )  # fmt: skip
            lost = await reader.next()
            gate.set()
            await owner.until("completed")

            assert (lost["deleted"], lost["title"]) == (True, "")
            assert await reader.is_silent()

    async def test_not_for_those_who_read_by_another_share(
        self, connect: Connect, conversation: Conversation, kim: User,
        django_capture_on_commit_callbacks: Callable[..., Any],
    ) -> None:  # fmt: skip
        share = Share.objects.for_tenant(kim.tenant_id).get()
        ShareFactory(conversation=conversation, team=Membership.objects.for_tenant(kim.tenant_id).get(user=kim).team)
        async with connect(kim) as reader:
            await opened(reader, conversation)
            with django_capture_on_commit_callbacks(execute=True):
                sharing.unshare(
                    tenant=TenantId(kim.tenant_id), user=UserId(conversation.owner_id),
                    conversation=ConversationId(conversation.pk), share=share.pk, actor="user:1", at=clock.now(),
                )  # fmt: skip
            await HUB.recheck_guests()

            assert await reader.is_silent()

    async def test_for_a_resumed_answer_without_a_subscription(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(following, "RECHECK_S", 0.0)
        gate = model.hold(1)
        async with connect() as owner, connect(kim) as reader:
            asked = await owner.ask(conversation=str(conversation.pk))
            await owner.until("delta")
            await reader.send("resume", turn=asked["turn"], at=0, seq=0)
            await reader.until("delta")
            end_share(conversation)
            gate.set()
            await owner.until("completed")

            assert (await reader.next())["code"] == "not_found"
            assert await reader.is_silent()

    async def test_for_an_answer_that_another_process_gives(
        self, connect: Connect, conversation: Conversation, kim: User, model: ScriptedModel,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        gate = model.hold(1)
        async with connect() as owner, connect(kim) as reader:
            asked = await owner.ask(conversation=str(conversation.pk))
            await owner.until("delta")
            await asyncio.sleep(JOURNAL_S * 1.5)
            monkeypatch.setattr("apps.chat.following.turns.find", lambda _: None)
            await reader.send("resume", turn=asked["turn"], at=0, seq=0)
            assert (await reader.next())["text"] == "The moon "
            end_share(conversation)

            assert (await reader.next())["code"] == "not_found"
            gate.set()
            await owner.until("completed")
            assert await reader.is_silent()

    async def test_for_a_reader_who_left_while_it_was_looked_up(
        self, connect: Connect, conversation: Conversation, kim: User
    ) -> None:
        async with connect(kim) as reader:
            await opened(reader, conversation)
            (socket,) = HUB._people[TenantId(kim.tenant_id), UserId(kim.pk)]
        socket.withdraw(ConversationId(conversation.pk))

        assert HUB.is_empty

    async def test_and_then_the_conversation_does_not_exist(
        self, connect: Connect, conversation: Conversation, kim: User
    ) -> None:
        end_share(conversation)
        async with connect(kim) as reader:
            assert (await opened(reader, conversation))["code"] == "not_found"

    async def test_never_for_the_owner(self, connect: Connect, conversation: Conversation) -> None:
        async with connect() as owner:
            await opened(owner, conversation)
            end_share(conversation)
            await HUB.recheck_guests()

            assert await owner.is_silent()

    async def test_costs_no_query_where_nobody_is_a_guest(
        self, connect: Connect, conversation: Conversation, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        async with connect() as owner:
            await opened(owner, conversation)
            with django_assert_num_queries(0):
                await HUB.recheck_guests()


class TestTheEvent:
    async def test_of_another_process_takes_away(self, connect: Connect, conversation: Conversation, kim: User) -> None:
        event = events.Unshared(TenantId(kim.tenant_id), ConversationId(conversation.pk), (UserId(kim.pk),))
        packed = events.packed(event, "their boot")
        packed["fields"]["users"] = list(packed["fields"]["users"])  # as the layer brings it
        received = events.unpacked(packed, "our boot")
        assert received == event
        async with connect() as owner, connect(kim) as reader:
            HUB.announce(received)

            assert UUID((await reader.next())["conversation"]) == conversation.pk
            await asyncio.sleep(0)
            assert await owner.is_silent()

    async def test_of_a_team_member_who_joins_brings_what_is_asked(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        shared, late = ConversationFactory(owner=erin), person(tenant=erin.tenant)
        team = Membership.objects.for_tenant(erin.tenant_id).get(user=erin).team
        ShareFactory(conversation=shared, team=team)
        async with connect(late) as reader:
            assert (await opened(reader, shared))["code"] == "not_found"
            MembershipFactory(user=late, team=team)
            assert (await opened(reader, shared))["type"] == "state"
