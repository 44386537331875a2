"""Typed reads of a JSON object that name the field when it is wrong. Plain Python.

Only `None` and absence are alike, as in OpenAI's API. `bool` is no number here, although Python says so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn, TypeVar

from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_TEXT_BYTES

T = TypeVar("T")

_NAMES: Final[Mapping[type, str]] = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    dict: "an object",
    list: "an array",
}


def refuse(param: str, sentence: str) -> NoReturn:
    """Raise `InvalidRequest` that names the field."""
    raise InvalidRequest(f"`{param}` {sentence}", fields={param: sentence})


def read(source: Mapping[str, Any], name: str, kind: type[T], *, path: str = "") -> T | None:
    """The value of this exact type, or None when it is absent or null."""
    value = source.get(name)
    if value is None or type(value) is kind:
        return value
    refuse(path + name, f"must be {_NAMES[kind]}.")


def need(source: Mapping[str, Any], name: str, kind: type[T], *, path: str = "") -> T:
    """The value of this exact type. Raises when it is absent or null."""
    value = read(source, name, kind, path=path)
    if value is None:
        refuse(path + name, "is required.")
    return value


def text(source: Mapping[str, Any], name: str, *, path: str = "", limit: int = 200) -> str:
    """A short string, empty when absent. `limit` counts code points."""
    value = read(source, name, str, path=path) or ""
    if len(value) > limit:
        refuse(path + name, f"must not be longer than {limit} characters.")
    return value


def long_text(value: str, param: str) -> str:
    """A text of a prompt within the published limit. Raises `TooLarge`."""
    if len(value) * 4 > MAX_TEXT_BYTES and len(value.encode()) > MAX_TEXT_BYTES:
        sentence = f"must not be longer than {MAX_TEXT_BYTES} bytes."
        raise TooLarge(f"`{param}` {sentence}", fields={param: sentence})
    return value


def integer(source: Mapping[str, Any], name: str, *, low: int, high: int) -> int | None:
    """A whole number in [low, high], or None."""
    value = read(source, name, int)
    if value is not None and not low <= value <= high:
        refuse(name, f"must be an integer from {low} to {high}.")
    return value


def number(source: Mapping[str, Any], name: str, *, low: float, high: float) -> float | None:
    """A number in [low, high], or None."""
    value = source.get(name)
    if value is None:
        return None
    if type(value) not in {int, float} or not low <= value <= high:
        refuse(name, f"must be a number from {low:g} to {high:g}.")
    return float(value)


def choice(source: Mapping[str, Any], name: str, allowed: Sequence[str], *, path: str = "") -> str:
    """One of the allowed words, empty when absent."""
    value = read(source, name, str, path=path)
    if value is not None and value not in allowed:
        refuse(path + name, f"must be one of {', '.join(allowed)}.")
    return value or ""


def objects(values: Sequence[Any], path: str) -> list[tuple[str, dict[str, Any]]]:
    """Each entry of an array with its path (`path[0]`); every one must be an object."""
    found = []
    for index, value in enumerate(values):
        if type(value) is not dict:
            refuse(f"{path}[{index}]", "must be an object.")
        found.append((f"{path}[{index}]", value))
    return found
