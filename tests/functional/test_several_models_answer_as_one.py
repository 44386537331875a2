"""Models that vote, and answers that are held back until they are good enough: one answer for whoever asked, whatever
happens behind it (promises P09, P18, P28; adr 0013)."""

import asyncio
from decimal import Decimal

import pytest

from tests.functional.companies import PANEL, STEPPING, VOTING
from tests.functional.test_budget_is_never_overspent import MICRO, budget_of, ledger_of, open_turns
from tests.functional.test_dead_provider_is_replaced_before_the_first_token import audited
from tests.support.journeys import Api, Socket, Transcript, code, iban, is_done, of_type, streamed_text, within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

QUESTION = "What is the capital of France?"
REFUSAL = "I'm sorry, but I can't help with that."
ANSWER = "The capital of France is Paris, which lies on the Seine."


def disagree(outside: Upstream) -> None:
    outside.script("voting-one", Script(text="Lyon."))
    outside.script("voting-two", Script(text="Paris."))
    outside.script("voting-three", Script(text="The answer is Paris."))


class TestAVote:
    async def test_is_one_answer_on_every_surface(self, server: RealServer, outside: Upstream) -> None:
        disagree(outside)
        async with Api(server, VOTING.key()) as api, Socket(server, key=VOTING.key()) as socket:
            plain = await api.ask(QUESTION)
            streamed = await api.ask(QUESTION, stream=True)
            accepted, frames = await socket.answer(QUESTION)
            record = await api.record(accepted["turn"])

        for answer in (plain, streamed):
            assert (answer.headers["x-openroute-model"], answer.headers["x-openroute-attempts"]) == ("voting-two", "3")
        assert plain.json()["choices"][0]["message"]["content"] == streamed_text(streamed) == "Paris."
        assert plain.json()["openroute"]["reasons"][-1].startswith("3 models were asked at once, and 2 agreed")
        assert is_done(streamed)
        (routed,), (switched,) = of_type(frames, "routed"), of_type(frames, "switched")
        assert routed["together"] == ["voting-one", "voting-two", "voting-three"]
        assert (switched["from"], switched["to"], switched["keeps"]) == ("voting-one", "voting-two", 0)
        assert switched["said"]["code"] == "voted"
        assert Transcript().take(*frames).text == "Paris."
        end = frames[-1]
        assert (end["type"], end["model"]) == ("completed", "voting-two")
        assert (record["vote"]["asked"], record["vote"]["agreed"], record["vote"]["winner"]) == (3, 2, 2)
        assert [a["code"] for a in record["attempts"]] == ["outvoted", "", "outvoted"]
        assert sum(a["cost_micro_usd"] for a in record["attempts"]) == record["cost_micro_usd"] == end["cost_microusd"]
        assert audited(server, accepted["turn"]) == ["turn.dispatched", *["turn.extended"] * 2, "turn.completed"]

    async def test_costs_the_sum_and_uses_what_the_winner_used(self, server: RealServer, outside: Upstream) -> None:
        disagree(outside)
        async with Api(server, VOTING.key()) as api:
            answer = await api.ask(QUESTION)

        (winner,) = outside.calls("voting-two")
        usage = answer.json()["usage"]
        assert (usage["prompt_tokens"], usage["completion_tokens"]) == (winner.input_tokens, winner.output_tokens)
        cost = int(answer.headers["x-openroute-cost-microusd"])
        assert outside.bill() * MICRO <= cost < outside.bill() * MICRO + 3

    async def test_is_not_held_up_by_one_that_is_slow_or_broken(self, server: RealServer, outside: Upstream) -> None:
        disagree(outside)
        outside.script("voting-one", Script(tokens=2_000, delay_s=0.05))
        async with Api(server, VOTING.key()) as api:
            answer = await api.ask(QUESTION)
            record = await api.record(answer.headers["x-openroute-turn"])
            outside.script("voting-one", Script(status=500))
            second = await api.ask(QUESTION)

        assert [a.json()["choices"][0]["message"]["content"] for a in (answer, second)] == ["Paris."] * 2
        assert record["attempts"][0]["code"] == "late"
        assert record["estimated"]
        assert record["cost_micro_usd"] <= record["reserved_micro_usd"]

    async def test_that_is_stopped_ends_all_of_them(self, server: RealServer, outside: Upstream) -> None:
        for model in ("voting-one", "voting-two", "voting-three"):
            outside.script(model, Script(tokens=2_000, delay_s=0.05))
        async with Socket(server, key=VOTING.key()) as socket:
            accepted = await socket.ask(QUESTION)
            await within(10, lambda: len(outside.calls()) == 3)
            await socket.send("stop", turn=accepted["turn"])
            end = (await socket.until("completed", "failed"))[-1]

        assert (end["type"], end["finish"]) == ("completed", "stopped")
        await within(10, lambda: open_turns(server, VOTING) == 0)
        assert budget_of(server, VOTING)["reserved"] == 0
        assert not any(call.completed for call in outside.calls())

    async def test_on_private_text_stays_inside(self, server: RealServer, outside: Upstream, inside: Upstream) -> None:
        secret = iban()
        async with Api(server, VOTING.key()) as api:
            answer = await api.ask(f"Which bank is {secret} with?")

        assert answer.headers["x-openroute-model"] == "voting-inside"
        assert outside.requests == []
        assert inside.saw(secret)


class TestSixtyVotesAtOnce:
    async def test_spend_one_cap_to_its_end_and_not_beyond(self, server: RealServer, outside: Upstream) -> None:
        for name in ("one", "two", "three"):
            outside.script(f"panel-{name}", Script(tokens=1000, first_delay_s=0.2))
        async with Api(server, PANEL.key()) as api:
            answers = await asyncio.gather(*(api.ask(f"Question {n}?", stream=bool(n % 2)) for n in range(60)))

        budget, ledger = budget_of(server, PANEL), ledger_of(server, PANEL)
        refused = {(a.status_code, code(a)) for a in answers if a.status_code != 200}
        print(f"60 votes on a cap of {budget['limit']}: {len(ledger)} calls, spent {budget['spent']}")
        assert refused == {(402, "budget_exceeded")}
        assert (budget["spent"], budget["reserved"]) == (37_700, 0)
        assert outside.bill() * MICRO == Decimal(37_700)
        assert sum(entry["amount"] for entry in ledger) == 37_700
        assert open_turns(server, PANEL) == 0


class TestAnAnswerThatIsChecked:
    """Each question is another one: an API session goes on with the step that has answered it."""

    async def test_is_replaced_when_it_is_not_good_enough(self, server: RealServer, outside: Upstream) -> None:
        outside.script("stepping-cheap", Script(text=REFUSAL))
        outside.script("stepping-strong", Script(text=ANSWER))
        async with Api(server, STEPPING.key()) as api, Socket(server, key=STEPPING.key()) as socket:
            plain = await api.ask("What is the capital of France?")
            streamed = await api.ask("Which city is the capital of France?", stream=True)
            accepted, frames = await socket.answer(QUESTION)
            record = await api.record(accepted["turn"])

        for answer in (plain, streamed):
            assert answer.headers["x-openroute-model"] == "stepping-strong"
            assert answer.headers["x-openroute-attempts"] == "2"
        assert plain.json()["choices"][0]["message"]["content"] == streamed_text(streamed) == ANSWER
        (switched,) = of_type(frames, "switched")
        assert (switched["said"]["code"], switched["said"]["params"]["fault"]) == ("switched_by_check", "refusal")
        assert Transcript().take(*frames).text == ANSWER
        assert [(a["model"], a["state"], a["code"]) for a in record["attempts"]] == [
            ("stepping-cheap", "failed", "not_good_enough"),
            ("stepping-strong", "answered", ""),
        ]
        assert not any(REFUSAL in call.body.decode() for call in outside.calls("stepping-strong"))
        stored = server.rows("select text, parts from chat_message where text like '%sorry%'")
        assert stored == []

    async def test_is_shown_by_the_first_model_when_it_is(self, server: RealServer, outside: Upstream) -> None:
        outside.script("stepping-cheap", Script(text=ANSWER))
        async with Api(server, STEPPING.key()) as api, Socket(server, key=STEPPING.key()) as socket:
            streamed = await api.ask("France has which capital?", stream=True)
            _, frames = await socket.answer(QUESTION)

        assert streamed.headers["x-openroute-model"] == "stepping-cheap"
        assert (streamed_text(streamed), Transcript().take(*frames).text) == (ANSWER, ANSWER)
        assert outside.calls("stepping-strong") == []

    async def test_is_shown_after_all_when_nobody_else_can_answer(self, server: RealServer, outside: Upstream) -> None:
        outside.script("stepping-cheap", Script(text=REFUSAL))
        outside.script("stepping-strong", Script(status=500))
        outside.script("stepping-spare", Script(status=500))
        async with Api(server, STEPPING.key()) as api:
            answer = await api.ask("The capital of France, please?", stream=True)
            record = await api.record(answer.headers["x-openroute-turn"])

        assert (streamed_text(answer), answer.headers["x-openroute-model"]) == (REFUSAL, "stepping-cheap")
        assert is_done(answer)
        assert [(a["state"], a["code"]) for a in record["attempts"]] == [
            ("answered", "not_good_enough"),
            ("failed", "provider_unavailable"),
            ("failed", "provider_unavailable"),
        ]
        assert record["model"] == "stepping-cheap"
