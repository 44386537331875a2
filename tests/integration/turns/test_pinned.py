"""A question that is pinned to its model: nobody else answers for it."""

import pytest

from apps.domain.turn import Completed, Failed
from apps.providers.values import ProviderUnavailable
from tests.integration.turns.conftest import House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

BROKEN = Behaviour(pieces=(), error=ProviderUnavailable("It is away.", upstream_status=503))
PRIVATE = "Is DE89 3704 0044 0532 0130 00 a valid IBAN?"


class TestAPinnedQuestion:
    async def test_is_answered_by_its_model(self, house: House, wire: ScriptedAdapter) -> None:
        events = await house.ask("Why are there tides?", model="out-plain", pinned=True)

        assert isinstance(events[-1], Completed)
        assert events[-1].model == "out-plain"

    @pytest.mark.parametrize(("pinned", "asked"), [(True, ["out-plain"]), (False, ["out-plain", "out-best"])])
    async def test_fails_with_its_model(
        self, house: House, wire: ScriptedAdapter, pinned: bool, asked: list[str]
    ) -> None:
        wire.script("out-plain", BROKEN)
        events = await house.ask("Why are there tides?", model="out-plain", pinned=pinned, strategy="best")

        assert [call.candidate.model for call, _ in wire.sent] == asked
        assert isinstance(events[-1], Failed if pinned else Completed)

    async def test_is_refused_where_its_model_may_not_answer(self, house: House, wire: ScriptedAdapter) -> None:
        events = await house.ask(PRIVATE, model="out-plain", pinned=True)

        assert isinstance(events[-1], Failed)
        assert (events[-1].code, wire.sent) == ("no_permitted_model", [])
