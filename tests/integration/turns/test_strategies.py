"""Strategies on the real path: what they are told of budgets, text and outcomes, and what is on record afterwards."""

from pathlib import Path
from typing import Any

import pytest

from apps.domain.errors import InvalidRequest
from apps.routing import services as routing
from apps.routing.services import UnfitPredictor
from tests.integration.turns.conftest import House
from tests.support.learned import predictor
from tests.support.scripted_provider import ScriptedAdapter

pytestmark = pytest.mark.django_db

PRIVATE = "Please pay the rent to DE89 3704 0044 0532 0130 00"


async def decided(house: House, text: str, **changes: object) -> dict[str, Any]:
    """The record of one question; the house has answered no other."""
    await house.ask(text, **changes)
    return dict(house.turn().decision)


def chances(record: dict[str, Any]) -> dict[str, float]:
    return {entry["model"]: entry["propensity"] for entry in record["candidates"]}


class TestAdaptive:
    async def test_may_try_with_harmless_text_and_its_chances_are_on_record(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        record = await decided(house, "How do tides work?", model="auto:adaptive")

        assert record["explores"] is True
        assert isinstance(record["seed"], int)
        assert sum(chances(record).values()) == pytest.approx(1.0, abs=1e-4)
        assert chances(record)["out-best"] >= 0.9

    async def test_never_tries_with_private_text(self, house: House, wire: ScriptedAdapter) -> None:
        record = await decided(house, PRIVATE, model="auto:adaptive")

        assert "explores" not in record
        assert chances(record) == {"in-good": 1.0, "in-plain": 0.0}


class TestLearned:
    async def test_says_that_nothing_was_learned_where_no_router_is_configured(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        record = await decided(house, "hard", model="auto:learned")

        assert record["reasons"][0].startswith("Nothing has been learned from outcomes yet")
        assert "predictions" not in record

    async def test_asks_as_the_trained_router_predicts_and_records_figures_never_text(
        self, house: House, wire: ScriptedAdapter, tmp_path: Path, settings: Any
    ) -> None:
        settings.ROUTER_MODEL = str(tmp_path / "router.npz")
        routing.save_router(tmp_path / "router.npz", predictor(strong="out-plain", weak="in-plain"))
        record = await decided(house, "hard", model="auto:learned", strategy="")

        assert record["predictions"] == pytest.approx({"out-plain": 0.8, "in-plain": 0.4}, abs=1e-3)
        assert 0.0 < record["least_gain"] < 0.4
        assert {entry["model"]: entry["quality"] for entry in record["candidates"]}["out-plain"] == 0.8
        assert "hard" not in str({**record, "reasons": [], "said": []})
        assert routing.learned_from().models == ("out-plain", "in-plain")

    def test_refuses_to_start_with_a_router_that_cannot_be_read(self, tmp_path: Path, settings: Any) -> None:
        settings.ROUTER_MODEL = str(tmp_path / "missing.npz")
        with pytest.raises(UnfitPredictor, match=r"missing\.npz"):
            routing.start()


class TestBudget:
    async def test_knows_how_far_the_money_has_run_down(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        record = await decided(house, "How do tides work?", model="auto:budget")

        assert record["budget_used"] == 0.0

    async def test_hears_with_each_question_what_was_used_meanwhile(self, house: House, wire: ScriptedAdapter) -> None:
        """The first question brings the figure of its reservation's lock; the snapshot is not read again."""
        house.set_budget(1_000_000)
        await house.ask("How do tides work?", model="out-good")
        house.use(0.96)
        events = await house.ask("And in spring?", model="out-good")
        assert events
        await house.ask("And in autumn?", model="auto:budget")

        record = house.newest().decision
        assert record["budget_used"] == pytest.approx(0.96, abs=0.01)
        assert record["candidates"][0]["hosting"] == "self_hosted"
        assert record["reasons"][0].startswith("96 % of the budget is used")

    async def test_is_unlimited_without_one(self, house: House, wire: ScriptedAdapter) -> None:
        assert "budget_used" not in await decided(house, "How do tides work?", model="auto:budget")


class TestSeveral:
    async def test_are_on_record_with_how_many_vote(self, house: House, wire: ScriptedAdapter) -> None:
        record = await decided(house, "How do tides work?", model="auto:vote:2")

        assert record["strategy"] == "vote:2"
        assert record["together"] == 2
        assert record["largest_micro_usd"] > 0

    @pytest.mark.parametrize("name", ["vote:1", "vote:6", "vote:x", "fixed", "nothing"])
    async def test_are_not_asked_by_names_that_do_not_exist(
        self, house: House, wire: ScriptedAdapter, name: str
    ) -> None:
        with pytest.raises(InvalidRequest):
            await house.ask("How do tides work?", model=f"auto:{name}")
