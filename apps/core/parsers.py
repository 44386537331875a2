"""How a REST body is read. Apart from api.py, because DRF imports its parsers before its views."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from rest_framework.parsers import BaseParser

from apps.core.http_errors import SENTENCES
from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH


class JSONBody(BaseParser):
    """Strict JSON in UTF-8, at most 10 MB and 64 levels deep, without NUL; all other text survives unchanged.

    orjson itself refuses NaN, numbers beyond a float and lone surrogates.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value. Raises `TooLarge` or `InvalidRequest`."""
        raw = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge(SENTENCES["too_large"][1])
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise InvalidRequest(f"The body is no valid JSON (line {error.lineno}, column {error.colno}).") from error
        _check_json(value)
        return value


def _check_json(value: Any) -> None:
    """Refuse what parses but cannot be stored or answered; iterative, so that depth cannot exhaust the stack."""
    level, depth = [("", value)], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise InvalidRequest(f"The body is nested deeper than {MAX_JSON_DEPTH} levels.")
        level = [child for path, item in level for child in _children(path, item)]


def _children(path: str, item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, str) and "\x00" in item:
        raise _invalid(path, "Text may not contain the character NUL (U+0000).")
    if isinstance(item, dict):
        for key, child in item.items():
            if "\x00" in key:
                raise _invalid(path, "A name may not contain the character NUL (U+0000).")
            yield (f"{path}.{key}" if path else key), child
    elif isinstance(item, list):
        yield from ((f"{path}[{index}]", child) for index, child in enumerate(item))


def _invalid(path: str, sentence: str) -> InvalidRequest:
    return InvalidRequest(sentence, fields={path or "body": sentence})
