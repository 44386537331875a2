"""Several workers observe the same models at the same time: nothing is lost, and nothing counts twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.domain.ids import TenantId
from apps.routing import selectors, services
from apps.routing.models import Outcome
from tests.support.factories.tenants import TenantFactory
from tests.support.observations import attempt, thumb

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

MODELS = ("large", "medium", "small")


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(TenantFactory().pk)


def at_once(works: Sequence[Callable[[], None]]) -> None:
    def run(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(60)


class TestAtOnce:
    def test_nothing_is_lost_whatever_the_order_of_the_models(self, tenant: TenantId) -> None:
        batches = [
            [thumb(1.0, model) for model in (MODELS if number % 2 else reversed(MODELS)) for _ in range(5)]
            for number in range(8)
        ]
        at_once([lambda batch=batch: services.observe(tenant, batch) for batch in batches])  # type: ignore[misc]

        found = selectors.profiles(tenant)
        assert {model: found[model].cells[0].seen for model in found} == dict.fromkeys(MODELS, 40.0)
        assert Outcome.objects.for_tenant(tenant).count() == 120

    def test_the_same_signal_counts_once(self, tenant: TenantId) -> None:
        same, went = thumb(0.0), attempt()
        at_once([lambda: services.observe(tenant, [same]), lambda: services.note_speeds(tenant, [went])] * 4)

        found = selectors.profiles(tenant)["small"]
        assert found.cells[0].seen == 1.0
        assert found.attempts == pytest.approx(1.0, rel=1e-3)
        assert Outcome.objects.for_tenant(tenant).count() == 2
