"""What was shown reaches the journal within a quarter of a second, all answers in one operation."""

import asyncio

import pytest
from structlog.testing import capture_logs

from apps.domain.errors import Overloaded
from apps.domain.ids import TenantId, TurnId, new_id
from apps.turns import journal as module
from apps.turns.journal import Journal
from apps.turns.operations import AppendTexts, TextPiece


class Answer:
    """An answer that grows; it gives its new text away once."""

    def __init__(self) -> None:
        self.turn, self.text, self.given = TurnId(new_id()), "", 0

    def unwritten(self) -> TextPiece | None:
        at, self.given = self.given, len(self.text)
        return TextPiece(self.turn, TenantId(1), at, 1, self.text[at:]) if at < self.given else None


class Store:
    """Keeps operations; refuses them while it is away."""

    def __init__(self) -> None:
        self.operations: list[AppendTexts] = []
        self.is_away = False

    async def submit(self, operation: AppendTexts) -> None:
        if self.is_away:
            raise Overloaded
        self.operations.append(operation)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def journal(store: Store, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setattr(module, "JOURNAL_S", 0.01)
    return Journal(store.submit)


def say(journal: Journal, answer: Answer, text: str) -> None:
    answer.text += text
    journal.note(answer)


class TestTheJournal:
    async def test_writes_the_new_text_of_all_answers_in_one_operation(self, journal: Journal, store: Store) -> None:
        one, other = Answer(), Answer()
        for text in ("a", "b"):
            say(journal, one, text)
            say(journal, other, text)
        await asyncio.sleep(0.03)

        assert [[(p.turn, p.at, p.text) for p in op.pieces] for op in store.operations] == [
            [(one.turn, 0, "ab"), (other.turn, 0, "ab")]
        ]

    async def test_goes_on_with_what_came_since(self, journal: Journal, store: Store) -> None:
        answer = Answer()
        for text in ("first ", "second"):
            say(journal, answer, text)
            await asyncio.sleep(0.03)

        assert [(op.pieces[0].at, op.pieces[0].text) for op in store.operations] == [(0, "first "), (6, "second")]

    async def test_leaves_an_answer_that_has_ended_to_its_close(self, journal: Journal, store: Store) -> None:
        answer = Answer()
        say(journal, answer, "all of it")
        journal.forget(answer)
        await asyncio.sleep(0.03)

        assert store.operations == []

    async def test_repeats_what_could_not_be_written(self, journal: Journal, store: Store) -> None:
        answer = Answer()
        store.is_away = True
        with capture_logs() as logs:
            say(journal, answer, "kept ")
            await asyncio.sleep(0.015)
        store.is_away = False
        say(journal, answer, "and more")
        await asyncio.sleep(0.03)

        assert {entry["event"] for entry in logs} == {"turn.journal_failed"}
        assert [(p.at, p.text) for op in store.operations for p in op.pieces] == [(0, "kept "), (5, "and more")]

    async def test_repeats_it_also_when_no_further_text_comes(self, journal: Journal, store: Store) -> None:
        answer = Answer()
        store.is_away = True
        with capture_logs():
            say(journal, answer, "the last words")
            await asyncio.sleep(0.015)
        store.is_away = False
        await asyncio.sleep(0.03)

        assert [op.pieces[0].text for op in store.operations] == ["the last words"]

    async def test_does_not_repeat_what_a_close_holds(self, journal: Journal, store: Store) -> None:
        answer = Answer()
        store.is_away = True
        with capture_logs():
            say(journal, answer, "all of it")
            await asyncio.sleep(0.015)
        journal.forget(answer)
        store.is_away = False
        await asyncio.sleep(0.03)

        assert store.operations == []
