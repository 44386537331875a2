"""What answers taught, in the database: counted once, replaced exactly, for the tenant that said so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.core import clock
from apps.domain.catalogue import Cell
from apps.domain.ids import TenantId
from apps.routing import selectors, services
from apps.routing.models import Outcome, ProfileDay
from apps.routing.observing import PORTION
from tests.support.factories.tenants import TenantFactory
from tests.support.observations import attempt, thumb

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(TenantFactory().pk)


def cell(tenant: TenantId, model: str = "small", task: str = "coding") -> Cell:
    """The only measured cell of a task."""
    found = selectors.profiles(tenant)[model].cells
    return next(each for each in found if each.task == task)


def sums(found: Cell) -> tuple[float, float, float]:
    return (found.short, found.total, found.squares)


class TestASignal:
    def test_counts_once(self, tenant: TenantId) -> None:
        down = thumb(0.0)
        services.observe(tenant, [down, down])
        services.observe(tenant, [down])

        assert sums(cell(tenant)) == pytest.approx((1.0, 1.0, 1.0), rel=1e-4)
        assert Outcome.objects.for_tenant(tenant).count() == 1

    def test_of_another_kind_counts_beside_it(self, tenant: TenantId) -> None:
        down = thumb(0.0)
        services.observe(tenant, [down, replace(down, signal="regenerated")])

        assert cell(tenant).seen == 1.5

    def test_that_turns_replaces_the_first(self, tenant: TenantId) -> None:
        turned, later = thumb(1.0), [thumb(1.0) for _ in range(30)]
        services.observe(tenant, [turned, *later])
        services.observe(tenant, [replace(turned, value=0.0, task="math")])
        other = TenantId(TenantFactory().pk)
        services.observe(other, [replace(turned, value=0.0), *later])

        assert sums(cell(tenant)) == pytest.approx(sums(cell(other)), rel=1e-4)
        assert [each.task for each in selectors.profiles(tenant)["small"].cells] == ["coding"]

    def test_can_be_withdrawn(self, tenant: TenantId) -> None:
        lifted = thumb(0.0)
        services.observe(tenant, [thumb(1.0), lifted])

        assert services.withdraw(tenant, source=lifted.source, signal="thumb") == 1
        assert services.withdraw(tenant, source=lifted.source, signal="thumb") == 0
        assert sums(cell(tenant)) == pytest.approx((0.0, 0.99, 0.99), abs=1e-3)

    def test_counts_for_the_tenant_that_gave_it_only(self, tenant: TenantId) -> None:
        services.observe(tenant, [thumb(0.0)])

        assert selectors.profiles(TenantId(TenantFactory().pk)) == {}

    def test_from_long_ago_is_not_counted(self, tenant: TenantId) -> None:
        services.observe(tenant, [thumb(0.0, at=clock.now() - timedelta(days=301))])

        assert selectors.profiles(tenant) == {}

    def test_is_found_again_in_a_later_portion(self, tenant: TenantId) -> None:
        many = [thumb(1.0) for _ in range(PORTION + 5)]
        services.observe(tenant, [*many, replace(many[0], value=0.0)])

        assert Outcome.objects.for_tenant(tenant).count() == PORTION + 5
        assert Outcome.objects.for_tenant(tenant).filter(value=0.0).count() == 1


class TestAnAttempt:
    def test_counts_once(self, tenant: TenantId) -> None:
        one = attempt()
        services.note_speeds(tenant, [one, one])
        services.note_speeds(tenant, [one])
        profile = selectors.profiles(tenant)["small"]

        assert profile.attempts == pytest.approx(1.0, rel=1e-4)
        assert profile.first_token_ms == pytest.approx(500, rel=0.05)
        assert profile.tokens_per_s == pytest.approx(40, rel=0.05)
        assert profile.cost_micro_usd == pytest.approx(900)

    def test_gives_rates(self, tenant: TenantId) -> None:
        services.note_speeds(
            tenant,
            [
                attempt(),
                attempt(),
                attempt(end="truncated"),
                attempt(end="error", first_token_ms=None, cost_micro_usd=0),
            ],
        )
        profile = selectors.profiles(tenant)["small"]

        assert (profile.error_rate, profile.refusal_rate, profile.truncation_rate) == pytest.approx(
            (0.25, 0.0, 0.25), abs=0.01
        )
        assert profile.cost_micro_usd == pytest.approx(900, rel=0.01)

    def test_leaves_quality_alone(self, tenant: TenantId) -> None:
        services.note_speeds(tenant, [attempt(end="refused")])

        assert selectors.profiles(tenant)["small"].cells == ()


class TestDays:
    def test_keep_what_was_seen_on_each(self, tenant: TenantId) -> None:
        now = clock.now()
        services.observe(tenant, [thumb(1.0), thumb(0.0, at=now - timedelta(days=1))])
        services.note_speeds(tenant, [attempt(at=now - timedelta(days=1))])

        days = ProfileDay.objects.for_tenant(tenant).order_by("day").values_list("total", "short", "answered")
        assert list(days) == [(1.0, 1.0, 1.0), (1.0, 0.0, 0.0)]
