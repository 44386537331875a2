"""With real transactions: threads that append at once, and the flush that follows."""

import threading

import pytest
from django.db import connection

from apps.audit import services, triggers
from tests.support.audit import NOON, TENANT, record

pytestmark = pytest.mark.django_db(transaction=True)


class TestTheGuard:
    @pytest.mark.parametrize("time", ["before a flush", "after a flush"])
    def test_is_in_place(self, time: str) -> None:
        record(1)

        assert triggers.missing() == ()


class TestManyThreads:
    def test_leave_one_chain_without_a_gap(self) -> None:
        def work() -> None:
            record(5)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        report = services.verify(tenant=TENANT, actor="system", at=NOON)
        assert (report.intact, report.entries) == (True, 20)
