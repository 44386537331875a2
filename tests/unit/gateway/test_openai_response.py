"""From a turn's events to OpenAI's form."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from apps.domain.catalogue import Hosting
from apps.domain.turn import Finish, Switched, TextDelta, ToolCallDelta, TurnEvent, TurnRequest
from tests.support.fake_backend import FakeBackend, Script, ask, completed, question, routed, says


def scripted(*, finish: Finish = Finish.STOP) -> Script:
    """Two tool calls, each in two pieces."""

    async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        yield routed(request)
        yield ToolCallDelta(request.turn, 0, "call_a", "weather", '{"at":')
        yield ToolCallDelta(request.turn, 0, arguments='"Bonn"}')
        yield ToolCallDelta(request.turn, 1, "call_b", "time", "{")
        yield ToolCallDelta(request.turn, 1, arguments="}")
        yield completed(request, finish=finish)

    return script


class TestAWholeAnswer:
    async def test_has_the_form_of_a_completion(self) -> None:
        backend = FakeBackend(says("Grüße, ", "世界 🎈"))

        reply = await ask(backend, question())

        turn = str(backend.requests[0].turn)
        assert reply.json["id"] == f"chatcmpl-{turn}"
        assert (reply.json["object"], reply.json["model"]) == ("chat.completion", "gpt-mini")
        assert reply.json["choices"][0]["message"]["content"] == "Grüße, 世界 🎈"
        assert reply.json["usage"]["total_tokens"] == 15
        assert reply.json["openroute"] | {"reasons": []} == {
            "turn": turn, "model": "gpt-mini", "hosting": "commercial", "sensitivity": "clean", "strategy": "balanced",
            "attempts": 1, "cost_microusd": 42, "reasons": [],
        }  # fmt: skip

    async def test_says_in_its_headers_who_answered_and_what_it_cost(self) -> None:
        reply = await ask(FakeBackend(says("x", model="größer")), question())

        assert reply.headers["x-openroute-model"] == "gr%C3%B6%C3%9Fer"
        assert reply.headers["x-openroute-hosting"] == "commercial"
        assert reply.headers["x-openroute-attempts"] == "1"
        assert reply.headers["x-openroute-cost-microusd"] == "42"

    async def test_puts_tool_calls_together(self) -> None:
        reply = await ask(FakeBackend(scripted(finish=Finish.TOOL_CALLS)), question())

        choice = reply.json["choices"][0]
        assert choice["finish_reason"] == "tool_calls"
        assert choice["message"]["content"] is None
        calls = [(call["id"], call["function"]) for call in choice["message"]["tool_calls"]]
        assert calls == [
            ("call_a", {"name": "weather", "arguments": '{"at":"Bonn"}'}),
            ("call_b", {"name": "time", "arguments": "{}"}),
        ]

    async def test_keeps_only_what_stays_when_another_model_goes_on(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)
            yield TextDelta(request.turn, 0, "Hello w")
            yield Switched(request.turn, "gpt-mini", "local", Hosting.SELF_HOSTED, "gpt-mini went away.", 6)
            yield TextDelta(request.turn, 6, "there")
            yield completed(request, model="local")

        reply = await ask(FakeBackend(script), question())

        assert reply.json["choices"][0]["message"]["content"] == "Hello there"
        assert (reply.json["model"], reply.headers["x-openroute-attempts"]) == ("local", "2")
        assert reply.json["openroute"]["reasons"][-1] == "gpt-mini went away."

    @pytest.mark.parametrize("finish", list(Finish))
    async def test_uses_openais_words_for_its_end(self, finish: Finish) -> None:
        reply = await ask(FakeBackend(scripted(finish=finish)), question())

        expected = {"stopped": "stop"}.get(finish.value, finish.value)
        assert reply.json["choices"][0]["finish_reason"] == expected


class TestAStream:
    async def test_opens_with_the_role_and_ends_with_finish_usage_and_done(self) -> None:
        reply = await ask(FakeBackend(says("a", 'b"\n')), question(stream=True))

        opening, *pieces, last, done = reply.events
        assert opening["choices"][0]["delta"] == {"role": "assistant", "content": ""}
        assert [piece["choices"][0]["delta"]["content"] for piece in pieces] == ["a", 'b"\n']
        assert last["choices"][0]["finish_reason"] == "stop"
        assert last["usage"]["completion_tokens"] == 3
        assert last["openroute"]["cost_microusd"] == 42
        assert done == "[DONE]"
        assert "x-openroute-cost-microusd" not in reply.headers

    async def test_puts_usage_into_a_chunk_of_its_own_when_asked(self) -> None:
        reply = await ask(FakeBackend(), question(stream=True, stream_options={"include_usage": True}))

        *chunks, finish, usage, _ = reply.events
        assert all(chunk["usage"] is None for chunk in [*chunks, finish])
        assert (usage["choices"], usage["usage"]["prompt_tokens"]) == ([], 12)
        assert usage["openroute"]["attempts"] == 1

    async def test_names_a_tool_call_on_its_first_piece_only(self) -> None:
        reply = await ask(FakeBackend(scripted()), question(stream=True))

        pieces = [event["choices"][0]["delta"]["tool_calls"][0] for event in reply.events[1:5]]
        assert [piece.get("id") for piece in pieces] == ["call_a", None, "call_b", None]
        assert [piece["index"] for piece in pieces] == [0, 0, 1, 1]

    async def test_has_the_headers_of_the_attempt_that_gave_the_first_byte(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield routed(request)
            yield Switched(request.turn, "gpt-mini", "local", Hosting.SELF_HOSTED, "gpt-mini went away.", 0)
            yield TextDelta(request.turn, 0, "Hi")
            yield completed(request, model="local")

        reply = await ask(FakeBackend(script), question(stream=True))

        assert (reply.headers["x-openroute-model"], reply.headers["x-openroute-attempts"]) == ("local", "2")
        assert {event["model"] for event in reply.events[:-1]} == {"local"}

    async def test_of_a_vote_names_the_winner_and_counts_everybody_who_was_asked(self) -> None:
        async def script(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
            yield replace(routed(request), together=("gpt-mini", "local", "third"))
            told = Switched(request.turn, "gpt-mini", "local", Hosting.SELF_HOSTED, "2 of 3 agreed.", 0, is_vote=True)
            yield told
            yield TextDelta(request.turn, 0, "Hi")
            yield completed(request, model="local")

        reply = await ask(FakeBackend(script), question(stream=True))

        assert (reply.headers["x-openroute-model"], reply.headers["x-openroute-attempts"]) == ("local", "3")
        assert {event["model"] for event in reply.events[:-1]} == {"local"}
        assert reply.events[-2]["openroute"]["reasons"][-1] == "2 of 3 agreed."
        assert reply.events[-2]["openroute"]["attempts"] == 3

    async def test_of_an_empty_answer_still_begins_and_ends(self) -> None:
        reply = await ask(FakeBackend(says()), question(stream=True))

        assert len(reply.events) == 3
