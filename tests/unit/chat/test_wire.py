import json
from typing import Any

from apps.chat import wire
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest
from apps.domain.ids import MessageId, TurnId, new_id
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
