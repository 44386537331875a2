"""What applying a file did or would do, as lines for people. Secrets never stand in a change, only `***`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

HIDDEN: Final = "***"
MICRO: Final = 1_000_000


class Action(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


SIGNS: Final[Mapping[Action, str]] = {Action.CREATED: "+", Action.CHANGED: "~", Action.REMOVED: "-"}


@dataclass(frozen=True, slots=True)
class Change:
    """One object of the file. `details` are `name before -> after` (changed) or `name value` (created)."""

    action: Action
    what: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f"{SIGNS[self.action]} {self.what}"
        return f"{line}: {', '.join(self.details)}" if self.details else line


def compare(what: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *hidden: str) -> Change:
    """The change between two descriptions of one object; None: it does not exist. `hidden` are changed secrets."""
    secret = tuple(f"{name} {HIDDEN}" for name in hidden)
    if before is None:
        told = tuple(f"{name} {show(value)}" for name, value in (after or {}).items() if not _says_nothing(value))
        return Change(Action.CREATED, what, told + secret)
    if after is None:
        return Change(Action.REMOVED, what)
    names = dict.fromkeys([*before, *after])
    changed = [name for name in names if before.get(name) != after.get(name)]
    told = tuple(f"{name} {show(before.get(name))} -> {show(after.get(name))}" for name in changed)
    return Change(Action.CHANGED if told or secret else Action.UNCHANGED, what, told + secret)


def describe(record: Any, *leave_out: str) -> dict[str, Any]:
    """The fields of a frozen value; nested values, such as rate limits, become mappings."""
    return {field.name: _plain(getattr(record, field.name)) for field in fields(record) if field.name not in leave_out}


def usd(amount: int) -> str:
    """Micro-dollars as people write them: `250.00 USD`."""
    exact = format((Decimal(amount) / MICRO).normalize(), "f")
    whole, _, part = exact.partition(".")
    return f"{whole}.{part.ljust(2, '0')} USD"


def show(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} {show(entry)}" for name, entry in sorted(value.items())) + "}"
    if isinstance(value, Collection) and not isinstance(value, str):
        return "[" + ", ".join(map(show, value)) + "]"
    return str(value)


def summary(changes: Iterable[Change]) -> str:
    """`3 created, 1 changed, 12 unchanged`, or `nothing to change`."""
    counts = dict.fromkeys(Action, 0)
    for change in changes:
        counts[change.action] += 1
    if not any(counts[action] for action in SIGNS):
        return "nothing to change"
    return ", ".join(f"{count} {action}" for action, count in counts.items() if count)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: entry for name, entry in describe(value).items() if entry is not None}
    if isinstance(value, frozenset):
        return sorted(value)
    return value


def _says_nothing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, Collection) and not value)
