"""A flood of refusals is one audit entry a minute, and no refusal goes uncounted."""

from apps.turns.operations import NoteRefusals
from apps.turns.refusals import Refusals
from tests.support.turn_values import ACME


class Trail:
    def __init__(self) -> None:
        self.entries: list[NoteRefusals] = []
        self.now = 0.0

    async def submit(self, entry: NoteRefusals) -> None:
        self.entries.append(entry)

    def refusals(self) -> Refusals:
        return Refusals(self.submit, lambda: self.now)


class TestNote:
    async def test_the_first_of_a_minute_is_on_record_at_once_and_the_rest_is_counted(self) -> None:
        trail = Trail()
        refusals = trail.refusals()
        for _ in range(45_000):
            await refusals.note(tenant=ACME, actor="user:5", code="rate_limited")
        assert [entry.count for entry in trail.entries] == [1]

        trail.now = 61.0
        await refusals.flush()
        assert [entry.count for entry in trail.entries] == [1, 44_999]

    async def test_people_and_codes_are_told_apart(self) -> None:
        trail = Trail()
        refusals = trail.refusals()
        for actor, code in (("user:5", "rate_limited"), ("user:6", "rate_limited"), ("user:5", "model_not_found")):
            await refusals.note(tenant=ACME, actor=actor, code=code)

        assert len(trail.entries) == 3

    async def test_the_next_minute_carries_what_the_last_one_still_owed(self) -> None:
        trail = Trail()
        refusals = trail.refusals()
        for _ in range(3):
            await refusals.note(tenant=ACME, actor="user:5", code="rate_limited")
        trail.now = 75.0
        await refusals.note(tenant=ACME, actor="user:5", code="rate_limited")

        assert sum(entry.count for entry in trail.entries) == 4

    async def test_the_end_of_the_process_writes_everything(self) -> None:
        trail = Trail()
        refusals = trail.refusals()
        for _ in range(3):
            await refusals.note(tenant=ACME, actor="user:5", code="rate_limited")
        await refusals.flush(everything=True)

        assert sum(entry.count for entry in trail.entries) == 3
