"""What another process says about a provider concerns only the one at that address."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.core import hints
from apps.domain.ids import ProviderId
from apps.providers.circuit import THRESHOLD
from apps.providers.services import calls
from apps.providers.values import ProviderTimeout
from tests.support.model_calls import a_provider

HERE = "http://models.example/v1"


@pytest.fixture(autouse=True)
def _no_lanes() -> Iterator[None]:
    calls._lanes.clear()
    yield
    calls._lanes.clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What this process tells of its own calls."""
    bodies: list[dict[str, Any]] = []
    monkeypatch.setattr(hints, "publish", lambda topic, body: bodies.append({"topic": topic, **body}))
    return bodies


def body(rest_s: float, **changes: Any) -> dict[str, Any]:
    provider = a_provider(HERE)
    return {"provider": provider.id, "address": calls._address(provider), "rest_s": rest_s, **changes}


class TestAProviderThatFailsElsewhere:
    def test_rests_here_too_until_it_answers_elsewhere(self) -> None:
        lane = calls._lane(a_provider(HERE))
        calls.heard(body(50.0))
        assert not calls.health()[lane.provider.id].healthy
        calls.heard(body(0.0))

        assert lane.circuit.resting_s <= 2.0

    def test_is_asked_here_when_the_hint_is_of_another_address_or_number(self) -> None:
        provider = a_provider(HERE)
        lane = calls._lane(provider)
        calls.heard(body(50.0, address=calls._address(a_provider("http://moved.example/v1"))))
        calls.heard(body(50.0, provider=ProviderId(provider.id + 1)))

        assert lane.circuit.admit()

    def test_is_asked_here_once_it_has_moved(self) -> None:
        lane = calls._lane(a_provider(HERE))
        calls.heard(body(50.0))
        calls._lane(a_provider("http://moved.example/v1"))

        assert lane.circuit.admit()

    @pytest.mark.parametrize("wrong", [{}, {"provider": 1}, {"provider": [], "address": "", "rest_s": 1}])
    def test_is_asked_here_when_the_hint_makes_no_sense(self, wrong: dict[str, Any]) -> None:
        lane = calls._lane(a_provider(HERE))
        with pytest.raises((LookupError, TypeError, ValueError)):
            calls.heard(wrong)

        assert lane.circuit.admit()


class TestAProviderThatFailsHere:
    def test_is_told_of_by_number_and_by_a_hash_of_its_address(self, told: list[dict[str, Any]]) -> None:
        lane = calls._lane(a_provider(HERE))
        for _ in range(THRESHOLD):
            with pytest.raises(ProviderTimeout), lane.attempt():
                raise ProviderTimeout("It said nothing.")

        (hint,) = told
        assert (hint["topic"], hint["provider"]) == (calls.HEALTH, lane.provider.id)
        assert 0 < hint["rest_s"] < 3
        assert "models.example" not in str(hint)
