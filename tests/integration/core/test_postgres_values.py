"""What the writer's PostgreSQL store writes and reads is what the ORM writes and reads, for every table."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEvent
from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry, Reservation
from apps.chat.models import Conversation, Message
from apps.core.models import Job, Process
from apps.core.postgres.store import PostgresStore
from apps.core.store import BlockingStore
from apps.core.tenancy import all_tenants
from apps.core.writes import Read, Row
from apps.mirror.models import OutboxEntry
from apps.tenants.models import User
from apps.turns.models import Attempt, IdempotencyKey, Turn, TurnChunk
from tests.support.acts import Act, Acts, inserting, reading
from tests.support.factories.chat import ConversationFactory
from tests.support.factories.tenants import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDENTITY: Mapping[type[models.Model], tuple[str, ...]] = {
    Turn: ("id",),
    Attempt: ("id", "turn_id"),
    TurnChunk: ("turn_id",),
    IdempotencyKey: ("digest",),
    Reservation: ("id", "turn_id"),
    LedgerEntry: ("turn_id",),
    AuditEvent: ("seq",),
    Conversation: ("id",),
    Message: ("id",),
    OutboxEntry: ("path",),
    Job: ("id", "subject"),
}
"""Every table of the hot path, with the columns that tell its rows apart; the first one finds a row."""

_numbers = itertools.count(1)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "CharField": TEXT,
    "TextField": TEXT,
    "UUIDField": st.uuids(),
    "BooleanField": st.booleans(),
    "FloatField": st.floats(allow_nan=False),
    "BigIntegerField": st.integers(0, 2**63 - 1),
    "PositiveIntegerField": st.integers(0, 2**31 - 1),
    "PositiveSmallIntegerField": st.integers(0, 2**15 - 1),
    "JSONField": st.recursive(
        LEAVES | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=6
    ).filter(lambda value: value is not None),  # None is the column's own NULL
    "DateTimeField": st.datetimes(
        datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5.5))])
    ),
}


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def store(runner: asyncio.Runner) -> Iterator[PostgresStore]:
    store = PostgresStore(Acts())
    yield store
    runner.run(store.close())


@pytest.fixture
def fixed() -> Mapping[str, Any]:
    """What foreign keys of the hot path point to, by attname."""
    with all_tenants():
        user: User = UserFactory.create()
        budget = Budget.objects.create(tenant=user.tenant, period="month", limit=1)
        period = BudgetPeriod.objects.create(
            tenant=user.tenant, budget=budget, kind="month", scope="", starts=NOON, ends=NOON, limit=1
        )
        conversation = ConversationFactory.create(owner=user)
    return {
        "tenant_id": user.tenant_id, "owner_id": user.pk, "author_id": user.pk, "team_id": None, "parent_id": None,
        "conversation_id": conversation.pk, "period_id": period.pk,
    }  # fmt: skip


def drawn(model: type[models.Model], data: st.DataObject, fixed: Mapping[str, Any]) -> Row:
    """A row with any values but those that foreign keys and identity ask for."""
    row = {}
    for field in model._meta.concrete_fields:
        if field.is_relation:
            row[field.attname] = fixed[field.attname]
        elif not isinstance(field, models.AutoField):
            values = VALUES[field.get_internal_type()]
            row[field.attname] = data.draw(st.none() | values if field.null else values, label=field.attname)
            if isinstance(row[field.attname], str):
                row[field.attname] = row[field.attname][: field.max_length]
    return row


def identity(model: type[models.Model]) -> Row:
    """Values that no other row has."""
    made = {"UUIDField": uuid4, "BigIntegerField": lambda: next(_numbers), "CharField": lambda: uuid4().hex}
    return {name: made[model._meta.get_field(name).get_internal_type()]() for name in IDENTITY[model]}


def updating(model: type[models.Model], pk: Any, changes: Row) -> Act:
    return Act(lambda _, writes: writes.update(model, pk, **changes))


class Both:
    """The ORM's store and the writer's, with the same acts."""

    def __init__(self, store: PostgresStore, runner: asyncio.Runner) -> None:
        self.ours, self.orm, self.runner = store, BlockingStore(Acts()), runner

    def commit(self, act: Act, *, ours: bool) -> Any:
        return (self.runner.run(self.ours.commit([act], NOON)) if ours else self.orm.commit_now([act], NOON))[0]

    def stored(self, model: type[models.Model], found_by: Any) -> Row:
        """The row as both stores read it, which must be one; without what tells it apart."""
        names = tuple(field.attname for field in model._meta.concrete_fields)
        act = reading(Read(model, IDENTITY[model][0], (found_by,), names, lock=False))
        (ours,), (orms,) = self.commit(act, ours=True)[model], self.commit(act, ours=False)[model]
        assert ours == orms
        assert {name: type(value) for name, value in ours.items()} == {n: type(value) for n, value in orms.items()}
        return {name: value for name, value in ours.items() if name not in (*IDENTITY[model], "id")}


@pytest.fixture
def both(store: PostgresStore, runner: asyncio.Runner) -> Both:
    return Both(store, runner)


anything = settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.mark.parametrize("model", IDENTITY, ids=lambda model: model.__name__)
class TestEveryTableOfTheHotPath:
    @anything
    @given(data=st.data())
    def test_holds_the_same_whichever_store_inserted_it(
        self, both: Both, fixed: Mapping[str, Any], model: type[models.Model], data: st.DataObject
    ) -> None:
        row = drawn(model, data, fixed)
        stored = []
        for ours in (True, False):
            mine = row | identity(model)
            both.commit(inserting(model, mine), ours=ours)
            stored.append(both.stored(model, mine[IDENTITY[model][0]]))

        assert stored[0] == stored[1]

    @anything
    @given(data=st.data())
    def test_holds_the_same_whichever_store_changed_it(
        self, both: Both, fixed: Mapping[str, Any], model: type[models.Model], data: st.DataObject
    ) -> None:
        if model is AuditEvent:
            pytest.skip("entries of the trail are never changed")
        row, other = drawn(model, data, fixed), drawn(model, data, fixed)
        changes = {name: value for name, value in other.items() if name not in IDENTITY[model]}
        stored = []
        for ours in (True, False):
            mine = row | identity(model)
            both.commit(inserting(model, mine), ours=ours)
            name = IDENTITY[model][0]
            with all_tenants():
                pk = model._default_manager.values_list("pk", flat=True).get(**{name: mine[name]})
            both.commit(updating(model, pk, changes), ours=ours)
            stored.append(both.stored(model, mine[name]))

        assert stored[0] == stored[1]


class TestUpserts:
    @anything
    @given(data=st.data())
    @pytest.mark.parametrize("conflict", [("tenant_id", "kind", "subject")])
    def test_leave_the_same_row_whichever_store_ran_them(
        self, both: Both, conflict: tuple[str, ...], data: st.DataObject
    ) -> None:
        rows = [drawn(Job, data, {}) for _ in range(2)]
        stored = []
        for ours in (True, False):
            mine = identity(Job)
            for row in rows:
                values = row | mine | {"kind": "k", "tenant_id": 7}
                both.commit(Act(lambda _, writes, v=values: writes.upsert(Job, conflict, **v)), ours=ours)
            stored.append(both.stored(Job, mine["id"]))

        assert stored[0] == stored[1]


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"kind": "x" * 17}, DataError),
            ({"kind": "\0"}, DataError),
            ({"kind": None}, IntegrityError),
            ({"kind": "\ud800"}, (UnicodeEncodeError, TypeError)),
            ({"boot_id": "no uuid"}, (DataError, ValueError, Exception)),
        ],
    )
    @pytest.mark.parametrize("ours", [True, False], ids=["writer", "orm"])
    def test_is_refused_with_the_errors_of_django_and_leaves_nothing(
        self, both: Both, changes: Row, error: Any, ours: bool
    ) -> None:
        row = {"boot_id": UUID(int=1), "kind": "web", "started_at": NOON, "heartbeat_at": NOON}
        with pytest.raises(error):
            both.commit(inserting(Process, row | {"boot_id": UUID(int=2)}, row | changes), ours=ours)

        assert not Process.objects.exists()
        both.commit(inserting(Process, row), ours=ours)
        assert Process.objects.get().kind == "web"

    def test_is_refused_at_the_commit_where_a_reference_is_checked(self, both: Both) -> None:
        row = {"sent_at": NOON, "id": UUID(int=1), "turn_id": UUID(int=2), "number": 1}
        with pytest.raises(IntegrityError):
            both.commit(
                inserting(Attempt, row | {"tenant_id": 404, "model": "", "provider": "", "state": ""}), ours=True
            )
