"""The client's own id of a question: with the same body it is the same question, with another one it is a mistake."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.chat.models import Message
from apps.providers.values import ProviderUnavailable
from apps.tenants.models import User
from apps.turns import live, runtime
from apps.turns.models import IdempotencyKey, Turn
from tests.support.chat_socket import Client, text_of
from tests.support.scripted_model import FORBIDDEN, ScriptedModel

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]

ELSEWHERE = "0190f0f0-0000-7000-8000-000000000001"


class TestAskingTheSameAgain:
    async def test_is_the_same_question_while_it_runs(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        gate, mine = model.hold(1), str(uuid4())
        async with connect() as lost:
            first = await lost.ask(id=mine)
            await lost.until("delta")
        async with connect() as back:
            again = await back.ask(id=mine)
            gate.set()
            frames = await back.until("completed")

        assert again == first
        assert text_of(frames) == "The moon pulls."
        assert Turn.objects.for_tenant(erin.tenant_id).count() == 1

    async def test_is_the_same_question_after_its_end(self, connect: Connect, erin: User) -> None:
        mine = str(uuid4())
        async with connect() as tab:
            first = await tab.ask(id=mine)
            await tab.until("completed")
            again = await tab.ask(id=mine.upper())
            frames = await tab.until("completed")

        assert {**again, "id": mine} == first
        assert text_of(frames) == "The moon pulls."
        assert Message.objects.for_tenant(erin.tenant_id).count() == 2

    @pytest.mark.parametrize(
        "when", ["while it runs", "after its end", "after a restart", "after a day", "after an upgrade"]
    )
    @pytest.mark.parametrize(
        "change", [{"text": "Another?"}, {"model": "small"}, {"conversation": ELSEWHERE}, {"parent": None}]
    )
    async def test_with_another_body_is_an_error_and_asks_nothing(
        self, connect: Connect, erin: User, model: ScriptedModel, change: dict[str, Any], when: str
    ) -> None:
        gate, mine = model.hold(1), str(uuid4())
        async with connect() as tab:
            first = await tab.ask("Mine?", id=mine)
            await tab.until("delta")
            if when != "while it runs":
                gate.set()
                await tab.until("completed")
        if when == "after a restart":
            await asyncio.gather(*(turn.over() for turn in live.running()))
            live._turns.clear()
            runtime.install(runtime.build(inline=True))
        if when == "after a day":
            IdempotencyKey.objects.for_tenant(erin.tenant_id).delete()
        if when == "after an upgrade":
            Turn.objects.for_tenant(erin.tenant_id).update(body_hash="")
        async with connect() as tab:
            await tab.send("ask", **{"id": mine, "text": "Mine?", **change})
            refused = await tab.next()
            again = await tab.ask("Mine?", id=mine)

        gate.set()
        assert (refused["type"], refused["code"], refused["id"]) == ("error", "invalid_request", mine)
        assert "belongs to another question" in refused["detail"]
        assert again == first
        assert (Turn.objects.for_tenant(erin.tenant_id).count(), len(model.calls)) == (1, 1)

    @pytest.mark.parametrize("end", ["failed", "stopped", "refused"])
    async def test_is_the_same_question_whatever_became_of_it(
        self, connect: Connect, erin: User, model: ScriptedModel, end: str
    ) -> None:
        mine, text = str(uuid4()), f"Something {FORBIDDEN}." if end == "refused" else "Mine?"
        if end == "failed":
            model.error = ProviderUnavailable("It broke off.")
        elif end == "stopped":
            model.hold(1)
        async with connect() as tab:
            first = await tab.ask(text, id=mine)
            if end == "stopped":
                await tab.until("delta")
                await tab.send("stop", turn=first["turn"])
            await tab.until("completed", "failed")
            again = await tab.ask(text, id=mine)
            await tab.until("completed", "failed")
            await tab.send("ask", id=mine, text="Another?")
            refused = await tab.next()

        assert again == first
        assert refused["code"] == "invalid_request"
        assert Turn.objects.for_tenant(erin.tenant_id).count() == 1

    async def test_as_a_regeneration_is_an_error(self, connect: Connect, erin: User) -> None:
        mine = str(uuid4())
        async with connect() as tab:
            await tab.ask(id=mine)
            answer = (await tab.until("completed"))[-1]["message"]
            await tab.send("regenerate", id=mine, message=answer)
            refused = await tab.next()

        assert (refused["type"], refused["code"]) == ("error", "invalid_request")
        assert Turn.objects.for_tenant(erin.tenant_id).count() == 1

    async def test_with_another_text_at_the_same_moment_answers_one_of_them(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        model.slow_verdict_s = 0.05
        mine = str(uuid4())
        async with connect() as tab, connect() as other:
            await tab.send("ask", id=mine, text="This?")
            await other.send("ask", id=mine, text="That?")
            ends = [(await socket.until("completed", "error"))[-1] for socket in (tab, other)]

        assert sorted(frame["type"] for frame in ends) == ["completed", "error"]
        assert {frame["code"] for frame in ends if frame["type"] == "error"} == {"invalid_request"}
        assert Turn.objects.for_tenant(erin.tenant_id).count() == 1

    async def test_of_another_person_is_another_question(self, connect: Connect, stranger: User) -> None:
        mine = str(uuid4())
        async with connect() as tab, connect(stranger) as other:
            first = await tab.ask(id=mine)
            second = await other.ask(id=mine)
            await tab.until("completed")
            await other.until("completed")

        assert first["turn"] != second["turn"]

    async def test_before_the_first_is_on_record_is_still_one_question(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        model.slow_verdict_s = 0.05
        mine = str(uuid4())
        async with connect() as tab, connect() as other:
            for socket in (tab, other):
                await socket.send("ask", id=mine, text="Twice?")
            frames = [await socket.until("completed", "failed") for socket in (tab, other)]

        first, second = ([frame for frame in seen if frame["type"] == "accepted"] for seen in frames)
        assert first == second
        assert [text_of(seen) for seen in frames] == ["The moon pulls."] * 2
        assert Turn.objects.for_tenant(erin.tenant_id).count() == 1
