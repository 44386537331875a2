"""Answers that only a judge can tell: two calls in both orders, by another model, as turns like any other."""

from typing import Any

import pytest

from apps.lab.models import RunAnswer
from apps.providers.values import ModelCall, ProviderUnavailable
from apps.routing.models import Outcome
from apps.tenants.models import Tenant
from apps.turns.models import Turn
from tests.integration.turns.conftest import House
from tests.support.lab import JUDGED, RUBRIC, Answering, Lab, line, work

pytestmark = pytest.mark.django_db

NOTE = "Dear colleagues, many thanks."
A, B, SAME = "VERDICT: A", "VERDICT: B", "VERDICT: SAME"


def is_judge(call: ModelCall) -> bool:
    return "=== RUBRIC ===" in call.messages[-1].text


def answer_is_first(call: ModelCall) -> bool:
    text = call.messages[-1].text
    return text.index(NOTE) < text.index(str(RUBRIC["reference"]))


def judged(models: Answering, when_first: str, when_second: str) -> None:
    """The judge says this when it sees the answer first, and that when it sees it second."""

    def reply(call: ModelCall) -> str:
        if not is_judge(call):
            return NOTE
        return when_first if answer_is_first(call) else when_second

    models.reply = reply


class TestAJudge:
    @pytest.mark.parametrize(
        ("when_first", "when_second", "value"),
        [
            (A, B, 1.0),  # the answer, in both orders
            (B, A, 0.0),  # the reference, in both
            (A, A, 0.5),  # whatever comes first
            (B, B, 0.5),  # whatever comes second
            (SAME, SAME, 1.0),  # as good as an answer that is right
            (SAME, A, 0.5),
        ],
    )
    def test_is_believed_as_far_as_the_order_does_not_matter(
        self, lab: Lab, models: Answering, when_first: str, when_second: str, value: float
    ) -> None:
        judged(models, when_first, when_second)
        run = lab.begin(JUDGED)
        work()

        assert [(a.state, a.value) for a in lab.answers(run)] == [("checked", value)]
        assert [o.value for o in Outcome.objects.for_tenant(lab.tenant).filter(signal="evaluated")] == [value]

    def test_sees_both_orders_in_turns_of_its_own(self, lab: Lab, models: Answering) -> None:
        judged(models, A, B)
        run = lab.begin(JUDGED)
        work()

        calls = [call for call, _ in models.sent if is_judge(call)]
        assert sorted(answer_is_first(call) for call in calls) == [False, True]
        turns = Turn.objects.for_tenant(lab.tenant)
        assert {(t.channel, t.recorder, t.asked_model) for t in turns} == {
            ("lab", "lab", "out-good"),
            ("lab", "lab", "out-best"),
        }
        assert lab.row(run).cost == sum(t.cost or 0 for t in turns)
        assert lab.row(run).total == 1

    def test_is_the_best_model_but_the_judged_one(self, lab: Lab, models: Answering) -> None:
        judged(models, A, B)
        run = lab.begin(JUDGED, models=("out-best", "out-good"))
        work()

        judges = {(a.model, a.answered_by) for a in lab.answers(run, role="first")}
        assert judges == {("out-best", "out-good"), ("out-good", "out-best")}

    def test_may_be_named_and_never_judges_itself(self, lab: Lab, models: Answering) -> None:
        judged(models, A, B)
        run = lab.begin(JUDGED, models=("out-best", "in-good"), judge="in-good")
        work()

        judges = {(a.model, a.answered_by) for a in lab.answers(run, role="second")}
        assert judges == {("out-best", "in-good"), ("in-good", "out-best")}

    def test_of_a_private_text_sits_inside(self, lab: Lab, models: Answering) -> None:
        judged(models, A, B)
        private = line("iban", "Thank the owner of DE89 3704 0044 0532 0130 00.", RUBRIC, task="functional_writing")
        run = lab.begin(private, models=("in-plain",))
        work()

        assert {call.candidate.hosting.value for call, _ in models.sent} == {"self_hosted"}
        assert [a.answered_by for a in lab.answers(run, role="first")] == ["in-good"]

    def test_that_does_not_decide_leaves_the_answer_unchecked(self, lab: Lab, models: Answering) -> None:
        judged(models, "Hard to say.", B)
        run = lab.begin(JUDGED)
        work()

        assert [(a.state, a.code, a.value) for a in lab.answers(run)] == [("skipped", "judge_unclear", None)]

    def test_that_cannot_be_asked_does_too(self, lab: Lab, models: Answering, settings: Any) -> None:
        def reply(call: ModelCall) -> str:
            if is_judge(call):
                raise ProviderUnavailable("It is away.", upstream_status=503)
            return NOTE

        models.reply = reply
        run = lab.begin(JUDGED)
        for minute in range(4):
            settings.OPENROUTE_CLOCK = f"2026-11-25T12:0{minute}:00+00:00"
            work()

        assert [(a.state, a.code) for a in lab.answers(run)] == [("skipped", "judge_failed")]
        assert [a.text for a in lab.answers(run)] == [NOTE]
        assert lab.row(run).state == "completed"

    def test_is_not_found_where_only_the_judged_model_may_answer(
        self, lab: Lab, models: Answering, house: House
    ) -> None:
        Tenant.objects.filter(pk=house.tenant).update(models_allowed=["out-good"])
        judged(models, A, B)
        run = lab.begin(JUDGED)
        work()

        assert [(a.state, a.code) for a in lab.answers(run)] == [("skipped", "no_judge")]
        assert {row.state for row in RunAnswer.objects.for_tenant(lab.tenant).exclude(role="answer")} == {"skipped"}
