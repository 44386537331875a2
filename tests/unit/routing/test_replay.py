"""Asking another strategy about decisions on record: the same one changes nothing, another one what it must."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.domain.catalogue import Candidate
from apps.domain.privacy import Inspection, Sensitivity
from apps.routing.engine.decide import decide
from apps.routing.engine.replay import replay
from apps.turns import recorded
from tests.support.turn_values import candidate
from tests.unit.routing.test_decide import ALL, CODER, LARGE, intent, routing

CHEAP = candidate("cheap", output="0.4", strengths=(("coding", 0.7),))


def record(candidates: tuple[Candidate, ...] = ALL, **changes: Any) -> dict[str, Any]:
    """What a turn stores of one decision."""
    request = routing(**changes)
    inspection = Inspection(Sensitivity.CLEAN, ())
    return recorded.asked(request, inspection, None) | recorded.decided(decide(request, candidates))


class TestReplay:
    @given(st.sampled_from(("balanced", "best", "cheapest")), st.floats(0, 1))
    def test_the_same_strategy_changes_nothing(self, strategy: str, dial: float) -> None:
        records = [record(strategy=strategy, dial=dial, intent=intent(task)) for task in ("coding", "creative_writing")]
        found = replay(records, strategy=strategy, dial=dial)

        assert (found.decisions, found.changed, found.before, found.after) == (2, 0, found.after, found.before)

    def test_tells_what_a_turned_dial_would_have_cost_and_brought(self) -> None:
        records = [record((CHEAP, LARGE), dial=0.0)] * 3
        found = replay(records, strategy="balanced", dial=1.0)

        assert (found.decisions, found.changed) == (3, 3)
        assert (found.before.models, found.after.models) == ({"cheap": 3}, {"large": 3})
        assert found.after.cost_micro_usd > found.before.cost_micro_usd
        assert found.after.quality > found.before.quality

    def test_a_model_that_a_person_named_is_counted_apart(self) -> None:
        records = [record(model="large"), record()]
        found = replay(records, strategy="fixed:coder", dial=0.5)

        assert (found.by_hand, found.decisions) == (1, 1)
        assert found.after.models == {CODER.model: 1}

    def test_leaves_out_refusals(self) -> None:
        refused = {"intent": None, "refused": {"code": "no_permitted_model"}}

        assert replay([refused, {}], strategy="best", dial=0.5).decisions == 0
