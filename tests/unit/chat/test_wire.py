import json
from datetime import UTC, datetime
from typing import Any

from apps.chat import wire
from apps.chat.values import ConversationRecord, DraftRecord
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest
from apps.domain.ids import ConversationId, MessageId, TurnId, UserId, new_id
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity
from apps.domain.sentences import say
from apps.domain.turn import Completed, Failed, Finish, Routed, Switched

TURN, ANSWER = TurnId(new_id()), MessageId(new_id())
INSIDE, SENSITIVE = Hosting.SELF_HOSTED, Sensitivity.SENSITIVE


def fields(frame: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(frame)
    return found


class TestASwitch:
    def test_says_where_the_new_model_runs(self) -> None:
        frame = fields(wire.switched(Switched(TURN, "a", "b", INSIDE, "It went away.", 0, SENSITIVE), 3))

        assert (frame["to"], frame["hosting"]) == ("b", "self_hosted")
        assert "said" not in frame


class TestTheLastFrame:
    def test_of_an_answer_has_the_final_label_and_hosting(self) -> None:
        end = Completed(TURN, Finish.STOP, Usage(1, 1), 0, "b", 2, INSIDE, SENSITIVE)

        frame = fields(wire.completed(end, 9, ANSWER))

        assert (frame["model"], frame["hosting"], frame["sensitivity"]) == ("b", "self_hosted", "sensitive")

    def test_of_a_refusal_has_the_label_and_no_hosting(self) -> None:
        frame = fields(wire.failed(Failed(TURN, "x", "No.", 403, False, 0, 0, sensitivity=SENSITIVE), 1, ANSWER))

        assert (frame["hosting"], frame["sensitivity"]) == (None, "sensitive")


class TestASentence:
    def test_is_told_to_machines_beside_its_text(self) -> None:
        why = say("too_dear", "{model} is too dear.", model="b")

        failed = fields(wire.failed(Failed(TURN, "x", why, 402, False, 0, 0), 1, ANSWER))
        error = fields(wire.error(InvalidRequest(why), "id"))
        routed = fields(wire.routed(Routed(TURN, "b", INSIDE, "best", SENSITIVE, (), (why, "A plain one."))))

        told = {"code": "too_dear", "params": {"model": "b"}}
        assert (failed["detail"], failed["said"]) == ("b is too dear.", told)
        assert (error["said"], error["id"]) == (told, "id")
        assert (routed["reasons"], routed["said"]) == (["b is too dear.", "A plain one."], [told, None])


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def conversation(**changes: Any) -> ConversationRecord:
    values: dict[str, Any] = {
        "id": ConversationId(new_id()), "owner": UserId(5), "team": None, "title": "About Erin",
        "title_source": "words",
        "label": SENSITIVE, "leaf": None, "version": 3, "pinned": False, "archived": False, "created_at": NOON,
        "active_at": NOON, "updated_at": NOON, "deleted_at": None,
    }  # fmt: skip
    return ConversationRecord(**(values | changes))


class TestAConversation:
    def test_carries_its_label_to_whoever_reads_it_and_says_whose_it_is(self) -> None:
        frame = fields(wire.conversation(conversation(), is_own=False, shared=True))

        assert (frame["sensitivity"], frame["owner"], frame["is_own"], frame["shared"]) == ("sensitive", 5, False, True)

    def test_that_was_deleted_leaves_guests_nothing_but_its_id(self) -> None:
        gone = conversation(deleted_at=NOON)

        assert fields(wire.conversation(gone))["title"] == "About Erin"
        guest = wire.conversation(gone, is_own=False, shared=True)
        assert guest == wire.withdrawn(gone.id)
        assert "Erin" not in guest
        assert fields(guest).keys() == fields(wire.conversation(gone)).keys()


class TestADraft:
    def test_names_its_place_and_time(self) -> None:
        assert fields(wire.draft(DraftRecord(UserId(5), None, "Dear all,", NOON))) == {
            "type": "draft", "conversation": None, "text": "Dear all,", "updated_at": "2026-11-25T12:00:00+00:00",
        }  # fmt: skip
