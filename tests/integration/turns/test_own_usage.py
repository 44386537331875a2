"""`GET /api/v1/usage/days/`: one's own month by day and model, and what became of private text."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.tenants.models import User
from tests.support.factories.tenants import TenantFactory, UserFactory
from tests.support.factories.turns import TurnFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin() -> User:
    user: User = UserFactory.create(tenant=TenantFactory.create(timezone="Europe/Berlin"))
    return user


def asked(user: User, day: int, hour: int = 12, **turn: Any) -> None:
    moment = datetime(2026, 11, day, hour, tzinfo=UTC)
    TurnFactory.create(user=user, opened_at=moment, closed_at=moment, **turn)


def days(user: User, month: str = "2026-11") -> dict[str, Any]:
    answer = signed_in(user).get("/api/v1/usage/days/", {"month": month})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


class TestOwnDays:
    def test_count_where_the_questions_of_each_local_day_went(self, erin: User) -> None:
        asked(erin, 2, cost=40)
        asked(erin, 2, 23, hosting="self_hosted")  # half past midnight in Berlin: the next day
        asked(erin, 3, state="refused", hosting="", model="", cost=None)

        assert days(erin)["days"] == [
            {"date": "2026-11-02", "inside": 0, "outside": 1, "nowhere": 0, "cost_microusd": 40},
            {"date": "2026-11-03", "inside": 1, "outside": 0, "nowhere": 1, "cost_microusd": 0},
        ]

    def test_end_with_the_month_of_the_company(self, erin: User) -> None:
        asked(erin, 30, 23)  # the first of December in Berlin

        assert days(erin)["days"] == []
        assert [day["date"] for day in days(erin, "2026-12")["days"]] == ["2026-12-01"]

    def test_charge_titles_and_count_them_as_no_question(self, erin: User) -> None:
        asked(erin, 4, cost=7, channel="background")

        assert days(erin)["days"] == [
            {"date": "2026-11-04", "inside": 0, "outside": 0, "nowhere": 0, "cost_microusd": 7}
        ]

    def test_name_the_models_that_answered_most_first(self, erin: User) -> None:
        asked(erin, 4, model="large", cost=90)
        asked(erin, 4, model="local", hosting="self_hosted")
        asked(erin, 5, model="local", hosting="self_hosted")

        assert days(erin)["models"] == [
            {"model": "local", "hosting": "self_hosted", "questions": 2, "cost_microusd": 0},
            {"model": "large", "hosting": "commercial", "questions": 1, "cost_microusd": 90},
        ]

    def test_tell_what_became_of_private_text(self, erin: User) -> None:
        decision = {"sensitivity": {"entities": {"PERSON": 3, "IBAN_CODE": 1}}, "largest_micro_usd": 500}
        asked(erin, 6, sensitivity="sensitive", hosting="self_hosted", decision=decision)
        asked(erin, 6, sensitivity="sensitive", decision={"sensitivity": {"entities": {"PERSON": 1}}})
        asked(erin, 6, sensitivity="unclassified", state="refused", hosting="", model="")
        asked(erin, 6)  # nothing private

        found = days(erin)
        assert found["private"] == {"inside": 1, "outside": 1, "nowhere": 1}
        assert found["found"] == [{"type": "PERSON", "questions": 2}, {"type": "IBAN_CODE", "questions": 1}]
        assert found["largest_microusd"] == 500

    def test_are_nobody_elses(self, erin: User) -> None:
        asked(UserFactory.create(tenant=erin.tenant), 6)

        assert days(erin)["days"] == []

    @pytest.mark.parametrize("query", [{"month": "2026-13"}, {"user": "1"}])
    def test_refuse_what_they_do_not_know(self, erin: User, query: dict[str, str]) -> None:
        assert signed_in(erin).get("/api/v1/usage/days/", query).status_code == 400

    def test_are_no_page_of_operators(self) -> None:
        assert signed_in(UserFactory.create(role="operator")).get("/api/v1/usage/days/").status_code == 403
