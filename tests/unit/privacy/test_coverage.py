"""What the detector covers is published, and what it does not cover as well."""

from collections.abc import Iterator

import pytest

from apps.domain.policy import SensitivitySettings
from apps.privacy import scanning, services
from apps.privacy.detection.recognizers._countries import COUNTRIES
from apps.privacy.detection.recognizers.secret_format import FORMATS
from tests.support.privacy import engine


@pytest.fixture
def _started() -> Iterator[None]:
    engine()
    services.start()
    return iter(())


class TestCoverage:
    @pytest.mark.usefixtures("_started")
    def test_holds_every_type_that_the_default_policy_names(self) -> None:
        found = services.coverage()

        assert SensitivitySettings().force_self_hosted <= set(found.covered)
        assert found.mode == "patterns + names-v1"

    @pytest.mark.usefixtures("_started")
    def test_lists_nameable_types_without_a_recogniser(self) -> None:
        found = services.coverage()

        assert {"HEALTH", "RELIGION"} <= set(found.not_covered)
        assert not set(found.covered) & set(found.not_covered)
        assert services.uncovered({"NRP", "SECRET", "DE_TAX_ID"}) == {"NRP"}

    def test_says_when_nothing_is_loaded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scanning.HOLDER, "engine", None)

        assert (services.coverage().mode, services.coverage().covered) == ("not loaded", ())

    def test_is_as_wide_as_promised(self) -> None:
        assert len(COUNTRIES) >= 20
        assert len(FORMATS) >= 30
