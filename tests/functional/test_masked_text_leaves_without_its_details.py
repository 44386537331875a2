"""Where compliance has set `mask`: the provider's bytes hold placeholders, the answer the details (promise P15)."""

import pytest

from tests.functional.companies import VEILED
from tests.support.journeys import Api, Socket, Transcript, iban, user
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = [pytest.mark.server, pytest.mark.any_store]

NAME = "Katharina Obermeier"
ANSWER = "Dear [PERSON_1], your money from [IBAN_CODE_1] has arrived."


def question(secret: str) -> str:
    return f"Write to {NAME}, who paid from {secret}, that the money has arrived."


class TestTheDeveloperApi:
    @pytest.mark.parametrize("stream", [False, True])
    async def test_shows_a_model_outside_placeholders(
        self, server: RealServer, outside: Upstream, inside: Upstream, stream: bool
    ) -> None:
        secret = iban()
        outside.script("veiled-cloud", Script(text=ANSWER))
        async with Api(server, VEILED.key()) as api:
            answer = await api.ask(question(secret), stream=stream)

        assert answer.status_code == 200, answer.text
        told = [answer.headers[f"x-openroute-{name}"] for name in ("model", "hosting", "sensitivity")]
        assert told == ["veiled-cloud", "commercial", "sensitive"]
        if not stream:
            content = answer.json()["choices"][0]["message"]["content"]
            assert content == f"Dear {NAME}, your money from {secret} has arrived."
        assert len(outside.calls("veiled-cloud")) == 1
        assert not any(map(outside.saw, (secret, NAME, "Obermeier", "Katharina")))
        assert inside.calls() == []

    async def test_keeps_inside_what_may_not_be_masked(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        async with Api(server, VEILED.key()) as api:
            answer = await api.ask(f"{question(secret)} Her card is 4111 1111 1111 1111.")

        assert answer.headers["x-openroute-model"] == "veiled-inside"
        assert inside.saw(secret)
        assert outside.calls() == []


class TestTheChat:
    async def test_goes_on_outside_and_shows_the_details_to_its_people(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        outside.script("veiled-cloud", Script(text=ANSWER), Script(text="Ms [PERSON_1B], it is here."))
        async with Socket(server, key=VEILED.key()) as socket:
            first, frames = await socket.answer(question(secret))
            again, more = await socket.answer("Shorter, to Obermeier alone.", conversation=first["conversation"])

        assert Transcript().take(*frames).text == f"Dear {NAME}, your money from {secret} has arrived."
        assert Transcript().take(*more).text == "Ms Obermeier, it is here."
        assert [frame["sensitivity"] for frame in (*frames, *more) if frame["type"] == "routed"] == ["sensitive"] * 2
        assert again["conversation"] == first["conversation"]
        assert len(outside.calls("veiled-cloud")) == 2
        assert not any(map(outside.saw, (secret, NAME, "Obermeier")))
        assert inside.calls() == []

    async def test_stays_inside_once_a_model_inside_has_answered(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        async with Socket(server, key=VEILED.key()) as socket:
            first, _ = await socket.answer(question(secret), model="veiled-inside")
            await socket.answer("Shorter.", conversation=first["conversation"])

        assert len(inside.calls("veiled-inside")) == 2
        assert outside.calls() == []


async def test_calls_and_results_of_tools_are_masked_too(
    server: RealServer, outside: Upstream, inside: Upstream
) -> None:
    secret = iban()
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": f'{{"iban":"{secret}"}}'}}
    messages = [
        user(question(secret)),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": f'{{"owner":"{NAME}","iban":"{secret}"}}'},
    ]
    tool = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
    async with Api(server, VEILED.key()) as api:
        answer = await api.client.post(
            "/v1/chat/completions", json={"model": "auto", "messages": messages, "tools": [tool]}
        )

    assert answer.headers["x-openroute-hosting"] == "commercial"
    assert not any(map(outside.saw, (secret, NAME)))
    assert inside.calls() == []
