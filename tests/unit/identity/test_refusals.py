"""Refusals are written once and then counted."""

from datetime import UTC, datetime, timedelta

from apps.domain.ids import TenantId
from apps.identity.refusals import Ledger, Refusal

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SCOPE = Refusal(TenantId(1), "permission.refused", "user:1", "user:1", "scope")
ROLE = Refusal(TenantId(1), "permission.refused", "user:1", "user:1", "teams.write")


class TestLedger:
    def test_writes_the_first_of_a_kind_at_once(self) -> None:
        ledger = Ledger()

        assert ledger.note(SCOPE, NOON)
        assert ledger.note(ROLE, NOON)
        assert not ledger.note(SCOPE, NOON)

    def test_gives_the_count_when_the_minute_is_over(self) -> None:
        ledger = Ledger()
        for _ in range(4):
            ledger.note(SCOPE, NOON)
        ledger.note(ROLE, NOON)

        assert ledger.due(NOON + timedelta(seconds=59)) == {}
        assert ledger.due(NOON + timedelta(seconds=60)) == {SCOPE: 3}

    def test_begins_anew_after_the_minute(self) -> None:
        ledger = Ledger()
        ledger.note(SCOPE, NOON)
        ledger.due(NOON + timedelta(minutes=1))

        assert ledger.note(SCOPE, NOON + timedelta(minutes=1))
