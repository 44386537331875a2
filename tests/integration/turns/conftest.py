"""A company with its models and the real path of a message; only the wire to the models is played."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import pytest_asyncio
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.audit import services as audit
from apps.audit.models import AuditEvent
from apps.budgets import services as budgets
from apps.budgets.models import BudgetPeriod
from apps.core import clock
from apps.domain.catalogue import Candidate
from apps.domain.decision import Decision, RoutingRequest
from apps.domain.ids import INSTALLATION, KeyId, TeamId, TenantId, TurnId, UserId, new_id
from apps.domain.turn import Channel, Principal, PromptMessage, Role, TurnEvent, TurnRequest
from apps.privacy import cache
from apps.privacy import services as privacy
from apps.providers import services as providers
from apps.turns import choosing, pipeline, runtime
from apps.turns.models import Turn
from apps.turns.operations import Idempotency
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.providers import ModelFactory, ProviderFactory
from tests.support.factories.tenants import MembershipFactory, TeamFactory, TenantFactory, UserFactory
from tests.support.scripted_provider import ScriptedAdapter

OUTSIDE = {"out-best": 0.95, "out-good": 0.8, "out-plain": 0.5}
INSIDE = {"in-good": 0.6, "in-plain": 0.3}


@dataclass(frozen=True, slots=True)
class House:
    """Ids of a company, and how somebody of it asks."""

    tenant: TenantId
    team: TeamId
    user: UserId
    key: KeyId
    models: tuple[str, ...] = field(default=(*OUTSIDE, *INSIDE))

    def request(self, *messages: PromptMessage | str, **changes: object) -> TurnRequest:
        """A request of the developer API."""
        said = tuple(PromptMessage(Role.USER, m) if isinstance(m, str) else m for m in messages)
        values: dict[str, object] = {
            "turn": TurnId(new_id()),
            "principal": Principal(self.tenant, self.user, self.key),
            "team": self.team,
            "channel": Channel.API,
            "messages": said,
            "received_at": clock.now(),
        }
        return TurnRequest(**(values | changes))  # type: ignore[arg-type]

    async def ask(
        self, *messages: PromptMessage | str, idempotency: Idempotency | None = None, **changes: object
    ) -> list[TurnEvent]:
        """Every event of one question."""
        asked = self.request(*messages, **changes)
        return [event async for event in pipeline.answer(asked, idempotency=idempotency)]

    def turn(self) -> Turn:
        """The one turn of the test."""
        return Turn.objects.for_tenant(self.tenant).get()

    def newest(self) -> Turn:
        """The turn that was opened last."""
        return Turn.objects.for_tenant(self.tenant).order_by("-opened_at", "-id")[0]

    def audited(self) -> list[str]:
        """The audit trail of the company's turns, oldest first."""
        rows = AuditEvent.objects.for_tenant(self.tenant).filter(kind__regex="^(turn|request)")
        return list(rows.order_by("seq").values_list("kind", flat=True))

    def set_budget(self, micro_usd: int) -> None:
        """Give the team a month's budget."""
        common: dict[str, Any] = {"tenant": self.tenant, "team": self.team, "actor": "system", "at": clock.now()}
        budgets.upsert_budget(period="month", limit=micro_usd, models=None, **common)

    def use(self, share: float) -> None:
        """Let so much of every limit be spent already, as if another process had answered."""
        for row in BudgetPeriod.objects.for_tenant(self.tenant):
            BudgetPeriod.objects.for_tenant(self.tenant).filter(pk=row.pk).update(spent=int(row.limit * share))

    def budget(self) -> tuple[int, int]:
        """(spent, reserved) of the team's month."""
        row = BudgetPeriod.objects.for_tenant(self.tenant).order_by("starts").first()
        assert row is not None
        return row.spent, row.reserved


@pytest.fixture
def house(db: None) -> House:
    """Three models outside and two inside, each on a provider of its own."""
    privacy.start()
    cache.VERDICTS.clear()
    tenant = TenantFactory(slug="acme")
    team = TeamFactory(tenant=tenant)
    user = UserFactory(tenant=tenant)
    MembershipFactory(user=user, team=team)
    key = ApiKeyFactory(user=user, team=team)
    for name, quality in (OUTSIDE | INSIDE).items():
        outside = name in OUTSIDE
        provider = ProviderFactory(name=f"at-{name}", hosting="commercial" if outside else "self_hosted")
        ModelFactory(
            name=name,
            provider=provider,
            context_tokens=100_000,
            price={"input": "1", "output": "4"} if outside else {"input": "0", "output": "0"},
            capabilities=["tools", "json", "vision"],
            strengths={"writing": quality, "coding": quality, "math": quality},
        )
    audit.create_head(TenantId(tenant.pk))
    audit.create_head(INSTALLATION)
    return House(TenantId(tenant.pk), TeamId(team.pk), UserId(user.pk), KeyId(key.pk))


@pytest.fixture
def _connection(db: None) -> BaseDatabaseWrapper:
    return connections["default"]


@pytest_asyncio.fixture(autouse=True)
async def _one_connection(_connection: BaseDatabaseWrapper) -> AsyncIterator[None]:
    """Django gives coroutines a connection of their own; here they live in the transaction of the test."""
    connections["default"] = _connection
    yield
    await providers.shutdown()


@pytest.fixture(autouse=True)
def _process() -> Iterator[None]:
    """A fresh process: no snapshot and no running turn of the test before."""
    runtime.install(runtime.build(inline=True))
    yield
    runtime.install(None)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> ScriptedAdapter:
    """What leaves the house."""
    return ScriptedAdapter().install(monkeypatch)


@dataclass(slots=True)
class Manner:
    """How a question is to be answered, whatever the strategy wants and its ranking is; None: as the strategy wants."""

    together: int | None = None
    held: bool | None = None
    steps: int = 9


@pytest.fixture
def manner(monkeypatch: pytest.MonkeyPatch) -> Manner:
    """Every decision of the test asks for this."""
    wanted, decide = Manner(), choosing.routing.decide

    def decided(request: RoutingRequest, candidates: Sequence[Candidate]) -> Decision:
        decision = decide(request, candidates)
        if wanted.together is not None:
            decision = replace(decision, together=wanted.together)
        return decision if wanted.held is None else replace(decision, held=wanted.held, steps=wanted.steps)

    monkeypatch.setattr(choosing.routing, "decide", decided)
    return wanted
