"""Small readers over plain data that note every mistake by its path and go on, so that all are told at once."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")
MAX_ITEMS = 10_000
MAX_TEXT = 200


class Reader:
    """One place in a document, and the mistakes of the whole document. Wrong values are read as their default."""

    def __init__(self, path: str, value: Any, mistakes: dict[str, str]) -> None:
        self.path = path
        self.value = value
        self.mistakes = mistakes

    def wrong(self, sentence: str) -> None:
        """Note a mistake here; the first one of a place is kept."""
        self.mistakes.setdefault(self.path, sentence)

    def at(self, key: str | int) -> "Reader":
        path = f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}" if self.path else key
        return Reader(path, self.value[key], self.mistakes)

    def keys(self, known: Collection[str]) -> Mapping[str, "Reader"]:
        """The readers of a mapping's keys; unknown ones are mistakes."""
        if not isinstance(self.value, Mapping):
            self.wrong("This must be a mapping.")
            return {}
        found = {}
        for key in self.value:
            if key in known:
                found[str(key)] = self.at(key)
            else:
                self.at(key).wrong(f"There is no such key.{did_you_mean(str(key), known)}")
        return found

    def items(self) -> Iterator["Reader"]:
        """The readers of a list's items."""
        if not isinstance(self.value, Sequence) or isinstance(self.value, str):
            self.wrong("This must be a list.")
            return
        if len(self.value) > MAX_ITEMS:
            self.wrong(f"This list has {len(self.value)} items; {MAX_ITEMS} are allowed.")
            return
        for index in range(len(self.value)):
            yield self.at(index)

    def text(self, default: str = "") -> str:
        if isinstance(self.value, str) and 0 < len(self.value) <= MAX_TEXT:
            return self.value
        self.wrong(f"This must be text of 1 to {MAX_TEXT} characters.")
        return default

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def one_or_many(self, read: Callable[["Reader"], T]) -> tuple[T, ...]:
        """A single value, or a list of them."""
        if isinstance(self.value, list | tuple):
            return tuple(read(item) for item in self.items())
        return (read(self),)

    def choice(self, allowed: Collection[str], default: str) -> str:
        # YAML 1.1 reads a bare `off` as false; people mean the word.
        value = "off" if self.value is False and "off" in allowed else self.value
        if isinstance(value, str) and value in allowed:
            return value
        self.wrong(f"This must be one of {', '.join(allowed)}.{did_you_mean(str(value), allowed)}")
        return default

    def whole(self, *, least: int, most: int, default: int) -> int:
        if isinstance(self.value, int) and not isinstance(self.value, bool) and least <= self.value <= most:
            return self.value
        self.wrong(f"This must be a whole number from {least} to {most}.")
        return default

    def fraction(self, default: float) -> float:
        if isinstance(self.value, int | float) and not isinstance(self.value, bool) and 0 <= self.value <= 1:
            return float(self.value)
        self.wrong("This must be a number from 0 to 1.")
        return default

    def flag(self, default: bool) -> bool:
        if isinstance(self.value, bool):
            return self.value
        self.wrong("This must be true or false.")
        return default


def did_you_mean(word: str, known: Collection[str]) -> str:
    """` Did you mean "legal"?`, or nothing when no known word is close."""
    close = get_close_matches(word, list(known), n=1)
    return f' Did you mean "{close[0]}"?' if close else ""
