import asyncio
from typing import Any

import orjson
import pytest

from apps.domain.errors import InvalidRequest
from apps.domain.limits import MAX_JSON_DEPTH, MAX_MESSAGES
from apps.gateway import jsonbody


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


class TestABody:
    def test_may_be_as_deep_as_the_limit_beside_any_number_of_others(self) -> None:
        raw = b'{"wide":[' + b",".join([b"{}"] * 500) + b'],"deep":' + nested(MAX_JSON_DEPTH - 1) + b"}"

        assert len(jsonbody.loads(raw)["wide"]) == 500

    @pytest.mark.parametrize("around", [b"%s", b'[{"b":[]},%s]', b'{"x":[1],"y":%s}'])
    def test_that_is_deeper_is_refused(self, around: bytes) -> None:
        with pytest.raises(InvalidRequest, match="nested deeper than 64"):
            jsonbody.loads(around % nested(MAX_JSON_DEPTH + 1))

    @pytest.mark.parametrize("others", [0, 200])
    def test_with_a_character_that_no_text_may_hold_is_refused_by_its_field(self, others: int) -> None:
        raw = b'{"others":[' + b",".join([b"[]"] * others) + b'],"messages":[{"content":"a\\u0000b"}]}'

        with pytest.raises(InvalidRequest) as refused:
            jsonbody.loads(raw)

        assert list(refused.value.fields) == ["messages[0].content"]

    def test_of_text_with_brackets_is_not_taken_for_deep(self) -> None:
        assert jsonbody.loads(b'"' + b"[{" * 5_000 + b'"') == "[{" * 5_000


class TestLargeBodies:
    async def test_are_parsed_one_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        running, most = 0, 0

        async def in_cpu(function: Any, raw: bytes) -> Any:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            return function(raw)

        monkeypatch.setattr(jsonbody, "in_cpu", in_cpu)
        large = b'"' + b"x" * jsonbody.LARGE + b'"'

        parsed = await asyncio.gather(*(jsonbody.parse(large) for _ in range(4)))

        assert (most, len(parsed)) == (1, 4)

    @pytest.mark.parametrize(
        ("raw", "what"),
        [
            (b'{"messages":[' + b",".join([b'{"role":"user","content":"x"}'] * 150_000) + b"]}", "fields"),
            (b'{"x":[' + b",".join([b"0"] * (jsonbody.MAX_COMMAS + 2)) + b"]}", "values"),
        ],
    )
    def test_of_very_many_values_are_refused_before_these_are_made(
        self, raw: bytes, what: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jsonbody.orjson, "loads", lambda _: pytest.fail("was parsed"))

        with pytest.raises(InvalidRequest, match=f"must not hold more than .* {what}"):
            jsonbody.loads(raw)

    def test_of_text_may_quote_and_count_as_they_like(self) -> None:
        quoted = orjson.dumps({"content": '{"a": 1, "b": 2}, ' * 100_000})

        assert len(jsonbody.loads(quoted)["content"]) == 1_800_000

    def test_may_hold_the_longest_conversation(self) -> None:
        parts = [{"type": "text", "text": "x" * 50}] * 5
        raw = orjson.dumps({"messages": [{"role": "user", "content": parts}] * MAX_MESSAGES})

        assert len(raw) > jsonbody.LARGE
        assert len(jsonbody.loads(raw)["messages"]) == MAX_MESSAGES
