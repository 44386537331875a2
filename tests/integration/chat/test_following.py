"""An answer belongs to its turn: other sockets see it, late ones catch up, and nothing is lost or doubled."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.chat import events, services
from apps.chat.hub import HUB
from apps.chat.models import Conversation, Message
from apps.core import clock
from apps.domain.ids import ConversationId, TenantId, TurnId, UserId
from apps.domain.limits import JOURNAL_S
from apps.tenants.models import User
from apps.turns import live
from tests.support.chat_socket import Client, text_of
from tests.support.factories.chat import ConversationFactory
from tests.support.scripted_model import PRIVATE, ScriptedModel

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]

ASTRAL = ("Tide 🌊", "👩‍👩‍👧 e\u0301", " 漢字 ", "𝔘𝔫𝔦 end")
WHOLE = "".join(ASTRAL)


class TestResume:
    @pytest.mark.parametrize("at", range(len(WHOLE) + 1))
    async def test_goes_on_at_any_code_point(self, connect: Connect, erin: User, model: ScriptedModel, at: int) -> None:
        model.pieces, gate = ASTRAL, model.hold(2)
        async with connect() as lost:
            turn = (await lost.ask())["turn"]
            await lost.until("delta")
        async with connect() as back:
            here = len("".join(ASTRAL[:2]))
            await back.send("resume", turn=turn, at=min(at, here), seq=1)
            await asyncio.sleep(0)
            gate.set()
            frames = await back.until("completed")

        rest = "".join(frame["text"] for frame in frames if frame["type"] == "delta")
        assert WHOLE[: min(at, here)] + rest == WHOLE
        offsets = [frame["at"] for frame in frames if frame["type"] == "delta"]
        assert offsets == sorted(set(offsets))

    async def test_of_a_finished_turn_reads_its_message(
        self, connect: Connect, erin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with connect() as tab:
            turn = (await tab.ask())["turn"]
            told = (await tab.until("completed"))[-1]
            monkeypatch.setattr(live, "_turns", {})  # an hour later, or another process
            await tab.send("resume", turn=turn, at=4, seq=1)
            frames = await tab.until("completed")

        assert [frame["text"] for frame in frames if frame["type"] == "delta"] == ["moon pulls."]
        same = ("turn", "message", "finish", "cost_microusd")
        assert {name: frames[-1][name] for name in same} == {name: told[name] for name in same}

    async def test_of_a_turn_of_another_process_reads_its_journal_until_the_end(
        self, connect: Connect, erin: User, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gate = model.hold(1)
        async with connect() as tab, connect() as elsewhere:
            turn = (await tab.ask())["turn"]
            await tab.until("delta")
            await asyncio.sleep(JOURNAL_S * 1.5)
            monkeypatch.setattr("apps.chat.following.turns.find", lambda _: None)
            await elsewhere.send("resume", turn=turn, at=0, seq=0)
            frames = await elsewhere.until("delta")
            gate.set()
            frames += await elsewhere.until("completed")

        assert text_of(frames) == "The moon pulls."
        assert len([frame for frame in frames if frame["type"] == "delta"]) == 2

    @pytest.mark.parametrize("is_running", [True, False])
    async def test_of_a_foreign_turn_finds_none(
        self, connect: Connect, stranger: User, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, is_running: bool
    ) -> None:
        gate = model.hold(1)
        async with connect() as tab, connect(stranger) as other:
            turn = (await tab.ask())["turn"]
            if not is_running:
                monkeypatch.setattr("apps.chat.following.turns.find", lambda _: None)
            for unknown in (turn, str(uuid4())):
                await other.send("resume", turn=unknown, at=0, seq=0)
                refused = await other.next()
                assert (refused["code"], refused["detail"]) == ("not_found", "There is no such turn.")
            gate.set()

    async def test_twice_shows_the_answer_once_more_and_not_twice_at_once(
        self, connect: Connect, model: ScriptedModel
    ) -> None:
        gate = model.hold(1)
        async with connect() as tab:
            turn = (await tab.ask())["turn"]
            await tab.until("delta")
            await tab.send("resume", turn=turn, at=0, seq=0)
            await tab.until("delta")
            gate.set()
            frames = await tab.until("completed")

            assert [frame["text"] for frame in frames if frame["type"] == "delta"] == ["pulls."]
            assert await tab.is_silent()


class TestSubscribe:
    async def test_shows_what_another_device_asks_and_its_answer(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(conversation.pk))
            state = await phone.next()
            asked = await laptop.ask("From the laptop?", conversation=str(conversation.pk))
            mine = await laptop.until("completed")
            seen = await phone.until("completed")

        assert state == {"type": "state", "conversation": str(conversation.pk), "running": []}
        assert seen[0] == {
            "type": "message", "conversation": str(conversation.pk), "message": asked["message"], "parent": None,
            "role": "user", "author": erin.pk, "text": "From the laptop?", "attachments": [], "turn": asked["turn"],
        }  # fmt: skip
        assert (seen[1]["role"], seen[1]["parent"], seen[1]["message"]) == (
            "assistant", asked["message"], mine[-1]["message"],
        )  # fmt: skip
        assert text_of(seen) == text_of(mine) == "The moon pulls."
        assert seen[-1] == mine[-1]

    async def test_in_mid_answer_names_the_turn_and_goes_on_from_there(
        self, connect: Connect, model: ScriptedModel
    ) -> None:
        gate = model.hold(1)
        async with connect() as tab, connect() as late:
            asked = await tab.ask()
            await tab.until("delta")
            await late.send("subscribe", conversation=asked["conversation"])
            state = (await late.until("state"))[-1]
            gate.set()
            frames = await late.until("completed")

        assert state["running"] == [{"turn": asked["turn"], "seq": 1}]
        assert [(frame["seq"], frame["at"], frame["text"]) for frame in frames if frame["type"] == "delta"] == [
            (2, 9, "pulls.")
        ]

    async def test_tells_that_private_text_was_asked(self, connect: Connect, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(conversation.pk))
            await phone.next()
            asked = await laptop.ask(f"Is {PRIVATE} valid?", conversation=str(conversation.pk))
            labels = [frame for frame in await phone.until("completed") if frame["type"] == "label"]

        assert labels[0] == {
            "type": "label", "conversation": str(conversation.pk), "message": asked["message"],
            "sensitivity": "sensitive",
        }  # fmt: skip
        assert len(labels) == 2

    async def test_ends_with_unsubscribe(self, connect: Connect, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with connect() as tab, connect() as phone:
            asked = await tab.ask()
            await phone.send("subscribe", conversation=asked["conversation"])
            await phone.until("delta", "state")
            await phone.send("unsubscribe", conversation=asked["conversation"])
            await phone.send("ping")
            await phone.until("pong")
            gate.set()
            await tab.until("completed")

            assert await phone.is_silent()

    async def test_to_a_foreign_conversation_finds_none(self, connect: Connect, stranger: User) -> None:
        foreign = ConversationFactory(owner=stranger)
        async with connect() as tab:
            await tab.send("subscribe", conversation=str(foreign.pk))

            assert (await tab.next())["code"] == "not_found"

    async def test_keeps_strangers_out_of_what_is_asked(self, connect: Connect, stranger: User) -> None:
        async with connect() as tab, connect(stranger) as other:
            asked = await tab.ask()
            await other.send("subscribe", conversation=asked["conversation"])
            assert (await other.next())["code"] == "not_found"
            await tab.until("completed")

            assert await other.is_silent()


class TestConversationFrames:
    async def test_tell_the_persons_other_sockets_of_a_new_conversation(self, connect: Connect, stranger: User) -> None:
        async with connect() as laptop, connect() as phone, connect(stranger) as other:
            asked = await laptop.ask("Brand new?")
            heard = await phone.next()
            await laptop.until("completed")

            assert (heard["type"], heard["conversation"], heard["title"]) == (
                "conversation", asked["conversation"], "Brand new?",
            )  # fmt: skip
            assert await laptop.is_silent()
            assert await other.is_silent()

    async def test_tell_of_changes_that_a_worker_made(self, connect: Connect, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as tab:
            _rename(conversation, "Tides")
            await HUB.catch_up()
            heard = await tab.next()
            await HUB.catch_up()

            assert (heard["title"], heard["deleted"]) == ("Tides", False)
            assert await tab.is_silent()

    async def test_tell_of_a_change_once_it_is_committed(
        self, connect: Connect, erin: User, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as tab:
            with django_capture_on_commit_callbacks() as committed:
                services.delete(
                    tenant=TenantId(erin.tenant_id), user=UserId(erin.pk), conversation=ConversationId(conversation.pk),
                    actor=f"user:{erin.pk}", at=clock.now(),
                )  # fmt: skip
            assert await tab.is_silent()
            for callback in committed:
                callback()

            assert (await tab.next())["deleted"] is True

    async def test_of_another_process_come_through_the_layer(self, connect: Connect, erin: User) -> None:
        conversation = ConversationFactory(owner=erin, title="Elsewhere")
        event = events.Changed(
            TenantId(erin.tenant_id), UserId(erin.pk), ConversationId(conversation.pk), origin="their socket"
        )
        async with connect() as tab:
            received = events.unpacked(events.packed(event, "their boot"), "our boot")
            assert received == event
            HUB.announce(received)

            assert (await tab.next())["title"] == "Elsewhere"

    async def test_do_not_come_back_to_the_process_that_sent_them(self) -> None:
        event = events.Changed(TenantId(1), UserId(2), ConversationId(uuid4()))

        assert events.unpacked(events.packed(event, "our boot"), "our boot") is None
        assert events.unpacked({"type": "chat.event", "kind": "unheard of", "boot": "x"}, "our boot") is None


class TestSlowReaders:
    async def test_are_cut_off_and_the_answer_is_kept(
        self, connect: Connect, erin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.chat.hub.STUCK_S", 0.0)
        monkeypatch.setattr("apps.chat.hub.WATCH_S", 0.01)
        full = asyncio.Event()

        async def never_taken(self: object, frame: str) -> None:
            await full.wait()

        monkeypatch.setattr("apps.chat.consumers.ChatConsumer._write", never_taken)
        async with connect() as slow:
            await slow.send("ask", id=str(uuid4()), text="How do tides work?")
            assert await slow.closed() == 4429
        await asyncio.gather(*(turn.over() for turn in live.running()))

        assert Message.objects.for_tenant(erin.tenant_id).get(role="assistant").text == "The moon pulls."


def _rename(conversation: Conversation, title: str) -> None:
    conversation.title, conversation.updated_at = title, clock.now() + timedelta(milliseconds=1)
    conversation.save()


class TestWhatNoEventToldOf:
    """Another process was asked, and Redis was away or there is none: the look into the database shows it."""

    @pytest.fixture(autouse=True)
    def _silence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is asked here is asked in another process, as far as the hub knows; it looks when the test says so."""

        async def lost(*_: object) -> None:
            return None

        monkeypatch.setattr(HUB, "_tell", lost)
        monkeypatch.setattr("apps.chat.missed.turns.find", lambda _: None)
        monkeypatch.setattr("apps.chat.following.turns.find", lambda _: None)
        monkeypatch.setattr("apps.chat.hub.WATCH_S", 1000.0)

    async def test_is_shown_whole_to_the_second_device_and_once(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        conversation = ConversationFactory(owner=erin)
        gate = model.hold(1)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(conversation.pk))
            await phone.until("state")
            asked = await laptop.ask("From the laptop?", conversation=str(conversation.pk))
            await laptop.until("delta")
            assert await phone.is_silent()
            await HUB.show_missed()
            gate.set()
            seen = await phone.until("completed")
            await laptop.until("completed")
            await HUB.show_missed()

            assert [frame["role"] for frame in seen if frame["type"] == "message"] == ["user", "assistant"]
            assert seen[0]["message"] == asked["message"]
            assert text_of(seen) == "The moon pulls."
            assert await phone.is_silent()
            assert await laptop.is_silent()

    async def test_is_shown_when_it_is_over_before_anybody_looked(self, connect: Connect, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(conversation.pk))
            await phone.until("state")
            await laptop.ask("From the laptop?", conversation=str(conversation.pk))
            await laptop.until("completed")
            await HUB.show_missed()

            assert text_of(await phone.until("completed")) == "The moon pulls."

    async def test_is_not_begun_again_for_a_device_that_came_later_and_was_told_what_runs(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        conversation = ConversationFactory(owner=erin)
        gate = model.hold(1)
        async with connect() as laptop, connect() as late:
            await laptop.ask("From the laptop?", conversation=str(conversation.pk))
            await laptop.until("delta")
            await asyncio.sleep(0.01)
            await late.send("subscribe", conversation=str(conversation.pk))
            state = await late.next()
            await HUB.show_missed()
            gate.set()
            seen = await late.until("completed")

        assert len(state["running"]) == 1
        assert [frame for frame in seen if frame["type"] == "message"] == []
        assert [(frame["at"], frame["text"]) for frame in seen if frame["type"] == "delta"] == [(9, "pulls.")]

    async def test_of_an_event_that_comes_late_is_shown_once(self, connect: Connect, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(conversation.pk))
            await phone.until("state")
            asked = await laptop.ask("From the laptop?", conversation=str(conversation.pk))
            await laptop.until("completed")
            await HUB.show_missed()
            await phone.until("completed")
            event = events.Opened(
                TenantId(erin.tenant_id), UserId(erin.pk), ConversationId(conversation.pk), TurnId(UUID(asked["turn"]))
            )
            await HUB._deliver(event)

            assert await phone.is_silent()

    async def test_costs_no_query_where_no_conversation_is_open(
        self, connect: Connect, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        async with connect():
            with django_assert_num_queries(0):
                await HUB.show_missed()

    async def test_of_another_conversation_is_nobodys_business(self, connect: Connect, erin: User) -> None:
        one, other = ConversationFactory(owner=erin), ConversationFactory(owner=erin)
        async with connect() as phone, connect() as laptop:
            await phone.send("subscribe", conversation=str(one.pk))
            await phone.until("state")
            await laptop.ask("From the laptop?", conversation=str(other.pk))
            await laptop.until("completed")
            await HUB.show_missed()

            assert await phone.is_silent()
