"""Every route that takes an id, asked by people of another company: the object does not exist (promise P01).

The routes come from the OpenAPI schema. A new parameter must be taught below, or this test fails.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from apps.budgets import services as budgets
from apps.chat.models import Conversation, Message, Share
from apps.core import clock
from apps.domain.ids import TenantId, UserId
from apps.identity.models import ApiKey, UserSession
from apps.lab.models import DriftAlarm, Run
from apps.policies import excepting
from apps.policies import services as policies
from apps.policies.models import LabelException, Proposal
from apps.routing import services as routing
from apps.tenants import selectors as tenants
from apps.tenants.models import Team, User
from apps.turns.models import Turn
from tests.architecture.test_schema import operations
from tests.support.company import JSON, Company, as_json, company
from tests.support.factories.chat import (
    AnswerFactory,
    AttachmentFactory,
    ConversationFactory,
    QuestionFactory,
    ShareFactory,
)
from tests.support.factories.providers import ModelFactory
from tests.support.lab import Lab, capitals
from tests.support.observations import thumb
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db

ROLES = ("employee", "team_admin", "tenant_admin", "compliance_officer")
INSTALLATION = "/api/v1/operator/"
"""What belongs to no company: operators only, whose own test this is not."""
BODIES: dict[str, dict[str, Any]] = {
    "budgets_change": {"limit_microusd": 1},
    "conversations_change": {"title": "Mine now"},
    "exceptions_grant": {"reason": "Why not.", "days": 1},
    "exceptions_refuse": {"reason": "No."},
    "keys_rotate": {"overlap_hours": 0},
    "message_exception_ask": {"reason": "Mine now."},
    "messages_feedback": {"verdict": "up"},
    "shares_create": {"user": 1},
    "people_change": {"name": "Mine now"},
    "lab_runs_go_on": {"budget_microusd": 1},
    "teams_change": {"name": "Mine now"},
}


def routes() -> Iterator[tuple[str, str, str]]:
    """(operation, method, path) of every route below `/api/v1/` that names an object."""
    for name, operation in operations():
        method, path = name.split(" ")
        if path.startswith("/api/v1/") and "{" in path and not path.startswith(INSTALLATION):
            yield operation["operationId"], method, path


ROUTES = sorted(routes())


@pytest.fixture
def acme() -> Company:
    return company("acme")


@pytest.fixture
def ids(acme: Company) -> dict[str, object]:
    """One object of each kind, by the name of its parameter."""
    erin, tenant = acme.people["employee"], TenantId(acme.tenant.pk)
    question = QuestionFactory(conversation=ConversationFactory(owner=erin))
    turn = Turn.objects.create(
        id=uuid4(), tenant_id=tenant, user_id=erin.pk, channel="chat", recorder="chat", state="completed",
        asked_model="auto", sensitivity="clean", opened_at=clock.now(),
    )  # fmt: skip
    budget = budgets.upsert_budget(
        tenant=tenant, team=None, period="month", limit=5, models=None, actor="system", at=clock.now()
    )
    proposal = policies.propose(
        tenant=tenant,
        document={"retention_days": 7},
        person=tenants.person(tenant, UserId(acme.people["tenant_admin"].pk)),
        at=clock.now(),
    )
    assert not isinstance(proposal, int)
    asked = excepting.ask(
        tenant=tenant,
        user=UserId(erin.pk),
        subject=excepting.Subject(question.pk, question.conversation_id, ("IBAN_CODE",)),
        because="It is an example.",
        at=clock.now(),
    )
    signed_in(erin)
    run = evaluation(acme)
    alarm = DriftAlarm.objects.create(
        id=uuid4(), tenant_id=tenant, run_id=run, model="small", asked=60, failed=20, expected=3, chance=1e-6,
        raised_at=clock.now(),
    )  # fmt: skip
    return {
        "attachment": AttachmentFactory(owner=erin).pk,
        "budget": budget.id,
        "conversation": question.conversation_id,
        "exception": asked.id,
        "alarm": alarm.pk,
        "run": run,
        "suite": "acmes",
        "key": acme.key.pk,
        "message": AnswerFactory(parent=question).pk,
        "model": _measured(tenant),
        "proposal": proposal.id,
        "session": UserSession.objects.for_tenant(tenant).filter(user=erin).get().pk,
        "share": ShareFactory(conversation=question.conversation, user=acme.people["team_admin"]).pk,
        "team": acme.team.pk,
        "turn": turn.pk,
        "user": erin.pk,
    }


def evaluation(acme: Company) -> UUID:
    """A run over a suite of the company."""
    ModelFactory(name="small")
    lab = Lab(TenantId(acme.tenant.pk), UserId(acme.people["tenant_admin"].pk))
    return lab.begin(suite=lab.upload(capitals(), slug="acmes"), models=("small",))


@pytest.fixture
def strangers(acme: Company) -> dict[str, Client]:
    """Somebody of each role in another company, signed in."""
    globex = company("globex")
    return {role: signed_in(globex.people[role]) for role in ROLES}


def belongings(tenant: TenantId) -> list[Any]:
    """What a stranger could have changed."""
    kinds: tuple[Any, ...] = (Conversation, Message, Share, ApiKey, LabelException, Proposal, Turn, UserSession)
    kinds = (*kinds, Run, DriftAlarm)
    rows = [list(kind.objects.for_tenant(tenant).order_by("pk").values()) for kind in kinds]
    rows += [list(User.objects.for_tenant(tenant).order_by("pk").values("pk", "name", "is_active", "role"))]
    return [*rows, list(Team.objects.for_tenant(tenant).order_by("pk").values())]


class TestAStranger:
    @pytest.mark.parametrize(("operation", "method", "path"), ROUTES, ids=[route[0] for route in ROUTES])
    def test_finds_nothing_of_another_company(
        self,
        acme: Company,
        ids: dict[str, object],
        strangers: dict[str, Client],
        operation: str,
        method: str,
        path: str,
    ) -> None:
        before = belongings(TenantId(acme.tenant.pk))
        address = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path)
        missing = re.sub(r"\{(\w+)\}", lambda found: nobody(ids[found[1]]), path)
        body = as_json(BODIES.get(operation))

        statuses = set()
        for client in strangers.values():
            foreign = client.generic(method.upper(), address, body, JSON)
            absent = client.generic(method.upper(), missing, body, JSON)
            assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)
            statuses.add(foreign.status_code)

        assert statuses <= {403, 404}
        assert 404 in statuses
        assert belongings(TenantId(acme.tenant.pk)) == before

    def test_is_tried_on_many_routes(self) -> None:
        assert len(ROUTES) >= 18


def _measured(tenant: TenantId) -> str:
    """A model that only this company has ever asked."""
    routing.observe(tenant, [thumb(0.0, "of-acme")])
    return "of-acme"


def nobody(known: object) -> str:
    """An id of the same form that nothing has."""
    return "999999" if isinstance(known, int) else str(uuid4())
