import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.parsers import JSONBody
from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def parse(raw: bytes) -> Any:
    return JSONBody().parse(io.BytesIO(raw))


class TestJSONBody:
    @given(VALUES)
    def test_returns_any_other_value_unchanged(self, value: Any) -> None:
        assert parse(json.dumps(value).encode()) == value

    @given(st.binary(max_size=200))
    def test_answers_any_bytes_with_a_value_or_a_refusal(self, raw: bytes) -> None:
        with suppress(InvalidRequest):
            parse(raw)

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"{",
            b"NaN",
            b"[Infinity]",
            b"1e999",
            b'"\\ud800"',
            b'"\xed\xa0\x80"',
            b"\xff\xfe",
            b"{'a': 1}",
            b"\x00",
        ],
    )
    def test_refuses_what_is_no_strict_json(self, raw: bytes) -> None:
        with pytest.raises(InvalidRequest):
            parse(raw)

    def test_names_the_field_that_holds_a_nul(self) -> None:
        with pytest.raises(InvalidRequest) as refused:
            parse(b'{"messages": [{"text": "a"}, {"text": "b\\u0000"}]}')

        assert list(refused.value.fields) == ["messages[1].text"]

    def test_refuses_a_nul_in_a_name(self) -> None:
        with pytest.raises(InvalidRequest):
            parse(b'{"a\\u0000": 1}')

    def test_accepts_the_published_depth_and_refuses_one_more(self) -> None:
        parse(b"[" * (MAX_JSON_DEPTH - 1) + b"1" + b"]" * (MAX_JSON_DEPTH - 1))

        with pytest.raises(InvalidRequest, match="nested deeper"):
            parse(b"[" * MAX_JSON_DEPTH + b"1" + b"]" * MAX_JSON_DEPTH)

    def test_refuses_a_depth_that_would_exhaust_a_stack(self) -> None:
        with pytest.raises(InvalidRequest):
            parse(b"[" * 100_000 + b"]" * 100_000)

    def test_refuses_a_body_beyond_the_limit_without_reading_it_all(self) -> None:
        stream = io.BytesIO(b'"' + b"a" * (MAX_BODY_BYTES + 100) + b'"')

        with pytest.raises(TooLarge):
            JSONBody().parse(stream)

        assert stream.tell() == MAX_BODY_BYTES + 1
