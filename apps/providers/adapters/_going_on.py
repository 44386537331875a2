"""How a model is asked for the rest of an answer that broke off. Pure."""

from typing import Any

from apps.providers.adapters._protocol import GO_ON


def asked_on(messages: list[dict[str, Any]], *, prefix_field: str) -> list[dict[str, Any]]:
    """Chat messages of which the last one is the answer so far, as they ask for its rest.

    Args:
        prefix_field: marks a last message as the beginning of the answer; empty: the server has no such field, and is
            asked in words.
    """
    if prefix_field:
        return [*messages[:-1], {**messages[-1], prefix_field: True}]
    return [*messages, {"role": "user", "content": GO_ON}]
