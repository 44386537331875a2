"""What a client sends is typed or refused with the name of the field; nothing it can write breaks the parser."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chat import frames
from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_TEXT_BYTES

ID = "0199aaaa-0000-7000-8000-000000000001"
OTHER = "0199bbbb-0000-7000-8000-000000000002"


def parsed(**fields: Any) -> frames.Frame:
    return frames.parse(frames.decode(orjson.dumps(fields).decode()))


def ask(**fields: Any) -> frames.Ask:
    frame = parsed(**({"type": "ask", "id": ID, "text": "Hello"} | fields))
    assert isinstance(frame, frames.Ask)
    return frame


class TestAsk:
    def test_without_a_parent_follows_the_newest_leaf(self) -> None:
        frame = ask(conversation=OTHER)

        assert (frame.follows, frame.parent, frame.model) == (True, None, "auto")

    def test_with_a_parent_of_null_is_a_new_root(self) -> None:
        frame = ask(conversation=OTHER, parent=None)

        assert (frame.follows, frame.parent) == (False, None)

    def test_names_its_parent(self) -> None:
        assert ask(conversation=OTHER, parent=ID).parent == UUID(ID)

    def test_keeps_text_of_any_script_unchanged(self) -> None:
        text = "  Grüße 👩‍👩‍👧 e\u0301 \u202e‮ 漢字 \u2028\n"

        assert ask(text=text).text == text

    def test_is_recognised_again_whatever_the_case_of_its_id(self) -> None:
        assert ask(id=ID.upper()).client_id == ask().client_id

    def test_never_shows_its_text_in_a_log_line(self) -> None:
        assert "secret words" not in repr(ask(text="secret words"))

    def test_above_the_limit_is_too_large(self) -> None:
        with pytest.raises(TooLarge):
            ask(text="ä" * (MAX_TEXT_BYTES // 2 + 1))


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("type", {}),
    ("type", {"type": 7}),
    ("type", {"type": "shout"}),
    ("type", {"type": ["ask"]}),
    ("id", {"type": "ask", "text": "a"}),
    ("id", {"type": "ask", "id": "1", "text": "a"}),
    ("id", {"type": "ask", "id": f"{{{ID}}}", "text": "a"}),
    ("id", {"type": "ask", "id": None, "text": "a"}),
    ("text", {"type": "ask", "id": ID}),
    ("text", {"type": "ask", "id": ID, "text": " \n\t"}),
    ("text", {"type": "ask", "id": ID, "text": 5}),
    ("text", {"type": "ask", "id": ID, "text": "a\0b"}),
    ("conversation", {"type": "ask", "id": ID, "text": "a", "conversation": 1}),
    ("parent", {"type": "ask", "id": ID, "text": "a", "conversation": OTHER, "parent": "x"}),
    ("parent", {"type": "ask", "id": ID, "text": "a", "parent": OTHER}),
    ("team", {"type": "ask", "id": ID, "text": "a", "team": ["x"]}),
    ("model", {"type": "ask", "id": ID, "text": "a", "model": ""}),
    ("model", {"type": "ask", "id": ID, "text": "a", "model": "m" * 129}),
    ("attachments", {"type": "ask", "id": ID, "text": "a", "attachments": "x"}),
    ("attachments", {"type": "ask", "id": ID, "text": "a", "attachments": [ID] * 21}),
    ("attachments.1", {"type": "ask", "id": ID, "text": "a", "attachments": [ID, 2]}),
    ("role", {"type": "ask", "id": ID, "text": "a", "role": "system"}),
    ("sensitivity", {"type": "ask", "id": ID, "text": "a", "sensitivity": "clean"}),
    ("turn", {"type": "stop"}),
    ("message", {"type": "regenerate", "id": ID}),
    ("conversation", {"type": "subscribe", "conversation": None}),
    ("at", {"type": "resume", "turn": ID, "at": -1, "seq": 0}),
    ("at", {"type": "resume", "turn": ID, "at": 1.5, "seq": 0}),
    ("at", {"type": "resume", "turn": ID, "at": True, "seq": 0}),
    ("seq", {"type": "resume", "turn": ID, "at": 0, "seq": 2**40}),
    ("text", {"type": "ping", "text": "a"}),
]


class TestWrongFrames:
    @pytest.mark.parametrize(("field", "fields"), WRONG)
    def test_name_the_field(self, field: str, fields: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            parsed(**fields)

        assert list(refusal.value.fields) == [field]
        assert f"`{field}`" in refusal.value.detail

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "hello",
            "[]",
            '"ask"',
            '{"type": "ping", "n": NaN}',
            '{"type": "ping", "n": 1e999}',
            '{"type": "ask", "text": "\\ud800"}',
            '{"type": "ask", "text": "\ud800"}',
            "[" * 500_000,
            '{"a":' * 50_000 + "1" + "}" * 50_000,
        ],
    )
    def test_that_are_no_json_object_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidRequest):
            frames.decode(text)

    def test_say_a_strange_field_without_repeating_what_could_hurt_a_terminal(self) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            parsed(type="ping", **{"\x1b[2J\u202e" * 500: 1})

        assert refusal.value.detail.isascii()
        assert len(refusal.value.detail) < 2_000

    @given(st.text())
    def test_raise_nothing_but_expected_errors(self, text: str) -> None:
        with suppress(InvalidRequest):
            assert isinstance(frames.parse(frames.decode(text)), frames.Frame)

    @given(
        st.dictionaries(
            st.sampled_from(
                ["type", "id", "text", "conversation", "parent", "turn", "at", "seq", "attachments", "model"]
            ),
            st.recursive(
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats()
                | st.text()
                | st.sampled_from(["ask", "resume", ID]),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                max_leaves=5,
            ),
        )
    )
    def test_of_any_shape_are_typed_or_refused(self, fields: dict[str, Any]) -> None:
        with suppress(InvalidRequest):
            assert isinstance(frames.parse(fields), frames.Frame)


class TestClientId:
    def test_is_found_in_a_frame_that_is_wrong_otherwise(self) -> None:
        assert frames.client_id({"type": "shout", "id": ID}) == ID

    @pytest.mark.parametrize("value", [None, 5, "", "not-a-uuid", ["x"]])
    def test_is_nothing_but_a_uuid(self, value: object) -> None:
        assert frames.client_id({"id": value}) is None
