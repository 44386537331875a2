"""What the network learns from."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from apps.routing.engine.intent.recogniser import meanings, speller
from apps.routing.training import examples
from apps.routing.training.rows import Row

LABELS = {"task": "math", "domain": "math", "complexity": "3", "creativity": "low", "length": "short"}
ROWS = (
    Row("What is 2 + 2?", "written", "written", "a", LABELS),
    Row("Prove Fermat", "written", "written", "b", LABELS | {"complexity": "4"}),
    Row("Sum of 3 and 9?", "public", "gsm8k", "c", LABELS | {"complexity": "4"}, weight=0.1, origin="exams"),
    Row("Write a poem", "public", "autoj", "d", {"task": "creative_writing"}, may_train=False),
)


class TestColumns:
    def test_are_a_class_and_an_origin_of_rows_that_may_be_trained_on(self) -> None:
        found = examples.columns(ROWS)

        assert found["task"] == (("math", "exams"), ("math", "people"))
        assert found["complexity"] == (("3", "people"), ("4", "exams"), ("4", "people"))


class TestExamples:
    @pytest.fixture
    def found(self) -> examples.Examples:
        read = examples.read_all([row.prompt for row in ROWS], speller(), meanings())
        return examples.examples(ROWS, read, examples.columns(ROWS))

    def test_want_the_label_in_the_column_of_their_origin(self, found: examples.Examples) -> None:
        assert found.wanted["task"].tolist() == [[0, 1], [0, 1], [1, 0], [0, 0]]

    def test_spread_a_level_over_its_neighbours(self, found: examples.Examples) -> None:
        three, four = found.wanted["complexity"][0], found.wanted["complexity"][2]

        assert three == pytest.approx([0.8, 0, 0.2])
        assert four == pytest.approx([0, 1, 0])

    def test_count_rare_tasks_of_people_more(self) -> None:
        rows = (*ROWS[:2], Row("Write a poem", "written", "written", "e", LABELS | {"task": "creative_writing"}))
        read = examples.read_all([row.prompt for row in rows], speller(), meanings())

        weights = examples.examples(rows, read, examples.columns(rows)).weights

        assert weights[2] > weights[0] == weights[1]


class TestTypingErrors:
    def test_are_made_only_in_what_people_typed_and_may_be_trained_on(self) -> None:
        found = examples.with_typing_errors(ROWS, seed=1)

        assert [row.group for row in found] == ["a", "b"]
        assert found == examples.with_typing_errors(ROWS, seed=1)
        assert all(copy.weight < row.weight for copy, row in zip(found, ROWS, strict=False))


class TestKnownWords:
    def test_have_what_occurs_twice_but_nothing_from_rows_kept_back(self) -> None:
        rows = (
            Row("Qwertzfluss kaputt", "written", "written", "a", {}),
            Row("Qwertzfluss repariert", "written", "written", "b", {}),
            *(Row("Geheimwortig", "public", "autoj", str(n), {}, may_train=False) for n in range(6)),
        )

        found = examples.known_words(rows, meanings())

        assert "qwertzfluss" in found
        assert "geheimwortig" not in found
        assert len(set(found)) == len(found)


def test_texts_are_read_as_when_serving() -> None:
    """A misspelt word has the features of what was meant."""
    read = examples.read_all(["please translate this", "please trnaslate this"], speller(), meanings())

    assert (read.words[0] != read.words[1]).nnz == 0
    assert np.array_equal(read.meaning[0], read.meaning[1])
