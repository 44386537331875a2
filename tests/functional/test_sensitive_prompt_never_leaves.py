"""Private text stays inside the company on every path that text can take (promises P15 to P18).

The commercial stub keeps every byte that reaches it, so that "it never left" is looked up, not believed.
"""

import asyncio
import itertools
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.functional.companies import DARK, HOLLOW, REFUSING, SEALED, TITLED
from tests.support.journeys import Api, Socket, code, iban, of_type, user
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = [pytest.mark.server, pytest.mark.any_store]

HARMLESS = "What is the capital of France?"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def tool(name: str = "look_up", description: str = "Looks something up.", **parameters: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": parameters or {"city": {"type": "string"}}}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def called(arguments: str, call_id: str = "call_1") -> list[dict[str, Any]]:
    """A round of tools as a client sends it back: the model's call, and what came of it."""
    function = {"name": "look_up", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        user("Look it up, please."),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": "It is there."},
    ]


def body_with(place: str, secret: str) -> dict[str, Any]:
    """A request that carries the secret in this place and is harmless otherwise."""
    asked = user(HARMLESS)
    match place:
        case "user message":
            return {"messages": [user(f"Which bank is {secret} with?")]}
        case "parts of a message":
            parts = [
                {"type": "text", "text": piece} for piece in (f"Which bank is {secret[:9]}", f"{secret[9:]} with?")
            ]
            return {"messages": [user(parts)]}
        case "part between others":
            return {
                "messages": [user([{"type": "text", "text": piece} for piece in ("Which bank, a1", secret, "2b?")])]
            }
        case "two messages":
            halves = [user(f"The first half is {secret[:12]}"), {"role": "assistant", "content": "And the second?"}]
            return {"messages": [*halves, user(f"{secret[12:]} is the second half.")]}
        case "earlier turn":
            earlier = [user(f"Which bank is {secret} with?"), {"role": "assistant", "content": "With a German one."}]
            return {"messages": [*earlier, asked]}
        case "earlier answer":
            return {"messages": [user("Invent an account."), {"role": "assistant", "content": f"{secret}."}, asked]}
        case "system prompt":
            return {"messages": [{"role": "system", "content": f"Our account is {secret}."}, asked]}
        case "developer prompt":
            return {"messages": [{"role": "developer", "content": f"Our account is {secret}."}, asked]}
        case "refusal of an answer":
            return {"messages": [asked, {"role": "assistant", "refusal": f"I keep {secret} to myself."}, asked]}
        case "name of an author":
            return {"messages": [user(HARMLESS, name=secret)]}
        case "tool name":
            return {"messages": [asked], "tools": [tool(secret)]}
        case "tool description":
            return {"messages": [asked], "tools": [tool(description=f"Reads the account {secret}.")]}
        case "tool parameter":
            return {"messages": [asked], "tools": [tool(account={"type": "string", "enum": [secret]})]}
        case "tool arguments":
            return {"messages": called(json.dumps({"account": secret})), "tools": [tool()]}
        case "tool call id":
            return {"messages": called("{}", call_id=secret), "tools": [tool()]}
        case "tool result":
            rounds = called('{"city":"Bonn"}')
            rounds[-1]["content"] = f'{{"account": "{secret}"}}'
            return {"messages": rounds, "tools": [tool()]}
        case "stop sequence":
            return {"messages": [asked], "stop": [secret]}
        case "response format":
            schema = {"type": "object", "description": f"Like {secret}.", "properties": {}}
            form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
            return {"messages": [asked], "response_format": form}
    raise AssertionError(place)


PLACES = (
    "user message", "parts of a message", "part between others", "two messages", "earlier turn", "earlier answer",
    "system prompt", "developer prompt", "refusal of an answer", "name of an author", "tool name",
    "tool description", "tool parameter", "tool arguments", "tool call id", "tool result", "stop sequence",
    "response format",
)  # fmt: skip
MODELS = ("auto", "auto:best", "auto:cheapest", "sealed-best")


class TestTheDeveloperApi:
    @pytest.mark.parametrize("place", PLACES)
    async def test_keeps_a_secret_inside_wherever_it_stands(
        self, server: RealServer, outside: Upstream, inside: Upstream, place: str
    ) -> None:
        secret = iban()
        async with Api(server, SEALED.key()) as api:
            answers = [
                await api.client.post(
                    "/v1/chat/completions", json={"model": model, **body_with(place, secret), "stream": stream}
                )
                for model, stream in zip(MODELS, itertools.cycle((False, True)), strict=False)
            ]

        for answer in answers:
            assert answer.status_code == 200, answer.text
            assert answer.headers["x-openroute-model"] == "sealed-inside"
            assert answer.headers["x-openroute-sensitivity"] == "sensitive"
        assert len(inside.calls("sealed-inside")) == len(MODELS)
        assert outside.calls() == []
        assert not outside.saw(secret)

    async def test_still_sends_harmless_text_where_it_is_answered_best(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        async with Api(server, SEALED.key()) as api:
            answer = await api.ask(HARMLESS)

        assert answer.headers["x-openroute-model"] == "sealed-best"
        assert len(outside.calls()) == 1
        assert inside.calls() == []

    async def test_sends_nothing_of_the_fields_that_are_for_us(self, server: RealServer, outside: Upstream) -> None:
        secret = iban()
        hints = {"session": secret, "tags": [secret]}
        async with Api(server, SEALED.key()) as api:
            answer = await api.ask(HARMLESS, user=secret, metadata={"openroute": hints}, safety_identifier=secret)

        assert answer.headers["x-openroute-hosting"] == "commercial"
        assert not outside.saw(secret)

    async def test_keeps_an_image_inside_because_nothing_can_read_it(
        self, server: RealServer, outside: Upstream
    ) -> None:
        picture = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
        async with Api(server, SEALED.key()) as api:
            answer = await api.ask(user(picture))

        assert (answer.status_code, code(answer)) == (503, "classification_unavailable")
        assert outside.requests == []

    async def test_answers_a_secret_with_a_refusal_where_no_model_is_inside(
        self, server: RealServer, outside: Upstream
    ) -> None:
        secret = iban()
        async with Api(server, HOLLOW.key()) as api:
            plain = await api.ask(f"Which bank is {secret} with?", model="hollow-cloud")
            streamed = await api.ask(f"Which bank is {secret} with?", stream=True)

        assert [(a.status_code, code(a)) for a in (plain, streamed)] == [(403, "no_permitted_model")] * 2
        assert not outside.saw(secret)

    async def test_fails_rather_than_falls_back_outside_when_the_model_inside_is_down(
        self, server: RealServer, outside: Upstream
    ) -> None:
        secret = iban()
        async with Api(server, DARK.key()) as api:
            answers = [
                await api.ask(f"Which bank is {secret} with?", model=model, stream=stream)
                for model in ("auto", "dark-cloud", "dark-inside")
                for stream in (False, True)
            ]
            harmless = await api.ask(HARMLESS)

        assert {(a.status_code, code(a)) for a in answers} <= {
            (502, "provider_unavailable"),
            (504, "provider_unavailable"),
        }
        assert harmless.status_code == 200
        assert not outside.saw(secret)

    async def test_refuses_where_the_policy_says_refuse(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        async with Api(server, REFUSING.key()) as api:
            answer = await api.ask(f"Which bank is {secret} with?")

        assert (answer.status_code, code(answer)) == (403, "refused_by_policy")
        assert secret not in answer.text
        assert not outside.saw(secret)
        assert not inside.saw(secret)


class TestTheChat:
    async def test_keeps_a_question_and_all_that_follows_from_it_inside(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        async with Socket(server, key=SEALED.key()) as socket:
            accepted, frames = await socket.answer(f"Which bank is {secret} with?", model="sealed-best")
            conversation, question = accepted["conversation"], accepted["message"]
            answer = frames[-1]["message"]
            await socket.answer("And in which town is that?", conversation=conversation, model="sealed-best")
            await socket.send("regenerate", id=str(uuid4()), message=answer, model="sealed-best")
            await socket.accepted()
            again = await socket.until("completed", "failed")
            edited = {"conversation": conversation, "parent": None, "model": "sealed-best"}
            _, edit = await socket.answer(f"Which country is {secret} from?", **edited)

        routed = of_type([*frames, *again, *edit], "routed")
        assert {frame["hosting"] for frame in routed} == {"self_hosted"}
        assert {frame["sensitivity"] for frame in routed} == {"sensitive"}
        assert routed[0]["entities"] == [{"type": "IBAN_CODE", "count": 1}]
        assert any("inside" in reason for reason in routed[0]["reasons"])
        assert len(inside.calls()) == 4
        assert outside.requests == []
        assert question != answer

    async def test_lets_a_branch_from_before_the_secret_go_out_without_it(
        self, server: RealServer, outside: Upstream
    ) -> None:
        secret = iban()
        async with Socket(server, key=SEALED.key()) as socket:
            first, frames = await socket.answer(HARMLESS)
            place = {"conversation": first["conversation"], "parent": frames[-1]["message"]}
            await socket.answer(f"Transfer it to {secret}.", **place)
            _, branch = await socket.answer("And of Spain?", **place)

        assert of_type(branch, "routed")[0]["hosting"] == "commercial"
        assert len(outside.calls()) == 2
        assert not outside.saw(secret)

    async def test_tells_beforehand_where_a_text_would_go_and_sends_nothing(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        text = f"Which bank is {secret} with?"
        async with Socket(server, key=SEALED.key()) as socket:
            await socket.send("check", id=str(uuid4()), text=text, model="sealed-best")
            checked = (await socket.until("checked"))[-1]

        assert checked["sensitivity"] == "sensitive"
        assert [text[span["start"] : span["end"]] for span in checked["spans"]] == [secret]
        assert checked["route"] == {"model": "sealed-inside", "hosting": "self_hosted"}
        assert checked["without"] == {"model": "sealed-best", "hosting": "commercial"}
        assert outside.requests == inside.requests == []

    async def test_stores_a_refused_question_as_refused(self, server: RealServer, outside: Upstream) -> None:
        secret = iban()
        async with Socket(server, key=HOLLOW.key()) as socket:
            accepted, frames = await socket.answer(f"Which bank is {secret} with?", model="hollow-cloud")

        assert (frames[-1]["type"], frames[-1]["code"]) == ("failed", "no_permitted_model")
        stored = server.rows(
            "select state, role from chat_message where turn_id = ?", accepted["turn"].replace("-", "")
        )
        assert {(row["state"], row["role"]) for row in stored} == {("refused", "user"), ("refused", "assistant")}
        assert not outside.saw(secret)

    async def test_fails_rather_than_falls_back_outside_when_the_model_inside_is_down(
        self, server: RealServer, outside: Upstream
    ) -> None:
        secret = iban()
        async with Socket(server, key=DARK.key()) as socket:
            _, frames = await socket.answer(f"Which bank is {secret} with?", model="dark-cloud")

        assert (frames[-1]["type"], frames[-1]["code"]) == ("failed", "provider_unavailable")
        assert of_type(frames, "switched") == []
        assert not outside.saw(secret)


class TestATitle:
    @staticmethod
    def _titles(server: RealServer, *conversations: str) -> list[tuple[str, str]]:
        """The titles of these, once none of them waits: a job that meets a busy provider is tried again later."""
        wanted = [conversation.replace("-", "") for conversation in conversations]
        for _ in range(8):
            server.run_jobs()
            found = server.rows("select id, title, title_source from chat_conversation")
            titles = {row["id"]: (row["title"], row["title_source"]) for row in found}
            if all(titles[one][1] == "model" for one in wanted):
                break
            time.sleep(2)
        return [titles[one] for one in wanted]

    async def test_of_private_text_is_written_inside_and_of_harmless_text_outside(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        outside.script("titled-cloud", Script(text="Paris."), Script(text="Capitals of Europe"))
        inside.script("titled-inside", Script(text="With a German one."), Script(text="A bank account"))
        async with Socket(server, key=TITLED.key()) as socket:
            harmless, _ = await socket.answer(HARMLESS, model="titled-cloud")
            private, _ = await socket.answer(f"Which bank is {secret} with?", model="titled-cloud")
        places = (private["conversation"], harmless["conversation"])
        of_private, of_harmless = await asyncio.to_thread(self._titles, server, *places)
        assert of_private == ("A bank account", "model")
        assert of_harmless[1] == "model"
        assert not outside.saw(secret)
