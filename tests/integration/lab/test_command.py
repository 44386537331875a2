"""`manage.py profile_models`: the same run as a worker's, from the command line."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.core import jobs
from apps.core.models import Job
from apps.lab.models import Run
from apps.tenants.models import Tenant, User
from tests.integration.turns.conftest import House
from tests.support.lab import Answering, Lab, capitals

pytestmark = pytest.mark.django_db


def profile(*options: str) -> tuple[str, str]:
    """What the command prints on both outputs."""
    out, err = StringIO(), StringIO()
    call_command("profile_models", "--tenant", "acme", "--suite", "ours", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture(autouse=True)
def _suite(lab: Lab, models: Answering) -> None:
    lab.upload(capitals())


class TestTheCommand:
    def test_prints_a_table_and_its_progress(self) -> None:
        out, err = profile("--models", "out-good", "in-good")

        head, *lines, last = out.splitlines()
        assert head.split()[:3] == ["model", "task", "mean"]
        assert [line.split()[:3] for line in lines] == [
            ["in-good", "*", "1.000"], ["in-good", "factual_qa", "1.000"],
            ["out-good", "*", "1.000"], ["out-good", "factual_qa", "1.000"],
        ]  # fmt: skip
        assert last == "completed: 8 of 8 checked, 0.000160 USD"
        assert "8 of 8 answers" in err

    def test_prints_json(self, lab: Lab) -> None:
        shown = json.loads(profile("--models", "out-good", "--json")[0])

        assert (shown["state"], shown["reason"]) == ("completed", None)
        assert (shown["checked"], shown["cost_microusd"]) == (4, 160)
        overall = shown["results"][0]
        assert (overall["model"], overall["task"], overall["mean"], overall["n"]) == ("out-good", "*", 1.0, 4)
        figures = {"mean", "low", "high", "n", "failed", "skipped", "cost_microusd", "first_token_ms", "duration_ms"}
        assert set(overall) == {"model", "task"} | figures
        assert Run.objects.for_tenant(lab.tenant).get().user_id == lab.user

    def test_says_why_a_run_does_not_go_on(self) -> None:
        shown = json.loads(profile("--models", "out-good", "--budget", "0.000001", "--json")[0])

        assert (shown["state"], shown["checked"]) == ("paused", 0)
        assert shown["reason"].startswith("The next question could cost 0.0")

    def test_watches_a_worker_that_was_faster(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            """Meanwhile the worker, whose lease is over, is followed by another."""
            pauses.append(seconds)
            Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, lease_until=None)

        begin = jobs.enqueue

        def taken(**wanted: Any) -> Any:
            job = begin(**wanted)
            Job.objects.filter(id=job).update(state=Job.State.RUNNING, lease_until=wanted["due_at"])
            return job

        monkeypatch.setattr("apps.lab.management.commands.profile_models.jobs.enqueue", taken)
        monkeypatch.setattr("apps.lab.management.commands.profile_models.time.sleep", sleep)
        out, _ = profile("--models", "out-good")

        assert pauses
        assert out.splitlines()[-1].startswith("completed: 4 of 4")

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (("--tenant", "nobody"), "no tenant"),
            (("--suite", "nobodys"), "no suite"),
            (("--models", "nobodys"), "no model"),
            (("--user", "nobody@acme.example"), "nobody with the e-mail"),
            (("--rate", "0"), "at least 1"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, options: tuple[str, ...], why: str) -> None:
        with pytest.raises(CommandError, match=why):
            profile(*options)

    def test_needs_somebody_who_may(self, lab: Lab, house: House) -> None:
        User.objects.for_tenant(lab.tenant).filter(pk=lab.user).update(role="employee")

        with pytest.raises(CommandError, match="no active tenant admin"):
            profile()
        with pytest.raises(CommandError, match="may not run"):
            profile("--user", User.objects.for_tenant(lab.tenant).get(pk=lab.user).email)
        assert Tenant.objects.get(pk=house.tenant).slug == "acme"
