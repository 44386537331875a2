"""Twenty thumbs down in one company change who answers there next, and nowhere else; as the snapshot loads it."""

from dataclasses import replace

import pytest

from apps.domain.ids import TenantId
from apps.domain.intent import Intent
from apps.routing import services as routing
from apps.turns import context
from tests.support.factories.providers import ModelFactory
from tests.support.factories.tenants import TenantFactory
from tests.support.observations import attempt, thumb
from tests.unit.routing.test_decide import intent, order
from tests.unit.routing.test_decide import routing as request

pytestmark = pytest.mark.django_db

CODE = intent("coding", domain="computing")


@pytest.fixture(autouse=True)
def _two_models() -> None:
    for name, coding in (("strong", 0.9), ("other", 0.8)):
        ModelFactory(name=name, strengths={"coding": coding, "writing": coding}, context_tokens=100_000)


def first(tenant: TenantId, asked: Intent, strategy: str) -> str:
    candidates = context.load(tenant).candidates
    return order(routing.decide(request(strategy, intent=asked), candidates))[0]


@pytest.mark.parametrize("strategy", ["balanced", "best"])
class TestTwentyThumbsDown:
    def test_change_who_answers_questions_of_that_kind(self, strategy: str) -> None:
        acme, globex = (TenantId(TenantFactory().pk) for _ in range(2))
        assert first(acme, CODE, strategy) == "strong"

        routing.observe(acme, [thumb(0.0, "strong") for _ in range(20)])

        assert first(acme, CODE, strategy) == "other"
        assert first(globex, CODE, strategy) == "strong"

    def test_that_turn_up_again_give_the_place_back(self, strategy: str) -> None:
        acme = TenantId(TenantFactory().pk)
        downs = [thumb(0.0, "strong") for _ in range(20)]
        routing.observe(acme, downs)
        routing.observe(acme, [replace(down, value=1.0) for down in downs])

        assert first(acme, CODE, strategy) == "strong"


class TestALatency:
    def test_that_was_measured_counts_in_the_balance(self) -> None:
        acme = TenantId(TenantFactory().pk)
        routing.note_speeds(acme, [attempt("strong", first_token_ms=60_000.0) for _ in range(5)])
        waits = {each.model: each.profile.first_token_ms for each in context.load(acme).candidates}

        assert waits["strong"] == pytest.approx(60_000, rel=0.05)
        assert waits["other"] is None
