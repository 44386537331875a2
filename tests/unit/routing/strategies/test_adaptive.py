"""`adaptive`: mostly the best known, seldom another, and the chance of each on record."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.decision import RoutingRequest
from apps.routing.engine.decide import decide
from apps.routing.engine.ranking import Option, Ranking
from apps.routing.engine.strategies.adaptive import EXPLORED, FLOOR, PLUGIN, best_of
from tests.support.turn_values import candidate
from tests.unit.routing.test_decide import ALL, routing


def option(name: str, quality: float, certainty: float = 20.0) -> Option:
    return Option(candidate(name), quality, 100, 1_000, 1_000, certainty)


def rank(*options: Option, **changes: object) -> Ranking:
    return PLUGIN.rank(routing("adaptive", **({"explores": True} | changes)), options)


def propensities(ranking: Ranking) -> dict[str, float]:
    return {entry.option.name: entry.propensity or 0.0 for entry in ranking.order}


CLOSE = (option("a", 0.7), option("b", 0.68), option("c", 0.66))
OPTIONS = st.lists(
    st.builds(option, st.sampled_from("abcdefgh"), st.floats(0, 1), st.floats(0.5, 5_000)),
    min_size=1, max_size=8, unique_by=lambda entry: entry.name,
)  # fmt: skip


class TestExploring:
    def test_tries_others_in_as_many_decisions_as_is_on_record(self) -> None:
        promised = propensities(rank(*CLOSE))
        firsts = Counter(rank(*CLOSE, seed=seed).order[0].option.name for seed in range(4_000))

        for name, chance in promised.items():
            assert firsts[name] / 4_000 == pytest.approx(chance, abs=0.02)
        assert 1.0 - promised["a"] < EXPLORED

    def test_never_tries_what_is_known_to_be_much_worse(self) -> None:
        known = propensities(rank(option("good", 0.9), option("bad", 0.9 - FLOOR - 0.01, certainty=2.0)))

        assert known == {"good": 1.0, "bad": 0.0}

    def test_tries_the_little_known_rather_than_the_well_known(self) -> None:
        known = propensities(rank(option("best", 0.8, 500.0), option("new", 0.75, 4.0), option("old", 0.75, 500.0)))

        assert known["new"] > 10 * known["old"]

    @pytest.mark.parametrize("changes", [{"explores": False}, {"sticky": "a"}, {"sticky": "gone"}])
    def test_is_not_done_with_private_text_nor_in_a_running_conversation(self, changes: dict[str, object]) -> None:
        for seed in range(200):
            ranking = rank(*CLOSE, seed=seed, **changes)

            assert [entry.option.name for entry in ranking.order] == ["a", "b", "c"]
            assert propensities(ranking) == {"a": 1.0, "b": 0.0, "c": 0.0}

    def test_says_that_it_tries_something(self) -> None:
        tried = next(found for seed in range(200) if (found := rank(*CLOSE, seed=seed)).order[0].option.name != "a")

        assert "is tried this time" in tried.reasons[0]
        assert "has the best record" in rank(*CLOSE, explores=False).reasons[0]

    def test_a_model_that_fails_is_not_tried(self) -> None:
        sick = Option(candidate("b", healthy=False), 0.69, 100, 1_000, 1_000)

        assert propensities(rank(CLOSE[0], sick))["b"] == 0.0


class TestTheChances:
    @given(options=OPTIONS, seed=st.integers(0, 2**32 - 1))
    def test_add_up_to_one(self, options: list[Option], seed: int) -> None:
        found = propensities(rank(*options, seed=seed))

        assert all(0.0 <= chance <= 1.0 for chance in found.values())
        assert sum(found.values()) == pytest.approx(1.0)

    def test_are_those_of_drawing_from_every_posterior(self) -> None:
        options = [option("a", 0.7, 12.0), option("b", 0.6, 30.0), option("c", 0.66, 400.0)]
        shapes = [(o.quality * o.certainty, (1 - o.quality) * o.certainty) for o in options]
        draws = np.array([np.random.default_rng(3).beta(a, b, 200_000) for a, b in shapes])
        draws[1] = np.random.default_rng(4).beta(*shapes[1], 200_000)
        draws[2] = np.random.default_rng(5).beta(*shapes[2], 200_000)

        assert best_of(options) == pytest.approx(np.bincount(draws.argmax(axis=0)) / 200_000, abs=0.01)

    def test_are_certain_where_something_else_than_the_lot_decided(self) -> None:
        named = decide(routing("adaptive", explores=True, model="writer"), ALL)

        assert [entry.propensity for entry in named.ranked] == [1.0, 0.0, 0.0, 0.0]

    def test_are_nothing_that_other_strategies_speak_of(self) -> None:
        request: RoutingRequest = routing("balanced", explores=True)

        assert all(entry.propensity is None for entry in decide(request, ALL).ranked)
