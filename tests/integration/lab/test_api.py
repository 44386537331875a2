"""The lab over REST: suites, runs with their answers, alarms, the schedule; for tenant admins alone."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.core import clock
from apps.lab.models import DriftAlarm, Run
from apps.tenants.models import User
from tests.support.company import JSON, as_json, kinds_of
from tests.support.factories.tenants import UserFactory
from tests.support.lab import CODE, JUDGED, Answering, Lab, capitals, right, work
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db

BASE = "/api/v1/lab/"


@pytest.fixture
def admin(lab: Lab) -> Client:
    return signed_in(User.objects.for_tenant(lab.tenant).get(pk=lab.user))


def post(client: Client, path: str, body: dict[str, Any] | None = None, status: int = 200) -> dict[str, Any]:
    answer = client.post(BASE + path, as_json(body), JSON)
    assert answer.status_code == status, answer.content
    return dict(answer.json()) if answer.content else {}


def get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(BASE + path)
    assert answer.status_code == status, answer.content
    return answer.json()


def upload(client: Client, lines: str, status: int = 201) -> dict[str, Any]:
    return post(client, "suites/", {"slug": "ours", "name": "Ours", "lines": lines}, status)


class TestSuites:
    def test_are_uploaded_and_listed(self, admin: Client) -> None:
        made = upload(admin, capitals())

        assert (made["slug"], made["version"], made["questions"], made["shipped"]) == ("ours", 1, 4, False)
        assert [suite["slug"] for suite in get(admin, "suites/")["results"]] == ["general", "ours"]

    def test_say_how_their_questions_are_spread(self, admin: Client) -> None:
        upload(admin, "\n".join([capitals(), JUDGED, CODE]))
        found = get(admin, "suites/ours/")

        assert {"name": "factual_qa", "questions": 4} in found["tasks"]
        assert {check["name"]: check["questions"] for check in found["checks"]} == {"exact": 4, "judge": 1, "code": 1}
        assert sum(task["questions"] for task in get(admin, "suites/general/")["tasks"]) == 340

    def test_show_their_questions_page_by_page(self, admin: Client) -> None:
        upload(admin, "\n".join([capitals(), JUDGED, CODE]))

        page = get(admin, "suites/ours/questions/?page_size=2&page=3")
        assert (page["count"], page["next"]) == (6, None)
        assert [(one["check"], set(one["expected"])) for one in page["results"]] == [
            ("judge", {"rubric", "reference"}),
            ("code", {"language", "tests"}),
        ]
        (coding,) = get(admin, "suites/ours/questions/?task=coding")["results"]
        assert coding == page["results"][1]
        first = get(admin, "suites/ours/questions/")["results"][0]
        assert (first["id"], first["prompt"]) == ("france", "Name the capital of france.")
        assert first["expected"] == {"answers": ["Paris"]}

    def test_that_are_not_there_have_no_questions(self, admin: Client) -> None:
        get(admin, "suites/nobodys/questions/", 404)

    def test_with_wrong_lines_are_refused_and_each_is_named(self, admin: Client) -> None:
        refused = upload(admin, f"{capitals()}\nnot json\n{{}}", 400)

        assert refused["code"] == "invalid_request"
        assert set(refused["fields"]) == {"line 5", "line 6"}
        assert [suite["slug"] for suite in get(admin, "suites/")["results"]] == ["general"]

    @pytest.mark.parametrize(
        "change", [{"slug": "Not a slug"}, {"slug": "general"}, {"lines": ""}, {"name": " "}, {"shipped": True}]
    )
    def test_with_wrong_fields_are_refused(self, admin: Client, change: dict[str, Any]) -> None:
        body = {"slug": "ours", "name": "Ours", "lines": capitals(), **change}
        refused = post(admin, "suites/", body, 400)

        assert list(refused["fields"]) == list(change)


class TestARun:
    def test_is_started_watched_and_read(self, admin: Client, lab: Lab, models: Answering) -> None:
        models.reply = lambda call: "Paris" if call.candidate.model == "in-good" else right(call)
        upload(admin, capitals())
        run = post(admin, "runs/", {"suite": "ours", "models": ["out-good", "in-good"]}, 201)
        assert (run["state"], run["total"], run["checked"]) == ("queued", 8, 0)

        work()
        found = get(admin, f"runs/{run['id']}/")
        assert (found["state"], found["checked"], found["cost_microusd"]) == ("completed", 8, 160)
        assert found["started_by"] == User.objects.for_tenant(lab.tenant).get(pk=lab.user).name
        overall = {line["model"]: (line["mean"], line["n"]) for line in found["results"] if line["task"] == "*"}
        assert overall == {"out-good": (1.0, 4), "in-good": (0.25, 4)}
        assert [one["id"] for one in get(admin, "runs/")["results"]] == [run["id"]]
        kinds = kinds_of(lab.tenant)
        assert kinds.index("suite.uploaded") < kinds.index("run.started") < kinds.index("run.ended")

    def test_shows_its_answers_page_by_page_and_by_what_came_of_them(
        self, admin: Client, lab: Lab, models: Answering
    ) -> None:
        models.reply = lambda call: "Paris"
        upload(admin, "\n".join([capitals(), CODE]))
        run = post(admin, "runs/", {"suite": "ours", "models": ["out-good", "out-best"]}, 201)["id"]
        work()

        page = get(admin, f"runs/{run}/answers/?page_size=3")
        assert (page["count"], len(page["results"])) == (10, 3)
        first = page["results"][0]
        assert (first["question"], first["text"], first["value"], first["check"]) == ("france", "Paris", 1.0, "exact")
        assert first["expected"] == {"answers": ["Paris"]}
        assert (first["prompt"], first["sensitivity"], first["cost_microusd"]) == (
            "Name the capital of france.", "clean", 40,
        )  # fmt: skip
        assert admin.get(f"/api/v1/turns/{first['turn']}/").json()["channel"] == "lab"

        def count(query: str) -> int:
            return int(get(admin, f"runs/{run}/answers/?{query}")["count"])

        queries = ("only=wrong", "only=failed", "model=out-best", "task=coding")
        assert [count(query) for query in queries] == [6, 2, 5, 2]
        assert get(admin, f"runs/{run}/answers/?only=nonsense", 400)["fields"].keys() == {"only"}

    def test_tells_what_an_answer_usually_costs(self, admin: Client, lab: Lab, models: Answering) -> None:
        assert get(admin, "costs/")["results"] == []
        models.reply = lambda call: "VERDICT: A" if "RUBRIC" in call.messages[-1].text else right(call)
        upload(admin, capitals())
        post(admin, "runs/", {"suite": "ours", "models": ["out-good", "in-good"]}, 201)
        work()
        post(admin, "suites/", {"slug": "judged", "name": "Judged", "lines": JUDGED}, 201)
        post(admin, "runs/", {"suite": "judged", "models": ["out-good"]}, 201)
        work()

        found = {cost["model"]: (cost["answers"], cost["mean_microusd"]) for cost in get(admin, "costs/")["results"]}
        assert found == {"in-good": (4, 0), "out-good": (5, (4 * 40 + 120) // 5)}

    def test_shows_what_the_judges_said(self, admin: Client, models: Answering) -> None:
        models.reply = lambda call: "VERDICT: A" if "RUBRIC" in call.messages[-1].text else "Dear all."
        upload(admin, JUDGED)
        run = post(admin, "runs/", {"suite": "ours", "models": ["out-good"]}, 201)["id"]
        work()

        (answer,) = get(admin, f"runs/{run}/answers/")["results"]
        assert (answer["value"], answer["cost_microusd"]) == (0.5, 120)
        assert [(v["role"], v["judge"], v["text"]) for v in answer["verdicts"]] == [
            ("first", "out-best", "VERDICT: A"),
            ("second", "out-best", "VERDICT: A"),
        ]

    def test_is_stopped_and_goes_on(self, admin: Client, models: Answering) -> None:
        upload(admin, capitals())
        run = post(admin, "runs/", {"suite": "ours", "models": ["out-good"], "budget_microusd": 1}, 201)["id"]
        work()
        paused = get(admin, f"runs/{run}/")
        assert (paused["state"], paused["reason"]["said"]["code"]) == ("paused", "lab_budget_reached")

        assert post(admin, f"runs/{run}/stop/")["state"] == "stopped"
        again = post(admin, f"runs/{run}/go-on/", {"budget_microusd": 1_000_000})
        assert (again["state"], again["budget_microusd"], again["calls_per_minute"]) == ("queued", 1_000_000, 60)
        work()
        assert get(admin, f"runs/{run}/")["state"] == "completed"
        assert post(admin, f"runs/{run}/stop/", status=409)["code"] == "not_now"

    @pytest.mark.parametrize(
        ("change", "status", "field"),
        [
            ({"suite": "nobodys"}, 404, None),
            ({"models": ["nobodys"]}, 400, "models"),
            ({"judge": "nobodys"}, 400, "judge"),
            ({"budget_microusd": -1}, 400, "budget_microusd"),
            ({"calls_per_minute": 0}, 400, "calls_per_minute"),
            ({"cost_microusd": 0}, 400, "cost_microusd"),
        ],
    )
    def test_that_is_wrong_is_not_started(
        self, admin: Client, lab: Lab, change: dict[str, Any], status: int, field: str | None
    ) -> None:
        upload(admin, capitals())
        refused = post(admin, "runs/", {"suite": "ours", "models": ["out-good"], **change}, status)

        assert list(refused["fields"]) == ([field] if field else [])
        assert not Run.objects.for_tenant(lab.tenant).exists()


class TestAlarms:
    def test_are_listed_and_acknowledged(self, admin: Client, lab: Lab) -> None:
        alarm = DriftAlarm.objects.create(
            id=uuid4(), tenant_id=lab.tenant, run_id=lab.begin(), model="out-good", asked=60, failed=20, expected=3.0,
            chance=1e-6, raised_at=clock.now(),
        )  # fmt: skip
        (shown,) = get(admin, "alarms/")["results"]
        assert (shown["id"], shown["failed"], shown["acknowledged_at"]) == (str(alarm.pk), 20, None)

        post(admin, f"alarms/{alarm.pk}/acknowledge/", status=204)
        (shown,) = get(admin, "alarms/")["results"]
        assert shown["acknowledged_by"] == User.objects.for_tenant(lab.tenant).get(pk=lab.user).name
        assert kinds_of(lab.tenant)[-1] == "drift.acknowledged"


class TestTheSchedule:
    def test_is_read_and_set(self, admin: Client) -> None:
        assert get(admin, "schedule/")["enabled"] is False
        body = {"enabled": True, "suite": "general", "models": ["out-good"], "every_days": 14}
        answer = admin.put(f"{BASE}schedule/", as_json(body), JSON)

        assert answer.status_code == 200, answer.content
        found = answer.json()
        assert (found["enabled"], found["every_days"], found["learn_from"]) == (True, 14, 120)
        assert found["phases"] == [{"model": "out-good", "phase": "learning"}]
        assert get(admin, "schedule/") == found

    def test_with_wrong_fields_is_refused(self, admin: Client) -> None:
        body = {"enabled": True, "suite": "general", "models": ["nobodys"]}
        answer = admin.put(f"{BASE}schedule/", as_json(body), JSON)

        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["models"])


class TestEverybodyElse:
    @pytest.mark.parametrize("role", ["employee", "compliance_officer"])
    def test_may_do_nothing_here(self, lab: Lab, role: str) -> None:
        client = signed_in(UserFactory(tenant=_tenant(lab), role=role))
        run = lab.begin()

        paths = ("suites/", "suites/general/", "runs/", f"runs/{run}/", f"runs/{run}/answers/", "alarms/", "schedule/")
        assert {client.get(BASE + path).status_code for path in paths} == {403}
        assert client.post(f"{BASE}runs/", as_json({"suite": "ours"}), JSON).status_code == 403


def _tenant(lab: Lab) -> Any:
    return User.objects.for_tenant(lab.tenant).get(pk=lab.user).tenant
