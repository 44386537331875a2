"""A model that fails before its first token is replaced along the permitted ranking; after it the turn fails (P29)."""

import json
from uuid import UUID

import pytest

from tests.functional.companies import AFTER, BEFORE, FAULTY, LONELY, RESTING
from tests.support.journeys import Api, Socket, code, events, is_done, of_type, streamed_text, within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

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
    async def test_ends_the_turn_with_what_there_is(self, server: RealServer, outside: Upstream, how: str) -> None:
        name = play(outside, how)
        async with Api(server, FAULTY.key()) as api, Socket(server, key=FAULTY.key()) as socket:
            plain = await api.ask("Hello?", model=name)
            streamed = await api.ask("Hello?", model=name, stream=True)
            accepted, frames = await socket.answer("Hello?", model=name)
            record = await api.record(accepted["turn"])

        status = 504 if how == "silent-later" else 502
        assert (plain.status_code, code(plain)) == (status, "provider_unavailable")
        assert UUID(plain.headers["x-openroute-turn"])
        assert streamed_text(streamed) == "tok0 tok1 tok2 "
        assert events(streamed)[-1]["error"]["code"] == "provider_unavailable"
        assert not is_done(streamed)
        failed = frames[-1]
        assert (failed["type"], failed["code"]) == ("failed", "provider_unavailable")
        assert (failed["partial"], failed["keeps"]) == (True, len("tok0 tok1 tok2 "))
        assert of_type(frames, "switched") == []
        (kept,) = server.rows("select text, state from chat_message where id = ?", failed["message"].replace("-", ""))
        assert (kept["text"], kept["state"]) == ("tok0 tok1 tok2 ", "partial")
        assert record["estimated"]
        assert 0 < record["cost_micro_usd"] == failed["cost_microusd"] <= record["reserved_micro_usd"]
        assert outside.calls("faulty-good") == []


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
