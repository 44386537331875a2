"""What the recogniser is trained on."""

from collections import Counter
from pathlib import Path

import pytest

from apps.domain.intent import CREATIVITY, DOMAINS, LENGTHS, TASKS
from apps.routing.engine.intent.text import read
from apps.routing.training import rows


class TestWrittenPrompts:
    @pytest.mark.parametrize("path", [rows.WRITTEN, rows.NATURAL])
    def test_are_labelled_in_the_vocabulary(self, path: Path) -> None:
        for row in rows.written(path):
            assert row.labels["task"] in TASKS
            assert row.labels["domain"] in DOMAINS
            assert row.labels["creativity"] in CREATIVITY
            assert row.labels["length"] in LENGTHS
            assert row.labels["complexity"] in {"1", "2", "3", "4", "5"}

    def test_are_many_and_cover_every_task_and_domain(self) -> None:
        written = rows.written()
        tasks = Counter(row.labels["task"] for row in written)
        domains = Counter(row.labels["domain"] for row in written)

        assert len(written) >= 400
        assert min(tasks[task] for task in TASKS) >= 20
        assert min(domains[domain] for domain in DOMAINS) >= 10

    def test_of_people_are_as_many_for_every_task_and_no_copies(self) -> None:
        typed = rows.written(rows.NATURAL)
        tasks = Counter(row.labels["task"] for row in typed)
        known = {row.prompt for row in rows.written()}

        assert len(typed) >= 1_600
        assert min(tasks[task] for task in TASKS) >= 40
        assert len({row.prompt for row in typed} - known) == len(typed)

    def test_are_distinct_and_in_five_languages(self) -> None:
        written = rows.written()
        languages = Counter(read(row.prompt).language for row in written)

        assert len({row.prompt for row in written}) == len(written)
        assert all(languages[language] >= 15 for language in ("en", "de", "fr", "es", "it"))


class TestComposedPrompts:
    def test_are_the_same_for_the_same_seed(self) -> None:
        assert rows.composed(seed=1, per_task=20) == rows.composed(seed=1, per_task=20)
        assert rows.composed(seed=1, per_task=20) != rows.composed(seed=2, per_task=20)

    def test_leave_no_slot_open(self) -> None:
        composed = rows.composed(seed=3, per_task=100)

        assert not [row.prompt for row in composed if "{" in row.prompt]
        assert {row.labels["task"] for row in composed} == set(TASKS)
        assert {row.labels["domain"] for row in composed} == set(DOMAINS)


class TestPublicRows:
    RECORD = {
        "prompt": "What is 2 + 2?", "source": "gsm8k", "task": "math", "domain": None, "complexity": 2.0,
        "creativity": "low", "length_bucket": float("nan"), "may_train": True,
    }  # fmt: skip

    def test_leave_out_labels_that_are_missing(self) -> None:
        (row,) = rows.public([self.RECORD])

        assert dict(row.labels) == {"task": "math", "complexity": "2", "creativity": "low"}

    def test_keep_that_they_may_not_be_trained_on(self) -> None:
        (row,) = rows.public([self.RECORD | {"may_train": False}])

        assert not row.may_train

    @pytest.mark.parametrize(
        ("source", "origin"),
        [("mmlu_stem", "exams"), ("arena_hard_v2", "arena"), ("t0_p3", "sets"), ("mt_bench", "people")],
    )
    def test_know_what_they_look_like(self, source: str, origin: str) -> None:
        (row,) = rows.public([self.RECORD | {"source": source}])

        assert row.origin == origin

    def test_weigh_less_than_what_people_write(self) -> None:
        (exam,) = rows.public([self.RECORD])
        (question,) = rows.public([self.RECORD | {"source": "mt_bench"}])

        assert exam.weight < question.weight == rows.written()[0].weight
