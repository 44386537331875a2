"""Small readers that turn plain data into values and note every problem by its path, instead of stopping at the first.

A reader takes a `Place` and what stands there, and gives a value, or `INVALID` after it has noted why. Written by hand
because the sentences are the feature: libraries stop early, coerce silently, or speak of types instead of the file.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple

from apps.operations.config.errors import Problem, unknown


class Mark(Enum):
    """Answers of a reader that no file can contain."""

    INVALID = "invalid"
    UNSET = "unset"


INVALID: Final = Mark.INVALID
"""Something was wrong here; a problem is noted."""
UNSET: Final = Mark.UNSET
"""The key was left out: what exists stays as it is, what is new takes the default."""

Environment = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the file, and what all positions share: the problems, and the look-up of variables."""

    path: str
    problems: list[Problem] = field(repr=False)
    environment: Environment = field(repr=False)

    def key(self, name: str) -> "Place":
        return Place(f"{self.path}.{name}" if self.path else name, self.problems, self.environment)

    def item(self, index: int) -> "Place":
        return Place(f"{self.path}[{index}]", self.problems, self.environment)

    def wrong(self, message: str) -> Any:
        self.problems.append(Problem(self.path, message))
        return INVALID


Reader = Callable[[Place, Any], Any]


class Key(NamedTuple):
    """How one key of a mapping is read; `default` stands for a key that is left out, `...` makes it required."""

    read: Reader
    default: Any = ...


_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_KINDS: Final = {bool: "true or false", int: "a number", Decimal: "a fraction", list: "a list", dict: "a mapping"}


def _is(value: Any) -> str:
    return "nothing" if value is None else _KINDS.get(type(value), "a text")


def text(*, pattern: str = "", hint: str = "", longest: int = 200) -> Reader:
    """A text that matches `pattern` as a whole; `hint` says what one looks like."""
    compiled = re.compile(pattern) if pattern else None

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, str):
            return place.wrong(
                f"must be a text, this is {_is(value)}{'; put it into quotes' if value is not None else ''}."
            )
        if _VARIABLE.search(value):
            return place.wrong("variables are replaced in api_key, base_url, password and value only.")
        if not value.strip():
            return place.wrong("must not be empty.")
        if len(value) > longest:
            return place.wrong(f"has {len(value)} characters; at most {longest} are allowed.")
        if compiled and not compiled.fullmatch(value):
            return place.wrong(f"{value[:60]!r} does not look right: {hint}.")
        return value

    return read


def from_environment(reader: Reader) -> Reader:
    """Replace `${NAME}` from the environment, then read. A missing variable is named; no value is ever repeated."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, str):
            return reader(place, value)
        names = _VARIABLE.findall(value)
        missing = [name for name in dict.fromkeys(names) if place.environment(name) is None]
        for name in missing:
            place.wrong(f"the environment variable {name} is not set.")
        if missing:
            return INVALID
        return reader(place, _VARIABLE.sub(lambda found: place.environment(found[1]) or "", value))

    return read


def secret(*, pattern: str = "", hint: str = "", longest: int = 4000) -> Reader:
    """A text that no message repeats."""
    compiled = re.compile(pattern) if pattern else None

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            return place.wrong(f"must be a text of 1 to {longest} characters.")
        if compiled and not compiled.fullmatch(value):
            return place.wrong(f"does not look right: {hint}.")
        return value

    return from_environment(read)


def flag(place: Place, value: Any) -> Any:
    """true or false."""
    return value if isinstance(value, bool) else place.wrong(f"must be true or false, this is {_is(value)}.")


def whole(lowest: int, highest: int) -> Reader:
    """A whole number within [lowest, highest]."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return place.wrong(f"must be a whole number, this is {_is(value)}.")
        if not lowest <= value <= highest:
            return place.wrong(f"must lie between {lowest} and {highest}.")
        return value

    return read


def decimal(lowest: int, highest: int, *, digits: int) -> Reader:
    """An exact number within [lowest, highest], quoted or not, with at most `digits` decimal places."""
    quoted = re.compile(rf"[0-9]{{1,18}}(?:\.[0-9]{{1,{digits}}})?")

    def read(place: Place, value: Any) -> Any:
        plain = format(value, "f") if isinstance(value, Decimal) else str(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str) or not quoted.fullmatch(plain):
            return place.wrong(f'must be a number such as "2.50", with at most {digits} decimal places.')
        number = Decimal(plain)
        if not lowest <= number <= highest:
            return place.wrong(f"must lie between {lowest} and {highest}.")
        return number

    return read


def seconds(place: Place, value: Any) -> Any:
    """A positive number of seconds, at most a day."""
    number = decimal(0, 86_400, digits=3)(place, value)
    return number if number is INVALID else float(number) or place.wrong("must be more than 0 seconds.")


def share(place: Place, value: Any) -> Any:
    """A number in [0, 1]."""
    number = decimal(0, 1, digits=6)(place, value)
    return number if number is INVALID else float(number)


def choice(what: str, names: Collection[str]) -> Reader:
    """One of some names."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, str) or value not in names:
            shown = value if isinstance(value, str) else _is(value)
            return place.wrong(f"{unknown(what, shown, sorted(names))} Known: {', '.join(sorted(names))}.")
        return value

    return read


def maybe(reader: Reader) -> Reader:
    """What `reader` reads, or null."""
    return lambda place, value: None if value is None else reader(place, value)


def listing(reader: Reader, *, most: int = 5_000) -> Reader:
    """A list of what `reader` reads, as a tuple."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, list):
            return place.wrong(f"must be a list, this is {_is(value)}.")
        if len(value) > most:
            return place.wrong(f"has {len(value)} entries; at most {most} are allowed.")
        found = [reader(place.item(index), entry) for index, entry in enumerate(value)]
        return INVALID if INVALID in found else tuple(found)

    return read


def mapping(keys: Reader, values: Reader) -> Reader:
    """A mapping with free keys, as a dict."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, dict):
            return place.wrong(f"must be a mapping, this is {_is(value)}.")
        found = {keys(place.key(name), name): values(place.key(name), entry) for name, entry in value.items()}
        return INVALID if INVALID in found or INVALID in found.values() else found

    return read


def record(make: Callable[..., Any], keys: Mapping[str, Key]) -> Reader:
    """A mapping with known keys, given to `make` by name. Unknown and missing keys are problems."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, dict):
            return place.wrong(f"must be a mapping, this is {_is(value)}.")
        before = len(place.problems)
        for name in value:
            if name not in keys:
                place.key(name).wrong(unknown("key", name, sorted(keys)))
        found = {name: _entry(place, value, name, key) for name, key in keys.items()}
        return make(**found) if len(place.problems) == before else INVALID

    return read


def _entry(place: Place, value: Mapping[str, Any], name: str, key: Key) -> Any:
    if name in value:
        return key.read(place.key(name), value[name])
    return place.key(name).wrong("is missing.") if key.default is ... else key.default


def unique(reader: Reader, key: str, name_of: Callable[[Any], str | None]) -> Reader:
    """What `reader` reads of a list, without two entries of one name. `name_of` looks at an entry as it is written."""

    def read(place: Place, value: Any) -> Any:
        found = reader(place, value)
        seen: dict[str, int] = {}
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            name = name_of(entry)
            if name is not None and seen.setdefault(name, index) != index:
                found = place.item(index).key(key).wrong(f"{name[:60]!r} stands at {place.path}[{seen[name]}] already.")
        return found

    return read


def named(key: str) -> Callable[[Any], str | None]:
    """For `unique`: the text under `key`, whatever its case."""

    def name_of(entry: Any) -> str | None:
        name = entry.get(key) if isinstance(entry, dict) else entry
        return name.lower() if isinstance(name, str) else None

    return name_of
