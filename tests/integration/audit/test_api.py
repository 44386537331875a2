"""The trail over REST: for compliance officers and operators only, and reading is on record."""

from typing import Any

import pytest
from django.test import Client

from apps.audit import kinds, selectors
from apps.domain.ids import INSTALLATION, TenantId
from tests.support.audit import record
from tests.support.factories.tenants import TenantFactory, UserFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db
READS = ["/api/v1/audit/", "/api/v1/audit/status/", "/api/v1/audit/kinds/"]


def person(role: str, **fields: Any) -> tuple[Client, TenantId]:
    user = UserFactory(role=role, **fields)
    return signed_in(user), TenantId(user.tenant_id)


def newest(tenant: TenantId) -> selectors.AuditRecord:
    return selectors.events(tenant=tenant, filters=selectors.Filters(), size=1).entries[0]


class TestReading:
    def test_shows_the_company_its_entries_newest_first(self) -> None:
        officer, tenant = person("compliance_officer")
        record(3, tenant=tenant)
        record(1, tenant=TenantId(tenant + 1))

        answer = officer.get("/api/v1/audit/", {"kind": "turn.", "page_size": 2})

        assert answer.status_code == 200
        assert [entry["subject"] for entry in answer.json()["results"]] == ["turn:2", "turn:1"]
        rest = officer.get("/api/v1/audit/", {"kind": "turn.", "cursor": answer.json()["cursor"]}).json()
        assert ([entry["subject"] for entry in rest["results"]], rest["cursor"]) == (["turn:0"], None)

    def test_shows_how_each_entry_hangs_on_the_one_before(self) -> None:
        officer, tenant = person("compliance_officer")
        record(3, tenant=tenant)

        newer, older = officer.get("/api/v1/audit/", {"kind": "turn.", "page_size": 2}).json()["results"]

        assert newer["prev_hash"] == older["hash"] != newer["hash"]

    def test_is_on_record_with_what_was_looked_for(self) -> None:
        officer, tenant = person("compliance_officer")

        officer.get("/api/v1/audit/", {"actor": "user:5"})

        entry = newest(tenant)
        assert (entry.kind, entry.body) == ("audit.read", {"actor": "user:5", "entries": 0})

    def test_is_refused_when_it_cannot_be_put_on_record(self, settings: Any) -> None:
        officer, tenant = person("compliance_officer")
        record(1, tenant=tenant)
        settings.OPENROUTE_FAULTS = {"audit": "fail"}

        answer = officer.get("/api/v1/audit/")

        assert (answer.status_code, answer.json()["code"]) == (503, "audit_unavailable")

    @pytest.mark.parametrize(
        "filters",
        [
            {"kind": "x"},
            {"actor": "erin"},
            {"since": "yesterday"},
            {"cursor": "0"},
            {"page_size": "201"},
            {"subject": "x" * 129},
        ],
    )
    def test_with_wrong_filters_is_a_400_that_names_them(self, filters: dict[str, str]) -> None:
        officer, _ = person("compliance_officer")

        answer = officer.get("/api/v1/audit/", filters)

        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(filters))

    @pytest.mark.parametrize("path", READS)
    @pytest.mark.parametrize("role", ["employee", "tenant_admin", "operator"])
    def test_is_for_compliance_officers_only(self, role: str, path: str) -> None:
        client, _ = person(role)

        assert client.get(path).status_code == 403

    @pytest.mark.parametrize("path", [*READS, "/api/v1/audit/installation/"])
    def test_wants_a_sign_in(self, path: str) -> None:
        assert Client().get(path).status_code == 401


class TestTheInstallation:
    def test_is_shown_to_operators(self) -> None:
        record(1, tenant=INSTALLATION, kind="provider.created")
        operator, _ = person("operator", tenant=TenantFactory(slug="platform"))

        answer = operator.get("/api/v1/audit/installation/")

        assert [entry["kind"] for entry in answer.json()["results"]] == ["provider.created"]
        assert newest(INSTALLATION).kind == "audit.read"

    def test_is_not_shown_to_a_companys_officers(self) -> None:
        officer, _ = person("compliance_officer")

        assert officer.get("/api/v1/audit/installation/").status_code == 403


class TestVerifying:
    def test_reports_and_is_on_record(self) -> None:
        officer, tenant = person("compliance_officer")
        record(2, tenant=tenant)

        answer = officer.post("/api/v1/audit/verify/", content_type="application/json")

        assert answer.status_code == 200, answer.content
        assert (answer.json()["intact"], answer.json()["problems"]) == (True, [])
        assert newest(tenant).kind == "audit.verified"
        assert officer.get("/api/v1/audit/status/").json()["intact"] is True

    def test_needs_the_csrf_token(self) -> None:
        officer, _ = person("compliance_officer")
        del officer.defaults["HTTP_X_CSRFTOKEN"]

        assert officer.post("/api/v1/audit/verify/", content_type="application/json").status_code == 403


class TestThePublishedList:
    def test_is_served(self) -> None:
        officer, _ = person("compliance_officer")

        assert officer.get("/api/v1/audit/kinds/").json() == dict(kinds.KINDS)
