"""What people do with answers, as it is read from the rows that their doing leaves."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Http

from apps.chat import learning
from apps.chat.models import Message
from apps.domain.ids import TenantId, TurnId
from apps.providers.values import ProviderUnavailable
from apps.tenants.models import User
from apps.turns.models import Turn
from tests.integration.chat.conftest import key_of
from tests.support.chat_socket import Client
from tests.support.scripted_model import FORBIDDEN, PRIVATE, ScriptedModel

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]


def remarks(person: User) -> list[tuple[str, str, float, str]]:
    """All that the turns of this person say: signal, model, value, and the text of the answer that is meant."""
    found = learning.remarked(TenantId(person.tenant_id), asked(person))
    answers = Message.objects.for_tenant(TenantId(person.tenant_id)).filter(role="assistant")
    texts = dict(answers.values_list("turn_id", "text"))
    return [(remark.signal, remark.model, remark.value, texts[remark.turn]) for remark in found]


def asked(person: User) -> dict[TurnId, str]:
    turns = Turn.objects.for_tenant(TenantId(person.tenant_id)).values_list("id", "asked_model")
    return {TurnId(turn): model for turn, model in turns}


async def answer(tab: Client, text: str = "How do tides work?", **fields: Any) -> dict[str, Any]:
    """Ask and wait; the last frame with the question and its conversation."""
    await tab.send("ask", **({"id": str(uuid4()), "text": text} | fields))
    accepted = (await tab.until("accepted"))[-1]  # what the page hears of other conversations comes before it
    end = (await tab.until("completed", "failed"))[-1]
    return {**end, "question": accepted["message"], "conversation": accepted["conversation"]}


async def again(tab: Client, message: str, **fields: Any) -> dict[str, Any]:
    await tab.send("regenerate", **({"id": str(uuid4()), "message": message} | fields))
    return (await tab.until("completed", "failed"))[-1]


def say(model: ScriptedModel, *pieces: str) -> None:
    model.pieces = pieces


class TestAnAnswerGivenAgain:
    async def test_is_a_remark_about_the_one_before(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        async with connect() as tab:
            say(model, "First.")
            first = await answer(tab)
            say(model, "Second.")
            second = await again(tab, first["message"])
            say(model, "Third.")
            await again(tab, second["message"])

        assert remarks(erin) == [
            ("regenerated", "small", 0.0, "First."),
            ("regenerated", "small", 0.0, "Second."),
        ]

    @pytest.mark.parametrize(
        ("name", "signal"),
        [("large", "model_changed"), ("small", "regenerated"), ("auto:best", "regenerated"), ("auto", "regenerated")],
    )
    async def test_by_another_model_on_purpose_is_a_change_of_the_model(
        self, connect: Connect, erin: User, name: str, signal: str
    ) -> None:
        async with connect() as tab:
            first = await answer(tab)
            await again(tab, first["message"], model=name)

        assert remarks(erin) == [(signal, "small", 0.0, "The moon pulls.")]

    async def test_after_a_failure_is_no_remark(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        async with connect() as tab:
            model.error = ProviderUnavailable("It broke off.")
            first = await answer(tab)
            model.error = None
            await again(tab, first["message"])

        assert remarks(erin) == []


class TestAQuestionChangedAfterItsAnswer:
    @pytest.mark.parametrize("is_first", [True, False])
    async def test_is_a_remark_about_that_answer(
        self, connect: Connect, erin: User, model: ScriptedModel, is_first: bool
    ) -> None:
        async with connect() as tab:
            before = await answer(tab, "Hello?")
            parent, place = before["message"], before["conversation"]
            if is_first:
                parent = None
            else:
                say(model, "The wind.")
                await answer(tab, "How do waves work?", conversation=place, parent=parent)
            say(model, "Earth turns.")
            await answer(tab, "How does wind work, in short?", conversation=place, parent=parent)

        meant = "The moon pulls." if is_first else "The wind."
        assert remarks(erin) == [("edited", "small", 0.0, meant)]

    async def test_counts_for_the_newest_answer_to_the_newest_form(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        async with connect() as tab:
            say(model, "One.")
            first = await answer(tab, "A?")
            say(model, "Two.")
            await again(tab, first["message"])
            say(model, "Three.")
            await answer(tab, "B?", conversation=first["conversation"], parent=None)
            await answer(tab, "C?", conversation=first["conversation"], parent=None)

        assert sorted(remarks(erin)) == [
            ("edited", "small", 0.0, "Three."),
            ("edited", "small", 0.0, "Two."),
            ("regenerated", "small", 0.0, "One."),
        ]

    async def test_is_none_where_it_was_refused(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            refused = await answer(tab, f"Something {FORBIDDEN}.")
            await answer(tab, "Something else.", conversation=refused["conversation"], parent=None)

        assert remarks(erin) == []

    async def test_is_none_where_it_left_something_private_out(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            private = await answer(tab, f"Why was {PRIVATE} refused?")
            await answer(tab, "Why are accounts refused?", conversation=private["conversation"], parent=None)

        assert remarks(erin) == []

    async def test_is_none_where_another_question_follows(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            first = await answer(tab)
            await answer(tab, "And on the moon?", conversation=first["conversation"])

        assert remarks(erin) == []


class TestAStoppedAnswer:
    async def test_is_a_remark_with_its_length(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        model.hold(1)
        async with connect() as tab:
            first = await tab.ask()
            await tab.until("delta")
            await tab.send("stop", turn=first["turn"])
            await tab.until("completed")

        (remark,) = learning.remarked(TenantId(erin.tenant_id), asked(erin))
        assert (remark.signal, remark.value, remark.length) == ("stopped", 0.0, len("The moon "))
        assert str(remark.turn) == first["turn"]

    async def test_without_a_word_is_none(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        model.hold(0)
        async with connect() as tab:
            first = await tab.ask()
            await tab.until("routed")
            await tab.send("stop", turn=first["turn"])
            await tab.until("completed")

        assert remarks(erin) == []


class TestRatings:
    async def test_are_read_as_they_are_now(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            end = await answer(tab, f"My account is {PRIVATE}.")
        http = Http(HTTP_AUTHORIZATION=f"Bearer {key_of(erin, 'conversations')}")
        found = []
        for verdict in ("up", "down"):
            body = {"verdict": verdict, "reason": f"Because of {PRIVATE}."}
            url = f"/api/v1/messages/{end['message']}/feedback/"
            assert http.post(url, body, content_type="application/json").status_code == 200
            found += learning.rated(TenantId(erin.tenant_id), [end["message"]])

        assert [(remark.signal, remark.model, remark.value) for remark in found] == [
            ("thumb", "local", 1.0),
            ("thumb", "local", 0.0),
        ]
        assert {str(remark.turn) for remark in found} == {end["turn"]}
        assert PRIVATE not in repr(found)

    async def test_of_nothing_are_none(self, erin: User) -> None:
        assert learning.rated(TenantId(erin.tenant_id), []) == ()
        assert learning.remarked(TenantId(erin.tenant_id), {}) == ()
