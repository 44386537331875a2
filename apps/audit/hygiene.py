"""What may stand in an audit entry: ids, whole numbers, short enumerations. Never content (promise P27).

Too long or foreign values are refused instead of cut: a caller that passes text has a defect, and cutting would hide
that text reaches the trail. Characters that do not print are written as visible escapes.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from apps.audit import canonical
from apps.domain.errors import OpenRouteError

MAX_STRING: Final = 200
"""Code points of one string in a body."""
MAX_SUBJECT: Final = 128
MAX_ITEMS: Final = 200
"""Entries of one list or mapping in a body."""
MAX_DEPTH: Final = 3
MAX_BODY: Final = 8_000
"""Code points of a whole body in canonical form."""

_ACTOR = re.compile(r"system|(?:user|key|operator):[1-9][0-9]{0,18}")
_KEY = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_INT64 = 1 << 63


class UnfitForAudit(OpenRouteError):
    """A value does not belong into an audit entry: a defect of the caller. The act is refused (promise P26)."""

    code, status = "audit_unfit", 500


@lru_cache(maxsize=4096)
def actor(value: str) -> str:
    """`system`, or `user:ID`, `key:ID`, `operator:ID`. Raises `UnfitForAudit` for anything else."""
    if not _ACTOR.fullmatch(value):
        raise UnfitForAudit("The actor of an audit entry is `system`, `user:ID`, `key:ID` or `operator:ID`.")
    return value


def subject(value: str) -> str:
    """What the entry is about, such as `turn:ID`; may be empty. Raises `UnfitForAudit` when it is too long."""
    return _string(value, MAX_SUBJECT, "subject")


def body(values: Mapping[str, Any]) -> str:
    """The canonical JSON text of a body.

    Accepts strings, whole numbers, booleans, None, ids, times, and lists, sets and mappings of these, three deep.
    Fractions are refused, because their text differs between languages: name the unit and count in it
    (`cpu_us`, `cost_micro_usd`).

    Raises:
        UnfitForAudit: names the key whose value is too long, too deep or of a foreign type.
    """
    # Equal to `canonical.render` for what passed the checks (no fractions, all of it prints), at a fifth of its time.
    text = orjson.dumps(_mapping(values, "body", MAX_DEPTH), option=orjson.OPT_SORT_KEYS).decode()
    if len(text) > MAX_BODY:
        raise UnfitForAudit(f"The body of an audit entry has {len(text)} characters; {MAX_BODY} are allowed.")
    return text


def _value(value: Any, where: str, depth: int) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _string(value, MAX_STRING, where)
        case int():
            if not -_INT64 <= value < _INT64:
                raise UnfitForAudit(f"{where}: a number of an audit entry fits into 64 bits.")
            return int(value)
        case Mapping():
            return _mapping(value, where, depth)
        case UUID():
            return str(value)
        case datetime():
            return canonical.timestamp(value)
        case AbstractSet():
            return _items(sorted(value), where, depth)
        case list() | tuple():
            return _items(value, where, depth)
    raise UnfitForAudit(f"{where}: {type(value).__name__} does not belong into an audit entry.")


def _mapping(values: Mapping[str, Any], where: str, depth: int) -> dict[str, Any]:
    _bounded(len(values), where, depth)
    return {_key(key): _value(value, key, depth - 1) for key, value in values.items()}


@lru_cache(maxsize=2_000)
def _key(key: str) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise UnfitForAudit(f"{key!r:.80}: the keys of an audit entry are short names of ASCII letters and digits.")
    return str(key)


def _items(values: Sequence[Any], where: str, depth: int) -> list[Any]:
    _bounded(len(values), where, depth)
    return [_value(value, where, depth - 1) for value in values]


def _bounded(size: int, where: str, depth: int) -> None:
    if depth <= 0:
        raise UnfitForAudit(f"{where}: a body of an audit entry is at most {MAX_DEPTH} levels deep.")
    if size > MAX_ITEMS:
        raise UnfitForAudit(f"{where}: {size} entries; an audit entry takes {MAX_ITEMS}.")


def _string(value: str, limit: int, where: str) -> str:
    clean = value if value.isprintable() else "".join(map(_visible, value[: limit + 1]))
    if len(clean) > limit:
        raise UnfitForAudit(f"{where}: more than {limit} characters; an audit entry takes no more.")
    return str(clean)  # a StrEnum becomes the plain string that it is


def _visible(char: str) -> str:
    """The character, or its escape when it does not print: controls, line breaks, direction marks, lone surrogates."""
    if char.isprintable():
        return char
    number = ord(char)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
