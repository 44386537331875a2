"""The periodic check, against a provider that answers and one that does not."""

import pytest
from pytest_django import Settings

from apps.providers import tasks
from apps.providers.models import Provider
from tests.support.factories.providers import ProviderFactory
from tests.support.upstream import Upstream

pytestmark = pytest.mark.django_db


class TestCheckHealth:
    def test_stores_what_it_finds_and_changes_nothing_the_second_time(self, settings: Settings) -> None:
        settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]
        with Upstream().in_thread() as upstream:
            ProviderFactory.create(name="well", base_url=upstream.base_url)
            ProviderFactory.create(name="dead", base_url="http://127.0.0.1:1/v1")
            ProviderFactory.create(name="off", base_url="http://127.0.0.1:1/v1", enabled=False)

            assert tasks.check_health() == 1
            assert tasks.check_health() == 0

        assert dict(Provider.objects.values_list("name", "reachable")) == {"well": True, "dead": False, "off": True}
