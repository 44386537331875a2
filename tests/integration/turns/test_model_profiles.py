"""`/api/v1/models/profiles/`: what a company measured of its models, for its admins, and day by day."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.domain.ids import TenantId
from apps.domain.intent import TASKS
from apps.routing import services as routing
from tests.support.company import Company, company
from tests.support.factories.providers import ModelFactory
from tests.support.factories.tenants import UserFactory
from tests.support.observations import attempt, thumb
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db

PROFILES = "/api/v1/models/profiles/"


@pytest.fixture
def acme() -> Company:
    found = company("acme")
    ModelFactory(name="cloud/large", strengths={"coding": 0.9, "writing": 0.7}, capabilities=["tools", "images"])
    ModelFactory(name="small")
    return found


@pytest.fixture
def tenant(acme: Company) -> TenantId:
    return TenantId(acme.tenant.pk)


@pytest.fixture
def admin(acme: Company) -> Client:
    return signed_in(acme.people["tenant_admin"])


def got(client: Client, address: str, **query: Any) -> Any:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def history(client: Client, model: str = "cloud/large", **query: Any) -> Any:
    return got(client, f"{PROFILES}{model}/history/", **query)


class TestProfiles:
    def test_start_from_what_the_operator_said(self, admin: Client) -> None:
        large, small = got(admin, PROFILES)
        coding = next(task for task in large["tasks"] if task["task"] == "coding")

        assert (large["model"], small["model"]) == ("cloud/large", "small")
        assert large["capabilities"] == ["images", "tools"]
        assert [task["task"] for task in large["tasks"]] == list(TASKS)
        assert (coding["quality"], coding["prior"], coding["samples"]) == (0.9, 0.9, 0.0)
        assert coding["high"] - coding["low"] > 0.25
        assert large["updated_at"] is None
        assert large["error_rate"] is None

    def test_show_what_was_measured(self, tenant: TenantId, admin: Client) -> None:
        routing.observe(tenant, [thumb(0.0, "cloud/large") for _ in range(20)])
        routing.note_speeds(tenant, [attempt("cloud/large", task="math", domain="math") for _ in range(3)])
        routing.note_speeds(tenant, [attempt("cloud/large", end="error", first_token_ms=None, cost_micro_usd=0)])
        large = got(admin, PROFILES)[0]
        tasks = {task["task"]: task for task in large["tasks"]}

        assert tasks["coding"]["quality"] == pytest.approx(0.32, abs=0.02)
        assert tasks["coding"]["high"] < 0.6
        assert tasks["rewriting"]["prior"] - tasks["rewriting"]["quality"] == pytest.approx(0.15, abs=0.01)
        assert tasks["coding"]["samples"] == pytest.approx(18.2, abs=0.1)
        assert large["overall"]["samples"] == pytest.approx(18.2, abs=0.1)
        assert large["overall"]["quality"] < large["overall"]["prior"] == pytest.approx(0.8)
        assert large["first_token_p50_ms"] == pytest.approx(500, rel=0.05)
        assert large["tokens_per_s"] == pytest.approx(40, rel=0.05)
        assert large["error_rate"] == pytest.approx(0.25, abs=0.01)
        assert (tasks["math"]["cost_microusd"], tasks["math"]["error_rate"]) == (pytest.approx(900), 0.0)
        assert tasks["coding"]["error_rate"] == 1.0
        assert tasks["translation"]["first_token_p95_ms"] is None
        assert large["updated_at"] is not None

    def test_leave_out_models_that_the_company_may_not_use(self, acme: Company, admin: Client) -> None:
        acme.tenant.models_allowed = ["small"]
        acme.tenant.save()

        assert [model["model"] for model in got(admin, PROFILES)] == ["small"]

    def test_know_nothing_of_another_company(self, tenant: TenantId) -> None:
        routing.observe(tenant, [thumb(0.0, "small")] * 3)
        stranger = signed_in(company("globex").people["tenant_admin"])

        assert [model["overall"]["samples"] for model in got(stranger, PROFILES)] == [0.0, 0.0]
        assert history(stranger, "small") == []

    @pytest.mark.parametrize("role", ["employee", "team_admin", "compliance_officer"])
    def test_are_for_admins_only(self, acme: Company, role: str) -> None:
        client = signed_in(acme.people[role])

        assert client.get(PROFILES).status_code == 403
        assert client.get(f"{PROFILES}small/history/").status_code == 403


class TestHistory:
    @pytest.fixture(autouse=True)
    def _a_week(self, acme: Company, tenant: TenantId) -> None:
        UserFactory(tenant=acme.tenant)
        today = clock.now()
        for days, ms in ((0, 900.0), (3, 300.0), (30, 300.0)):
            at = today - timedelta(days=days)
            routing.note_speeds(tenant, [attempt("cloud/large", at=at, first_token_ms=ms) for _ in range(6)])
            routing.observe(tenant, [thumb(float(number > 1), "cloud/large", at=at) for number in range(6)])

    def test_tells_day_by_day(self, admin: Client) -> None:
        before, now = history(admin, days=7)

        assert (before["first_token_p50_ms"], now["first_token_p50_ms"]) == pytest.approx((300, 900), rel=0.05)
        assert (now["quality"], now["samples"], now["attempts"]) == (pytest.approx(2 / 3), 6.0, 6)
        assert now["cost_microusd"] == pytest.approx(900)
        assert now["date"] == clock.now().date().isoformat()

    def test_goes_back_as_far_as_it_is_asked(self, admin: Client) -> None:
        assert (len(history(admin)), len(history(admin, days=1)), len(history(admin, days=400))) == (3, 1, 3)

    @pytest.mark.parametrize("query", [{"days": 0}, {"days": 401}, {"days": "all"}, {"since": "2026"}])
    def test_refuses_what_it_does_not_know(self, admin: Client, query: dict[str, Any]) -> None:
        assert admin.get(f"{PROFILES}cloud/large/history/", query).status_code == 400

    def test_of_few_is_not_shown(self, tenant: TenantId, admin: Client) -> None:
        routing.note_speeds(tenant, [attempt("small") for _ in range(4)])
        routing.observe(tenant, [thumb(0.0, "small", propensity=0.1) for _ in range(4)])
        (day,) = history(admin, "small")

        assert {value for name, value in day.items() if name != "date"} == {None}

    def test_counts_no_attempts_in_a_company_of_four(self, acme: Company, admin: Client) -> None:
        acme.people["employee"].is_active = False
        acme.people["employee"].save()

        assert history(admin)[-1]["attempts"] is None

    def test_stays_when_the_model_goes_and_is_missing_for_none(self, acme: Company, admin: Client) -> None:
        acme.tenant.models_allowed = ["small"]
        acme.tenant.save()

        assert len(history(admin)) == 3
        assert admin.get(f"{PROFILES}nobody/history/").status_code == 404
