"""Suites: the one that comes with the project, and those that tenants bring."""

import json
from collections import Counter
from typing import Any

import pytest

from apps.domain.intent import DOMAINS, TASKS
from apps.routing.engine.evaluation import questions
from apps.routing.engine.evaluation.checks import Exact, Judged
from apps.routing.engine.evaluation.questions import SuiteRefused


def line(**changes: Any) -> str:
    check = {"kind": "exact", "answers": ["4"]}
    return json.dumps({"id": "sum", "task": "math", "domain": "math", "prompt": "2 + 2?", "check": check} | changes)


class TestTheShippedSuite:
    def test_covers_every_task_and_domain_in_five_languages(self) -> None:
        suite = questions.general()
        tasks, domains = Counter(q.task for q in suite), Counter(q.domain for q in suite)

        assert len(suite) >= 300
        assert min(tasks[task] for task in TASKS) >= 15
        assert min(domains[domain] for domain in DOMAINS) >= 10
        assert {q.language for q in suite} == {"en", "de", "fr", "es", "it"}

    def test_has_a_rule_for_most_questions_and_each_rule_takes_a_right_answer_only(self) -> None:
        ruled = [(q, q.check) for q in questions.general() if not isinstance(q.check, Judged)]

        assert len(ruled) > 200
        for question, check in ruled:
            assert check.score("I do not know.") == 0.0, question.name
            assert not question.example or check.score(question.example) == 1.0, question.name
            if isinstance(check, Exact):
                assert all(check.score(f"It is:\n**{answer}**") for answer in check.answers), question.name


class TestParsing:
    def test_reads_a_line(self) -> None:
        (question,) = questions.parse([line(language="en"), "", "  "])

        assert (question.name, question.cell, question.prompt) == ("sum", ("math", "math"), "2 + 2?")
        assert question.check == Exact(("4",))

    def test_names_every_wrong_line_and_stores_nothing(self) -> None:
        wrong = [line(), "{", "[]", line(task="sums"), line(id="b", prompt=" "), line(), line(id="c", check={})]
        with pytest.raises(SuiteRefused) as refused:
            questions.parse(wrong)

        assert set(refused.value.fields) == {"line 2", "line 3", "line 4", "line 5", "line 6", "line 7"}
        assert "earlier line" in refused.value.fields["line 6"]
        assert refused.value.fields["line 4"].startswith("`task` must be one of brainstorm_plan")

    def test_refuses_the_character_that_no_database_stores(self) -> None:
        with pytest.raises(SuiteRefused) as refused:
            questions.parse([line(prompt="a \0 b")])

        assert "NUL" in refused.value.fields["line 1"]

    @pytest.mark.parametrize("lines", [[], [" "], [line(id=f"q{number}") for number in range(5_001)]])
    def test_refuses_none_and_too_many(self, lines: list[str]) -> None:
        with pytest.raises(SuiteRefused, match="1 to 5,000 questions"):
            questions.parse(lines)
