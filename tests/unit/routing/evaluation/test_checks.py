"""Answers of a suite, judged by rule; and checks that a suite must not bring."""

from typing import Any

import pytest

from apps.routing.engine.evaluation import checks
from apps.routing.engine.evaluation.checks import Exact, Executed, Judged, Numeric, Pattern, Schema, UnfitCheck


class TestExact:
    @pytest.mark.parametrize("answer", ["B", "b.", "**B**", "Both look right.\n\nB\n", "(B)", "„B“"])
    def test_takes_the_whole_answer_or_its_last_line(self, answer: str) -> None:
        assert Exact(("B",)).score(answer) == 1.0

    @pytest.mark.parametrize("answer", ["", "\n", "A", "B or C", "B\nBut I am not sure.", "..."])
    def test_takes_nothing_else(self, answer: str) -> None:
        assert Exact(("B",)).score(answer) == 0.0


class TestNumeric:
    @pytest.mark.parametrize(
        "answer",
        [
            "1234.5",
            "= 1,234.50",
            "1.234,50 €",
            "1 234.5",
            "1'234.5",
            "First 7, then 1234.5.",
            "about 1.2345e3",
            "1234,5",
        ],
    )
    def test_reads_the_last_number_however_it_is_written(self, answer: str) -> None:
        assert Numeric(1234.5, 0.001).score(answer) == 1.0

    @pytest.mark.parametrize("answer", ["", "none", "1234.5 or 9", "12345", "-1234.5"])
    def test_takes_no_other_number(self, answer: str) -> None:
        assert Numeric(1234.5, 0.001).score(answer) == 0.0

    def test_knows_signs_and_tolerances(self) -> None:
        assert Numeric(-3, 0).score("−3") == 1.0
        assert Numeric(0.333, 0.001).score("0.3334") == 1.0
        assert Numeric(0.333, 0.001).score("0.335") == 0.0


class TestPattern:
    def test_is_searched_for(self) -> None:
        assert Pattern(r"(?i)tomasi\s+di").score("It is Tomasi di Lampedusa.") == 1.0
        assert Pattern(r"^x$").score("xx") == 0.0

    def test_that_runs_for_ever_finds_nothing(self) -> None:
        assert Pattern(r"^(?:(a+)+)+(?<=b)$").score("a" * 60 + "c") == 0.0


class TestSchema:
    SCHEMA: dict[str, Any] = {"type": "object", "required": ["total"], "properties": {"total": {"const": 118.5}}}

    @pytest.mark.parametrize("answer", ['{"total": 118.5}', 'Here:\n```json\n{"total": 118.5}\n```\nDone.'])
    def test_takes_json_alone_or_in_its_only_block(self, answer: str) -> None:
        assert Schema(self.SCHEMA).score(answer) == 1.0

    @pytest.mark.parametrize("answer", ["", "118.5", '{"total": 1}', 'so {"total": 118.5}', "```\n1\n```\n```\n2\n```"])
    def test_takes_nothing_else(self, answer: str) -> None:
        assert Schema(self.SCHEMA).score(answer) == 0.0

    def test_fetches_nothing(self) -> None:
        assert Schema({"$ref": "http://127.0.0.1:9/schema.json"}).score("{}") == 0.0

    def test_knows_patterns_and_bounds_them_in_time(self) -> None:
        assert Schema({"type": "string", "pattern": "^a+$"}).score('"aaa"') == 1.0
        assert Schema({"type": "string", "pattern": "^a+$"}).score('"aab"') == 0.0
        assert Schema({"pattern": "^(?:(a+)+)+(?<=b)$"}).score(f'"{"a" * 60}c"') == 0.0

    def test_that_refers_to_itself_for_ever_accepts_nothing(self) -> None:
        assert Schema({"$ref": "#"}).score("{}") == 0.0


class TestExecuted:
    CHECK = Executed("python", "assert f(1) == 2")

    def test_puts_the_code_before_the_tests(self) -> None:
        program = self.CHECK.program("So:\n```python\ndef f(x):\n    return x + 1\n```\nDone.")

        assert program == "def f(x):\n    return x + 1\n\nassert f(1) == 2\n"

    @pytest.mark.parametrize("answer", ["", "def f(x): return 2", "```\na\n```\n```\nb\n```"])
    def test_runs_nothing_without_exactly_one_block(self, answer: str) -> None:
        assert self.CHECK.program(answer) is None


class TestReading:
    @pytest.mark.parametrize(
        ("record", "check"),
        [
            ({"kind": "exact", "answers": ["B"]}, Exact(("B",))),
            ({"kind": "numeric", "value": 3}, Numeric(3.0, 0.0)),
            ({"kind": "regex", "pattern": "x+"}, Pattern("x+")),
            ({"kind": "json_schema", "schema": {}}, Schema({})),
            ({"kind": "judge", "rubric": "polite", "reference": "Dear all"}, Judged("polite", "Dear all")),
            ({"kind": "code", "language": "python", "tests": "assert f()"}, Executed("python", "assert f()")),
        ],
    )
    def test_knows_every_kind(self, record: dict[str, Any], check: checks.Check) -> None:
        assert checks.read(record) == check

    @pytest.mark.parametrize(
        ("record", "said"),
        [
            (None, "an object"),
            ({"kind": "guess"}, "one of exact, numeric"),
            ({"kind": "exact", "answers": []}, "1 to 50"),
            ({"kind": "exact", "answers": ["..."]}, "punctuation"),
            ({"kind": "numeric", "value": True}, "must be numbers"),
            ({"kind": "numeric", "value": 1, "tolerance": -1}, "must be numbers"),
            ({"kind": "regex", "pattern": "("}, "no regular expression"),
            ({"kind": "regex", "pattern": "x" * 2_001}, "2000 characters"),
            ({"kind": "json_schema", "schema": {"type": 7}}, "no JSON schema"),
            ({"kind": "json_schema", "schema": {"not": {"patternProperties": {"a": {}}}}}, "patternProperties"),
            ({"kind": "judge", "rubric": "x"}, "must be texts"),
            ({"kind": "code", "language": "python"}, "must be texts"),
        ],
    )
    def test_says_what_is_wrong(self, record: object, said: str) -> None:
        with pytest.raises(UnfitCheck, match=said):
            checks.read(record)
