"""`POST /api/v1/routing/preview/`: what a turned dial would have changed in the last 30 days, before it is turned."""

from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.domain.ids import TenantId
from apps.routing import services as routing
from apps.tenants.models import Team, User
from apps.turns import preview_api
from tests.support.factories.tenants import MembershipFactory, TeamFactory, TenantFactory, UserFactory
from tests.support.factories.turns import TurnFactory
from tests.support.sign_in import signed_in
from tests.support.turn_values import candidate
from tests.unit.routing.test_replay import LARGE, record

pytestmark = pytest.mark.django_db

CHEAP = candidate("cheap", output="0.4", strengths=(("coding", 0.7),))


@pytest.fixture
def adam() -> User:
    """The administrator of a company of six, five of whom are in the team Research."""
    admin: User = UserFactory.create(role="tenant_admin", tenant=TenantFactory.create())
    research = TeamFactory.create(tenant=admin.tenant, slug="research")
    for person in UserFactory.create_batch(5, tenant=admin.tenant):
        MembershipFactory.create(user=person, team=research)
    MembershipFactory.create(user=admin, team=research)
    return admin


def asked(user: User, *, days_ago: float = 1, **turn: Any) -> None:
    moment = clock.now() - timedelta(days=days_ago)
    decision = turn.pop("decision", None) or record((CHEAP, LARGE), dial=0.0)
    TurnFactory.create(user=user, opened_at=moment, closed_at=moment, decision=decision, **turn)


def preview(user: User, **order: Any) -> Any:
    order = {"strategy": "balanced", "dial": 1.0, **order}
    return signed_in(user).post("/api/v1/routing/preview/", order, content_type="application/json")


class TestPreview:
    def test_compares_cost_quality_and_models(self, adam: User) -> None:
        for _ in range(3):
            asked(adam)
        asked(adam, decision=record((CHEAP, LARGE), model="large"))
        found = preview(adam).json()

        assert (found["shown"], found["decisions"], found["changed"], found["by_hand"]) == (True, 3, 3, 1)
        share = {"hosting": "commercial", "decisions": 3}
        assert found["before"]["models"] == [{"model": "cheap", **share}]
        assert found["after"]["models"] == [{"model": "large", **share}]
        assert found["after"]["cost_micro_usd"] > found["before"]["cost_micro_usd"]
        assert found["after"]["quality"] > found["before"]["quality"]

    def test_looks_at_questions_of_people_and_programs_of_the_last_thirty_days(self, adam: User) -> None:
        asked(adam)
        asked(adam, channel="api")
        asked(adam, channel="background")
        asked(adam, days_ago=31)
        asked(adam, state="refused")
        asked(UserFactory.create())

        assert preview(adam).json()["decisions"] == 2

    def test_says_when_it_looked_at_the_newest_questions_alone(
        self, adam: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(preview_api, "MOST", 3)
        asked(adam, days_ago=9, decision=record((LARGE,)))
        for _ in range(2):
            asked(adam)
        assert (preview(adam).json()["decisions"], preview(adam).json()["newest_only"]) == (3, True)
        assert preview(adam, team="research").json()["newest_only"] is False
        asked(adam)

        assert [share["model"] for share in preview(adam).json()["before"]["models"]] == ["cheap"]

    def test_can_be_narrowed_to_a_team(self, adam: User) -> None:
        team = Team.objects.for_tenant(TenantId(adam.tenant_id)).get(slug="research")
        asked(adam, team_id=team.pk)
        asked(adam)

        assert preview(adam, team="research").json()["decisions"] == 1
        assert preview(adam, team="nowhere").status_code == 404

    def test_shows_no_figures_of_fewer_than_five_people(self, adam: User) -> None:
        small = TeamFactory.create(tenant=adam.tenant, slug="small")
        asked(adam, team_id=small.pk)
        found = preview(adam, team="small").json()

        assert (found["shown"], found["decisions"], found["before"], found["after"]) == (False, 0, None, None)

    @pytest.mark.parametrize("strategy", ["fixed", "fastest", "balanced:x", "fixed:"])
    def test_names_a_strategy_that_does_not_exist(self, adam: User, strategy: str) -> None:
        assert preview(adam, strategy=strategy).json()["fields"] == {"strategy": "unknown strategy"}

    def test_is_for_administrators(self, adam: User) -> None:
        assert preview(UserFactory.create(tenant=adam.tenant)).status_code == 403


class TestStrategies:
    def test_are_all_that_a_policy_may_name_the_default_first(self, adam: User) -> None:
        offered = signed_in(adam).get("/api/v1/routing/strategies/").json()
        names = [entry["name"] for entry in offered]

        assert set(names) == {*routing.strategies(), "fixed"}
        assert (names[0], names[-1]) == ("balanced", "fixed")
        assert names[1:-1] == sorted(names[1:-1])
        assert [entry["name"] for entry in offered if entry["takes_model"]] == ["fixed"]

    def test_are_named_as_the_preview_takes_them(self, adam: User) -> None:
        for entry in signed_in(adam).get("/api/v1/routing/strategies/").json():
            name = f"{entry['name']}:large" if entry["takes_model"] else entry["name"]
            assert preview(adam, strategy=name).status_code == 200

    def test_are_for_who_may_read_the_policy(self, adam: User) -> None:
        officer = UserFactory.create(tenant=adam.tenant, role="compliance_officer")
        employee = UserFactory.create(tenant=adam.tenant)

        assert signed_in(officer).get("/api/v1/routing/strategies/").status_code == 200
        assert signed_in(employee).get("/api/v1/routing/strategies/").status_code == 403
