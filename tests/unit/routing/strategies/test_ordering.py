"""`learned`, `cascade`, `vote` and `budget`: who comes first, how many are asked, and what is said of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.domain.decision import Decision
from apps.domain.ids import ProviderId
from apps.domain.money import Price
from apps.routing.engine.decide import decide
from tests.support.turn_values import candidate
from tests.unit.routing.test_decide import ALL, CODER, INSIDE, LARGE, WRITER, intent, order, routing


def decided(strategy: str, **changes: Any) -> Decision:
    return decide(routing(strategy, **changes), ALL)


class TestLearned:
    SURE = (("coder", 0.9), ("large", 0.92))
    APART = (("coder", 0.3), ("large", 0.9))

    def test_asks_the_dearer_model_where_it_makes_the_difference(self) -> None:
        pair = (CODER, LARGE)
        easy = decide(routing("learned", predictions=self.SURE, least_gain=0.2), pair)
        hard = decide(routing("learned", predictions=self.APART, least_gain=0.2), pair)

        assert (order(easy)[0], order(hard)[0]) == ("coder", "large")
        assert hard.reasons[0].startswith("Outcomes of similar questions promise a good answer in 90 of 100 cases")

    def test_asks_it_more_often_the_less_gain_is_wanted(self) -> None:
        pair = (CODER, LARGE)
        firsts = [
            order(decide(routing("learned", predictions=self.APART, least_gain=gain), pair))[0]
            for gain in (0.0, 0.59, 0.61, 1.0)
        ]

        assert firsts == ["large", "large", "coder", "coder"]

    def test_takes_what_is_expected_of_models_without_outcomes(self) -> None:
        found = decided("learned", predictions=(("coder", 0.05),), least_gain=0.0)

        assert order(found)[0] == "large"
        assert "no outcomes were learned for it" in found.reasons[0]

    def test_balances_and_says_so_before_anything_was_learned(self) -> None:
        found = decided("learned")

        assert order(found) == order(decided("balanced"))
        assert found.reasons[0].startswith("Nothing has been learned from outcomes yet")

    def test_a_conversation_keeps_its_model_for_a_hairs_breadth(self) -> None:
        assert order(decided("learned", predictions=self.SURE, least_gain=0.1, sticky="large"))[0] == "large"
        assert order(decided("learned", predictions=self.APART, least_gain=0.1, sticky="coder"))[0] == "large"


class TestCascade:
    LADDER = (
        candidate("cheap", output="1", strengths=(("coding", 0.6),)),
        candidate("middle", output="5", strengths=(("coding", 0.75),)),
        candidate("silly", output="9", strengths=(("coding", 0.7),)),
        candidate("best", output="30", strengths=(("coding", 0.95),)),
        candidate("hopeless", output="0.1", strengths=(("coding", 0.1),)),
    )

    def test_climbs_from_the_cheapest_that_is_worth_a_try(self) -> None:
        found = decide(routing("cascade"), self.LADDER)

        assert order(found) == ["cheap", "middle", "best", "silly", "hopeless"]
        assert (found.held, found.steps, found.together) == (True, 3, 1)
        assert "If its answer does not pass a check, middle is asked" in found.reasons[1]

    def test_holds_nothing_back_where_there_is_nobody_to_climb_to(self) -> None:
        found = decide(routing("cascade"), (self.LADDER[3], self.LADDER[2]))

        assert order(found)[0] == "silly"
        assert decide(routing("cascade"), self.LADDER[3:]).held is False

    def test_a_conversation_goes_on_where_it_had_climbed_to(self) -> None:
        found = decide(routing("cascade", sticky="middle"), self.LADDER)

        assert order(found)[:2] == ["middle", "best"]
        assert found.steps == 2
        assert "goes on with this conversation" in found.reasons[0]

    def test_a_conversation_does_not_hop_to_what_is_hardly_better(self) -> None:
        found = decide(routing("cascade", sticky="silly"), self.LADDER)

        assert order(found)[: found.steps] == ["silly", "middle", "best"]

    def test_a_model_that_fails_is_no_step(self) -> None:
        found = decide(routing("cascade"), (replace(self.LADDER[0], healthy=False), *self.LADDER[1:]))

        assert order(found)[: found.steps] == ["middle", "best"]
        assert order(found)[-1] == "cheap"

    def test_all_steps_together_keep_to_the_callers_bound(self) -> None:
        full = decide(routing("cascade"), self.LADDER)
        bound = sum(entry.worst_case_micro_usd for entry in full.ranked[:3]) - 1
        found = decide(routing("cascade", max_cost_micro_usd=bound), self.LADDER)

        assert found.steps == 2
        assert sum(entry.worst_case_micro_usd for entry in found.ranked[: found.steps]) <= bound

    def test_is_careful_where_it_is_not_clear_what_is_asked(self) -> None:
        unclear = replace(intent(), confidence=(("task", 0.2),))
        weak = candidate("weak", output="0.5", strengths=(("coding", 0.45),))

        assert order(decide(routing("cascade"), (weak, *self.LADDER)))[0] == "weak"
        assert order(decide(routing("cascade", intent=unclear), (weak, *self.LADDER)))[0] == "cheap"


class TestVote:
    def test_asks_three_of_the_best_at_once(self) -> None:
        voters = tuple(candidate(f"m{n}", strengths=(("coding", 0.8),)) for n in range(5))
        found = decide(routing("vote"), voters)

        assert (found.together, found.held) == (3, False)
        assert "are asked at once" in found.reasons[0]

    @pytest.mark.parametrize("number", [2, 4])
    def test_asks_as_many_as_the_policy_says(self, number: int) -> None:
        voters = tuple(candidate(f"m{n}", strengths=(("coding", 0.8),)) for n in range(5))

        assert decide(routing(f"vote:{number}"), voters).together == number

    def test_leaves_out_who_would_spoil_the_vote(self) -> None:
        assert set(order(decided("vote"))[: decided("vote").together]) == {"coder", "large"}

    def test_prefers_voters_of_other_providers(self) -> None:
        twin = candidate("twin", strengths=(("coding", 0.91),))
        other = candidate("other", provider=ProviderId(9), strengths=(("coding", 0.88),))

        assert set(order(decide(routing("vote:2"), (CODER, twin, other)))[:2]) == {"coder", "other"}

    def test_alone_is_no_vote(self) -> None:
        found = decide(routing("vote"), (CODER, INSIDE))

        assert found.together == 1
        assert found.reasons == decide(routing("best"), (CODER, INSIDE)).reasons

    def test_all_voters_together_keep_to_the_callers_bound(self) -> None:
        voters = tuple(candidate(f"m{n}", strengths=(("coding", 0.8),)) for n in range(3))
        worst = decide(routing("vote"), voters).ranked[0].worst_case_micro_usd

        assert decide(routing("vote", max_cost_micro_usd=3 * worst), voters).together == 3
        assert decide(routing("vote", max_cost_micro_usd=3 * worst - 1), voters).together == 2

    def test_a_model_that_fails_does_not_vote(self) -> None:
        sick = replace(LARGE, healthy=False)
        found = decide(routing("vote", intent=intent("functional_writing")), (WRITER, sick, CODER, INSIDE))

        assert "large" not in order(found)[: found.together]

    def test_a_named_model_answers_alone(self) -> None:
        found = decided("vote", model="writer")

        assert (order(found)[0], found.together) == ("writer", 1)


class TestBudget:
    @pytest.mark.parametrize("used", [None, 0.0, 0.69])
    def test_is_balanced_while_there_is_money(self, used: float | None) -> None:
        found, balanced = decided("budget", budget_used=used), decided("balanced")

        assert (order(found), found.reasons) == (order(balanced), balanced.reasons)

    def test_nudges_then_takes_cheap_models_then_free_ones(self) -> None:
        better = replace(LARGE, strengths=(("coding", 0.99),))
        models = (better, CODER, WRITER, INSIDE)
        free = replace(CODER, model="gift", price=Price(Decimal(0), Decimal(0)))
        firsts = [
            order(decide(routing("budget", budget_used=used, dial=0.9), models))[0] for used in (0.5, 0.72, 0.9, 0.97)
        ]

        assert firsts == ["large", "coder", "coder", "inside"]
        assert order(decide(routing("budget", budget_used=0.96), (*models, free)))[:2] == ["gift", "inside"]

    @pytest.mark.parametrize(
        ("used", "said"),
        [
            (0.7, "70 % of the budget is used, so the cost counts more"),
            (0.861, "86 % of the budget is used, so the cheaper half"),
            (0.9999, "99 % of the budget is used, so models inside the company"),
        ],
    )
    def test_says_how_much_is_used(self, used: float, said: str) -> None:
        assert decided("budget", budget_used=used).reasons[0].startswith(said)

    def test_takes_the_cheaper_half_where_nothing_is_free(self) -> None:
        found = decide(routing("budget", budget_used=1.0), (CODER, WRITER, LARGE))

        assert order(found)[-1] == "large"
        assert "cheaper half" in found.reasons[0]

    def test_a_conversation_keeps_its_model_only_among_those_that_are_left(self) -> None:
        twin = replace(CODER, model="twin", price=LARGE.price, strengths=(("coding", 0.92),))

        assert order(decide(routing("budget", budget_used=0.1, dial=1.0, sticky="twin"), (CODER, twin)))[0] == "twin"
        assert order(decide(routing("budget", budget_used=0.9, dial=1.0, sticky="twin"), (CODER, twin)))[0] == "coder"


class TestAnUnclearQuestion:
    UNCLEAR = replace(intent(), confidence=(("task", 0.2),))
    NEARLY = candidate("nearly", output="1", strengths=(("coding", 0.62),))

    def test_makes_cheapest_ask_for_more(self) -> None:
        clear = decide(routing("cheapest"), (self.NEARLY, LARGE))
        unclear = decide(routing("cheapest", intent=self.UNCLEAR), (self.NEARLY, LARGE))

        assert (order(clear)[0], order(unclear)[0]) == ("nearly", "large")
        assert "not clear what kind of question" in unclear.reasons[1]

    def test_makes_balanced_look_less_at_the_cost(self) -> None:
        clear = decide(routing(dial=0.2), (self.NEARLY, CODER))
        unclear = decide(routing(dial=0.2, intent=self.UNCLEAR), (self.NEARLY, CODER))
        both = replace(self.UNCLEAR, confidence=(("task", 0.9),))

        assert order(unclear)[0] == "coder"
        assert order(decide(routing(dial=0.2, intent=both), (self.NEARLY, CODER))) == order(clear)


class TestWhatTheCompanyHasSettled:
    @pytest.mark.parametrize("strategy", ["fixed:writer", "rules"])
    def test_is_not_undone_by_a_running_conversation(self, strategy: str) -> None:
        found = decided(strategy, preferred=("writer",), sticky="coder")

        assert order(found)[0] == "writer"
