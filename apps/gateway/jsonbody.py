"""A request body as JSON, within bounds: size while it arrives, depth, and text that can be stored and answered."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

import orjson

from apps.core.headers import Receive, Scope, header
from apps.core.threads import in_cpu
from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH
from apps.gateway.errors import BodyTimeout

BODY_TIMEOUT_S: Final = 60.0
"""From the head of a request to the end of its body."""
MAX_BRACKETS: Final = 1_000_000
"""More opening brackets than any text of 10 MB has; building so many containers would hold up everybody else."""
MAX_FIELDS: Final = 50_000
"""Two thousand messages of many parts and a hundred tools with long schemas have half as many."""
MAX_COMMAS: Final = 1_000_000
"""More than any text of 10 MB has."""
LARGE: Final = 256 * 1024
"""From here on a body is parsed off the event loop."""
EXPLAINED: Final = 1024 * 1024
"""Up to here a body that is not valid JSON is looked through once more, to name the field that is wrong."""


_CONTAINERS: Final = (dict, list)
_one_large: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class ClientGone(Exception):
    """The client left before its request was complete: nobody is there to be answered."""


async def read(scope: Scope, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        TooLarge: more than `MAX_BODY_BYTES` were announced or came; the rest is not read.
        InvalidRequest: it is compressed.
        BodyTimeout: it did not arrive in time.
        ClientGone
    """
    if header(scope, b"content-encoding") not in (b"", b"identity"):
        raise InvalidRequest("A compressed body is not accepted: send plain JSON.", fields={"body": "is compressed."})
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced[:20]) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await _collect(receive)
    except TimeoutError as error:
        raise BodyTimeout(f"The request did not arrive within {BODY_TIMEOUT_S:.0f} seconds.") from error


async def _collect(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def parse(raw: bytes) -> Any:
    """The value. Raises `InvalidRequest` that names the field where one is to blame.

    Large ones are parsed one after the other: the interpreter does one thing at a time, and several at once would only
    take turns with everybody's answers more often.
    """
    if len(raw) < LARGE:
        return loads(raw)
    loop = asyncio.get_running_loop()
    async with _one_large.setdefault(loop, asyncio.Semaphore(1)):
        return await in_cpu(loads, raw)


def loads(raw: bytes) -> Any:
    """Strict JSON in UTF-8, at most 64 levels deep, without NUL, NaN or lone surrogates."""
    brackets = raw.count(b"[") + raw.count(b"{")
    if brackets > MAX_BRACKETS:
        raise _invalid("body", f"must not hold more than {MAX_BRACKETS} arrays and objects.")
    if len(raw) >= LARGE:
        _refuse_swarms(raw)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _explained(raw, error) from error
    # What holds few brackets cannot be deep. Only what is wrong is looked through once more, to name the field.
    if b"\\u0000" in raw or (brackets > MAX_JSON_DEPTH and _is_too_deep(value)):
        _look_through(value)
    return value


def _refuse_swarms(raw: bytes) -> None:
    """Refuse what would become very many values, before it does: nothing else runs while they are made.

    A quotation mark inside of text has a backslash before it, so what is counted here are the names of fields. Whoever
    writes them in another way gains what the limits on brackets leave.
    """
    if raw.count(b'":') - raw.count(b'\\":') > MAX_FIELDS:
        raise _invalid("body", f"must not hold more than {MAX_FIELDS} fields.")
    if raw.count(b",") > MAX_COMMAS:
        raise _invalid("body", f"must not hold more than {MAX_COMMAS} values.")


def _is_too_deep(value: Any) -> bool:
    """Whether there is a container below `MAX_JSON_DEPTH` others. Level by level, and past everything else."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            return True
        items = [item.values() if type(item) is dict else item for item in level]
        level = [child for children in items for child in children if type(child) in _CONTAINERS]
    return False


def _look_through(value: Any) -> None:
    """Level by level, so that depth cannot exhaust the stack."""
    level, depth = [("", value)], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH + 1:  # the values inside the deepest container are a level of their own
            raise _invalid("body", f"must not be nested deeper than {MAX_JSON_DEPTH} levels.")
        level = [child for path, item in level for child in _children(path, item)]


def _children(path: str, item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, str):
        _check_text(path, item)
    elif isinstance(item, float):
        if item != item or item in (float("inf"), float("-inf")):
            raise _invalid(path or "body", "must be a finite number.")
    elif isinstance(item, dict):
        for key, child in item.items():
            _check_text(path, key)
            yield (f"{path}.{key}" if path else key), child
    elif isinstance(item, list):
        yield from ((f"{path}[{index}]", child) for index, child in enumerate(item))


def _check_text(path: str, text: str) -> None:
    if "\x00" in text:
        raise _invalid(path or "body", "must not contain the character NUL (U+0000).")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _invalid(path or "body", "must not contain a lone surrogate.")


def _explained(raw: bytes, error: orjson.JSONDecodeError) -> InvalidRequest:
    """Python's own parser takes NaN and lone surrogates: where they are all that is wrong, the field can be named."""
    if len(raw) <= EXPLAINED:
        try:
            _look_through(json.loads(raw))
        except InvalidRequest as named:
            return named
        except (ValueError, RecursionError):
            pass  # not JSON at all
    return _invalid("body", f"is no valid JSON (line {error.lineno}, column {error.colno}).")


def _invalid(param: str, sentence: str) -> InvalidRequest:
    return InvalidRequest(f"`{param[:200]}` {sentence}", fields={param[:200]: sentence})


def _too_large() -> TooLarge:
    return TooLarge(f"The body is larger than the {MAX_BODY_BYTES // (1024 * 1024)} MB that are accepted.")
