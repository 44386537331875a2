"""A model that fails is replaced along the permitted ranking: before its first token everywhere, after it in the chat,
where another one goes on; the API ends with an error then (P03, P29)."""

import json
from uuid import UUID

import pytest

from tests.functional.companies import AFTER, BEFORE, FAULTY, LONELY, RESTING
from tests.support.journeys import Api, Socket, Transcript, code, events, is_done, of_type, streamed_text, within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = [pytest.mark.server, pytest.mark.any_store]

FAULTS = {
    "fault": Script(status=500),
    "busy": Script(status=429, retry_after=2),
    "silent": Script(hang_after=0),
    "garbled": Script(garbage_after=0),
    "redirected": Script(redirect="http://127.0.0.1:9/v1/chat/completions"),
    "cut": Script(cut_after=0),
    "cut-later": Script(tokens=40, delay_s=0.01, cut_after=3),
    "silent-later": Script(tokens=40, delay_s=0.01, hang_after=3),
    "garbled-later": Script(tokens=40, delay_s=0.01, garbage_after=3),
    "fault-later": Script(tokens=40, delay_s=0.01, error_after=3),
}
GOOD = Script(text="The answer of another model.")


def play(outside: Upstream, how: str) -> str:
    """Let the model of this name fail as its name says; returns the name."""
    name = f"faulty-{how}"
    if how in FAULTS:
        outside.script(name, FAULTS[how])
    outside.script("faulty-good", GOOD)
    return name


@pytest.mark.parametrize("how", BEFORE)
class TestAModelThatFailsBeforeItsFirstToken:
    async def test_is_replaced_without_a_trace_in_the_answer(
        self, server: RealServer, outside: Upstream, how: str
    ) -> None:
        name = play(outside, how)
        async with Api(server, FAULTY.key()) as api, Socket(server, key=FAULTY.key()) as socket:
            plain = await api.ask("Hello?", model=name)
            streamed = await api.ask("Hello?", model=name, stream=True)
            accepted, frames = await socket.answer("Hello?", model=name)
            record = await api.record(accepted["turn"])

        for answer in (plain, streamed):
            assert answer.headers["x-openroute-model"] == "faulty-good"
            assert answer.headers["x-openroute-attempts"] == "2"
        assert plain.json()["choices"][0]["message"]["content"] == streamed_text(streamed) == GOOD.text
        assert is_done(streamed)
        (switched,) = of_type(frames, "switched")
        assert (switched["from"], switched["to"], switched["keeps"]) == (name, "faulty-good", 0)
        assert frames[-1]["type"] == "completed"
        assert [(a["model"], a["state"]) for a in record["attempts"]] == [(name, "failed"), ("faulty-good", "answered")]
        assert audited(server, accepted["turn"]) == ["turn.dispatched", "turn.extended", "turn.completed"]


@pytest.mark.parametrize("how", AFTER)
class TestAModelThatFailsAfterItsFirstToken:
    async def test_ends_the_turn_of_the_api_with_what_there_is(
        self, server: RealServer, outside: Upstream, how: str
    ) -> None:
        name = play(outside, how)
        async with Api(server, FAULTY.key()) as api:
            plain = await api.ask("Hello?", model=name)
            streamed = await api.ask("Hello?", model=name, stream=True)
            record = await api.record(streamed.headers["x-openroute-turn"])

        status = 504 if how == "silent-later" else 502
        assert (plain.status_code, code(plain)) == (status, "provider_unavailable")
        assert UUID(plain.headers["x-openroute-turn"])
        assert streamed_text(streamed) == "tok0 tok1 tok2 "
        assert events(streamed)[-1]["error"]["code"] == "provider_unavailable"
        assert not is_done(streamed)
        assert record["estimated"]
        assert 0 < record["cost_micro_usd"] <= record["reserved_micro_usd"]
        assert outside.calls("faulty-good") == []

    async def test_is_relieved_in_the_chat_by_one_that_goes_on(
        self, server: RealServer, outside: Upstream, how: str
    ) -> None:
        name = play(outside, how)
        async with Api(server, FAULTY.key()) as api, Socket(server, key=FAULTY.key()) as socket:
            accepted, frames = await socket.answer("Hello?", model=name)
            record = await api.record(accepted["turn"])

        (switched,) = of_type(frames, "switched")
        kept = "tok0 tok1 tok2 "
        assert (switched["from"], switched["to"], switched["keeps"]) == (name, "faulty-good", len(kept))
        assert switched["said"]["code"] == "switched_midway"
        end, whole = frames[-1], kept + str(GOOD.text)
        assert (end["type"], end["model"], end["finish"]) == ("completed", "faulty-good", "stop")
        assert Transcript().take(*frames).text == whole
        (row,) = server.rows(
            "select text, state, model, hosting from chat_message where id = ?", end["message"].replace("-", "")
        )
        assert tuple(row.values()) == (whole, "ok", "faulty-good", "commercial")
        (call,) = outside.calls("faulty-good")
        assert [message["role"] for message in call.json["messages"]] == ["user", "assistant", "user"]
        assert call.json["messages"][1]["content"] == kept
        assert [(a["model"], a["state"]) for a in record["attempts"]] == [(name, "failed"), ("faulty-good", "answered")]
        assert record["estimated"]
        assert sum(a["cost_micro_usd"] for a in record["attempts"]) == record["cost_micro_usd"] == end["cost_microusd"]
        assert record["cost_micro_usd"] <= record["reserved_micro_usd"]
        assert audited(server, accepted["turn"]) == ["turn.dispatched", "turn.extended", "turn.completed"]

    async def test_can_be_read_again_from_any_place_around_the_seam(
        self, server: RealServer, outside: Upstream, how: str
    ) -> None:
        name = play(outside, how)
        async with Socket(server, key=FAULTY.key()) as socket:
            accepted, frames = await socket.answer("Hello?", model=name)
            whole, (switched,) = Transcript().take(*frames).text, of_type(frames, "switched")
            seen = [frame for frame in of_type(frames, "delta") if frame["at"] < switched["keeps"]]
            for at in range(switched["keeps"] + 1):
                seq = max((frame["seq"] for frame in seen if frame["at"] < at), default=0)
                await socket.send("resume", turn=accepted["turn"], at=at, seq=seq)
                again = await socket.until("completed")
                assert [frame["keeps"] for frame in of_type(again, "switched")] == [switched["keeps"]]
                assert Transcript(whole[:at]).take(*again).text == whole


class TestTheOnlyModel:
    async def test_says_when_to_come_again_where_its_provider_says_so(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("lonely-cloud", Script(status=429, retry_after=7))
        async with Api(server, LONELY.key()) as api:
            answer = await api.ask("Hello?", stream=True)

        assert (answer.status_code, code(answer)) == (429, "rate_limited")
        assert 6 <= int(answer.headers["retry-after"]) <= 8

    async def test_is_left_alone_for_a_while_after_five_failures_and_tried_again(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("resting-cloud", Script(status=500))
        async with Api(server, RESTING.key()) as api:
            answers = [await api.ask("Hello?") for _ in range(8)]

        assert {(a.status_code, code(a)) for a in answers} == {(502, "provider_unavailable")}
        assert len(outside.calls()) == 5
        assert int(answers[-1].headers["retry-after"]) >= 1
        outside.script("resting-cloud", Script(text="Well again."))
        async with Api(server, RESTING.key()) as api:
            await within(10, lambda: self._is_well(api))

    async def _is_well(self, api: Api) -> bool:
        return (await api.ask("Hello?")).status_code == 200


def audited(server: RealServer, turn: str) -> list[str]:
    """What the audit trail holds of a turn, oldest first."""
    rows = server.rows("select kind, body from audit_auditevent where subject = ? order by seq", turn)
    assert all(isinstance(json.loads(row["body"]), dict) for row in rows)
    return [row["kind"] for row in rows]
