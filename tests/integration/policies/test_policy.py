"""Versions, second persons and the REST surface of policies."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.core import versions
from apps.domain.ids import TenantId, UserId
from apps.policies import selectors, services
from apps.policies.grammar import InvalidPolicy
from apps.policies.services import NeedsSecondPerson, PolicyMoved
from apps.policies.values import ProposalRecord
from apps.tenants import selectors as tenants
from apps.tenants.values import Person
from tests.support.company import JSON, Company, as_json, company, kinds
from tests.support.factories.tenants import PASSWORD, UserFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Company:
    return company("acme")


def tenant_of(acme: Company) -> TenantId:
    return TenantId(acme.tenant.pk)


def person(acme: Company, role: str) -> Person:
    return tenants.person(tenant_of(acme), UserId(acme.people[role].pk))


def signed_in(acme: Company, role: str) -> Client:
    client = Client()
    login = {"login": acme.people[role].email, "password": PASSWORD}
    assert client.post(f"/accounts/{acme.tenant.slug}/login/", login).status_code == 302
    return client


class TestPut:
    def test_makes_a_version_that_is_in_force_audited_and_seen_by_every_process(self, acme: Company) -> None:
        tenant = tenant_of(acme)
        before = versions.current(tenant=tenant)
        number = services.put(tenant=tenant, document={"strategy": "best"}, actor="operator:1", at=NOON)

        assert (number, selectors.current(tenant).strategy, selectors.current(tenant).version) == (1, "best", 1)
        assert kinds(acme.tenant)[-1] == "policy.changed"
        assert versions.current(tenant=tenant) == before + 1

    def test_the_same_document_again_changes_nothing(self, acme: Company) -> None:
        tenant = tenant_of(acme)
        for _ in range(2):
            assert services.put(tenant=tenant, document={"dial": 0.1}, actor="operator:1", at=NOON) == 1

        assert len(selectors.history(tenant)) == 1

    def test_a_wrong_document_changes_nothing(self, acme: Company) -> None:
        with pytest.raises(InvalidPolicy):
            services.put(tenant=tenant_of(acme), document={"strategy": "x"}, actor="operator:1", at=NOON)

        assert selectors.document(tenant_of(acme)) == {}

    def test_a_policy_belongs_to_one_company(self, acme: Company) -> None:
        globex = company("globex")
        services.put(tenant=tenant_of(acme), document={"strategy": "best"}, actor="operator:1", at=NOON)

        assert selectors.current(TenantId(globex.tenant.pk)).version == 0


class TestPropose:
    def propose(self, acme: Company, role: str, document: dict[str, Any]) -> Any:
        return services.propose(tenant=tenant_of(acme), document=document, person=person(acme, role), at=NOON)

    def test_an_admin_alone_may_change_rules(self, acme: Company) -> None:
        assert self.propose(acme, "tenant_admin", {"strategy": "cheapest"}) == 1

    @pytest.mark.parametrize("role", ["tenant_admin", "compliance_officer"])
    def test_nobody_alone_may_change_privacy(self, acme: Company, role: str) -> None:
        outcome = self.propose(acme, role, {"retention_days": 30})

        assert isinstance(outcome, ProposalRecord)
        assert selectors.current(tenant_of(acme)).retention_days == 365
        assert kinds(acme.tenant)[-1] == "policy.proposed"

    def test_an_officer_may_not_slip_rules_into_a_privacy_change(self, acme: Company) -> None:
        with pytest.raises(Exception, match="role"):
            self.propose(acme, "compliance_officer", {"retention_days": 30, "strategy": "best"})

    def test_an_employee_may_propose_nothing(self, acme: Company) -> None:
        for document in ({"strategy": "best"}, {"mirror": "off"}):
            with pytest.raises(Exception, match="role"):
                self.propose(acme, "employee", document)


class TestConfirm:
    def waiting(self, acme: Company, role: str = "tenant_admin") -> int:
        outcome = services.propose(
            tenant=tenant_of(acme), document={"mirror": "off"}, person=person(acme, role), at=NOON
        )
        assert isinstance(outcome, ProposalRecord)
        return outcome.id

    def test_by_an_officer_puts_an_admins_proposal_into_force(self, acme: Company) -> None:
        officer = person(acme, "compliance_officer")
        services.confirm(tenant=tenant_of(acme), proposal=self.waiting(acme), person=officer, at=NOON)

        assert selectors.current(tenant_of(acme)).mirror == "off"
        assert selectors.history(tenant_of(acme))[0].confirmed_by == f"user:{officer.id}"
        assert "policy.confirmed" in kinds(acme.tenant)

    def test_of_ones_own_proposal_is_refused(self, acme: Company) -> None:
        with pytest.raises(NeedsSecondPerson, match="Somebody else"):
            services.confirm(
                tenant=tenant_of(acme), proposal=self.waiting(acme), person=person(acme, "tenant_admin"), at=NOON
            )

    def test_two_admins_without_an_officer_are_not_enough(self, acme: Company) -> None:
        other = UserFactory(tenant=acme.tenant, role="tenant_admin")
        with pytest.raises(NeedsSecondPerson, match="compliance"):
            services.confirm(
                tenant=tenant_of(acme),
                proposal=self.waiting(acme),
                person=tenants.person(tenant_of(acme), UserId(other.pk)),
                at=NOON,
            )

    def test_of_a_proposal_that_the_policy_has_overtaken_is_refused(self, acme: Company) -> None:
        proposal = self.waiting(acme)
        services.put(tenant=tenant_of(acme), document={"dial": 1.0}, actor="operator:1", at=NOON)
        with pytest.raises(PolicyMoved):
            services.confirm(
                tenant=tenant_of(acme), proposal=proposal, person=person(acme, "compliance_officer"), at=NOON
            )

    def test_takes_effect_once(self, acme: Company) -> None:
        proposal, officer = self.waiting(acme), person(acme, "compliance_officer")
        services.confirm(tenant=tenant_of(acme), proposal=proposal, person=officer, at=NOON)
        with pytest.raises(PolicyMoved):
            services.confirm(tenant=tenant_of(acme), proposal=proposal, person=officer, at=NOON)


class TestRest:
    def test_an_admin_reads_and_changes_rules(self, acme: Company) -> None:
        admin = signed_in(acme, "tenant_admin")
        assert admin.get("/api/v1/policy/").json() == {"version": 0, "document": {}}
        changed = admin.put("/api/v1/policy/", as_json({"document": {"strategy": "best"}}), JSON)

        assert (changed.status_code, changed.json()["version"]) == (200, 1)

    def test_a_privacy_change_waits_and_is_confirmed_by_an_officer(self, acme: Company) -> None:
        admin, officer = signed_in(acme, "tenant_admin"), signed_in(acme, "compliance_officer")
        proposed = admin.put("/api/v1/policy/", as_json({"document": {"mirror": "off"}}), JSON)
        assert proposed.status_code == 202
        number = officer.get("/api/v1/policy/proposals/").json()[0]["id"]
        assert admin.post(f"/api/v1/policy/proposals/{number}/confirm/").status_code == 403

        assert officer.post(f"/api/v1/policy/proposals/{number}/confirm/").json()["document"] == {"mirror": "off"}
        assert officer.get("/api/v1/policy/versions/").json()[0]["version"] == 1

    def test_a_change_of_a_version_that_is_no_longer_in_force_is_refused(self, acme: Company) -> None:
        admin = signed_in(acme, "tenant_admin")
        first = admin.put("/api/v1/policy/", as_json({"document": {"dial": 0.2}, "base": 0}), JSON)
        late = admin.put("/api/v1/policy/", as_json({"document": {"strategy": "best"}, "base": 0}), JSON)
        proposed = admin.put("/api/v1/policy/", as_json({"document": {"mirror": "off"}, "base": 0}), JSON)

        assert first.json()["version"] == 1
        assert (late.status_code, late.json()["code"], late.json()["said"]["params"]) == (
            409,
            "conflict",
            {"version": 1},
        )
        assert (proposed.status_code, len(selectors.waiting(tenant_of(acme)))) == (409, 0)
        assert selectors.document(tenant_of(acme)) == {"dial": 0.2}

    def test_mistakes_are_named_by_path(self, acme: Company) -> None:
        answer = signed_in(acme, "tenant_admin").put("/api/v1/policy/", as_json({"document": {"mirror": "x"}}), JSON)

        assert answer.status_code == 400
        assert "mirror" in answer.json()["fields"]

    def test_employees_and_strangers_see_nothing(self, acme: Company) -> None:
        assert signed_in(acme, "employee").get("/api/v1/policy/").status_code == 403
        assert Client().get("/api/v1/policy/").status_code == 401

    def test_another_companys_proposal_is_missing(self, acme: Company) -> None:
        admin = signed_in(acme, "tenant_admin")
        admin.put("/api/v1/policy/", as_json({"document": {"mirror": "off"}}), JSON)
        number = selectors.waiting(tenant_of(acme))[0].id
        officer = signed_in(company("globex"), "compliance_officer")

        assert officer.post(f"/api/v1/policy/proposals/{number}/confirm/").status_code == 404
