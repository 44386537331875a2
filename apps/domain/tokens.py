"""An upper bound of what a request will be billed for, before any provider has counted it.

Byte-level tokenisers never make more tokens than there are UTF-8 bytes, so bytes plus a fixed overhead per message and
tool bound every such model.
"""

from collections.abc import Iterable
from typing import Final

from apps.domain.messages import PromptMessage, Sampling, Tool

PER_MESSAGE: Final = 8
PER_TOOL: Final = 32
PER_REQUEST: Final = 16
PER_IMAGE: Final = 3_000


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def message_bound(message: PromptMessage) -> int:
    """Tokens that one message can be billed for at most."""
    calls = sum(_bytes(call.name) + _bytes(call.arguments) + PER_MESSAGE for call in message.tool_calls)
    return _bytes(message.text) + _bytes(message.name) + calls + PER_MESSAGE + PER_IMAGE * len(message.images)


def input_bound(messages: Iterable[PromptMessage], tools: Iterable[Tool] = (), sampling: Sampling | None = None) -> int:
    """Tokens that the whole input of a call can be billed for at most."""
    offered = sum(_bytes(tool.name) + _bytes(tool.description) + _bytes(tool.parameters) + PER_TOOL for tool in tools)
    form = _bytes(sampling.response_format) if sampling else 0
    return PER_REQUEST + offered + form + sum(message_bound(message) for message in messages)


def output_bound(text_bytes: int, tool_calls: int = 0) -> int:
    """Tokens that a received (piece of an) answer can be billed for at most."""
    return text_bytes + tool_calls * PER_MESSAGE + 1
