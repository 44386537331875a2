"""What every file in the strategies folder promises."""

from dataclasses import replace

import pytest

from apps.domain.policy import STRATEGIES as PUBLISHED
from apps.routing.engine.decide import STRATEGIES, decide
from tests.support.turn_values import candidate
from tests.unit.routing.test_decide import ALL, order, routing

NAMES = sorted(STRATEGIES)


def named(name: str) -> str:
    return f"{name}:coder" if name == "fixed" else name


@pytest.mark.parametrize("name", NAMES)
class TestEveryStrategy:
    def test_ranks_each_candidate_once(self, name: str) -> None:
        assert sorted(order(decide(routing(named(name)), ALL))) == sorted(entry.model for entry in ALL)

    def test_is_deterministic_and_blind_to_order(self, name: str) -> None:
        decision = decide(routing(named(name)), ALL)

        assert decision == decide(routing(named(name)), tuple(reversed(ALL)))

    def test_says_why_in_a_sentence_for_people(self, name: str) -> None:
        assert decide(routing(named(name)), ALL).reasons
        for reason in decide(routing(named(name)), ALL).reasons:
            assert reason.endswith(".")
            assert "_" not in reason

    def test_copes_with_a_single_candidate(self, name: str) -> None:
        assert order(decide(routing(named(name)), (candidate("only"),))) == ["only"]

    def test_never_ranks_what_a_limit_forbids(self, name: str) -> None:
        tools = tuple(replace(entry, capabilities=frozenset({"tools"})) for entry in ALL[:2])
        decision = decide(routing(named(name), needs=frozenset({"tools"}), explores=True), (*tools, *ALL[2:]))

        assert set(order(decision)) == {"coder", "writer"}

    def test_never_asks_for_more_than_the_caller_pays(self, name: str) -> None:
        for limit in (0, 2_000, 5_000, 9_000):
            decision = decide(routing(named(name), max_cost_micro_usd=limit), ALL)
            asked = decision.ranked[: max(decision.together, decision.steps)]

            assert sum(entry.worst_case_micro_usd for entry in asked) <= limit

    def test_gives_chances_that_add_up_or_none(self, name: str) -> None:
        ranked = decide(routing(named(name), explores=True), ALL).ranked
        chances = [entry.propensity for entry in ranked if entry.propensity is not None]

        assert not chances or sum(chances) == pytest.approx(1.0)
        assert all(0.0 <= chance <= 1.0 for chance in chances)

    def test_a_conversation_hops_only_for_a_reason_that_is_told(self, name: str) -> None:
        close = replace(ALL[0], model="twin", strengths=(("coding", 0.9),))
        decision = decide(routing(named(name), sticky="twin", explores=True, seed=3), (ALL[0], close))

        assert order(decision)[0] == "twin" or decision.together > 1 or decision.reasons[0].startswith("Your company")

    def test_scores_within_bounds(self, name: str) -> None:
        assert all(0.0 <= entry.score <= 1.0 for entry in decide(routing(named(name)), ALL).ranked)


def test_the_published_names_are_the_files_in_the_folder() -> None:
    assert set(PUBLISHED) | {"fixed"} == set(STRATEGIES)
