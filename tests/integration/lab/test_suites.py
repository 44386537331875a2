"""Suites: uploaded as JSONL, each line checked, versions kept for the runs that began with them."""

import json

import pytest

from apps.domain.errors import InvalidRequest, NotFound
from apps.lab import suites
from apps.routing.evaluation import SuiteRefused
from tests.support.lab import CODE, Answering, Lab, capitals, line, work

pytestmark = pytest.mark.django_db


class TestAnUpload:
    def test_is_listed_after_the_shipped_suite(self, lab: Lab) -> None:
        lab.upload(capitals(), slug="a-first")
        found = suites.listed(lab.tenant)

        assert [(s.slug, s.shipped, s.version, s.questions) for s in found] == [
            ("general", True, 1, 340),
            ("a-first", False, 1, 4),
        ]

    def test_names_each_wrong_line_and_stores_nothing(self, lab: Lab) -> None:
        wrong = [
            capitals(["france"]),
            "{",
            json.dumps({"id": "x", "task": "nonsense", "domain": "general", "prompt": "?", "check": {}}),
            capitals(["france"]),
            line("y", "?", {"kind": "regex", "pattern": "("}),
            CODE,
        ]
        with pytest.raises(SuiteRefused) as refused:
            lab.upload("\n".join(wrong))

        assert list(refused.value.fields) == ["line 2", "line 3", "line 4", "line 5"]
        assert "earlier line" in refused.value.fields["line 4"]
        assert [s.slug for s in suites.listed(lab.tenant)] == ["general"]

    def test_may_hold_separators_of_other_kinds_inside_a_text(self, lab: Lab) -> None:
        asked = "One.\u2028Two.\x85Three."
        record = {"id": "x", "task": "factual_qa", "domain": "general", "prompt": asked}
        raw = json.dumps({**record, "check": {"kind": "exact", "answers": ["x"]}}, ensure_ascii=False)
        lab.upload(f"{raw}\r\n{capitals()}")

        (question, *_) = suites.found(lab.tenant, "ours")[1]
        assert question.prompt == asked

    def test_under_a_known_name_is_a_new_version(self, lab: Lab, models: Answering) -> None:
        run = lab.begin(capitals(["france", "italy"]))
        lab.upload(capitals(["spain"]))
        work()

        assert [(s.version, s.questions) for s in suites.listed(lab.tenant) if not s.shipped] == [(2, 1)]
        assert {(a.question, a.value) for a in lab.answers(run)} == {("france", 1.0), ("italy", 1.0)}

    def test_of_the_same_questions_changes_nothing(self, lab: Lab) -> None:
        lab.upload(capitals())
        lab.upload(capitals())

        assert [s.version for s in suites.listed(lab.tenant)] == [1, 1]

    def test_cannot_take_the_name_of_the_shipped_suite(self, lab: Lab) -> None:
        with pytest.raises(InvalidRequest):
            lab.upload(capitals(), slug="general")

    def test_belongs_to_its_company(self, lab: Lab) -> None:
        lab.upload(capitals())
        with pytest.raises(NotFound):
            suites.found(type(lab.tenant)(lab.tenant + 1), "ours")


class TestTheShippedSuite:
    def test_is_stored_once_it_is_used(self, lab: Lab) -> None:
        assert suites.found(lab.tenant, "general")[0].created_at is None
        lab.begin(suite="general", sample=1)
        lab.begin(suite="general", sample=1)

        record, questions = suites.found(lab.tenant, "general")
        assert (record.version, record.questions, len(questions)) == (1, 340, 340)
        assert record.created_at is not None
