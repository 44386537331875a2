"""The demo model server as a process, asked by the official SDK and by our adapter."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from apps.domain.messages import PromptMessage, Role
from apps.domain.turn import Finish
from apps.providers.adapters._http import Outbound
from apps.providers.adapters.openai import PLUGIN
from apps.providers.values import ProviderTimeout, ProviderUnavailable, RateLimited, Timeouts
from tests.support.model_calls import a_call, an_endpoint, outcome_of

ROOT = Path(__file__).resolve().parents[3]
START_S = 5.0
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "apps.operations.demo_models.server", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DEMO_TOKENS_PER_S": "2000"}) as process:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        assert process.wait(5) is not None


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as made:
        yield made


def user(text: str) -> Any:
    return [{"role": "user", "content": text}]


class TestTheOfficialSdk:
    def test_lists_models(self, client: openai.OpenAI) -> None:
        assert "demo-coder" in {model.id for model in client.models.list()}

    def test_gets_the_same_answer_whole_and_streamed(self, client: openai.OpenAI) -> None:
        messages = user("Write a Python function that sorts a list")
        whole = client.chat.completions.create(model="demo-coder", messages=messages)
        stream = client.chat.completions.create(
            model="demo-coder", messages=messages, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)

        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == whole.choices[0].message.content
        assert chunks[-1].usage == whole.usage

    def test_calls_a_tool_and_answers_with_its_result(self, client: openai.OpenAI) -> None:
        messages = user("What is the weather in Hamburg?")
        with client.chat.completions.stream(model="demo-small", messages=messages, tools=[TOOL]) as stream:
            said = stream.get_final_completion().choices[0]
        assert said.finish_reason == "tool_calls"
        assert said.message.tool_calls
        call = said.message.tool_calls[0]
        assert json.loads(call.function.arguments) == {"city": "Hamburg"}

        messages += [
            said.message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": "12 C"},
        ]
        answer = client.chat.completions.create(model="demo-small", messages=messages, tools=[TOOL])

        assert "12 C" in (answer.choices[0].message.content or "")

    def test_gets_json_when_it_asks_for_it(self, client: openai.OpenAI) -> None:
        answer = client.chat.completions.create(
            model="demo-small", messages=user("Say something"), response_format={"type": "json_object"}
        )

        assert json.loads(answer.choices[0].message.content or "")["demo"] is True

    def test_stops_at_the_limit_and_at_stop_words(self, client: openai.OpenAI) -> None:
        short = client.chat.completions.create(model="demo-large", messages=user("Write a poem"), max_tokens=5)
        stopped = client.chat.completions.create(model="demo-large", messages=user("Write a poem"), stop=["kettle"])

        assert short.choices[0].finish_reason == "length"
        assert short.usage is not None
        assert short.usage.completion_tokens == 5
        assert "kettle" not in (stopped.choices[0].message.content or "kettle")

    def test_gets_embeddings(self, client: openai.OpenAI) -> None:
        answer = client.embeddings.create(model="demo-embed", input=["one", "two"], dimensions=64)

        assert [len(entry.embedding) for entry in answer.data] == [64, 64]

    @pytest.mark.parametrize(
        ("model", "error"),
        [
            ("demo-small@fault=500", openai.InternalServerError),
            ("demo-small@fault=429", openai.RateLimitError),
            ("demo-small@fault=nonsense", openai.BadRequestError),
            ("gpt-5", openai.NotFoundError),
        ],
    )
    def test_gets_errors_in_openais_form(self, client: openai.OpenAI, model: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            client.chat.completions.create(model=model, messages=user("hi"))

    @pytest.mark.parametrize("messages", ["text", [1], [{"role": "user", "content": 5}], None])
    def test_gets_a_refusal_for_nonsense(self, client: openai.OpenAI, messages: Any) -> None:
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="demo-small", messages=messages)


class TestOurAdapter:
    @pytest.mark.parametrize(
        ("fault", "error", "is_partial"),
        [
            ("500", ProviderUnavailable, False),
            ("429", RateLimited, False),
            ("cut:20", ProviderUnavailable, True),
            ("garbage:20", ProviderUnavailable, True),
            ("hang:20", ProviderTimeout, True),
            ("hang", ProviderTimeout, False),
        ],
    )
    async def test_sees_each_fault_for_what_it_is(
        self, address: str, fault: str, error: type[Exception], is_partial: bool
    ) -> None:
        outbound = Outbound(["127.0.0.1"])
        endpoint = an_endpoint(f"{address}/v1", timeouts=Timeouts(first_token_s=2, between_tokens_s=0.5))
        call = a_call("Write a poem about rain", upstream=f"demo-small@fault={fault}")

        outcome = await outcome_of(PLUGIN.stream(call, endpoint, outbound.session(endpoint.base_url)))
        await outbound.close()

        assert type(outcome.error) is error
        assert bool(outcome.text) is is_partial

    async def test_reads_a_whole_answer(self, address: str) -> None:
        outbound = Outbound(["127.0.0.1"])
        endpoint = an_endpoint(f"{address}/v1")

        outcome = await outcome_of(
            PLUGIN.stream(a_call("hi", upstream="demo-small"), endpoint, outbound.session(endpoint.base_url))
        )
        await outbound.close()

        assert outcome.finish is Finish.STOP
        assert outcome.usage is not None
        assert outcome.usage.output_tokens > 10


class TestControl:
    def test_switches_a_fault_on_and_off(self, address: str, client: openai.OpenAI) -> None:
        def control(fault: str) -> None:
            body = json.dumps({"model": "demo-medium", "fault": fault}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{address}/control", data=body, method="POST")).close()

        control("503")
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model="demo-medium", messages=user("hi"))
        control("")

        assert client.chat.completions.create(model="demo-medium", messages=user("hi")).choices

    async def test_breaks_off_when_the_question_orders_it_and_goes_on_when_asked_to(self, address: str) -> None:
        outbound = Outbound(["127.0.0.1"])
        endpoint = an_endpoint(f"{address}/v1")
        question = "Write a poem about rain demo-fault=cut:20"
        broken = await outcome_of(
            PLUGIN.stream(a_call(question, upstream="demo-small"), endpoint, outbound.session(endpoint.base_url))
        )
        so_far = (PromptMessage(Role.USER, question), PromptMessage(Role.ASSISTANT, broken.text))
        call = replace(a_call(question, upstream="demo-large"), messages=so_far, goes_on=True)
        rest = await outcome_of(PLUGIN.stream(call, endpoint, outbound.session(endpoint.base_url)))
        await outbound.close()

        assert isinstance(broken.error, ProviderUnavailable)
        assert broken.text
        assert rest.error is None
        assert rest.text
        assert "demo-fault" not in broken.text + rest.text
