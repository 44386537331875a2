"""What a check foresees on the real path: what was found, and which change of the text would bring which model."""

import json
import time
from dataclasses import replace
from statistics import median
from typing import Any

import pytest

from apps.budgets import services as budgets
from apps.chat import foresight, wire
from apps.chat.foresight import CLEARLY, MOST, Foreseen, compared, kinds_to_try
from apps.core import clock
from apps.domain.decision import Ranked
from apps.domain.limits import RateLimits
from apps.domain.messages import PromptMessage, Role
from apps.domain.privacy import Finding
from apps.domain.turn import Channel
from apps.policies import services as policies
from apps.privacy import cache
from apps.tenants import services as tenants
from apps.turns import services as turns
from tests.integration.turns.conftest import House
from tests.support.factories.tenants import MembershipFactory, UserFactory
from tests.support.patience import BUSY
from tests.support.turn_values import candidate, ranked

pytestmark = pytest.mark.django_db

IBAN, CARD, MAIL = "DE89370400440532013000", "4111 1111 1111 1111", "bob@example.com"


async def foreseen(house: House, text: str, *before: PromptMessage, **changes: object) -> Foreseen:
    request = house.request(*before, text, **({"channel": Channel.CHAT, "model": "auto:best"} | changes))
    return await foresight.foresee(await turns.check(request), text)


async def frame_of(house: House, text: str, **changes: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(wire.checked("mine", await foreseen(house, text, **changes)))
    return found


class TestAChange:
    async def test_says_who_would_answer_without_what_was_found(self, house: House) -> None:
        text = f"Which bank is {IBAN} with?"
        frame = await frame_of(house, text)

        assert frame["route"] == {"model": "in-good", "hosting": "self_hosted"}
        (change,) = frame["changes"]
        at = text.index(IBAN)
        assert change.pop("estimate_microusd") > 0
        assert change.pop("quality") > 0.7
        assert change.pop("task")
        assert change.pop("domain")
        assert change == {
            "remove": ["IBAN_CODE"],
            "spans": [
                {"type": "IBAN_CODE", "start": at, "end": at + len(IBAN), "placeholder": "<IBAN_CODE>"}
            ],
            "route": {"model": "out-best", "hosting": "commercial"},
            "better": 1,
        }  # fmt: skip
        assert frame["without"] == {"model": "out-best", "hosting": "commercial"}

    async def test_is_what_the_text_with_its_placeholders_really_brings(self, house: House) -> None:
        text = f"Which bank is {IBAN} with, and whose is {MAIL}?"
        (change,) = (await foreseen(house, text)).changes
        for span in sorted(change.spans, key=lambda span: -span.start):
            text = text[: span.start] + span.text + text[span.end :]
        again = await foreseen(house, text)

        assert change.remove == ("IBAN_CODE", "EMAIL_ADDRESS")  # one of them alone would change nothing
        assert again.found.choice.ranked[0].candidate == change.chosen.candidate
        assert again.found.inspection.newest.findings == ()

    async def test_names_one_kind_alone_where_that_is_enough(self, house: House) -> None:
        """Under a rule that looks at nothing but the label it is all or nothing; with two labels' worth of kinds, of
        which one is not private here, one is enough."""
        document = {"sensitivity": {"force_self_hosted": ["IBAN_CODE"]}}
        policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
        changes = (await foreseen(house, f"Which bank is {IBAN} with, and whose is {MAIL}?")).changes

        assert [change.remove for change in changes] == [("IBAN_CODE",)]

    async def test_is_none_where_nothing_was_found(self, house: House) -> None:
        found = await foreseen(house, "How do tides work?")

        assert (found.changes, found.without) == ((), None)

    async def test_is_none_where_the_conversation_is_private_anyway(self, house: House) -> None:
        earlier = (PromptMessage(Role.USER, f"It is {CARD}."), PromptMessage(Role.ASSISTANT, "Yes."))

        assert (await foreseen(house, f"Which bank is {IBAN} with?", *earlier)).changes == ()

    async def test_is_none_for_a_mark_that_a_placeholder_would_only_repeat(self, house: House) -> None:
        assert (await foreseen(house, "CONFIDENTIAL: how do tides work?")).changes == ()

    async def test_is_better_than_no_answer(self, house: House) -> None:
        tenants.update_team(
            tenant=house.tenant, team=house.team, name="Research", models=["out-plain"],
            limits=RateLimits(), actor="system", at=clock.now(),
        )  # fmt: skip
        frame = await frame_of(house, f"Which bank is {IBAN} with?")

        assert (frame["route"], frame["estimate_microusd"], frame["budget"]) == (None, None, None)
        assert [(change["route"]["model"], change["better"]) for change in frame["changes"]] == [("out-plain", 1)]

    async def test_costs_at_most_so_many_decisions(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        decided: list[str] = []

        async def counted(found: turns.Check, text: str) -> turns.Check:
            decided.append(text)
            return await real(found, text)

        real = turns.check_instead
        monkeypatch.setattr(turns, "check_instead", counted)
        kinds = f"{IBAN}, {CARD}, {MAIL}, call +49 170 1234567, Herr Max Müller, password: hunter2xyz!9"
        found = await foreseen(house, f"Who is that: {kinds}?")

        assert len({finding.type for finding in found.found.inspection.newest.findings}) >= 5
        assert len(decided) == MOST + 1  # with `without`
        assert len(found.changes) <= MOST

    async def test_takes_milliseconds(self, house: House) -> None:
        """A page asks while somebody types. The figure goes to the log; the bound is for slow machines."""
        house.set_budget(1_000_000)
        took = []
        for number in range(30):
            cache.VERDICTS.clear()
            began = time.perf_counter()
            await foreseen(house, f"Which bank is {IBAN} with, and what does it charge for {number} transfers?")
            took.append((time.perf_counter() - began) * 1000)

        print(f"a check with one finding: {median(took):.1f} ms at the median, {max(took):.1f} ms at most")
        assert median(took) < BUSY * 100


class TestKindsToTry:
    def of(self, *types: str, is_long: bool = False) -> list[tuple[str, ...]]:
        findings = [Finding(type_, place, place + 1, 1.0) for place, type_ in enumerate(types)]
        return kinds_to_try(findings[::-1], is_long=is_long)

    def test_are_each_by_itself_and_then_all(self) -> None:
        assert self.of() == []
        assert self.of("A", "A") == [("A",)]
        assert self.of("B", "A", "B") == [("B",), ("A",), ("B", "A")]
        assert self.of("A", "B", "C", "D", "E") == [("A",), ("B",), ("C",), ("A", "B", "C", "D", "E")]

    def test_are_only_all_of_them_in_a_long_text(self) -> None:
        assert self.of("A", "B", is_long=True) == [("A", "B")]


class TestBetter:
    def entry(self, model: str, quality: float) -> Ranked:
        return replace(ranked(candidate(model)), expected_quality=quality)

    @pytest.mark.parametrize(
        ("quality", "better"), [(0.5 + 2 * CLEARLY, 1), (0.5 + CLEARLY / 2, 0), (0.5, 0), (0.5 - 2 * CLEARLY, -1)]
    )
    def test_is_a_clear_difference(self, quality: float, better: int) -> None:
        assert compared(self.entry("now", 0.5), self.entry("then", quality), ()) == better

    def test_measures_both_by_the_task_of_the_changed_text(self) -> None:
        """The present model may be worth less for the text as it would be."""
        then = self.entry("then", 0.6)

        assert compared(self.entry("now", 0.6), then, (then, self.entry("now", 0.2))) == 1


class TestTheBudget:
    async def test_is_the_one_that_would_be_reached_first(self, house: House) -> None:
        for _ in range(4):
            MembershipFactory(user=UserFactory(tenant_id=house.tenant), team_id=house.team)
        house.set_budget(900)
        budgets.upsert_budget(
            tenant=house.tenant, team=None, period="total", limit=700, models=None, actor="system", at=clock.now()
        )
        budgets.upsert_budget(
            tenant=house.tenant, team=house.team, period="day", limit=1, models=["out-plain"],
            actor="system", at=clock.now(),
        )  # fmt: skip
        frame = await frame_of(house, "How do tides work?")

        assert frame["route"]["model"] == "out-best"
        assert frame["budget"] == {
            "left_microusd": 700, "limit_microusd": 700, "period": "total", "ends_at": None, "state": "open",
        }  # fmt: skip

    async def test_of_few_people_tells_its_state_and_no_sum(self, house: House) -> None:
        house.set_budget(900)
        budget = (await frame_of(house, "How do tides work?"))["budget"]

        assert (budget["left_microusd"], budget["limit_microusd"], budget["state"]) == (None, 900, "open")
        assert budget["ends_at"] > clock.now().isoformat()

    async def test_is_none_where_nothing_is_limited(self, house: House) -> None:
        assert (await frame_of(house, "How do tides work?"))["budget"] is None
