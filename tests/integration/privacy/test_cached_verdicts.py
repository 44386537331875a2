"""Verdicts on long texts survive the process, belong to one tenant, and hold neither text nor value."""

from datetime import timedelta

import pytest
import pytest_asyncio
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core import clock
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId
from apps.domain.privacy import Sensitivity
from apps.privacy import cache, selectors, services
from apps.privacy.models import CachedVerdict
from tests.support.privacy import TENANT, inspected, user

MAIL = "jonas.weber@nordwind.de"
LONG = f"The report was late, and nobody could say why. Ask {MAIL}. " * 100


@pytest.fixture
def _connection(db: None) -> BaseDatabaseWrapper:
    cache.VERDICTS.clear()
    return connections["default"]


@pytest_asyncio.fixture(autouse=True)
async def _in_the_tests_transaction(_connection: BaseDatabaseWrapper) -> None:
    """Connections belong to a context, and the loop has one of its own."""
    connections["default"] = _connection


def rows(tenant: TenantId = TENANT) -> list[CachedVerdict]:
    return list(CachedVerdict.objects.for_tenant(tenant).order_by("id"))


class TestStoredVerdicts:
    async def test_spare_a_new_process_the_scan(self) -> None:
        first = await inspected(user(LONG))
        await cache.VERDICTS.flush()
        cache.VERDICTS.clear()

        second = await inspected(user(LONG))

        assert first.cpu_ms > 0
        assert second.cpu_ms == 0
        assert second.newest == first.newest
        assert second.sensitivity is Sensitivity.SENSITIVE

    async def test_are_not_written_for_short_texts(self) -> None:
        await inspected(user(f"write to {MAIL}"))
        await cache.VERDICTS.flush()

        assert rows() == []

    async def test_answer_for_no_other_tenant_or_policy(self) -> None:
        await inspected(user(LONG))
        await cache.VERDICTS.flush()
        cache.VERDICTS.clear()

        assert (await inspected(user(LONG), tenant=TenantId(TENANT + 1))).cpu_ms > 0
        assert (await inspected(user(LONG), version=2)).cpu_ms > 0

    async def test_hold_neither_text_nor_value(self) -> None:
        await inspected(user(LONG))
        await cache.VERDICTS.flush()

        (row,) = rows()

        assert "jonas" not in f"{row.key} {row.findings}"
        assert {finding[0] for finding in row.findings} == {"EMAIL_ADDRESS"}

    async def test_are_written_once(self) -> None:
        for _ in range(2):
            cache.VERDICTS.clear()
            await inspected(user(LONG))
            await cache.VERDICTS.flush()

        assert len(rows()) == 1

    async def test_that_cannot_be_read_or_written_cost_no_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object, **__: object) -> None:
            raise DatabaseError

        monkeypatch.setattr(selectors, "verdicts", away)
        monkeypatch.setattr(CachedVerdict.objects, "for_tenant", away)

        found = await inspected(user(LONG))
        await cache.VERDICTS.flush()

        assert found.sensitivity is Sensitivity.SENSITIVE

    async def test_expire(self) -> None:
        await inspected(user(LONG))
        await cache.VERDICTS.flush()

        assert services.expire_verdicts(before=clock.now() - timedelta(days=1)) == 0
        assert services.expire_verdicts(before=clock.now() + timedelta(days=1)) == 1
        with all_tenants():
            assert CachedVerdict.objects.count() == 0
