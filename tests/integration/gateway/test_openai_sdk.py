"""The official SDK against the developer API on a real server: it must work unchanged (promise P03)."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Iterator

import openai
import pytest
import uvicorn

from apps.domain.turn import Finish, TextDelta, ToolCallDelta, TurnEvent, TurnRequest
from apps.gateway.application import Gateway
from tests.support.fake_backend import KEY, FakeBackend, completed, failed, routed, says

ERRORS = {
    400: ("context_too_long", openai.BadRequestError),
    402: ("budget_exceeded", openai.APIStatusError),
    403: ("no_permitted_model", openai.PermissionDeniedError),
    404: ("model_not_found", openai.NotFoundError),
    409: ("turn_running", openai.ConflictError),
    422: ("invalid_request", openai.UnprocessableEntityError),
    429: ("rate_limited", openai.RateLimitError),
    502: ("provider_unavailable", openai.InternalServerError),
    503: ("overloaded", openai.InternalServerError),
}


async def play(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
    """What the model's name says: an error's status, `broken`, `tools`, or an echo."""
    yield routed(request)
    if request.model.isdigit():
        status = int(request.model)
        yield failed(request, ERRORS[status][0], status, retry_after_s=3)
    elif request.model == "broken":
        yield TextDelta(request.turn, 0, "Half an ans")
        await asyncio.sleep(0.01)
        yield failed(request, "provider_unavailable", 502)
    elif request.tools:
        yield ToolCallDelta(request.turn, 0, "call_1", request.tools[0].name, '{"city":')
        yield ToolCallDelta(request.turn, 0, arguments='"Bonn"}')
        yield completed(request, finish=Finish.TOOL_CALLS)
    else:
        async for event in says(*request.messages[-1].text)(request):
            yield event


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        application = Gateway(FakeBackend(play), allowed_hosts=lambda: ["127.0.0.1"])
        server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=address, api_key=KEY, max_retries=0) as found:
        yield found


def asked(text: str = "Hi") -> list[openai.types.chat.ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


class TestTheSdk:
    def test_gets_a_whole_answer(self, client: openai.OpenAI) -> None:
        answer = client.chat.completions.create(model="auto", messages=asked("Grüße 🎈"), temperature=0.2)

        assert answer.choices[0].message.content == "Grüße 🎈"
        assert answer.usage is not None
        assert answer.usage.prompt_tokens == 12
        assert answer.model_extra is not None
        assert answer.model_extra["openroute"]["cost_microusd"] == 42

    def test_reads_the_headers(self, client: openai.OpenAI) -> None:
        raw = client.chat.completions.with_raw_response.create(model="auto", messages=asked())

        assert raw.headers["x-openroute-model"] == "gpt-mini"
        assert raw.request_id == raw.headers["x-request-id"]

    def test_streams(self, client: openai.OpenAI) -> None:
        stream = client.chat.completions.create(
            model="auto", messages=asked("stream"), stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)

        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "stream"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.total_tokens == 15

    def test_accumulates_a_stream(self, client: openai.OpenAI) -> None:
        with client.chat.completions.stream(model="auto", messages=asked("whole")) as stream:
            answer = stream.get_final_completion()

        assert answer.choices[0].message.content == "whole"

    @pytest.mark.parametrize("stream", [False, True])
    def test_calls_tools(self, client: openai.OpenAI, stream: bool) -> None:
        tool: openai.types.chat.ChatCompletionToolParam = {
            "type": "function",
            "function": {"name": "weather", "parameters": {"type": "object"}, "strict": True},
        }
        if stream:
            with client.chat.completions.stream(model="auto", messages=asked(), tools=[tool]) as events:
                message = events.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(model="auto", messages=asked(), tools=[tool]).choices[0].message

        assert message.tool_calls is not None
        call = message.tool_calls[0]
        assert call.type == "function"
        assert (call.id, call.function.name, call.function.arguments) == ("call_1", "weather", '{"city":"Bonn"}')

    def test_lists_models(self, client: openai.OpenAI) -> None:
        assert [model.id for model in client.models.list()] == ["auto", "gpt-mini", "local"]
        assert client.models.retrieve("local").owned_by == "acme-ai"

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("status", ERRORS)
    def test_raises_its_own_error_for_each_status(self, client: openai.OpenAI, status: int, stream: bool) -> None:
        code, kind = ERRORS[status]
        with pytest.raises(kind) as caught:
            client.chat.completions.create(model=str(status), messages=asked(), stream=stream)

        assert isinstance(caught.value, openai.APIStatusError)
        assert (caught.value.status_code, caught.value.code) == (status, code)

    def test_raises_when_a_stream_breaks(self, client: openai.OpenAI) -> None:
        stream = client.chat.completions.create(model="broken", messages=asked(), stream=True)
        seen: list[str] = []
        with pytest.raises(openai.APIError) as caught:
            seen.extend(chunk.choices[0].delta.content or "" for chunk in stream)

        assert "".join(seen) == "Half an ans"
        assert caught.value.code == "provider_unavailable"

    def test_is_told_which_field_is_wrong(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="auto", messages=asked(), temperature=9)

        assert caught.value.param == "temperature"

    def test_with_a_wrong_key_is_not_authenticated(self, address: str) -> None:
        stranger = openai.OpenAI(base_url=address, api_key="or-wrong", max_retries=0)
        with stranger, pytest.raises(openai.AuthenticationError):
            stranger.chat.completions.create(model="auto", messages=asked())

    def test_gets_a_clear_404_for_what_is_not_served_yet(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.NotFoundError, match="not offered"):
            client.embeddings.create(model="x", input="y")
        with pytest.raises(openai.NotFoundError, match="not offered"):
            client.responses.create(model="x", input="y")

    def test_sends_a_body_that_is_too_large_and_gets_413(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(model="auto", messages=asked("x" * (10 * 1024 * 1024)))

        assert caught.value.status_code == 413
