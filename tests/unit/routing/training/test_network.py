"""The training in numpy: it learns, it repeats itself, and several networks become one."""

from dataclasses import replace

import numpy as np
import pytest

from apps.routing.training import network
from apps.routing.training.network import Examples

sparse = pytest.importorskip("scipy.sparse")

ROWS = 60


@pytest.fixture
def examples() -> Examples:
    """Words tell the task, meaning tells the domain; half of the rows have no domain."""
    chance = np.random.default_rng(2)
    task, domain = chance.integers(0, 2, ROWS), chance.integers(0, 3, ROWS)
    wanted = np.eye(3, dtype=np.float32)[domain]
    wanted[::2] = 0
    return Examples(
        words=sparse.csr_matrix(np.eye(4, dtype=np.float32)[task]),
        meaning=np.eye(3, 6, dtype=np.float32)[domain] * 3,
        wanted={"task": np.eye(2, dtype=np.float32)[task], "domain": wanted},
        weights=np.ones(ROWS),
        says={"task": np.ones(ROWS, np.float32), "domain": np.ones(ROWS, np.float32)},
    )


def answers(fitted: network.Network, examples: Examples) -> np.ndarray:
    return network.logits(fitted, examples.words, examples.meaning)


class TestTrain:
    def test_learns_each_head_from_what_tells_it(self, examples: Examples) -> None:
        found = answers(network.train(examples, seed=1, steps=120), examples)
        labelled = examples.wanted["domain"].any(axis=1)

        assert (found[:, :2].argmax(axis=1) == examples.wanted["task"].argmax(axis=1)).all()
        assert (found[labelled, 2:].argmax(axis=1) == examples.wanted["domain"][labelled].argmax(axis=1)).all()

    def test_repeats_itself_for_the_same_seed(self, examples: Examples) -> None:
        one, same, other = (answers(network.train(examples, seed=seed, steps=20), examples) for seed in (1, 1, 2))

        assert (one == same).all()
        assert (one != other).any()

    def test_learns_nothing_from_rows_without_weight(self, examples: Examples) -> None:
        wrong = {"task": examples.wanted["task"].copy(), "domain": examples.wanted["domain"]}
        wrong["task"][:20] = wrong["task"][:20, ::-1]
        weights = np.where(np.arange(ROWS) < 20, 0.0, 1.0)

        found = answers(network.train(replace(examples, wanted=wrong, weights=weights), seed=1, steps=120), examples)

        assert (found[:, :2].argmax(axis=1) == examples.wanted["task"].argmax(axis=1)).all()


class TestTogether:
    def test_answers_with_the_mean_of_the_logits(self, examples: Examples) -> None:
        members = [network.train(examples, seed=seed, steps=10) for seed in range(3)]
        mean = np.mean([answers(member, examples) for member in members], axis=0)

        assert answers(network.together(members), examples) == pytest.approx(mean, abs=1e-4)
