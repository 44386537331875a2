"""Processes load new figures at once after a quiet minute, then at most once a minute, and miss none."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from apps.core import clock, versions
from apps.domain.ids import TenantId
from apps.routing import services, tasks
from apps.routing.models import Outcome, ProfileDay
from tests.support.factories.tenants import TenantFactory
from tests.support.observations import attempt, thumb

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(TenantFactory().pk)


class TestProcesses:
    def test_are_told_at_once_and_then_by_the_minute(self, tenant: TenantId) -> None:
        before = versions.current(tenant=tenant)
        for model in ("small", "small", "large"):
            services.observe(tenant, [thumb(0.0, model)])
        assert versions.current(tenant=tenant) == before + 1

        assert tasks.tell() == 1
        assert tasks.tell() == 0
        assert versions.current(tenant=tenant) == before + 2

    def test_are_told_at_once_again_after_a_quiet_minute(self, tenant: TenantId) -> None:
        services.observe(tenant, [thumb(0.0)])
        with override_settings(OPENROUTE_CLOCK="+61"):
            services.observe(tenant, [thumb(0.0)])

        assert tasks.tell() == 0
        assert versions.current(tenant=tenant) == 2

    def test_hear_nothing_of_what_changed_nothing(self, tenant: TenantId) -> None:
        down = thumb(0.0)
        services.observe(tenant, [down])
        services.observe(tenant, [down])

        assert tasks.tell() == 0

    def test_hear_it_from_beat_when_the_clock_was_set_back(self, tenant: TenantId) -> None:
        services.observe(tenant, [thumb(0.0)])
        with override_settings(OPENROUTE_CLOCK="-86400"):
            services.observe(tenant, [thumb(0.0)])

            assert tasks.tell() == 1

    def test_of_another_company_are_left_alone(self, tenant: TenantId) -> None:
        other = TenantId(TenantFactory().pk)
        services.observe(tenant, [thumb(0.0)])

        assert versions.current(tenant=other) == 0


class TestForgetting:
    def test_removes_what_no_figure_rests_on(self, tenant: TenantId) -> None:
        now = clock.now()
        with override_settings(OPENROUTE_CLOCK=(now - timedelta(days=401)).isoformat()):
            services.observe(tenant, [thumb(0.0)])
            services.note_speeds(tenant, [attempt()])
        services.observe(tenant, [thumb(1.0)])

        assert tasks.forget_old() == 3
        assert tasks.forget_old() == 0
        assert Outcome.objects.for_tenant(tenant).count() == 1
        assert ProfileDay.objects.for_tenant(tenant).count() == 1

    def test_happens_every_day(self) -> None:
        assert settings.OPENROUTE_DAILY["routing.forget_old"] == "apps.routing.tasks.forget_old"
        assert "routing.tell" in settings.CELERY_BEAT_SCHEDULE
