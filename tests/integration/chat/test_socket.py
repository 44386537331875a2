"""The chat over its socket: who may open it, what it says when something is wrong, and how an answer arrives."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from apps.chat.consumers import CLOSE_TOO_LARGE, FRAMES_BURST
from apps.chat.hub import HUB
from apps.chat.models import Conversation, Message
from apps.core import versions
from apps.domain.ids import TenantId
from apps.domain.limits import MAX_FRAME_BYTES
from apps.identity.models import UserSession
from apps.providers.values import ProviderUnavailable
from apps.tenants.models import User
from apps.turns import live, runtime
from tests.integration.chat.conftest import ORIGIN, key_of, person, session_of
from tests.support.chat_socket import Client, text_of
from tests.support.factories.chat import AnswerFactory, ConversationFactory
from tests.support.scripted_model import FORBIDDEN, PRIVATE, ScriptedModel

pytestmark = pytest.mark.django_db
Connect = Callable[..., Client]


class TestSigningIn:
    async def test_needs_a_proof(self) -> None:
        async with Client() as nobody:
            assert await nobody.closed() == 4401

    async def test_by_cookie_needs_a_listed_origin(self, erin: User) -> None:
        async with Client(cookie=f"sessionid={session_of(erin)}", origin=ORIGIN) as browser:
            await browser.send("ping")
            assert await browser.next() == {"type": "pong"}

    @pytest.mark.parametrize(
        "origin", [None, "https://evil.example", "http://chat.acme.example", "http://localhost", "null"]
    )
    async def test_by_cookie_from_elsewhere_is_not_allowed(self, erin: User, origin: str | None) -> None:
        headers = {} if origin is None else {"origin": origin}
        async with Client(cookie=f"sessionid={session_of(erin)}", **headers) as browser:
            assert await browser.closed() == 4403

    async def test_with_cookie_and_key_at_once_is_no_proof(self, erin: User) -> None:
        both = {"cookie": f"sessionid={session_of(erin)}", "authorization": f"Bearer {key_of(erin, 'chat')}"}
        async with Client(origin=ORIGIN, **both) as confused:
            assert await confused.closed() == 4401

    @pytest.mark.parametrize("cookie", ["sessionid=unknown", "sessionid=", "other=1"])
    async def test_with_a_cookie_that_is_no_session_is_refused(self, erin: User, cookie: str) -> None:
        async with Client(cookie=cookie, origin=ORIGIN) as browser:
            assert await browser.closed() == 4401

    async def test_with_a_key_needs_the_scope_chat(self, erin: User) -> None:
        async with Client(authorization=f"Bearer {key_of(erin, 'models')}") as program:
            assert await program.closed() == 4403

    @pytest.mark.parametrize("value", ["Bearer or-unknown", "Bearer", "Basic abc", ""])
    async def test_with_another_authorization_is_refused(self, db: None, value: str) -> None:
        async with Client(authorization=value) as program:
            assert await program.closed() == 4401

    async def test_is_not_for_operators(self, db: None) -> None:
        operator = person(role="operator")
        async with Client(cookie=f"sessionid={session_of(operator)}", origin=ORIGIN) as browser:
            assert await browser.closed() == 4403


class TestAsking:
    async def test_brings_the_answer_in_the_order_of_the_contract(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            accepted = await tab.ask()
            frames = await tab.until("completed")

        turn = accepted["turn"]
        assert frames[0] == {
            "type": "routed", "turn": turn, "model": "small", "hosting": "commercial", "strategy": "balanced",
            "sensitivity": "clean", "entities": [], "reasons": ["It is the cheapest that is good enough."],
            "said": [None],
        }  # fmt: skip
        assert text_of(frames) == "The moon pulls."
        assert [frame["seq"] for frame in frames[1:]] == sorted({frame["seq"] for frame in frames[1:]})
        answer = Message.objects.for_tenant(erin.tenant_id).get(role="assistant")
        assert frames[-1] == {
            "type": "completed", "turn": turn, "seq": 3, "message": str(answer.pk), "finish": "stop",
            "usage": {
                "input_tokens": 20, "output_tokens": 5, "cached_input_tokens": 0, "reasoning_tokens": 0,
                "estimated": False,
            },
            "cost_microusd": frames[-1]["cost_microusd"], "model": "small", "hosting": "commercial",
            "sensitivity": "clean",
        }  # fmt: skip

    async def test_stores_question_and_answer_in_a_new_conversation(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            accepted = await tab.ask("How do tides work?")
            await tab.until("completed")

        conversation = Conversation.objects.for_tenant(erin.tenant_id).get()
        question, answer = Message.objects.for_tenant(erin.tenant_id).order_by("id")
        assert (str(conversation.pk), conversation.title) == (accepted["conversation"], "How do tides work?")
        assert conversation.team_id is not None
        assert (str(question.pk), question.text) == (accepted["message"], "How do tides work?")
        assert (answer.parent_id, answer.text, answer.state) == (question.pk, "The moon pulls.", "ok")

    async def test_again_goes_on_with_the_history(self, connect: Connect, model: ScriptedModel) -> None:
        async with connect() as tab:
            first = await tab.ask("First?")
            await tab.until("completed")
            await tab.ask("Second?", conversation=first["conversation"])
            await tab.until("completed")

        assert [message.text for message in model.calls[-1].messages] == ["First?", "The moon pulls.", "Second?"]

    async def test_with_another_parent_opens_a_branch_without_what_came_between(
        self, connect: Connect, model: ScriptedModel
    ) -> None:
        async with connect() as tab:
            first = await tab.ask("First?")
            await tab.until("completed")
            await tab.ask("Edited?", conversation=first["conversation"], parent=None)
            await tab.until("completed")

        assert [message.text for message in model.calls[-1].messages] == ["Edited?"]

    async def test_private_text_stays_inside_and_says_what_was_found(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.ask(f"Is {PRIVATE} valid?")
            routed = await tab.next()

        assert (routed["hosting"], routed["sensitivity"]) == ("self_hosted", "sensitive")
        assert routed["entities"] == [{"type": "IBAN_CODE", "count": 1}]

    async def test_a_refused_question_is_accepted_and_failed(self, connect: Connect, erin: User) -> None:
        async with connect() as tab:
            accepted = await tab.ask(f"Something {FORBIDDEN}.")
            failed = await tab.next()

        assert (failed["type"], failed["code"], failed["seq"]) == ("failed", "no_permitted_model", 1)
        assert (failed["partial"], failed["keeps"], failed["cost_microusd"]) == (False, 0, 0)
        question = Message.objects.for_tenant(erin.tenant_id).get(pk=accepted["message"])
        assert question.state == "refused"

    async def test_a_provider_that_breaks_off_leaves_the_text_and_says_so(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        model.error = ProviderUnavailable("It broke off.")
        async with connect() as tab:
            await tab.ask()
            frames = await tab.until("failed")

        assert (frames[-1]["partial"], frames[-1]["keeps"]) == (True, len("The moon pulls."))
        answer = Message.objects.for_tenant(erin.tenant_id).get(role="assistant")
        assert (answer.state, answer.text) == ("partial", "The moon pulls.")

    async def test_says_that_it_is_checking_when_the_verdict_takes_long(
        self, connect: Connect, model: ScriptedModel
    ) -> None:
        model.slow_verdict_s = 0.4
        async with connect() as tab:
            await tab.send("ask", id=(mine := str(uuid4())), text="Long?")
            assert await tab.next() == {"type": "checking", "id": mine}
            assert (await tab.next())["type"] == "accepted"
            await tab.until("completed")

    async def test_goes_on_when_the_tab_is_closed(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with connect() as tab:
            await tab.ask()
            await tab.until("delta")
        gate.set()
        await asyncio.gather(*(turn.over() for turn in live.running()))

        assert Message.objects.for_tenant(erin.tenant_id).get(role="assistant").text == "The moon pulls."

    @pytest.mark.parametrize("where", ["foreign", "unknown", "deleted"])
    async def test_in_a_conversation_that_is_not_ones_own_answers_as_if_there_were_none(
        self, connect: Connect, erin: User, stranger: User, where: str
    ) -> None:
        owner = stranger if where == "foreign" else erin
        conversation = ConversationFactory(owner=owner, deleted_at=owner.created_at if where == "deleted" else None)
        target = str(uuid4()) if where == "unknown" else str(conversation.pk)
        async with connect() as tab:
            await tab.send("ask", id=(mine := str(uuid4())), text="Hello?", conversation=target)
            refused = await tab.next()

        assert refused == {"type": "error", "code": "not_found", "detail": "There is no such conversation.", "id": mine}

    async def test_for_a_team_of_others_is_refused_like_for_one_that_does_not_exist(
        self, connect: Connect, stranger: User
    ) -> None:
        async with connect() as tab:
            answers = []
            for team in ("team-of-nobody", "x"):
                await tab.send("ask", id=str(uuid4()), text="Hello?", team=team)
                answers.append(await tab.next())

        assert {(answer["code"], answer["detail"]) for answer in answers} == {
            ("permission_denied", "You are not a member of that team.")
        }

    async def test_with_an_attachment_that_is_not_there_is_refused(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.send("ask", id=str(uuid4()), text="Hello?", attachments=[str(uuid4())])

            assert (await tab.next())["code"] == "not_found"


class TestRegenerate:
    async def test_gives_the_question_another_answer(self, connect: Connect, erin: User, model: ScriptedModel) -> None:
        async with connect() as tab:
            asked = await tab.ask("Q?")
            first = (await tab.until("completed"))[-1]
            model.pieces = ("Otherwise.",)
            await tab.send("regenerate", id=str(uuid4()), message=first["message"], model="small")
            accepted = await tab.next()
            second = (await tab.until("completed"))[-1]

        assert accepted["message"] == asked["message"]
        answers = Message.objects.for_tenant(erin.tenant_id).filter(parent_id=asked["message"]).order_by("id")
        assert [str(answer.pk) for answer in answers] == [first["message"], second["message"]]
        assert [message.text for message in model.calls[-1].messages] == ["Q?"]

    async def test_of_a_foreign_answer_finds_none(self, connect: Connect, stranger: User) -> None:
        foreign = AnswerFactory(parent__conversation__owner=stranger)
        async with connect() as tab:
            await tab.send("regenerate", id=str(uuid4()), message=str(foreign.pk))

            assert (await tab.next())["code"] == "not_found"


class TestBusyBranches:
    async def test_answer_that_the_turn_is_running(self, connect: Connect, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with connect() as tab:
            running = await tab.ask()
            await tab.until("delta")
            await tab.send("ask", id=(mine := str(uuid4())), text="And then?", conversation=running["conversation"])
            refused = await tab.next()
            gate.set()
            await tab.until("completed")

        assert (refused["type"], refused["code"], refused["id"]) == ("error", "turn_running", mine)

    async def test_are_entered_by_one_of_two_questions_at_once(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        """Both mean the newest message. The second comes after the first's answer, or is told to wait for it."""
        async with connect() as tab, connect() as other:
            first = await tab.ask()
            await tab.until("completed")
            model.slow_verdict_s, gate = 0.05, model.hold(1)
            for socket in (tab, other):
                await socket.send("ask", id=str(uuid4()), text="And then?", conversation=first["conversation"])
            begun = [(await socket.until("accepted", "error"))[-1] for socket in (tab, other)]
            gate.set()
            await (tab if begun[0]["type"] == "accepted" else other).until("completed")

        assert sorted(frame["type"] for frame in begun) == ["accepted", "error"]
        assert {frame["code"] for frame in begun if frame["type"] == "error"} == {"turn_running"}
        assert _is_one_branch(erin)

    async def test_are_followed_by_the_second_of_two_questions_when_the_first_is_answered_by_then(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        async with connect() as tab, connect() as other:
            first = await tab.ask()
            await tab.until("completed")
            model.slow_verdict_s = 0.1
            await other.send("ask", id=str(uuid4()), text="And then?", conversation=first["conversation"])
            await asyncio.sleep(0.05)  # it is being checked, with the first answer as its parent
            model.slow_verdict_s = 0.0
            quick = await tab.ask("First!", conversation=first["conversation"])
            await tab.until("completed")
            await other.until("completed")

        assert _is_one_branch(erin)
        assert [message.text for message in model.calls[-1].messages][-3:] == ["First!", "The moon pulls.", "And then?"]
        assert quick["conversation"] == first["conversation"]

    async def test_leave_other_branches_free(self, connect: Connect, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with connect() as tab:
            running = await tab.ask()
            await tab.until("delta")
            other = await tab.ask("Edited", conversation=running["conversation"], parent=None)
            gate.set()
            ended = {frame["turn"] for frame in await tab.until("completed") if frame["type"] == "completed"}
            ended |= {(await tab.until("completed"))[-1]["turn"]}

        assert ended == {running["turn"], other["turn"]}


class TestStop:
    async def test_ends_the_answer_with_what_came_so_far(
        self, connect: Connect, erin: User, model: ScriptedModel
    ) -> None:
        model.hold(1)
        async with connect() as tab:
            accepted = await tab.ask()
            await tab.until("delta")
            await tab.send("stop", turn=accepted["turn"])
            completed = (await tab.until("completed"))[-1]

        assert completed["finish"] == "stopped"
        answer = Message.objects.for_tenant(erin.tenant_id).get(role="assistant")
        assert (answer.state, answer.text) == ("stopped", "The moon ")

    async def test_of_somebody_elses_turn_finds_none(
        self, connect: Connect, stranger: User, model: ScriptedModel
    ) -> None:
        gate = model.hold(1)
        async with connect() as tab, connect(stranger) as other:
            accepted = await tab.ask()
            await other.send("stop", turn=accepted["turn"])
            assert (await other.next())["code"] == "not_found"
            gate.set()
            assert (await tab.until("completed"))[-1]["finish"] == "stop"


class TestCheck:
    async def test_tells_what_would_happen_and_stores_nothing(self, connect: Connect, erin: User) -> None:
        text = f"Is {PRIVATE} valid?"
        async with connect() as tab:
            await tab.send("check", id=(mine := str(uuid4())), text=text)
            checked = await tab.next()

        assert (checked["type"], checked["id"], checked["sensitivity"]) == ("checked", mine, "sensitive")
        assert checked["spans"] == [{"type": "IBAN_CODE", "start": 3, "end": 3 + len(PRIVATE)}]
        assert checked["route"] == {"model": "local", "hosting": "self_hosted"}
        assert checked["without"] == {"model": "small", "hosting": "commercial"}
        assert not Message.objects.for_tenant(erin.tenant_id).exists()

    async def test_of_harmless_text_has_nothing_to_leave_out(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.send("check", id=str(uuid4()), text="Hello")
            checked = await tab.next()

        assert (checked["spans"], checked["without"]) == ([], None)

    async def test_works_while_the_conversation_is_being_answered(self, connect: Connect, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with connect() as tab:
            running = await tab.ask()
            await tab.until("delta")
            await tab.send("check", id=str(uuid4()), text="Next", conversation=running["conversation"])
            assert (await tab.next())["type"] == "checked"
            gate.set()
            await tab.until("completed")


class TestWrongInput:
    @pytest.mark.parametrize(
        "text",
        ["", "hello", "[]", "[" * 100_000, '{"type":"ping","n":NaN}', '{"type":"ask","text":"\\ud800"}', '{"type":7}'],
    )
    async def test_is_an_error_frame_and_the_socket_lives_on(self, connect: Connect, text: str) -> None:
        async with connect() as tab:
            await tab.send_raw(text=text)
            refused = await tab.next()
            await tab.send("ping")

            assert (refused["type"], refused["code"]) == ("error", "invalid_request")
            assert await tab.next() == {"type": "pong"}

    async def test_that_is_binary_is_refused(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.send_raw(data=b"\x00\xff")

            assert (await tab.next())["code"] == "invalid_request"

    async def test_names_field_and_question(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.send("ask", id=(mine := str(uuid4())), text="a", role="system")
            refused = await tab.next()

        assert refused["id"] == mine
        assert "`role`" in refused["detail"]

    async def test_above_a_megabyte_ends_the_socket(self, connect: Connect) -> None:
        async with connect() as tab:
            await tab.send_raw(text='"' + "x" * MAX_FRAME_BYTES + '"')

            assert await tab.closed() == CLOSE_TOO_LARGE

    async def test_in_a_flood_ends_the_socket_and_no_other(self, connect: Connect) -> None:
        async with connect() as flood, connect() as neighbour:
            for _ in range(int(FRAMES_BURST * 2)):
                await flood.send("ping")
            assert await flood.closed() == 4429
            await neighbour.send("ping")

            assert await neighbour.next() == {"type": "pong"}


class TestTheEndOfASession:
    async def test_ends_the_socket_and_what_streams_to_it(self, erin: User, model: ScriptedModel) -> None:
        gate = model.hold(1)
        async with Client(cookie=f"sessionid={session_of(erin)}", origin=ORIGIN) as browser:
            await browser.ask()
            await browser.until("delta")
            UserSession.objects.for_tenant(erin.tenant_id).delete()
            await _rights_changed(erin)
            assert await browser.closed() == 4408
            gate.set()
            await asyncio.sleep(0.05)

            assert await browser.is_silent()
        await asyncio.gather(*(turn.over() for turn in live.running()))

    async def test_leaves_the_sockets_of_others_alone(self, erin: User, stranger: User, connect: Connect) -> None:
        async with Client(cookie=f"sessionid={session_of(erin)}", origin=ORIGIN) as browser, connect() as program:
            UserSession.objects.for_tenant(erin.tenant_id).delete()
            await _rights_changed(erin)
            assert await browser.closed() == 4408
            await program.send("ping")

            assert await program.next() == {"type": "pong"}


def _is_one_branch(user: User) -> bool:
    """Whether no message has a sibling."""
    parents = list(Message.objects.for_tenant(user.tenant_id).values_list("parent_id", flat=True))
    return len(parents) == len(set(parents))


async def _rights_changed(user: User) -> None:
    """What signing out does, and the poll that every process makes each second."""
    versions.bump(tenant=TenantId(user.tenant_id), kind="access")
    await runtime.current().watch.poll()
    await HUB.recheck()
