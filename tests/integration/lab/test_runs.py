"""A run from its start to its end: through the one pipeline, checked, bounded, and given to the profiles."""

from datetime import timedelta
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.budgets import services as budgets
from apps.core import clock
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.money import Usage
from apps.lab import runs, selectors
from apps.lab.values import Bounds
from apps.providers.values import ModelCall, ProviderUnavailable
from apps.routing.models import Outcome
from apps.tenants.models import User
from apps.turns.models import Turn
from tests.integration.turns.conftest import House
from tests.support.lab import CAPITALS, CODE, NOON, Answering, Lab, capitals, due_in, line, work

pytestmark = pytest.mark.django_db


def at(settings: Any, seconds: float) -> None:
    """So long after noon."""
    settings.OPENROUTE_CLOCK = (NOON + timedelta(seconds=seconds)).isoformat()


class TestARun:
    def test_asks_each_model_each_question_once_and_checks_the_answers(self, lab: Lab, models: Answering) -> None:
        models.reply = lambda call: "Paris" if call.candidate.model == "in-good" else _right(call)
        run = lab.begin(models=("out-good", "in-good"))

        assert work() == 1
        row = lab.row(run)
        assert (row.state, row.total, row.checked, row.failed, row.skipped) == ("completed", 8, 8, 0, 0)
        assert len(models.asked) == len(set(models.asked)) == 8
        assert {(a.model, a.question, a.value) for a in lab.answers(run)} == {
            *(("out-good", name, 1.0) for name in CAPITALS),
            *(("in-good", name, float(name == "france")) for name in CAPITALS),
        }

    def test_is_turns_like_any_other(self, lab: Lab, models: Answering) -> None:
        run = lab.begin()
        work()

        turns = Turn.objects.for_tenant(lab.tenant)
        assert {(t.channel, t.recorder, t.state, t.model, t.user_id) for t in turns} == {
            ("lab", "lab", "completed", "out-good", lab.user)
        }
        answer = lab.answers(run)[0]
        assert (answer.text, answer.finish, answer.answered_by, answer.tries) == ("Paris", "stop", "out-good", 1)
        assert answer.cost == turns.get(pk=answer.turn_id).cost == 40
        assert lab.row(run).cost == 160
        kinds = list(AuditEvent.objects.for_tenant(lab.tenant).order_by("seq").values_list("kind", flat=True))
        assert kinds.count("turn.dispatched") == kinds.count("turn.completed") == 4
        assert (kinds[0], kinds[1], kinds[-1]) == ("suite.uploaded", "run.started", "run.ended")

    def test_asks_at_temperature_0_with_the_seed(self, lab: Lab, models: Answering) -> None:
        lab.begin(seed=7, max_output_tokens=99)
        work()

        sent = {(call.sampling.temperature, call.sampling.seed, call.max_output_tokens) for call, _ in models.sent}
        assert sent == {(0.0, 7, 99)}

    def test_gives_each_quality_to_the_profiles_once(self, lab: Lab, models: Answering) -> None:
        models.reply = lambda call: "Paris"
        run = lab.begin()
        work()

        seen = Outcome.objects.for_tenant(lab.tenant).filter(signal="evaluated")
        assert {(o.turn_id, o.model, o.task, o.domain, o.value) for o in seen} == {
            (answer.pk, "out-good", "factual_qa", "general", float(answer.question == "france"))
            for answer in lab.answers(run)
        }

    def test_says_per_model_and_task_what_came_of_it(self, lab: Lab, models: Answering) -> None:
        models.reply = lambda call: "Paris" if call.candidate.model == "out-good" else _right(call)
        run = lab.begin(models=("out-good", "out-best"))
        work()

        found = {(r.model, r.task): (r.mean, r.n, r.cost) for r in selectors.table(lab.tenant, run)}
        assert found["out-good", "*"] == found["out-good", "factual_qa"] == (0.25, 4, 160)
        assert found["out-best", "*"] == (1.0, 4, 160)

    def test_takes_a_sample_by_the_seed(self, lab: Lab) -> None:
        chosen = [{a.question for a in lab.answers(lab.begin(sample=2, seed=seed))} for seed in (1, 1, 2, 3, 4)]

        assert [len(names) for names in chosen] == [2] * 5
        assert chosen[0] == chosen[1]
        assert len({frozenset(names) for names in chosen}) > 1

    def test_over_the_shipped_suite_has_all_of_its_questions(self, lab: Lab) -> None:
        assert lab.row(lab.begin(suite="general")).total == 340

    def test_needs_a_suite_and_models_that_the_company_has(self, lab: Lab) -> None:
        with pytest.raises(NotFound):
            lab.begin(suite="nobodys")
        with pytest.raises(InvalidRequest) as refused:
            lab.begin(models=("out-good", "nobodys"))
        assert list(refused.value.fields) == ["models"]


class TestAModelThatCannotAnswer:
    def test_is_never_replaced_by_another(self, lab: Lab, models: Answering, settings: Any) -> None:
        models.reply = _broken
        run = lab.begin(capitals(["france"]))
        work()

        assert {model for model, _ in models.asked} == {"out-good"}
        (answer,) = lab.answers(run)
        assert (answer.state, answer.code, answer.value) == ("failed", "provider_unavailable", None)

    def test_is_asked_three_times_with_pauses(self, lab: Lab, models: Answering, settings: Any) -> None:
        models.reply = _broken
        run = lab.begin(capitals(["france"]))
        for second in (0, 5, 20, 25, 40, 45, 60):
            at(settings, second)
            work()

        assert len(models.asked) == 3
        assert (lab.row(run).state, lab.row(run).failed, lab.answers(run)[0].tries) == ("completed", 1, 3)

    def test_may_answer_the_second_time(self, lab: Lab, models: Answering, settings: Any) -> None:
        tried: list[ModelCall] = []
        models.reply = lambda call: _right(call) if tried else _broken(tried.append(call) or call)
        run = lab.begin(capitals(["france"]))
        work()
        at(settings, 20)
        work()

        assert [(a.state, a.value, a.tries, a.code) for a in lab.answers(run)] == [("checked", 1.0, 2, "")]

    def test_that_may_not_see_the_text_is_passed_over(self, lab: Lab, models: Answering) -> None:
        private = line("iban", "Is DE89 3704 0044 0532 0130 00 a valid IBAN?", {"kind": "exact", "answers": ["yes"]})
        run = lab.begin(private, models=("out-good", "in-good"))
        work()

        found = {a.model: (a.state, a.code) for a in lab.answers(run)}
        assert found == {"out-good": ("skipped", "no_permitted_model"), "in-good": ("checked", "")}
        assert {model for model, _ in models.asked} == {"in-good"}
        assert (lab.row(run).state, lab.row(run).skipped) == ("completed", 1)


class TestItsBudget:
    def test_is_never_passed_and_pauses_the_run_with_a_sentence(self, lab: Lab, models: Answering) -> None:
        models.usage = Usage(20, 100)  # 420 of a worst case that has more for the text
        run = lab.begin(budget=1_000, max_output_tokens=100)
        work()

        assert lab.state(run) == ("paused", "lab_budget_reached")
        worst = lab.row(run).reason["said"]["params"]["worst"]  # type: ignore[index]
        assert lab.row(run).cost == 840
        assert 420 < worst < 1_000
        assert len(models.asked) == 2

    def test_can_be_raised_and_nothing_is_asked_again(self, lab: Lab, models: Answering) -> None:
        models.usage = Usage(20, 100)
        run = lab.begin(budget=1_000, max_output_tokens=100)
        work()
        runs.go_on(tenant=lab.tenant, run=run, bounds=Bounds(10_000, 600), actor="system", at=clock.now())
        work()

        assert lab.state(run) == ("completed", "")
        assert len(models.asked) == len(set(models.asked)) == 4

    def test_that_is_nothing_still_lets_free_models_answer(self, lab: Lab, models: Answering) -> None:
        run = lab.begin(budget=0, models=("in-good",))
        work()

        assert lab.state(run)[0] == "completed"

    def test_of_the_company_holds_too(self, lab: Lab, models: Answering, house: House) -> None:
        _limit_company(lab, 50)
        run = lab.begin(max_output_tokens=100)
        work()

        assert lab.state(run) == ("paused", "budget_used_up")
        assert models.asked == []
        assert {a.state for a in lab.answers(run)} == {"waiting"}


class TestItsRate:
    def test_is_kept_to(self, lab: Lab, models: Answering, settings: Any) -> None:
        run = lab.begin(rate=3)
        work(2)
        assert len(models.asked) == 3
        assert due_in() == timedelta(seconds=60)

        at(settings, 59)
        assert work() == 0
        at(settings, 61)
        work()
        assert (len(models.asked), lab.state(run)[0]) == (4, "completed")


class TestStopping:
    def test_keeps_everything_from_being_asked(self, lab: Lab, models: Answering) -> None:
        run = lab.begin()
        for _ in range(2):
            runs.stop(tenant=lab.tenant, run=run, actor="system", at=clock.now())
        work()

        assert (lab.state(run), models.asked) == (("stopped", "lab_stopped"), [])

    def test_does_not_bring_a_completed_run_back(self, lab: Lab, models: Answering) -> None:
        run = lab.begin()
        work()
        for verb in (runs.stop, runs.go_on):
            more = {"bounds": None} if verb is runs.go_on else {}
            with pytest.raises(runs.NotNow):
                verb(tenant=lab.tenant, run=run, actor="system", at=clock.now(), **more)  # type: ignore[operator]

    def test_and_going_on_asks_the_rest(self, lab: Lab, models: Answering) -> None:
        run = lab.begin()
        runs.stop(tenant=lab.tenant, run=run, actor="system", at=clock.now())
        runs.go_on(tenant=lab.tenant, run=run, bounds=None, actor="system", at=clock.now())
        work(3)

        assert (lab.state(run)[0], len(models.asked)) == ("completed", 4)


class TestWhoeverStartedIt:
    @pytest.mark.parametrize("change", [{"role": "employee"}, {"is_active": False}])
    def test_must_still_be_allowed_to(self, lab: Lab, models: Answering, change: dict[str, Any]) -> None:
        run = lab.begin()
        User.objects.for_tenant(lab.tenant).filter(pk=lab.user).update(**change)
        work()

        assert (lab.state(run), models.asked) == (("failed", "lab_person_gone"), [])


class TestCode:
    def test_is_skipped_and_counted_without_a_sandbox(self, lab: Lab, models: Answering) -> None:
        models.reply = lambda call: "```python\ndef f(x): return x + 1\n```"
        run = lab.begin(CODE)
        work()

        (answer,) = lab.answers(run)
        assert (answer.state, answer.code, lab.row(run).skipped) == ("skipped", "no_sandbox", 1)
        assert Outcome.objects.for_tenant(lab.tenant).filter(signal="evaluated").count() == 0

    @pytest.mark.parametrize(("body", "value"), [("x + 1", 1.0), ("x", 0.0), ("[0 for _ in iter(int, 1)]", 0.0)])
    def test_runs_in_the_sandbox_that_is_named(
        self, lab: Lab, models: Answering, settings: Any, monkeypatch: pytest.MonkeyPatch, body: str, value: float
    ) -> None:
        settings.OPENROUTE_LAB_SANDBOX = ["/usr/bin/env", "python3", "-I", "-"]
        monkeypatch.setattr("apps.lab.sandbox.RUN_S", 1.0)
        models.reply = lambda call: f"```python\ndef f(x): return {body}\n```"
        run = lab.begin(CODE)
        work()

        assert [a.value for a in lab.answers(run)] == [value]


def _right(call: ModelCall) -> str:
    return CAPITALS[call.messages[-1].text.removeprefix("Name the capital of ").rstrip(".")] if _asks(call) else "yes"


def _asks(call: ModelCall) -> bool:
    return call.messages[-1].text.startswith("Name the capital of ")


def _broken(call: ModelCall) -> str:
    raise ProviderUnavailable("It is away.", upstream_status=503)


def _limit_company(lab: Lab, micro_usd: int) -> None:
    budgets.upsert_budget(
        tenant=lab.tenant, team=None, period="month", limit=micro_usd, models=None, actor="system", at=clock.now()
    )
