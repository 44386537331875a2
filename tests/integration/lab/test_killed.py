"""A worker dies in the middle of a run: the next one goes on, and nothing that was paid for is asked again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock, jobs
from apps.core.models import Job, Process
from apps.lab import asking, checking, runs
from apps.lab.tasks import end_given_up
from apps.providers.values import ModelCall
from apps.turns import outcome, runtime, sweeper
from apps.turns.flow import Flow
from apps.turns.models import Turn
from apps.turns.operations import Settled
from apps.turns.owners import OwnerWatch
from tests.support.lab import NOON, Answering, Lab, capitals, right, work

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What no code of ours catches: the process is gone."""


def die(*_: Any, **__: Any) -> None:
    raise Killed


@pytest.fixture
def later(settings: Any) -> Callable[[float], None]:
    def _later(seconds: float) -> None:
        settings.OPENROUTE_CLOCK = (NOON + timedelta(seconds=seconds)).isoformat()

    return _later


def next_worker() -> None:
    """A new process: nothing of the memory of the one before, whose turns get swept."""
    runtime.install(runtime.build(inline=True))
    Process.objects.all().delete()
    sweeper.sweep(now=NOON, owners=OwnerWatch())


def kill_at_call(models: Answering, number: int) -> None:
    """The process dies while the model of this call is answering; the provider has begun to work."""

    def reply(call: ModelCall) -> str:
        if len(models.asked) == number:
            raise Killed
        return right(call)

    models.reply = reply


class TestAWorkerThatDies:
    def test_between_an_answer_and_its_check_loses_nothing(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = lab.begin(capitals(["france", "italy"]))
        with monkeypatch.context() as patch:
            patch.setattr(checking, "_keep", _die_with_answers)
            with pytest.raises(Killed):
                work()
        assert [a.state for a in lab.answers(run)] == ["answered"] * 2

        later(120)
        next_worker()
        work()

        assert [(a.state, a.value) for a in lab.answers(run)] == [("checked", 1.0)] * 2
        assert len(models.asked) == 2
        assert lab.row(run).cost == sum(turn.cost or 0 for turn in Turn.objects.for_tenant(lab.tenant)) == 80

    def test_while_a_model_answers_pays_it_once_and_does_not_ask_again(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.lab.runner.AT_ONCE", 1)
        run = lab.begin(capitals(["france", "italy", "spain"]), max_output_tokens=100)
        kill_at_call(models, 2)
        _dies_without_a_word(monkeypatch, models, work)
        assert [a.state for a in lab.answers(run)] == ["checked", "asking", "waiting"]

        later(61)
        runtime.install(runtime.build(inline=True))
        Process.objects.create(boot_id=_owner(lab), kind="web", started_at=NOON, heartbeat_at=NOON)
        work()  # its turn is not settled yet: nobody knows what became of it
        assert len(models.asked) == 2

        later(70)
        next_worker()
        work()
        found = lab.answers(run)
        assert [(a.state, a.code) for a in found] == [("checked", ""), ("failed", "interrupted"), ("checked", "")]
        assert len(models.asked) == len(set(models.asked)) == 3
        swept = Turn.objects.for_tenant(lab.tenant).get(pk=found[1].turn_id)
        assert found[1].cost == swept.cost == swept.reserved > 0
        assert (lab.row(run).state, lab.row(run).failed, lab.row(run).cost) == ("completed", 1, 80 + swept.reserved)

    def test_while_a_free_model_answers_asks_it_again(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = lab.begin(capitals(["france"]), models=("in-good",))
        kill_at_call(models, 1)
        _dies_without_a_word(monkeypatch, models, work)

        later(61)
        next_worker()
        work()
        later(90)
        work()

        assert [(a.state, a.value, a.tries, a.cost) for a in lab.answers(run)] == [("checked", 1.0, 2, 0)]

    def test_before_a_call_was_on_record_asks_it_once(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = lab.begin(capitals(["france"]))
        with monkeypatch.context() as patch:
            patch.setattr(asking, "ask", die)
            with pytest.raises(Killed):
                work()

        later(120)
        work()
        assert [(a.state, a.tries) for a in lab.answers(run)] == [("checked", 2)]
        assert Turn.objects.for_tenant(lab.tenant).count() == len(models.asked) == 1

    def test_gives_its_lease_back_by_time_alone(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lab.begin(capitals(["france"]))
        kill_at_call(models, 1)
        _dies_without_a_word(monkeypatch, models, work)

        later(59)
        assert work() == 0
        later(61)
        assert work() == 1


class TestARunThatEndsEveryWorker:
    def test_has_failed_with_a_sentence_and_can_be_set_going_again(
        self, lab: Lab, models: Answering, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = lab.begin(capitals(["france"]))
        with monkeypatch.context() as patch:
            patch.setattr(checking, "check_answers", die)
            for hour in range(jobs.MAX_TRIES):
                assert end_given_up() == 0
                later(7_200 * hour)
                with pytest.raises(Killed):
                    work()

        assert (end_given_up(), end_given_up()) == (1, 0)
        assert lab.state(run) == ("failed", "lab_given_up")
        runs.go_on(tenant=lab.tenant, run=run, bounds=None, actor="system", at=clock.now())
        work()
        assert (lab.state(run)[0], len(models.asked)) == ("completed", 1)


def _die_with_answers(tenant: object, concluded: list[object]) -> None:
    if concluded:
        raise Killed


def _owner(lab: Lab) -> Any:
    return Turn.objects.for_tenant(lab.tenant).get(state=Turn.State.OPEN).owner


def _dies_without_a_word(monkeypatch: pytest.MonkeyPatch, models: Answering, doing: Callable[[], object]) -> None:
    """A process that is killed neither settles its turns nor gives its job back."""
    settle, reply, dead = outcome.settle, models.reply, list[ModelCall]()

    def answered(call: ModelCall) -> str:
        try:
            return reply(call)
        except Killed:
            dead.append(call)
            raise

    async def settled(flow: Flow) -> Settled:
        if dead:
            raise Killed
        return await settle(flow)

    models.reply = answered
    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", settled)
        patch.setattr("apps.core.jobs._Attempt._put_off", lambda *_: None)
        with pytest.raises(Killed):
            doing()
    models.reply = right
    assert Job.objects.get(kind="lab.run").state == Job.State.RUNNING
