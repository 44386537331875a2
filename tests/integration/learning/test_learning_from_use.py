"""From what people do in the chat to what is expected of a model: by how much, once, and never with a word of text."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from apps.audit import selectors as audit
from apps.core import bookmarks, clock
from apps.core.models import Bookmark
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId, UserId
from apps.domain.turn import Channel
from apps.operations.learning import reading
from apps.operations.learning.erasure import ERASER
from apps.operations.tasks import learn
from apps.policies import services as policies
from apps.providers.values import Chunk, ProviderUnavailable
from apps.routing import selectors as routing
from apps.routing.engine.cells import DIFFICULTY
from apps.routing.models import ModelProfile, Outcome, ProfileCell, ProfileDay
from apps.turns.models import Turn
from tests.integration.learning.conftest import House, Person
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

BEST = {"model": "auto:best"}
IBAN = "DE89370400440532013000"


class Hesitating(ScriptedAdapter):
    """Never comes to an end after its first words."""

    async def stream(self, *arguments: Any) -> AsyncGenerator[Chunk, None]:
        async for chunk in ScriptedAdapter.stream(self, *arguments):
            yield chunk
            await asyncio.Event().wait()


def exposure(house: House) -> float:
    """How much one whole observation of the question counts, by its complexity."""
    return max(0.5, DIFFICULTY[house_intent(house)["complexity"]])


def house_intent(house: House) -> dict[str, Any]:
    turn = Turn.objects.for_tenant(house.tenant).order_by("opened_at").first()
    assert turn is not None
    found: dict[str, Any] = turn.decision["intent"]
    return found


def sums(erin: Person, model: str = "out-best") -> tuple[float, float, float]:
    cell = erin.cell(model)
    return (cell.short, cell.total, cell.seen)


class TestAThumb:
    async def test_moves_what_is_believed_of_the_model_by_one_observation(
        self, erin: Person, wire: ScriptedAdapter
    ) -> None:
        answer = await erin.ask(**BEST)
        erin.rate(answer, "down")
        erin.learn()

        share = exposure(erin.house)
        assert erin.signals() == [("out-best", "answered", 1.0), ("out-best", "thumb", 0.0)]
        assert sums(erin) == pytest.approx((share, share * (1 + 0.05 * 0.99), 1.05), rel=1e-4)

    async def test_counts_once_however_often_the_task_runs(self, erin: Person, wire: ScriptedAdapter) -> None:
        erin.rate(await erin.ask(**BEST), "down")
        erin.learn()
        before, rows = sums(erin), list(Outcome.objects.for_tenant(erin.house.tenant).values())
        erin.learn()
        Bookmark.objects.for_tenant(erin.house.tenant).delete()  # as if everything were read anew
        erin.learn()

        assert sums(erin) == pytest.approx(before, rel=1e-4)
        assert list(Outcome.objects.for_tenant(erin.house.tenant).values()) == rows

    async def test_that_is_turned_counts_as_if_it_had_been_so_from_the_beginning(
        self, erin: Person, wire: ScriptedAdapter
    ) -> None:
        answer = await erin.ask(**BEST)
        erin.rate(answer, "down")
        erin.learn()
        short, total, seen = sums(erin)
        erin.rate(answer, "up")
        erin.learn()

        assert erin.signals() == [("out-best", "answered", 1.0), ("out-best", "thumb", 1.0)]
        assert short > 0
        assert sums(erin) == pytest.approx((0.0, total, seen), abs=1e-4)

    async def test_given_twenty_times_changes_who_comes_first(self, erin: Person, wire: ScriptedAdapter) -> None:
        for _ in range(20):
            answer = await erin.ask(**BEST)
            assert answer["model"] == "out-best"
            erin.rate(answer, "down")
        erin.learn()
        (changed,) = [await erin.ask(**BEST)]

        assert changed["model"] == "out-good"
        record = Turn.objects.for_tenant(erin.house.tenant).get(id=changed["turn"]).decision["candidates"]
        expected = {entry["model"]: entry["quality"] for entry in record}
        assert expected["out-best"] < expected["out-good"]


class TestWhatPeopleDo:
    async def test_is_counted_for_the_answer_that_it_was_done_with(self, erin: Person, wire: ScriptedAdapter) -> None:
        first = await erin.ask(**BEST)
        second = await erin.again(first, **BEST)
        await erin.again(second, model="out-plain")
        await erin.ask("Write one that sorts words.", conversation=first["conversation"], parent=None, **BEST)
        erin.learn()

        assert sorted(erin.signals()) == [
            ("out-best", "answered", 1.0),
            ("out-best", "answered", 1.0),
            ("out-best", "answered", 1.0),
            ("out-best", "model_changed", 0.0),
            ("out-best", "regenerated", 0.0),
            ("out-plain", "answered", 1.0),
            ("out-plain", "edited", 0.0),
        ]

    @pytest.mark.parametrize(("text", "counts"), [("To sort", True), ("To sort a list, " * 400, False)])
    async def test_counts_a_stop_only_early_in_the_answer(
        self, erin: Person, monkeypatch: pytest.MonkeyPatch, text: str, counts: bool
    ) -> None:
        Hesitating(default=Behaviour((text,))).install(monkeypatch)
        asked = await erin.begin("Write a function that sorts a list.", **BEST)
        await erin.tab.until("delta")
        await erin.tab.send("stop", turn=asked["turn"])
        (end,) = [frame for frame in await erin.tab.until("completed") if frame["type"] == "completed"]
        erin.learn()

        assert end["finish"] == "stopped"
        assert erin.signals() == ([("out-best", "stopped", 0.0)] if counts else [])

    async def test_counts_a_failure_against_the_model_that_failed(self, erin: Person, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((), ProviderUnavailable("It is away.")))
        await erin.ask(**BEST)
        erin.learn()

        assert erin.signals() == [("out-best", "failed", 0.0), ("out-good", "answered", 1.0)]
        profiles = routing.profiles(erin.house.tenant)
        assert (profiles["out-best"].error_rate, profiles["out-good"].error_rate) == (1.0, 0.0)
        assert profiles["out-best"].first_token_ms is None
        assert profiles["out-good"].first_token_ms is not None

    async def test_counts_for_who_wrote_most_of_an_answer_that_broke_off(
        self, erin: Person, wire: ScriptedAdapter
    ) -> None:
        wire.script("out-best", Behaviour(("The moon pulls the water, and so ",), ProviderUnavailable("It broke off.")))
        wire.script("out-good", Behaviour(("does the sun.",)))
        answer = await erin.ask(**BEST)
        erin.rate(answer, "up")
        erin.learn()

        assert erin.signals() == [
            ("out-best", "failed", 0.0),
            ("out-good", "answered", 1.0),
            ("out-best", "thumb", 1.0),
        ]


class TestTheRecordOfTheDecision:
    @pytest.mark.parametrize(("asked", "chance"), [("auto:best", 0.25), ("out-best", None)])
    async def test_tells_the_chance_with_which_a_model_was_drawn(
        self, erin: Person, wire: ScriptedAdapter, asked: str, chance: float | None
    ) -> None:
        answer = await erin.ask(model=asked)
        row = Turn.objects.for_tenant(erin.house.tenant).get(id=answer["turn"])
        row.decision["candidates"][0]["propensity"] = 0.25
        row.save(update_fields=["decision"])
        erin.rate(answer, "down")
        erin.learn()

        stored = Outcome.objects.for_tenant(erin.house.tenant).exclude(signal="speed")
        assert set(stored.values_list("propensity", flat=True)) == {chance}

    async def test_tells_that_the_answer_of_one_of_several_was_shown(self, erin: Person, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((), ProviderUnavailable("It is away.")))
        answer = await erin.ask(**BEST)
        row = Turn.objects.for_tenant(erin.house.tenant).get(id=answer["turn"])
        row.decision["together"] = 2
        row.save(update_fields=["decision"])
        erin.rate(answer, "up")
        erin.learn()

        assert erin.signals()[1:] == [("out-good", "answered", 1.0), ("out-good", "thumb", 1.0)]
        assert routing.profiles(erin.house.tenant)["out-good"].first_token_ms is None

    async def test_that_lacks_what_was_recognised_teaches_nothing(self, erin: Person, wire: ScriptedAdapter) -> None:
        erin.rate(await erin.ask(**BEST), "down")
        Turn.objects.for_tenant(erin.house.tenant).update(decision={})
        erin.learn()

        assert routing.profiles(erin.house.tenant) == {}


class TestWhereNobodyCanComplain:
    @pytest.mark.parametrize("channel", [Channel.API, Channel.LAB, Channel.BACKGROUND])
    async def test_only_speed_and_failures_are_measured(
        self, erin: Person, wire: ScriptedAdapter, channel: Channel
    ) -> None:
        wire.script("out-best", Behaviour((), ProviderUnavailable("It is away.")))
        await erin.house.ask("How do tides work?", channel=channel, **BEST)
        erin.learn()

        assert erin.signals() == []
        profiles = routing.profiles(erin.house.tenant)
        assert {name: (profile.attempts, profile.error_rate, profile.cells) for name, profile in profiles.items()} == {
            "out-best": (pytest.approx(1.0), 1.0, ()),
            "out-good": (pytest.approx(1.0), 0.0, ()),
        }


class TestAPolicyWithoutLearning:
    async def test_leaves_what_people_do_alone_also_afterwards(self, erin: Person, wire: ScriptedAdapter) -> None:
        set_learning(erin, on=False)
        erin.rate(await erin.ask(**BEST), "down")
        erin.learn()
        set_learning(erin, on=True)
        erin.learn()

        assert erin.signals() == []
        profile = routing.profiles(erin.house.tenant)["out-best"]
        assert (profile.attempts, profile.cells) == (pytest.approx(1.0), ())


def set_learning(erin: Person, *, on: bool) -> None:
    policies.put(tenant=erin.house.tenant, document={"learning": on}, actor="system", at=clock.now())


class TestTheTask:
    async def test_that_dies_before_its_commit_has_changed_nothing(
        self, erin: Person, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erin.rate(await erin.ask(**BEST), "down")
        observe = reading.routing.observe

        def dies(tenant: TenantId, observations: Any) -> None:
            observe(tenant, observations)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(reading.routing, "observe", dies)
            with pytest.raises(Killed):
                learn()
        assert not Outcome.objects.for_tenant(erin.house.tenant).exists()
        assert bookmarks.place(tenant=erin.house.tenant, reader=reading.READER) == 0

        erin.learn()
        assert sums(erin)[2] == pytest.approx(1.05)

    async def test_that_was_overtaken_keeps_nothing(
        self, erin: Person, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erin.rate(await erin.ask(**BEST), "down")
        tenant, learnt = erin.house.tenant, reading.learnt

        def overtaken(*arguments: Any, **where: int) -> reading.Lesson:
            lesson = learnt(*arguments, **where)
            with monkeypatch.context() as other:
                other.setattr(reading, "learnt", learnt)
                reading.read(tenant)
            return lesson

        with monkeypatch.context() as patched:
            patched.setattr(reading, "learnt", overtaken)
            with pytest.raises(bookmarks.Overtaken):
                reading.read(tenant)
            assert learn() == 0

        assert sums(erin)[2] == pytest.approx(1.05)

    async def test_comes_to_the_end_in_small_steps(
        self, erin: Person, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            erin.rate(await erin.ask(**BEST), "down")
        monkeypatch.setattr(reading, "BATCH", 1)
        read = [reading.read(erin.house.tenant, batches=2) for _ in range(2)]
        reading.read_all(erin.house.tenant)

        assert read == [2, 2]
        assert bookmarks.place(tenant=erin.house.tenant, reader=reading.READER) == audit.head(erin.house.tenant)[0]
        assert len(erin.signals()) == 6

    async def test_reads_no_more_rows_for_more_turns(
        self, erin: Person, wire: ScriptedAdapter, django_assert_num_queries: Any
    ) -> None:
        first = await erin.ask(**BEST)
        for _ in range(4):
            first = await erin.again(first, **BEST)
            erin.rate(first, "down")
        end, _ = audit.head(erin.house.tenant)
        with django_assert_num_queries(10):
            lesson = reading.learnt(erin.house.tenant, after=0, until=end)

        assert len(lesson.observations) == 5 + 4 + 4


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


class TestPrivateQuestions:
    async def test_teach_features_and_figures_and_no_word(self, erin: Person, wire: ScriptedAdapter) -> None:
        secret = f"Why was {IBAN} of Rosalind Quimby refused?"
        wire.default = Behaviour((f"Because {IBAN} is closed, says Rosalind Quimby.",))
        answer = await erin.ask(secret, **BEST)
        erin.rate(answer, "down", reason=f"{IBAN} is open, Rosalind Quimby says.")
        await erin.again(answer, **BEST)
        erin.learn()

        assert answer["sensitivity"] == "sensitive"
        assert {signal for _, signal, _ in erin.signals()} == {"answered", "thumb", "regenerated"}
        written = json.dumps([row for row in written_rows() if row], default=str).casefold()
        assert len(written) > 500
        for word in (IBAN, "Rosalind", "Quimby", "refused?", "closed", "Because"):
            assert word.casefold() not in written

    async def test_that_were_masked_teach_the_same_way(self, erin: Person, wire: ScriptedAdapter) -> None:
        mask = {"sensitivity": {"action": "mask", "mask_types": ["IBAN_CODE"]}}
        policies.put(tenant=erin.house.tenant, document=mask, actor="system", at=clock.now())
        answer = await erin.ask(f"Why was {IBAN} refused?", **BEST)
        erin.rate(answer, "up")
        erin.learn()

        assert [model for model, *_ in erin.signals()] == ["out-best", "out-best"]
        assert IBAN not in json.dumps(written_rows(), default=str)


def written_rows() -> list[dict[str, Any]]:
    """Every column of everything that learning writes, whoever it belongs to."""
    tables = (Outcome, ModelProfile, ProfileCell, ProfileDay, Bookmark)
    with all_tenants():
        return [row for table in tables for row in table.objects.values()]


class TestErasure:
    async def test_cuts_the_link_and_keeps_the_figures(self, erin: Person, wire: ScriptedAdapter) -> None:
        tenant, user = erin.house.tenant, UserId(erin.user.pk)
        for _ in range(3):
            erin.rate(await erin.ask(**BEST), "down")
        erin.learn()
        await erin.ask(model="out-best")  # not read yet
        removed = ERASER.erase_user(tenant, user)

        turns = set(Turn.objects.for_tenant(tenant).values_list("id", flat=True))
        left = Outcome.objects.for_tenant(tenant)
        assert removed == left.count() == 3 * 3 + 2
        assert not turns & set(left.values_list("turn_id", flat=True))
        assert left.values("turn_id").distinct().count() == 4
        erin.learn()
        assert ERASER.erase_user(tenant, user) == 0
        assert sums(erin)[2] == pytest.approx(3 * 1.05 + 0.05)
