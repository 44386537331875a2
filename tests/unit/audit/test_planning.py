"""The chain of a batch: numbers without gaps, one digest, heads moved once."""

from typing import Any

import pytest

from apps.audit import canonical, planning
from apps.audit.chaincheck import ChainCheck, Event, Report
from apps.audit.models import AuditEvent, AuditHead
from apps.audit.planning import AuditUnavailable, Chain
from apps.core.writes import Rows, WriteSet
from apps.domain.ids import TenantId
from tests.support.audit import NOON

ONE, TWO = TenantId(1), TenantId(2)


def locked(*tenants: TenantId, seq: int = 0, version: int = 3) -> Rows:
    rows = Rows()
    rows.add(AuditHead, [{"tenant_id": t, "seq": seq, "hash": canonical.GENESIS, "version": version} for t in tenants])
    return rows


def appended(chain: Chain, *tenants: TenantId) -> WriteSet:
    for number, tenant in enumerate(tenants):
        chain.append(tenant, "turn.completed", "user:1", "turn:x", {"number": number}, NOON)
    writes = WriteSet()
    chain.write(writes)
    return writes


def event(row: dict[str, Any]) -> Event:
    fields = {name: row[name] for name in Event._fields if name not in {"tenant", "at"}}
    return Event(tenant=row["tenant_id"], at=canonical.timestamp(row["at"]), **fields)


class TestAChain:
    def test_numbers_each_tenant_on_its_own(self) -> None:
        writes = appended(Chain(locked(ONE, TWO)), ONE, TWO, ONE)

        assert [(row["tenant_id"], row["seq"]) for row in writes.inserts[AuditEvent]] == [(1, 1), (2, 1), (1, 2)]

    def test_is_accepted_by_the_verifier(self) -> None:
        check = ChainCheck(Report(1), keys={})
        for row in appended(Chain(locked(ONE)), ONE, ONE, ONE).inserts[AuditEvent]:
            check.feed(event(row))

        assert check.report.intact
        assert check.report.last_seq == 3

    def test_moves_only_the_heads_that_grew(self) -> None:
        (changes,) = appended(Chain(locked(ONE, TWO)), ONE).updates.values()

        assert [(key, change["seq"], change["version"]) for key, change in changes] == [(1, 1, 3)]

    def test_knows_the_version_that_the_head_carries(self) -> None:
        assert Chain(locked(ONE, version=9)).version(ONE) == 9

    def test_without_a_locked_head_refuses_the_act(self) -> None:
        with pytest.raises(AuditUnavailable):
            appended(Chain(locked(ONE)), TWO)

    def test_under_the_fault_refuses_the_act(self, settings: Any) -> None:
        settings.OPENROUTE_FAULTS = {"audit": "fail"}
        with pytest.raises(AuditUnavailable):
            appended(Chain(locked(ONE)), ONE)


class TestReads:
    def test_lock_each_head_once_in_the_order_of_ids(self) -> None:
        read = planning.reads([TWO, ONE, TWO])

        assert (read.ids, read.lock) == ((1, 2), True)
