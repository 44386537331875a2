"""Who answered last in a session: kept per person and session, bounded, forgotten without harm."""

from apps.domain.ids import UserId
from apps.domain.turn import Principal
from apps.turns.affinity import Affinity
from tests.support.turn_values import ACME, request


class TestAffinity:
    def test_remembers_per_person_and_session(self) -> None:
        affinity = Affinity()
        affinity.answered(request(session="a"), "small")

        assert affinity.get(request(session="a")) == "small"
        assert affinity.get(request(session="b")) is None
        assert affinity.get(request(session="a", principal=Principal(ACME, UserId(6)))) is None

    def test_requests_without_a_session_share_nothing(self) -> None:
        affinity = Affinity()
        affinity.answered(request(), "small")

        assert affinity.get(request()) is None

    def test_forgets_the_least_recently_used(self) -> None:
        affinity = Affinity(limit=2)
        for session in "aba":
            affinity.answered(request(session=session), session)
        affinity.answered(request(session="c"), "c")

        assert [affinity.get(request(session=session)) for session in "abc"] == ["a", None, "c"]
