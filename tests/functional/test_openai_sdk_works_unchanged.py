"""OpenAI's own Python SDK against the real server: only address and key differ (promise P03)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pydantic
import pytest

from tests.functional.companies import HOLLOW, LONELY, PENNILESS, RATED, SDK
from tests.support.journeys import within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream
from tests.support.world import Company

pytestmark = [pytest.mark.server, pytest.mark.any_store]

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Today's weather in a town.",
        "parameters": {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]},
    },
}
CALLS = (("weather", '{"town": "Köln 🌧"}'), ("weather", '{"town": "Bonn"}'))


class Town(pydantic.BaseModel):
    name: str
    rivers: list[str]


def client_of(server: RealServer, company: Company, key: str = "") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=key or company.key(), max_retries=0, timeout=30)


@pytest.fixture
async def client(server: RealServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(server, SDK) as found:
        yield found


def said(text: str = "Hello?") -> Any:
    return [{"role": "user", "content": text}]


class TestModels:
    async def test_are_listed_and_found(self, client: openai.AsyncOpenAI) -> None:
        names = [model.id async for model in client.models.list()]

        assert names == ["auto", "sdk-cloud"]
        assert (await client.models.retrieve("sdk-cloud")).owned_by == "at-sdk-cloud"
        with pytest.raises(openai.NotFoundError) as unknown:
            await client.models.retrieve("sealed-best")
        assert unknown.value.code == "model_not_found"


class TestACompletion:
    async def test_comes_whole(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(text="Grüße aus Köln 🎈", cached_tokens=2, reasoning_tokens=3))
        raw = await client.chat.completions.with_raw_response.create(model="auto", messages=said(), temperature=0.2)
        answer = raw.parse()

        assert answer.choices[0].message.content == "Grüße aus Köln 🎈"
        assert answer.choices[0].finish_reason == "stop"
        assert answer.model == "sdk-cloud"
        assert answer.usage is not None
        assert answer.usage.completion_tokens == 7
        assert answer.usage.completion_tokens_details is not None
        assert answer.usage.completion_tokens_details.reasoning_tokens == 3
        assert raw.headers["x-openroute-cost-microusd"] == str(answer.model_extra["openroute"]["cost_microusd"])  # type: ignore[index]
        assert outside.calls()[0].json["temperature"] == 0.2
        assert outside.calls()[0].json["max_tokens"] == 500

    async def test_streams(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(text="One two three 🎈", bytewise=True))
        stream = await client.chat.completions.create(
            model="auto", messages=said(), stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]

        assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "One two three 🎈"
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 4
        assert all(chunk.usage is None for chunk in chunks[:-1])
        assert len({chunk.id for chunk in chunks}) == 1

    async def test_is_limited_as_asked(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(tokens=100))
        answer = await client.chat.completions.create(model="auto", messages=said(), max_completion_tokens=5)

        assert answer.choices[0].finish_reason == "length"
        assert answer.choices[0].message.content == "tok0 tok1 tok2 tok3 tok4 "

    async def test_is_parsed_into_a_structure(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(text='{"name": "Köln", "rivers": ["Rhein"]}'))
        answer = await client.chat.completions.parse(model="auto", messages=said(), response_format=Town)

        assert answer.choices[0].message.parsed == Town(name="Köln", rivers=["Rhein"])
        form = outside.calls()[0].json["response_format"]
        assert form["json_schema"]["schema"]["properties"].keys() == {"name", "rivers"}
        assert form["json_schema"]["strict"] is True


class TestTools:
    async def test_are_called_in_a_stream_and_get_their_results(
        self, client: openai.AsyncOpenAI, outside: Upstream
    ) -> None:
        outside.script("sdk-cloud", Script(tool_calls=CALLS), Script(text="Rain in both."))
        messages = said("How is the weather in Köln and Bonn?")
        async with client.chat.completions.stream(model="auto", messages=messages, tools=[WEATHER]) as stream:
            answer = (await stream.get_final_completion()).choices[0]

        assert answer.finish_reason == "tool_calls"
        calls = answer.message.tool_calls or []
        assert [(call.function.name, call.function.arguments) for call in calls] == list(CALLS)
        messages.append(answer.message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}))
        messages += [{"role": "tool", "tool_call_id": call.id, "content": "Rain."} for call in calls]
        final = await client.chat.completions.create(model="auto", messages=messages, tools=[WEATHER])

        assert final.choices[0].message.content == "Rain in both."
        sent = outside.calls()[1].json
        assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "tool", "tool"]
        assert sent["messages"][1]["tool_calls"][0]["function"] == {"name": "weather", "arguments": CALLS[0][1]}
        assert [message["tool_call_id"] for message in sent["messages"][2:]] == [call.id for call in calls]
        assert sent["tools"] == [WEATHER]

    async def test_are_called_in_a_whole_answer(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(tool_calls=CALLS[:1]))
        answer = await client.chat.completions.create(
            model="auto", messages=said(), tools=[WEATHER], tool_choice="required", parallel_tool_calls=False
        )

        assert answer.choices[0].message.content is None
        assert json.loads(answer.choices[0].message.tool_calls[0].function.arguments) == {"town": "Köln 🌧"}  # type: ignore[index, union-attr]
        assert outside.calls()[0].json["tool_choice"] == "required"
        assert outside.calls()[0].json["parallel_tool_calls"] is False


class TestErrors:
    async def test_of_a_wrong_key_are_all_alike(self, server: RealServer) -> None:
        answers = []
        for key in ("or-nobody-ever-issued-this-key-0000", "sk-something-else", SDK.key()[:-1] + "0"):
            async with client_of(server, SDK, key) as stranger:
                with pytest.raises(openai.AuthenticationError) as refused:
                    await stranger.chat.completions.create(model="auto", messages=said())
            answers.append((refused.value.status_code, refused.value.body))

        assert answers[0] == answers[1] == answers[2]

    async def test_of_an_unknown_model(self, client: openai.AsyncOpenAI) -> None:
        for name in ("gpt-nothing", "sealed-best", "auto:nothing"):
            with pytest.raises((openai.NotFoundError, openai.BadRequestError)) as refused:
                await client.chat.completions.create(model=name, messages=said())
            assert refused.value.code in {"model_not_found", "invalid_request"}

    async def test_of_a_bad_request_name_the_field(self, client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(model="auto", messages=said(), temperature=9)

        assert (refused.value.code, refused.value.param) == ("invalid_request", "temperature")

    async def test_of_a_secret_that_no_model_may_see(self, server: RealServer, outside: Upstream) -> None:
        async with client_of(server, HOLLOW) as hollow:
            with pytest.raises(openai.PermissionDeniedError) as refused:
                await hollow.chat.completions.create(model="auto", messages=said("My IBAN is DE89370400440532013000."))

        assert refused.value.code == "no_permitted_model"
        assert "DE89" not in str(refused.value)

    async def test_of_an_empty_budget(self, server: RealServer) -> None:
        async with client_of(server, PENNILESS) as poor:
            with pytest.raises(openai.APIStatusError) as refused:
                await poor.chat.completions.create(model="auto", messages=said(), stream=True)

        assert (refused.value.status_code, refused.value.code) == (402, "budget_exceeded")

    async def test_of_a_rate_limit_say_when_to_come_again(self, server: RealServer, outside: Upstream) -> None:
        async with client_of(server, RATED) as busy:
            for _ in range(2):
                await busy.chat.completions.create(model="auto", messages=said())
            with pytest.raises(openai.RateLimitError) as refused:
                await busy.chat.completions.create(model="auto", messages=said())

        assert refused.value.code == "rate_limited"
        assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60
        assert len(outside.calls()) == 2

    async def test_of_a_dead_provider(self, server: RealServer, outside: Upstream) -> None:
        outside.script("lonely-cloud", Script(status=500))
        async with client_of(server, LONELY) as lonely:
            with pytest.raises(openai.InternalServerError) as refused:
                await lonely.chat.completions.create(model="auto", messages=said())

        assert refused.value.code == "provider_unavailable"

    async def test_break_a_stream_that_has_begun(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(tokens=50, delay_s=0.01, cut_after=5), Script(text="Well again."))
        stream = await client.chat.completions.create(model="auto", messages=said(), stream=True)
        seen: list[str] = []
        with pytest.raises(openai.APIError) as broken:
            await self._collect(stream, seen)
        well = await client.chat.completions.create(model="auto", messages=said())

        assert "".join(seen) == "tok0 tok1 tok2 tok3 tok4 "
        assert broken.value.code == "provider_unavailable"
        assert well.choices[0].message.content == "Well again."

    async def _collect(self, stream: Any, seen: list[str]) -> None:
        async for chunk in stream:
            seen.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - what came before the break counts


class TestAnIdempotencyKey:
    async def test_gives_the_same_answer_and_asks_nobody_again(
        self, client: openai.AsyncOpenAI, outside: Upstream
    ) -> None:
        outside.script("sdk-cloud", Script(text="The first."), Script(text="The second."))
        create = client.chat.completions.create
        first = await create(model="auto", messages=said(), extra_headers=keyed("a"))
        again = await create(model="auto", messages=said(), extra_headers=keyed("a"))

        assert again.model_dump(exclude={"created"}) == first.model_dump(exclude={"created"})
        assert len(outside.calls()) == 1

    async def test_plays_a_stream_again(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(text="Only once."), Script(text="The second."))
        texts = []
        for _ in range(2):
            stream = await client.chat.completions.create(
                model="auto", messages=said(), stream=True, extra_headers=keyed("b")
            )
            texts.append("".join([c.choices[0].delta.content or "" async for c in stream if c.choices]))

        assert texts == ["Only once.", "Only once."]

    async def test_answers_409_while_the_first_is_running_and_422_to_another_body(
        self, client: openai.AsyncOpenAI, outside: Upstream
    ) -> None:
        outside.script("sdk-cloud", Script(text="Slowly.", first_delay_s=1))
        create = client.chat.completions.create
        first = asyncio.create_task(create(model="auto", messages=said(), extra_headers=keyed("c")))
        await within(10, lambda: len(outside.calls()) == 1)
        with pytest.raises(openai.ConflictError) as running:
            await create(model="auto", messages=said(), extra_headers=keyed("c"))
        with pytest.raises(openai.UnprocessableEntityError) as other:
            await create(model="auto", messages=said("Something else?"), extra_headers=keyed("c"))

        assert running.value.code == "turn_running"
        assert other.value.code == "invalid_request"
        assert (await first).choices[0].message.content == "Slowly."
        assert len(outside.calls()) == 1

    async def test_of_two_at_once_lets_one_through(self, client: openai.AsyncOpenAI, outside: Upstream) -> None:
        outside.script("sdk-cloud", Script(text="One of them.", first_delay_s=0.3))
        create = client.chat.completions.create
        asked = [create(model="auto", messages=said(), extra_headers=keyed("d")) for _ in range(8)]
        found = await asyncio.gather(*asked, return_exceptions=True)

        answers = [answer for answer in found if not isinstance(answer, openai.ConflictError)]
        assert len(answers) == 1
        assert len(outside.calls()) == 1

    async def test_of_a_call_that_was_given_up_is_answered_by_asking_again(
        self, client: openai.AsyncOpenAI, outside: Upstream
    ) -> None:
        """The answer that nobody waited for is not told as if it were whole."""
        outside.script("sdk-cloud", Script(text="Too late.", first_delay_s=20), Script(text="In time."))
        create = client.chat.completions.create
        with pytest.raises(openai.APITimeoutError):
            await create(model="auto", messages=said(), extra_headers=keyed("e"), timeout=0.7)

        async def answered() -> bool:
            try:
                again = await create(model="auto", messages=said(), extra_headers=keyed("e"))
            except openai.ConflictError:
                return False
            return again.choices[0].message.content == "In time."

        await within(10, answered)


def keyed(name: str) -> dict[str, str]:
    return {"Idempotency-Key": f"sdk-story-{name}"}
