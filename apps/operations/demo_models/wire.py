"""OpenAI's forms: chunks, whole answers, usage, errors."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from apps.operations.demo_models.question import text_of
from apps.operations.demo_models.tools import Call

Json = dict[str, Any]
_TOKEN: Final = re.compile(r"\s*\w{1,6}|\s*[^\w\s]|\s+")
PER_MESSAGE: Final = 4


def tokens_of(text: str) -> list[str]:
    """A text in pieces of at most six letters, as a tokeniser might cut it; joined they are the text again."""
    return _TOKEN.findall(text)


def input_tokens(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> int:
    """What the input is counted as; never more than its bytes."""
    texts = [text_of(message) for message in messages] + [str(tool) for tool in tools]
    return sum(len(tokens_of(text)) for text in texts) + PER_MESSAGE * len(messages)


def usage(given: int, made: int) -> Json:
    return {
        "prompt_tokens": given,
        "completion_tokens": made,
        "total_tokens": given + made,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def call_pieces(call: Call, identity: str) -> list[Json]:
    """A tool call as it streams: its name first, then its arguments in pieces."""
    head = {"index": 0, "id": identity, "type": "function", "function": {"name": call.name, "arguments": ""}}
    size = 12
    pieces = [call.arguments[start : start + size] for start in range(0, len(call.arguments), size)]
    return [head, *({"index": 0, "function": {"arguments": piece}} for piece in pieces)]


def message(text: str, call: Call | None, identity: str) -> Json:
    """The whole message of an answer that is not streamed."""
    if call is None:
        return {"role": "assistant", "content": text}
    function = {"name": call.name, "arguments": call.arguments}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": identity, "type": "function", "function": function}],
    }


def error(status: int, text: str) -> Json:
    kinds = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
    codes = {404: "model_not_found", 429: "rate_limit_exceeded"}
    kind = kinds.get(status, "server_error")
    return {"error": {"message": text, "type": kind, "code": codes.get(status, kind), "param": None}}
