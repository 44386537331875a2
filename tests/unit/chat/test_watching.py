from datetime import UTC, datetime, timedelta
from uuid import uuid4

from apps.chat.watching import Announced

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class TestWhatWasAnnounced:
    def test_is_news_once_per_change(self) -> None:
        announced, conversation = Announced(), uuid4()

        told = [announced.is_news(conversation, at) for at in (NOON, NOON, NOON + timedelta(seconds=1))]
        assert told == [True, False, True]

    def test_tells_drafts_of_different_people_apart(self) -> None:
        announced, place = Announced(), uuid4()

        assert [announced.is_news((owner, place), NOON) for owner in (1, 2, 1)] == [True, True, False]

    def test_is_forgotten_when_no_look_can_find_it_any_more(self) -> None:
        announced, old, new = Announced(), uuid4(), uuid4()
        announced.is_news(old, NOON)
        announced.is_news(new, NOON + timedelta(seconds=5))
        announced.forget(NOON + timedelta(seconds=5))

        assert not announced.is_news(new, NOON + timedelta(seconds=5))
        assert announced.is_news(old, NOON)
